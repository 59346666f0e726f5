//! `/rooms/{slug}/remove`: asks first, and names what hangs on the room.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::http::{Confirm, IfMatch, PageProblem, Path, Tag, Typed, Visit};
use crate::store::StoreError;
use crate::timetable::events::events_of;
use crate::timetable::events::pages::when;
use crate::timetable::hanging::Hanging;
use crate::timetable::removal::Removal;
use crate::timetable::rooms::rules::remove_room;
use crate::timetable::{Event, Timetable, TimetableError, Whose};
use crate::words::Notice;

/// So many events are named.
const NAMED_AT_MOST: usize = 8;

/// Asks, and names what hangs on it.
pub async fn show_room_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let room = timetable.find_room(&visit, &slug)?;
    let id = room.id.clone();
    let look = move |tx: &_, _: &_| {
        let found: Result<_, StoreError> = Ok((
            Hanging::of(tx, Whose::Room(&id))?.counts().iter().sum::<usize>(),
            events_of(tx, Whose::Room(&id), None)?,
        ));
        Ok(found?)
    };
    let (count, events) = timetable.look(&visit.caller, look).await?;
    let action = format!("/rooms/{}/remove", room.slug);
    let confirm = Confirm::new(visit.words.rooms.remove, &action, "/rooms")
        .says(what_happens(&visit, &room.name, count, &events));
    let confirm = confirm.carry("seen", Tag::of(&room).as_str()).carry("count", count);
    Ok(confirm.page(&visit))
}

fn what_happens(visit: &Visit, name: &str, count: usize, events: &[Event]) -> Markup {
    let words = visit.words;
    let mut coming: Vec<_> = events.iter().filter(|event| event.end > visit.now).collect();
    let more = coming.len().saturating_sub(NAMED_AT_MOST);
    coming.truncate(NAMED_AT_MOST);
    html! {
        p { strong { bdi { (name) } } }
        @if count == 0 { p { (words.rooms.nothing_hangs) } } @else {
            p { (words.lose_their_room(count)) }
            ul {
                @for event in coming {
                    li { a href=(format!("/events/{}", event.id)) { bdi { (event.subject) } } ", " (when(visit, event.start, event.end)) }
                }
            }
            @if more > 0 { p { (words.and_more(more)) } }
        }
    }
}

/// Removes it, if no more hangs on it than was shown.
pub async fn submit_room_removal(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let room = timetable.find_room(&visit, &slug)?;
    let (id, seen) = (room.id.clone(), IfMatch::of_form(typed.raw("seen")));
    let agreed: usize = typed.raw("count").parse().unwrap_or(0);
    let remove = move |tx: &mut _, scene: &_| {
        // More events by now than somebody was shown stand in the way.
        let removal = if Hanging::of(tx, Whose::Room(&id))?.counts().iter().sum::<usize>() <= agreed {
            Removal::Forced
        } else {
            Removal::Careful
        };
        remove_room(tx, scene, &id, (removal, &seen))
    };
    match timetable.change(visit.caller.clone(), remove).await {
        Ok(()) => Ok(visit.then("/rooms", Notice::RoomRemoved).about(room.slug.as_str()).into_response()),
        Err(TimetableError::InUse { .. }) => {
            let path = format!("/rooms/{}/remove", room.slug);
            Ok(visit.then(&path, Notice::RoomInUse).about(room.slug.as_str()).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
