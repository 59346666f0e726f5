//! `POST /admin/create_token`, as the replaced proxy had it: `Authorization: Bearer <master token>` and `{"name"}`.
//!
//! The header is read here and not by the router, since this is no route of ours. Scripts that post without a content
//! type are let in, as they were.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json as Out, Router};
use serde::Deserialize;
use serde_json::json;

use super::CreateTokenRequest;
use super::api::NO_STORE;
use crate::accounts::Accounts;
use crate::actor::{Actor, Caller, Denied};
use crate::http::Problem;
use crate::http::extract::bearer_of;

/// The route.
pub(super) fn routes() -> Router<Accounts> {
    Router::new().route("/admin/create_token", post(create_legacy_token))
}

/// What the proxy read; anything else in the body it let pass.
#[derive(Deserialize)]
struct CreateLegacyTokenRequest {
    name: Option<String>,
}

async fn create_legacy_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Problem> {
    let shown = bearer_of(&headers).filter(|token| !token.is_empty()).ok_or(Denied::SignIn)?;
    if !accounts.check_master(shown, caller.ip)? {
        return Err(Denied::SignIn.into());
    }
    let bad = |_| Problem::new(StatusCode::BAD_REQUEST, "the body is not JSON: send {\"name\": …}");
    let request: CreateLegacyTokenRequest = serde_json::from_slice(&body).map_err(bad)?;
    let name = request.name.ok_or_else(|| Problem::bad_field("name", "whose token this is"))?;
    let caller = Caller::new(Actor::Master, caller.ip);
    let issued = accounts.create_token(caller, CreateTokenRequest { name, cohorts: None, expires_at: None }).await?;
    let answer = json!({"name": issued.token.name, "token": issued.secret.expose()});
    Ok((StatusCode::CREATED, NO_STORE, Out(answer)))
}
