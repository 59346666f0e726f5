//! An event as the database holds it.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::id::dated_id;
use crate::secret::NoRandomness;
use crate::timetable::Scene;

/// A cancelled event is shown for so long, so that whoever looks sees that it was cancelled and not lost.
const SHOWN_AFTER_CANCEL: TimeDelta = TimeDelta::days(14);

/// Whether an event takes place.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does.
    #[default]
    Confirmed,
    /// It may.
    Tentative,
    /// It does not.
    Cancelled,
}

impl Status {
    /// The value of STATUS (RFC 5545, 3.8.1.11).
    pub fn in_calendars(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Tentative => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// One dated thing in the timetable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `e_…`; never changes.
    pub id: String,
    /// What calendars call it; never changes.
    pub uid: String,
    /// When it begins, in whole seconds.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub start: DateTime<Utc>,
    /// When it ends: after the start.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub end: DateTime<Utc>,
    /// What it is.
    pub subject: String,
    /// What sort of event; may be empty.
    pub kind: String,
    /// More about it; may be empty.
    pub notes: String,
    /// The id of its room.
    pub room: Option<String>,
    /// The login of its teacher.
    pub teacher: Option<String>,
    /// The ids of its cohorts, sorted.
    pub cohorts: Vec<String>,
    /// Whether it takes place.
    pub status: Status,
    /// The id of the series that it was made in.
    pub series: Option<String>,
    /// Grows with each change.
    pub sequence: u32,
    /// Since when it is cancelled, if it is.
    #[serde(with = "chrono::serde::ts_seconds_option")]
    pub cancelled_at: Option<DateTime<Utc>>,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub updated_at: DateTime<Utc>,
}

/// What somebody says of an event that is to be made: everything by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// When it begins, in whole seconds.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it is.
    pub subject: String,
    /// What sort of event.
    pub kind: String,
    /// More about it.
    pub notes: String,
    /// The id of its room.
    pub room: Option<String>,
    /// The login of its teacher.
    pub teacher: Option<String>,
    /// The ids of its cohorts.
    pub cohorts: Vec<String>,
    /// Whether it takes place.
    pub status: Status,
}

impl Event {
    /// A new event.
    pub(super) fn new(draft: Draft, series: Option<String>, scene: &Scene) -> Result<Self, NoRandomness> {
        let id = dated_id("e_", scene.now)?;
        let Draft { start, end, subject, kind, notes, room, teacher, mut cohorts, status } = draft;
        cohorts.sort();
        cohorts.dedup();
        Ok(Self {
            uid: format!("{id}@{}", scene.instance_id),
            id,
            start,
            end,
            subject,
            kind,
            notes,
            room,
            teacher,
            cohorts,
            status,
            series,
            sequence: minutes_since_2020(scene.now),
            cancelled_at: (status == Status::Cancelled).then_some(scene.now),
            created_at: scene.now,
            updated_at: scene.now,
        })
    }

    /// The state after a change at `now` of the state `before`: what a change does by itself.
    pub(in crate::timetable) fn stamped(mut self, before: &Self, now: DateTime<Utc>) -> Self {
        self.sequence = minutes_since_2020(now).max(before.sequence.saturating_add(1));
        self.updated_at = now;
        self.cancelled_at = match self.status {
            Status::Cancelled => before.cancelled_at.or(Some(now)),
            Status::Confirmed | Status::Tentative => None,
        };
        self
    }

    /// Does it keep its room, its teacher and its cohorts?
    pub fn is_busy(&self) -> bool {
        self.status != Status::Cancelled
    }

    /// Do calendars show it at this time? Always, but a cancelled one only for a while.
    pub fn is_shown(&self, at: DateTime<Utc>) -> bool {
        self.cancelled_at.is_none_or(|cancelled_at| at < Self::shown_until(cancelled_at))
    }

    /// Until when calendars show what was cancelled at this time.
    pub fn shown_until(cancelled_at: DateTime<Utc>) -> DateTime<Utc> {
        cancelled_at + SHOWN_AFTER_CANCEL
    }

    /// Does this state claim something that the other does not: a time, a room, a teacher, a cohort, or any at all? What
    /// gives something up stands in nobody's way anew.
    pub(in crate::timetable) fn claims_more_than(&self, before: &Self) -> bool {
        let another = |now: &Option<String>, then: &Option<String>| now.is_some() && now != then;
        let more = self.start < before.start
            || self.end > before.end
            || another(&self.room, &before.room)
            || another(&self.teacher, &before.teacher)
            || self.cohorts.iter().any(|cohort| !before.cohorts.contains(cohort));
        self.is_busy() && (!before.is_busy() || more)
    }
}

/// What a SEQUENCE begins with: so that one that was restored from a backup never goes back.
fn minutes_since_2020(now: DateTime<Utc>) -> u32 {
    let epoch = Utc.with_ymd_and_hms(2020, 1, 1, 0, 0, 0).single().unwrap_or_default();
    u32::try_from((now - epoch).num_minutes()).unwrap_or(0)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An event of two hours from an hour of Unix time on.
    pub fn event(hour: i64) -> Event {
        let at = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        Event {
            id: "e_1".into(),
            uid: "e_1@here".into(),
            start: at(hour),
            end: at(hour + 2),
            subject: "Algèbre".into(),
            kind: "CM".into(),
            notes: String::new(),
            room: Some("r_1".into()),
            teacher: None,
            cohorts: vec!["c_1".into()],
            status: Status::Confirmed,
            series: None,
            sequence: 7,
            cancelled_at: None,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    #[test]
    fn a_sequence_grows_with_the_clock_and_never_goes_back() {
        let before = event(0);
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(before.clone().stamped(&before, at("2020-01-01T00:10:00Z")).sequence, 10);
        assert_eq!(before.clone().stamped(&before, at("2020-01-01T00:03:00Z")).sequence, 8);
        assert_eq!(before.clone().stamped(&before, at("1999-01-01T00:00:00Z")).sequence, 8);
    }

    #[test]
    fn a_cancelled_event_is_shown_for_a_fortnight() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let before = event(0);
        let cancelled = Event { status: Status::Cancelled, ..before.clone() }.stamped(&before, now);
        assert_eq!(cancelled.cancelled_at, Some(now));
        assert!(cancelled.is_shown(now + TimeDelta::days(14) - TimeDelta::seconds(1)));
        assert!(!cancelled.is_shown(now + TimeDelta::days(14)));
        let again = cancelled.clone().stamped(&cancelled, now + TimeDelta::days(1));
        assert_eq!(again.cancelled_at, Some(now));
        let revived = Event { status: Status::Confirmed, ..cancelled.clone() }.stamped(&cancelled, now);
        assert_eq!(revived.cancelled_at, None);
    }

    #[test]
    fn only_what_claims_more_can_clash_anew() {
        let before = event(0);
        let cases = [
            (Event { notes: "x".into(), ..before.clone() }, false),
            (Event { room: None, teacher: None, cohorts: Vec::new(), ..before.clone() }, false),
            (Event { end: before.end - TimeDelta::minutes(10), ..before.clone() }, false),
            (Event { end: before.end + TimeDelta::minutes(10), ..before.clone() }, true),
            (Event { room: Some("r_other".into()), ..before.clone() }, true),
            (Event { status: Status::Cancelled, ..event(5) }, false),
            (Event { status: Status::Tentative, ..before.clone() }, false),
            (event(1), true),
        ];
        for (after, more) in cases {
            assert_eq!(after.claims_more_than(&before), more, "{after:?}");
        }
        assert!(before.claims_more_than(&Event { status: Status::Cancelled, ..before.clone() }));
    }
}
