//! `/api/v1/events`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::list::{Filter, list_events as list};
use super::record::Event;
use super::request::EventRequest;
use super::response::{EventResponse, feed_response};
use super::rights::{may_read, must_change_some, must_read};
use super::rules::{self, Conflicts, Scope, Target};
use super::undo::undo_change;
use crate::actor::Caller;
use crate::cohorts::Cohort;
use crate::http::caching::{IfMatch, Tagged};
use crate::http::{Json, Listing, Page, Path, Problem, Query};
use crate::store::ReadTx;
use crate::timetable::feed_events::read_texts;
use crate::timetable::tables::find_event;
use crate::timetable::when::{Edge, read_edge};
use crate::timetable::{Flaws, Scene, Timetable, TimetableError};

/// The routes of events.
pub fn routes(timetable: Timetable) -> Router {
    Router::new()
        .route("/api/v1/events", get(list_events).post(create_event))
        .route("/api/v1/events/{id}", get(get_event).patch(update_event).delete(delete_event))
        .route("/api/v1/events/{id}/undo", post(undo_event))
        .with_state(timetable)
}

/// Several events that were made or changed together.
#[derive(Clone, Debug, Serialize)]
struct SeriesResponse {
    series: Option<String>,
    items: Vec<EventResponse>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    cohort: Option<String>,
    room: Option<String>,
    teacher: Option<String>,
    series: Option<String>,
    subject: Option<String>,
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
    after: Option<String>,
}

async fn list_events(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<EventQuery>,
) -> Result<Json<Page<EventResponse>>, Problem> {
    must_read(&caller)?;
    let limit = Listing { limit: query.limit, after: None }.limit()?;
    let filter = timetable.filter_of(&caller, query)?;
    let read = timetable.clone();
    let listed = move |tx: &_| list(tx, &read.scene(tx, &caller)?, &filter, limit + 1);
    let mut items = timetable.app.store.read(listed).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).and_then(cursor_of);
    Ok(Json(Page { items, next }))
}

/// A place in a list: seconds and an id.
fn cursor_of(event: &EventResponse) -> Option<String> {
    let start = DateTime::parse_from_rfc3339(&event.start).ok()?;
    Some(format!("{}.{}", start.timestamp(), event.id))
}

fn read_cursor(text: &str) -> Option<(DateTime<Utc>, String)> {
    let (start, id) = text.split_once('.')?;
    Some((DateTime::from_timestamp(start.parse().ok()?, 0)?, id.to_owned()))
}

impl Timetable {
    fn filter_of(&self, caller: &Caller, query: EventQuery) -> Result<Filter, TimetableError> {
        let (names, mut flaws) = (self.names(), Flaws::default());
        let unknown =
            |flaws: &mut Flaws, field, name: &str| flaws.senseless(field, format!("there is no {field} {name:?}"));
        // To a student a cohort that is not theirs is as if it were not there.
        let seen = |cohort: &&std::sync::Arc<Cohort>| may_read(caller, std::slice::from_ref(&cohort.id));
        let cohort = query.cohort.map(|name| {
            let found = names.cohorts.find(&name).filter(seen);
            found
                .map(|cohort| cohort.id.clone())
                .ok_or_else(|| unknown(&mut flaws, "cohort", &name))
                .unwrap_or_default()
        });
        let room = query.room.map(|name| {
            let found = names.rooms.find(&name);
            found.map(|room| room.id.clone()).ok_or_else(|| unknown(&mut flaws, "room", &name)).unwrap_or_default()
        });
        let teacher = query.teacher.map(|name| {
            let found = names.people.find(&name);
            found
                .map(|user| user.login.to_string())
                .ok_or_else(|| unknown(&mut flaws, "teacher", &name))
                .unwrap_or_default()
        });
        let mut edge = |field, text: &Option<String>, edge| {
            text.as_deref().and_then(|text| read_edge(&mut flaws, field, text, (names.zone, edge)))
        };
        let (from, to) = (edge("from", &query.from, Edge::Begin), edge("to", &query.to, Edge::End));
        let after = query.after.as_deref().map(read_cursor);
        if after == Some(None) {
            flaws.malformed("after", "the `next` of the last answer");
        }
        flaws.check()?;
        Ok(Filter {
            cohort,
            room,
            teacher,
            series: query.series,
            subject: query.subject.map(|subject| subject.to_lowercase()),
            kind: query.kind.map(|kind| kind.trim().to_lowercase()),
            from: from.unwrap_or(DateTime::<Utc>::MIN_UTC),
            to: to.unwrap_or(DateTime::<Utc>::MAX_UTC),
            after: after.flatten(),
        })
    }
}

