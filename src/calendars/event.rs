//! One event of a feed on its way out: its logical lines as they came, and the four things that Carillon writes in it.
//!
//! DTSTAMP and LAST-MODIFIED (the fetch that brought its present content), SEQUENCE (never goes back), and stamp lines at
//! the end of DESCRIPTION. Where two feeds of a calendar use one UID for different things, the later one's is told apart.

use super::stamp::Stamper;
use crate::feeds::Item;
use crate::ical::{Printer, Property, own_properties};

/// The properties that Carillon writes, in the order in which the missing ones are added.
const OURS: [&str; 3] = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"];

/// Writes an event.
pub fn write_event(out: &mut Printer, item: &Item<'_>, uid: Option<&str>, stamper: &Stamper<'_>) {
    let (since, sequence) = (stamper.since(item), item.facts.sequence.to_string());
    let values = [since, since, &sequence];
    let mut written = [false; 3];
    let mut stamps = Some(stamper.stamps(item)).filter(|stamps| !stamps.is_empty());
    let mut missing = Some(missing(item.text));
    let mut depth = 0_u32;
    for line in item.text.lines() {
        let begin = begins(line, "BEGIN:");
        depth = depth.saturating_sub(u32::from(begins(line, "END:")));
        // RFC 5545 3.6.1: an event's properties stand before its alarms.
        if (depth == 0 && !begin) || (depth == 1 && begin) {
            missing.take().into_iter().flatten().for_each(|name| write_missing(out, name, &values, &mut stamps));
        }
        match Property::parse(line).filter(|_| depth == 1) {
            Some(property) => write_property(out, &property, (&values, &mut written), uid, &mut stamps),
            None => out.line(line),
        }
        depth += u32::from(begin);
    }
}

/// What Carillon writes and the event does not have, in the order in which it is added.
fn missing(event: &str) -> Vec<&'static str> {
    let mut missing: Vec<_> = OURS.into_iter().chain(["DESCRIPTION"]).collect();
    own_properties(event).for_each(|property| missing.retain(|name| !property.is(name)));
    missing
}

fn begins(line: &str, word: &str) -> bool {
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// One property of the event itself: ours in place of the upstream's, the rest as it came.
fn write_property(
    out: &mut Printer,
    property: &Property<'_>,
    (values, written): (&[&str; 3], &mut [bool; 3]),
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

fn write_missing(out: &mut Printer, name: &str, values: &[&str; 3], stamps: &mut Option<String>) {
    let ours = OURS.iter().zip(values).find(|(our, _)| **our == name).map(|(_, value)| *value);
    let stamps = stamps.take_if(|_| ours.is_none());
    if let Some(value) = ours.or(stamps.as_deref()) {
        out.property(name, value);
    }
}
