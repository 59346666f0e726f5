//! `/api/v1/users`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CreateUserRequest, UpdateUserRequest, User};
use crate::accounts::Accounts;
use crate::actor::{Caller, Deed, Role};
use crate::clock::local;
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};

/// The routes of users. Removal stands with whoever knows what hangs on a user.
pub(in crate::accounts) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(list_users, create_user)).routes(routes!(get_user, update_user))
}

/// A user as they go out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct UserResponse {
    login: String,
    name: String,
    email: Option<String>,
    roles: Vec<Role>,
    cohorts: Vec<String>,
    disabled: bool,
    created_at: String,
}

impl UserResponse {
    pub(in crate::accounts) fn new(user: &User, accounts: &Accounts) -> Self {
        Self {
            login: user.login.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            roles: user.roles.clone(),
            cohorts: accounts.cohorts.directory().slugs(&user.cohorts),
            disabled: user.disabled,
            created_at: local(user.created_at, accounts.app.zone()),
        }
    }

    fn tagged(user: &User, accounts: &Accounts) -> Tagged<Self> {
        Tagged(Tag::of(user), Self::new(user, accounts))
    }
}

/// Lists the users.
#[utoipa::path(get, path = "/api/v1/users", params(Listing), responses((status = 200, body = Page<UserResponse>)))]
async fn list_users(
    State(accounts): State<Accounts>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<UserResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let people = accounts.people();
    let all = people.all().map(|user| UserResponse::new(user, &accounts));
    Ok(Json(listing.page(all, |user| user.login.clone())?))
}

/// Tells of a user.
#[utoipa::path(get, path = "/api/v1/users/{login}", responses((status = 200, body = UserResponse)))]
async fn get_user(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(login): Path<String>,
) -> Result<Tagged<UserResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let people = accounts.people();
    let user = people.find(&login).ok_or_else(|| Problem::not_found("user", &login))?;
    Ok(UserResponse::tagged(user, &accounts))
}

/// Makes a user.
#[utoipa::path(
    post, path = "/api/v1/users",
    responses((status = 201, body = UserResponse), (status = 409), (status = 422), (status = 429)),
)]
async fn create_user(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(new): Json<CreateUserRequest>,
) -> Result<(StatusCode, Tagged<UserResponse>), Problem> {
    let made = accounts.create_user(caller, new).await?;
    Ok((StatusCode::CREATED, UserResponse::tagged(&made, &accounts)))
}

/// Changes a user.
#[utoipa::path(
    patch, path = "/api/v1/users/{login}", params(IfMatch),
    responses((status = 200, body = UserResponse), (status = 409), (status = 422), (status = 429)),
)]
async fn update_user(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(login): Path<String>,
    if_match: IfMatch,
    Json(patch): Json<UpdateUserRequest>,
) -> Result<Tagged<UserResponse>, Problem> {
    let after = accounts.update_user(caller, &login, patch, if_match).await?;
    Ok(UserResponse::tagged(&after, &accounts))
}
