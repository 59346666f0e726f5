//! The time, as a parameter: nothing else in Carillon asks the machine for it.
//!
//! A Pi has no clock of its own, so time is a thing that can be wrong; and a test must be able to hold it. Whoever needs
//! the time is given a [`Clock`] and asks that. It says too how far its reading may be relied on: whether something has
//! ended, and what the time is without the jumps that nobody vouches for. That it finds out nowhere by itself:
//! `timekeeping` judges, and tells it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::time::Instant;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// The system's time and the time that only runs differ by more than this from one look to the next: somebody has set it.
pub const JUMP: TimeDelta = TimeDelta::minutes(1);

/// Where the time comes from. Cheap to clone; clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

/// The fields but for the hand are instants, each as its distance from the monotonic time: so they run on by themselves.
#[derive(Debug)]
struct Inner {
    hand: Hand,
    trusted: AtomicBool,
    /// It cannot be earlier than this.
    floor: AtomicI64,
    /// What it would be without jumps that nobody vouches for.
    steady: AtomicI64,
    /// What it showed when it was last judged.
    judged: AtomicI64,
    /// When the present unbroken run began, as Unix time; this one stands still.
    run_start: AtomicI64,
}

/// No such instant. A distance in milliseconds never comes near.
const NONE: i64 = i64::MIN;

#[derive(Debug)]
enum Hand {
    /// The machine's own clock, and when the process first looked at it.
    System(Instant),
    /// A clock in somebody's hand: Unix time, and the time that only runs, in milliseconds.
    Manual { wall: AtomicI64, monotonic: AtomicI64 },
}

/// What a clock shows at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The machine's time as it is, right or wrong.
    pub wall: DateTime<Utc>,
    /// Runs from the start of the process, whatever anybody sets.
    pub monotonic: TimeDelta,
}

impl Reading {
    fn offset(&self) -> i64 {
        self.wall.timestamp_millis() - self.monotonic.num_milliseconds()
    }

    /// By how much the time was set since an earlier reading, if by more than [`JUMP`].
    pub fn jump_since(&self, earlier: &Self) -> Option<TimeDelta> {
        let jump = TimeDelta::milliseconds(self.offset() - earlier.offset());
        (jump.abs() > JUMP).then_some(jump)
    }
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self::new(Hand::System(Instant::now()))
    }

    /// A clock that stands still at `start` until it is moved.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::new(Hand::Manual { wall: AtomicI64::new(start.timestamp_millis()), monotonic: AtomicI64::new(0) })
    }

    /// Trusted as it is, until somebody who judges says otherwise.
    fn new(hand: Hand) -> Self {
        let [floor, steady, judged, run_start] = [NONE; 4].map(AtomicI64::new);
        Self(Arc::new(Inner { hand, trusted: AtomicBool::new(true), floor, steady, judged, run_start }))
    }

    /// The present instant: the machine's, but never below the floor.
    pub fn now(&self) -> DateTime<Utc> {
        let wall = self.wall_millis();
        let floor = self.running(&self.0.floor).unwrap_or(wall);
        instant(wall.max(floor))
    }

    /// The present instant in whole seconds, as calendars and HTTP dates write it.
    pub fn now_secs(&self) -> DateTime<Utc> {
        whole_secs(self.now())
    }

    /// The present instant without the jumps that nobody vouches for: for what must not be undone by a wrong clock, such
    /// as the versions of calendars, which never go back.
    pub fn steady(&self) -> DateTime<Utc> {
        self.running(&self.0.steady).map_or_else(|| self.now(), instant)
    }

    /// Is the reading to be believed? No more from the moment of a jump on, before anybody has judged it.
    pub fn is_trusted(&self) -> bool {
        self.0.trusted.load(Relaxed) && self.is_unbroken()
    }

    /// The present instant where a date may be judged by it.
    pub fn trusted_now(&self) -> Option<DateTime<Utc>> {
        self.is_trusted().then(|| self.now())
    }

    /// Can this clock tell how long ago that was? Yes while it is trusted; else it can of what came in its present unbroken
    /// run alone.
    pub fn measures(&self, made_at: DateTime<Utc>) -> bool {
        let in_this_run = || made_at.timestamp_millis() >= self.0.run_start.load(Relaxed);
        self.is_unbroken() && (self.0.trusted.load(Relaxed) || in_this_run())
    }

    /// Has it run on since it was last judged?
    fn is_unbroken(&self) -> bool {
        match self.0.judged.load(Relaxed) {
            NONE => true,
            judged => (self.reading().offset() - judged).abs() <= JUMP.num_milliseconds(),
        }
    }

    /// Has something ended that was made at `made_at` to last until `ends_at`? Not as far as this clock can tell, if it
    /// cannot tell.
    pub fn has_ended(&self, made_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> bool {
        self.now() >= ends_at && self.measures(made_at)
    }

    /// The same of what lasts so long from its making on. What a trusted clock finds made in the future was made by a clock
    /// that was ahead, and would outlive itself by as much: it has ended too.
    pub fn has_lapsed(&self, made_at: DateTime<Utc>, life: TimeDelta) -> bool {
        self.has_ended(made_at, made_at + life) || (self.is_trusted() && made_at > self.now() + JUMP)
    }

    /// What it shows, unjudged.
    pub fn reading(&self) -> Reading {
        Reading { wall: instant(self.wall_millis()), monotonic: TimeDelta::milliseconds(self.monotonic_millis()) }
    }

    /// Somebody answers for it: it is believed as it is, and has no floor.
    pub fn take_as_is(&self) {
        self.follow(NONE);
    }

    /// This reading is right: floor and steady time follow it.
    pub fn vouch(&self, reading: &Reading) {
        self.follow(reading.offset());
    }

    fn follow(&self, offset: i64) {
        for instant in [&self.0.floor, &self.0.steady, &self.0.judged] {
            instant.store(offset, Relaxed);
        }
        self.0.trusted.store(true, Relaxed);
    }

    /// Nobody knows whether it is right: floor and steady time run on from where they are.
    pub fn doubt(&self, reading: &Reading) {
        self.0.judged.store(reading.offset(), Relaxed);
        self.0.trusted.store(false, Relaxed);
    }

    /// It is not earlier than `floor`; and the last time known, where there is one, is `known`.
    pub fn start_from(&self, floor: DateTime<Utc>, known: Option<DateTime<Utc>>) {
        let distance = |at: DateTime<Utc>| at.timestamp_millis() - self.monotonic_millis();
        self.0.floor.store(distance(floor), Relaxed);
        self.0.steady.store(distance(known.unwrap_or_else(|| self.now())), Relaxed);
    }

    /// From now on it runs unbroken.
    pub fn begin_run(&self) {
        self.0.run_start.store(self.now_secs().timestamp_millis(), Relaxed);
    }

    /// Lets time pass on a manual clock; the system's is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let Hand::Manual { monotonic, .. } = &self.0.hand {
            monotonic.fetch_add(by.num_milliseconds(), Relaxed);
            self.jump(by);
        }
    }

    /// Sets a manual clock forward, or back, without time passing; the system's is left alone.
    pub fn jump(&self, by: TimeDelta) {
        if let Hand::Manual { wall, .. } = &self.0.hand {
            wall.fetch_add(by.num_milliseconds(), Relaxed);
        }
    }

    fn wall_millis(&self) -> i64 {
        match &self.0.hand {
            Hand::System(_) => system_now().timestamp_millis(),
            Hand::Manual { wall, .. } => wall.load(Relaxed),
        }
    }

    fn monotonic_millis(&self) -> i64 {
        match &self.0.hand {
            Hand::System(start) => i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX),
            Hand::Manual { monotonic, .. } => monotonic.load(Relaxed),
        }
    }

    /// Where an instant that runs on has come to.
    fn running(&self, distance: &AtomicI64) -> Option<i64> {
        match distance.load(Relaxed) {
            NONE => None,
            distance => Some(distance.saturating_add(self.monotonic_millis())),
        }
    }
}

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

