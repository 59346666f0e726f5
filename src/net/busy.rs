//! A response body that says when it is done, so that the connection knows whether a request is in flight.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

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

/// A body and the request that it answers. The octets pass as they are.
pub(super) struct BusyBody {
    pub(super) body: Body,
    pub(super) _busy: Busy,
}

impl hyper::body::Body for BusyBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
