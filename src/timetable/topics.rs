//! The topics whose versions grow with a change: of each cohort, room and teacher that it touches, and of all.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Event;
use crate::cohorts::{self, CALENDARS};
use crate::store::{StoreError, WriteTx};

/// The topic of everything that takes place here.
pub const ALL: &str = "all";

/// The topic under which the version of a room's calendar is kept.
pub fn room_topic(room_id: &str) -> String {
    format!("room:{room_id}")
}

/// The topic under which the version of a teacher's calendar is kept.
pub fn teacher_topic(login: &str) -> String {
    format!("teacher:{login}")
}

/// Says that a room is found by other names, whatever takes place in it: feeds' events may be in another one now.
pub(super) fn touch_rooms(tx: &mut WriteTx, room_id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.bump(&room_topic(room_id), now)?;
    tx.bump(CALENDARS, now)
}

/// Says that a teacher's calendar is called otherwise, whatever is in it.
pub fn touch_teacher(tx: &mut WriteTx, login: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.bump(&teacher_topic(login), now)?;
    tx.bump(CALENDARS, now)
}

/// Says that these events, in a state before or after, have changed for whoever sees them.
pub(super) fn touch<'a>(
    tx: &mut WriteTx,
    events: impl Iterator<Item = &'a Event>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (mut cohort_ids, mut topics) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        cohort_ids.extend(event.cohorts.iter());
        topics.extend(event.room.as_deref().map(room_topic));
        topics.extend(event.teacher.as_deref().map(teacher_topic));
        topics.insert(ALL.to_owned());
    }
    cohort_ids.into_iter().try_for_each(|id| cohorts::touch(tx, id, now))?;
    topics.iter().try_for_each(|topic| tx.bump(topic, now))?;
    match topics.is_empty() {
        true => Ok(()),
        false => tx.bump(CALENDARS, now),
    }
}
