//! `GET /api/v1/users/{login}/data` and `GET /api/v1/me/data`: everything that is held of somebody, to be handed to them.
//! No hash, no secret, and of others no more than who they are.

use std::sync::Arc;

use axum::Json as Out;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{User, UserResponse, own_login};
use crate::accounts::tokens::TokenResponse;
use crate::accounts::{AccountError, Accounts, Login};
use crate::actor::{Caller, Deed};
use crate::audit::{self, AuditEntryResponse};
use crate::clock::local;
use crate::http::{Path, Problem};
use crate::store::StoreError;

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The routes of what is held of people.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(get_user_data)).routes(routes!(get_own_data))
}

/// One at a time reads the whole audit.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct UserDataResponse {
    user: UserResponse,
    tokens: Vec<TokenResponse>,
    sessions: Vec<SessionResponse>,
    audit: Vec<AuditEntryResponse>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SessionResponse {
    created_at: String,
    expires_at: String,
}

impl Accounts {
    async fn data_of(&self, login: &Login) -> Result<UserDataResponse, AccountError> {
        let _alone = self.exports.0.try_acquire().map_err(|_| AccountError::Busy)?;
        let people = self.people();
        let user = people.find(login.as_str()).ok_or_else(|| AccountError::UnknownUser(login.to_string()))?;
        let (zone, whose) = (self.app.zone(), login.clone());
        let read = self.app.store.read::<_, StoreError>(move |tx| audit::entries_of(tx, whose.as_str()));
        let entries = read.await?;
        let sessions = self.sessions_of(user).into_iter();
        Ok(UserDataResponse {
            user: UserResponse::new(user, self),
            tokens: self.tokens_held_by(user),
            sessions: sessions
                .map(|[from, to]| SessionResponse { created_at: local(from, zone), expires_at: local(to, zone) })
                .collect(),
            audit: entries.into_iter().map(|entry| AuditEntryResponse::new(entry, zone)).collect(),
        })
    }

    /// Those that they made, and those that bear their login.
    fn tokens_held_by(&self, user: &User) -> Vec<TokenResponse> {
        let keyring = self.keyring();
        let theirs = keyring.all().filter(|token| token.is_of(&user.login));
        theirs.map(|token| TokenResponse::new(token, self)).collect()
    }
}

/// Hands out all that is held of somebody.
#[utoipa::path(
    get, path = "/api/v1/users/{login}/data",
    responses((status = 200, body = UserDataResponse), (status = 429)),
)]
async fn get_user_data(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(login): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    caller.actor.must(Deed::Administer)?;
    let login = accounts.login_of(&login)?;
    Ok((NO_STORE, Out(accounts.data_of(&login).await?)))
}

/// Hands out all that is held of the caller.
#[utoipa::path(
    get, path = "/api/v1/me/data",
    responses((status = 200, body = UserDataResponse), (status = 404), (status = 429)),
)]
async fn get_own_data(State(accounts): State<Accounts>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let login = own_login(&caller)?;
    Ok((NO_STORE, Out(accounts.data_of(&login).await?)))
}
