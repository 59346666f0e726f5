//! All rooms in memory, found by id, by name, and by what a feed writes as a location.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ROOMS, Room};
use crate::id::fold;
use crate::store::{Read, ReadTx, Store, StoreError, View};

/// The rooms at one moment.
#[derive(Clone, Debug, Default)]
pub struct RoomBook {
    /// Sorted by slug.
    all: Vec<Arc<Room>>,
    by_id: HashMap<String, Arc<Room>>,
    /// Slugs and aliases, folded.
    by_name: HashMap<String, Arc<Room>>,
}

/// The rooms of a store, as they are now.
pub(in crate::timetable) fn view(store: &Store) -> Result<View<RoomBook>, StoreError> {
    store.view(&[ROOMS.name], RoomBook::load::<ReadTx>)
}

impl RoomBook {
    /// Reads them inside a transaction.
    pub(in crate::timetable) fn load<T: Read>(tx: &T) -> Result<Self, StoreError> {
        let mut all: Vec<Arc<Room>> = tx.list(&ROOMS)?.into_iter().map(Arc::new).collect();
        all.sort_by(|a: &Arc<Room>, b| a.slug.cmp(&b.slug));
        let aliases = all.iter().flat_map(|room| room.aliases.iter().map(move |alias| (fold(alias), room)));
        let names = aliases.chain(all.iter().map(|room| (room.slug.to_string(), room)));
        let by_name = names.map(|(name, room)| (name, Arc::clone(room))).collect();
        let by_id = all.iter().map(|room| (room.id.clone(), Arc::clone(room))).collect();
        Ok(Self { all, by_id, by_name })
    }

    /// Takes in a room that is new, under names that no other has.
    pub(in crate::timetable) fn add(&mut self, room: Room) {
        let room = Arc::new(room);
        let names = room.aliases.iter().map(|alias| fold(alias)).chain([room.slug.to_string()]);
        self.by_name.extend(names.map(|name| (name, Arc::clone(&room))));
        self.by_id.insert(room.id.clone(), Arc::clone(&room));
        self.all.insert(self.all.partition_point(|other| other.slug < room.slug), room);
    }

    /// Each room, sorted by slug.
    pub fn all(&self) -> &[Arc<Room>] {
        &self.all
    }

    /// The room of an id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Room>> {
        self.by_id.get(id)
    }

    /// The room that somebody means by a name, a slug or an alias.
    pub fn find(&self, name: &str) -> Option<&Arc<Room>> {
        self.by_name.get(&fold(name))
    }

    /// Does a location, in a feed's words, name this room?
    pub fn is_in(&self, location: &str, room_id: &str) -> bool {
        self.at(&place_names(location)).iter().any(|room| room.id == room_id)
    }

    /// The rooms that a location names, by its [`place_names`].
    pub(in crate::timetable) fn at(&self, names: &[String]) -> Vec<&Arc<Room>> {
        match names.split_first() {
            Some((whole, parts)) => match self.by_name.get(whole) {
                Some(room) => vec![room],
                None => parts.iter().filter_map(|part| self.by_name.get(part)).collect(),
            },
            None => Vec::new(),
        }
    }
}

/// The names that a location may be known by: the whole of it, then what stands between its commas. Folded.
pub(in crate::timetable) fn place_names(location: &str) -> Vec<String> {
    let mut names = vec![fold(location)];
    if location.contains([',', ';']) {
        names.extend(location.split([',', ';']).map(fold).filter(|part| !part.is_empty()));
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_known_as_a_whole_or_by_its_parts() {
        assert_eq!(place_names("Amphi B (rez)"), ["amphi-b-rez"]);
        assert_eq!(place_names("2Z34, 2Z35"), ["2z34-2z35", "2z34", "2z35"]);
        assert!(place_names(" - ").is_empty());
    }
}
