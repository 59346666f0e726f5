//! `GET /api/v1/users/{login}/data` and `GET /api/v1/me/data`: everything that is held of somebody, to be handed to them.
//! No hash, no secret, and of others no more than who they are.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json as Out;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{User, UserResponse, own_login};
use crate::accounts::buckets::{Bucket, Rate, Remembered, whole_secs};
use crate::accounts::tokens::TokenResponse;
use crate::accounts::{AccountError, Accounts, Login};
use crate::actor::{Actor, Caller, Deed};
use crate::audit::{self, AuditEntryResponse};
use crate::clock::local;
use crate::http::{Path, Problem};
use crate::secret::Fingerprint;
use crate::store::StoreError;

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The routes of what is held of people.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(get_user_data)).routes(routes!(get_own_data))
}

/// So often somebody may have all that is held of them.
const OFTEN: Rate = Rate { burst: 5, every: TimeDelta::minutes(5) };

/// One at a time reads the whole audit, in the order in which they came; nobody has it read again and again.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Exports {
    turn: Arc<Semaphore>,
    of_late: Arc<Mutex<Remembered<Fingerprint, Bucket>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), of_late: Arc::default() }
    }
}

impl Exports {
    fn must_not_be_too_often(&self, login: &str, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut of_late = self.of_late.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = of_late.of(Fingerprint::of(login), now);
        let wait = bucket.wait(OFTEN, now);
        if wait > TimeDelta::zero() {
            return Err(AccountError::DataTooOften { secs: whole_secs(wait) });
        }
        bucket.take(OFTEN, now);
        Ok(())
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
    async fn data_of(&self, caller: &Caller, login: &Login) -> Result<UserDataResponse, AccountError> {
        if let Actor::User { login: asking, .. } = &caller.actor {
            self.exports.must_not_be_too_often(asking, self.app.clock.now())?;
        }
        let _alone = self.exports.turn.acquire().await.map_err(|_| AccountError::Busy)?;
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

    /// Those that they made, and those that an administrator made and called by their login.
    fn tokens_held_by(&self, user: &User) -> Vec<TokenResponse> {
        let keyring = self.keyring();
        let theirs = keyring.all().filter(|token| token.is_held_by(user, &self.app.clock));
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
    Ok((NO_STORE, Out(accounts.data_of(&caller, &login).await?)))
}

/// Hands out all that is held of the caller.
#[utoipa::path(
    get, path = "/api/v1/me/data",
    responses((status = 200, body = UserDataResponse), (status = 404), (status = 429)),
)]
async fn get_own_data(State(accounts): State<Accounts>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let login = own_login(&caller)?;
    Ok((NO_STORE, Out(accounts.data_of(&caller, &login).await?)))
}
