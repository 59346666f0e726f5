//! The time, as a parameter: nothing else in Carillon asks the machine for it.
//!
//! A Pi has no clock of its own, so time is a thing that can be wrong; and a test must be able to hold it.
//! Whoever needs the time is given a [`Clock`] and asks that.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Where the time comes from. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// A clock in somebody's hand: Unix time in milliseconds.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `start` until it is moved.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.timestamp_millis())))
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => system_now(),
            Self::Manual(millis) => DateTime::from_timestamp_millis(millis.load(Ordering::SeqCst)).unwrap_or_default(),
        }
    }

    /// The present instant in whole seconds, as calendars and HTTP dates write it.
    pub fn now_secs(&self) -> DateTime<Utc> {
        let now = self.now();
        now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now)
    }

    /// Moves a manual clock; the system's clock is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(millis) = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }
}

#[allow(clippy::disallowed_methods)] // the one place that may ask
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

/// An instant as the interfaces write it: RFC 3339 in the site's zone, with the offset of that day.
pub fn local(at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}
