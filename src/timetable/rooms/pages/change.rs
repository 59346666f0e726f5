//! `/rooms/add` and `/rooms/{slug}/edit`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::actor::Deed;
use crate::error::FieldError;
use crate::http::{Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Path, Tag, Typed, Visit};
use crate::timetable::rooms::rules::{create_room, update_room};
use crate::timetable::rooms::{Room, RoomRequest};
use crate::timetable::{Timetable, TimetableError};
use crate::words::Notice;

/// An empty form.
pub async fn show_new_room(visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    Ok(room_page(&visit, None, (&Typed::new(), &Mistakes::none())))
}

/// Adds the room, or shows the form again.
pub async fn submit_new_room(
    State(timetable): State<Timetable>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, &visit, &mut mistakes);
    if mistakes.any() {
        return Ok(room_page(&visit, None, (&typed, &mistakes)));
    }
    match timetable.change(visit.caller.clone(), move |tx, scene| create_room(tx, scene, &request)).await {
        Ok(room) => Ok(visit.then("/rooms", Notice::RoomAdded).about(room.slug.as_str()).into_response()),
        Err(error) => Ok(room_page(&visit, None, (&typed, &Mistakes::of(error, |bad| said(bad, &visit))?))),
    }
}

/// The form of a room that is there.
pub async fn show_room_form(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let room = timetable.find_room(&visit, &slug)?;
    Ok(room_page(&visit, Some(&room), (&typed_of(&room), &Mistakes::none())))
}

/// Saves it, or shows the form again.
pub async fn submit_room(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let room = timetable.find_room(&visit, &slug)?;
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, &visit, &mut mistakes);
    if mistakes.any() {
        return Ok(room_page(&visit, Some(&room), (&typed, &mistakes)));
    }
    let (id, seen) = (room.id.clone(), IfMatch::of_form(typed.raw("seen")));
    let change = move |tx: &mut _, scene: &_| update_room(tx, scene, &id, (&request, &seen));
    match timetable.change(visit.caller.clone(), change).await {
        Ok(room) => Ok(visit.then("/rooms", Notice::RoomChanged).about(room.slug.as_str()).into_response()),
        Err(error) => Ok(room_page(&visit, Some(&room), (&typed, &Mistakes::of(error, |bad| said(bad, &visit))?))),
    }
}

impl Timetable {
    /// A room for a planner, by slug, name or alias.
    pub(super) fn find_room(&self, visit: &Visit, name: &str) -> Result<Room, PageProblem> {
        visit.caller.actor.must(Deed::ChangeTimetable)?;
        let found = self.names().rooms.find(name).map(|room| Room::clone(room));
        Ok(found.ok_or_else(|| TimetableError::UnknownRoom(name.to_owned()))?)
    }
}

fn typed_of(room: &Room) -> Typed {
    Typed::new()
        .with("name", &room.name)
        .with("kind", &room.kind)
        .with("capacity", room.capacity.map(|seats| seats.to_string()).unwrap_or_default())
        .with("aliases", room.aliases.join("\n"))
        .with("seen", Tag::of(room).as_str())
}

fn request_of(typed: &Typed, visit: &Visit, mistakes: &mut Mistakes) -> RoomRequest {
    let words = visit.words;
    if typed.filled("name").is_none() {
        mistakes.add(Mistake::at("name", words.rooms.bad_name));
    }
    let capacity = typed.read("capacity", words.rooms.bad_capacity, mistakes, |text| text.parse().ok());
    let aliases = typed.raw("aliases").lines().map(str::trim).filter(|alias| !alias.is_empty());
    RoomRequest {
        name: typed.filled("name"),
        kind: Some(typed.filled("kind")),
        capacity: Some(capacity),
        aliases: Some(aliases.map(str::to_owned).collect()),
    }
}

fn said(bad: &FieldError, visit: &Visit) -> Option<Mistake> {
    let (words, taken) = (visit.words, bad.message.contains("is taken by"));
    match bad.field.as_str() {
        "name" if taken => Some(Mistake::at("name", words.rooms.name_taken)),
        "name" => Some(Mistake::at("name", words.rooms.bad_name)),
        "capacity" => Some(Mistake::at("capacity", words.rooms.bad_capacity)),
        "kind" => Some(Mistake::at("kind", words.edit.bad_kind)),
        "aliases" if taken => Some(Mistake::at("aliases", words.rooms.alias_taken)),
        field if field.starts_with("aliases") => Some(Mistake::at("aliases", words.rooms.bad_alias)),
        _ => None,
    }
}

fn room_page(visit: &Visit, room: Option<&Room>, (typed, mistakes): (&Typed, &Mistakes)) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let title = if room.is_some() { words.rooms.change } else { words.rooms.add };
    let action = room.map_or("/rooms/add".to_owned(), |room| format!("/rooms/{}/edit", room.slug));
    form.answer(visit.page(
        title,
        html! {
            h1 { (title) }
            form .narrow method="post" action=(action) {
                (form.summary())
                (form.hidden("seen"))
                (form.field(&Field::text("name", words.rooms.name).hint(words.rooms.name_hint).at_most(200).focused()))
                (form.field(&Field::number("capacity", words.rooms.capacity).between(1, 100_000).optional()))
                (form.field(&Field::text("kind", words.rooms.kind).hint(words.rooms.kind_hint).at_most(40).optional()))
                (form.field(&Field::area("aliases", words.rooms.aliases, 3).hint(words.rooms.aliases_hint).optional()))
                div .actions {
                    (form.button(if room.is_some() { words.edit.save } else { words.edit.make }))
                    a .button.quiet href="/rooms" { (words.form.cancel) }
                }
            }
        },
    ))
}
