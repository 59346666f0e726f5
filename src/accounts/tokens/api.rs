//! `/api/v1/tokens`.

use axum::Json as Out;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CreateTokenRequest, Issued, Scope, SubscriberToken, UpdateTokenRequest};
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed};
use crate::clock::local;
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};

/// A secret is in the answer: no cache keeps it.
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The routes of tokens, for administrators.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_tokens, create_token))
        .routes(routes!(super::batch::create_tokens))
        .routes(routes!(get_token, update_token, revoke_token))
        .routes(routes!(rotate_token))
}

/// A token as it goes out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TokenResponse {
    id: String,
    name: String,
    scope: &'static str,
    cohorts: Vec<String>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    urls: Option<Vec<String>>,
}

impl TokenResponse {
    pub(in crate::accounts) fn new(token: &SubscriberToken, accounts: &Accounts) -> Self {
        let zone = accounts.app.zone();
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            scope: token.scope.word(),
            cohorts: accounts.cohorts.directory().slugs(token.scope.ids()),
            created_at: local(token.created_at, zone),
            expires_at: token.expires_at.map(|at| local(at, zone)),
            revoked_at: token.revoked_at.map(|at| local(at, zone)),
            last_used_at: accounts.last_used(&token.id).map(|at| local(at, zone)),
            token: None,
            urls: None,
        }
    }

    /// The same with the secret and the addresses that it opens: on creation and rotation alone.
    pub(super) fn issued(issued: &Issued, accounts: &Accounts) -> Self {
        let token = Some(issued.secret.expose().clone());
        Self { token, urls: Some(accounts.urls(issued)), ..Self::new(&issued.token, accounts) }
    }
}

impl Accounts {
    /// The addresses that a new token opens: each cohort's, all of them as one, and that of the teacher who made it.
    pub fn urls(&self, issued: &Issued) -> Vec<String> {
        let directory = self.cohorts.directory();
        let slugs = match &issued.token.scope {
            Scope::All => directory.all().iter().map(|cohort| cohort.slug.to_string()).collect(),
            Scope::Cohorts(ids) => directory.slugs(ids),
        };
        let base = format!("{}/s/{}", self.app.public_url(), issued.secret.expose());
        let each = slugs.iter().map(|slug| format!("{base}/{slug}.ics"));
        let people = self.people();
        let owner = issued.token.owner.as_ref().and_then(|login| people.find(login.as_str()));
        let taught = owner.filter(|owner| owner.teaches()).map(|owner| format!("{base}/teachers/{}.ics", owner.login));
        each.chain([format!("{base}.ics")]).chain(taught).collect()
    }
}

/// The order of lists: by name, small letters.
pub(super) fn list_key(token: &SubscriberToken) -> String {
    format!("{} {}", token.name.to_lowercase(), token.id)
}

/// Lists the subscriber tokens.
#[utoipa::path(get, path = "/api/v1/tokens", params(Listing), responses((status = 200, body = Page<TokenResponse>)))]
async fn list_tokens(
    State(accounts): State<Accounts>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<TokenResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let keyring = accounts.keyring();
    let mut all: Vec<_> = keyring.all().collect();
    all.sort_by_cached_key(|token| list_key(token));
    let page = listing.page(all, |token| list_key(token))?;
    let items = page.items.into_iter().map(|token| TokenResponse::new(token, &accounts)).collect();
    Ok(Json(Page { items, next: page.next }))
}

/// Tells of a token, by id or live name.
#[utoipa::path(get, path = "/api/v1/tokens/{id}", responses((status = 200, body = TokenResponse)))]
async fn get_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged<TokenResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let keyring = accounts.keyring();
    let token = keyring.find(&id, &accounts.app.clock).ok_or(AccountError::UnknownToken(id))?;
    Ok(Tagged(Tag::of(&**token), TokenResponse::new(token, &accounts)))
}

/// Makes a token; its secret is in this answer alone.
#[utoipa::path(
    post, path = "/api/v1/tokens",
    responses((status = 201, body = TokenResponse), (status = 409), (status = 422)),
)]
async fn create_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(new): Json<CreateTokenRequest>,
) -> Result<impl IntoResponse, Problem> {
    caller.actor.must(Deed::Administer)?;
    let issued = accounts.create_token(caller, new).await?;
    Ok((StatusCode::CREATED, NO_STORE, Out(TokenResponse::issued(&issued, &accounts))))
}

/// Changes what a token opens, and until when.
#[utoipa::path(
    patch, path = "/api/v1/tokens/{id}", params(IfMatch),
    responses((status = 200, body = TokenResponse), (status = 409), (status = 422)),
)]
async fn update_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
    Json(patch): Json<UpdateTokenRequest>,
) -> Result<Tagged<TokenResponse>, Problem> {
    let token = accounts.update_token(caller, &id, patch, if_match).await?;
    Ok(Tagged(Tag::of(&token), TokenResponse::new(&token, &accounts)))
}

/// Revokes a token.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", params(IfMatch), responses((status = 204)))]
async fn revoke_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    accounts.revoke_token(caller, &id, if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a token another secret: the old one is dead.
#[utoipa::path(
    post, path = "/api/v1/tokens/{id}/rotate",
    responses((status = 200, body = TokenResponse), (status = 409)),
)]
async fn rotate_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let issued = accounts.rotate_token(caller, &id).await?;
    Ok((NO_STORE, Out(TokenResponse::issued(&issued, &accounts))))
}
