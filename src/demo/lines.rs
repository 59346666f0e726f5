//! Plain writing of iCalendar text (RFC 5545), just enough for a sample school.
//!
//! Independent of `crate::ical` on purpose: the demo's upstream must not agree with our parser by sharing its code.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The zone's rules as Outlook wants them: both halves of the year, each with a rule.
pub const EUROPE_PARIS: [&str; 17] = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Paris",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// A TEXT value: `\`, `;`, `,` and line breaks escaped (RFC 5545, 3.3.11).
pub fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out
}

/// A date-time in UTC, `20261121T054500Z`.
pub fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A property with a wall-clock time in Europe/Paris.
pub fn paris(name: &str, time: NaiveDateTime) -> String {
    format!("{name};TZID=Europe/Paris:{}", time.format("%Y%m%dT%H%M%S"))
}

/// Logical lines to a file: CRLF everywhere, folded at 75 octets between characters (RFC 5545, 3.1).
pub fn print<S: AsRef<str>>(lines: &[S]) -> String {
    let mut out = String::new();
    for line in lines {
        fold(line.as_ref(), &mut out);
    }
    out
}

fn fold(line: &str, out: &mut String) {
    let mut room = 75;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = 74;
        }
        room -= c.len_utf8();
        out.push(c);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_escapes_what_the_rfc_names() {
        assert_eq!(text("a, b; c\\d\ne"), "a\\, b\\; c\\\\d\\ne");
    }

    #[test]
    fn no_printed_line_is_longer_than_75_octets_and_unfolding_gives_it_back() {
        for width in 60..90 {
            let line = format!("{}{}", "x".repeat(width), "é€😀".repeat(40));
            let printed = print(&[&line]);
            assert!(printed.split("\r\n").all(|physical| physical.len() <= 75));
            assert_eq!(printed.replace("\r\n ", ""), format!("{line}\r\n"));
        }
    }

    #[test]
    fn a_line_of_exactly_75_octets_is_not_folded() {
        assert_eq!(print(&["x".repeat(75)]), format!("{}\r\n", "x".repeat(75)));
    }
}
