//! `GET /api/v1/clashes`.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::report::{ClashResponse, Cursor, Wanted, report};
use crate::actor::{Caller, Deed};
use crate::http::{Json, Listing, Page, Problem, Query};
use crate::timetable::when::{Edge, read_edge};
use crate::timetable::{Flaws, Timetable};

/// The routes of clashes.
pub fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(list_clashes))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ClashQuery {
    from: Option<String>,
    to: Option<String>,
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The cursor of the last answer.
    after: Option<String>,
}

/// Lists what cannot all take place.
///
/// From now on, unless the query says otherwise.
#[utoipa::path(get, path = "/api/v1/clashes", params(ClashQuery), responses((status = 200, body = Page<ClashResponse>), (status = 422)))]
async fn list_clashes(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<ClashQuery>,
) -> Result<Json<Page<ClashResponse>>, Problem> {
    caller.actor.must(Deed::ReadTimetable)?;
    let limit = Listing { limit: query.limit, after: None }.limit()?;
    let wanted = Wanted { limit: limit + 1, ..wanted_of(&timetable, &query)? };
    let read = timetable.clone();
    let mut items = timetable.app.store.read(move |tx| report(tx, &read.scene(tx, &caller)?, &wanted)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|clash| clash.cursor.to_text());
    Ok(Json(Page { items, next }))
}

fn wanted_of(timetable: &Timetable, query: &ClashQuery) -> Result<Wanted, Problem> {
    let mut flaws = Flaws::default();
    let zone = timetable.app.zone();
    let mut edge = |field, text: &Option<String>, edge| {
        text.as_deref().and_then(|text| read_edge(&mut flaws, field, text, (zone, edge)))
    };
    let from = edge("from", &query.from, Edge::Begin).unwrap_or_else(|| timetable.app.clock.now());
    let to = edge("to", &query.to, Edge::End).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let after = query.after.as_deref().map(Cursor::from_text);
    if after == Some(None) {
        flaws.malformed("after", "the `next` of the last answer");
    }
    flaws.check()?;
    Ok(Wanted { from, to, after: after.flatten(), limit: 0 })
}
