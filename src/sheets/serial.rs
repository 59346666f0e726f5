//! Dates and times as spreadsheets keep them: days since an epoch, and parts of a day.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Cell;

const DAY_SECS: f64 = 86_400.0;
/// Beyond it lies no date that anybody writes: the last day of 9999.
const DAYS_AT_MOST: f64 = 2_958_466.0;

/// Where a workbook's days are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    /// Day 1 is the first of January 1900, and there is a 29th of February in that year.
    #[default]
    Of1900,
    /// Day 0 is the first of January 1904.
    Of1904,
}

/// A number that is formatted as a date or a time. Less than a day is a time.
pub(super) fn moment(serial: f64, epoch: Epoch) -> Cell {
    match serial {
        _ if (0.0..1.0).contains(&serial) => length(serial),
        _ => date(serial, epoch).map_or_else(|| Cell::Bad(format!("{serial} as a date")), Cell::DateTime),
    }
}

/// A number that is formatted as a date without a time: a day, unless there is a time in it that is not shown.
pub(super) fn day(serial: f64, epoch: Epoch) -> Cell {
    match moment(serial, epoch) {
        Cell::DateTime(at) if at.time() == NaiveTime::MIN => Cell::Date(at.date()),
        moment => moment,
    }
}

/// A number that is formatted as a length of time.
pub(super) fn length(serial: f64) -> Cell {
    match seconds(serial) {
        Some(seconds) => Cell::Time(TimeDelta::seconds(seconds)),
        None => Cell::Bad(format!("{serial} as a time")),
    }
}

fn date(serial: f64, epoch: Epoch) -> Option<NaiveDateTime> {
    let first = match epoch {
        Epoch::Of1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        Epoch::Of1900 if serial < 60.0 => NaiveDate::from_ymd_opt(1899, 12, 31)?,
        Epoch::Of1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let since = seconds(serial).filter(|seconds| *seconds >= 0)?;
    first.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::seconds(since))
}

/// To the nearest second: a third of a day is not written exactly.
fn seconds(serial: f64) -> Option<i64> {
    // A product of two bounded numbers: it fits.
    (serial.abs() <= DAYS_AT_MOST).then(|| (serial * DAY_SECS).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_either_epoch() {
        let cases = [
            (46_349.333_333_333_336, Epoch::Of1900, "2026-11-23 08:00:00"),
            (44_887.333_333_333_336, Epoch::Of1904, "2026-11-23 08:00:00"),
            (46_349.999_999, Epoch::Of1900, "2026-11-24 00:00:00"),
            (1.0, Epoch::Of1900, "1900-01-01 00:00:00"),
            (61.0, Epoch::Of1900, "1900-03-01 00:00:00"),
            (2_958_465.0, Epoch::Of1900, "9999-12-31 00:00:00"),
        ];
        for (serial, epoch, at) in cases {
            let Cell::DateTime(found) = moment(serial, epoch) else { panic!("{serial}") };
            assert_eq!(found.to_string(), at, "{serial}");
        }
    }

    #[test]
    fn less_than_a_day_is_a_time_and_nonsense_is_bad() {
        assert_eq!(moment(1.0 / 3.0, Epoch::Of1904), Cell::Time(TimeDelta::hours(8)));
        let whole = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(day(46_349.0, Epoch::Of1900), Cell::Date(whole));
        assert_eq!(day(46_349.5, Epoch::Of1900), Cell::DateTime(whole.and_hms_opt(12, 0, 0).unwrap()));
        assert_eq!(length(1.5), Cell::Time(TimeDelta::hours(36)));
        for serial in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(matches!(moment(serial, Epoch::Of1900), Cell::Bad(_)), "{serial}");
        }
        assert!(matches!(length(-1e300), Cell::Bad(_)));
    }
}
