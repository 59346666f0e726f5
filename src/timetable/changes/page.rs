//! The changes, drawn: what was cancelled first, then what was moved, then what is new.

use axum::response::Response;
use chrono::NaiveDate;
use maud::{Markup, html};

use super::{Changed, Detail, Found, Sort};
use crate::cohorts::Cohort;
use crate::http::page::pieces::{breadcrumbs, empty};
use crate::http::{Field, Form, Mistakes, Typed, Visit};
use crate::timetable::events::pages::when;

/// So many changes of a sort are shown.
const SHOWN_AT_MOST: usize = 200;

/// The whole page.
pub fn draw(
    visit: &Visit,
    cohort: &Cohort,
    (since, asked, mistakes): (NaiveDate, Option<&str>, &Mistakes),
    found: &Found,
) -> Response {
    let words = visit.words;
    let typed = Typed::new().with("since", asked.filter(|_| mistakes.any()).map_or(since.to_string(), str::to_owned));
    let (form, here) = (Form::new(words, &typed, mistakes), format!("/c/{}", cohort.slug));
    form.answer(visit.page(
        words.changes.title,
        html! {
            (breadcrumbs(&[(&here, &cohort.name)], words.changes.title, words))
            h1 { (words.changes.title) }
            form .filters method="get" action=(format!("{here}/changes")) {
                (form.field(&Field::date("since", words.changes.since)))
                button .quiet type="submit" { (words.changes.look) }
            }
            @if found.changes.is_empty() { (empty(words.changes.none, &html! {})) }
            @for (sort, title) in [
                (Sort::Cancelled, words.changes.cancelled), (Sort::Moved, words.changes.moved),
                (Sort::Added, words.changes.added), (Sort::Told, words.changes.other),
            ] { (section(visit, found, (sort, title))) }
            @if !found.whole { p .muted { (words.changes.not_all) } }
        },
    ))
}

fn section(visit: &Visit, found: &Found, (sort, title): (Sort, &str)) -> Markup {
    let all: Vec<_> = found.changes.iter().filter(|changed| changed.sort == sort).collect();
    let more = all.len().saturating_sub(SHOWN_AT_MOST);
    html! {
        @if !all.is_empty() {
            section {
                h2 { (title) " " span .tag { (all.len()) } }
                ul .changed { @for changed in all.iter().take(SHOWN_AT_MOST) { li { (one(visit, changed)) } } }
                @if more > 0 { p { (visit.words.and_more(more)) } }
            }
        }
    }
}

fn one(visit: &Visit, changed: &Changed) -> Markup {
    let subject = if changed.subject.trim().is_empty() { visit.words.cohort.untitled } else { changed.subject.trim() };
    let page = changed.event.as_deref().filter(|_| visit.login().is_some());
    let moved = changed.details.iter().any(|detail| matches!(detail, Detail::Time(..)));
    html! {
        p {
            strong { @match page { Some(id) => { a href=(format!("/events/{id}")) { bdi { (subject) } } } None => { bdi { (subject) } } } }
            @if !moved { @if let Some(told) = told(visit, changed) { " · " (told) } }
        }
        @for detail in &changed.details { p { (draw_detail(visit, detail)) } }
    }
}

/// When it is, or was.
fn told(visit: &Visit, changed: &Changed) -> Option<String> {
    let start = changed.start?;
    Some(match changed.end {
        Some(end) => when(visit, start, end),
        None => visit.words.moment(start, visit.now, visit.app.zone()),
    })
}

fn draw_detail(visit: &Visit, detail: &Detail) -> Markup {
    let words = visit.words;
    let from_to = |label: &str, was: &str, is: &str| {
        html! {
            span .muted { (label) (words.shell.colon) } @if !was.is_empty() { del { bdi { (was) } } " " } "→ " ins { bdi { (if is.is_empty() { "–" } else { is }) } }
        }
    };
    match detail {
        Detail::Time(was, is) => from_to(words.edit.when, &when(visit, was.0, was.1), &when(visit, is.0, is.1)),
        Detail::Room(was, is) => from_to(words.edit.room, was, is),
        Detail::Subject(was, is) => from_to(words.edit.subject, was, is),
        Detail::Kind(was, is) => from_to(words.edit.kind, was, is),
        Detail::Notes(notes) => {
            html! { span .muted { (words.edit.notes) (words.shell.colon) } span .lines dir="auto" { (notes) } }
        }
    }
}
