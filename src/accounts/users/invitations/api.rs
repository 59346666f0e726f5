//! `POST /api/v1/invitations`: links by which people choose their password, shown once.

use std::fmt;

use axum::Json as Out;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Invited;
use crate::accounts::Accounts;
use crate::actor::{Caller, Deed};
use crate::clock::local;
use crate::http::{Json, Page, Problem};

/// A link is in the answer: no cache keeps it.
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The route.
pub(in crate::accounts::users) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(invite_users))
}

/// Who is invited: an earlier link of theirs dies.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct InviteUsersRequest {
    /// Their logins.
    logins: Vec<String>,
}

/// An invitation as it goes out, once. Does not print its link.
#[derive(Clone, Serialize, utoipa::ToSchema)]
pub struct InvitationResponse {
    login: String,
    /// Where they choose their password.
    url: String,
    expires_at: String,
}

impl InvitationResponse {
    /// With the link in clear.
    pub fn new(invited: &Invited, zone: Tz) -> Self {
        let url = invited.link.expose().clone();
        Self { login: invited.login.to_string(), url, expires_at: local(invited.expires_at, zone) }
    }
}

impl fmt::Debug for InvitationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationResponse").field("login", &self.login).finish_non_exhaustive()
    }
}

/// Makes links by which people choose their password: all of them or none. Each is in this answer alone.
#[utoipa::path(
    post, path = "/api/v1/invitations",
    responses((status = 201, body = Page<InvitationResponse>), (status = 404), (status = 409), (status = 422)),
)]
async fn invite_users(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(request): Json<InviteUsersRequest>,
) -> Result<impl IntoResponse, Problem> {
    caller.actor.must(Deed::Administer)?;
    let invited = accounts.invite_users(caller, &request.logins).await?;
    let items = invited.iter().map(|one| InvitationResponse::new(one, accounts.app.zone())).collect();
    Ok((StatusCode::CREATED, NO_STORE, Out(Page { items, next: None })))
}
