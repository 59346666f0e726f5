//! Events of our own on their way out: which are shown, and each as a VEVENT.
//!
//! Written line by line by our printer: what the icalendar crate prints would have to be parsed back, as the notice is,
//! and of 2,000 events that is most of the time that a rendering may take. A time is written in the site's zone. One that its clocks show twice, and of which the second is meant, can only be
//! said in UTC; then both are.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::distinct::SHOWN_AFTER_END;
use super::select::{Calendar, Selection};
use crate::config::Language;
use crate::ical::{Printer, escape, format_local, format_utc};
use crate::store::{Read, StoreError};
use crate::timetable::{Event, Whose, cancelled_mark, events_of};

/// The events that a calendar shows at the time of its version, by start and id.
pub fn find_shown(tx: &impl Read, calendar: &Calendar, as_of: DateTime<Utc>) -> Result<Vec<Event>, StoreError> {
    let range = Some((as_of - SHOWN_AFTER_END, DateTime::<Utc>::MAX_UTC));
    let mut found = BTreeMap::new();
    for whose in whose(calendar) {
        let events = events_of(tx, whose, range)?.into_iter().filter(|event| event.is_shown(as_of));
        found.extend(events.map(|event| ((event.start, event.id.clone()), event)));
    }
    Ok(found.into_values().collect())
}

/// Whose events a calendar shows.
pub fn whose(calendar: &Calendar) -> Vec<Whose<'_>> {
    match calendar {
        Calendar::Cohort(id) => vec![Whose::Cohort(id)],
        Calendar::Cohorts(ids) => ids.iter().map(|id| Whose::Cohort(id)).collect(),
        Calendar::Room(id) => vec![Whose::Room(id)],
        Calendar::Teacher(login) => vec![Whose::Teacher(login)],
        Calendar::All => vec![Whose::All],
    }
}

/// Writes an event.
pub fn write_own(out: &mut Printer, event: &Event, selection: &Selection) {
    let (updated, told) = (format_utc(event.updated_at), Told::of(event, selection));
    out.line("BEGIN:VEVENT");
    out.property("UID", &event.uid);
    out.property("DTSTAMP", &updated);
    write_times(out, event, selection.zone);
    out.text("SUMMARY", &told.summary);
    write_text(out, "LOCATION", &told.room);
    write_text(out, "DESCRIPTION", &told.description);
    // Of the values of this one a comma is what parts them: it is escaped like any text.
    write_text(out, "CATEGORIES", &event.kind);
    out.property("STATUS", event.status.in_calendars());
    out.property("TRANSP", if event.is_busy() { "OPAQUE" } else { "TRANSPARENT" });
    out.property("SEQUENCE", &event.sequence.to_string());
    out.property("CREATED", &format_utc(event.created_at));
    out.property("LAST-MODIFIED", &updated);
    out.line("END:VEVENT");
}

/// Is a time of these written in the site's zone?
pub fn names_zone(events: &[Event], zone: Tz) -> bool {
    events.iter().any(|event| local_times(event, zone).is_some())
}

fn write_text(out: &mut Printer, name: &str, text: &str) {
    if !text.is_empty() {
        out.property(name, &escape(text));
    }
}

/// RFC 5545, 3.8.2.2: a start and an end are of one form.
fn write_times(out: &mut Printer, event: &Event, zone: Tz) {
    match local_times(event, zone) {
        Some([start, end]) => {
            out.line(&["DTSTART;TZID=", zone.name(), ":", &start].concat());
            out.line(&["DTEND;TZID=", zone.name(), ":", &end].concat());
        }
        None => {
            out.property("DTSTART", &format_utc(event.start));
            out.property("DTEND", &format_utc(event.end));
        }
    }
}

fn local_times(event: &Event, zone: Tz) -> Option<[String; 2]> {
    Some([local(event.start, zone)?, local(event.end, zone)?])
}

/// The time on the site's walls, where that says which is meant. In UTC nobody needs a zone.
fn local(at: DateTime<Utc>, zone: Tz) -> Option<String> {
    let local = at.with_timezone(&zone).naive_local();
    let first = zone.from_local_datetime(&local).earliest()?;
    (first == at && zone != Tz::UTC).then(|| format_local(local))
}

/// What is told of an event in words.
pub struct Told {
    /// The subject with its kind, as planning sites write it: most clients show this alone.
    pub summary: String,
    /// The room's name.
    pub room: String,
    /// The notes as they are, then the teacher and the kind.
    pub description: String,
}

impl Told {
    /// The words for an event, in the site's language.
    pub fn of(event: &Event, selection: &Selection) -> Self {
        let cancelled = if event.is_busy() { "" } else { cancelled_mark(selection.language) };
        Self {
            // Many clients know no STATUS.
            summary: format!("{cancelled}{}", titled(&event.subject, &event.kind)),
            room: event.room.as_deref().and_then(|id| selection.names.room(id)).unwrap_or_default(),
            description: description(event, selection),
        }
    }
}

/// `Algèbre - TD`; the subject alone where it says its kind itself.
fn titled(subject: &str, kind: &str) -> String {
    let says_it = || subject.split(|c: char| !c.is_alphanumeric()).any(|word| word == kind);
    if kind.is_empty() || (subject.contains(kind) && (subject.ends_with(kind) || says_it())) {
        return subject.to_owned();
    }
    format!("{subject} - {kind}")
}

fn description(event: &Event, selection: &Selection) -> String {
    let kind = match selection.language {
        Language::Fr => "Type : ",
        Language::En => "Kind: ",
    };
    let mut lines = notes_and_teacher(event, selection);
    if !event.kind.is_empty() {
        lines.push(format!("{kind}{}", event.kind));
    }
    lines.join("\n")
}

/// The notes as they are, and who teaches it, where they are there.
fn notes_and_teacher(event: &Event, selection: &Selection) -> Vec<String> {
    let teacher = match selection.language {
        Language::Fr => "Enseignant : ",
        Language::En => "Teacher: ",
    };
    let named = |login: &str| selection.names.people.find(login).filter(|user| !user.login.is_of_nobody());
    let taught = event.teacher.as_deref().and_then(named).map(|user| format!("{teacher}{}", user.name));
    let notes = (!event.notes.is_empty()).then(|| event.notes.clone());
    notes.into_iter().chain(taught).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_stands_behind_its_subject_once() {
        let cases = [
            ("Algèbre", "TD", "Algèbre - TD"),
            ("Algèbre TD", "TD", "Algèbre TD"),
            ("TD: Algèbre", "TD", "TD: Algèbre"),
            ("STDIO", "TD", "STDIO - TD"),
            ("Algèbre", "", "Algèbre"),
        ];
        for (subject, kind, summary) in cases {
            assert_eq!(titled(subject, kind), summary);
        }
    }

    #[test]
    fn a_time_that_comes_twice_is_told_by_its_first() {
        let paris = chrono_tz::Europe::Paris;
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(local(at("2026-10-25T00:30:00Z"), paris).as_deref(), Some("20261025T023000"));
        assert_eq!(local(at("2026-10-25T01:30:00Z"), paris), None);
        assert_eq!(local(at("2026-10-25T02:30:00Z"), paris).as_deref(), Some("20261025T033000"));
        assert_eq!(local(at("2026-10-25T02:30:00Z"), Tz::UTC), None);
    }
}
