//! `/api/v1/rooms`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::Room;
use super::free::free_rooms;
use super::rules::{self, Removal, RoomRequest};
use crate::actor::{Caller, Deed};
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};
use crate::timetable::when::{Edge, read_edge};
use crate::timetable::{Flaws, Timetable, TimetableError};

/// The routes of rooms.
pub fn routes(timetable: Timetable) -> Router {
    Router::new()
        .route("/api/v1/rooms", get(list_rooms).post(create_room))
        .route("/api/v1/rooms/free", get(list_free_rooms))
        .route("/api/v1/rooms/{slug}", get(get_room).patch(update_room).delete(delete_room))
        .with_state(timetable)
}

/// A room as it goes out.
#[derive(Clone, Debug, Serialize)]
pub struct RoomResponse {
    slug: String,
    name: String,
    kind: String,
    capacity: Option<u32>,
    aliases: Vec<String>,
}

impl RoomResponse {
    fn new(room: &Room) -> Self {
        let Room { slug, name, kind, capacity, aliases, .. } = room.clone();
        Self { slug: slug.to_string(), name, kind, capacity, aliases }
    }

    fn tagged(room: &Room) -> Tagged<Self> {
        Tagged(Tag::of(room), Self::new(room))
    }
}

impl Timetable {
    /// The id of the room that somebody means.
    fn room_id(&self, name: &str) -> Result<String, TimetableError> {
        let rooms = self.rooms.load();
        let room = rooms.find(name).ok_or_else(|| TimetableError::UnknownRoom(name.to_owned()))?;
        Ok(room.id.clone())
    }
}

async fn list_rooms(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<RoomResponse>>, Problem> {
    caller.actor.must(Deed::ReadTimetable)?;
    let rooms = timetable.rooms.load();
    let all = rooms.all().iter().map(|room| RoomResponse::new(room));
    Ok(Json(listing.page(all, |room| room.slug.clone())?))
}

async fn get_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Tagged<RoomResponse>, Problem> {
    caller.actor.must(Deed::ReadTimetable)?;
    let rooms = timetable.rooms.load();
    let room = rooms.find(&slug).ok_or_else(|| Problem::not_found("room", &slug))?;
    Ok(RoomResponse::tagged(room))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FreeQuery {
    from: Option<String>,
    to: Option<String>,
    capacity: Option<u32>,
    limit: Option<usize>,
    after: Option<String>,
}

async fn list_free_rooms(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<FreeQuery>,
) -> Result<Json<Page<RoomResponse>>, Problem> {
    caller.actor.must(Deed::ReadTimetable)?;
    let mut flaws = Flaws::default();
    let zone = timetable.app.zone();
    let mut edge = |field, text: &Option<String>, edge| match text {
        Some(text) => read_edge(&mut flaws, field, text, (zone, edge)),
        None => {
            flaws.malformed(field, "is missing");
            None
        }
    };
    let range = (edge("from", &query.from, Edge::Begin), edge("to", &query.to, Edge::End));
    if let (Some(from), Some(to)) = range
        && from >= to
    {
        flaws.senseless("to", "must be after `from`");
    }
    flaws.check()?;
    let (Some(from), Some(to)) = range else { return Err(Problem::bad_field("from", "is missing")) };
    let read = timetable.clone();
    let found = move |tx: &_| free_rooms(tx, &read.scene(tx, &caller)?, (from, to), query.capacity);
    let free = timetable.app.store.read(found).await?;
    let listing = Listing { limit: query.limit, after: query.after };
    Ok(Json(listing.page(free.iter().map(|room| RoomResponse::new(room)), |room| room.slug.clone())?))
}

async fn create_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Json(request): Json<RoomRequest>,
) -> Result<(StatusCode, Tagged<RoomResponse>), Problem> {
    let made = timetable.change(caller, move |tx, scene| rules::create_room(tx, scene, &request)).await?;
    Ok((StatusCode::CREATED, RoomResponse::tagged(&made)))
}

async fn update_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
    seen: IfMatch,
    Json(request): Json<RoomRequest>,
) -> Result<Tagged<RoomResponse>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let id = timetable.room_id(&slug)?;
    let change = move |tx: &mut _, scene: &_| rules::update_room(tx, scene, &id, (&request, &seen));
    let after = timetable.change(caller, change).await?;
    Ok(RoomResponse::tagged(&after))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovalQuery {
    #[serde(default)]
    force: bool,
}

async fn delete_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(query): Query<RemovalQuery>,
    seen: IfMatch,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let id = timetable.room_id(&slug)?;
    let removal = if query.force { Removal::Forced } else { Removal::Careful };
    timetable.change(caller, move |tx, scene| rules::remove_room(tx, scene, &id, (removal, &seen))).await?;
    Ok(StatusCode::NO_CONTENT)
}
