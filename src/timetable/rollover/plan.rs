//! What a roll-over would archive and what it would leave: read, and nothing written. A dry run is this and no more.
//!
//! Of the events only ids are kept: a department's years may be of a hundred thousand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::store::{Read, StoreError};
use crate::timetable::tables::{Shelf, find_event, visit_places};
use crate::timetable::when::{Edge, first_moment, read_edge};
use crate::timetable::{Event, Flaws, Names, TimetableError, Whose};

/// Whose events, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The ids of the cohorts.
    pub cohorts: Vec<String>,
    /// What has ended by then.
    pub before: DateTime<Utc>,
}

/// What there is to do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The ids of the events that go.
    pub going: Vec<String>,
    /// What becomes of each cohort's events, by its id.
    pub tallies: BTreeMap<String, Tally>,
}

/// What becomes of a cohort's events.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// So many go.
    pub archived: usize,
    /// So many had not ended.
    pub not_ended: usize,
    /// So many are of another cohort too, that is not named.
    pub shared: usize,
    /// The ids of those cohorts.
    pub shared_with: BTreeSet<String>,
}

impl Wanted {
    /// Reads what somebody asks for. `now` is none where nobody vouches for the clock, which then cannot say which year is
    /// over; `shown` is what it shows all the same.
    pub fn read(
        (slugs, before): (&[String], Option<&str>),
        names: &Names,
        (now, shown): (Option<DateTime<Utc>>, DateTime<Utc>),
    ) -> Result<Self, TimetableError> {
        let mut flaws = Flaws::default();
        let cohorts = cohorts_of(slugs, names, &mut flaws);
        let today = shown.with_timezone(&names.zone).date_naive();
        let before = match (before, now) {
            (Some(text), _) => read_edge(&mut flaws, "before", text, (names.zone, Edge::Begin)),
            (None, Some(_)) => Some(first_moment(last_first_of_august(today), names.zone)),
            (None, None) => {
                let message = format!("say the day: nobody vouches for the clock, which shows {today}");
                flaws.senseless("before", message);
                None
            }
        };
        if before.is_some_and(|before| before > shown) {
            flaws.senseless("before", format!("{today} at the latest: what is still to come is not archived"));
        }
        flaws.check()?;
        Ok(Self { cohorts, before: before.unwrap_or_default() })
    }
}

fn cohorts_of(slugs: &[String], names: &Names, flaws: &mut Flaws) -> Vec<String> {
    if slugs.is_empty() {
        flaws.malformed("cohorts", "name one at least");
    }
    let mut ids = Vec::new();
    for slug in slugs {
        match names.cohorts.find(slug) {
            Some(cohort) => ids.push(cohort.id.clone()),
            None => flaws.senseless("cohorts", format!("there is no cohort {slug:?}")),
        }
    }
    ids.sort();
    ids.dedup();
    ids
}

/// A school's year ends in July: the first of August of this year, or of the last one.
fn last_first_of_august(today: NaiveDate) -> NaiveDate {
    let year = if today.month() >= 8 { today.year() } else { today.year() - 1 };
    NaiveDate::from_ymd_opt(year, 8, 1).unwrap_or(today)
}

impl Plan {
    /// Looks at the events of the cohorts.
    pub fn make(tx: &impl Read, wanted: &Wanted) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        let mut ended = BTreeSet::new();
        for cohort in &wanted.cohorts {
            let mut tally = Tally::default();
            let from = (DateTime::<Utc>::MIN_UTC, "");
            visit_places(tx, (Shelf::Timetable, Whose::Cohort(cohort)), from, |place| {
                match place.end <= wanted.before {
                    true => drop(ended.insert(place.id)),
                    false => tally.not_ended += 1,
                }
                true
            })?;
            plan.tallies.insert(cohort.clone(), tally);
        }
        for id in ended {
            if find_event(tx, &id)?.is_some_and(|event| plan.count(&event)) {
                plan.going.push(id);
            }
        }
        Ok(plan)
    }

    /// Counts an event that has ended for each of its cohorts that is named. Does it go?
    fn count(&mut self, event: &Event) -> bool {
        let others: Vec<_> = event.cohorts.iter().filter(|id| !self.tallies.contains_key(*id)).cloned().collect();
        for cohort in &event.cohorts {
            let Some(tally) = self.tallies.get_mut(cohort) else { continue };
            match others.is_empty() {
                true => tally.archived += 1,
                false => {
                    tally.shared += 1;
                    tally.shared_with.extend(others.iter().cloned());
                }
            }
        }
        others.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::events::tests::event;

    #[test]
    fn a_year_ends_with_july() {
        let cases = [
            ("2026-08-01", "2026-08-01"),
            ("2026-07-31", "2025-08-01"),
            ("2026-11-21", "2026-08-01"),
            ("2027-01-01", "2026-08-01"),
        ];
        for (today, day) in cases {
            let day: NaiveDate = day.parse().unwrap();
            assert_eq!(last_first_of_august(today.parse().unwrap()), day, "{today}");
        }
    }

    #[test]
    fn an_event_goes_when_each_of_its_cohorts_is_named() {
        let of = |cohorts: &[&str]| Event { cohorts: cohorts.iter().map(|&id| id.to_owned()).collect(), ..event(0) };
        let named = ["a", "b"].map(|id| (id.to_owned(), Tally::default()));
        let mut plan = Plan { tallies: named.into(), ..Plan::default() };
        let gone = [&["a"][..], &["a", "b"], &["b", "c"], &["a", "c", "d"]].map(|cohorts| plan.count(&of(cohorts)));
        assert_eq!(gone, [true, true, false, false]);
        let tally = |archived, shared, with: &[&str]| Tally {
            archived,
            shared,
            shared_with: with.iter().map(|&id| id.to_owned()).collect(),
            not_ended: 0,
        };
        assert_eq!(plan.tallies["a"], tally(2, 1, &["c", "d"]));
        assert_eq!(plan.tallies["b"], tally(1, 1, &["c"]));
        assert_eq!(plan.tallies.len(), 2, "of a cohort that is not named nothing is told");
    }
}
