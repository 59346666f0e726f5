//! The addresses of the scheduling site that Carillon replaces (WebCafé), as phones and scripts hold them: a promo's
//! calendar and its table. There they were open to everybody; here a cohort that is not public asks for a key.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::CalendarQuery;
use super::key::Shown;
use super::{Calendars, Format};
use crate::actor::Caller;
use crate::http::{Path, Problem, Query};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Calendars> {
    OpenApiRouter::new().routes(routes!(get_promo_calendar)).routes(routes!(get_promo_table))
}

/// The query of a table.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TableQuery {
    /// The promo.
    #[param(required = true)]
    promo_str: Option<String>,
    /// The key, where it stands nowhere else.
    token: Option<String>,
    /// `excel`: a byte-order mark and semicolons.
    #[serde(rename = "for")]
    dialect: Option<String>,
}

/// Hands out a promo's calendar, at the address that it had in WebCafé.
#[utoipa::path(
    get, path = "/api/ics/{promo}", params(CalendarQuery), security((), ("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/calendar"),
        (status = 304), (status = 401), (status = 403), (status = 404), (status = 503),
    ),
)]
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

/// Hands out a promo's calendar as a table, at the address that it had in WebCafé.
#[utoipa::path(
    get, path = "/api/csv", params(TableQuery), security((), ("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 304), (status = 401), (status = 403), (status = 404), (status = 503),
    ),
)]
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