fn whole_secs(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at)
}

#[allow(clippy::disallowed_methods)] // the one place that may ask
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

/// An instant as the interfaces write it: RFC 3339 in the site's zone, with the offset of that day.
pub fn local(at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const DAY: TimeDelta = TimeDelta::days(1);

    fn doubted(wall: &str, known: &str) -> Clock {
        let clock = Clock::manual(at(wall));
        clock.start_from(at(known), Some(at(known)));
        clock.begin_run();
        clock.doubt(&clock.reading());
        clock
    }

    #[test]
    fn the_floor_runs_on_and_gives_way_to_a_later_clock() {
        let clock = doubted("1970-01-01T00:00:10Z", "2026-11-21T10:00:00Z");
        assert_eq!(clock.now(), at("2026-11-21T10:00:00Z"));
        clock.advance(DAY);
        assert_eq!(clock.now(), at("2026-11-22T10:00:00Z"));
        clock.jump(DAY * 30_000);
        assert_eq!(clock.now(), clock.reading().wall);
        assert_eq!(clock.steady(), at("2026-11-22T10:00:00Z"), "nobody vouches for the jump");
    }

    #[test]
    fn a_trusted_clock_is_doubted_from_the_moment_of_a_jump_on() {
        let clock = Clock::manual(at("2026-11-21T10:00:00Z"));
        clock.vouch(&clock.reading());
        clock.advance(DAY);
        assert!(clock.is_trusted());
        clock.jump(JUMP);
        assert!(clock.is_trusted());
        clock.jump(TimeDelta::seconds(1));
        assert!(!clock.is_trusted());
    }

    #[test]
    fn only_what_was_made_on_an_unbroken_clock_ends_on_a_doubted_one() {
        let clock = doubted("2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z");
        let (before, now) = (at("2026-11-21T09:59:59Z"), clock.now());
        let end = now + DAY;
        clock.advance(DAY - TimeDelta::seconds(1));
        assert!(!clock.has_ended(now, end));
        clock.advance(TimeDelta::seconds(1));
        assert!(clock.has_ended(now, end));
        assert!(!clock.has_ended(before, end));
        clock.vouch(&clock.reading());
        assert!(clock.has_ended(before, end), "a trusted clock tells all");
    }

    #[test]
    fn what_was_made_in_the_future_of_a_trusted_clock_has_lapsed() {
        let clock = Clock::manual(at("2026-11-21T10:00:00Z"));
        let made = clock.now() + DAY;
        assert!(clock.has_lapsed(made, DAY));
        assert!(!clock.has_lapsed(clock.now() + JUMP, DAY));
        clock.doubt(&clock.reading());
        assert!(!clock.has_lapsed(made, DAY));
    }
}
