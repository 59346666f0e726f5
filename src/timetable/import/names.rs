//! From the names of a file to the ids of what is here: rooms, teachers, cohorts. What is not here is a bad row, is made,
//! or is left out, as was wished.

use std::sync::Arc;

use super::files::ImportRow;
use super::said::Said;
use super::{Unknown, Wishes};
use crate::actor::Deed;
use crate::cohorts::{Cohort, CreateCohortRequest, Directory, Visibility, create_cohort};
use crate::error::{FieldError, Kind, Refusal};
use crate::id::fold;
use crate::store::WriteTx;
use crate::timetable::rooms::{RoomBook, RoomRequest, create_room, place_names};
use crate::timetable::{Draft, Scene, Status, Timetable, TimetableError};

/// Names while they are found.
pub(super) struct Namer<'a> {
    pub timetable: &'a Timetable,
    pub tx: &'a mut WriteTx,
    pub scene: &'a mut Scene,
    pub wishes: &'a Wishes,
    /// What is wrong so far.
    pub bad: &'a mut Vec<FieldError>,
}

impl Namer<'_> {
    /// What a row says, by ids; what cannot be found is told.
    pub(super) fn understand(&mut self, row: ImportRow) -> Result<Said, TimetableError> {
        let mut warnings = Vec::new();
        let feed = feed_of(&row);
        // Of a feed's row nothing is taken, so nothing of it has to be known.
        let (mut room, mut teacher, mut cohorts) = (None, None, Vec::new());
        if feed.is_none() {
            room = self.room_of(&row, &mut warnings)?;
            teacher = self.teacher_of(&row, &mut warnings)?;
            cohorts = self.cohorts_of(&row, &mut warnings)?;
        }
        let status = if row.cancelled { Status::Cancelled } else { Status::Confirmed };
        let id = self.id_of(&row);
        let (kind, ImportRow { number, start, end, subject, notes, .. }) = (row.kind.trim().to_owned(), row);
        // A UID of somebody else's is not taken over: two events of one UID would be one to a phone.
        let draft = Draft { start, end, subject, kind, notes, room, teacher, cohorts, status, uid: None };
        Ok(Said { row: number, id, feed, draft, warnings })
    }

    fn tell(&mut self, row: u32, field: &str, message: impl Into<String>) {
        self.bad.push(FieldError { row: Some(row), ..FieldError::new(field, message) });
    }

    /// The id of one of our events, which our calendars write before the `@` of its UID.
    fn id_of(&self, row: &ImportRow) -> Option<String> {
        let (local, ours) = row.uid.as_deref().and_then(|uid| uid.rsplit_once('@')).unzip();
        let local = local.filter(|_| ours == Some(self.scene.instance_id.as_str()));
        row.event_id.as_deref().or(local).filter(|id| id.starts_with("e_")).map(str::to_owned)
    }

    fn room_of(&mut self, row: &ImportRow, warnings: &mut Vec<String>) -> Result<Option<String>, TimetableError> {
        let mapped = row.numeric_room_id.map(|id| (id, self.wishes.map_rooms.get(&id)));
        let name = match (&row.room, mapped) {
            (Some(name), _) | (None, Some((_, Some(name)))) => name.clone(),
            (None, None) => return Ok(None),
            (None, Some((id, None))) => {
                warnings.push(format!("the room {id} is a number of another system: left out (map_rooms names it)"));
                return Ok(None);
            }
        };
        if let Some(room) = find_room(&self.scene.names.rooms, &name) {
            return Ok(Some(room));
        }
        match self.wishes.unknown {
            Unknown::Refuse => self.tell(row.number, "room", format!("there is no room {name:?}")),
            Unknown::Drop => warnings.push(format!("there is no room {name:?}: left out")),
            Unknown::Create => return self.make_room(row.number, name, warnings),
        }
        Ok(None)
    }

    fn make_room(
        &mut self,
        row: u32,
        name: String,
        warnings: &mut Vec<String>,
    ) -> Result<Option<String>, TimetableError> {
        let request = RoomRequest { name: Some(name.clone()), ..RoomRequest::default() };
        match create_room(self.tx, self.scene, &request) {
            Ok(room) => {
                self.scene.names.rooms = Arc::new(RoomBook::load(self.tx)?);
                warnings.push(format!("the room {name:?} is new"));
                Ok(Some(room.id))
            }
            Err(error) => self.cannot_be_made(row, "room", error),
        }
    }

    /// What a name cannot be is the row's fault; anything else ends the import.
    fn cannot_be_made<T, E: Refusal + Into<TimetableError>>(
        &mut self,
        row: u32,
        field: &str,
        error: E,
    ) -> Result<Option<T>, TimetableError> {
        match error.kind() {
            Kind::Malformed | Kind::Invalid | Kind::Conflict | Kind::Forbidden => {
                self.tell(row, field, format!("cannot be made: {error}"));
                Ok(None)
            }
            _ => Err(error.into()),
        }
    }

    fn teacher_of(&mut self, row: &ImportRow, warnings: &mut Vec<String>) -> Result<Option<String>, TimetableError> {
        let Some(login) = &row.teacher else {
            if let Some(id) = row.numeric_user_id {
                warnings.push(format!("the teacher {id} is a number of another system: left out"));
            }
            return Ok(None);
        };
        let names = &self.scene.names;
        if let Some(user) = names.teacher(login) {
            return Ok(Some(user.login.to_string()));
        }
        let told = match names.people.find(login) {
            Some(_) => format!("the user {login:?} is no teacher"),
            None => format!("there is no teacher with the login {login:?}"),
        };
        let is_there = names.people.find(login).is_some();
        match self.wishes.unknown {
            Unknown::Drop => warnings.push(format!("{told}: left out")),
            Unknown::Create if !is_there && self.scene.caller.actor.must(Deed::Administer).is_ok() => {
                return self.make_teacher(row.number, login, warnings);
            }
            Unknown::Create if !is_there => {
                self.tell(row.number, "teacher", format!("{told}, and only an administrator makes one"));
            }
            Unknown::Create | Unknown::Refuse => self.tell(row.number, "teacher", told),
        }
        Ok(None)
    }

    fn make_teacher(
        &mut self,
        row: u32,
        login: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Option<String>, TimetableError> {
        let accounts = &self.timetable.accounts;
        match accounts.create_teacher_in(self.tx, &self.scene.caller, login) {
            Ok(user) => {
                self.scene.names.people = accounts.people_in(self.tx)?;
                warnings.push(format!("the teacher {login:?} is new, and has no password yet"));
                Ok(Some(user.login.to_string()))
            }
            Err(error) => self.cannot_be_made(row, "teacher", error),
        }
    }

    fn cohorts_of(&mut self, row: &ImportRow, warnings: &mut Vec<String>) -> Result<Vec<String>, TimetableError> {
        let mut ids = Vec::new();
        for name in &row.cohorts {
            if let Some(id) = find_cohort(&self.scene.names.cohorts, name) {
                ids.push(id);
            } else if self.wishes.unknown == Unknown::Create {
                ids.extend(self.make_cohort(row.number, name, warnings)?);
            } else {
                self.tell(row.number, "cohort", format!("there is no cohort {name:?}"));
            }
        }
        if let Some(id) = row.numeric_promo_id.filter(|_| row.cohorts.is_empty()) {
            warnings.push(format!("the cohort {id} is a number of another system: left out"));
        }
        if row.cohorts.is_empty() && row.event_id.is_none() {
            warnings.push("is of no cohort: no cohort's calendar shows it".to_owned());
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    fn make_cohort(
        &mut self,
        row: u32,
        name: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Option<String>, TimetableError> {
        let new = CreateCohortRequest { slug: None, name: name.to_owned(), visibility: Visibility::Token };
        match create_cohort(self.tx, &self.scene.caller, &self.timetable.app.clock, &new) {
            Ok(cohort) => {
                self.scene.names.cohorts = Arc::new(Directory::load(self.tx)?);
                warnings.push(format!("the cohort {name:?} is new"));
                Ok(Some(cohort.id))
            }
            Err(error) => self.cannot_be_made(row, "cohort", error),
        }
    }
}

fn feed_of(row: &ImportRow) -> Option<String> {
    let of_feed = row.event_id.as_deref().is_some_and(|id| id.starts_with("f_"));
    row.source.clone().or_else(|| of_feed.then(String::new))
}

/// By its name or an alias, or as the one room that a location of several parts names.
fn find_room(rooms: &RoomBook, name: &str) -> Option<String> {
    let found = match rooms.find(name) {
        Some(room) => vec![room],
        None => rooms.at(&place_names(name)),
    };
    match found.as_slice() {
        [room] => Some(room.id.clone()),
        _ => None,
    }
}

/// By its slug or an alias, or by the name that people read.
fn find_cohort(cohorts: &Directory, name: &str) -> Option<String> {
    let named = |cohort: &&Arc<Cohort>| fold(&cohort.name) == fold(name);
    cohorts.find(name).or_else(|| cohorts.all().iter().find(named)).map(|cohort| cohort.id.clone())
}
