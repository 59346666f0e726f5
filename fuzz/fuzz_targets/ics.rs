//! Any bytes as a calendar: refused with a reason, or taken whole.
//!
//! Taken whole means that every component can be looked at, and that what is printed reads back as the same logical
//! lines. Rules are expanded with a budget: none may hang.

#![no_main]

use carillon::ical::content::{content_key, content_key_without_uid};
use carillon::ical::event::{Event, read_event};
use carillon::ical::parse::{Calendar, Kind, parse};
use carillon::ical::print::Printer;
use carillon::ical::recur::{Budget, occurrences};
use carillon::ical::zone::Zones;
use chrono::{TimeZone, Utc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(calendar) = parse(data, None) else {
        return;
    };
    look_at_everything(&calendar);
    reads_back(&calendar);
});

fn look_at_everything(calendar: &Calendar) {
    let zones = Zones::read(calendar.zones(), chrono_tz::Europe::Paris);
    for component in calendar.components() {
        let _ = content_key(component.text);
        let _ = content_key_without_uid(component.text);
        let _ = read_event(component.text, &zones);
    }
    let events: Vec<Event> = calendar
        .of_kind(Kind::Event)
        .map(|text| read_event(text, &zones))
        .collect();
    let (from, to) = (day(2026, 1), day(2026, 12));
    let found = occurrences(&events, &zones, from, to, 1000, &mut Budget::new(10_000));
    assert!(found.len() <= 1000);
    for occurrence in found {
        assert!(occurrence.event < events.len());
        assert!(occurrence.start <= occurrence.end);
    }
}

fn day(year: i32, month: u32) -> chrono::DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).unwrap()
}

fn print(calendar: &Calendar) -> Vec<u8> {
    let mut printer = Printer::new();
    printer.line("BEGIN:VCALENDAR");
    for line in calendar.header_lines() {
        printer.line(line);
    }
    for component in calendar.components() {
        printer.component(component.text);
    }
    printer.line("END:VCALENDAR");
    printer.finish()
}

fn reads_back(calendar: &Calendar) {
    let printed = print(calendar);
    assert!(printed.ends_with(b"\r\n"));
    for line in printed.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 76, "75 octets and the CR");
        assert!(std::str::from_utf8(line).is_ok());
    }
    let again = parse(&printed, None).expect("what was printed is a calendar");
    assert!(calendar.header_lines().eq(again.header_lines()));
    let texts = |calendar: &Calendar| -> Vec<String> {
        calendar
            .components()
            .map(|component| component.text.to_owned())
            .collect()
    };
    assert_eq!(texts(calendar), texts(&again));
    let keys = |calendar: &Calendar| -> Vec<u64> {
        calendar
            .components()
            .map(|component| content_key(component.text))
            .collect()
    };
    assert_eq!(keys(calendar), keys(&again));
}
