//! `/api/v1/rollovers`: made, listed, undone.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::RolloverResponse;
use super::plan::Wanted;
use super::rules::Run;
use super::undo;
use crate::actor::{Caller, Deed};
use crate::clock::local;
use crate::http::{Json, Listing, Page, Path, Problem, Query};
use crate::timetable::Timetable;

/// The routes of roll-overs.
pub fn routes() -> OpenApiRouter<Timetable> {
    let all = OpenApiRouter::new().routes(routes!(list_rollovers, create_rollover));
    all.routes(routes!(undo_rollover))
}

/// Which cohorts' events, and until when.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RolloverRequest {
    /// The cohorts, by slug. An event of several goes when all of them are named.
    cohorts: Vec<String>,
    /// What ended before this day goes; without it, before the last first of August.
    before: Option<String>,
    /// Only say what would be archived.
    #[serde(default)]
    dry_run: bool,
}

/// Archives what ended before a day of the events of some cohorts.
///
/// The cohorts keep their addresses, tokens, feeds and students. What is archived is listed by
/// `GET /api/v1/events?archived=true`, and comes back when the roll-over is undone.
#[utoipa::path(
    post, path = "/api/v1/rollovers",
    responses((status = 200, body = RolloverResponse), (status = 422)),
)]
async fn create_rollover(
    State(timetable): State<Timetable>,
    caller: Caller,
    Json(request): Json<RolloverRequest>,
) -> Result<Json<RolloverResponse>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let run = if request.dry_run { Run::Dry } else { Run::Real };
    let clock = &timetable.app.clock;
    let times = (clock.trusted_now(), clock.now());
    let wanted = Wanted::read((&request.cohorts, request.before.as_deref()), &timetable.names(), times)?;
    let done = timetable.roll_over(caller, wanted.clone(), run).await?;
    Ok(Json(timetable.rollover_response(done, (&wanted, run))))
}

/// A roll-over that can be undone.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct RolloverEntry {
    id: String,
    at: String,
    /// What had ended by then was archived.
    before: String,
    cohorts: Vec<String>,
    /// How many events are in the archive by it.
    archived: usize,
}

/// Lists the roll-overs that were not undone, newest first.
#[utoipa::path(get, path = "/api/v1/rollovers", params(Listing), responses((status = 200, body = Page<RolloverEntry>)))]
async fn list_rollovers(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<RolloverEntry>>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let all = timetable.app.store.read(undo::list_rollovers).await?;
    let names = timetable.names();
    let entries = all.into_iter().map(|(rollover, archived)| RolloverEntry {
        at: local(rollover.at, names.zone),
        before: local(rollover.before, names.zone),
        cohorts: names.cohorts.slugs(&rollover.cohorts),
        id: rollover.id,
        archived,
    });
    Ok(Json(listing.page_of_history(entries)?))
}

/// What an undone roll-over gave back.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct UndoneRollover {
    id: String,
    /// How many events are on the timetable again.
    restored: usize,
}

/// Takes a roll-over back: each of its events is on the timetable again, as it was.
#[utoipa::path(
    post, path = "/api/v1/rollovers/{id}/undo",
    responses((status = 200, body = UndoneRollover)),
)]
async fn undo_rollover(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<UndoneRollover>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let wanted = id.clone();
    let restored = timetable.change(caller, move |tx, scene| undo::undo_rollover(tx, scene, &wanted)).await?;
    Ok(Json(UndoneRollover { id, restored }))
}
