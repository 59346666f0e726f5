//! `/events/{id}/cancel`, with a word to whoever comes, and `/events/{id}/delete`: each asks first, and can be taken back.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::desk::{home_of, when};
use super::fields::scope_field;
use super::sheet::scope_of;
use crate::http::{Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Path, Tag, Typed, Visit};
use crate::timetable::events::rules::{Target, cancel_events, delete_events};
use crate::timetable::{Event, Timetable};
use crate::words::Notice;

/// What is to become of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Cancelled,
    Removed,
}

/// Asks before an event is cancelled.
pub async fn show_cancellation(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    Ok(question(&visit, &event, End::Cancelled, (&first_typed(&event), &Mistakes::none())))
}

/// Cancels it, with a word.
pub async fn submit_cancellation(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    let (target, word) = (target_of(&event, &typed), typed.filled("word").map(|word| word.replace("\r\n", "\n")));
    let cancel = move |tx: &mut _, scene: &_| cancel_events(tx, scene, &target, word.as_deref());
    match timetable.change(visit.caller.clone(), cancel).await {
        Ok(_) => {
            let path = format!("/events/{id}");
            Ok(visit.then(&path, Notice::EventCancelled).undo(&format!("{path}/undo")).into_response())
        }
        Err(error) => {
            let said = |_: &_| Some(Mistake::at("word", visit.words.edit.bad_notes));
            Ok(question(&visit, &event, End::Cancelled, (&typed, &Mistakes::of(error, said)?)))
        }
    }
}

/// Asks before an event is removed.
pub async fn show_event_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    Ok(question(&visit, &event, End::Removed, (&first_typed(&event), &Mistakes::none())))
}

/// Removes it.
pub async fn submit_event_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    let target = target_of(&event, &typed);
    timetable.change(visit.caller.clone(), move |tx, scene| delete_events(tx, scene, &target)).await?;
    let then = visit.then(&home_of(&timetable, &event), Notice::EventRemoved);
    Ok(then.undo(&format!("/events/{id}/undo")).into_response())
}

fn first_typed(event: &Event) -> Typed {
    Typed::new().with("scope", "this").with("seen", Tag::of(event).as_str())
}

fn target_of(event: &Event, typed: &Typed) -> Target {
    Target { id: event.id.clone(), scope: scope_of(typed), seen: IfMatch::of_form(typed.raw("seen")) }
}

/// The page that asks: what will happen, of which events, and the word.
fn question(visit: &Visit, event: &Event, end: End, (typed, mistakes): (&Typed, &Mistakes)) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let (title, text, verb) = match end {
        End::Cancelled => (words.edit.cancel_event, words.edit.cancel_text, "cancel"),
        End::Removed => (words.edit.remove_event, words.edit.remove_text, "delete"),
    };
    let path = format!("/events/{}", event.id);
    form.answer(visit.page(
        title,
        html! {
            h1 { (title) }
            (named(visit, event))
            div .note.warn { p { (text) } p { (words.edit.can_be_undone) } }
            form .wide method="post" action=(format!("{path}/{verb}")) {
                (form.summary())
                (form.hidden("seen"))
                @if end == End::Cancelled {
                    (form.field(&Field::area("word", words.edit.word, 3).hint(words.edit.word_hint).at_most(2000).optional().focused()))
                }
                @if event.series.is_some() { (form.field(&scope_field(visit))) }
                div .actions {
                    button .danger type="submit" data-busy=(words.shell.one_moment) { (title) }
                    a .button.quiet href=(path) { (words.edit.keep_it) }
                }
            }
        },
    ))
}

fn named(visit: &Visit, event: &Event) -> Markup {
    html! { p .lead { strong { bdi { (event.subject) } } ", " (when(visit, event.start, event.end)) } }
}
