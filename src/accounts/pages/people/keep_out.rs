//! Somebody is kept out, let in again, or forgotten for good. Each says before what it will do.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::edit::user_of;
use crate::accounts::{AccountError, Accounts, EraseUserRequest, UpdateUserRequest, User};
use crate::http::page::pieces::breadcrumbs;
use crate::http::{Confirm, Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::Notice;

pub(super) async fn show_disabling(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let (user, words) = (user_of(&accounts, &visit, &login)?, visit.words);
    let (action, back) = ways(&user, "disable");
    let says = html! { p { strong { bdi { (user.name) } } } p { (words.people.disable_does) } };
    let confirm = Confirm::new(words.people.disable_title, &action, &back).says(says).button(words.people.disable);
    Ok(visit.admin_page(words.people.disable_title, confirm.draw(&visit)))
}

pub(super) async fn submit_disabling(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    match set_disabled(&accounts, &visit, &login, true).await {
        Err(AccountError::LastAdmin(_)) => Ok(visit.then("/admin/users", Notice::LastAdmin).into_response()),
        done => {
            let user = done?;
            Ok(visit.then("/admin/users", Notice::UserDisabled).about(user.login.as_str()).into_response())
        }
    }
}

pub(super) async fn submit_enabling(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let user = set_disabled(&accounts, &visit, &login, false).await?;
    Ok(visit.then("/admin/users", Notice::UserEnabled).about(user.login.as_str()).into_response())
}

async fn set_disabled(accounts: &Accounts, visit: &Visit, login: &str, disabled: bool) -> Result<User, AccountError> {
    let patch = UpdateUserRequest { disabled: Some(disabled), ..UpdateUserRequest::default() };
    accounts.update_user(visit.caller.clone(), login, patch, IfMatch::default()).await
}

pub(super) async fn show_erasure(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    Ok(erasure_page(&user, &visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_erasure(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    let again = |mistake: Mistake| erasure_page(&user, &visit, &typed, &Mistakes::one(mistake));
    match accounts.erase_user(visit.caller.clone(), &login, &EraseUserRequest { login: typed.text("login") }).await {
        Ok(_) => Ok(visit.then("/admin/users", Notice::UserErased).into_response()),
        Err(AccountError::Bad(_) | AccountError::Senseless(_)) => {
            Ok(again(Mistake::at("login", visit.words.people.erase_again)))
        }
        Err(AccountError::LastAdmin(_)) => Ok(again(Mistake::of_all(visit.words.people.last_admin))),
        Err(error) => Err(error.into()),
    }
}

/// It cannot be undone: whoever asks writes the login once more.
fn erasure_page(user: &User, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let (action, back) = ways(user, "erase");
    let label = words.write_again(user.login.as_str());
    let page = visit.admin_page(
        words.people.erase_title,
        html! {
            (breadcrumbs(&[("/admin/users", words.people.title), (&back, &user.name)], words.people.erase, words))
            h1 { (words.people.erase_title) }
            div .note.bad {
                p { strong { bdi { (user.name) } } }
                p { (words.people.erase_does) }
                p { (words.people.erase_keeps) }
            }
            form .narrow method="post" action=(action) {
                (form.summary())
                (form.field(&Field::code("login", &label).filled_by("off")))
                div .actions {
                    button .danger type="submit" data-busy=(words.shell.one_moment) { (words.people.erase_button) }
                    a .button.quiet href=(back) { (words.form.cancel) }
                }
            }
        },
    );
    form.answer(page)
}

/// The address of an act, and the user's own page.
fn ways(user: &User, deed: &str) -> (String, String) {
    (format!("/admin/users/{}/{deed}", user.login), format!("/admin/users/{}/edit", user.login))
}
