//! `/api/v1/master-token`: whether the token of the replaced proxy that makes tokens is still alive, and its end. It comes by
//! an import and never changes; whoever guesses at it is slowed down.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accounts::Accounts;
use crate::actor::{Caller, Deed};
use crate::http::{Json, Problem};

/// The routes of the master token.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(get_master_token, withdraw_master_token))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MasterTokenResponse {
    /// Whether there is one: it makes subscriber tokens at `/admin/create_token`.
    present: bool,
}

/// Tells whether the replaced proxy's master token makes tokens here.
#[utoipa::path(get, path = "/api/v1/master-token", responses((status = 200, body = MasterTokenResponse)))]
async fn get_master_token(
    State(accounts): State<Accounts>,
    caller: Caller,
) -> Result<Json<MasterTokenResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    Ok(Json(MasterTokenResponse { present: accounts.has_master_token() }))
}

/// Withdraws the master token: from now on it makes nothing.
#[utoipa::path(delete, path = "/api/v1/master-token", responses((status = 204), (status = 404)))]
async fn withdraw_master_token(State(accounts): State<Accounts>, caller: Caller) -> Result<StatusCode, Problem> {
    accounts.withdraw_master_token(caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
