//! Rooms: a name, a slug made of it, a kind, seats, and the ways in which feeds spell it.
//!
//! Events point at a room by its id, so that a new name touches none of them. Slugs and aliases are one space of names:
//! each finds one room. An old slug stays as an alias.

mod api;
mod book;
pub mod commands;
mod free;
mod rules;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) use api::routes;
pub use book::RoomBook;
pub(super) use book::{place_names, view};
pub(super) use rules::{RoomRequest, create_room};

use crate::id::Slug;
use crate::store::Table;

const ROOMS: Table<Room> = Table::new("rooms");

/// A place where events are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Never changes; events point at it.
    pub id: String,
    /// The present name in addresses.
    pub slug: Slug,
    /// The name as it was given.
    pub name: String,
    /// What sort of room; may be empty.
    pub kind: String,
    /// Seats, where they are known.
    pub capacity: Option<u32>,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
