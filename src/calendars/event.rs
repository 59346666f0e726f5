//! One event of a feed on its way out: its logical lines as they came, and the four things that Carillon writes in it.
//!
//! DTSTAMP and LAST-MODIFIED (the fetch that brought its present content), SEQUENCE (never goes back), and stamp lines at
//! the end of DESCRIPTION. Where two feeds of a calendar use one UID for different things, the later one's is told apart.

use super::stamp::Stamper;
use crate::feeds::Item;
use crate::ical::{Printer, Property, format_utc};

/// The properties that Carillon writes, in the order in which the missing ones are added.
const OURS: [&str; 3] = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"];

/// Writes an event.
pub fn write_event(out: &mut Printer, item: &Item<'_>, uid: Option<&str>, stamper: &Stamper<'_>) {
    let since = format_utc(item.facts.since);
    let values = [since.clone(), since, item.facts.sequence.to_string()];
    let mut written = [false; 3];
    let mut stamps = Some(stamper.stamps(item)).filter(|stamps| !stamps.is_empty());
    let mut depth = 0_u32;
    for line in item.text.lines() {
        depth = depth.saturating_sub(u32::from(begins(line, "END:")));
        if depth == 0 && begins(line, "END:") {
            write_missing(out, &values, &written, stamps.take());
        }
        match Property::parse(line).filter(|_| depth == 1) {
            Some(property) => write_property(out, &property, (&values, &mut written), uid, &mut stamps),
            None => out.line(line),
        }
        depth += u32::from(begins(line, "BEGIN:"));
    }
}

fn begins(line: &str, word: &str) -> bool {
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// One property of the event itself: ours in place of the upstream's, the rest as it came.
fn write_property(
    out: &mut Printer,
    property: &Property<'_>,
    (values, written): (&[String; 3], &mut [bool; 3]),
    uid: Option<&str>,
    stamps: &mut Option<String>,
) {
    let mut ours = OURS.iter().zip(values).zip(written);
    if let Some(((name, value), written)) = ours.find(|((name, _), _)| property.is(name)) {
        // A second one would contradict the first; RFC 5545 allows one of each.
        if !std::mem::replace(written, true) {
            out.property(name, value);
        }
        return;
    }
    match uid {
        Some(uid) if property.is("UID") => return out.property("UID", uid),
        _ => {}
    }
    match stamps.take_if(|_| property.is("DESCRIPTION")) {
        Some(stamps) if property.value.is_empty() => out.line(&[property.line, &stamps].concat()),
        Some(stamps) => out.line(&[property.line, "\\n", &stamps].concat()),
        None => out.line(property.line),
    }
}

fn write_missing(out: &mut Printer, values: &[String; 3], written: &[bool; 3], stamps: Option<String>) {
    for ((name, value), _) in OURS.iter().zip(values).zip(written).filter(|(_, written)| !**written) {
        out.property(name, value);
    }
    if let Some(stamps) = stamps {
        out.property("DESCRIPTION", &stamps);
    }
}
