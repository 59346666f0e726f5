//! Times and lengths of time as cells hold them: as spreadsheets keep them, or as text that the timetable's reader of times
//! takes. What has no offset is on the wall of the site's zone; a day alone is no time, however it is kept.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::error::shortened;
use crate::sheets::Cell;
use crate::timetable::when::{in_years, on_the_wall};
use crate::timetable::written::{Written, digits};

const FORMS: &str =
    "a date and time such as 23/11/2026 08:00 or 2026-11-23T08:00, on the site's clock or with an offset";

impl Written {
    /// Reads a cell.
    pub(super) fn read(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Date(day) => Ok(Self::Day(*day)),
            Cell::DateTime(at) => Ok(Self::Wall(*at)),
            Cell::Time(since_midnight) => {
                clock_of(*since_midnight).map(Self::Clock).ok_or_else(|| format!("should be {FORMS}"))
            }
            Cell::Text(text) => Self::parse(text).ok_or_else(|| format!("{:?} should be {FORMS}", shortened(text, 40))),
            Cell::Bad(error) => Err(holds_error(error)),
            Cell::Number(number) => {
                Err(format!("{number} is a plain number: format the column as a date, or write {FORMS}"))
            }
            Cell::Empty | Cell::Bool(_) => Err(format!("should be {FORMS}")),
        }
    }

    /// The day of it, where it has one.
    pub(super) fn day(self, zone: Tz) -> Option<NaiveDate> {
        match self {
            Self::Instant(at) => Some(at.with_timezone(&zone).date_naive()),
            Self::Wall(at) => Some(at.date()),
            Self::Day(day) => Some(day),
            Self::Clock(_) => None,
        }
    }

    /// The instant, with what other columns say: a day for a time alone, a time for a day alone.
    pub(super) fn resolve(
        self,
        day: Option<NaiveDate>,
        clock: Option<NaiveTime>,
        zone: Tz,
    ) -> Result<DateTime<Utc>, String> {
        let wall = match (self, clock) {
            (Self::Instant(at), _) => return in_years(at.with_nanosecond(0).unwrap_or(at)),
            (Self::Wall(at), Some(clock)) if at.time() == NaiveTime::MIN => at.date().and_time(clock),
            (Self::Wall(at), _) => at,
            (Self::Day(day), Some(clock)) => day.and_time(clock),
            (Self::Day(day), None) => return Err(format!("{day} has no time: should be {FORMS}")),
            (Self::Clock(clock), _) => {
                day.ok_or_else(|| format!("{clock} has no day: should be {FORMS}"))?.and_time(clock)
            }
        };
        on_the_wall(wall.with_nanosecond(0).unwrap_or(wall), zone).and_then(in_years)
    }
}

/// What a cell with an error is told as.
pub(super) fn holds_error(error: &str) -> String {
    format!("the spreadsheet shows {:?} here, not a value", shortened(error, 20))
}

/// A time of day out of a cell for a length of time.
fn clock_of(since_midnight: TimeDelta) -> Option<NaiveTime> {
    let seconds = u32::try_from(since_midnight.num_seconds()).ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
}

/// Reads how long something takes. A number alone could be hours or minutes, and is refused.
pub(super) fn read_length(cell: &Cell) -> Result<TimeDelta, String> {
    const LENGTHS: &str = "a length of time such as 1:30, 1h30 or 90 min";
    match cell {
        Cell::Time(length) => Ok(*length),
        Cell::Text(text) => {
            parse_length(text.trim()).ok_or_else(|| format!("{:?} should be {LENGTHS}", shortened(text, 40)))
        }
        Cell::Bad(error) => Err(holds_error(error)),
        Cell::Number(number) => Err(format!("{number} could be hours or minutes: should be {LENGTHS}")),
        Cell::Empty | Cell::Bool(_) | Cell::Date(_) | Cell::DateTime(_) => Err(format!("should be {LENGTHS}")),
    }
}

