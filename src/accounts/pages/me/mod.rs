//! Somebody's own page, `/me`: who they are here, their addresses and when phones last looked, their password, their data.
//!
//! What stands here is theirs alone: no path names another person, and a token of somebody else is not found.

mod addresses;
mod password;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::accounts::users::own_login;
use crate::accounts::{AccountError, Accounts, User};
use crate::http::{PageProblem, Visit};

/// The routes.
pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/me", get(show_me))
        .route("/me/password", get(password::show_own_password).post(password::submit_own_password))
        .route("/me/addresses/add", get(addresses::show_new_address).post(addresses::submit_new_address))
        .route("/me/addresses/{id}/rotate", get(addresses::show_rotation).post(addresses::submit_rotation))
        .route("/me/addresses/{id}/revoke", get(addresses::show_revocation).post(addresses::submit_revocation))
}

async fn show_me(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    let login = own_login(&visit.caller)?;
    let people = accounts.people();
    let user = people.find(login.as_str()).ok_or_else(|| AccountError::UnknownUser(login.to_string()))?;
    let words = visit.words;
    Ok(visit.page(
        words.shell.my_account,
        html! {
            div .title {
                h1 { bdi { (user.name) } }
                (who(user, &accounts, &visit))
            }
            (addresses::section(user, &accounts, &visit))
            section aria-labelledby="account" {
                h2 #account { (words.me.account) }
                p .actions {
                    a .button.quiet href="/me/password" { (words.me.change_password) }
                    a .button.quiet href="/api/v1/me/data" download=(format!("carillon-{login}.json")) { (words.me.my_data) }
                }
                p .muted { (words.me.my_data_text) }
            }
        },
    ))
}

/// Their login, their roles, their cohorts.
fn who(user: &User, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    let roles: Vec<_> = user.roles.iter().map(|role| words.role(*role)).collect();
    let directory = accounts.cohorts.directory();
    let cohorts: Vec<_> = user.cohorts.iter().filter_map(|id| directory.by_id(id)).collect();
    html! {
        dl .facts {
            div { dt { (words.sign_in.login) } dd { (user.login) } }
            @if let Some(email) = &user.email { div { dt { (words.people.email) } dd { (email) } } }
            @if !roles.is_empty() { div { dt { (words.people.roles) } dd { (roles.join(", ")) } } }
            @if !cohorts.is_empty() {
                div {
                    dt { (words.people.cohorts) }
                    dd {
                        @for (index, cohort) in cohorts.iter().enumerate() {
                            @if index > 0 { ", " }
                            a href=(format!("/c/{}", cohort.slug)) { bdi { (cohort.name) } }
                        }
                    }
                }
            }
        }
    }
}
