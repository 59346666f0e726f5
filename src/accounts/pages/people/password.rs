//! A new password for somebody who has forgotten theirs. It signs them out everywhere.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::edit::user_of;
use super::fields::mistakes_of;
use crate::accounts::pages::busy_page;
use crate::accounts::{AccountError, Accounts, UpdateUserRequest, User};
use crate::http::page::pieces::{breadcrumbs, note};
use crate::http::{Field, Form, IfMatch, Mistakes, PageProblem, Typed, Visit};
use crate::words::{Notice, Tone};

pub(super) async fn show_reset(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    Ok(reset_page(&user, &visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_reset(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    let patch = UpdateUserRequest { password: Some(typed.secret("password")), ..UpdateUserRequest::default() };
    match accounts.update_user(visit.caller.clone(), &login, patch, IfMatch::default()).await {
        Ok(user) => Ok(visit.then("/admin/users", Notice::UserPassword).about(user.login.as_str()).into_response()),
        Err(error @ AccountError::Busy) => Ok(busy_page(error, reset_page(&user, &visit, &typed, &Mistakes::none()))),
        Err(error) => Ok(reset_page(&user, &visit, &typed, &mistakes_of(error, visit.words)?)),
    }
}

fn reset_page(user: &User, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let above = format!("/admin/users/{}/edit", user.login);
    let password = Field::password("password", words.me.new_password).hint(words.setup.password_hint);
    let page = visit.admin_page(
        words.people.reset,
        html! {
            (breadcrumbs(&[("/admin/users", words.people.title), (&above, &user.name)], words.people.reset, words))
            h1 { (words.people.reset) }
            (note(Tone::Warn, words.people.reset_does))
            form .narrow method="post" action=(format!("/admin/users/{}/password", user.login)) {
                (form.summary())
                (form.field(&password.filled_by("new-password").focused()))
                (form.submit(words.people.reset))
            }
        },
    );
    form.answer(page)
}
