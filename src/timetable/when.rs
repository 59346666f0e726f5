//! Instants of what is written: with any offset, or on the wall of the site's zone.
//!
//! A time on the wall that the clocks skip, or that comes twice, is refused with the two instants that it could mean:
//! nobody's class is moved by an hour in silence.

use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use super::flaws::Flaws;
use super::written::Written;
use crate::clock::local;

/// Years that a timetable speaks of.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// Which end of a day a date without a time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its first moment.
    Begin,
    /// Its last: the first moment of the next day.
    End,
}

/// Reads a time, or says what is wrong with the field.
pub fn read_instant(flaws: &mut Flaws, field: &str, text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let read = match Written::parse(text) {
        Some(Written::Instant(at)) => Ok(at),
        Some(Written::Wall(wall)) => on_the_wall(wall, zone),
        Some(Written::Day(_) | Written::Clock(_)) | None => {
            flaws.malformed(field, "a time such as 2026-11-23T08:00:00+01:00, or 2026-11-23T08:00 in the site's zone");
            return None;
        }
    };
    let read = read.map(|at| at.with_nanosecond(0).unwrap_or(at)).and_then(in_years);
    read.map_err(|message| flaws.senseless(field, message)).ok()
}

/// An instant that a timetable may speak of, or why not.
pub(super) fn in_years(at: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    match YEARS.contains(&at.year()) {
        true => Ok(at),
        false => Err(format!("the year {}: should be from {} to {}", at.year(), YEARS.start(), YEARS.end())),
    }
}

/// Reads one end of a range out of a query: as [`read_instant`], or a date. A `+` that was sent bare is a blank by now.
pub(super) fn read_edge(flaws: &mut Flaws, field: &str, text: &str, (zone, edge): (Tz, Edge)) -> Option<DateTime<Utc>> {
    if let Some(Written::Day(date)) = Written::parse(text) {
        let date = if edge == Edge::Begin { Some(date) } else { date.succ_opt() };
        let begin = date.filter(|date| YEARS.contains(&date.year())).map(|date| first_moment(date, zone));
        if begin.is_none() {
            flaws.senseless(field, format!("a year from {} to {}", YEARS.start(), YEARS.end()));
        }
        return begin;
    }
    let mended = match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains('T') => format!("{time}+{offset}"),
        _ => text.to_owned(),
    };
    read_instant(flaws, field, &mended, zone)
}

/// Reads a date, or says what is wrong with the field.
pub(super) fn read_date(flaws: &mut Flaws, field: &str, text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().filter(|date| YEARS.contains(&date.year()));
    if date.is_none() {
        flaws.malformed(field, "a date such as 2027-01-31");
    }
    date
}

/// The instant of a time on the wall, or which instants it could be.
pub(super) fn on_the_wall(wall: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, String> {
    let said = wall.format("%Y-%m-%dT%H:%M:%S");
    match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) => Ok(at.with_timezone(&Utc)),
        MappedLocalTime::Ambiguous(first, second) => {
            let (first, second) = (local(first.with_timezone(&Utc), zone), local(second.with_timezone(&Utc), zone));
            Err(format!("{said} comes twice in {zone}, where the clocks go back: say {first} or {second}"))
        }
        MappedLocalTime::None => {
            let [later, earlier] = [-3, 3].map(|hours| by_neighbour(wall, hours, zone));
            let could = [earlier, later].into_iter().flatten().map(|at| local(at, zone)).collect::<Vec<_>>();
            Err(format!("{said} does not exist in {zone}, where the clocks go forward: say {}", could.join(" or ")))
        }
    }
}

/// The instant of a time on the wall by the offset that holds so many hours from it.
fn by_neighbour(wall: NaiveDateTime, hours: i64, zone: Tz) -> Option<DateTime<Utc>> {
    let there = wall.checked_add_signed(TimeDelta::hours(hours))?;
    let at = zone.from_local_datetime(&there).latest()?;
    at.with_timezone(&Utc).checked_sub_signed(TimeDelta::hours(hours))
}

/// The first moment of a day; where the clocks skip midnight, the first one after.
pub fn first_moment(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let first = zone.from_local_datetime(&midnight).earliest().map(|at| at.with_timezone(&Utc));
    first.or_else(|| by_neighbour(midnight, -3, zone)).unwrap_or_else(|| midnight.and_utc())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    fn read(text: &str) -> Result<String, (bool, String)> {
        let mut flaws = Flaws::default();
        match read_instant(&mut flaws, "start", text, Paris) {
            Some(at) => Ok(local(at, Paris)),
            None => Err((flaws.malformed, flaws.told())),
        }
    }

    #[test]
    fn times_are_read_with_any_offset_and_on_the_wall() {
        let cases = [
            ("2026-11-23T08:00:00+01:00", "2026-11-23T08:00:00+01:00"),
            ("2026-11-23T07:00:00Z", "2026-11-23T08:00:00+01:00"),
            ("2026-11-23T07:00Z", "2026-11-23T08:00:00+01:00"),
            ("2026-11-23T08:00+01:00", "2026-11-23T08:00:00+01:00"),
            ("23/11/2026 8h00", "2026-11-23T08:00:00+01:00"),
            ("2026-11-23T02:00:00.123-05:00", "2026-11-23T08:00:00+01:00"),
            (" 2026-07-23T08:00 ", "2026-07-23T08:00:00+02:00"),
            ("2026-07-23 08:00:30", "2026-07-23T08:00:30+02:00"),
        ];
        for (text, at) in cases {
            assert_eq!(read(text).as_deref(), Ok(at), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_malformed_and_what_cannot_be_is_senseless() {
        let rows = [
            ("soon", true),
            ("2026-02-30T08:00", true),
            ("", true),
            ("2026-11-23", true),
            ("3026-01-01T08:00", false),
            ("1969-01-01T08:00Z", false),
        ];
        for (text, malformed) in rows {
            assert_eq!(read(text).unwrap_err().0, malformed, "{text}");
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_says_which_it_could_be() {
        let gap = read("2027-03-28T02:30").unwrap_err().1;
        assert!(gap.contains("does not exist in Europe/Paris"), "{gap}");
        assert!(gap.ends_with("say 2027-03-28T01:30:00+01:00 or 2027-03-28T03:30:00+02:00"), "{gap}");
        let fold = read("2026-10-25T02:30").unwrap_err().1;
        assert!(fold.contains("comes twice"), "{fold}");
        assert!(fold.ends_with("say 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"), "{fold}");
        assert_eq!(read("2026-10-25T02:30:00+02:00").unwrap(), "2026-10-25T02:30:00+02:00");
    }

    #[test]
    fn an_edge_may_be_a_date_and_a_plus_may_have_become_a_blank() {
        let edge = |text: &str, edge| {
            let at = read_edge(&mut Flaws::default(), "from", text, (Paris, edge)).unwrap();
            local(at, Paris)
        };
        assert_eq!(edge("2026-10-25", Edge::Begin), "2026-10-25T00:00:00+02:00");
        assert_eq!(edge("2026-10-25", Edge::End), "2026-10-26T00:00:00+01:00");
        assert_eq!(edge("2026-11-23T08:00:00 01:00", Edge::Begin), "2026-11-23T08:00:00+01:00");
        assert_eq!(edge("2026-11-23 08:00", Edge::Begin), "2026-11-23T08:00:00+01:00");
    }
}
