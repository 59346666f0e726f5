//! What one connection is doing, and until when it may go on so.
//!
//! hyper has one timer for a request's head, which runs while a connection is idle as well, and none before it knows the
//! version of HTTP, for an idle HTTP/2 connection, or for a client that does not take its answer: over HTTP/2 that need not
//! even read slowly, a window of zero is enough. This has all four. A body that comes in is timed by `inflow`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use super::limits::Limits;

/// What an answer may take besides its octets' time: its head.
const PER_ANSWER: Duration = Duration::from_secs(1);

/// The state of a connection, told by its stream and its requests, asked by the one who drives it.
#[derive(Debug)]
pub(super) struct Pulse {
    state: Mutex<State>,
    limits: Limits,
}

#[derive(Debug)]
struct State {
    requests: usize,
    /// Of the requests, those whose answers have begun.
    answers: usize,
    /// When those answers are to be out.
    out_by: Instant,
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
    pub(super) fn new(multiplexed: bool, limits: Limits) -> Self {
        let waiting = if multiplexed { Waiting::Nothing } else { Waiting::Head };
        let now = Instant::now();
        let state =
            State { requests: 0, answers: 0, out_by: now, waiting, since: now, stalled_since: None, multiplexed };
        Self { state: Mutex::new(state), limits }
    }

    /// The bounds of this connection.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Octets came in: of a head, if nothing else is going on.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        if state.requests == 0 && state.waiting == Waiting::Nothing && !state.multiplexed {
            state.wait_for(Waiting::Head);
        }
    }

    /// Octets went out. An HTTP/1 connection that still sends the end of an answer is not idle; over HTTP/2 they may answer
    /// a ping, which is no request.
    pub(super) fn wrote(&self) {
        let mut state = self.state();
        state.stalled_since = None;
        if state.requests == 0 && state.waiting == Waiting::Nothing && !state.multiplexed {
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

    /// The answer to a request begins to go out, with so many octets. Answers share one line, so each adds its time to that
    /// of the others.
    pub(super) fn answer_begins(&self, octets: u64) {
        let mut state = self.state();
        if state.answers == 0 {
            state.out_by = Instant::now() + self.limits.stall;
        }
        state.answers += 1;
        state.out_by += PER_ANSWER + self.limits.time_for(octets);
    }

    /// An answer has so many octets more than it was known to have.
    pub(super) fn answer_grows(&self, octets: u64) {
        self.state().out_by += self.limits.time_for(octets);
    }

    /// An answer is out, or given up.
    pub(super) fn answer_ends(&self) {
        let mut state = self.state();
        state.answers = state.answers.saturating_sub(1);
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
        let out_by = (state.answers > 0).then_some(state.out_by);
        let cut = stall.into_iter().chain(out_by).min();
        let (deadline, missed) = match (state.requests, state.waiting) {
            (0, Waiting::Head) => (state.since + limits.head, Verdict::TooSlow),
            // The end of an answer waits to go out.
            (0, Waiting::Nothing) if stall.is_some() => (state.since + limits.idle.max(limits.stall), Verdict::Idle),
            (0, Waiting::Nothing) => (state.since + limits.idle, Verdict::Idle),
            _ => (next_look, Verdict::TooSlow),
        };
        match cut {
            Some(cut) if cut <= now => Verdict::TooSlow,
            _ if deadline <= now => missed,
            Some(cut) => Verdict::Until(next_look.min(deadline).min(cut)),
            None => Verdict::Until(next_look.min(deadline)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait_for(&mut self, waiting: Waiting) {
        self.waiting = waiting;
        self.since = Instant::now();
    }
}
