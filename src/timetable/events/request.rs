//! What somebody says of an event, read: each name found, each time understood, each bad field told.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::record::{Draft, Event, Status};
use crate::http::extract::set_or_null;
use crate::timetable::series::Repeat;
use crate::timetable::tables::LONGEST;
use crate::timetable::{Flaws, Names, read_instant};

const LONGEST_TEXT: usize = 10_000;
const LONGEST_KIND: usize = 40;
const COHORTS_AT_MOST: usize = 200;

/// What somebody says of an event. To make one `start`, `end` and `subject` must be there; to change one, what is absent
/// stays and `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRequest {
    /// RFC 3339, or without an offset in the site's zone.
    pub start: Option<String>,
    /// Likewise; after the start.
    pub end: Option<String>,
    /// What it is.
    pub subject: Option<String>,
    /// What sort of event.
    #[serde(default, deserialize_with = "set_or_null")]
    pub kind: Option<Option<String>>,
    /// More about it.
    #[serde(default, deserialize_with = "set_or_null")]
    pub notes: Option<Option<String>>,
    /// A room, by name, slug or alias.
    #[serde(default, deserialize_with = "set_or_null")]
    pub room: Option<Option<String>>,
    /// A teacher, by login.
    #[serde(default, deserialize_with = "set_or_null")]
    pub teacher: Option<Option<String>>,
    /// All its cohorts, by slug.
    pub cohorts: Option<Vec<String>>,
    /// Whether it takes place.
    pub status: Option<Status>,
    /// Make a series of it; only when it is made.
    pub repeat: Option<Repeat>,
    /// Make it although something stands in the way.
    #[serde(default)]
    pub allow_conflicts: bool,
}

/// A request, read: what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// When it begins.
    pub start: Option<DateTime<Utc>>,
    /// When it ends.
    pub end: Option<DateTime<Utc>>,
    subject: Option<String>,
    kind: Option<String>,
    notes: Option<String>,
    room: Option<Option<String>>,
    teacher: Option<Option<String>>,
    cohorts: Option<Vec<String>>,
    status: Option<Status>,
}

impl Change {
    /// Reads a request.
    pub fn read(request: &EventRequest, names: &Names, flaws: &mut Flaws) -> Self {
        let mut time = |field, text: &Option<String>| {
            text.as_deref().and_then(|text| read_instant(flaws, field, text, names.zone))
        };
        let (start, end) = (time("start", &request.start), time("end", &request.end));
        let or_empty = |text: &Option<Option<String>>| text.clone().map(Option::unwrap_or_default);
        let change = Self {
            start,
            end,
            subject: request.subject.clone(),
            kind: or_empty(&request.kind).map(|kind| kind.trim().to_owned()),
            notes: or_empty(&request.notes),
            room: request.room.as_ref().map(|name| name.as_deref().and_then(|name| room_of(name, names, flaws))),
            teacher: request
                .teacher
                .as_ref()
                .map(|name| name.as_deref().and_then(|name| teacher_of(name, names, flaws))),
            cohorts: request.cohorts.as_deref().map(|slugs| cohorts_of(slugs, names, flaws)),
            status: request.status,
        };
        check_texts([&change.subject, &change.kind, &change.notes].map(Option::as_deref), flaws);
        change
    }

    /// A new event, where nothing is missing.
    pub fn draft(self, flaws: &mut Flaws) -> Option<Draft> {
        let missing = |field, absent: bool, flaws: &mut Flaws| {
            if absent && !flaws.errors.iter().any(|error| error.field == field) {
                flaws.malformed(field, "is missing");
            }
        };
        missing("start", self.start.is_none(), flaws);
        missing("end", self.end.is_none(), flaws);
        missing("subject", self.subject.is_none(), flaws);
        let (start, end) = self.start.zip(self.end)?;
        check_span(start, end, flaws);
        Some(Draft {
            start,
            end,
            subject: self.subject?,
            kind: self.kind.unwrap_or_default(),
            notes: self.notes.unwrap_or_default(),
            room: self.room.flatten(),
            teacher: self.teacher.flatten(),
            cohorts: self.cohorts.unwrap_or_default(),
            status: self.status.unwrap_or_default(),
        })
    }

    /// An event with what changes of it, but for its times.
    pub fn apply(&self, event: &Event) -> Event {
        let mut after = event.clone();
        let set = |slot: &mut String, value: &Option<String>| value.iter().for_each(|value| slot.clone_from(value));
        set(&mut after.subject, &self.subject);
        set(&mut after.kind, &self.kind);
        set(&mut after.notes, &self.notes);
        after.room = self.room.clone().unwrap_or(after.room);
        after.teacher = self.teacher.clone().unwrap_or(after.teacher);
        after.cohorts = self.cohorts.clone().unwrap_or(after.cohorts);
        after.status = self.status.unwrap_or(after.status);
        after
    }
}

/// Subject, kind and notes as far as they are said: not too long, and nothing in them that a calendar cannot hold.
pub fn check_texts([subject, kind, notes]: [Option<&str>; 3], flaws: &mut Flaws) {
    if subject.is_some_and(|subject| subject.trim().is_empty()) {
        flaws.malformed("subject", "must not be empty");
    }
    let texts = [("subject", subject, LONGEST_TEXT), ("kind", kind, LONGEST_KIND), ("notes", notes, LONGEST_TEXT)];
    for (field, text, longest) in texts {
        let Some(text) = text else { continue };
        let length = text.chars().count();
        if length > longest {
            flaws.malformed(field, format!("{length} characters: at most {longest}"));
        }
        if let Some(strange) = text.chars().find(|c| c.is_control() && !"\n\r\t".contains(*c)) {
            let message = format!("has the control character U+{:04X}: no calendar can hold it", strange as u32);
            flaws.malformed(field, message);
        }
    }
}

/// An end after its start, and not too long after.
pub fn check_span(start: DateTime<Utc>, end: DateTime<Utc>, flaws: &mut Flaws) {
    match end - start {
        length if length <= chrono::TimeDelta::zero() => flaws.senseless("end", "must be after the start"),
        length if length > LONGEST => {
            flaws.senseless(
                "end",
                format!("at most {} days after the start: a longer time is a series", LONGEST.num_days()),
            );
        }
        _ => {}
    }
}

fn room_of(name: &str, names: &Names, flaws: &mut Flaws) -> Option<String> {
    let room = names.rooms.find(name);
    if room.is_none() {
        flaws.senseless("room", format!("there is no room {name:?}"));
    }
    room.map(|room| room.id.clone())
}

fn teacher_of(login: &str, names: &Names, flaws: &mut Flaws) -> Option<String> {
    let teacher = names.teacher(login);
    if teacher.is_none() {
        flaws.senseless("teacher", format!("there is no teacher with the login {login:?}"));
    }
    teacher.map(|user| user.login.to_string())
}

fn cohorts_of(slugs: &[String], names: &Names, flaws: &mut Flaws) -> Vec<String> {
    if slugs.len() > COHORTS_AT_MOST {
        flaws.malformed("cohorts", format!("at most {COHORTS_AT_MOST}"));
    }
    let mut ids = Vec::new();
    for slug in slugs {
        match names.cohorts.find(slug) {
            Some(cohort) => ids.push(cohort.id.clone()),
            None => flaws.senseless("cohorts", format!("there is no cohort {slug:?}")),
        }
    }
    ids.sort();
    ids.dedup();
    ids
}
