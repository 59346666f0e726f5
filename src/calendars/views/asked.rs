//! What an address asks of a calendar's page, and the addresses of its other views.
//!
//! `?view=week&date=2026-11-23&kind=TD`: what cannot be read is as if it were not there, but that a date is told of, so
//! that an old link shows something. What is as usual stands in no address.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::period::{Period, View};
use crate::timetable::ShownEvent;

/// Years that can be looked at.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// A page's query.
#[derive(Debug, Default, Deserialize)]
pub struct ViewQuery {
    #[serde(default)]
    view: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    room: String,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which view.
    pub view: View,
    /// The day that it is opened at.
    pub date: NaiveDate,
    /// How the day was found.
    pub said: Said,
    /// Which events.
    pub filter: Filter,
}

/// How the day of a page was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The address names it.
    Date,
    /// It names none: today.
    Nothing,
    /// It names what is no date: today.
    Rubbish(String),
}

/// Which events are wanted; empty is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind, in any case.
    pub kind: String,
    /// Whose subject has this in it, in any case.
    pub subject: String,
    /// In this room, by its name.
    pub room: String,
}

impl Asked {
    /// Reads a query.
    pub fn read(query: ViewQuery, today: NaiveDate) -> Self {
        let text = |text: String| text.trim().to_owned();
        let date = text(query.date);
        let (date, said) = match read_date(&date) {
            Some(date) => (date, Said::Date),
            None if date.is_empty() => (today, Said::Nothing),
            None => (today, Said::Rubbish(date)),
        };
        let filter = Filter { kind: text(query.kind), subject: text(query.subject), room: text(query.room) };
        Self { view: View::of_name(&query.view).unwrap_or_default(), date, said, filter }
    }

    /// The days that are shown.
    pub fn period(&self) -> Period {
        Period::of(self.view, self.date)
    }

    /// The address of a view, opened at a day, of the same events.
    pub fn href(&self, path: &str, view: View, date: Option<NaiveDate>) -> String {
        let mut query = Serializer::new(String::new());
        if view != View::default() {
            query.append_pair("view", view.name());
        }
        if let Some(date) = date {
            query.append_pair("date", &date.to_string());
        }
        for (name, value) in self.filter.pairs() {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

impl Filter {
    /// Does it leave anything out?
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// What it asks for, by the names of its fields.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("kind", &self.kind), ("subject", &self.subject), ("room", &self.room)];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str()))
    }

    /// Is this event wanted?
    pub fn takes(&self, event: &ShownEvent) -> bool {
        let same = |wanted: &str, is: &str| wanted.is_empty() || wanted.to_lowercase() == is.to_lowercase();
        let subject = self.subject.to_lowercase();
        same(&self.kind, &event.kind)
            && same(&self.room, &event.room)
            && (subject.is_empty() || event.subject.to_lowercase().contains(&subject))
    }
}

/// `2026-11-23`, `23/11/2026`, or the Monday of `2026-W48`.
fn read_date(text: &str) -> Option<NaiveDate> {
    let day = |form| NaiveDate::parse_from_str(text, form).ok();
    let of_week = || {
        let (year, week) = text.split_once("-W")?;
        NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)
    };
    day("%Y-%m-%d").or_else(|| day("%d/%m/%Y")).or_else(of_week).filter(|date| YEARS.contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendars::views::day::tests::event;

    fn asked(query: &str) -> Asked {
        let query = serde_urlencoded_read(query);
        Asked::read(query, "2026-11-21".parse().unwrap())
    }

    fn serde_urlencoded_read(query: &str) -> ViewQuery {
        let uri = format!("/c/m2?{query}").parse().unwrap();
        axum::extract::Query::<ViewQuery>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn a_date_is_said_in_the_ways_of_people_and_of_weeks() {
        let cases = [
            ("", "2026-11-21", Said::Nothing),
            ("2026-11-23", "2026-11-23", Said::Date),
            ("23/11/2026", "2026-11-23", Said::Date),
            ("2026-W48", "2026-11-23", Said::Date),
            ("2026-W53", "2026-12-28", Said::Date),
            ("2027-W53", "2026-11-21", Said::Rubbish("2027-W53".to_owned())),
            ("2026-02-30", "2026-11-21", Said::Rubbish("2026-02-30".to_owned())),
            ("9999-01-01", "2026-11-21", Said::Rubbish("9999-01-01".to_owned())),
        ];
        for (date, at, said) in cases {
            let asked = asked(&format!("date={date}"));
            assert_eq!((asked.date.to_string().as_str(), asked.said), (at, said), "{date}");
        }
    }

    #[test]
    fn the_addresses_of_other_views_keep_what_is_asked_for() {
        let asked = asked("view=month&date=2026-11-23&kind=T%26D&subject=&room=B+12&other=x");
        assert_eq!(asked.view, View::Month);
        let here = Some(asked.date);
        assert_eq!(asked.href("/c/m2", View::Day, here), "/c/m2?view=day&date=2026-11-23&kind=T%26D&room=B+12");
        assert_eq!(Asked { filter: Filter::default(), ..asked }.href("/week", View::Week, None), "/week");
    }

    #[test]
    fn a_filter_takes_what_it_names_in_any_case() {
        let event = event("2026-11-23T07:00:00Z", "2026-11-23T08:00:00Z");
        let takes = |query: &str| asked(query).filter.takes(&event);
        assert!(takes("") && takes("kind=td") && takes("subject=G%C3%88B") && takes("room=b12&kind=TD"));
        assert!(!takes("kind=t") && !takes("subject=Analyse") && !takes("room=b1") && !takes("kind=TD&room=c1"));
    }
}
