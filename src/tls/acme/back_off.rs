//! How long to wait after a failed order: a minute, ten, a hundred, then a day; never given up, kept across restarts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

const DELAYS_MINUTES: [i64; 3] = [1, 10, 100];
/// A certificate whose lifetime makes no sense must not make us ask without a pause.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);
const LONGEST: TimeDelta = TimeDelta::days(1);
/// Five failed validations in an hour close the authority's door (Let's Encrypt's limits), whoever asked for them.
const VALIDATIONS_MAX: usize = 5;
const VALIDATIONS_SPAN: TimeDelta = TimeDelta::hours(1);

/// The failures since the last certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BackOff {
    /// What was asked for ([`super::tables::Wanted::label`]): who changes the configuration is not made to wait.
    pub asked: String,
    pub failures: u32,
    pub until: Option<DateTime<Utc>>,
    pub last_error: Option<LastError>,
    /// Of the last hour, oldest first.
    pub failed_validations: Vec<DateTime<Utc>>,
    /// Until when the authority itself asked to be left alone.
    #[serde(default)]
    pub told_until: Option<DateTime<Utc>>,
    /// An order was refused for what it said to replace: the next says nothing of that.
    #[serde(default)]
    pub is_replacing_refused: bool,
}

/// What a failure was about, where something beside waiting follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The authority looked for us and did not find us: it counts those.
    Validation,
    /// It did not take what the order was to replace.
    Replacing,
    Other,
}

/// The last failure, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, and what to do.
    pub words: String,
}

/// A failure, as far as waiting goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub words: String,
    pub retry_after_secs: Option<u64>,
    pub fault: Fault,
}

/// What bounds a delay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub now: DateTime<Utc>,
    /// Of the last certificate: no delay is longer than a twentieth of it.
    pub lifetime: Option<TimeDelta>,
    /// From 0 to 1: how much of the jitter is taken.
    pub fraction: f64,
}

impl BackOff {
    /// Until when to wait. An instant that lies more than a day ahead was written by a wrong clock, and is due.
    pub(super) fn until(&self, asked: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.until.filter(|until| self.asked == asked && is_ahead(*until, now))
    }

    /// Until when the authority asked to be left alone: that holds a hand too.
    pub(super) fn told_until(&self, asked: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.told_until.filter(|until| self.asked == asked && is_ahead(*until, now))
    }

    /// Until when no validation may be risked.
    pub(super) fn validations_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let recent = recent(&self.failed_validations, now);
        let oldest = recent.len().checked_sub(VALIDATIONS_MAX).and_then(|first| recent.get(first))?;
        Some(*oldest + VALIDATIONS_SPAN)
    }

    /// After one more failure.
    pub(super) fn failed(&self, asked: &str, failed: Failed, bounds: Bounds) -> Self {
        let before = if self.asked == asked { self.failures } else { 0 };
        let mut failed_validations = recent(&self.failed_validations, bounds.now);
        if failed.fault == Fault::Validation {
            failed_validations.push(bounds.now);
        }
        Self {
            asked: asked.to_owned(),
            failures: before.saturating_add(1),
            until: Some(bounds.now + delay(before, failed.retry_after_secs, bounds)),
            last_error: Some(LastError { at: bounds.now, words: failed.words }),
            failed_validations,
            told_until: failed.retry_after_secs.map(|secs| bounds.now + told(secs)),
            is_replacing_refused: self.is_replacing_refused || failed.fault == Fault::Replacing,
        }
    }

    /// After a certificate: only the failed validations still count.
    pub(super) fn succeeded(&self, now: DateTime<Utc>) -> Self {
        Self { failed_validations: recent(&self.failed_validations, now), ..Self::default() }
    }
}

