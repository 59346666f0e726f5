//! Events of our own: made, changed, cancelled, removed, taken back; and read together with feeds' events.
//!
//! Each change is one transaction: records and places, the audit's entries, the versions of whatever it touches. What
//! clashes is looked for after the writing and before the commit, so that a series or an import is checked against
//! itself too, and is made whole or not at all.

mod api;
pub mod commands;
mod list;
mod look_up;
mod many;
pub(super) mod pages;
mod record;
mod request;
mod response;
mod rights;
mod rules;
mod undo;
mod write;

pub(super) use list::{Filter, own_events};
pub(super) use look_up::EventQuery;
pub(super) use many::{find_same_archived, insert_many, list_same, update_many};
#[cfg(test)]
pub(super) use record::tests;
pub use record::{Draft, Event, Status};
pub use request::EventRequest;
pub(super) use request::{check_span, check_texts};
pub use response::EventResponse;
pub(super) use response::{feed_response, hanging};
pub(super) use rights::{must_read, seen_cohorts};
pub use rules::Conflicts;
pub(super) use write::{put_archived, put_events};

use chrono::{DateTime, Utc};
use utoipa_axum::router::OpenApiRouter;

use super::tables::{Place, Shelf, find_event, places_between};
use super::{Timetable, Whose};
use crate::store::{Read, StoreError};

/// The routes of events: for programs, and the pages.
pub(super) fn routes() -> OpenApiRouter<Timetable> {
    api::routes().merge(pages::routes().into())
}

/// The events of somebody's timetable by start and id, cancelled ones too: all of them, or those that end after the one
/// time and start before the other.
pub fn events_of(
    tx: &impl Read,
    whose: Whose<'_>,
    range: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Vec<Event>, StoreError> {
    let range = range.unwrap_or((DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC));
    find_all(tx, &places_between(tx, (Shelf::Timetable, whose), range)?)
}

/// The events of these places.
pub(super) fn find_all(tx: &impl Read, places: &[Place]) -> Result<Vec<Event>, StoreError> {
    let found = places.iter().map(|place| find_event(tx, &place.id));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
