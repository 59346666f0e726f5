//! The list of users: searched by login, name or e-mail, by role and by cohort.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::fields::role_choices;
use crate::accounts::{Accounts, User};
use crate::actor::{Deed, Role};
use crate::http::page::pieces::{badge, empty, parts};
use crate::http::{Field, Form, Listing, Mistakes, PageProblem, Typed, Visit};
use crate::words::Tone;

/// So many on a page.
const SHOWN: usize = 50;

#[derive(Deserialize)]
pub(super) struct UsersQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    cohort: String,
    after: Option<String>,
}

impl UsersQuery {
    fn wants(&self, user: &User, cohort_id: Option<&str>) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let named = [user.login.as_str(), &user.name, user.email.as_deref().unwrap_or_default()];
        let said = named.iter().any(|text| text.to_lowercase().contains(&wanted));
        let role = self.role.is_empty() || user.roles.iter().any(|role| word(*role) == self.role);
        said && role && cohort_id.is_none_or(|id| user.cohorts.iter().any(|own| own == id))
    }

    fn link(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q).append_pair("role", &self.role).append_pair("cohort", &self.cohort);
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("/admin/users?{}", query.finish())
    }
}

/// A role as forms carry it.
pub(super) fn word(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Planner => "planner",
        Role::Teacher => "teacher",
        Role::Student => "student",
    }
}

pub(super) async fn show_users(
    State(accounts): State<Accounts>,
    visit: Visit,
    Query(query): Query<UsersQuery>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let (words, people, directory) = (visit.words, accounts.people(), accounts.cohorts.directory());
    // A cohort that is not there has nobody.
    let cohort_id = (!query.cohort.is_empty())
        .then(|| directory.find(&query.cohort).map(|cohort| cohort.id.clone()).unwrap_or_default());
    let found: Vec<_> = people.all().filter(|user| query.wants(user, cohort_id.as_deref())).collect();
    let count = found.len();
    let listing = Listing { limit: Some(SHOWN), after: query.after.clone() };
    let page = listing.page(found, |user| user.login.to_string())?;
    let (first, next) = (query.after.as_ref().map(|_| query.link(None)), page.next.map(|next| query.link(Some(&next))));
    Ok(visit.admin_page(
        words.people.title,
        html! {
            h1 { (words.people.title) }
            p .actions { a .button href="/admin/users/add" { (words.people.add) } }
            (filters(&query, &accounts, &visit))
            @if page.items.is_empty() { (empty(words.people.none, &html! {})) } @else {
                (table(&page.items, count, &accounts, &visit))
            }
            (parts(first.as_deref(), next.as_deref(), words))
        },
    ))
}

fn filters(query: &UsersQuery, accounts: &Accounts, visit: &Visit) -> Markup {
    let (words, none) = (visit.words, Mistakes::none());
    let typed = Typed::new().with("q", &query.q).with("role", &query.role).with("cohort", &query.cohort);
    let form = Form::new(words, &typed, &none);
    let any = |label: &str| (String::new(), label.to_owned());
    let roles = std::iter::once(any(words.people.any_role)).chain(role_choices(words));
    let directory = accounts.cohorts.directory();
    let cohorts = directory.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    let cohorts = std::iter::once(any(words.people.any_cohort)).chain(cohorts);
    html! {
        form .filters method="get" action="/admin/users" role="search" {
            (form.field(&Field::text("q", words.people.search).optional()))
            (form.field(&Field::select("role", words.people.role, roles).optional()))
            (form.field(&Field::select("cohort", words.keys.cohort, cohorts).optional()))
            button .quiet type="submit" { (words.shell.search) }
        }
    }
}

fn table(users: &[&Arc<User>], count: usize, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        table .rows {
            caption { (words.users(count)) }
            thead {
                tr {
                    th scope="col" { (words.people.name) }
                    th scope="col" { (words.sign_in.login) }
                    th scope="col" { (words.people.roles) }
                    th scope="col" { (words.people.cohorts) }
                    th scope="col" { (words.keys.state) }
                }
            }
            tbody { @for user in users { (row(user, accounts, visit)) } }
        }
    }
}

fn row(user: &User, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    let roles: Vec<_> = user.roles.iter().map(|role| words.role(*role)).collect();
    let cohorts = accounts.cohorts.directory().slugs(&user.cohorts);
    html! {
        tr {
            td {
                // What is left of somebody who was erased does not change any more.
                @if user.login.is_of_nobody() { (words.people.erased) }
                @else { a href=(format!("/admin/users/{}/edit", user.login)) { bdi { (user.name) } } }
            }
            td data-label=(words.sign_in.login) { (user.login) }
            td data-label=(words.people.roles) { (roles.join(", ")) }
            td data-label=(words.people.cohorts) { (cohorts.join(", ")) }
            td data-label=(words.keys.state) {
                @if user.disabled { (badge(Tone::Plain, "‖", words.people.disabled)) }
                @else if user.password_hash.is_none() { (badge(Tone::Warn, "…", words.people.no_password)) }
                @else { (badge(Tone::Good, "✓", words.people.enabled)) }
            }
        }
    }
}
