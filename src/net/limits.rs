//! How much of everything one connection, and all of them, may take.

use std::time::Duration;

/// The bounds of a server. The defaults are for a board of 512 MB in front of a school.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; further ones wait in the kernel's queue, and those who only wait in here make room.
    pub connections: usize,
    /// The time for a TLS handshake.
    pub handshake: Duration,
    /// The time from the first octet of a request's head to its last, and from connecting to the first head's end.
    pub head: Duration,
    /// The time that a connection is kept with no request in flight.
    pub idle: Duration,
    /// The time that a client may take no octet of an answer that waits for it.
    pub stall: Duration,
    /// The time that a client may send nothing of a body that somebody waits for.
    pub body: Duration,
    /// The time that a client may be waited for in one body altogether, besides what its octets take at `rate`.
    pub body_allowance: Duration,
    /// Octets a second that the slowest line manages. An answer is out `stall` after it began, and the time that it takes at
    /// this rate.
    pub rate: u64,
    /// While all places are taken: the time for a handshake, and for a head.
    pub head_when_full: Duration,
    /// While all places are taken: the time that a connection is kept with no request in flight.
    pub idle_when_full: Duration,
    /// The time that running requests are given when the server stops.
    pub grace: Duration,
    /// The longest head, in octets. HTTP/1 keeps a read buffer of at most this size for each connection.
    pub head_bytes: usize,
    /// HTTP/2 requests at once on one connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(60),
            body: Duration::from_secs(10),
            body_allowance: Duration::from_secs(30),
            rate: 1024,
            head_when_full: Duration::from_secs(2),
            idle_when_full: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            streams: 64,
        }
    }
}

impl Limits {
    /// How long so many octets may take.
    pub(super) fn time_for(&self, octets: u64) -> Duration {
        Duration::from_millis(octets.saturating_mul(1000) / self.rate.max(1))
    }

    /// The bounds that hold while all places are taken.
    pub(super) fn when_full(&self) -> Self {
        let (head, idle) = (self.head.min(self.head_when_full), self.idle.min(self.idle_when_full));
        Self { head, idle, ..self.clone() }
    }
}
