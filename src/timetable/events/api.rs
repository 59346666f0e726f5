//! `/api/v1/events`: the routes, and the changes.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::look_up;
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
pub fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new()
        .routes(routes!(look_up::list_events, create_event))
        .routes(routes!(look_up::get_event, update_event, delete_event))
        .routes(routes!(undo_event))
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
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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

/// To a reader of the document it is one or the other.
impl utoipa::PartialSchema for Changed {
    fn schema() -> RefOr<Schema> {
        let either = ["EventResponse", "SeriesResponse"].map(Ref::from_schema_name);
        either.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item).into()
    }
}

impl utoipa::ToSchema for Changed {
    fn name() -> Cow<'static, str> {
        "EventOrSeries".into()
    }

    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        all.push(("SeriesResponse".to_owned(), <SeriesResponse as utoipa::PartialSchema>::schema()));
        <SeriesResponse as utoipa::ToSchema>::schemas(all);
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

/// Makes an event, or the events of a series.
#[utoipa::path(
    post, path = "/api/v1/events",
    responses((status = 201, body = Changed), (status = 409), (status = 422)),
)]
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

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScopeQuery {
    /// How many events of a series are meant.
    #[param(inline)]
    #[serde(default)]
    scope: Scope,
}

/// Changes an event, or more of its series.
///
/// One event comes back as it is now; of a wider scope each.
#[utoipa::path(
    patch, path = "/api/v1/events/{id}", params(IfMatch, ScopeQuery),
    responses((status = 200, body = Changed), (status = 409), (status = 422)),
)]
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

/// Removes an event, or more of its series.
#[utoipa::path(
    delete, path = "/api/v1/events/{id}", params(IfMatch, ScopeQuery),
    responses((status = 204), (status = 409), (status = 422)),
)]
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

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UndoQuery {
    /// Although something stands in the way by now.
    #[serde(default)]
    allow_conflicts: bool,
}

/// Takes back the last change of an event.
///
/// What is left: an event, the events of a series, or nothing where it was made by what is undone.
#[utoipa::path(
    post, path = "/api/v1/events/{id}/undo", params(UndoQuery),
    responses((status = 200, body = Changed), (status = 204), (status = 409), (status = 422)),
)]
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
