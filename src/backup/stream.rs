//! What a blocking writer writes, as the body of an answer: a few parts are in memory, and the writer waits for whoever
//! reads.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

const PART_BYTES: usize = 64 * 1024;
const PARTS: usize = 4;

type Part = Result<Bytes, io::Error>;

/// A writer, and the body that it fills.
pub(super) fn body_writer() -> (BodyWriter, Parts) {
    let (to, from) = channel(PARTS);
    (BodyWriter { to, part: Vec::new() }, Parts(from))
}

/// Blocks: for the blocking pool alone.
pub(super) struct BodyWriter {
    to: Sender<Part>,
    part: Vec<u8>,
}

impl BodyWriter {
    /// Breaks the answer off: half a backup must not look whole.
    pub(super) fn fail(self, error: io::Error) {
        // Nobody may be listening any more.
        drop(self.to.blocking_send(Err(error)));
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        match self.part.len() < PART_BYTES {
            true => Ok(bytes.len()),
            false => self.flush().map(|()| bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = Bytes::from(std::mem::take(&mut self.part));
        self.to.blocking_send(Ok(part)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// The body.
pub(super) struct Parts(Receiver<Part>);

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|part| part.map(|part| part.map(Frame::data)))
    }
}
