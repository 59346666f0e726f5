//! `/setup`: the first administrator comes in, by the key of the set-up link. The key stands behind the `#` of the
//! address, which browsers never send; the script moves it into its field, and without scripts somebody pastes it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::{begin_session, busy_page};
use crate::accounts::{AccountError, Accounts, CreateUserRequest};
use crate::error::FieldError;
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Problem, Typed, Visit};
use crate::words::Words;

pub(super) async fn show_setup(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    must_be_needed(&accounts)?;
    Ok(setup_page(&visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_setup(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    must_be_needed(&accounts)?;
    match accounts.setup(typed.raw("key"), new_admin(&typed), visit.caller.ip).await {
        Ok(user) => Ok(begin_session(&accounts, &visit, &user, "/admin").await?),
        Err(error @ AccountError::Busy) => Ok(busy_page(error, setup_page(&visit, &typed, &Mistakes::none()))),
        Err(error) => Ok(setup_page(&visit, &typed, &mistakes_of(error, visit.words)?)),
    }
}

fn must_be_needed(accounts: &Accounts) -> Result<(), Problem> {
    let done = || Problem::new(StatusCode::GONE, "this appliance is set up: sign in");
    if accounts.needs_setup() { Ok(()) } else { Err(done()) }
}

fn new_admin(typed: &Typed) -> CreateUserRequest {
    CreateUserRequest {
        login: typed.raw("login").to_owned(),
        name: typed.raw("name").to_owned(),
        email: typed.filled("email"),
        roles: Vec::new(),
        cohorts: Vec::new(),
        disabled: false,
        password: Some(typed.secret("password")).filter(|password| !password.expose().is_empty()),
    }
}

/// Which fields somebody should look at.
fn mistakes_of(error: AccountError, words: &Words) -> Result<Mistakes, Problem> {
    match error {
        AccountError::BadSetupKey => Ok(Mistakes::one(Mistake::at("key", words.setup.bad_key))),
        AccountError::LoginTaken(_) => Ok(Mistakes::one(Mistake::at("login", words.setup.login_taken))),
        error => Mistakes::of(error, |bad| bad_field(bad, words)),
    }
}

fn bad_field(bad: &FieldError, words: &Words) -> Option<Mistake> {
    let all = [
        ("login", words.setup.bad_login),
        ("name", words.setup.bad_name),
        ("email", words.setup.bad_email),
        ("password", words.setup.bad_password),
    ];
    all.into_iter().find(|(name, _)| *name == bad.field).map(|(name, text)| Mistake::at(name, text))
}

fn setup_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let page = visit.page(
        words.setup.title,
        html! {
            h1 { (words.setup.title) }
            p { (words.setup.text) }
            form .narrow method="post" action="/setup" {
                (form.summary())
                @for field in fields(words) { (form.field(&field)) }
                (form.submit(words.setup.submit))
            }
        },
    );
    form.answer(page)
}

fn fields(words: &Words) -> [Field; 5] {
    let key = Field::code("key", words.setup.key).hint(words.setup.key_hint).filled_by("off");
    let password = Field::password("password", words.sign_in.password).hint(words.setup.password_hint);
    [
        key.scripted("from-fragment").focused(),
        Field::code("login", words.sign_in.login).hint(words.setup.login_hint).filled_by("username"),
        Field::text("name", words.setup.name).hint(words.setup.name_hint).filled_by("name"),
        Field::email("email", words.setup.email).filled_by("email").optional(),
        password.filled_by("new-password").at_least(10),
    ]
}
