//! Weekly series: single events made together, at the same time on the wall of each week, whatever the clocks do.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::tables::LONGEST;
use super::when::{on_the_wall, read_date};
use super::{Event, Flaws};

const EVENTS_AT_MOST: usize = 200;
const EXCEPTIONS_AT_MOST: usize = 1000;

/// How an event is repeated.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How often.
    pub every: Every,
    /// The last day on which it may begin.
    pub until: String,
    /// Days on which it does not.
    #[serde(default)]
    pub except: Vec<String>,
}

/// How often a series takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Once a week.
    Week,
}

/// Start and end of an event.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The times of each event of a series, the first as it was given.
pub fn lay_out((start, end): Span, repeat: &Repeat, zone: Tz, flaws: &mut Flaws) -> Vec<Span> {
    let Some((until, except)) = days_of(repeat, flaws) else { return Vec::new() };
    let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let (first, last) = (wall(start), wall(end));
    if until < first.date() {
        flaws.senseless("repeat.until", "must not be before the first event");
        return Vec::new();
    }
    let weeks = usize::try_from((until - first.date()).num_days() / 7).unwrap_or(usize::MAX).saturating_add(1);
    if weeks > EVENTS_AT_MOST + except.len() {
        flaws.senseless("repeat.until", format!("makes {weeks} events: at most {EVENTS_AT_MOST}"));
        return Vec::new();
    }
    let mut spans = Vec::new();
    for week in 0..weeks as u64 {
        let Some((from, to)) = later(first, week).zip(later(last, week)) else { break };
        if except.contains(&from.date()) {
            continue;
        }
        let span = if week == 0 { Ok((start, end)) } else { both(from, to, zone) };
        match span {
            // Between the start and the end of one week the clocks change, and not between those of another.
            Ok((start, end)) if start >= end || end - start > LONGEST => {
                let (day, days) = (from.date(), LONGEST.num_days());
                let message =
                    format!("on {day} the end would not be after the start, or more than {days} days after it");
                flaws.senseless("repeat", format!("{message}: name the day in `except`"));
            }
            Ok(span) => spans.push(span),
            Err(message) => flaws.senseless("repeat", format!("{message}, or name the day in `except`")),
        }
    }
    if spans.len() > EVENTS_AT_MOST {
        flaws.senseless("repeat.until", format!("makes {} events: at most {EVENTS_AT_MOST}", spans.len()));
    }
    if spans.is_empty() && flaws.errors.is_empty() {
        flaws.senseless("repeat.except", "leaves no event");
    }
    spans
}

fn days_of(repeat: &Repeat, flaws: &mut Flaws) -> Option<(NaiveDate, Vec<NaiveDate>)> {
    let Every::Week = repeat.every;
    if repeat.except.len() > EXCEPTIONS_AT_MOST {
        flaws.malformed("repeat.except", format!("at most {EXCEPTIONS_AT_MOST}"));
        return None;
    }
    let until = read_date(flaws, "repeat.until", &repeat.until);
    let except = repeat.except.iter().enumerate();
    let except: Option<Vec<_>> =
        except.map(|(number, day)| read_date(flaws, &format!("repeat.except[{number}]"), day)).collect();
    until.zip(except)
}

fn later(wall: NaiveDateTime, weeks: u64) -> Option<NaiveDateTime> {
    wall.checked_add_days(Days::new(weeks * 7))
}

fn both(from: NaiveDateTime, to: NaiveDateTime, zone: Tz) -> Result<Span, String> {
    Ok((on_the_wall(from, zone)?, on_the_wall(to, zone)?))
}

/// By how much the events of a series are moved: a difference on the wall, for the start and for the end.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    start: TimeDelta,
    end: TimeDelta,
    zone: Tz,
}

impl Shift {
    /// From an event's times to others; an absent one stays.
    pub fn between(event: &Event, (start, end): (Option<DateTime<Utc>>, Option<DateTime<Utc>>), zone: Tz) -> Self {
        let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        let moved =
            |before, after: Option<DateTime<Utc>>| after.map(|after| wall(after) - wall(before)).unwrap_or_default();
        Self { start: moved(event.start, start), end: moved(event.end, end), zone }
    }

