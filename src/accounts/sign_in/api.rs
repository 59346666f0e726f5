//! `POST /api/v1/auth/token` (OAuth2's password grant, RFC 6749 4.3) and `GET /api/v1/auth/me`.

use axum::Json as Out;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Origin;
use crate::accounts::users::{UserResponse, own_login};
use crate::accounts::{AccountError, Accounts};
use crate::actor::Caller;
use crate::http::{Json, Problem};
use crate::secret::Secret;

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The routes of signing in.
pub(in crate::accounts) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(create_access_token)).routes(routes!(get_me))
}

/// The form. The fields beside the two are what OAuth2 clients send along; none of them matters.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInForm {
    username: String,
    password: Secret<String>,
    #[serde(rename = "grant_type")]
    _grant_type: Option<String>,
    #[serde(rename = "scope")]
    _scope: Option<String>,
    #[serde(rename = "client_id")]
    _client_id: Option<String>,
    #[serde(rename = "client_secret")]
    _client_secret: Option<Secret<String>>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AccessTokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
}

/// Signs in: gives an access token for half an hour.
#[utoipa::path(
    post, path = "/api/v1/auth/token", security(()),
    responses((status = 200, body = AccessTokenResponse), (status = 401), (status = 429)),
)]
async fn create_access_token(
    State(accounts): State<Accounts>,
    caller: Caller,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Form(form) = form.map_err(|rejection| bad_form(&rejection))?;
    let user = accounts.sign_in(&form.username, &form.password, &Origin::address(caller.ip)).await?;
    let issued = accounts.issue_access_token(&user)?;
    let access_token = issued.access_token.expose().clone();
    Ok((NO_STORE, Out(AccessTokenResponse { access_token, token_type: "bearer", expires_in: issued.expires_in })))
}

/// Tells who the caller is.
#[utoipa::path(get, path = "/api/v1/auth/me", responses((status = 200, body = UserResponse), (status = 404)))]
async fn get_me(State(accounts): State<Accounts>, caller: Caller) -> Result<Json<UserResponse>, Problem> {
    let login = own_login(&caller)?;
    let people = accounts.people();
    let user = people.find(login.as_str()).ok_or_else(|| AccountError::UnknownUser(login.to_string()))?;
    Ok(Json(UserResponse::new(user, &accounts)))
}

/// The rejection's own words hold no value of a field, but for a field's name.
fn bad_form(rejection: &FormRejection) -> Problem {
    let text = rejection.body_text();
    let (_, reason) = text.split_once(": ").unwrap_or(("", &text));
    match rejection {
        FormRejection::FailedToDeserializeFormBody(_) => {
            Problem::bad_field(reason.split('`').nth(1).unwrap_or("body"), reason)
        }
        other => Problem::new(other.status(), text),
    }
}