async fn get_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged<EventResponse>, Problem> {
    must_read(&caller)?;
    let read = timetable.clone();
    let found = timetable.app.store.read(move |tx| find_response(tx, &read.scene(tx, &caller)?, &id)).await?;
    Ok(Tagged(found))
}

fn find_response(tx: &ReadTx, scene: &Scene, id: &str) -> Result<EventResponse, TimetableError> {
    let unknown = || TimetableError::UnknownEvent(id.to_owned());
    if let Some(event) = scene.feeds.find(id) {
        if !may_read(&scene.caller, std::slice::from_ref(&event.feed.cohort_id)) {
            return Err(unknown());
        }
        let text = read_texts(tx, &[event])?.pop().unwrap_or_default();
        return Ok(feed_response(&event, text, &scene.names));
    }
    let event = find_event(tx, id)?.filter(|event| may_read(&scene.caller, &event.cohorts)).ok_or_else(unknown)?;
    Ok(EventResponse::new(&event, &scene.names))
}

async fn create_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Json(request): Json<EventRequest>,
) -> Result<Response, Problem> {
    must_change_some(&caller)?;
    let made = timetable.change(caller, move |tx, scene| {
        let (series, events) = rules::create_events(tx, scene, &request)?;
        Ok((series, responses(&events, scene)))
    });
    let (series, mut items) = made.await?;
    let created = StatusCode::CREATED;
    Ok(match (series, items.pop()) {
        (None, Some(event)) => (created, Tagged(event)).into_response(),
        (series, last) => {
            items.extend(last);
            (created, Json(SeriesResponse { series, items })).into_response()
        }
    })
}

fn responses(events: &[Event], scene: &Scene) -> Vec<EventResponse> {
    events.iter().map(|event| EventResponse::new(event, &scene.names)).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeQuery {
    #[serde(default)]
    scope: Scope,
}

/// One event comes back as it is now; of a wider scope each.
async fn update_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
    Query(ScopeQuery { scope }): Query<ScopeQuery>,
    seen: IfMatch,
    Json(request): Json<EventRequest>,
) -> Result<Response, Problem> {
    must_change_some(&caller)?;
    let target = Target { id, scope, seen };
    let changed = timetable
        .change(caller, move |tx, scene| Ok(responses(&rules::update_events(tx, scene, &target, &request)?, scene)));
    Ok(answer(scope, changed.await?))
}

fn answer(scope: Scope, mut items: Vec<EventResponse>) -> Response {
    match (scope, items.pop()) {
        (Scope::This, Some(event)) => Tagged(event).into_response(),
        (_, last) => {
            items.extend(last);
            let series = items.first().and_then(|event| event.series.clone());
            Json(SeriesResponse { series, items }).into_response()
        }
    }
}

async fn delete_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
    Query(ScopeQuery { scope }): Query<ScopeQuery>,
    seen: IfMatch,
) -> Result<StatusCode, Problem> {
    let target = Target { id, scope, seen };
    timetable.change(caller, move |tx, scene| rules::delete_events(tx, scene, &target)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoQuery {
    #[serde(default)]
    allow_conflicts: bool,
}

/// What is left of it: an event, the events of a series, or nothing where it was made by what is undone.
async fn undo_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<UndoQuery>,
) -> Result<Response, Problem> {
    must_change_some(&caller)?;
    let conflicts = Conflicts::asked(query.allow_conflicts, &caller)?;
    let undone =
        timetable.change(caller, move |tx, scene| Ok(responses(&undo_change(tx, scene, &id, conflicts)?, scene)));
    let items = undone.await?;
    Ok(match items.len() {
        0 => StatusCode::NO_CONTENT.into_response(),
        1 => answer(Scope::This, items),
        _ => answer(Scope::All, items),
    })
}
