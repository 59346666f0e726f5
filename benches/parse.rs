//! How long a fetched calendar takes to be read: `cargo bench --bench parse [-- FILE]`.
//!
//! Without a file it makes a feed of 20,000 events itself. Prints medians of eleven runs on one core.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use carillon::ical::{Budget, Kind, Printer, Zones, content_key, occurrences, parse, read_event, vtimezone};

const RUNS: usize = 11;

fn main() {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let body = file.map_or_else(feed, |path| std::fs::read(path).expect("the file can be read"));
    let calendar = parse(&body, None).expect("the feed is a calendar");
    println!("{:.1} MB, {} components", body.len() as f64 / 1e6, calendar.components().count());
    show("parse", || parse(&body, None).map(|calendar| calendar.components().count()).unwrap_or(0));
    show("parse, read_event and content_key", || index(&body));
    show("print", || print(&body, &calendar));
    show("occurrences of 180 days", || expand(&calendar));
}

fn index(body: &[u8]) -> usize {
    let calendar = parse(body, None).expect("it was a calendar before");
    let zones = Zones::read(calendar.zones(), chrono_tz::Europe::Paris);
    let events = calendar.of_kind(Kind::Event);
    let indexed = events.map(|text| (read_event(text, &zones), content_key(text)));
    indexed.inspect(|entry| _ = black_box(entry)).fold(0, |count, _| count + 1)
}

fn print(body: &[u8], calendar: &carillon::ical::Calendar) -> usize {
    let mut printer = Printer::with_capacity(body.len() * 9 / 8);
    calendar.components().for_each(|component| printer.component(component.text));
    printer.finish().len()
}

fn expand(calendar: &carillon::ical::Calendar) -> usize {
    let zones = Zones::read(calendar.zones(), chrono_tz::Europe::Paris);
    let events: Vec<_> = calendar.of_kind(Kind::Event).map(|text| read_event(text, &zones)).collect();
    let from = chrono::DateTime::from_timestamp(1_790_000_000, 0).expect("a time in 2026");
    let to = from + chrono::TimeDelta::days(180);
    occurrences(&events, &zones, from, to, usize::MAX, &mut Budget::new(1_000_000)).len()
}

fn show<T>(what: &str, run: impl Fn() -> T) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{:8.2} ms  {what}", times[RUNS / 2].as_secs_f64() * 1e3);
}

fn feed() -> Vec<u8> {
    let mut printer = Printer::new();
    printer.component("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Carillon//bench//FR\n");
    printer.component(&vtimezone(chrono_tz::Europe::Paris));
    for n in 0..20_000 {
        let (day, hour) = (n / 4 % 28 + 1, n % 4 * 2 + 8);
        let month = n / 112 % 12 + 1;
        printer.line("BEGIN:VEVENT");
        printer.property("UID", &format!("edt-{n:06}@planning.ecole.example"));
        printer.property("DTSTAMP", "20261121T101500Z");
        printer.property("DTSTART;TZID=Europe/Paris", &format!("2026{month:02}{day:02}T{hour:02}1500"));
        printer.property("DTEND;TZID=Europe/Paris", &format!("2026{month:02}{day:02}T{:02}0000", hour + 2));
        printer.text("SUMMARY", "Électronique numérique, TD");
        printer.text("LOCATION", "Bât. B - B204, rez-de-chaussée");
        printer.text("DESCRIPTION", "Enseignant : Mme Crèvecœur\nGroupe : 2A-INFRES-G1\nRemarque : séance déplacée");
        printer.line("END:VEVENT");
    }
    printer.line("END:VCALENDAR");
    printer.finish()
}