/// The authority's own word counts where it is longer, up to a day.
fn delay(failures_before: u32, retry_after_secs: Option<u64>, bounds: Bounds) -> TimeDelta {
    let step = DELAYS_MINUTES.get(failures_before as usize).map_or(LONGEST, |minutes| TimeDelta::minutes(*minutes));
    // Up to a tenth less: boxes that failed together do not come back together.
    let jittered = TimeDelta::milliseconds((step.num_milliseconds() as f64 * (1.0 - bounds.fraction / 10.0)) as i64);
    let bounded = bounds.lifetime.map_or(jittered, |lifetime| jittered.min((lifetime / 20).max(SHORTEST)));
    bounded.max(retry_after_secs.map_or(TimeDelta::zero(), told)).min(LONGEST)
}

fn told(secs: u64) -> TimeDelta {
    i64::try_from(secs).ok().and_then(TimeDelta::try_seconds).unwrap_or(LONGEST).min(LONGEST)
}

fn is_ahead(until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    until > now && until - now <= LONGEST
}

fn recent(validations: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    validations.iter().copied().filter(|at| *at <= now && now - *at < VALIDATIONS_SPAN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn failed(retry_after_secs: Option<u64>) -> Failed {
        Failed { words: "no".to_owned(), retry_after_secs, fault: Fault::Validation }
    }

    fn bounds(secs: i64) -> Bounds {
        Bounds { now: at(secs), lifetime: None, fraction: 0.0 }
    }

    #[test]
    fn the_delays_grow_to_a_day_and_stay_there() {
        let mut back_off = BackOff::default();
        for (failures, minutes) in [1, 10, 100, 1440, 1440, 1440].into_iter().enumerate() {
            back_off = back_off.failed("a", failed(None), bounds(0));
            assert_eq!(back_off.until, Some(at(minutes * 60)), "{failures}");
        }
    }

    #[test]
    fn jitter_only_shortens() {
        let bounds = Bounds { fraction: 1.0, ..bounds(0) };
        assert_eq!(BackOff::default().failed("a", failed(None), bounds).until, Some(at(54)));
    }

    #[test]
    fn no_delay_is_longer_than_a_twentieth_of_the_lifetime() {
        let bounds = Bounds { lifetime: Some(TimeDelta::seconds(20)), ..bounds(0) };
        assert_eq!(BackOff::default().failed("a", failed(None), bounds).until, Some(at(1)));
    }

    #[test]
    fn a_lifetime_of_nothing_is_no_delay_of_nothing() {
        let bounds = Bounds { lifetime: Some(TimeDelta::zero()), ..bounds(0) };
        assert_eq!(BackOff::default().failed("a", failed(None), bounds).until, Some(at(1)));
    }

    #[test]
    fn the_authoritys_word_counts_up_to_a_day() {
        for (told, secs) in [(5, 60), (3600, 3600), (604_800, 86_400), (u64::MAX, 86_400)] {
            let back_off = BackOff::default().failed("a", failed(Some(told)), bounds(0));
            assert_eq!(back_off.until, Some(at(secs)), "{told}");
        }
    }

    #[test]
    fn an_end_more_than_a_day_ahead_is_due() {
        let back_off = BackOff::default().failed("a", failed(None), bounds(0));
        assert_eq!(back_off.until("a", at(0)), Some(at(60)));
        assert_eq!(back_off.until("a", at(60)), None);
        assert_eq!(back_off.until("a", at(-90_000)), None);
    }

    #[test]
    fn another_configuration_is_not_made_to_wait() {
        let back_off = BackOff::default().failed("a", failed(None), bounds(0));
        assert_eq!(back_off.until("b", at(0)), None);
        assert_eq!(back_off.failed("b", failed(None), bounds(0)).failures, 1);
    }

    #[test]
    fn the_sixth_validation_of_an_hour_waits_for_the_first_to_be_forgotten() {
        let back_off = (0..4).fold(BackOff::default(), |all, n| all.failed("a", failed(None), bounds(n)));
        assert_eq!(back_off.validations_until(at(4)), None);
        let back_off = back_off.failed("a", failed(None), bounds(4));
        assert_eq!(back_off.validations_until(at(5)), Some(at(3600)));
        assert_eq!(back_off.validations_until(at(3600)), None);
        assert_eq!(back_off.succeeded(at(5)).validations_until(at(5)), Some(at(3600)), "a success does not wipe them");
    }
}
