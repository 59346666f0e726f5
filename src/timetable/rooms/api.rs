//! `/api/v1/rooms`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Room;
use super::free::free_rooms;
use super::rules::{self, RoomRequest};
use crate::actor::{Caller, Deed};
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};
use crate::timetable::removal::RemovalQuery;
use crate::timetable::when::{Edge, read_edge};
use crate::timetable::{Flaws, Timetable, TimetableError};

/// The routes of rooms.
pub fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(list_rooms, create_room)).routes(routes!(list_free_rooms)).routes(routes!(
        get_room,
        update_room,
        delete_room
    ))
}

/// A room as it goes out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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

/// Lists the rooms.
#[utoipa::path(get, path = "/api/v1/rooms", params(Listing), responses((status = 200, body = Page<RoomResponse>)))]
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

/// Tells of a room, by slug, name or alias.
#[utoipa::path(get, path = "/api/v1/rooms/{slug}", responses((status = 200, body = RoomResponse)))]
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

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FreeQuery {
    /// A day or an instant.
    #[param(required = true)]
    from: Option<String>,
    /// Likewise; after it.
    #[param(required = true)]
    to: Option<String>,
    /// At least so many seats.
    capacity: Option<u32>,
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The cursor of the last answer.
    after: Option<String>,
}

/// Lists the rooms that nothing takes from one time to another.
#[utoipa::path(
    get, path = "/api/v1/rooms/free", params(FreeQuery),
    responses((status = 200, body = Page<RoomResponse>), (status = 422)),
)]
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

/// Makes a room.
#[utoipa::path(
    post, path = "/api/v1/rooms",
    responses((status = 201, body = RoomResponse), (status = 409), (status = 422)),
)]
async fn create_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Json(request): Json<RoomRequest>,
) -> Result<(StatusCode, Tagged<RoomResponse>), Problem> {
    let made = timetable.change(caller, move |tx, scene| rules::create_room(tx, scene, &request)).await?;
    Ok((StatusCode::CREATED, RoomResponse::tagged(&made)))
}

/// Changes a room.
#[utoipa::path(
    patch, path = "/api/v1/rooms/{slug}", params(IfMatch),
    responses((status = 200, body = RoomResponse), (status = 409), (status = 422)),
)]
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

/// Removes a room; `force` takes it out of its events.
#[utoipa::path(delete, path = "/api/v1/rooms/{slug}", params(IfMatch, RemovalQuery), responses((status = 204), (status = 409)))]
async fn delete_room(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(query): Query<RemovalQuery>,
    seen: IfMatch,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let id = timetable.room_id(&slug)?;
    let removal = query.removal();
    timetable.change(caller, move |tx, scene| rules::remove_room(tx, scene, &id, (removal, &seen))).await?;
    Ok(StatusCode::NO_CONTENT)
}
