//! Which days a view shows, and which come before and after: pure functions of dates.
//!
//! Weeks begin on Monday and are numbered by ISO 8601. A day is as long as the site's clocks make it.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::timetable::first_moment;

/// How many days a list is of.
const LISTED_DAYS: u64 = 28;

/// A way to look at a calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// One day, hour by hour.
    Day,
    /// A week, day beside day.
    #[default]
    Week,
    /// A month, week under week.
    Month,
    /// Event under event.
    List,
}

/// Before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before.
    Back,
    /// After.
    On,
}

impl View {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::List];

    /// As addresses say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::List => "list",
        }
    }

    /// The view that an address means.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }

    /// The day that its neighbour is opened at.
    pub fn step(self, date: NaiveDate, way: Way) -> NaiveDate {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::List => LISTED_DAYS,
            Self::Month => return next_month(date, way).unwrap_or(date),
        };
        let there = match way {
            Way::Back => date.checked_sub_days(Days::new(days)),
            Way::On => date.checked_add_days(Days::new(days)),
        };
        there.unwrap_or(date)
    }
}

fn next_month(date: NaiveDate, way: Way) -> Option<NaiveDate> {
    let first = date.with_day(1)?;
    match way {
        Way::Back => first.checked_sub_months(Months::new(1)),
        Way::On => first.checked_add_months(Months::new(1)),
    }
}

/// Days in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

impl Period {
    /// The days that a view shows which is opened at this one.
    pub fn of(view: View, date: NaiveDate) -> Self {
        let on = |from: NaiveDate, days| from.checked_add_days(Days::new(days)).unwrap_or(from);
        match view {
            View::Day => Self { first: date, last: date },
            View::Week => Self { first: monday_of(date), last: on(monday_of(date), 6) },
            View::List => Self { first: date, last: on(date, LISTED_DAYS - 1) },
            View::Month => {
                let first = date.with_day(1).unwrap_or(date);
                let last = next_month(date, Way::On).and_then(|next| next.pred_opt()).unwrap_or(date);
                Self { first: monday_of(first), last: on(monday_of(last), 6) }
            }
        }
    }

    /// Each day.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day <= self.last)
    }

    /// From the first moment of the first day to that of the day after the last.
    pub fn range(self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let after = self.last.succ_opt().unwrap_or(self.last);
        (first_moment(self.first, zone), first_moment(after, zone))
    }
}

/// The Monday of a day's week.
pub fn monday_of(date: NaiveDate) -> NaiveDate {
    date.week(Weekday::Mon).checked_first_day().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_view_shows_whole_weeks_from_monday_on() {
        let cases = [
            (View::Day, "2026-11-21", "2026-11-21", "2026-11-21"),
            (View::Week, "2026-11-21", "2026-11-16", "2026-11-22"),
            (View::Week, "2026-11-23", "2026-11-23", "2026-11-29"),
            (View::Week, "2027-01-01", "2026-12-28", "2027-01-03"),
            (View::Week, "2027-01-04", "2027-01-04", "2027-01-10"),
            (View::Month, "2026-11-21", "2026-10-26", "2026-12-06"),
            (View::Month, "2027-02-28", "2027-02-01", "2027-02-28"),
            (View::List, "2026-12-20", "2026-12-20", "2027-01-16"),
        ];
        for (view, at, first, last) in cases {
            assert_eq!(Period::of(view, date(at)), Period { first: date(first), last: date(last) }, "{view:?} {at}");
        }
    }

    #[test]
    fn the_next_and_the_one_before_lie_side_by_side() {
        let cases = [
            (View::Day, "2026-12-31", "2026-12-30", "2027-01-01"),
            (View::Week, "2027-01-01", "2026-12-25", "2027-01-08"),
            (View::Month, "2027-01-31", "2026-12-01", "2027-02-01"),
            (View::List, "2026-11-21", "2026-10-24", "2026-12-19"),
        ];
        for (view, at, back, on) in cases {
            assert_eq!([Way::Back, Way::On].map(|way| view.step(date(at), way)), [date(back), date(on)], "{view:?}");
        }
        let far = NaiveDate::MAX;
        assert_eq!([View::Day.step(far, Way::On), View::Month.step(far, Way::On)], [far, far]);
    }

    #[test]
    fn a_week_is_as_long_as_the_clocks_make_it() {
        let hours = |day| {
            let (from, to) = Period::of(View::Week, date(day)).range(Paris);
            (to - from).num_hours()
        };
        assert_eq!(["2026-10-19", "2026-10-25", "2026-11-23", "2027-03-28"].map(hours), [169, 169, 168, 167]);
    }

    #[test]
    fn an_address_names_its_view() {
        assert!(View::ALL.into_iter().all(|view| View::of_name(view.name()) == Some(view)));
        assert_eq!((View::of_name("year"), View::default()), (None, View::Week));
    }
}
