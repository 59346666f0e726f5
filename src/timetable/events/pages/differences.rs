//! What is different between two states of an event, in the reader's words.

use crate::http::Visit;
use crate::timetable::{Event, Names, Status};
use crate::words::Words;

use super::desk::when;

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub label: &'static str,
    /// As it was; empty where there was nothing.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// Each of them, the time first.
pub fn differences(visit: &Visit, names: &Names, before: &Event, after: &Event) -> Vec<Difference> {
    let (was, is) = (told(visit, names, before), told(visit, names, after));
    let pairs = was.into_iter().zip(is).filter(|((_, was), (_, is))| was != is);
    pairs.map(|((label, before), (_, after))| Difference { label, before, after }).collect()
}

fn told(visit: &Visit, names: &Names, event: &Event) -> [(&'static str, String); 8] {
    let words = visit.words;
    let gone = || words.edit.gone.to_owned();
    let room = event.room.as_deref().map(|id| names.room(id).unwrap_or_else(gone));
    let cohorts =
        event.cohorts.iter().map(|id| names.cohorts.by_id(id).map_or_else(gone, |cohort| cohort.name.clone()));
    [
        (words.edit.when, when(visit, event.start, event.end)),
        (words.edit.room, room.unwrap_or_default()),
        (words.edit.subject, event.subject.clone()),
        (words.edit.teacher, event.teacher.as_deref().map(|login| called(names, login)).unwrap_or_default()),
        (words.edit.cohorts, cohorts.collect::<Vec<_>>().join(", ")),
        (words.edit.kind, event.kind.clone()),
        (words.edit.status, status(words, event.status).to_owned()),
        (words.edit.notes, event.notes.clone()),
    ]
}

/// The name of a person by their login.
pub(super) fn called(names: &Names, login: &str) -> String {
    names.people.find(login).map_or_else(|| login.to_owned(), |user| user.name.clone())
}

/// Whether it takes place.
pub(super) fn status(words: &Words, status: Status) -> &'static str {
    match status {
        Status::Confirmed => words.edit.confirmed,
        Status::Tentative => words.edit.tentative,
        Status::Cancelled => words.edit.cancelled,
    }
}
