//! `/admin/cohorts`: the cohorts, made, renamed and opened or closed, by whoever plans. An old address goes on answering.
//! Removal stands with the timetable, which knows all that hangs on a cohort.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::rules::UpdateCohortRequest;
use super::{Cohort, CohortError, Cohorts, CreateCohortRequest, Visibility, create_cohort, update_cohort};
use crate::actor::Deed;
use crate::app::App;
use crate::error::Refusal;
use crate::http::page::pieces::{badge, breadcrumbs, empty};
use crate::http::{Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Problem, Tag, Typed, Visit};
use crate::words::{Notice, Tone, Words};

const LIST: &str = "/admin/cohorts";

/// The routes.
pub(super) fn routes() -> Router<Cohorts> {
    Router::new()
        .route(LIST, get(show_cohorts))
        .route("/admin/cohorts/add", get(show_new_cohort).post(submit_new_cohort))
        .route("/admin/cohorts/{slug}/edit", get(show_cohort_form).post(submit_cohort_form))
}

impl FromRef<Cohorts> for App {
    fn from_ref(cohorts: &Cohorts) -> Self {
        cohorts.app.clone()
    }
}

async fn show_cohorts(State(cohorts): State<Cohorts>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let (words, directory) = (visit.words, cohorts.directory());
    let add = html! { a .button href="/admin/cohorts/add" { (words.cohorts_admin.add) } };
    Ok(visit.admin_page(
        words.cohorts_admin.title,
        html! {
            h1 { (words.cohorts_admin.title) }
            @if directory.all().is_empty() { (empty(words.cohorts_admin.none, &add)) } @else {
                p .actions { (add) }
                table .rows {
                    caption { (words.cohorts(directory.all().len())) }
                    thead {
                        tr {
                            th scope="col" { (words.people.name) }
                            th scope="col" { (words.cohorts_admin.slug) }
                            th scope="col" { (words.cohorts_admin.visibility) }
                            th scope="col" { span .unseen { (words.keys.deeds) } }
                        }
                    }
                    tbody { @for cohort in directory.all() { (row(cohort, words)) } }
                }
            }
        },
    ))
}

fn row(cohort: &Cohort, words: &Words) -> Markup {
    let old: Vec<_> = cohort.aliases.iter().map(ToString::to_string).collect();
    html! {
        tr {
            td { a href=(format!("/c/{}", cohort.slug)) { bdi { (cohort.name) } } }
            td data-label=(words.cohorts_admin.slug) {
                span { (cohort.slug) @if !old.is_empty() { " " span .muted { (words.old_slugs(&old.join(", "))) } } }
            }
            td data-label=(words.cohorts_admin.visibility) {
                @if cohort.is_public() { (badge(Tone::Good, "○", words.cohorts_admin.public)) }
                @else { (badge(Tone::Plain, "●", words.cohorts_admin.closed)) }
            }
            td {
                span .deeds {
                    a href=(format!("/admin/cohorts/{}/edit", cohort.slug)) { (words.cohorts_admin.edit) span .unseen { " " (cohort.name) } }
                    a href=(format!("/admin/cohorts/{}/remove", cohort.slug)) { (words.people.remove) span .unseen { " " (cohort.name) } }
                }
            }
        }
    }
}

async fn show_new_cohort(visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    Ok(new_page(&visit, &Typed::new().with("visibility", "token"), &Mistakes::none()))
}

async fn submit_new_cohort(
    State(cohorts): State<Cohorts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let new =
        CreateCohortRequest { slug: typed.filled("slug"), name: typed.text("name"), visibility: visibility_of(&typed) };
    let (caller, clock) = (visit.caller.clone(), cohorts.app.clock.clone());
    match cohorts.app.store.write(move |tx| create_cohort(tx, &caller, &clock, &new)).await {
        Ok(made) => Ok(visit.then(LIST, Notice::CohortAdded).about(made.slug.as_str()).into_response()),
        Err(error) => Ok(new_page(&visit, &typed, &mistakes_of(error, visit.words)?)),
    }
}

fn visibility_of(typed: &Typed) -> Visibility {
    if typed.has("visibility", "public") { Visibility::Public } else { Visibility::Token }
}

