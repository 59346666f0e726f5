//! Rooms: a name, a slug made of it, a kind, seats, and the ways in which feeds spell it.
//!
//! Events point at a room by its id, so that a new name touches none of them. Slugs and aliases are one space of names:
//! each finds one room. An old slug stays as an alias.

mod api;
mod book;
pub mod commands;
mod free;
mod pages;
mod rules;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use book::RoomBook;
pub(super) use book::{place_names, view};
pub(super) use free::rooms_without;
pub(super) use rules::{RoomRequest, create_room};

use utoipa_axum::router::OpenApiRouter;

use super::Timetable;
use crate::id::Slug;
use crate::store::Table;

/// The routes of rooms: for programs, and the pages.
pub(super) fn routes() -> OpenApiRouter<Timetable> {
    api::routes().merge(pages::routes().into())
}

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
