//! From the names of a file to the ids of what is here: rooms, teachers, cohorts. What is not here is a bad row, is made,
//! or is left out, as was wished.

use std::collections::HashMap;
use std::sync::Arc;

use super::files::{BadCells, ImportRow, Words};
use super::said::Said;
use super::{Unknown, Wishes};
use crate::actor::Deed;
use crate::cohorts::{CreateCohortRequest, Directory, Visibility, create_cohort};
use crate::error::{FieldError, Kind, Refusal};
use crate::id::fold;
use crate::store::WriteTx;
use crate::timetable::rooms::{RoomBook, RoomRequest, create_room, place_names};
use crate::timetable::{Draft, Room, Scene, Status, Timetable, TimetableError};

/// So many rooms, teachers and cohorts are made by one file: with more of them a column is not what it seems.
const NEW_AT_MOST: usize = 500;

/// Names while they are found.
pub(super) struct Namer<'a> {
    timetable: &'a Timetable,
    tx: &'a mut WriteTx,
    scene: &'a mut Scene,
    wishes: &'a Wishes,
    /// What is wrong so far.
    bad: &'a mut BadCells,
    /// Ids of cohorts by the names that people read, folded.
    cohorts: HashMap<String, String>,
    /// The cohort of all events, where one is wished for; none inside where there is no such cohort.
    of_all: Option<Option<String>>,
    /// How many things were made.
    made: usize,
}

impl<'a> Namer<'a> {
    /// Finds the cohort that all events are to be of: a wrong one is told once, and is never made.
    pub(super) fn new(
        timetable: &'a Timetable,
        (tx, scene): (&'a mut WriteTx, &'a mut Scene),
        wishes: &'a Wishes,
        bad: &'a mut BadCells,
    ) -> Self {
        let cohorts = by_read_names(&scene.names.cohorts);
        let mut namer = Self { timetable, tx, scene, wishes, bad, cohorts, of_all: None, made: 0 };
        namer.of_all = wishes.cohort.as_deref().map(|name| {
            let found = namer.find_cohort(name);
            if found.is_none() {
                namer.bad.extend([FieldError::new("cohort", format!("there is no cohort {name:?}"))]);
            }
            found
        });
        namer
    }

    /// What a row says, by ids; what cannot be found is told.
    pub(super) fn understand(&mut self, row: ImportRow) -> Result<Said, TimetableError> {
        let mut warnings = Vec::new();
        let feed = self.feed_of(&row);
        // Of a feed's row nothing is taken, so nothing of it has to be known.
        let (mut room, mut teacher, mut cohorts) = (None, None, Vec::new());
        if feed.is_none() {
            room = self.room_of(&row, &mut warnings)?;
            teacher = self.teacher_of(&row, &mut warnings)?;
            cohorts = self.cohorts_of(&row, &mut warnings)?;
        }
        let status = if row.cancelled { Status::Cancelled } else { Status::Confirmed };
        let (id, words) = self.id_of(&row).map_or((None, Words::Own), |(id, words)| (Some(id), words));
        let (kind, ImportRow { number, event_id: id_in_file, start, end, subject, notes, .. }) =
            (row.kind.trim().to_owned(), row);
        // A UID of somebody else's is not taken over: two events of one UID would be one to a phone.
        let draft = Draft { start, end, subject, kind, notes, room, teacher, cohorts, status };
        Ok(Said { row: number, id, id_in_file, words, feed, draft, warnings })
    }

    fn tell(&mut self, row: u32, field: &str, message: impl Into<String>) {
        self.bad.add(row, field, message);
    }

    /// The id of one of our events, which our calendars write before the `@` of its UID, and whose words stand beside it.
    fn id_of(&self, row: &ImportRow) -> Option<(String, Words)> {
        let (local, ours) = row.uid.as_deref().and_then(|uid| uid.rsplit_once('@')).unzip();
        let local = local.filter(|_| ours == Some(self.scene.instance_id.as_str())).map(|id| (id, row.words));
        let found = row.event_id.as_deref().map(|id| (id, Words::Own)).or(local);
        found.filter(|(id, _)| id.starts_with("e_")).map(|(id, words)| (id.to_owned(), words))
    }

