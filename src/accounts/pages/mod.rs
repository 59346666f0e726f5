//! The pages of signing in: `/login`, `/logout`, `/setup` while there is no administrator, and `/setup/password` for
//! whoever has an invitation.

mod field;
mod invitation;
mod setup;

use axum::Router;
use axum::extract::{Form, FromRef, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::{AccountError, Accounts, Login, Origin};
use crate::app::App;
use crate::http::session::{cookie_of, device_of, set_cookie, set_device};
use crate::http::visit::local_path;
use crate::http::{PageProblem, Visit};
use crate::secret::Secret;

/// The routes.
pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/login", get(show_login).post(submit_login))
        .route("/logout", post(submit_logout))
        .route("/setup", get(setup::show_setup).post(setup::submit_setup))
        .route("/setup/password", get(invitation::show_choice).post(invitation::submit_choice))
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

/// What somebody signs in with.
#[derive(Deserialize)]
#[serde(default)]
struct LoginForm {
    login: String,
    password: Secret<String>,
    next: String,
}

impl Default for LoginForm {
    fn default() -> Self {
        Self { login: String::new(), password: Secret::new(String::new()), next: String::new() }
    }
}

async fn show_login(visit: Visit, Query(query): Query<NextQuery>) -> Response {
    let next = local_path(&query.next);
    if visit.login().is_some() {
        return Redirect::to(next).into_response();
    }
    let form = LoginForm { next: next.to_owned(), ..LoginForm::default() };
    login_page(&visit, &form, None)
}

async fn submit_login(
    State(accounts): State<Accounts>,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<LoginForm>,
) -> Result<Response, PageProblem> {
    let device = device_of(&headers, visit.is_secure()).map(str::to_owned);
    let origin = Origin { ip: visit.caller.ip, device };
    let login = match accounts.sign_in(&form.login, &form.password, &origin).await {
        Ok(login) => login,
        Err(AccountError::BadSignIn) => {
            let page = login_page(&visit, &form, Some(visit.words.bad_sign_in));
            return Ok((StatusCode::UNAUTHORIZED, page).into_response());
        }
        Err(error @ AccountError::Busy) => {
            return Ok(busy_page(error, login_page(&visit, &form, Some(visit.words.busy_text))));
        }
        Err(error @ AccountError::SlowDown { secs }) => {
            return Ok(busy_page(error, login_page(&visit, &form, Some(&visit.words.wait_to_sign_in(secs)))));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(begin_session(&accounts, &visit, &login, local_path(&form.next)).await?)
}

/// The form again, with the time to wait.
fn busy_page(error: AccountError, page: Response) -> Response {
    let wait = crate::error::Refusal::retry_after_secs(&error).unwrap_or_default().to_string();
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)], page).into_response()
}

/// A cookie, and on to where somebody wanted to be.
async fn begin_session(
    accounts: &Accounts,
    visit: &Visit,
    login: &Login,
    next: &str,
) -> Result<Response, AccountError> {
    let secret = accounts.start_session(login).await?;
    let mut response = Redirect::to(next).into_response();
    if let Some(cookie) = set_cookie(Some(&secret), visit.is_secure()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    if let Some(cookie) = set_device(&accounts.mark_device(login)?, visit.is_secure()) {
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
    let mut response = Redirect::to("/").into_response();
    if let Some(cookie) = set_cookie(None, visit.is_secure()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn login_page(visit: &Visit, form: &LoginForm, mistake: Option<&str>) -> Response {
    let words = visit.words;
    let again = mistake.is_some() && !form.login.is_empty();
    visit.page(
        words.sign_in,
        html! {
            h1 { (words.sign_in) }
            @match mistake {
                Some(mistake) => { p .note.bad #mistake role="alert" { (mistake) } }
                None if visit.expired => { p .note role="status" { (words.session_over) } }
                None if form.next != "/" => { p { (words.sign_in_for_page) } }
                None => {}
            }
            form .narrow method="post" action="/login" {
                input type="hidden" name="next" value=(form.next);
                div .field {
                    label for="login" { (words.login_or_email) }
                    input #login name="login" value=(form.login) required autocomplete="username" autocapitalize="none"
                        spellcheck="false" autofocus[!again] aria-describedby=[mistake.map(|_| "mistake")];
                }
                div .field {
                    label for="password" { (words.password) }
                    input #password type="password" name="password" required autocomplete="current-password"
                        autofocus[again] aria-describedby=[mistake.map(|_| "mistake")];
                }
                (submit(words.sign_in, words.one_moment))
            }
            p .muted { (words.no_account) }
        },
    )
}

/// The button of a form, and what it says while one waits.
fn submit(label: &str, busy: &str) -> Markup {
    html! { p .actions { button type="submit" data-busy=(busy) { (label) } } }
}
