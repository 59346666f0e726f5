//! `/admin/cohorts/{slug}/remove` and `/admin/users/{login}/remove`: what hangs on it is counted before, and what is done is
//! what was shown: where something has come to it since, the page asks again.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::Removal;
use crate::accounts::{AccountError, User};
use crate::actor::{Deed, Reach};
use crate::cohorts::Cohort;
use crate::http::page::pieces::breadcrumbs;
use crate::http::{Confirm, IfMatch, PageProblem, Problem, Typed, Visit};
use crate::store::StoreError;
use crate::timetable::hanging::Hanging;
use crate::timetable::{Timetable, Whose};
use crate::words::{Notice, Words};

/// The routes.
pub(super) fn routes() -> Router<Timetable> {
    Router::new()
        .route("/admin/cohorts/{slug}/remove", get(show_cohort_removal).post(submit_cohort_removal))
        .route("/admin/users/{login}/remove", get(show_user_removal).post(submit_user_removal))
}

/// How much hangs on a cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Weight {
    feeds: usize,
    users: usize,
    tokens: usize,
    events: usize,
    archived: usize,
}

impl Weight {
    fn is_nothing(&self) -> bool {
        self.told_apart() == "0 0 0 0 0"
    }

    /// As a form carries it along.
    fn told_apart(&self) -> String {
        let Self { feeds, users, tokens, events, archived } = self;
        format!("{feeds} {users} {tokens} {events} {archived}")
    }
}

impl Timetable {
    async fn weight_of(&self, cohort: &Cohort) -> Result<Weight, StoreError> {
        let id = cohort.id.clone();
        let hanging = self.app.store.read(move |tx| Hanging::of(tx, Whose::Cohort(&id))).await?;
        let [events, archived] = hanging.counts();
        let (people, keyring) = (self.accounts.people(), self.accounts.keyring());
        let lists = keyring.all().filter(|token| token.is_live(&self.app.clock) && token.scope.lists(&cohort.id));
        Ok(Weight {
            feeds: self.feeds.of_cohort(&cohort.id).len(),
            users: people.all().filter(|user| user.cohorts.contains(&cohort.id)).count(),
            tokens: lists.count(),
            events,
            archived,
        })
    }

    fn cohort_of_page(&self, visit: &Visit, slug: &str) -> Result<Arc<Cohort>, Problem> {
        visit.caller.actor.must(Deed::ChangeTimetable)?;
        let found = self.accounts.cohorts.directory().find(slug).cloned();
        found.ok_or_else(|| Problem::not_found("cohort", slug))
    }
}

async fn show_cohort_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let cohort = timetable.cohort_of_page(&visit, &slug)?;
    let weight = timetable.weight_of(&cohort).await?;
    Ok(cohort_page(&cohort, &weight, &visit))
}

async fn submit_cohort_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let cohort = timetable.cohort_of_page(&visit, &slug)?;
    let weight = timetable.weight_of(&cohort).await?;
    if typed.raw("weight") != weight.told_apart() {
        return Ok(cohort_page(&cohort, &weight, &visit));
    }
    let gone = cohort.slug.clone();
    let removal = if weight.is_nothing() { Removal::Careful } else { Removal::Forced };
    timetable.remove_cohort(visit.caller.clone(), cohort, (removal, IfMatch::default())).await?;
    Ok(visit.then("/admin/cohorts", Notice::CohortRemoved).about(gone.as_str()).into_response())
}

