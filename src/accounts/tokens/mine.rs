//! `/api/v1/me/tokens`: the tokens that somebody makes for themselves. A student's open their own cohorts
//! alone; a teacher's their own calendar too.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json as Out;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{NO_STORE, TokenResponse, list_key};
use super::rules::{draft_token, put_new_token, put_revoked, put_rotated};
use super::{Issued, Scope, SubscriberToken, TOKENS};
use crate::accounts::buckets::{Bucket, Rate, Remembered, whole_secs};
use crate::accounts::{AccountError, Accounts, Login, users};
use crate::actor::{Actor, Caller, Deed, Denied, Reach};
use crate::http::{Json, Listing, Page, Path, Problem, Query};
use crate::secret::Fingerprint;
use crate::store::{Read, WriteTx};

/// More live tokens than somebody has devices.
const MAX_LIVE: usize = 20;
/// So many may be made within a day, dead ones too: each stays, and so does what the audit tells of it.
const MAX_A_DAY: usize = 40;

/// So often somebody may rotate tokens of theirs: each time is an entry of the audit, which stays.
const ROTATIONS: Rate = Rate { burst: 10, every: TimeDelta::minutes(10) };

/// How often each person has rotated tokens of theirs of late.
#[derive(Clone, Debug, Default)]
pub(in crate::accounts) struct Rotations(Arc<Mutex<Remembered<Fingerprint, Bucket>>>);

impl Rotations {
    fn must_not_be_too_often(&self, login: &str, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut of_late = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = of_late.of(Fingerprint::of(login), now);
        let wait = bucket.wait(ROTATIONS, now);
        if wait > TimeDelta::zero() {
            return Err(AccountError::SlowDown { secs: whole_secs(wait) });
        }
        bucket.take(ROTATIONS, now);
        Ok(())
    }
}

/// A token to be made by somebody for themselves.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOwnTokenRequest {
    /// What they call it; unique among all live tokens.
    pub name: String,
    /// What it opens, by slug; absent or null is whatever they may read: each cohort, or a student's own.
    #[serde(default)]
    pub cohorts: Option<Vec<String>>,
}

/// The routes of one's own tokens.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(list_own_tokens, create_own_token)).routes(routes!(revoke_own_token))
}

impl Accounts {
    /// Makes a token for the caller.
    pub async fn create_own_token(&self, caller: Caller, new: CreateOwnTokenRequest) -> Result<Issued, AccountError> {
        let owner = own_login(&caller)?;
        let scope = self.own_scope(&caller.actor, new.cohorts.as_deref())?;
        let issued = draft_token(&new.name, scope, &self.app.clock)?;
        let token = SubscriberToken { owner: Some(owner), ..issued.token };
        let kept = token.clone();
        let clock = self.app.clock.clone();
        let insert = move |tx: &mut WriteTx| {
            must_have_room(tx, &clock, &kept)?;
            put_new_token(tx, &caller, &clock, ("token.create", &kept))
        };
        self.app.store.write(insert).await?;
        Ok(Issued { token, secret: issued.secret })
    }

