//! A request's body that fails where its sender is too slow, so that nobody holds a place, or what was read so far, for ever.
//!
//! Counted is the time alone that somebody waits for octets: a handler may take as long as it needs before and between.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::limits::Limits;

/// The body as it comes in.
pub(super) struct Inflow {
    body: Incoming,
    limits: Limits,
    taken: u64,
    waited: Duration,
    wait: Option<Wait>,
}

/// Somebody waits for the next octets.
struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

/// The sender is too slow.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

impl Inflow {
    /// The body, within these limits.
    pub(super) fn new(body: Incoming, limits: Limits) -> Self {
        Self { body, limits, taken: 0, waited: Duration::ZERO, wait: None }
    }

    fn note_frame(&mut self, frame: Option<&Frame<Bytes>>) {
        let octets = frame.and_then(Frame::data_ref).map_or(0, Bytes::len);
        self.taken += octets as u64;
        self.waited += self.wait.take().map_or(Duration::ZERO, |wait| wait.since.elapsed());
    }

    /// Ready when the wait has lasted too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let whole = self.limits.body_allowance + self.limits.time_for(self.taken);
        let longest = self.limits.body.min(whole.saturating_sub(self.waited));
        let begin = || Wait { since: Instant::now(), end: Box::pin(sleep(longest)) };
        self.wait.get_or_insert_with(begin).end.as_mut().poll(context)
    }
}

impl Body for Inflow {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.note_frame(frame.as_ref().and_then(|frame| frame.as_ref().ok()));
            return Poll::Ready(frame.map(|frame| frame.map_err(axum::Error::new)));
        }
        ready!(self.poll_patience(context));
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
