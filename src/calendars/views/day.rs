//! Events under their days: which part of each is on which day, by the site's clocks.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::layout::Span;
use super::period::Period;
use crate::timetable::ShownEvent;

const DAY_MINUTES: u32 = 24 * 60;

/// A day and what is on it.
#[derive(Debug)]
pub struct Day<'a> {
    /// The day, in the site's zone.
    pub date: NaiveDate,
    /// What takes all of it.
    pub whole: Vec<&'a ShownEvent>,
    /// The rest, by start, with the part of each that is on this day.
    pub timed: Vec<(Span, &'a ShownEvent)>,
}

impl<'a> Day<'a> {
    /// Everything on it, what takes all of it first.
    pub fn events(&self) -> impl Iterator<Item = &'a ShownEvent> + '_ {
        self.whole.iter().copied().chain(self.timed.iter().map(|(_, event)| *event))
    }

    /// Is nothing on it?
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.timed.is_empty()
    }
}

/// The days of a period with these events, which come by start.
pub fn by_day<'a>(events: &[&'a ShownEvent], period: Period, zone: Tz) -> Vec<Day<'a>> {
    let mut days: Vec<_> = period.days().map(|date| Day { date, whole: Vec::new(), timed: Vec::new() }).collect();
    for event in events {
        let [first, last] = dates_of(event, zone);
        let on = days.iter_mut().filter(|day| first <= day.date && day.date <= last);
        on.for_each(|day| match part_on(event, day.date, zone) {
            Some(span) => day.timed.push((span, event)),
            None => day.whole.push(event),
        });
    }
    for day in &mut days {
        day.timed.sort_by_key(|(span, _)| (span.start, DAY_MINUTES - span.end));
    }
    days
}

/// The first day of an event and its last. An end is not part of it: what ends at midnight ends on the day before.
pub fn dates_of(event: &ShownEvent, zone: Tz) -> [NaiveDate; 2] {
    let last = (event.end - TimeDelta::seconds(1)).max(event.start);
    [event.start, last].map(|at| wall(at, zone).date())
}

/// The part of an event that is on one of its days; none where that is all of the day.
fn part_on(event: &ShownEvent, date: NaiveDate, zone: Tz) -> Option<Span> {
    let (start, end) = (wall(event.start, zone), wall(event.end, zone));
    let from = if start.date() < date { 0 } else { minute(start) };
    // Where the clocks go back, a wall shows an end before its start.
    let to = if end.date() > date { DAY_MINUTES } else { minute(end).max(from) };
    (!event.all_day && (from, to) != (0, DAY_MINUTES)).then_some(Span { start: from, end: to })
}

fn minute(at: NaiveDateTime) -> u32 {
    at.hour() * 60 + at.minute()
}

/// What the clocks on the site's walls show.
pub fn wall(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

#[cfg(test)]
pub mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    pub fn event(start: &str, end: &str) -> ShownEvent {
        ShownEvent {
            id: "e_1".to_owned(),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            all_day: false,
            subject: "Algèbre".to_owned(),
            kind: "TD".to_owned(),
            notes: String::new(),
            room: "B12".to_owned(),
            teacher: String::new(),
            cohorts: Vec::new(),
            source: None,
            cancelled: false,
            clashes: Vec::new(),
        }
    }

    /// Day of the month and minutes, of each day with something on it.
    fn parts(start: &str, end: &str) -> Vec<String> {
        use chrono::Datelike;
        let event = event(start, end);
        let period = Period { first: wall(event.start, Paris).date(), last: "2027-12-31".parse().unwrap() };
        let days = by_day(&[&event], period, Paris);
        let say = |day: &Day<'_>| match day.timed.first() {
            Some((span, _)) => format!("{}: {}-{}", day.date.day(), span.start, span.end),
            None => format!("{}: all of it", day.date.day()),
        };
        days.iter().filter(|day| !day.is_empty()).map(say).collect()
    }

    #[test]
    fn an_event_stands_on_each_of_its_days_with_its_part() {
        let cases: [(&str, &str, &[&str]); 6] = [
            ("2026-11-23T07:00:00Z", "2026-11-23T08:30:00Z", &["23: 480-570"]),
            ("2026-11-23T21:00:00Z", "2026-11-24T01:00:00Z", &["23: 1320-1440", "24: 0-120"]),
            ("2026-11-23T21:00:00Z", "2026-11-23T23:00:00Z", &["23: 1320-1440"]),
            ("2026-12-30T23:00:00Z", "2027-01-01T11:00:00Z", &["31: all of it", "1: 0-720"]),
            // The clocks go back from three to two, and forward from two to three.
            ("2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z", &["25: 150-150"]),
            ("2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z", &["28: 90-210"]),
        ];
        for (start, end, told) in cases {
            assert_eq!(parts(start, end), told, "{start}");
        }
    }

    #[test]
    fn what_has_no_time_of_day_takes_all_of_its_days() {
        let mut event = event("2026-11-22T23:00:00Z", "2026-11-24T23:00:00Z");
        event.all_day = true;
        let week = Period { first: "2026-11-23".parse().unwrap(), last: "2026-11-29".parse().unwrap() };
        let whole: Vec<_> = by_day(&[&event], week, Paris).iter().map(|day| day.whole.len()).collect();
        assert_eq!(whole, [1, 1, 0, 0, 0, 0, 0]);
    }
}