    /// The feed that a row is of, by its id or by a source that is one; a column of that name may say anything.
    fn feed_of(&self, row: &ImportRow) -> Option<String> {
        let of_feed = row.event_id.as_deref().is_some_and(|id| id.starts_with("f_"));
        let source = row.source.clone().filter(|slug| of_feed || self.timetable.feeds.find(slug).is_some());
        source.or_else(|| of_feed.then(String::new))
    }

    /// Counts what is to be made, before it is.
    fn count_new(&mut self) -> Result<(), TimetableError> {
        self.made += 1;
        if self.made > NEW_AT_MOST { Err(TimetableError::TooManyNew(NEW_AT_MOST)) } else { Ok(()) }
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
        let found = find_rooms(&self.scene.names.rooms, &name);
        if let [(id, _)] = found.as_slice() {
            return Ok(Some(id.clone()));
        }
        if let [(id, first), ..] = found.as_slice() {
            let names: Vec<_> = found.iter().map(|(_, name)| name.as_str()).collect();
            let told = format!("{name:?} names several rooms ({}), and an event has one", names.join(", "));
            if self.wishes.unknown == Unknown::Refuse {
                self.tell(row.number, "room", told);
                return Ok(None);
            }
            warnings.push(format!("{told}: {first} is taken"));
            return Ok(Some(id.clone()));
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
        self.count_new()?;
        let request = RoomRequest { name: Some(name.clone()), ..RoomRequest::default() };
        match create_room(self.tx, self.scene, &request) {
            Ok(room) => {
                let id = room.id.clone();
                Arc::make_mut(&mut self.scene.names.rooms).add(room);
                warnings.push(format!("the room {name:?} is new"));
                Ok(Some(id))
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
        self.count_new()?;
        match self.timetable.accounts.create_teacher_in(self.tx, &self.scene.caller, login) {
            Ok(user) => {
                let login = user.login.to_string();
                Arc::make_mut(&mut self.scene.names.people).add(user);
                warnings.push(format!("the teacher {login:?} is new, and has no password yet"));
                Ok(Some(login))
            }
            Err(error) => self.cannot_be_made(row, "teacher", error),
        }
    }

    fn cohorts_of(&mut self, row: &ImportRow, warnings: &mut Vec<String>) -> Result<Vec<String>, TimetableError> {
        if let Some(id) = &self.of_all {
            return Ok(id.iter().cloned().collect());
        }
        let mut ids = Vec::new();
        for name in &row.cohorts {
            if let Some(id) = self.find_cohort(name) {
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
        self.count_new()?;
        let new = CreateCohortRequest { slug: None, name: name.to_owned(), visibility: Visibility::Token };
        match create_cohort(self.tx, &self.scene.caller, &self.timetable.app.clock, &new) {
            Ok(cohort) => {
                let id = cohort.id.clone();
                self.cohorts.entry(fold(&cohort.name)).or_insert_with(|| id.clone());
                Arc::make_mut(&mut self.scene.names.cohorts).add(cohort);
                warnings.push(format!("the cohort {name:?} is new"));
                Ok(Some(id))
            }
            Err(error) => self.cannot_be_made(row, "cohort", error),
        }
    }

    /// By its slug or an alias, or by the name that people read.
    fn find_cohort(&self, name: &str) -> Option<String> {
        let found = self.scene.names.cohorts.find(name).map(|cohort| cohort.id.clone());
        found.or_else(|| self.cohorts.get(&fold(name)).cloned())
    }
}

/// Of several cohorts of one name the first by its slug.
fn by_read_names(cohorts: &Directory) -> HashMap<String, String> {
    cohorts.all().iter().rev().map(|cohort| (fold(&cohort.name), cohort.id.clone())).collect()
}

/// The room of a name or an alias, or those that a location of several parts names: each with its name, once.
fn find_rooms(rooms: &RoomBook, name: &str) -> Vec<(String, String)> {
    let found = match rooms.find(name) {
        Some(room) => vec![room],
        None => rooms.at(&place_names(name)),
    };
    let mut named: Vec<(String, String)> = Vec::new();
    for room in found.into_iter().map(AsRef::<Room>::as_ref) {
        if !named.iter().any(|(id, _)| *id == room.id) {
            named.push((room.id.clone(), room.name.clone()));
        }
    }
    named
}