    /// The times of another event of the series, moved by as much. What is not moved keeps its instant.
    pub fn apply(&self, event: &Event, flaws: &mut Flaws) -> Span {
        let mut moved = |field, at: DateTime<Utc>, by: TimeDelta| {
            if by.is_zero() {
                return at;
            }
            let wall = at.with_timezone(&self.zone).naive_local().checked_add_signed(by);
            let instant = wall.map(|wall| on_the_wall(wall, self.zone));
            match instant {
                Some(Ok(instant)) => instant,
                Some(Err(message)) => {
                    flaws.senseless(field, format!("of {}: {message}, or change that event by itself", event.id));
                    at
                }
                None => at,
            }
        };
        (moved("start", event.start, self.start), moved("end", event.end, self.end))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::clock::local;
    use crate::timetable::events::tests::event;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn repeat(until: &str, except: &[&str]) -> Repeat {
        Repeat { every: Every::Week, until: until.into(), except: except.iter().map(|day| (*day).to_owned()).collect() }
    }

    fn starts(start: &str, end: &str, repeat: &Repeat) -> Result<Vec<String>, String> {
        let mut flaws = Flaws::default();
        let spans = lay_out((at(start), at(end)), repeat, Paris, &mut flaws);
        match flaws.errors.is_empty() {
            true => Ok(spans.into_iter().map(|(start, _)| local(start, Paris)).collect()),
            false => Err(flaws.told()),
        }
    }

    #[test]
    fn a_series_keeps_its_hour_on_the_wall_across_the_change_of_clocks() {
        let made = starts("2026-10-15T06:00:00Z", "2026-10-15T08:00:00Z", &repeat("2026-11-05", &["2026-10-29"]));
        let expected = ["2026-10-15T08:00:00+02:00", "2026-10-22T08:00:00+02:00", "2026-11-05T08:00:00+01:00"];
        assert_eq!(made.unwrap(), expected);
    }

    #[test]
    fn a_week_that_would_end_before_it_starts_is_told() {
        let told = starts("2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z", &repeat("2026-11-08", &[])).unwrap_err();
        assert!(told.contains("repeat: on 2026-11-01 the end would not be after the start"), "{told}");
    }

    #[test]
    fn what_makes_no_series_is_told() {
        let rows = [
            (repeat("2026-10-14", &[]), "repeat.until: must not be before"),
            (repeat("soon", &["x"]), "repeat.until: a date such as"),
            (repeat("2036-10-14", &[]), "repeat.until: makes 522 events: at most 200"),
            (repeat("2026-10-15", &["2026-10-15"]), "repeat.except: leaves no event"),
        ];
        for (repeat, told) in rows {
            let refused = starts("2026-10-15T06:00:00Z", "2026-10-15T08:00:00Z", &repeat).unwrap_err();
            assert!(refused.starts_with(told), "{refused}");
        }
        let gap = starts("2027-03-21T01:30:00Z", "2027-03-21T03:00:00Z", &repeat("2027-04-04", &[])).unwrap_err();
        assert!(gap.contains("2027-03-28T02:30:00 does not exist") && gap.ends_with("in `except`"), "{gap}");
    }

    #[test]
    fn a_shift_is_the_same_on_the_wall_of_each_day() {
        let summer = Event { start: at("2026-10-15T06:00:00Z"), end: at("2026-10-15T08:00:00Z"), ..event(0) };
        let winter = Event { start: at("2026-10-29T07:00:00Z"), end: at("2026-10-29T09:00:00Z"), ..event(0) };
        // A day and two hours later, and an hour longer.
        let to = (Some(at("2026-10-16T08:00:00Z")), Some(at("2026-10-16T11:00:00Z")));
        let moved = Shift::between(&summer, to, Paris).apply(&winter, &mut Flaws::default());
        assert_eq!(moved, (at("2026-10-30T09:00:00Z"), at("2026-10-30T12:00:00Z")));
        let stays = Shift::between(&summer, (None, None), Paris).apply(&winter, &mut Flaws::default());
        assert_eq!(stays, (winter.start, winter.end));
    }
}
