//! Which rooms are free for a while: no event of our own and none of a feed is in them.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Room;
use crate::store::{Read, StoreError};
use crate::timetable::events::find_all;
use crate::timetable::tables::{Shelf, places_between};
use crate::timetable::{Scene, Whose};

/// The rooms where nothing takes place in a range, sorted by slug; with at least so many seats where that is asked.
pub fn free_rooms(
    tx: &impl Read,
    scene: &Scene,
    range: (DateTime<Utc>, DateTime<Utc>),
    seats: Option<u32>,
) -> Result<Vec<Arc<Room>>, StoreError> {
    let rooms = &scene.names.rooms;
    let taken_by_feeds: HashSet<&str> = scene
        .feeds
        .overlapping(range)
        .filter(|event| event.is_busy())
        .flat_map(|event| rooms.at(event.place_names()))
        .map(|room| room.id.as_str())
        .collect();
    let mut free = Vec::new();
    for room in rooms.all() {
        let large = seats.is_none_or(|seats| room.capacity.is_some_and(|capacity| capacity >= seats));
        if large && !taken_by_feeds.contains(room.id.as_str()) && is_free(tx, &room.id, range)? {
            free.push(Arc::clone(room));
        }
    }
    Ok(free)
}

fn is_free(tx: &impl Read, room_id: &str, range: (DateTime<Utc>, DateTime<Utc>)) -> Result<bool, StoreError> {
    let places = places_between(tx, (Shelf::Timetable, Whose::Room(room_id)), range)?;
    Ok(!find_all(tx, &places)?.iter().any(|event| event.is_busy()))
}
