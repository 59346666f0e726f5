//! Dates, times and durations as RFC 5545 writes them (3.3.4, 3.3.5, 3.3.6). All arithmetic is
//! checked: a site may send the year 9999 and a duration of 10^18 seconds.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::property::Property;
use super::zone::Zones;

/// A DATE or DATE-TIME value in the form that it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp<'a> {
    /// A whole day, which begins when the site's day does.
    Date(NaiveDate),
    /// With a `Z`.
    Utc(DateTime<Utc>),
    /// With a TZID parameter.
    Zoned { local: NaiveDateTime, tzid: &'a str },
    /// With neither; it is read in the site's zone.
    Floating(NaiveDateTime),
}

impl<'a> Stamp<'a> {
    /// Reads the value of a property such as DTSTART, with its TZID.
    pub fn read(property: &Property<'a>) -> Option<Stamp<'a>> {
        Stamp::of(property.value, property.param("TZID"))
    }

    /// Reads one value; a TZID has no say over a date or a time that ends in `Z`.
    pub fn of(value: &str, tzid: Option<&'a str>) -> Option<Stamp<'a>> {
        let value = value.trim();
        match value.split_once(['T', 't']) {
            None => parse_date(value).map(Stamp::Date),
            Some((date, time)) => {
                let clock = time.trim_end_matches(['Z', 'z']);
                let local = parse_date(date)?.and_time(parse_time(clock)?);
                Some(match tzid {
                    _ if clock.len() < time.len() => Stamp::Utc(local.and_utc()),
                    Some(tzid) => Stamp::Zoned { local, tzid },
                    None => Stamp::Floating(local),
                })
            }
        }
    }

    /// The time on the wall; midnight for a date, UTC for a time with `Z`.
    pub fn local(&self) -> NaiveDateTime {
        match self {
            Stamp::Date(date) => date.and_time(NaiveTime::MIN),
            Stamp::Utc(time) => time.naive_utc(),
            Stamp::Zoned { local, .. } | Stamp::Floating(local) => *local,
        }
    }

    /// The instant that this form gives to a time on the wall.
    pub fn to_utc_of(&self, local: NaiveDateTime, zones: &Zones) -> DateTime<Utc> {
        match self {
            Stamp::Utc(_) => local.and_utc(),
            Stamp::Zoned { tzid, .. } => zones.to_utc(Some(tzid), local),
            Stamp::Date(_) | Stamp::Floating(_) => zones.to_utc(None, local),
        }
    }

    /// The instant.
    pub fn to_utc(&self, zones: &Zones) -> DateTime<Utc> {
        self.to_utc_of(self.local(), zones)
    }
}

/// `20261121T101500Z`. Years outside 0000..9999 are held at the border.
pub fn format_utc(t: DateTime<Utc>) -> String {
    format_local(t.naive_utc()) + "Z"
}

/// `20261121T101500`, likewise. A calendar has thousands of them, and chrono reads its pattern anew for each.
pub fn format_local(t: NaiveDateTime) -> String {
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
    let last = last.unwrap_or_default();
    let first = NaiveDate::from_ymd_opt(0, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    let t = t.clamp(first, last);
    let (date, time) = (
        t.year() * 10_000 + (t.month() * 100 + t.day()).cast_signed(),
        t.hour() * 10_000 + t.minute() * 100 + t.second(),
    );
    format!("{date:08}T{time:06}")
}

/// A duration (RFC 5545 3.3.6): days are those of the calendar, seconds those of the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub days: i64,
    pub seconds: i64,
}

impl Span {
    /// The end of something that starts at `start` and lasts so long.
    pub fn after(&self, start: &Stamp<'_>, zones: &Zones) -> Option<DateTime<Utc>> {
        let local = add_days(start.local(), self.days)?;
        let seconds = TimeDelta::try_seconds(self.seconds)?;
        start.to_utc_of(local, zones).checked_add_signed(seconds)
    }
}

/// Reads `P1D`, `PT1H30M`, `-P2W`, `P1DT12H`; lower case and a missing number's order are forgiven.
pub fn parse_duration(value: &str) -> Option<Span> {
    let value = value.trim();
    let (sign, rest) = match value.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    let mut span = Span::default();
    let mut number: Option<i64> = None;
    for c in rest.strip_prefix(['P', 'p'])?.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
        } else if !matches!(c, 'T' | 't') {
            span.add(number.take()?, c)?;
        }
    }
    let signed = Span { days: span.days.checked_mul(sign)?, seconds: span.seconds.checked_mul(sign)? };
    number.is_none().then_some(signed)
}

