//! A VTIMEZONE of our own for an IANA zone, in the form that Outlook needs: STANDARD and DAYLIGHT with
//! a yearly rule from 1970 on (needs.md A2). It depends on the zone's data alone, not on today.

use std::fmt::Write as _;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::{OffsetName, Tz};

/// The years that are looked at for a zone's rule. Eleven, so that each month begins on each weekday.
const YEARS: std::ops::RangeInclusive<i32> = 2026..=2036;

/// The VTIMEZONE of a zone as a component's text. A zone whose changes follow no yearly rule (Morocco's
/// follow the moon) has them listed as RDATEs; one without changes has its offset alone.
pub fn vtimezone(tz: Tz) -> String {
    let changes = YEARS.flat_map(|year| changes_in(tz, year));
    let (daylight, standard): (Vec<Change>, Vec<Change>) = changes.partition(|c| c.to > c.from);
    let mut text = format!("BEGIN:VTIMEZONE\nTZID:{}\n", tz.name());
    if daylight.is_empty() || standard.is_empty() {
        text.push_str(&fixed(tz));
    } else {
        text.push_str(&part("DAYLIGHT", &daylight));
        text.push_str(&part("STANDARD", &standard));
    }
    text.push_str("END:VTIMEZONE\n");
    text
}

/// The clocks go from one offset to another (in seconds east).
#[derive(Clone, Debug)]
struct Change {
    /// On the wall, before the change.
    at: NaiveDateTime,
    from: i32,
    to: i32,
    name: Option<String>,
}

fn changes_in(tz: Tz, year: i32) -> Vec<Change> {
    let midnight = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    let (mut day, end) = (midnight(year), midnight(year + 1));
    let mut changes = Vec::new();
    let mut offset = seconds(tz, day);
    while day < end {
        let next = day + TimeDelta::days(1);
        let then = seconds(tz, next);
        if offset != then {
            changes.push(change_between(tz, day, next));
        }
        (day, offset) = (next, then);
    }
    changes
}

fn change_between(tz: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> Change {
    let from = seconds(tz, before);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = middle - TimeDelta::nanoseconds(middle.timestamp_subsec_nanos().into());
        if seconds(tz, middle) == from { before = middle } else { after = middle }
    }
    let at = after.naive_utc() + TimeDelta::seconds(from.into());
    Change { at, from, to: seconds(tz, after), name: name_at(tz, after) }
}

fn seconds(tz: Tz, at: DateTime<Utc>) -> i32 {
    tz.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

fn name_at(tz: Tz, at: DateTime<Utc>) -> Option<String> {
    tz.offset_from_utc_datetime(&at.naive_utc()).abbreviation().map(str::to_owned)
}

fn fixed(tz: Tz) -> String {
    let at = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    let start = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    let offset = seconds(tz, at);
    let only = Change { at: start, from: offset, to: offset, name: name_at(tz, at) };
    lines("STANDARD", &only, start, "")
}

fn part(kind: &str, changes: &[Change]) -> String {
    let Some(first) = changes.first() else {
        return String::new();
    };
    match rule_of(changes) {
        Some((rule, start)) => lines(kind, first, start, &format!("RRULE:{rule}\n")),
        None => {
            let rest: Vec<String> = changes.iter().skip(1).map(|change| local(change.at)).collect();
            let dates = if rest.is_empty() { String::new() } else { format!("RDATE:{}\n", rest.join(",")) };
            lines(kind, first, first.at, &dates)
        }
    }
}

fn lines(kind: &str, change: &Change, start: NaiveDateTime, more: &str) -> String {
    let mut text = format!("BEGIN:{kind}\nDTSTART:{}\n", local(start));
    let offsets = (offset(change.from), offset(change.to));
    let _ = write!(text, "TZOFFSETFROM:{}\nTZOFFSETTO:{}\n", offsets.0, offsets.1);
    if let Some(name) = &change.name {
        let _ = writeln!(text, "TZNAME:{name}");
    }
    text + more + &format!("END:{kind}\n")
}

fn local(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

fn offset(seconds: i32) -> String {
    FixedOffset::east_opt(seconds).map_or("+0000".into(), |offset| offset.to_string().replace(':', ""))
}

/// The yearly rule that all changes follow, and its first moment since 1970.
fn rule_of(changes: &[Change]) -> Option<(String, NaiveDateTime)> {
    let first = changes.first()?;
    let (month, weekday) = (first.at.month(), first.at.weekday());
    let alike = changes.len() == YEARS.count()
        && changes.iter().all(|c| {
            (c.at.month(), c.at.weekday(), c.at.time(), c.from, c.to)
                == (month, weekday, first.at.time(), first.from, first.to)
        });
    let days: Vec<u32> = changes.iter().map(|change| change.at.day()).collect();
    let (from, to) = (*days.iter().min()?, *days.iter().max()?);
    let length = u32::from(first.at.date().num_days_in_month());
    if !alike || to - from > 6 {
        return None;
    }
    let day = code(weekday);
    let by = match from {
        _ if to > 28 && from + 6 == length => format!("BYDAY=-1{day}"),
        1 | 8 | 15 | 22 => format!("BYDAY={}{day}", from / 7 + 1),
        _ => {
            let days: Vec<String> = (from..=from + 6).map(|day| day.to_string()).collect();
            format!("BYMONTHDAY={};BYDAY={day}", days.join(","))
        }
    };
    let start = (from..=from + 6)
        .filter_map(|day| NaiveDate::from_ymd_opt(1970, month, day))
        .find(|date| date.weekday() == weekday)?;
    Some((format!("FREQ=YEARLY;BYMONTH={month};{by}"), start.and_time(first.at.time())))
}

fn code(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::super::observance::Observances;
    use super::*;

    #[test]
    fn paris_has_the_form_that_outlook_needs() {
        let expected = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:DAYLIGHT\nDTSTART:19700329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nTZNAME:CET\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n";
        assert_eq!(vtimezone(chrono_tz::Europe::Paris), expected);
    }

    #[test]
    fn zones_without_changes_have_one_part() {
        for tz in [chrono_tz::UTC, chrono_tz::GMT, chrono_tz::Asia::Tokyo, chrono_tz::Europe::Istanbul] {
            let text = vtimezone(tz);
            assert_eq!(text.matches("BEGIN:STANDARD\nDTSTART:19700101T000000\n").count(), 1, "{text}");
            assert!(!text.contains("DAYLIGHT") && !text.contains("None"), "{text}");
        }
        assert!(vtimezone(chrono_tz::Asia::Tokyo).contains("TZOFFSETFROM:+0900\nTZOFFSETTO:+0900\n"));
    }

    #[test]
    fn every_zone_says_what_chrono_does() {
        for tz in chrono_tz::TZ_VARIANTS {
            let text = vtimezone(tz);
            let zone = Observances::read(&text, &mut 1_000_000).unwrap();
            for hours in (0..9 * 366 * 24).step_by(61) {
                let base = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap().and_time(NaiveTime::MIN);
                let local = base + TimeDelta::hours(hours);
                if let Some(there) = tz.from_local_datetime(&local).earliest() {
                    assert_eq!(zone.to_utc(local), there.to_utc(), "{tz} {local}\n{text}");
                }
            }
        }
    }
}
