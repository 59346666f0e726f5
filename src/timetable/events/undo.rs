//! Taking back the last change of an event, by what the audit holds of it.
//!
//! What was made together as a series, or changed together, is taken back together or not at all. To take back is a
//! change like any other: it is told by the audit, it can clash, and it can be taken back.

use super::record::Event;
use super::rights::must_change_some;
use super::rules::{Conflicts, apply, must_be_ours};
use super::write::{Step, either};
use crate::audit::{self, Entry};
use crate::store::{Read, StoreError, WriteTx};
use crate::timetable::tables::{EVENTS, LAST_CHANGES, LastChange, find_event};
use crate::timetable::{Flaws, Scene, TimetableError};

/// Takes the last change of an event back. What is left of the events comes back.
pub fn undo_change(
    tx: &mut WriteTx,
    scene: &Scene,
    id: &str,
    conflicts: Conflicts,
) -> Result<Vec<Event>, TimetableError> {
    must_change_some(&scene.caller)?;
    must_be_ours(tx, scene, id)?;
    let Some(last) = tx.find(&LAST_CHANGES, id.as_bytes())? else {
        return Err(match find_event(tx, id)? {
            Some(_) => TimetableError::NothingToUndo(id.to_owned()),
            None => TimetableError::UnknownEvent(id.to_owned()),
        });
    };
    let steps = steps_back(tx, id, last)?;
    must_still_be_possible(&steps, scene, id)?;
    let done = apply(tx, scene, ("event.undo", steps), conflicts)?;
    Ok(done.into_iter().filter_map(|(_, after)| after).collect())
}

/// From each present state to the one before the change.
fn steps_back(tx: &impl Read, id: &str, last: LastChange) -> Result<Vec<Step>, TimetableError> {
    let (first, end) = last.operation;
    let mut steps = Vec::new();
    for number in first..=end {
        let entry = audit::find_entry(tx, number)?.ok_or_else(|| TimetableError::NothingToUndo(id.to_owned()))?;
        let (before, after) = (state(entry.before.as_ref())?, state(entry.after.as_ref())?);
        let step = (after, before);
        let Some(event) = either(&step) else { return Err(unreadable(&entry).into()) };
        let newest: Option<LastChange> = tx.find(&LAST_CHANGES, event.id.as_bytes())?;
        let present: Option<Event> = tx.find(&EVENTS, event.id.as_bytes())?;
        if newest.map(|newest| newest.entry) != Some(number) || !is_left_by(present.as_ref(), step.0.as_ref()) {
            let why = format!("{} was changed since, and they were changed together", event.id);
            return Err(TimetableError::CannotUndo { id: id.to_owned(), why });
        }
        steps.push(revived((present, step.1)));
    }
    Ok(steps)
}

/// Is this state the one that a change left? A renaming stamps an event and tells the audit nothing of it.
fn is_left_by(present: Option<&Event>, left: Option<&Event>) -> bool {
    match (present, left) {
        (Some(present), Some(left)) => {
            let Event { sequence, updated_at, .. } = *present;
            *present == Event { sequence, updated_at, ..left.clone() }
        }
        (present, left) => present == left,
    }
}

/// An event that comes back goes on counting where it stopped.
fn revived((now, before): Step) -> Step {
    let before = before.map(|event| match now {
        Some(_) => event,
        None => Event { sequence: event.sequence.saturating_add(1), ..event },
    });
    (now, before)
}

fn state(told: Option<&serde_json::Value>) -> Result<Option<Event>, StoreError> {
    let read = told.map(|told| serde_json::from_value(told.clone())).transpose();
    read.map_err(|error| StoreError::Codec { table: "audit", reason: error.to_string() })
}

fn unreadable(entry: &Entry) -> StoreError {
    StoreError::Codec { table: "audit", reason: format!("the entry {} tells of no event", entry.id) }
}

/// What an event goes back to must be there still.
fn must_still_be_possible(steps: &[Step], scene: &Scene, id: &str) -> Result<(), TimetableError> {
    let mut gone = Flaws::default();
    for event in steps.iter().filter_map(|(_, after)| after.as_ref()) {
        let names = &scene.names;
        if event.room.as_deref().is_some_and(|room| names.rooms.by_id(room).is_none()) {
            gone.senseless("room", "was removed");
        }
        if event.teacher.as_deref().is_some_and(|login| names.people.find(login).is_none()) {
            gone.senseless("teacher", "was removed");
        }
        if event.cohorts.iter().any(|cohort| names.cohorts.by_id(cohort).is_none()) {
            gone.senseless("cohorts", "one was removed");
        }
    }
    match gone.errors.is_empty() {
        true => Ok(()),
        false => Err(TimetableError::CannotUndo { id: id.to_owned(), why: gone.told() }),
    }
}