impl Span {
    fn add(&mut self, number: i64, unit: char) -> Option<()> {
        let (field, size) = match unit.to_ascii_uppercase() {
            'W' => (&mut self.days, 7),
            'D' => (&mut self.days, 1),
            'H' => (&mut self.seconds, 3600),
            'M' => (&mut self.seconds, 60),
            'S' => (&mut self.seconds, 1),
            _ => return None,
        };
        *field = field.checked_add(number.checked_mul(size)?)?;
        Some(())
    }
}

/// A time on the wall some days on.
pub(super) fn add_days(local: NaiveDateTime, days: i64) -> Option<NaiveDateTime> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { local.checked_sub_days(count) } else { local.checked_add_days(count) }
}

/// `20261121`.
pub(super) fn parse_date(value: &str) -> Option<NaiveDate> {
    let year = digits(value, 0, 4)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(value, 4, 2)?, digits(value, 6, 2)?)?;
    (value.len() == 8).then_some(date)
}

/// `101500`, or `1015` as some sites write; a leap second is the one before it.
fn parse_time(value: &str) -> Option<NaiveTime> {
    let second = match value.len() {
        6 => digits(value, 4, 2)?.min(59),
        4 => 0,
        _ => return None,
    };
    NaiveTime::from_hms_opt(digits(value, 0, 2)?, digits(value, 2, 2)?, second)
}

fn digits(value: &str, from: usize, count: usize) -> Option<u32> {
    value.as_bytes().get(from..from.checked_add(count)?)?.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    }

    #[test]
    fn values_are_read_in_every_form() {
        let noon = at("2026-11-21 12:00:00");
        let cases = [
            ("20261121", Some("X"), Some(Stamp::Date(noon.date()))),
            ("20261121T120000Z", Some("X"), Some(Stamp::Utc(noon.and_utc()))),
            ("20261121T120000", Some("X"), Some(Stamp::Zoned { local: noon, tzid: "X" })),
            (" 20261121t1200 ", None, Some(Stamp::Floating(noon))),
            ("20261121T115960", None, Some(Stamp::Floating(at("2026-11-21 11:59:59")))),
            ("20261121T250000", None, None),
            ("20260230", None, None),
            ("2026112", None, None),
            ("202611211", None, None),
            ("2026é121", None, None),
            ("", None, None),
            ("T", None, None),
        ];
        for (value, tzid, stamp) in cases {
            assert_eq!(Stamp::of(value, tzid), stamp, "{value}");
        }
    }

    #[test]
    fn durations_are_checked() {
        let cases = [
            ("P1D", Some((1, 0))),
            ("PT1H30M", Some((0, 5400))),
            ("-P2W", Some((-14, 0))),
            ("+P1DT5H0M20S", Some((1, 18020))),
            ("P", Some((0, 0))),
            ("PT1000000000000000000S", Some((0, 1_000_000_000_000_000_000))),
            ("PT9223372036854775807H", None),
            ("PT99999999999999999999S", None),
            ("P1", None),
            ("PD", None),
            ("1D", None),
            ("P1X", None),
        ];
        for (value, span) in cases {
            let span = span.map(|(days, seconds)| Span { days, seconds });
            assert_eq!(parse_duration(value), span, "{value}");
        }
    }

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(format_utc(at("2026-11-21 10:15:00").and_utc()), "20261121T101500Z");
        assert_eq!(format_utc(DateTime::<Utc>::MAX_UTC).len(), 16);
        assert_eq!(format_utc(DateTime::<Utc>::MIN_UTC), "00000101T000000Z");
    }
}
