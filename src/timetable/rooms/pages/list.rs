//! `/rooms`: each room, and whether it is free now or at a time.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use maud::{Markup, html};
use serde::Deserialize;

use crate::actor::{Deed, Reach};
use crate::http::page::pieces::{badge, empty};
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Query, Typed, Visit};
use crate::timetable::Timetable;
use crate::timetable::rooms::{Room, rooms_without};
use crate::timetable::when::on_the_wall;
use crate::words::Tone;

/// How long a room is wanted, where nobody says.
const USUAL_MINUTES: i64 = 90;

/// When somebody wants a room.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FreeRoomsQuery {
    date: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

/// A stretch of time on the wall.
type Wall = (NaiveDateTime, NaiveDateTime);

/// The list, for staff.
pub async fn show_rooms(
    State(timetable): State<Timetable>,
    visit: Visit,
    Query(query): Query<FreeRoomsQuery>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ReadTimetable)?;
    let mut mistakes = Mistakes::none();
    let wall = wall_of(&visit, &query, &mut mistakes);
    let zone = visit.app.zone();
    let range = on_the_wall(wall.0, zone).ok().zip(on_the_wall(wall.1, zone).ok());
    let free = match range.filter(|(from, to)| from < to && !mistakes.any()) {
        Some(range) => {
            Some(timetable.look(&visit.caller, move |tx, scene| Ok(rooms_without(tx, scene, &[range], &[])?)).await?)
        }
        None => {
            if !mistakes.any() {
                mistakes.add(Mistake::at("end", visit.words.edit.end_before_start));
            }
            None
        }
    };
    let all = timetable.names().rooms;
    let shown = Shown { visit: &visit, all: all.all(), free: free.as_deref(), wall };
    Ok(shown.page(&query, &mistakes))
}

/// What is asked for; else from now on.
fn wall_of(visit: &Visit, query: &FreeRoomsQuery, mistakes: &mut Mistakes) -> Wall {
    let words = visit.words;
    let typed = [("date", &query.date), ("start", &query.start), ("end", &query.end)];
    let typed = typed
        .into_iter()
        .fold(Typed::new(), |typed, (name, text)| typed.with(name, text.as_deref().unwrap_or_default()));
    let day =
        typed.read("date", words.edit.bad_date, mistakes, |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let mut time =
        |name| typed.read(name, words.edit.bad_time, mistakes, |text| NaiveTime::parse_from_str(text, "%H:%M").ok());
    let (start, end) = (time("start"), time("end"));
    let now = this_minute(visit.now.with_timezone(&visit.app.zone()).naive_local());
    let start = day.unwrap_or(now.date()).and_time(start.unwrap_or(now.time()));
    let end = end.map_or(start + TimeDelta::minutes(USUAL_MINUTES), |end| start.date().and_time(end));
    (start, end)
}

fn this_minute(at: NaiveDateTime) -> NaiveDateTime {
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}

/// The list, being drawn.
struct Shown<'a> {
    visit: &'a Visit,
    all: &'a [Arc<Room>],
    free: Option<&'a [Arc<Room>]>,
    wall: Wall,
}

impl Shown<'_> {
    fn page(&self, query: &FreeRoomsQuery, mistakes: &Mistakes) -> Response {
        let (words, (start, end)) = (self.visit.words, self.wall);
        let shown = |text: &Option<String>, read: String| text.clone().unwrap_or(read);
        let typed = Typed::new()
            .with("date", shown(&query.date, start.date().to_string()))
            .with("start", shown(&query.start, start.format("%H:%M").to_string()))
            .with("end", shown(&query.end, end.format("%H:%M").to_string()));
        let form = Form::new(words, &typed, mistakes);
        form.answer(self.visit.page(
            words.rooms.title,
            html! {
                h1 { (words.rooms.title) }
                @if self.may_change() { div .actions { a .button href="/rooms/add" { (words.rooms.add) } } }
                @if self.all.is_empty() { (empty(words.rooms.none, &html! {})) } @else {
                    form .filters method="get" action="/rooms" {
                        (form.field(&Field::date("date", words.edit.date)))
                        (form.field(&Field::time("start", words.edit.start)))
                        (form.field(&Field::time("end", words.edit.end)))
                        button .quiet type="submit" { (words.rooms.look) }
                    }
                    @if self.free.is_some() { h2 { (words.from_to(self.wall, self.visit.today())) } }
                    (self.table())
                }
            },
        ))
    }

    fn table(&self) -> Markup {
        let words = self.visit.words;
        // The free ones first: they are what somebody looks for.
        let mut rooms: Vec<&Arc<Room>> = self.all.iter().collect();
        rooms.sort_by_key(|room| !self.is_free(room).unwrap_or(true));
        html! {
            table .rows {
                thead { tr {
                    th { (words.edit.room) } th { (words.rooms.free) } th { (words.rooms.capacity) } th { (words.rooms.kind) } th { (words.rooms.aliases) }
                    th { span .unseen { (words.rooms.acts) } }
                } }
                tbody { @for room in rooms { (self.row(room)) } }
            }
        }
    }

    fn row(&self, room: &Room) -> Markup {
        let words = self.visit.words;
        html! {
            tr {
                td { bdi { (room.name) } }
                td data-label=(words.rooms.free) {
                    @match self.is_free(room) {
                        Some(true) => { (badge(Tone::Good, "✓", words.edit.is_free)) }
                        Some(false) => { (badge(Tone::Plain, "–", words.edit.is_not_free)) }
                        None => {}
                    }
                }
                td data-label=(words.rooms.capacity) { @if let Some(seats) = room.capacity { (seats) } }
                td data-label=(words.rooms.kind) { @if !room.kind.is_empty() { bdi { (room.kind) } } }
                td data-label=(words.rooms.aliases) { @if !room.aliases.is_empty() { bdi { (room.aliases.join(", ")) } } }
                td { div .actions { (self.acts(room)) } }
            }
        }
    }

    /// To take it, to change it, to remove it.
    fn acts(&self, room: &Room) -> Markup {
        let (words, (start, end)) = (self.visit.words, self.wall);
        let stamp = |at: NaiveDateTime| at.format("%Y-%m-%dT%H:%M").to_string();
        html! {
            @if self.is_free(room) == Some(true) && self.visit.caller.actor.reach(Deed::ChangeEvents) > Reach::Nothing {
                a href=(format!("/events/new?room={}&start={}&end={}", room.slug, stamp(start), stamp(end))) { (words.rooms.take) span .unseen { " " (room.name) } }
            }
            @if self.may_change() {
                a href=(format!("/rooms/{}/edit", room.slug)) { (words.edit.change_event) span .unseen { " " (room.name) } }
                a href=(format!("/rooms/{}/remove", room.slug)) { (words.edit.remove_event) span .unseen { " " (room.name) } }
            }
        }
    }

    fn is_free(&self, room: &Room) -> Option<bool> {
        self.free.map(|free| free.iter().any(|free| free.id == room.id))
    }

    fn may_change(&self) -> bool {
        self.visit.caller.actor.reach(Deed::ChangeTimetable) == Reach::All
    }
}
