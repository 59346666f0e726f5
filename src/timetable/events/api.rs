//! `/api/v1/events`: the routes, and the changes.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::look_up::{get_event, list_events};
use super::record::Event;
use super::request::EventRequest;
use super::response::EventResponse;
use super::rights::must_change_some;
use super::rules::{self, Conflicts, Scope, Target};
use super::undo::undo_change;
use crate::actor::Caller;
use crate::http::{IfMatch, Json, Path, Problem, Query, Tag, Tagged};
use crate::timetable::{Scene, Timetable};

/// The routes of events.
pub fn routes(timetable: Timetable) -> Router {
    Router::new()
        .route("/api/v1/events", get(list_events).post(create_event))
        .route("/api/v1/events/{id}", get(get_event).patch(update_event).delete(delete_event))
        .route("/api/v1/events/{id}/undo", post(undo_event))
        .with_state(timetable)
}

/// What came of a change.
enum Changed {
    /// Nothing is left.
    Nothing,
    /// One event.
    One(Box<Tagged<EventResponse>>),
    /// Several that were made or changed together.
    Several(SeriesResponse),
}

/// Several events that were made or changed together.
#[derive(Clone, Debug, Serialize)]
struct SeriesResponse {
    series: Option<String>,
    items: Vec<EventResponse>,
}

impl Changed {
    fn one(events: &[Event], scene: &Scene) -> Self {
        match events {
            [] => Self::Nothing,
            [event] => Self::One(Box::new(Tagged(Tag::of(event), EventResponse::new(event, &scene.names)))),
            _ => Self::several(events, scene),
        }
    }

    fn several(events: &[Event], scene: &Scene) -> Self {
        let series = events.first().and_then(|event| event.series.clone());
        let items = events.iter().map(|event| EventResponse::new(event, &scene.names)).collect();
        Self::Several(SeriesResponse { series, items })
    }
}

impl IntoResponse for Changed {
    fn into_response(self) -> Response {
        match self {
            Self::Nothing => StatusCode::NO_CONTENT.into_response(),
            Self::One(event) => event.into_response(),
            Self::Several(events) => Json(events).into_response(),
        }
    }
}

/// One event, or the events of a series.
async fn create_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Json(request): Json<EventRequest>,
) -> Result<(StatusCode, Response), Problem> {
    must_change_some(&caller)?;
    let made = timetable.change(caller, move |tx, scene| {
        let (series, events) = rules::create_events(tx, scene, &request)?;
        Ok(if series.is_some() { Changed::several(&events, scene) } else { Changed::one(&events, scene) })
    });
    Ok((StatusCode::CREATED, made.await?.into_response()))
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
    let changed = timetable.change(caller, move |tx, scene| {
        let events = rules::update_events(tx, scene, &target, &request)?;
        Ok(if scope == Scope::This { Changed::one(&events, scene) } else { Changed::several(&events, scene) })
    });
    Ok(changed.await?.into_response())
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

/// What is left: an event, the events of a series, or nothing where it was made by what is undone.
async fn undo_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<UndoQuery>,
) -> Result<Response, Problem> {
    must_change_some(&caller)?;
    let conflicts = Conflicts::asked(query.allow_conflicts, &caller)?;
    let undone = timetable.change(caller, move |tx, scene| {
        let left = undo_change(tx, scene, &id, conflicts)?;
        Ok(Changed::one(&left, scene))
    });
    Ok(undone.await?.into_response())
}