fn cohort_page(cohort: &Cohort, weight: &Weight, visit: &Visit) -> Response {
    let words = visit.words;
    let above = [("/admin/cohorts", words.cohorts_admin.title)];
    let path = breadcrumbs(&above, &cohort.name, words);
    let (action, back) = (format!("/admin/cohorts/{}/remove", cohort.slug), "/admin/cohorts");
    if weight.feeds > 0 && visit.caller.actor.reach(Deed::Administer) == Reach::Nothing {
        let refused = html! {
            (path)
            h1 { (words.cohorts_admin.remove_title) }
            div .note.warn { p { (words.cohorts_admin.has_feeds) } (hanging(weight, words)) }
            p .actions { a .button.quiet href=(back) { (words.form.cancel) } }
        };
        return visit.admin_page(words.cohorts_admin.remove_title, refused);
    }
    let says = html! {
        p { strong { bdi { (cohort.name) } } }
        p { (words.cohorts_admin.remove_does) }
        @if weight.is_nothing() { p { (words.cohorts_admin.nothing_hangs) } } @else { (hanging(weight, words)) }
    };
    let confirm = Confirm::new(words.cohorts_admin.remove_title, &action, back).says(says);
    let confirm = confirm.button(words.cohorts_admin.remove_button).carry("weight", weight.told_apart());
    visit.admin_page(words.cohorts_admin.remove_title, html! { (path) (confirm.draw(visit)) })
}

/// What hangs on it, and what becomes of each.
fn hanging(weight: &Weight, words: &Words) -> Markup {
    let lines = [
        (weight.events, words.events(weight.events), words.cohorts_admin.events_go),
        (weight.archived, words.archived(weight.archived), words.cohorts_admin.events_go),
        (weight.feeds, words.feeds(weight.feeds), words.cohorts_admin.feeds_go),
        (weight.users, words.users(weight.users), words.cohorts_admin.users_stay),
        (weight.tokens, words.addresses(weight.tokens), words.cohorts_admin.tokens_stay),
    ];
    html! {
        ul { @for (_, what, fate) in lines.iter().filter(|(count, ..)| *count > 0) { li { strong { (what) } (words.shell.colon) (fate) } } }
    }
}

async fn show_user_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, PageProblem> {
    let user = timetable.user_of_page(&visit, &login)?;
    let taught = timetable.taught_by(&user).await?;
    Ok(user_page(&user, taught, &visit))
}

async fn submit_user_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(login): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let user = timetable.user_of_page(&visit, &login)?;
    let taught = timetable.taught_by(&user).await?;
    if typed.raw("taught") != taught.to_string() {
        return Ok(user_page(&user, taught, &visit));
    }
    let removal = if taught > 0 { Removal::Forced } else { Removal::Careful };
    timetable.remove_user(visit.caller.clone(), user.login.to_string(), (removal, IfMatch::default())).await?;
    Ok(visit.then("/admin/users", Notice::UserRemoved).about(user.login.as_str()).into_response())
}

impl Timetable {
    fn user_of_page(&self, visit: &Visit, login: &str) -> Result<Arc<User>, AccountError> {
        visit.caller.actor.must(Deed::Administer)?;
        let people = self.accounts.people();
        people.find(login).cloned().ok_or_else(|| AccountError::UnknownUser(login.to_owned()))
    }

    /// How many events, archived ones too, name them as their teacher.
    async fn taught_by(&self, user: &User) -> Result<usize, StoreError> {
        let login = user.login.to_string();
        let hanging = self.app.store.read(move |tx| Hanging::of(tx, Whose::Teacher(&login))).await?;
        Ok(hanging.counts().iter().sum())
    }
}

fn user_page(user: &User, taught: usize, visit: &Visit) -> Response {
    let words = visit.words;
    let (action, back) = (format!("/admin/users/{}/remove", user.login), format!("/admin/users/{}/edit", user.login));
    let says = html! {
        p { strong { bdi { (user.name) } } }
        p { (words.people.remove_does) }
        @if taught > 0 { p { (words.lose_teacher(taught)) } }
        p { (words.people.remove_or_erase) }
    };
    let confirm = Confirm::new(words.people.remove_title, &action, &back).says(says);
    let confirm = confirm.button(words.people.remove_button).carry("taught", taught);
    let path =
        breadcrumbs(&[("/admin/users", words.people.title), (&back, &user.name)], words.people.remove_button, words);
    visit.admin_page(words.people.remove_title, html! { (path) (confirm.draw(visit)) })
}
