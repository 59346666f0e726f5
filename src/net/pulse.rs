//! What one connection is doing, and until when it may go on so.
//!
//! hyper has one timer for a request's head, which runs while a connection is idle as well, and none before it knows the
//! version of HTTP, for an idle HTTP/2 connection, or for a client that takes no octet of its answer. This has all four.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::limits::Limits;

/// The state of a connection, told by its stream and its requests, asked by the one who drives it.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<State>);

#[derive(Debug)]
struct State {
    requests: usize,
    waiting: Waiting,
    since: Instant,
    stalled_since: Option<Instant>,
    /// HTTP/2: octets come in that belong to no head, so they start no deadline.
    multiplexed: bool,
}

/// What a connection with no request in flight waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// The rest of a head, or the first one at all.
    Head,
    /// The next request, of which nothing has come.
    Nothing,
}

/// Whether a connection may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may; look again then.
    Until(Instant),
    /// It has been idle for long enough: ask it to close.
    Idle,
    /// The client is too slow: cut it.
    TooSlow,
}

impl Pulse {
    /// A fresh connection, which owes us a head; an HTTP/2 one may be idle from the start.
    pub(super) fn new(multiplexed: bool) -> Self {
        let waiting = if multiplexed { Waiting::Nothing } else { Waiting::Head };
        Self(Mutex::new(State { requests: 0, waiting, since: Instant::now(), stalled_since: None, multiplexed }))
    }

    /// Octets came in: of a head, if nothing else is going on.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        if state.requests == 0 && state.waiting == Waiting::Nothing && !state.multiplexed {
            state.wait_for(Waiting::Head);
        }
    }

    /// Octets went out. A connection that still sends the end of an answer is not idle.
    pub(super) fn wrote(&self) {
        let mut state = self.state();
        state.stalled_since = None;
        if state.requests == 0 && state.waiting == Waiting::Nothing {
            state.since = Instant::now();
        }
    }

    /// Octets wait to go out, because the client does not take them.
    pub(super) fn stalls(&self) {
        self.state().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Nothing waits to go out.
    pub(super) fn flushed(&self) {
        self.state().stalled_since = None;
    }

    /// A request begins, of HTTP/2 if `multiplexed`.
    pub(super) fn request_begins(&self, multiplexed: bool) {
        let mut state = self.state();
        state.requests += 1;
        state.multiplexed |= multiplexed;
    }

    /// A request is answered, or given up.
    pub(super) fn request_ends(&self) {
        let mut state = self.state();
        state.requests = state.requests.saturating_sub(1);
        if state.requests == 0 {
            state.wait_for(Waiting::Nothing);
        }
    }

    /// Whether the connection may go on at `now`. The next look is never later than the next deadline could be.
    pub(super) fn verdict(&self, now: Instant, limits: &Limits) -> Verdict {
        let state = self.state();
        let next_look = now + limits.head.min(limits.idle).min(limits.stall);
        let stall = state.stalled_since.map(|since| since + limits.stall);
        let (deadline, missed) = match (state.requests, state.waiting) {
            (0, Waiting::Head) => (state.since + limits.head, Verdict::TooSlow),
            (0, Waiting::Nothing) => (state.since + limits.idle, Verdict::Idle),
            _ => (next_look, Verdict::TooSlow),
        };
        match stall {
            Some(stall) if stall <= now => Verdict::TooSlow,
            _ if deadline <= now => missed,
            Some(stall) => Verdict::Until(next_look.min(deadline).min(stall)),
            None => Verdict::Until(next_look.min(deadline)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait_for(&mut self, waiting: Waiting) {
        self.waiting = waiting;
        self.since = Instant::now();
    }
}
