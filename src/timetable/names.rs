//! What ids are called, and which thing somebody means by a name: rooms, cohorts and people at one moment.

use std::sync::Arc;

use chrono_tz::Tz;

use super::rooms::RoomBook;
use crate::accounts::{People, User};
use crate::cohorts::Directory;

/// Rooms, cohorts and people, from memory. Cheap to clone.
#[derive(Clone)]
pub struct Names {
    /// The rooms.
    pub rooms: Arc<RoomBook>,
    /// The cohorts.
    pub cohorts: Arc<Directory>,
    /// The people.
    pub people: Arc<People>,
    /// The site's zone.
    pub zone: Tz,
}

impl Names {
    /// The name of a room.
    pub fn room(&self, id: &str) -> Option<String> {
        self.rooms.by_id(id).map(|room| room.name.clone())
    }

    /// The teacher of a login: a user with that role.
    pub fn teacher(&self, login: &str) -> Option<&Arc<User>> {
        self.people.find(login).filter(|user| user.teaches())
    }
}
