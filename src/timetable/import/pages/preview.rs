//! What an import would do, row by row; or what is wrong with which row.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::ImportWishes;
use super::held::Imported;
use crate::http::page::pieces::{badge, breadcrumbs};
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Problem, Visit};
use crate::timetable::events::pages::when;
use crate::timetable::import::run::{Done, DoneRow, RowFate};
use crate::timetable::{Names, Timetable};
use crate::words::Tone;

/// So many rows, or mistakes, are shown.
const SHOWN_AT_MOST: usize = 300;

/// What may be said of a file beside it.
pub fn options(timetable: &Timetable, visit: &Visit, form: &Form) -> Markup {
    let words = visit.words;
    let cohorts = timetable.names().cohorts;
    let all = cohorts.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    let as_file = (String::new(), words.import.cohort_of_file.to_owned());
    let unknown = [("refuse", words.import.refuse), ("create", words.import.create), ("drop", words.import.leave_out)];
    html! {
        (form.field(&Field::select("cohort", words.import.cohort, std::iter::once(as_file).chain(all)).optional()))
        (form.field(&Field::radios("unknown", words.import.unknown, unknown)))
        details open[form.is_bad("map_rooms")] {
            summary { (words.import.old_numbers) }
            (form.field(&Field::code("map_rooms", words.import.map_rooms).hint(words.import.map_rooms_hint).optional()))
        }
    }
}

/// What would become of each row.
pub fn preview_page(
    visit: &Visit,
    (id, file): (&str, &str),
    wishes: &ImportWishes,
    (done, names): (&Done, &Names),
) -> Response {
    let (words, typed, none) = (visit.words, wishes.typed(), Mistakes::none());
    let counts = [RowFate::Created, RowFate::Updated, RowFate::Unchanged].map(|fate| done.count(fate));
    let form = Form::new(words, &typed, &none);
    visit.page(
        words.import.preview,
        html! {
            (breadcrumbs(&[("/import", words.import.title)], words.import.preview, words))
            h1 { (words.import.preview) }
            @if !file.is_empty() { p { bdi { (file) } } }
            p .lead { strong { (words.would_import(counts)) } }
            (warnings(visit, &done.warnings))
            form method="post" action=(format!("/import/{id}")) {
                @for name in ["cohort", "unknown", "map_rooms", "allow_conflicts"] { (form.hidden(name)) }
                div .actions {
                    @if counts.iter().take(2).sum::<usize>() > 0 { (form.button(words.import.apply)) }
                    a .button.quiet href="/import" { (words.import.another_file) }
                }
            }
            (rows(visit, names, &done.rows))
        },
    )
}

fn warnings(visit: &Visit, all: &[String]) -> Markup {
    html! {
        @if !all.is_empty() {
            div .note.warn {
                p { strong { (visit.words.import.look_at) } }
                // The readers of files say it in English.
                ul lang="en" { @for warning in all { li { (warning) } } }
            }
        }
    }
}

fn rows(visit: &Visit, names: &Names, rows: &[DoneRow]) -> Markup {
    let words = visit.words;
    let more = rows.len().saturating_sub(SHOWN_AT_MOST);
    html! {
        table .rows {
            thead { tr {
                th { (words.edit.subject) } th { (words.import.row) } th { (words.import.fate) } th { (words.edit.when) }
                th { (words.edit.room) } th { (words.edit.cohorts) } th { (words.import.look_at) }
            } }
            tbody { @for row in rows.iter().take(SHOWN_AT_MOST) { (one_row(visit, names, row)) } }
        }
        @if more > 0 { p { (words.and_more(more)) } }
    }
}

