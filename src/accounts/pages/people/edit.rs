//! A user's page: what is known of them, changed as it was shown; and the ways to keep them out, or to let them in again.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::fields::{about, cohorts_of, mistakes_of, roles_of};
use crate::accounts::{AccountError, Accounts, UpdateUserRequest, User};
use crate::actor::Deed;
use crate::http::page::pieces::{breadcrumbs, note};
use crate::http::{Form, IfMatch, Mistakes, PageProblem, Tag, Typed, Visit};
use crate::words::{Notice, Tone};

/// The user of a path, for an administrator.
pub(super) fn user_of(accounts: &Accounts, visit: &Visit, login: &str) -> Result<Arc<User>, AccountError> {
    visit.caller.actor.must(Deed::Administer)?;
    let people = accounts.people();
    people.find(login).cloned().ok_or_else(|| AccountError::UnknownUser(login.to_owned()))
}

pub(super) async fn show_user(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    let cohorts = accounts.cohorts.directory().slugs(&user.cohorts);
    let typed = Typed::new()
        .with("name", &user.name)
        .with("email", user.email.as_deref().unwrap_or_default())
        .with_all("roles", user.roles.iter().map(|role| super::list::word(*role)))
        .with_all("cohorts", cohorts)
        .with("version", Tag::of(&*user).as_str());
    Ok(user_page(&user, &accounts, &visit, (&typed, &Mistakes::none())))
}

pub(super) async fn submit_user(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(login): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let user = user_of(&accounts, &visit, &login)?;
    let patch = UpdateUserRequest {
        name: Some(typed.text("name")),
        email: Some(typed.filled("email")),
        roles: Some(roles_of(&typed)),
        cohorts: Some(cohorts_of(&typed)),
        ..UpdateUserRequest::default()
    };
    let as_shown = IfMatch::of_form(typed.raw("version"));
    match accounts.update_user(visit.caller.clone(), &login, patch, as_shown).await {
        Ok(user) => Ok(visit.then("/admin/users", Notice::UserChanged).about(user.login.as_str()).into_response()),
        Err(error) => {
            let mistakes = mistakes_of(error, visit.words)?;
            Ok(user_page(&user, &accounts, &visit, (&typed, &mistakes)))
        }
    }
}

fn user_page(user: &User, accounts: &Accounts, visit: &Visit, (typed, mistakes): (&Typed, &Mistakes)) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let page = visit.admin_page(
        &user.name,
        html! {
            (breadcrumbs(&[("/admin/users", words.people.title)], &user.name, words))
            h1 { bdi { (user.name) } }
            p .muted { (user.login) ", " (words.since(&words.moment(user.created_at, visit.now, visit.app.zone()))) }
            @if user.disabled { (note(Tone::Warn, words.people.is_disabled)) }
            @if user.password_hash.is_none() && !user.disabled { (note(Tone::Warn, words.people.has_no_password)) }
            form .narrow method="post" action=(format!("/admin/users/{}/edit", user.login)) {
                (form.summary())
                (form.hidden("version"))
                (about(&form, accounts, words))
                (form.submit(words.people.save))
            }
            (ways(user, visit))
        },
    );
    form.answer(page)
}

/// What else can be done to somebody, the harmless first.
fn ways(user: &User, visit: &Visit) -> Markup {
    let (words, at) = (visit.words, |deed: &str| format!("/admin/users/{}/{deed}", user.login));
    html! {
        section aria-labelledby="more" {
            h2 #more { (words.people.more) }
            div .actions {
                a .button.quiet href=(at("password")) { (words.people.reset) }
                a .button.quiet href=(format!("/api/v1{}", at("data").trim_start_matches("/admin"))) download=(format!("carillon-{}.json", user.login)) {
                    (words.people.data)
                }
                @if user.disabled {
                    form method="post" action=(at("enable")) {
                        button .quiet type="submit" data-busy=(words.shell.one_moment) { (words.people.enable) }
                    }
                } @else {
                    a .button.quiet href=(at("disable")) { (words.people.disable) }
                }
                a .button.quiet.danger href=(at("remove")) { (words.people.remove) }
                a .button.quiet.danger href=(at("erase")) { (words.people.erase) }
            }
        }
    }
}
