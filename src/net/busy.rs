//! A response body that says when it is out, so that the connection knows whether a request is in flight.
//!
//! hyper takes octets from a body long before the client takes them from us. So each piece keeps the request in flight until
//! it has been written and is dropped.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Buf, Frame, SizeHint};

use super::pulse::Pulse;

/// A request in flight; it ends when this is dropped.
pub(super) struct Busy(Arc<Pulse>);

impl Busy {
    /// Counts a request, of HTTP/2 if `multiplexed`.
    pub(super) fn begin(pulse: &Arc<Pulse>, multiplexed: bool) -> Self {
        pulse.request_begins(multiplexed);
        Self(Arc::clone(pulse))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}

/// An answer on its way; it is out when this is dropped, and its request with it.
struct Answering(Busy);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answer_ends();
    }
}

/// A body and the request that it answers.
pub(super) struct BusyBody {
    body: Body,
    /// Octets that the pulse knows of and that are still to come.
    announced: u64,
    answering: Arc<Answering>,
}

/// Octets of an answer that the client has not taken.
pub(super) struct Owed {
    octets: Bytes,
    _answering: Arc<Answering>,
}

impl BusyBody {
    /// The answer begins to go out.
    pub(super) fn new(body: Body, busy: Busy) -> Self {
        let announced = hyper::body::Body::size_hint(&body).lower();
        busy.0.answer_begins(announced);
        Self { body, announced, answering: Arc::new(Answering(busy)) }
    }

    fn owe(&mut self, octets: Bytes) -> Owed {
        let count = octets.len() as u64;
        self.answering.0.0.answer_grows(count.saturating_sub(self.announced));
        self.announced = self.announced.saturating_sub(count);
        Owed { octets, _answering: Arc::clone(&self.answering) }
    }
}

impl hyper::body::Body for BusyBody {
    type Data = Owed;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Owed>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map_ok(|frame| frame.map_data(|octets| self.owe(octets)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Buf for Owed {
    fn remaining(&self) -> usize {
        self.octets.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.octets.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.octets.chunks_vectored(slices)
    }

    fn advance(&mut self, count: usize) {
        self.octets.advance(count);
    }
}
