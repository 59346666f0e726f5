//! A room or a teacher is called otherwise: what shows the name has changed, though nobody changed the event.
//!
//! Calendars write names into events, and some clients look no further than LAST-MODIFIED and SEQUENCE: so both grow.
//! The audit tells of the renaming and not of each event, and what was done to the event before can still be undone.

use chrono::{DateTime, Utc};

use super::archive::{Archived, archived_of, replace_archived};
use super::events::events_of;
use super::tables::replace_event;
use super::{Event, Whose, topics};
use crate::accounts::Login;
use crate::clock::Clock;
use crate::store::{StoreError, WriteTx};

/// What a room is called has changed.
pub fn rename_room(tx: &mut WriteTx, room_id: &str, times: [DateTime<Utc>; 2]) -> Result<(), StoreError> {
    let events = events_of(tx, Whose::Room(room_id), None)?;
    put_stamped(tx, events, times, |_| {})
}

/// A teacher has another login, or the same one and another name.
pub fn rename_teacher(tx: &mut WriteTx, clock: &Clock, [from, to]: [&Login; 2]) -> Result<(), StoreError> {
    let events = events_of(tx, Whose::Teacher(from.as_str()), None)?;
    let times = [clock.now_secs(), clock.steady()];
    put_stamped(tx, events, times, |event| event.teacher = Some(to.to_string()))?;
    rename_in_archive(tx, [from, to])?;
    topics::touch_teacher(tx, from.as_str(), clock.steady())
}

/// Nobody has an archived event on a phone: the login goes from it, and it comes back as it was otherwise.
fn rename_in_archive(tx: &mut WriteTx, [from, to]: [&Login; 2]) -> Result<(), StoreError> {
    if from == to {
        return Ok(());
    }
    for before in archived_of(tx, Whose::Teacher(from.as_str()), None)? {
        let event = Event { teacher: Some(to.to_string()), ..before.event.clone() };
        replace_archived(tx, Some(&before), Some(&Archived { event, ..before.clone() }))?;
    }
    Ok(())
}

fn put_stamped(
    tx: &mut WriteTx,
    events: Vec<Event>,
    [now, steady]: [DateTime<Utc>; 2],
    change: impl Fn(&mut Event),
) -> Result<(), StoreError> {
    for before in &events {
        let mut after = before.clone();
        change(&mut after);
        let after = after.stamped(before, now);
        replace_event(tx, Some(before), Some(&after))?;
        topics::touch(tx, [before, &after].into_iter(), steady)?;
    }
    Ok(())
}
