//! `/admin/rollovers`: a year is put away, after a dry run that says what would go and what would stay; and brought back.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::plan::{Plan, Tally, Wanted};
use super::rules::{Done, Run};
use super::undo;
use crate::actor::Deed;
use crate::http::page::pieces::{breadcrumbs, note};
use crate::http::{Confirm, Field, Form, Mistake, Mistakes, PageProblem, Problem, Typed, Visit};
use crate::store::ReadTx;
use crate::timetable::{Names, Timetable, TimetableError};
use crate::words::{Notice, Tone, Words};

const HERE: &str = "/admin/rollovers";

/// The routes.
pub(super) fn routes() -> Router<Timetable> {
    Router::new()
        .route(HERE, get(show_rollovers).post(submit_rollover))
        .route("/admin/rollovers/{id}/undo", get(show_undoing).post(submit_undoing))
}

async fn show_rollovers(State(timetable): State<Timetable>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    form_page(&timetable, &visit, &Typed::new(), &Mistakes::none()).await
}

async fn submit_rollover(
    State(timetable): State<Timetable>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let wanted = match timetable.wanted(&typed) {
        Ok(wanted) => wanted,
        Err(error) => {
            let mistakes = mistakes_of(error, visit.words)?;
            return form_page(&timetable, &visit, &typed, &mistakes).await;
        }
    };
    let plan = timetable.roll_over(visit.caller.clone(), wanted.clone(), Run::Dry).await?.plan;
    // What is done is what was shown.
    if typed.raw("shown") != plan.going.len().to_string() {
        return Ok(dry_page(&timetable.names(), &visit, (&wanted, &plan), &typed));
    }
    let Done { id, .. } = timetable.roll_over(visit.caller.clone(), wanted, Run::Real).await?;
    let then = visit.then(HERE, Notice::RolledOver);
    Ok(match id {
        Some(id) => then.undo(&format!("/admin/rollovers/{id}/undo")).into_response(),
        None => then.into_response(),
    })
}

impl Timetable {
    fn wanted(&self, typed: &Typed) -> Result<Wanted, TimetableError> {
        let cohorts: Vec<_> = typed.all("cohorts").map(str::to_owned).collect();
        let clock = &self.app.clock;
        let times = (clock.trusted_now(), clock.now());
        Wanted::read((&cohorts, typed.filled("before").as_deref()), &self.names(), times)
    }
}

fn mistakes_of(error: TimetableError, words: &Words) -> Result<Mistakes, Problem> {
    Mistakes::of(error, |bad| match bad.field.as_str() {
        "cohorts" => Some(Mistake::at("cohorts", words.rollover.no_cohort)),
        "before" => Some(Mistake::at("before", words.rollover.bad_day)),
        _ => None,
    })
}

async fn form_page(
    timetable: &Timetable,
    visit: &Visit,
    typed: &Typed,
    mistakes: &Mistakes,
) -> Result<Response, PageProblem> {
    let (words, form, names) = (visit.words, Form::new(visit.words, typed, mistakes), timetable.names());
    let done = timetable.app.store.read(undo::list_rollovers).await?;
    let all = names.cohorts.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    let page = visit.admin_page(
        words.rollover.title,
        html! {
            h1 { (words.rollover.title) }
            p { (words.rollover.text) }
            form .narrow method="post" action=(HERE) {
                (form.summary())
                (form.field(&Field::checkboxes("cohorts", words.people.cohorts, all).hint(words.rollover.cohorts_hint)))
                (form.field(&Field::date("before", words.rollover.before).hint(words.rollover.before_hint).optional()))
                (form.submit(words.rollover.look))
            }
            @if !done.is_empty() {
                section aria-labelledby="done" {
                    h2 #done { (words.rollover.done) }
                    @for (rollover, count) in &done {
                        article .card {
                            header { h3 { (day(rollover.before, visit)) } }
                            p { (names.cohorts.slugs(&rollover.cohorts).join(", ")) ", " (words.archived(*count)) }
                            p .actions { a .button.quiet href=(format!("/admin/rollovers/{}/undo", rollover.id)) { (words.rollover.undo) } }
                        }
                    }
                }
            }
        },
    );
    Ok(form.answer(page))
}

