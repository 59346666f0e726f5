//! A new user.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::fields::{about, cohorts_of, mistakes_of, roles_of};
use crate::accounts::pages::busy_page;
use crate::accounts::{AccountError, Accounts, CreateUserRequest};
use crate::actor::Deed;
use crate::http::page::pieces::breadcrumbs;
use crate::http::{Field, Form, Mistakes, PageProblem, Typed, Visit};
use crate::words::Notice;

pub(super) async fn show_new_user(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    Ok(new_page(&accounts, &visit, &Typed::new().with("roles", "student"), &Mistakes::none()))
}

pub(super) async fn submit_new_user(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let new = CreateUserRequest {
        login: typed.text("login"),
        name: typed.text("name"),
        email: typed.filled("email"),
        roles: roles_of(&typed),
        cohorts: cohorts_of(&typed),
        disabled: false,
        password: Some(typed.secret("password")).filter(|password| !password.expose().is_empty()),
    };
    match accounts.create_user(visit.caller.clone(), new).await {
        Ok(user) => Ok(visit.then("/admin/users", Notice::UserAdded).about(user.login.as_str()).into_response()),
        Err(error @ AccountError::Busy) => Ok(busy_page(error, new_page(&accounts, &visit, &typed, &Mistakes::none()))),
        Err(error) => {
            let mistakes = mistakes_of(error, visit.words)?;
            Ok(new_page(&accounts, &visit, &typed, &mistakes))
        }
    }
}

fn new_page(accounts: &Accounts, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let login = Field::code("login", words.sign_in.login).hint(words.setup.login_hint).filled_by("off").at_most(64);
    let password = Field::password("password", words.people.first_password).hint(words.people.first_password_hint);
    let page = visit.admin_page(
        words.people.add,
        html! {
            (breadcrumbs(&[("/admin/users", words.people.title)], words.people.add, words))
            h1 { (words.people.add) }
            form .narrow method="post" action="/admin/users/add" {
                (form.summary())
                (form.field(&login.focused()))
                (about(&form, accounts, words))
                (form.field(&password.filled_by("new-password").optional()))
                (form.submit(words.people.add))
            }
        },
    );
    form.answer(page)
}
