//! Events as an .ics. Each word stands in a property of its own as it is, so that it comes back as it was; and what
//! RFC 5545 has no property for, cohorts and the teacher's login, in two of ours.

use super::Text;
use crate::config::Language;
use crate::ical::{Printer, format_utc};
use crate::timetable::import::files::{COHORTS, TEACHER};
use crate::timetable::{Event, Names, cancelled_mark};

/// A calendar that is being written.
pub(super) struct Calendar(Printer);

impl Default for Calendar {
    fn default() -> Self {
        let mut out = Printer::new();
        out.line("BEGIN:VCALENDAR");
        out.property("PRODID", "-//Carillon//Export//EN");
        out.property("VERSION", "2.0");
        Self(out)
    }
}

impl Text for Calendar {
    fn add(&mut self, event: &Event, names: &Names) {
        let out = &mut self.0;
        out.line("BEGIN:VEVENT");
        out.property("UID", &event.uid);
        out.property("DTSTAMP", &format_utc(event.updated_at));
        // In UTC each time is said in one way, and no zone has to be told.
        out.property("DTSTART", &format_utc(event.start));
        out.property("DTEND", &format_utc(event.end));
        write_words(out, event, names);
        out.property("STATUS", event.status.in_calendars());
        out.property("TRANSP", if event.is_busy() { "OPAQUE" } else { "TRANSPARENT" });
        out.property("SEQUENCE", &event.sequence.to_string());
        out.property("CREATED", &format_utc(event.created_at));
        out.property("LAST-MODIFIED", &format_utc(event.updated_at));
        out.line("END:VEVENT");
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.line("END:VCALENDAR");
        self.0.finish()
    }
}

fn write_words(out: &mut Printer, event: &Event, names: &Names) {
    let cancelled = if event.is_busy() { "" } else { cancelled_mark(Language::Fr) };
    out.text("SUMMARY", &[cancelled, &event.subject].concat());
    let room = event.room.as_deref().and_then(|id| names.room(id));
    // Who is no teacher any more would be refused on the way in.
    let teacher = event.teacher.as_deref().and_then(|login| names.teacher(login));
    let words = [
        ("LOCATION", room.as_deref()),
        ("DESCRIPTION", Some(event.notes.as_str())),
        ("CATEGORIES", Some(event.kind.as_str())),
        (TEACHER, teacher.map(|user| user.login.as_str())),
    ];
    let said = words.into_iter().filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)));
    said.for_each(|(name, text)| out.text(name, text));
    out.text(COHORTS, &names.cohorts.slugs(&event.cohorts).join(" "));
}