fn parse_length(text: &str) -> Option<TimeDelta> {
    let minutes = ["minutes", "minute", "min", "mn"].iter().find_map(|unit| text.strip_suffix(unit));
    if let Some(minutes) = minutes.and_then(|minutes| digits(minutes.trim())) {
        return Some(TimeDelta::minutes(i64::from(minutes)));
    }
    let clock = text.replace([' ', '\u{a0}'], "");
    let (hours, rest) = clock.split_once([':', 'h', 'H'])?;
    let minutes = if rest.is_empty() {
        0
    } else {
        digits(rest.strip_suffix(":00").unwrap_or(rest)).filter(|minutes| *minutes < 60)?
    };
    Some(TimeDelta::minutes(i64::from(digits(hours)?) * 60 + i64::from(minutes)))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::clock::local;

    fn at(text: &str) -> Result<String, String> {
        let said = Written::read(&Cell::Text(text.to_owned()))?;
        Ok(local(said.resolve(None, None, Paris)?, Paris))
    }

    #[test]
    fn times_are_read_as_people_and_programs_write_them() {
        let cases = [
            "2026-11-23T08:00:00+01:00",
            "2026-11-23T07:00:00Z",
            "2026-11-23T07:00Z",
            "2026-11-23 08:00:00.000+0100",
            "2026-11-23T02:00:00-05",
            "2026-11-23T08:00",
            "2026-11-23 08:00:00",
            "2026-11-23 08:00:00.123",
            "23/11/2026 08:00",
            " 23/11/2026  8h00 ",
            "23/11/2026 à 8h",
            "23.11.2026 8:00",
            "23-11-26 08:00",
            "23/11/2026\u{a0}08:00",
        ];
        for text in cases {
            assert_eq!(at(text).as_deref(), Ok("2026-11-23T08:00:00+01:00"), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told() {
        for text in [
            "",
            "demain",
            "11/23/2026 08:00",
            "30/02/2026 08:00",
            "23/11/2026 25:00",
            "1/2/3 8:00",
            "23/11/2026 08:00 x",
            "8:00",
        ] {
            assert!(at(text).unwrap_err().contains("23/11/2026 08:00 or"), "{text}");
        }
        assert!(at("23/11/2026").unwrap_err().contains("has no time"));
        let day = Cell::Date(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
        let of_workbook = Written::read(&day).and_then(|said| said.resolve(None, None, Paris));
        assert_eq!(of_workbook.unwrap_err(), at("23/11/2026").unwrap_err());
        let long = at(&"x".repeat(500)).unwrap_err();
        assert!(long.chars().count() < 200, "{long}");
        assert!(
            at("2026-10-25 02:30").unwrap_err().ends_with("say 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00")
        );
        assert!(at("28/03/2027 02:30").unwrap_err().contains("does not exist"));
        assert!(at("1066-10-14 09:00").unwrap_err().contains("the year 1066"));
        assert!(Written::read(&Cell::Number(46_349.3)).unwrap_err().contains("format the column as a date"));
        assert!(Written::read(&Cell::Bad("#REF!".into())).unwrap_err().contains("#REF!"));
    }

    #[test]
    fn a_day_and_a_time_may_stand_in_two_cells() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        let resolve = |said: Written, day, clock| local(said.resolve(day, clock, Paris).unwrap(), Paris);
        let cases = [
            (Written::Day(day), None, Some(eight)),
            (Written::Wall(day.into()), None, Some(eight)),
            (Written::Clock(eight), Some(day), None),
        ];
        for (said, day, clock) in cases {
            assert_eq!(resolve(said, day, clock), "2026-11-23T08:00:00+01:00");
        }
        assert_eq!(Written::read(&Cell::Time(TimeDelta::hours(8))), Ok(Written::Clock(eight)));
        assert!(Written::read(&Cell::Time(TimeDelta::hours(30))).is_err());
    }

    #[test]
    fn lengths_are_read_and_bare_numbers_refused() {
        for text in ["1:30", "1h30", "1 h 30", "01:30:00", "90 min", "90minutes"] {
            assert_eq!(read_length(&Cell::Text(text.to_owned())), Ok(TimeDelta::minutes(90)), "{text}");
        }
        assert_eq!(read_length(&Cell::Text("2h".into())), Ok(TimeDelta::hours(2)));
        for text in ["90", "", "h", "1:75", "-1:00", "long"] {
            assert!(read_length(&Cell::Text(text.into())).is_err(), "{text}");
        }
        assert!(read_length(&Cell::Number(1.5)).unwrap_err().contains("hours or minutes"));
    }
}
