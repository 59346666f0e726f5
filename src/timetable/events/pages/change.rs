//! `/events/{id}/edit`, and the quick form of an event's page that moves it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::differences::differences;
use super::read::{changes_only, moved, request_of, settled, typed_of};
use super::sheet::{Of, Sheet, scope_of};
use crate::http::{IfMatch, Mistakes, PageProblem, Path, Tag, Typed, Visit};
use crate::timetable::events::request::Change;
use crate::timetable::events::rules::{Target, update_events};
use crate::timetable::{Event, EventRequest, Flaws, Timetable, TimetableError};
use crate::words::Notice;

/// The form of an event that is there.
pub async fn show_event_form(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    let typed = typed_of(&event, &timetable.names()).with("scope", "this");
    Sheet::new(Of::Event(Box::new(event)), typed).answer(&timetable, &visit).await
}

/// Saves it, or shows the form again.
pub async fn submit_event(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    save(&timetable, &visit, (event, settled(&typed)), Notice::EventSaved).await
}

/// The quick form: a day, a start, a room. Where that is not enough the whole form is shown.
pub async fn submit_move(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let event = timetable.find_changeable(&visit, &id).await?;
    let typed = moved(&event, &timetable.names(), &typed).with("scope", "this");
    save(&timetable, &visit, (event, typed), Notice::EventMoved).await
}

async fn save(
    timetable: &Timetable,
    visit: &Visit,
    (event, typed): (Event, Typed),
    notice: Notice,
) -> Result<Response, PageProblem> {
    let of = Of::Event(Box::new(event.clone()));
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, visit, &mut mistakes);
    if mistakes.any() {
        return Sheet { mistakes, ..Sheet::new(of, typed) }.answer(timetable, visit).await;
    }
    let request = changes_only(request, &event, &timetable.names());
    let seen = IfMatch::of_form(typed.raw("seen"));
    let target = Target { id: event.id.clone(), scope: scope_of(&typed), seen };
    let asked = request.clone();
    let saved =
        timetable.change(visit.caller.clone(), move |tx, scene| update_events(tx, scene, &target, &asked)).await;
    let path = format!("/events/{}", event.id);
    match saved {
        Ok(events) if events.iter().any(|now| now.id == event.id && *now != event) => {
            Ok(visit.then(&path, notice).undo(&format!("{path}/undo")).into_response())
        }
        Ok(_) => Ok(visit.then(&path, Notice::NothingChanged).into_response()),
        Err(TimetableError::Overtaken(_)) => overtaken(timetable, visit, (event, typed), &request).await,
        Err(error) => Sheet::refused(of, typed, error, visit)?.answer(timetable, visit).await,
    }
}

/// The form once more: what the event is by now, beside what is typed, and a save that knows it.
async fn overtaken(
    timetable: &Timetable,
    visit: &Visit,
    (event, typed): (Event, Typed),
    request: &EventRequest,
) -> Result<Response, PageProblem> {
    let names = timetable.names();
    let mut flaws = Flaws::default();
    let change = Change::read(request, &names, &mut flaws);
    let mut wanted = change.apply(&event);
    (wanted.start, wanted.end) = (change.start.unwrap_or(event.start), change.end.unwrap_or(event.end));
    let theirs = differences(visit, &names, &event, &wanted);
    let typed = typed.set("seen", Tag::of(&event).as_str());
    let sheet = Sheet::new(Of::Event(Box::new(event)), typed);
    Sheet { overtaken: Some(theirs), ..sheet }.answer(timetable, visit).await
}
