//! A selection as iCalendar text (RFC 5545, RFC 7986): one VCALENDAR, each zone once, each event in its own words.

use std::collections::HashSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::cache::Ready;
use super::distinct::{Shown, distinct};
use super::event::write_event;
use super::notice::notice;
use super::select::{Calendar, Format, Selection, Stamp};
use super::stamp::Stamper;
use super::{CalendarError, Calendars, csv, own};
use crate::config::Language;
use crate::ical::{self, Kind, Printer};
use crate::store::StoreError;

impl Calendars {
    /// Renders a calendar: plain and compressed, once, for everybody who will ask for it.
    pub(super) fn render(&self, calendar: &Calendar, format: Format) -> Result<Ready, CalendarError> {
        let stamp = Stamp::of(calendar, &self.feeds.app);
        let selection = self.select(calendar)?;
        if self.is_not_yet(&selection) {
            return Err(CalendarError::NotYet);
        }
        let plain = match format {
            Format::Ics => render_ics(&selection),
            Format::Csv => csv::render(&selection, csv::Dialect::Rfc4180),
            Format::CsvForExcel => csv::render(&selection, csv::Dialect::Excel),
        };
        let gzip = compressed(&plain).map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Ready::new(&selection, format, stamp, plain, gzip))
    }
}

/// Deterministic: no file name and no time in the head.
fn compressed(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 6), Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// The whole text.
pub fn render_ics(selection: &Selection) -> Vec<u8> {
    let shown = distinct(selection);
    let of_feeds: usize = shown.iter().map(|shown| shown.item.text.len() + 200).sum();
    let own: usize = selection.own.iter().map(|event| event.subject.len() + event.notes.len() + 500).sum();
    let mut out = Printer::with_capacity(of_feeds + own + 2000);
    out.line("BEGIN:VCALENDAR");
    write_head(&mut out, selection);
    write_zones(&mut out, selection, &shown);
    // What is shown stands feed by feed.
    for of_part in shown.chunk_by(|a, b| std::ptr::eq(a.part, b.part)) {
        let Some(stamper) = of_part.first().map(|first| Stamper::new(selection, first.part)) else { continue };
        for Shown { item, uid, .. } in of_part {
            match item.facts.kind {
                Kind::Event => write_event(&mut out, item, uid.as_deref(), &stamper),
                _ => out.component(item.text),
            }
        }
    }
    selection.own.iter().for_each(|event| own::write_own(&mut out, event, selection));
    if let Some(notice) = notice(selection) {
        out.component(&notice.event);
    }
    out.line("END:VCALENDAR");
    out.finish()
}

fn write_head(out: &mut Printer, selection: &Selection) {
    let language = match selection.language {
        Language::Fr => "FR",
        Language::En => "EN",
    };
    out.property("PRODID", &format!("-//Carillon//Carillon//{language}"));
    out.property("VERSION", "2.0");
    out.property("METHOD", "PUBLISH");
    out.text("X-WR-CALNAME", &selection.name);
    out.text("NAME", &selection.name);
    if let Some(notice) = notice(selection) {
        out.text("X-WR-CALDESC", &notice.text);
    }
    out.property("X-WR-TIMEZONE", selection.zone.name());
    out.property("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    out.property("X-PUBLISHED-TTL", "PT1H");
}

/// Each zone once: as the first feed that has it writes it; one of ours where an event names a zone that none defines.
/// The site's zone is ours where an event of our own is in it: what a feed says of it, right or wrong, moves none of them.
fn write_zones(out: &mut Printer, selection: &Selection, shown: &[Shown<'_>]) {
    let mut written = HashSet::new();
    if own::names_zone(&selection.own, selection.zone) {
        written.insert(selection.zone.name().to_owned());
        out.component(&ical::vtimezone(selection.zone));
    }
    for part in &selection.parts {
        for zone in part.snapshot.of_kind(Kind::Timezone) {
            if ical::tzid_of(zone.text).is_some_and(|tzid| written.insert(tzid.to_owned())) {
                out.component(zone.text);
            }
        }
    }
    for tzid in shown.iter().flat_map(|shown| ical::tzids_used(shown.item.text)) {
        if !written.contains(tzid) {
            written.insert(tzid.to_owned());
            out.component(&missing_zone(tzid, selection.zone));
        }
    }
}

/// A name that tells nothing is read as the site's zone; so it is written as that.
fn missing_zone(tzid: &str, site: chrono_tz::Tz) -> String {
    let zone = ical::iana(tzid).unwrap_or(site);
    let own_name = format!("TZID:{}\n", zone.name());
    ical::vtimezone(zone).replacen(&own_name, &format!("TZID:{tzid}\n"), 1)
}
