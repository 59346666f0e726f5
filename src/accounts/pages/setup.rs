//! `/setup`: the first administrator comes in, by the key of the set-up link. The key stands behind the `#` of the
//! address, which browsers never send; the script moves it into its field, and without scripts somebody pastes it.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;

use super::field::{Field, Mistake};
use super::{begin_session, busy_page, submit};
use crate::accounts::{AccountError, Accounts, CreateUserRequest};
use crate::http::{PageProblem, Problem, Visit};
use crate::secret::Secret;
use crate::words::Words;

/// What the first administrator says of themselves.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct SetupForm {
    key: String,
    login: String,
    name: String,
    email: String,
    password: Secret<String>,
}

impl Default for SetupForm {
    fn default() -> Self {
        let empty = String::new;
        Self { key: empty(), login: empty(), name: empty(), email: empty(), password: Secret::new(empty()) }
    }
}

impl SetupForm {
    fn new_admin(&self) -> CreateUserRequest {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        CreateUserRequest {
            login: self.login.clone(),
            name: self.name.clone(),
            email: filled(&self.email),
            roles: Vec::new(),
            cohorts: Vec::new(),
            disabled: false,
            password: Some(self.password.clone()).filter(|password| !password.expose().is_empty()),
        }
    }
}

pub(super) async fn show_setup(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    must_be_needed(&accounts)?;
    Ok(setup_page(&visit, &SetupForm::default(), None))
}

pub(super) async fn submit_setup(
    State(accounts): State<Accounts>,
    visit: Visit,
    Form(form): Form<SetupForm>,
) -> Result<Response, PageProblem> {
    must_be_needed(&accounts)?;
    let error = match accounts.setup(&form.key, form.new_admin(), visit.caller.ip).await {
        Ok(user) => return Ok(begin_session(&accounts, &visit, &user.login, "/admin").await?),
        Err(error) => error,
    };
    match (mistake_of(&error, visit.words), error) {
        (Some(mistake), _) => {
            let page = setup_page(&visit, &form, Some(&mistake));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        (None, error @ AccountError::Busy) => Ok(busy_page(error, setup_page(&visit, &form, None))),
        (None, error) => Err(error.into()),
    }
}

fn must_be_needed(accounts: &Accounts) -> Result<(), Problem> {
    let done = || Problem::new(StatusCode::GONE, "this appliance is set up: sign in");
    if accounts.needs_setup() { Ok(()) } else { Err(done()) }
}

/// Which field somebody should look at.
fn mistake_of(error: &AccountError, words: &Words) -> Option<Mistake> {
    let field = match error {
        AccountError::BadSetupKey => return Some(Mistake { field: "key", text: words.bad_key }),
        AccountError::LoginTaken(_) => return Some(Mistake { field: "login", text: words.login_taken }),
        AccountError::Bad(field) | AccountError::Senseless(field) => field.field.as_str(),
        _ => return None,
    };
    let all = [
        ("login", words.bad_login),
        ("name", words.bad_name),
        ("email", words.bad_email),
        ("password", words.bad_password),
    ];
    all.into_iter().find(|(name, _)| *name == field).map(|(field, text)| Mistake { field, text })
}

fn setup_page(visit: &Visit, form: &SetupForm, mistake: Option<&Mistake>) -> Response {
    let words = visit.words;
    let fields = [
        Field { name: "key", label: words.setup_key, hint: words.setup_key_hint, filled_by: "off", value: &form.key },
        Field { name: "login", label: words.login, hint: words.login_hint, filled_by: "username", value: &form.login },
        Field { name: "name", label: words.name, hint: words.name_hint, filled_by: "name", value: &form.name },
        Field { name: "email", label: words.email, hint: words.optional, filled_by: "email", value: &form.email },
        Field {
            name: "password",
            label: words.password,
            hint: words.password_hint,
            filled_by: "new-password",
            value: "",
        },
    ];
    let focus = mistake.map_or("key", |mistake| mistake.field);
    visit.page(
        words.setup,
        html! {
            h1 { (words.setup) }
            p { (words.setup_text) }
            form .narrow method="post" action="/setup" {
                @for field in fields {
                    (field.draw(mistake.filter(|mistake| mistake.field == field.name), field.name == focus))
                }
                (submit(words.setup_do, words.one_moment))
            }
        },
    )
}