fn one_row(visit: &Visit, names: &Names, row: &DoneRow) -> Markup {
    let words = visit.words;
    let (tone, sign, fate) = match row.fate {
        RowFate::Created => (Tone::Good, "+", words.import.created),
        RowFate::Updated => (Tone::Warn, "~", words.import.updated),
        RowFate::Unchanged => (Tone::Plain, "=", words.import.unchanged),
    };
    let event = row.event.as_ref();
    let cohorts = event.map(|event| names_of(names, &event.cohorts)).unwrap_or_default();
    let room = event.and_then(|event| names.room(event.room.as_deref()?)).unwrap_or_default();
    html! {
        tr {
            td { bdi { (event.map(|event| event.subject.as_str()).unwrap_or("–")) } }
            td data-label=(words.import.row) { (row.row) }
            td data-label=(words.import.fate) { (badge(tone, sign, fate)) }
            td data-label=(words.edit.when) { @if let Some(event) = event { (when(visit, event.start, event.end)) } }
            td data-label=(words.edit.room) { @if !room.is_empty() { bdi { (room) } } }
            td data-label=(words.edit.cohorts) { @if !cohorts.is_empty() { bdi { (cohorts) } } }
            td data-label=(words.import.look_at) { @if !row.warnings.is_empty() { span lang="en" { (row.warnings.join("; ")) } } }
        }
    }
}

fn names_of(names: &Names, ids: &[String]) -> String {
    let found = ids.iter().filter_map(|id| names.cohorts.by_id(id));
    found.map(|cohort| cohort.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is wrong with which row, and the options to try it otherwise. What is no matter of the file is a problem.
pub fn bad_page(
    timetable: &Timetable,
    visit: &Visit,
    (id, file): (&str, &str),
    (wishes, problem): (&ImportWishes, Problem),
) -> Result<Response, PageProblem> {
    if problem.errors.is_empty() || problem.code().is_server_error() {
        return Err(problem.into());
    }
    let (words, typed) = (visit.words, wishes.typed());
    let form_mistakes = mistakes_of(visit, &problem);
    let form = Form::new(words, &typed, &form_mistakes);
    let more = problem.errors.len().saturating_sub(SHOWN_AT_MOST);
    let page = visit.page(
        words.import.preview,
        html! {
            (breadcrumbs(&[("/import", words.import.title)], words.import.preview, words))
            h1 { (words.import.preview) }
            @if !file.is_empty() { p { bdi { (file) } } }
            div .note.bad role="alert" { p { strong { (words.bad_rows(problem.errors.len())) } } p { (words.import.all_or_nothing) } }
            table .rows {
                thead { tr { th { (words.import.row) } th { (words.edit.field) } th { (words.import.mistake) } } }
                tbody {
                    @for bad in problem.errors.iter().take(SHOWN_AT_MOST) {
                        tr {
                            td { @match bad.row { Some(row) => { (words.import.row) " " (row) } None => { (words.import.file) } } }
                            td data-label=(words.edit.field) { code { (bad.field) } }
                            td data-label=(words.import.mistake) { span lang="en" { (bad.message) } }
                        }
                    }
                }
            }
            @if more > 0 { p { (words.and_more(more)) } }
            section aria-labelledby="otherwise" {
                h2 #otherwise { (words.import.otherwise) }
                form .wide method="get" action=(format!("/import/{id}")) {
                    (options(timetable, visit, &form))
                    (form.field(&Field::tick("allow_conflicts", words.import.allow_conflicts)))
                    div .actions { (form.button(words.import.look_again)) a .button.quiet href="/import" { (words.import.another_file) } }
                }
            }
        },
    );
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What is said beside the options.
fn mistakes_of(visit: &Visit, problem: &Problem) -> Mistakes {
    let words = visit.words;
    let mut mistakes = Mistakes::none();
    for bad in problem.errors.iter().filter(|bad| bad.row.is_none()) {
        match bad.field.as_str() {
            "cohort" => mistakes.add(Mistake::at("cohort", words.import.bad_cohort)),
            "map_rooms" => mistakes.add(Mistake::at("map_rooms", words.import.bad_map_rooms)),
            _ => {}
        }
    }
    mistakes
}

/// What the import did, with ways on.
pub fn done_page(timetable: &Timetable, visit: &Visit, done: &Imported) -> Response {
    let (words, names) = (visit.words, timetable.names());
    let cohorts: Vec<_> = done.cohorts.iter().filter_map(|slug| names.cohorts.find(slug)).collect();
    visit.page(
        words.import.done,
        html! {
            (breadcrumbs(&[("/import", words.import.title)], words.import.done, words))
            h1 { (words.import.done) }
            p .lead { strong { (words.did_import(done.counts)) } }
            div .actions {
                @for cohort in &cohorts { a .button href=(format!("/c/{}", cohort.slug)) { bdi { (cohort.name) } } }
                a .button.quiet href="/import" { (words.import.another_file) }
            }
        },
    )
}
