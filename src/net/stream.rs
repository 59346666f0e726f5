//! One type for every kind of connection, so that hyper is compiled for one, and its pulse is felt in one place.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::server::TlsStream;

use super::pulse::Pulse;

/// What octets travel on.
#[derive(Debug)]
pub(super) enum Wire {
    /// Plain TCP.
    Tcp(TcpStream),
    /// TLS over TCP; boxed because the session is ten times the size of the others.
    Tls(Box<TlsStream<TcpStream>>),
    /// The control socket.
    Unix(UnixStream),
}

impl Wire {
    /// Whether the client chose HTTP/2 by ALPN.
    pub(super) fn chose_http2(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.get_ref().1.alpn_protocol() == Some(b"h2"))
    }
}

/// A wire that tells its pulse what goes over it.
#[derive(Debug)]
pub(super) struct Stream {
    wire: Wire,
    pulse: Arc<Pulse>,
}

impl Stream {
    /// Joins the two.
    pub(super) fn new(wire: Wire, pulse: Arc<Pulse>) -> Self {
        Self { wire, pulse }
    }

    /// Tells the pulse what became of a write.
    fn note_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(_) => self.pulse.wrote(),
            Poll::Pending => self.pulse.stalls(),
        }
        written
    }

    /// Tells the pulse what became of a flush; hyper asks for many with nothing to write, so a good one is no progress.
    fn note_flush(&self, flushed: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        match flushed {
            Poll::Ready(_) => self.pulse.flushed(),
            Poll::Pending => self.pulse.stalls(),
        }
        flushed
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = match &mut self.wire {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
            Wire::Unix(unix) => Pin::new(unix).poll_read(cx, buf),
        };
        if buf.filled().len() > before {
            self.pulse.heard();
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = match &mut self.wire {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
            Wire::Unix(unix) => Pin::new(unix).poll_write(cx, buf),
        };
        self.note_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.wire {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Wire::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
            Wire::Unix(unix) => Pin::new(unix).poll_write_vectored(cx, bufs),
        };
        self.note_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match &mut self.wire {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
            Wire::Unix(unix) => Pin::new(unix).poll_flush(cx),
        };
        self.note_flush(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = match &mut self.wire {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
            Wire::Unix(unix) => Pin::new(unix).poll_shutdown(cx),
        };
        self.note_flush(closed)
    }
}
