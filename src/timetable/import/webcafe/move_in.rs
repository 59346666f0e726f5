//! The four tables to cohorts, rooms, people and events, in the order in which they name each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ImportWebCafeResponse;
use crate::accounts::Newcomer;
use crate::actor::{Caller, Role};
use crate::cohorts::{CreateCohortRequest, Visibility, create_cohort};
use crate::error::{FieldError, Kind, Refusal};
use crate::store::WriteTx;
use crate::timetable::import::files::{BadCells, ImportRow, WebCafe, WebCafePromo, WebCafeRoom, WebCafeUser};
use crate::timetable::import::{Run, Unknown, Wishes};
use crate::timetable::rooms::{RoomRequest, create_room};
use crate::timetable::{Conflicts, Scene, Timetable, TimetableError};

/// What the numbers of the old site mean here.
#[derive(Default)]
struct Numbers {
    /// Slugs of cohorts.
    promos: HashMap<u64, String>,
    /// Names of rooms.
    rooms: HashMap<u64, String>,
    /// Logins of teachers.
    teachers: HashMap<u64, String>,
}

/// One move.
struct Mover<'a> {
    timetable: &'a Timetable,
    tx: &'a mut WriteTx,
    scene: Scene,
    numbers: Numbers,
    bad: BadCells,
    told: ImportWebCafeResponse,
}

impl Timetable {
    pub(super) fn move_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        mut read: WebCafe,
    ) -> Result<ImportWebCafeResponse, TimetableError> {
        let scene = self.scene(tx, caller)?;
        let (numbers, told) = (Numbers::default(), ImportWebCafeResponse::default());
        let mut mover = Mover { timetable: self, tx, scene, numbers, bad: BadCells::default(), told };
        read.promos.iter().try_for_each(|promo| mover.move_promo(promo))?;
        read.rooms.iter().try_for_each(|room| mover.move_room(room))?;
        mover.move_users(&read.users)?;
        let Mover { tx, mut scene, numbers, mut bad, mut told, .. } = mover;
        bad.extend(std::mem::take(&mut read.events.errors));
        (read.events.errors, read.events.errors_untold) = (bad.told, bad.untold + read.events.errors_untold);
        // A row whose numbers are wrong has been told by the reader.
        if read.events.errors.is_empty() {
            let rows =
                std::mem::take(&mut read.events.rows).into_iter().map(|row| numbers.named(row, &mut told.warnings));
            read.events.rows = rows.collect();
        } else {
            read.events.rows.clear();
        }
        let wishes = Wishes {
            run: Run::Real,
            unknown: Unknown::Refuse,
            cohort: None,
            map_rooms: BTreeMap::new(),
            conflicts: Conflicts::Allowed,
        };
        let done = self.take_rows(tx, &mut scene, read.events, &wishes)?;
        told.count_events(&done);
        Ok(told)
    }
}

impl Numbers {
    /// A row that names what it gave by number.
    fn named(&self, row: ImportRow, warnings: &mut Vec<String>) -> ImportRow {
        let room = row.numeric_room_id.and_then(|id| self.rooms.get(&id)).cloned();
        let teacher = row.numeric_user_id.and_then(|id| self.teachers.get(&id)).cloned();
        if let Some(id) = row.numeric_user_id.filter(|_| teacher.is_none()) {
            warnings.push(format!("events.csv, row {}: the user {id} is no teacher: left out", row.number));
        }
        let cohorts = row.numeric_promo_id.and_then(|id| self.promos.get(&id)).cloned().into_iter().collect();
        let (numeric_room_id, numeric_user_id, numeric_promo_id) = (None, None, None);
        ImportRow { room, teacher, cohorts, numeric_room_id, numeric_user_id, numeric_promo_id, ..row }
    }
}

