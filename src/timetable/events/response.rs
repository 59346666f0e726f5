//! An event as it goes out: its own or a feed's, with names in place of ids.

use serde::Serialize;

use super::record::{Event, Status};
use super::rights::seen_cohorts;
use crate::clock::local;
use crate::timetable::feed_events::{FeedEvent, FeedText};
use crate::timetable::{Names, Scene};

/// So many events are named; beyond, their number says enough.
const NAMED_AT_MOST: usize = 5;

/// An event as it goes out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct EventResponse {
    /// `e_…`, or `f_…` of a feed.
    pub id: String,
    /// When it begins, in the site's zone.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// What it is.
    pub subject: String,
    /// What sort of event.
    pub kind: String,
    /// More about it.
    pub notes: String,
    /// The room's name; of a feed's event what the feed says, where no room is known by that.
    pub room: Option<String>,
    /// The teacher's login.
    pub teacher: Option<String>,
    /// The slugs of its cohorts.
    pub cohorts: Vec<String>,
    /// Whether it takes place.
    pub status: Status,
    /// The series that it was made in.
    pub series: Option<String>,
    /// The feed that it is of.
    pub source: Option<String>,
    /// Grows with each change.
    pub sequence: u32,
    /// When it was made; of a feed's event the fetch that brought it as it is.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

impl EventResponse {
    /// An event of our own.
    pub fn new(event: &Event, names: &Names) -> Self {
        let event = event.clone();
        Self {
            start: local(event.start, names.zone),
            end: local(event.end, names.zone),
            room: event.room.as_deref().and_then(|id| names.room(id)),
            cohorts: names.cohorts.slugs(&event.cohorts),
            created_at: local(event.created_at, names.zone),
            updated_at: local(event.updated_at, names.zone),
            id: event.id,
            subject: event.subject,
            kind: event.kind,
            notes: event.notes,
            teacher: event.teacher,
            status: event.status,
            series: event.series,
            source: None,
            sequence: event.sequence,
        }
    }
}

impl EventResponse {
    /// An event of our own, as this caller may see it.
    pub fn seen(event: &Event, scene: &Scene) -> Self {
        let seen = seen_cohorts(&scene.caller, &event.cohorts, &scene.names);
        Self { cohorts: scene.names.cohorts.slugs(&seen), ..Self::new(event, &scene.names) }
    }
}

/// A feed's event.
pub fn feed_response(event: &FeedEvent<'_>, text: FeedText, names: &Names) -> EventResponse {
    let rooms: Vec<_> = names.rooms.at(event.place_names()).iter().map(|room| room.name.clone()).collect();
    let said = Some(text.location.trim().to_owned()).filter(|location| !location.is_empty());
    let since = local(text.since, names.zone);
    EventResponse {
        id: event.id(),
        start: local(event.start(), names.zone),
        end: local(event.end(), names.zone),
        subject: text.subject,
        kind: text.kind,
        notes: text.notes,
        room: if rooms.is_empty() { said } else { Some(rooms.join(", ")) },
        teacher: None,
        cohorts: names.cohorts.slugs(std::slice::from_ref(&event.feed.cohort_id)),
        status: if text.cancelled { Status::Cancelled } else { Status::Confirmed },
        series: None,
        source: Some(event.feed.slug.to_string()),
        sequence: text.sequence,
        created_at: since.clone(),
        updated_at: since,
    }
}

/// What hangs on a thing that somebody wants to remove: how many events, and the last few of them.
pub fn hanging(events: &[Event], names: &Names) -> String {
    let name = |event: &Event| {
        let subject: String = event.subject.chars().take(40).collect();
        format!("{} {} {subject:?}", event.id, event.start.with_timezone(&names.zone).format("%Y-%m-%d %H:%M"))
    };
    let named: Vec<_> = events.iter().rev().take(NAMED_AT_MOST).map(name).collect();
    let more = if events.len() > named.len() { ", …" } else { "" };
    let count = events.len();
    format!("{count} event{} ({}{more})", if count == 1 { "" } else { "s" }, named.join(", "))
}
