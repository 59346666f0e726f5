//! The table of events: its columns, and the row of an event of our own. What goes out by it comes in by it.

use super::{Event, Names, Status};
use crate::clock::local;
use crate::config::Language;

/// The columns.
pub const TABLE_HEADER: [&str; 10] =
    ["event_id", "start", "end", "matiere", "type_cours", "infos_sup", "classroom", "teacher", "promo", "source"];

/// What may stand before the subject of what does not take place, in tables and calendars of either language.
const CANCELLED: [&str; 2] = ["ANNULÉ : ", "CANCELLED: "];

/// What stands before it in a language.
pub fn cancelled_mark(language: Language) -> &'static str {
    let [french, english] = CANCELLED;
    match language {
        Language::Fr => french,
        Language::En => english,
    }
}

/// A row: what goes in again makes the same event.
pub fn table_row(event: &Event, names: &Names, language: Language) -> [String; 10] {
    [
        event.id.clone(),
        local(event.start, names.zone),
        local(event.end, names.zone),
        marked(&event.subject, event.status, language),
        event.kind.clone(),
        event.notes.clone(),
        event.room.as_deref().and_then(|id| names.room(id)).unwrap_or_default(),
        event.teacher.clone().unwrap_or_default(),
        names.cohorts.slugs(&event.cohorts).join(";"),
        String::new(),
    ]
}

/// A subject with the mark of what does not take place. One that begins with a mark by itself gets a blank before it.
fn marked(subject: &str, status: Status, language: Language) -> String {
    match status {
        Status::Cancelled => format!("{}{subject}", cancelled_mark(language)),
        _ if looks_marked(subject) => format!(" {subject}"),
        _ => subject.to_owned(),
    }
}

/// A subject of a table or a calendar without what was put before it, and whether it says that it does not take place.
pub(super) fn unmarked(subject: &str) -> (String, bool) {
    match CANCELLED.iter().find_map(|mark| subject.strip_prefix(mark)) {
        Some(bare) if !bare.trim().is_empty() => (bare.to_owned(), true),
        _ => (subject.strip_prefix(' ').filter(|bare| looks_marked(bare)).unwrap_or(subject).to_owned(), false),
    }
}

fn looks_marked(subject: &str) -> bool {
    let bare = subject.trim_start_matches(' ');
    CANCELLED.iter().any(|mark| bare.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_comes_back_with_its_status_whatever_it_begins_with() {
        let mut subjects = vec!["Algèbre".to_owned(), " x".to_owned()];
        for mark in CANCELLED {
            subjects.extend([mark.to_owned() + "x", mark.to_owned() + mark + "x", format!("  {mark}x")]);
        }
        for subject in &subjects {
            for (status, cancelled) in [(Status::Confirmed, false), (Status::Cancelled, true)] {
                for language in [Language::Fr, Language::En] {
                    assert_eq!(unmarked(&marked(subject, status, language)), (subject.clone(), cancelled));
                }
            }
        }
        assert_eq!(unmarked("CANCELLED: "), ("CANCELLED: ".to_owned(), false), "a mark alone is a subject");
    }
}
