//! What a written time says, before anybody knows which instant that is: RFC 3339 and its kin, and as it is written in
//! France.
//!
//! A date is year first, or day first; never month first. Nothing is guessed: what could be two things is none.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// With an offset, as programs write it; the seconds may be missing.
const OFFSET: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"];

/// What is said of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// An instant: it came with an offset.
    Instant(DateTime<Utc>),
    /// A day and a time on the wall.
    Wall(NaiveDateTime),
    /// A day.
    Day(NaiveDate),
    /// A time of some day.
    Clock(NaiveTime),
}

impl Written {
    /// Reads a text: `2026-11-23T08:00+01:00`, `2026-11-23T08:00`, `23/11/2026 à 8h00`, `23/11/2026`, `8h`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let zulu = text.strip_suffix(['Z', 'z']).map(|text| format!("{text}+00:00"));
        let instant = zulu.as_deref().unwrap_or(text);
        if let Some(at) = OFFSET.iter().find_map(|form| DateTime::parse_from_str(instant, form).ok()) {
            return Some(Self::Instant(at.with_timezone(&Utc)));
        }
        let mut parts =
            text.split([' ', '\u{a0}', '\u{202f}', 'T']).filter(|part| !["", "à", "a", "at"].contains(part));
        match (parts.next(), parts.next(), parts.next()) {
            (Some(date), Some(clock), None) => Some(Self::Wall(parse_date(date)?.and_time(parse_clock(clock)?))),
            (Some(one), None, None) => parse_date(one).map(Self::Day).or_else(|| parse_clock(one).map(Self::Clock)),
            _ => None,
        }
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let short = i32::from(year.len() == 2) * 2000;
    let year = digits(year).filter(|_| [2, 4].contains(&year.len()))?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()? + short, digits(month)?, digits(day)?)
}

/// `8h`, `8h00`, `08:00`, `08:00:00`.
fn parse_clock(text: &str) -> Option<NaiveTime> {
    let text = text
        .split_once('.')
        .map_or(text, |(whole, fraction)| if fraction.bytes().all(|b| b.is_ascii_digit()) { whole } else { text });
    let parts: Vec<&str> = text.split([':', 'h', 'H']).collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, ""] if text.ends_with(['h', 'H']) => (digits(hour)?, 0, 0),
        [hour, minute] => (digits(hour)?, digits(minute)?, 0),
        [hour, minute, second] => (digits(hour)?, digits(minute)?, digits(second)?),
        _ => return None,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// A number of at most four digits, and nothing else.
pub(super) fn digits(text: &str) -> Option<u32> {
    (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_an_instant_or_a_part_of_one() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        let instant = Written::Instant("2026-11-23T07:00:00Z".parse().unwrap());
        let cases = [
            ("2026-11-23T08:00+01:00", Some(instant)),
            ("2026-11-23T07:00Z", Some(instant)),
            ("2026-11-23 08:00:00+0100", Some(instant)),
            ("23/11/2026 à 8h", Some(Written::Wall(day.and_time(eight)))),
            ("23.11.26", Some(Written::Day(day))),
            ("8h00", Some(Written::Clock(eight))),
            ("11/23/2026", None),
            ("8", None),
        ];
        for (text, written) in cases {
            assert_eq!(Written::parse(text), written, "{text}");
        }
    }
}
