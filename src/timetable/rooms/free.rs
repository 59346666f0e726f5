//! Which rooms are free for a while: no event of our own and none of a feed is in them.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Room;
use crate::store::{Read, StoreError};
use crate::timetable::events::find_all;
use crate::timetable::tables::{Shelf, places_between};
use crate::timetable::{Scene, Whose};

/// A stretch of time.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The rooms where nothing takes place in a range, sorted by slug; with at least so many seats where that is asked.
pub fn free_rooms(
    tx: &impl Read,
    scene: &Scene,
    range: Span,
    seats: Option<u32>,
) -> Result<Vec<Arc<Room>>, StoreError> {
    let mut free = rooms_without(tx, scene, &[range], &[])?;
    free.retain(|room| seats.is_none_or(|seats| room.capacity.is_some_and(|capacity| capacity >= seats)));
    Ok(free)
}

/// The rooms where nothing takes place in any of some ranges, but for these events of ours, which are about to leave.
pub fn rooms_without(
    tx: &impl Read,
    scene: &Scene,
    ranges: &[Span],
    leaving: &[String],
) -> Result<Vec<Arc<Room>>, StoreError> {
    let mut free: Vec<Arc<Room>> = scene.names.rooms.all().to_vec();
    for range in ranges {
        let taken = taken_by_feeds(scene, *range);
        let mut left = Vec::new();
        for room in free {
            if !taken.contains(room.id.as_str()) && is_free(tx, &room.id, *range, leaving)? {
                left.push(room);
            }
        }
        free = left;
    }
    Ok(free)
}

fn taken_by_feeds(scene: &Scene, range: Span) -> HashSet<&str> {
    let rooms = &scene.names.rooms;
    let busy = scene.feeds.overlapping(range).filter(|event| event.is_busy());
    busy.flat_map(|event| rooms.at(event.place_names())).map(|room| room.id.as_str()).collect()
}

fn is_free(tx: &impl Read, room_id: &str, range: Span, leaving: &[String]) -> Result<bool, StoreError> {
    let places = places_between(tx, (Shelf::Timetable, Whose::Room(room_id)), range)?;
    Ok(!find_all(tx, &places)?.iter().any(|event| event.is_busy() && !leaving.contains(&event.id)))
}