/// A slug that is made of the name is wrong where the name is.
fn mistakes_of(error: CohortError, words: &Words) -> Result<Mistakes, Problem> {
    let text = match &error {
        CohortError::SlugTaken(..) => words.cohorts_admin.slug_taken,
        CohortError::SlugReserved(_) => words.cohorts_admin.slug_reserved,
        CohortError::Overtaken(_) => return Ok(Mistakes::one(Mistake::of_all(words.cohorts_admin.overtaken))),
        error if error.fields().iter().any(|bad| bad.field == "name") => words.setup.bad_name,
        _ => words.cohorts_admin.bad_slug,
    };
    Mistakes::of(error, |bad| Some(Mistake::at(&bad.field, text)))
}

fn new_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let slug = Field::code("slug", words.cohorts_admin.slug).hint(words.cohorts_admin.new_slug_hint);
    let page = visit.admin_page(
        words.cohorts_admin.add,
        html! {
            (breadcrumbs(&[(LIST, words.cohorts_admin.title)], words.cohorts_admin.add, words))
            h1 { (words.cohorts_admin.add) }
            form .narrow method="post" action="/admin/cohorts/add" {
                (form.summary())
                (form.field(&Field::text("name", words.people.name).hint(words.cohorts_admin.name_hint).at_most(200).focused()))
                (form.field(&slug.optional().at_most(60)))
                (form.field(&visibility(words)))
                (form.submit(words.cohorts_admin.add))
            }
        },
    );
    form.answer(page)
}

fn visibility(words: &Words) -> Field {
    let all = [("token", words.cohorts_admin.closed_text), ("public", words.cohorts_admin.public_text)];
    Field::radios("visibility", words.cohorts_admin.visibility, all)
}

impl Cohorts {
    fn of_page(&self, visit: &Visit, slug: &str) -> Result<Arc<Cohort>, Problem> {
        visit.caller.actor.must(Deed::ChangeTimetable)?;
        self.directory().find(slug).cloned().ok_or_else(|| Problem::not_found("cohort", slug))
    }
}

async fn show_cohort_form(
    State(cohorts): State<Cohorts>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let cohort = cohorts.of_page(&visit, &slug)?;
    let typed = Typed::new()
        .with("name", &cohort.name)
        .with("slug", &cohort.slug)
        .with("visibility", if cohort.is_public() { "public" } else { "token" })
        .with("version", Tag::of(&*cohort).as_str());
    Ok(cohort_page(&cohort, &visit, &typed, &Mistakes::none()))
}

async fn submit_cohort_form(
    State(cohorts): State<Cohorts>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let cohort = cohorts.of_page(&visit, &slug)?;
    let patch = UpdateCohortRequest {
        slug: Some(typed.text("slug")).filter(|slug| *slug != cohort.slug.as_str()),
        name: Some(typed.text("name")),
        visibility: Some(visibility_of(&typed)),
    };
    let change = (patch, IfMatch::of_form(typed.raw("version")));
    let (caller, clock, id) = (visit.caller.clone(), cohorts.app.clock.clone(), cohort.id.clone());
    match cohorts.app.store.write(move |tx| update_cohort(tx, &caller, &clock, &id, &change)).await {
        Ok(after) => Ok(visit.then(LIST, Notice::CohortChanged).about(after.slug.as_str()).into_response()),
        Err(error) => Ok(cohort_page(&cohort, &visit, &typed, &mistakes_of(error, visit.words)?)),
    }
}

fn cohort_page(cohort: &Cohort, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let page = visit.admin_page(
        &cohort.name,
        html! {
            (breadcrumbs(&[(LIST, words.cohorts_admin.title)], &cohort.name, words))
            h1 { bdi { (cohort.name) } }
            form .narrow method="post" action=(format!("/admin/cohorts/{}/edit", cohort.slug)) {
                (form.summary())
                (form.hidden("version"))
                (form.field(&Field::text("name", words.people.name).at_most(200)))
                (form.field(&Field::code("slug", words.cohorts_admin.slug).hint(words.cohorts_admin.slug_hint).at_most(60)))
                (form.field(&visibility(words)))
                (form.submit(words.people.save))
            }
        },
    );
    form.answer(page)
}
