//! The pages of people and keys: `/login`, `/logout`, `/setup` while there is no administrator, `/setup/password` for
//! whoever has an invitation, and somebody's own, `/me`.

mod invitation;
mod issued;
mod keys;
mod me;
mod people;
mod setup;

use axum::Router;
use axum::extract::{FromRef, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::{AccountError, Accounts, Origin, User};
use crate::app::App;
use crate::http::session::{cookie_of, device_of, set_cookie, set_device};
use crate::http::visit::local_path;
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::Notice;

/// The routes.
pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/login", get(show_login).post(submit_login))
        .route("/logout", post(submit_logout))
        .route("/setup", get(setup::show_setup).post(setup::submit_setup))
        .route("/setup/password", get(invitation::show_choice).post(invitation::submit_choice))
        .merge(me::routes())
        .merge(keys::routes())
        .merge(people::routes())
}

impl FromRef<Accounts> for App {
    fn from_ref(accounts: &Accounts) -> Self {
        accounts.app.clone()
    }
}

#[derive(Deserialize)]
struct NextQuery {
    #[serde(default)]
    next: String,
}

async fn show_login(visit: Visit, Query(query): Query<NextQuery>) -> Response {
    let next = local_path(&query.next);
    if visit.login().is_some() {
        return Redirect::to(next).into_response();
    }
    login_page(&visit, &Typed::new().with("next", next), &Mistakes::none())
}

async fn submit_login(
    State(accounts): State<Accounts>,
    visit: Visit,
    headers: HeaderMap,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let device = device_of(&headers, visit.is_secure()).map(str::to_owned);
    let origin = Origin { ip: visit.caller.ip, device };
    let again = |text: &str| login_page(&visit, &typed, &Mistakes::one(Mistake::of_all(text)));
    let user = match accounts.sign_in(typed.raw("login"), &typed.secret("password"), &origin).await {
        Ok(user) => user,
        Err(AccountError::BadSignIn) => {
            return Ok((StatusCode::UNAUTHORIZED, again(visit.words.sign_in.bad_sign_in)).into_response());
        }
        Err(error @ AccountError::Busy) => return Ok(busy_page(error, again(visit.words.trouble.busy_text))),
        Err(error @ AccountError::SlowDown { secs }) => {
            return Ok(busy_page(error, again(&visit.words.wait_to_sign_in(secs))));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(begin_session(&accounts, &visit, &user, local_path(typed.raw("next"))).await?)
}

/// The form again, with the time to wait.
fn busy_page(error: AccountError, page: Response) -> Response {
    let wait = crate::error::Refusal::retry_after_secs(&error).unwrap_or_default().to_string();
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)], page).into_response()
}

/// A cookie, and on to where somebody wanted to be.
async fn begin_session(accounts: &Accounts, visit: &Visit, user: &User, next: &str) -> Result<Response, AccountError> {
    with_session(accounts, visit, user, Redirect::to(next).into_response()).await
}

/// An answer that begins a session along with what else it does.
async fn with_session(
    accounts: &Accounts,
    visit: &Visit,
    user: &User,
    mut response: Response,
) -> Result<Response, AccountError> {
    let secret = accounts.start_session(user).await?;
    let cookie = set_cookie(Some(&secret), visit.is_secure());
    let device = set_device(&accounts.mark_device(&user.login)?, visit.is_secure());
    for cookie in cookie.into_iter().chain(device) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn submit_logout(
    State(accounts): State<Accounts>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    if let Some(cookie) = cookie_of(&headers, visit.is_secure()) {
        accounts.end_session(cookie).await?;
    }
    let mut response = visit.then("/", Notice::SignedOut).into_response();
    if let Some(cookie) = set_cookie(None, visit.is_secure()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn login_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let again = mistakes.any() && !typed.raw("login").is_empty();
    let login = Field::code("login", words.sign_in.login_or_email).filled_by("username");
    let password = Field::password("password", words.sign_in.password).filled_by("current-password");
    let (login, password) = if again { (login, password.focused()) } else { (login.focused(), password) };
    visit.page(
        words.shell.sign_in,
        html! {
            h1 { (words.shell.sign_in) }
            @if !mistakes.any() { (why(visit, typed)) }
            form .narrow method="post" action="/login" {
                (form.summary())
                (form.hidden("next"))
                (form.field(&login))
                (form.field(&password))
                (form.submit(words.shell.sign_in))
            }
            p .muted { (words.sign_in.no_account) }
        },
    )
}

/// Why somebody is here, where it was not their own wish.
fn why(visit: &Visit, typed: &Typed) -> Markup {
    let words = visit.words;
    html! {
        @if visit.expired {
            p .note role="status" { (words.sign_in.session_over) }
        } @else if typed.raw("next") != "/" {
            p { (words.sign_in.sign_in_for_page) }
        }
    }
}
