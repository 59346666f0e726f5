//! `/events/{id}/undo`: the last change of an event, taken back; where something stands in the way by now, a page says so.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::desk::may_allow;
use super::obstacles::in_the_way;
use crate::http::{PageProblem, Path, Typed, Visit};
use crate::timetable::events::rights::must_change_some;
use crate::timetable::events::rules::Conflicts;
use crate::timetable::events::undo::undo_change;
use crate::timetable::{Conflict, Timetable, TimetableError};
use crate::words::Notice;

/// Takes the last change back.
pub async fn submit_undo(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    must_change_some(&visit.caller)?;
    let conflicts = Conflicts::asked(typed.has("allow_conflicts", "on"), &visit.caller)?;
    let named = id.clone();
    let undone =
        timetable.change(visit.caller.clone(), move |tx, scene| undo_change(tx, scene, &named, conflicts)).await;
    let path = format!("/events/{id}");
    match undone {
        // What was made is gone again.
        Ok(left) if left.is_empty() => {
            Ok(visit.then("/", Notice::Undone).undo(&format!("{path}/undo")).into_response())
        }
        Ok(_) => Ok(visit.then(&path, Notice::Undone).undo(&format!("{path}/undo")).into_response()),
        Err(TimetableError::Clash(found)) => Ok(blocked(&timetable, &visit, (&path, &found))),
        Err(TimetableError::CannotUndo { .. }) => Ok(cannot(&visit, &path, visit.words.edit.cannot_undo)),
        Err(TimetableError::NothingToUndo(_)) => Ok(cannot(&visit, &path, visit.words.edit.nothing_to_undo)),
        Err(error) => Err(error.into()),
    }
}

/// What is in the way by now, and for whom may, a way past it.
fn blocked(timetable: &Timetable, visit: &Visit, (path, found): (&str, &[Conflict])) -> Response {
    let words = visit.words;
    let page = visit.page(
        words.edit.undo,
        html! {
            h1 { (words.edit.undo) }
            div .note.warn role="alert" {
                p { strong { (words.edit.undo_blocked) } }
                (in_the_way(visit, &timetable.names(), found))
            }
            form method="post" action=(format!("{path}/undo")) {
                input type="hidden" name="allow_conflicts" value="on";
                div .actions {
                    @if may_allow(&visit.caller) {
                        button .danger type="submit" data-busy=(words.shell.one_moment) { (words.edit.undo_anyway) }
                    }
                    a .button.quiet href=(path) { (words.edit.to_event) }
                }
            }
        },
    );
    (StatusCode::CONFLICT, page).into_response()
}

fn cannot(visit: &Visit, path: &str, text: &str) -> Response {
    let words = visit.words;
    let page = visit.page(
        words.edit.undo,
        html! {
            h1 { (words.edit.undo) }
            p .note.warn role="alert" { (text) }
            p .actions { a .button.quiet href=(path) { (words.edit.to_event) } }
        },
    );
    (StatusCode::CONFLICT, page).into_response()
}
