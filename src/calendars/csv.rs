//! A selection as CSV: a row for each occurrence, UTF-8, RFC 4180. What is exported can be imported.

use chrono::{DateTime, TimeDelta, Utc};

use super::distinct::{Shown, distinct, zones_of};
use super::select::Selection;
use crate::clock::local;
use crate::feeds::{event_id, uid_of};
use crate::ical::{Budget, Event, Kind, occurrences, read_event};
use crate::sheets::guarded;
use crate::timetable::{TABLE_HEADER, cancelled_mark, table_row};

/// Occurrences of rules are listed this far around the present state, and so many of them.
const AROUND: TimeDelta = TimeDelta::days(400);
const ROWS_AT_MOST: usize = 100_000;
const BUDGET: u32 = 2_000_000;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Commas.
    Rfc4180,
    /// A byte-order mark and semicolons.
    Excel,
}

/// The whole table.
pub fn render(selection: &Selection, dialect: Dialect) -> Vec<u8> {
    let (mark, delimiter): (&[u8], u8) = match dialect {
        Dialect::Rfc4180 => (b"", b','),
        Dialect::Excel => ("\u{feff}".as_bytes(), b';'),
    };
    let mut builder = csv::WriterBuilder::new();
    builder.delimiter(delimiter).terminator(csv::Terminator::CRLF);
    let mut writer = builder.from_writer(mark.to_vec());
    // Writing to memory cannot fail, and each row has as many cells as the header.
    let rows = std::iter::once(TABLE_HEADER.map(str::to_owned)).chain(rows(selection));
    rows.for_each(|row| drop(writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))));
    writer.into_inner().unwrap_or_default()
}

fn rows(selection: &Selection) -> Vec<[String; 10]> {
    let shown = distinct(selection);
    let mut rows = Vec::new();
    for part in &selection.parts {
        let zones = zones_of(part, selection.zone);
        let of_part: Vec<_> = shown
            .iter()
            .filter(|shown| std::ptr::eq(shown.part, part) && shown.item.facts.kind == Kind::Event)
            .collect();
        let events: Vec<_> = of_part.iter().map(|shown| read_event(shown.item.text, &zones)).collect();
        let (from, to) = (selection.as_of - AROUND, selection.as_of + AROUND);
        let found = occurrences(&events, &zones, from, to, ROWS_AT_MOST, &mut Budget::new(BUDGET));
        rows.extend(found.iter().filter_map(|at| {
            let (shown, event) = (of_part.get(at.event)?, events.get(at.event)?);
            takes_place_there(event, selection).then(|| (at.start, row(shown, event, (at.start, at.end), selection)))
        }));
    }
    rows.extend(
        selection.own.iter().map(|event| (event.start, table_row(event, &selection.names, selection.language))),
    );
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Of a series that has a room, an exception may be elsewhere.
fn takes_place_there(event: &Event<'_>, selection: &Selection) -> bool {
    let Some(room) = &selection.room else { return true };
    selection.names.rooms.is_in(&event.location, room)
}

fn row(
    shown: &Shown<'_>,
    event: &Event<'_>,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    selection: &Selection,
) -> [String; 10] {
    let kind: String = event.categories.first().map(|kind| kind.chars().take(40).collect()).unwrap_or_default();
    let cancelled = if event.cancelled { cancelled_mark(selection.language) } else { "" };
    [
        id_of(shown, event, start),
        local(start, selection.zone),
        local(end, selection.zone),
        format!("{cancelled}{}", event.summary),
        kind,
        event.description.to_string(),
        event.location.to_string(),
        String::new(),
        shown.part.cohort.clone(),
        shown.part.feed.slug.to_string(),
    ]
}

fn id_of(shown: &Shown<'_>, event: &Event<'_>, start: DateTime<Utc>) -> String {
    event_id(shown.part.feed.slug.as_str(), uid_of(shown.item.text).unwrap_or_default(), event.occurrence(start))
}