impl Mover<'_> {
    fn tell(&mut self, row: u32, field: &str, message: impl Into<String>) {
        self.bad.add(row, field, message);
    }

    /// What a row cannot be is the row's fault; anything else ends the move.
    fn refused<E: Refusal + Into<TimetableError>>(
        &mut self,
        (row, field): (u32, &str),
        error: E,
    ) -> Result<(), TimetableError> {
        match error.kind() {
            Kind::Malformed | Kind::Invalid | Kind::Conflict => {
                self.tell(row, field, error.to_string());
                Ok(())
            }
            _ => Err(error.into()),
        }
    }

    fn move_promo(&mut self, promo: &WebCafePromo) -> Result<(), TimetableError> {
        if let Some(cohort) = self.scene.names.cohorts.find(&promo.name) {
            self.numbers.promos.insert(promo.id, cohort.slug.to_string());
            return Ok(());
        }
        let new = CreateCohortRequest { slug: None, name: promo.name.clone(), visibility: Visibility::Token };
        match create_cohort(self.tx, &self.scene.caller, &self.timetable.app.clock, &new) {
            Ok(cohort) => {
                self.numbers.promos.insert(promo.id, cohort.slug.to_string());
                Arc::make_mut(&mut self.scene.names.cohorts).add(cohort);
                self.told.cohorts += 1;
                Ok(())
            }
            Err(error) => self.refused((promo.number, "promo.csv: promo_name"), error),
        }
    }

    fn move_room(&mut self, room: &WebCafeRoom) -> Result<(), TimetableError> {
        if let Some(found) = self.scene.names.rooms.find(&room.name) {
            self.numbers.rooms.insert(room.id, found.name.clone());
            return Ok(());
        }
        let request = RoomRequest {
            name: Some(room.name.clone()),
            kind: Some(Some(room.kind.clone())),
            capacity: Some(room.capacity),
            aliases: None,
        };
        match create_room(self.tx, &self.scene, &request) {
            Ok(made) => {
                self.numbers.rooms.insert(room.id, made.name.clone());
                Arc::make_mut(&mut self.scene.names.rooms).add(made);
                self.told.rooms += 1;
                Ok(())
            }
            Err(error) => self.refused((room.number, "classroom.csv: location"), error),
        }
    }

    fn move_users(&mut self, users: &[WebCafeUser]) -> Result<(), TimetableError> {
        let newcomers: Vec<_> = users.iter().map(|user| self.newcomer(user)).collect();
        let accounts = &self.timetable.accounts;
        let moved = accounts.insert_newcomers_in(self.tx, &self.scene.caller, newcomers)?;
        let of_file = |error: FieldError| FieldError { field: format!("users.csv: {}", error.field), ..error };
        self.bad.extend(moved.bad.into_iter().map(of_file));
        self.told.users = moved.made;
        let told = moved.warnings.into_iter().map(|(row, text)| format!("users.csv, row {row}: {text}"));
        self.told.warnings.extend(told);
        self.scene.names.people = accounts.people_in(self.tx)?;
        for user in users {
            if let Some(teacher) = self.scene.names.teacher(&user.login) {
                self.numbers.teachers.insert(user.id, teacher.login.to_string());
            }
        }
        Ok(())
    }

    fn newcomer(&mut self, user: &WebCafeUser) -> Newcomer {
        let WebCafeUser { number, login, email, name, password_hash, promo_id, teacher, superuser, .. } = user.clone();
        let mut warn = |text: &str| self.told.warnings.push(format!("users.csv, row {number}: {login:?} {text}"));
        if superuser {
            warn("was a superuser, and is no administrator here: `carillon user roles` makes one");
        }
        let promo = promo_id.and_then(|id| self.numbers.promos.get(&id));
        if promo_id.is_some() && promo.is_none() {
            warn("is of a promo that promo.csv does not have: left without a cohort");
        }
        let cohort = promo.and_then(|slug| self.scene.names.cohorts.find(slug)).map(|cohort| cohort.id.clone());
        let roles = vec![if teacher { Role::Teacher } else { Role::Student }];
        let cohorts = cohort.into_iter().collect();
        Newcomer { row: number, login, name, email, roles, cohorts, password_hash }
    }
}
