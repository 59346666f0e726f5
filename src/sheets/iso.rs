//! Dates and lengths of time as OpenDocument writes them, and .xlsx where it does not count days (ISO 8601).

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use super::Cell;

/// `2026-11-23T08:00:00`, or a day.
pub(super) fn date(text: &str) -> Option<Cell> {
    const FORMS: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let text = text.strip_suffix('Z').unwrap_or(text);
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(Cell::Date(day));
    }
    let at = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(Cell::DateTime(nearest_second(at)?))
}

/// A time that was computed may be a hair before the full second.
fn nearest_second(at: NaiveDateTime) -> Option<NaiveDateTime> {
    let up = TimeDelta::seconds(i64::from(at.nanosecond() >= 500_000_000));
    at.with_nanosecond(0)?.checked_add_signed(up)
}

/// `PT08H00M00S`, of hours, minutes and seconds; more than days an hour's column may hold is none.
pub(super) fn length(text: &str) -> Option<Cell> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, weight) in [('H', 3_600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            // A decimal comma is ISO's own.
            seconds += number.replace(',', ".").parse::<f64>().ok()? * weight;
            rest = after;
        }
    }
    let in_order = rest.is_empty() && (0.0..=1e11).contains(&seconds);
    // Bounded by the line above: it fits.
    let whole = seconds.round() as i64;
    in_order.then(|| Cell::Time(TimeDelta::seconds(if negative { -whole } else { whole })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_to_the_second() {
        let at = |text: &str| match date(text) {
            Some(Cell::DateTime(at)) => at.to_string(),
            Some(Cell::Date(day)) => day.to_string(),
            other => format!("{other:?}"),
        };
        let cases = [
            ("2026-11-23", "2026-11-23"),
            ("2026-11-23T00:00:00", "2026-11-23 00:00:00"),
            ("2026-11-23T08:00", "2026-11-23 08:00:00"),
            ("2026-11-23T08:00:00.400000000", "2026-11-23 08:00:00"),
            ("2026-11-23T07:59:59.999999999", "2026-11-23 08:00:00"),
            ("2026-11-23T08:00:00Z", "2026-11-23 08:00:00"),
            ("23/11/2026", "None"),
            ("", "None"),
        ];
        for (text, expected) in cases {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_read() {
        let cases = [
            ("PT08H30M00S", Some(30_600)),
            ("PT26H00M00.5S", Some(93_601)),
            ("-PT1H", Some(-3_600)),
            ("PT90M", Some(5_400)),
            ("P1D", None),
            ("PT1M1H", None),
            ("PTinfH", None),
            ("PTNaNS", None),
            ("PT9e300H", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(length(text), seconds.map(|seconds| Cell::Time(TimeDelta::seconds(seconds))), "{text}");
        }
    }
}
