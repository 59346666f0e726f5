//! The first moments on the HTTPS port: TLS is agreed on, or whoever came is sent away in words that they understand.
//!
//! An authority that looks for the answer to a challenge has it in the handshake, and no HTTP is spoken with it (RFC 8737,
//! section 4). Who speaks plain HTTP is told so. All else that goes wrong is answered by the alert that TLS has for it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::accept::Host;
use super::peer::Peer;
use super::stream::Wire;
use crate::tls::ACME_TLS;

/// How long who was sent away may take to hear why.
const GOODBYE: Duration = Duration::from_secs(2);
/// What is read of them meanwhile at most: more than a head and a form, less than an upload.
const UNREAD_BYTES: usize = 64 * 1024;

const NOT_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 56\r\nConnection: close\r\n\r\nThis port speaks HTTPS: write https:// in the address.\r\n";

/// The fatal alert `protocol_version` (RFC 8446, section 6.2).
const PROTOCOL_VERSION: &[u8] = &[0x15, 3, 1, 0, 2, 2, 70];

/// The TLS handshake; `None` when it fails, takes too long, ends with itself, or the server stops.
pub(super) async fn shake_hands(host: &Host, tcp: TcpStream, acceptor: &TlsAcceptor, peer: Peer) -> Option<Wire> {
    tokio::select! {
        biased;
        wire = agree(tcp, acceptor, peer) => return wire,
        () = host.shutdown.requested() => return None,
        () = host.crowded_for(host.limits.head_when_full) => {}
        () = sleep(host.limits.handshake) => {}
    }
    log::debug!(peer:% = peer.addr.ip(); "TLS handshake took too long");
    None
}

async fn agree(tcp: TcpStream, acceptor: &TlsAcceptor, peer: Peer) -> Option<Wire> {
    if let Some((what, answer)) = unfit(&tcp).await {
        log::debug!(peer:% = peer.addr.ip(); "{what} on the HTTPS port");
        send_away(tcp, answer).await;
        return None;
    }
    match acceptor.accept(tcp).await {
        Ok(mut tls) if tls.get_ref().1.alpn_protocol() == Some(ACME_TLS) => {
            log::debug!(peer:% = peer.addr.ip(); "a challenge was looked at");
            // It has what it came for; an error means that it is gone already.
            let _ = tls.shutdown().await;
            None
        }
        Ok(tls) => Some(Wire::Tls(Box::new(tls))),
        Err(error) => {
            log::debug!(peer:% = peer.addr.ip(), error:% = error; "TLS handshake failed");
            None
        }
    }
}

/// What cannot become TLS as we speak it, by its first octets, and the answer to it. A method of HTTP begins with a capital
/// letter, which no record of TLS does (RFC 8446, section 5.1). A hello of TLS 1.1 or older has no signature algorithms,
/// and rustls would complain of that and not of the version.
async fn unfit(tcp: &TcpStream) -> Option<(&'static str, &'static [u8])> {
    let mut first = [0; 11];
    let count = tcp.peek(&mut first).await.ok()?;
    match first.get(..count)? {
        [b'A'..=b'Z', ..] => Some(("plain HTTP", NOT_HTTPS)),
        [0x16, 3, _, _, _, 1, _, _, _, 3, 0..=2] => Some(("an old version of TLS", PROTOCOL_VERSION)),
        _ => None,
    }
}

/// Answers, and reads on for a moment: to close on octets unread would take the answer back (a reset).
async fn send_away(mut tcp: TcpStream, answer: &[u8]) {
    let saying = async {
        tcp.write_all(answer).await?;
        tcp.shutdown().await?;
        let mut left = tcp.take(UNREAD_BYTES as u64);
        tokio::io::copy(&mut left, &mut tokio::io::sink()).await
    };
    // What goes wrong here is the end of it either way.
    let _ = timeout(GOODBYE, saying).await;
}
