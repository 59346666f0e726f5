//! The guard before a snapshot: a calendar is never wiped by an upstream that has lost its events.
//!
//! What counts is what is *coming*: occurrences that end after now and within 180 days, counted in both snapshots at the
//! same now. So a loss that time has overtaken is no loss any more, and the end of a year drains by itself.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::ical::{Budget, Kind, Zones, occurrences, read_event};

const COMING: TimeDelta = TimeDelta::days(180);
/// A loss of fewer than this is an ordinary week.
const FEWEST_LOST: usize = 10;
/// This many fetches that agree, over at least [`AGREE_FOR`], publish by themselves…
const AGREE_TIMES: u32 = 3;
const AGREE_FOR: TimeDelta = TimeDelta::hours(1);
/// …where at least one in this many is left.
const LEFT_AT_LEAST_ONE_IN: usize = 4;

/// Steps for the rules of one snapshot, and occurrences that are counted at most: beyond, all are many.
const BUDGET: u32 = 2_000_000;
const COUNTED_AT_MOST: usize = 200_000;

/// How many occurrences are coming, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Coming {
    /// In the snapshot that is served.
    pub before: usize,
    /// In the one that was fetched.
    pub after: usize,
}

impl Coming {
    /// Counts both at the same now.
    pub fn count(served: &Snapshot, fetched: &Snapshot, now: DateTime<Utc>, zone: Tz) -> Self {
        Self { before: count_coming(served, now, zone), after: count_coming(fetched, now, zone) }
    }

    /// Is this a loss that somebody should look at?
    pub fn is_suspicious(self) -> bool {
        let lost = self.before.saturating_sub(self.after);
        let none_left = self.before >= 1 && self.after == 0;
        none_left || (lost * 2 > self.before && lost >= FEWEST_LOST)
    }

    /// Do these many agreeing fetches over this time settle it?
    pub fn is_settled(self, agreeing: u32, over: TimeDelta) -> bool {
        agreeing >= AGREE_TIMES && over >= AGREE_FOR && self.after * LEFT_AT_LEAST_ONE_IN >= self.before
    }
}

/// Occurrences that end after `now` and within 180 days.
pub fn count_coming(snapshot: &Snapshot, now: DateTime<Utc>, zone: Tz) -> usize {
    let zones = Zones::read(snapshot.of_kind(Kind::Timezone).map(|item| item.text), zone);
    let events: Vec<_> = snapshot.of_kind(Kind::Event).map(|item| read_event(item.text, &zones)).collect();
    occurrences(&events, &zones, now, now + COMING, COUNTED_AT_MOST, &mut Budget::new(BUDGET)).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_suspicious_when_it_is_great() {
        let cases = [
            ((1, 0), true),
            ((0, 0), false),
            ((10, 0), true),
            ((9, 1), false),   // eight lost: fewer than ten
            ((20, 10), false), // half, not more than half
            ((20, 9), true),
            ((12, 2), true),
            ((100, 60), false),
            ((5, 50), false),
        ];
        for ((before, after), suspicious) in cases {
            assert_eq!(Coming { before, after }.is_suspicious(), suspicious, "{before} -> {after}");
        }
    }

    #[test]
    fn three_agreeing_fetches_over_an_hour_settle_it_where_a_quarter_is_left() {
        let hour = TimeDelta::hours(1);
        let some_left = Coming { before: 40, after: 10 };
        assert!(some_left.is_settled(3, hour));
        assert!(!some_left.is_settled(2, hour));
        assert!(!some_left.is_settled(3, hour - TimeDelta::seconds(1)));
        assert!(!Coming { before: 41, after: 10 }.is_settled(9, hour));
    }
}