    /// Revokes one of the caller's tokens, by id or live name.
    pub async fn revoke_own_token(&self, caller: Caller, name: &str) -> Result<(), AccountError> {
        let id = self.own_token(&caller, name)?.id.clone();
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| put_revoked(tx, &caller, &clock, &id)).await
    }

    /// Gives one of the caller's tokens a new secret; the old one is dead at once.
    pub async fn rotate_own_token(&self, caller: Caller, name: &str) -> Result<Issued, AccountError> {
        let id = self.own_token(&caller, name)?.id.clone();
        self.rotations.must_not_be_too_often(own_login(&caller)?.as_str(), self.app.clock.now())?;
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| put_rotated(tx, &caller, &clock, &id)).await
    }

    /// One of the caller's own tokens, by id or live name; whoever had their login before has left them none.
    pub(in crate::accounts) fn own_token(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Arc<SubscriberToken>, AccountError> {
        let (owner, people) = (own_login(caller)?, self.people());
        let user = people.find(owner.as_str());
        let (keyring, clock) = (self.keyring(), &self.app.clock);
        let own = |token: &&Arc<SubscriberToken>| user.is_some_and(|user| token.is_made_by(user, clock));
        let found = keyring.find(name, clock).filter(own);
        found.cloned().ok_or_else(|| AccountError::UnknownToken(name.to_owned()))
    }

    fn own_scope(&self, actor: &Actor, names: Option<&[String]>) -> Result<Scope, AccountError> {
        let scope = match (actor.reach(Deed::OwnTokens), self.scope_of(names)?, actor) {
            (Reach::Own, Scope::All, Actor::User { cohorts, .. }) => Scope::Cohorts(cohorts.clone()),
            (_, scope, _) => scope,
        };
        let everything = actor.reach(Deed::OwnTokens) == Reach::All;
        match &scope {
            Scope::Cohorts(ids) if ids.is_empty() => Err(AccountError::senseless("cohorts", "at least one")),
            Scope::Cohorts(ids) if !everything && !ids.iter().all(|id| actor.owns_cohort(id)) => {
                Err(Denied::NotAllowed.into())
            }
            _ => Ok(scope),
        }
    }
}

/// Whose tokens these are; refused to whoever has none.
fn own_login(caller: &Caller) -> Result<Login, AccountError> {
    let login = users::own_login(caller)?;
    caller.actor.must_some(Deed::OwnTokens)?;
    Ok(login)
}

fn must_have_room(tx: &WriteTx, clock: &crate::clock::Clock, new: &SubscriberToken) -> Result<(), AccountError> {
    let own: Vec<_> = tx.list(&TOKENS)?.into_iter().filter(|token| token.owner == new.owner).collect();
    let live = own.iter().filter(|token| token.is_live(clock)).count();
    if live >= MAX_LIVE {
        return Err(AccountError::TooManyOwnTokens(live));
    }
    let of_today = |token: &&SubscriberToken| (new.created_at - token.created_at).abs() < TimeDelta::days(1);
    let today = own.iter().filter(of_today).count();
    if today >= MAX_A_DAY { Err(AccountError::TooManyOwnTokensToday(today)) } else { Ok(()) }
}

/// Lists the caller's own tokens.
#[utoipa::path(get, path = "/api/v1/me/tokens", params(Listing), responses((status = 200, body = Page<TokenResponse>)))]
async fn list_own_tokens(
    State(accounts): State<Accounts>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<TokenResponse>>, Problem> {
    let owner = own_login(&caller)?;
    let (keyring, people) = (accounts.keyring(), accounts.people());
    let owner = people.find(owner.as_str()).ok_or_else(|| AccountError::UnknownUser(owner.to_string()))?;
    let clock = &accounts.app.clock;
    let mut own: Vec<_> = keyring.all().filter(|token| token.is_made_by(owner, clock)).collect();
    own.sort_by_cached_key(|token| list_key(token));
    let page = listing.page(own, |token| list_key(token))?;
    let items = page.items.into_iter().map(|token| TokenResponse::new(token, &accounts)).collect();
    Ok(Json(Page { items, next: page.next }))
}

/// Makes a token for the caller.
#[utoipa::path(
    post, path = "/api/v1/me/tokens",
    responses((status = 201, body = TokenResponse), (status = 409), (status = 422)),
)]
async fn create_own_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(new): Json<CreateOwnTokenRequest>,
) -> Result<impl IntoResponse, Problem> {
    let issued = accounts.create_own_token(caller, new).await?;
    Ok((StatusCode::CREATED, NO_STORE, Out(TokenResponse::issued(&issued, &accounts))))
}

/// Revokes one of the caller's tokens.
#[utoipa::path(delete, path = "/api/v1/me/tokens/{id}", responses((status = 204)))]
async fn revoke_own_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    accounts.revoke_own_token(caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