fn day(before: DateTime<Utc>, visit: &Visit) -> String {
    let date = before.with_timezone(&visit.app.zone()).date_naive();
    visit.words.before_day(&visit.words.day(date, visit.today()))
}

/// What would go and what would stay, cohort by cohort, and the button that does it.
fn dry_page(names: &Names, visit: &Visit, (wanted, plan): (&Wanted, &Plan), typed: &Typed) -> Response {
    let (words, count) = (visit.words, plan.going.len());
    let says = html! {
        p { strong { (words.events(count)) } " " (day(wanted.before, visit)) }
        p { (words.rollover.does) }
        (fates(names, plan, words))
    };
    let path = breadcrumbs(&[(HERE, words.rollover.title)], words.rollover.look, words);
    if count == 0 {
        let nothing = html! {
            (path)
            h1 { (words.rollover.title) }
            (note(Tone::Plain, words.rollover.nothing))
            (fates(names, plan, words))
            p .actions { a .button.quiet href=(HERE) { (words.form.cancel) } }
        };
        return visit.admin_page(words.rollover.title, nothing);
    }
    let mut confirm = Confirm::new(words.rollover.confirm_title, HERE, HERE).says(says).button(words.rollover.button);
    for cohort in typed.all("cohorts") {
        confirm = confirm.carry("cohorts", cohort);
    }
    let confirm = confirm.carry("before", typed.raw("before")).carry("shown", count);
    visit.admin_page(words.rollover.confirm_title, html! { (path) (confirm.draw(visit)) })
}

fn fates(names: &Names, plan: &Plan, words: &Words) -> Markup {
    let found = plan.tallies.iter().filter_map(|(id, tally)| Some((names.cohorts.by_id(id)?, tally)));
    html! {
        ul {
            @for (cohort, tally) in found {
                li {
                    strong { bdi { (cohort.name) } } (words.shell.colon) (fate(names, tally, words))
                    @let students = names.people.count_students(std::slice::from_ref(&cohort.id));
                    @if students > 0 { ". " (words.still_in(students)) }
                }
            }
        }
    }
}

fn fate(names: &Names, tally: &Tally, words: &Words) -> String {
    let with: Vec<_> = tally.shared_with.iter().cloned().collect();
    let shared = (tally.shared > 0).then(|| words.stay_shared(tally.shared, &names.cohorts.slugs(&with).join(", ")));
    let coming = (tally.not_ended > 0).then(|| words.stay_coming(tally.not_ended));
    std::iter::once(words.go(tally.archived)).chain(coming).chain(shared).collect::<Vec<_>>().join(", ")
}

async fn show_undoing(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let all = timetable.app.store.read(|tx: &ReadTx| undo::list_rollovers(tx)).await?;
    let found = all.into_iter().find(|(rollover, _)| rollover.id == id);
    let (rollover, count) = found.ok_or_else(|| TimetableError::UnknownRollover(id.clone()))?;
    let words = visit.words;
    let says = html! {
        p { strong { (words.archived(count)) } " " (day(rollover.before, &visit)) }
        p { (words.rollover.undo_does) }
    };
    let action = format!("/admin/rollovers/{id}/undo");
    let confirm = Confirm::new(words.rollover.undo_title, &action, HERE).says(says).button(words.rollover.undo_button);
    Ok(visit.admin_page(words.rollover.undo_title, confirm.draw(&visit)))
}

async fn submit_undoing(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    timetable.change(visit.caller.clone(), move |tx, scene| undo::undo_rollover(tx, scene, &id)).await?;
    Ok(visit.then(HERE, Notice::RolledBack).into_response())
}
