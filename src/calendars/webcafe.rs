//! The addresses of the scheduling site that Carillon replaces (WebCafé), as phones and scripts hold them: a promo's
//! calendar and its table. There they were open to everybody; here a cohort that is not public asks for a key.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::api::CalendarQuery;
use super::key::Shown;
use super::{Calendars, Format};
use crate::actor::Caller;
use crate::http::{Path, Problem, Query};

/// The routes.
pub(super) fn routes(calendars: Calendars) -> Router {
    Router::new()
        .route("/api/ics/{promo}", get(get_promo_calendar))
        .route("/api/csv", get(get_promo_table))
        .with_state(calendars)
}

/// The query of a table.
#[derive(Debug, Deserialize)]
struct TableQuery {
    /// The promo.
    promo_str: Option<String>,
    /// The key, where it stands nowhere else.
    token: Option<String>,
    /// `excel`: a byte-order mark and semicolons.
    #[serde(rename = "for")]
    dialect: Option<String>,
}

async fn get_promo_calendar(
    State(calendars): State<Calendars>,
    caller: Caller,
    Path(promo): Path<String>,
    Query(query): Query<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let holder = calendars.holder(Shown::of(&headers, query.token.as_deref()), caller.ip);
    let calendar = calendars.of_cohort(&holder, &promo)?;
    calendars.hand_out(&calendar, Format::Ics, &headers).await
}

async fn get_promo_table(
    State(calendars): State<Calendars>,
    caller: Caller,
    Query(query): Query<TableQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let missing = || Problem::new(StatusCode::BAD_REQUEST, "name the promo: ?promo_str=");
    let promo = query.promo_str.ok_or_else(missing)?;
    let holder = calendars.holder(Shown::of(&headers, query.token.as_deref()), caller.ip);
    let calendar = calendars.of_cohort(&holder, &promo)?;
    calendars.hand_out(&calendar, Format::csv(query.dialect.as_deref()), &headers).await
}
