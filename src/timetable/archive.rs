//! The archive: events that a roll-over has put away, each as it was, with the roll-over that did it.
//!
//! What is in it is on no timetable: no list, no calendar and no clash counts it, and nobody changes it by hand. It can be
//! listed and exported, follows whoever is erased, and comes back as it was when its roll-over is undone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::tables::{Shelf, find_event, places_between, replace_event, replace_places};
use super::{Event, Whose};
use crate::store::{Read, StoreError, Table, WriteTx};

const ARCHIVED: Table<Archived> = Table::new("archived_events");
/// The ids of the events behind that of their roll-over.
const OF_ROLLOVERS: Table<()> = Table::new("rollover_events");

/// An event in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// The roll-over that put it there.
    pub rollover: String,
    /// The event as it was.
    pub event: Event,
}

/// The archived event of an id.
pub fn find_archived(tx: &impl Read, id: &str) -> Result<Option<Archived>, StoreError> {
    tx.find(&ARCHIVED, id.as_bytes())
}

/// The event of an id, where it is looked for.
pub fn find_on(tx: &impl Read, shelf: Shelf, id: &str) -> Result<Option<Event>, StoreError> {
    match shelf {
        Shelf::Timetable => find_event(tx, id),
        Shelf::Archive => Ok(find_archived(tx, id)?.map(|archived| archived.event)),
    }
}

/// The archived events of somebody's timetable by start and id: all of them, or those that end after the one time and
/// start before the other.
pub fn archived_of(
    tx: &impl Read,
    whose: Whose<'_>,
    range: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Vec<Archived>, StoreError> {
    let range = range.unwrap_or((DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC));
    let places = places_between(tx, (Shelf::Archive, whose), range)?;
    let found = places.iter().map(|place| find_archived(tx, &place.id));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The ids of what a roll-over has put away and is there still.
pub fn ids_of(tx: &impl Read, rollover: &str) -> Result<Vec<String>, StoreError> {
    let prefix = key_of(rollover, "");
    let mut ids = Vec::new();
    tx.visit_from(&OF_ROLLOVERS, &prefix, |key, ()| {
        let id = key.strip_prefix(prefix.as_slice());
        ids.extend(id.map(|id| String::from_utf8_lossy(id).into_owned()));
        Ok(id.is_some())
    })?;
    Ok(ids)
}

/// Takes an event from the timetable into the archive.
pub fn put_away(tx: &mut WriteTx, archived: &Archived) -> Result<(), StoreError> {
    replace_event(tx, Some(&archived.event), None)?;
    replace_archived(tx, None, Some(archived))
}

/// Takes an event from the archive back to the timetable.
pub fn bring_back(tx: &mut WriteTx, archived: &Archived) -> Result<(), StoreError> {
    replace_archived(tx, Some(archived), None)?;
    replace_event(tx, None, Some(&archived.event))
}

/// Puts one state of an archived event in place of another.
pub fn replace_archived(
    tx: &mut WriteTx,
    before: Option<&Archived>,
    after: Option<&Archived>,
) -> Result<(), StoreError> {
    replace_places(tx, Shelf::Archive, [before, after].map(|state| state.map(|archived| &archived.event)))?;
    match (before, after) {
        (_, Some(after)) => {
            tx.put(&OF_ROLLOVERS, &key_of(&after.rollover, &after.event.id), &())?;
            tx.put(&ARCHIVED, after.event.id.as_bytes(), after)
        }
        (Some(before), None) => {
            tx.delete(&OF_ROLLOVERS, &key_of(&before.rollover, &before.event.id))?;
            tx.delete(&ARCHIVED, before.event.id.as_bytes())
        }
        (None, None) => Ok(()),
    }
}

fn key_of(rollover: &str, id: &str) -> Vec<u8> {
    format!("{rollover}\0{id}").into_bytes()
}
