//! `/events/{id}`: an event, own or a feed's, with what may be done about it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::desk::{instant, when};
use super::differences::{called, status};
use super::history::History;
use super::obstacles::room_label;
use super::read::typed_of;
use crate::http::page::pieces::{badge, breadcrumbs};
use crate::http::{Field, Form, Mistakes, PageProblem, Path, Tagged, Visit};
use crate::store::ReadTx;
use crate::timetable::archive::find_archived;
use crate::timetable::events::look_up::find_response;
use crate::timetable::events::rights::{must_change, must_read};
use crate::timetable::events::{EventResponse, events_of};
use crate::timetable::rooms::rooms_without;
use crate::timetable::tables::find_event;
use crate::timetable::{Event, Names, Room, Scene, Status, Timetable, TimetableError, Whose};
use crate::words::Tone;

/// So many events of a series are named before and after the one that is shown.
const BESIDE: usize = 6;

/// All that the page tells.
struct Told {
    event: EventResponse,
    /// The record, where whoever looks may change it.
    own: Option<Own>,
    archived: bool,
}

/// What staff see of an event that is theirs to change.
struct Own {
    event: Event,
    series: Vec<Event>,
    free: Vec<Arc<Room>>,
    history: History,
}

/// The page of an event, as far as whoever looks may see it.
pub async fn show_event(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    must_read(&visit.caller)?;
    let told = timetable.look(&visit.caller, move |tx, scene| tell(tx, scene, &id)).await?;
    let page = EventPage { visit: &visit, names: timetable.names(), told: &told };
    Ok(visit.page(page.subject(), page.draw()))
}

fn tell(tx: &ReadTx, scene: &Scene, id: &str) -> Result<Told, TimetableError> {
    let Tagged(_, event) = find_response(tx, scene, id)?;
    let found = find_event(tx, id)?.filter(|event| must_change(&scene.caller, Some(event), None).is_ok());
    let own = match found {
        Some(event) => Some(Own {
            series: match event.series.as_deref() {
                Some(series) => events_of(tx, Whose::Series(series), None)?,
                None => Vec::new(),
            },
            free: rooms_without(tx, scene, &[(event.start, event.end)], std::slice::from_ref(&event.id))?,
            history: History::of(tx, id)?,
            event,
        }),
        None => None,
    };
    Ok(Told { event, own, archived: find_archived(tx, id)?.is_some() })
}

/// The page, being drawn.
struct EventPage<'a> {
    visit: &'a Visit,
    names: Names,
    told: &'a Told,
}

impl EventPage<'_> {
    fn subject(&self) -> &str {
        let subject = self.told.event.subject.trim();
        if subject.is_empty() { self.visit.words.cohort.untitled } else { subject }
    }

    fn draw(&self) -> Markup {
        let (words, event) = (self.visit.words, &self.told.event);
        let cohort = event.cohorts.first().and_then(|slug| self.names.cohorts.find(slug));
        let above = cohort.map(|cohort| (format!("/c/{}", cohort.slug), cohort.name.clone()));
        let above: Vec<_> = above.iter().map(|(href, name)| (href.as_str(), name.as_str())).collect();
        html! {
            (breadcrumbs(&above, self.subject(), words))
            h1 { @if event.status == Status::Cancelled { s { bdi { (self.subject()) } } } @else { bdi { (self.subject()) } } }
            (self.standing())
            (self.facts())
            @if !event.notes.trim().is_empty() { div .note { p .lines dir="auto" { (event.notes.trim()) } } }
            @if let Some(own) = &self.told.own { (self.acts(own)) }
        }
    }

    /// What is unusual about it.
    fn standing(&self) -> Markup {
        let (words, event) = (self.visit.words, &self.told.event);
        html! {
            @if event.status != Status::Confirmed {
                p { (badge(if event.status == Status::Cancelled { Tone::Bad } else { Tone::Warn }, "!", status(words, event.status))) }
            }
            @if event.source.is_some() { p .muted { (words.edit.of_feed) } }
            @if self.told.archived { p .muted { (words.edit.archived) } }
        }
    }

    fn facts(&self) -> Markup {
        let (words, event) = (self.visit.words, &self.told.event);
        let fact = |label: &str, text: &str| {
            html! {
                @if !text.is_empty() { div { dt { (label) } dd { bdi { (text) } } } }
            }
        };
        let cohorts = event.cohorts.iter().filter_map(|slug| self.names.cohorts.find(slug));
        let teacher = event.teacher.as_deref().map(|login| called(&self.names, login)).unwrap_or_default();
        html! {
            dl .facts.card {
                (fact(words.edit.when, &when(self.visit, instant(&event.start), instant(&event.end))))
                (fact(words.edit.room, event.room.as_deref().unwrap_or_default()))
                (fact(words.edit.teacher, &teacher))
                @if !event.cohorts.is_empty() {
                    div { dt { (words.edit.cohorts) } dd { @for (number, cohort) in cohorts.enumerate() {
                        @if number > 0 { ", " } a href=(format!("/c/{}", cohort.slug)) { bdi { (cohort.name) } }
                    } } }
                }
                (fact(words.edit.kind, &event.kind))
            }
        }
    }

    fn acts(&self, own: &Own) -> Markup {
        let (words, path) = (self.visit.words, format!("/events/{}", own.event.id));
        html! {
            div .actions {
                a .button href=(format!("{path}/edit")) { (words.edit.change_event) }
                @if own.event.is_busy() { a .button.quiet href=(format!("{path}/cancel")) { (words.edit.cancel_event) } }
                a .button.quiet.danger href=(format!("{path}/delete")) { (words.edit.remove_event) }
            }
            (self.quick_move(own, &path))
            (self.series(own))
            section aria-labelledby="history" {
                h2 #history { (words.edit.history) }
                (own.history.draw(self.visit, &self.names))
                @if own.history.can_be_undone() {
                    form method="post" action=(format!("{path}/undo")) {
                        div .actions { button .quiet type="submit" data-busy=(words.shell.one_moment) { (words.edit.undo_last) } }
                    }
                }
            }
        }
    }

    /// Another day, another time, another room: in one line.
    fn quick_move(&self, own: &Own, path: &str) -> Markup {
        let words = self.visit.words;
        let (typed, none) = (typed_of(&own.event, &self.names), Mistakes::none());
        let form = Form::new(words, &typed, &none);
        let told = |room: &Room| {
            if own.free.iter().any(|free| free.id == room.id) { words.edit.is_free } else { words.edit.is_not_free }
        };
        let rooms = self.names.rooms.all().iter();
        let rooms =
            rooms.map(|room| (room.slug.to_string(), format!("{} · {}", room_label(self.visit, room), told(room))));
        let all = std::iter::once((String::new(), words.edit.no_room.to_owned())).chain(rooms);
        html! {
            section .card aria-labelledby="move" {
                h2 #move { (words.edit.move_event) }
                @if own.event.series.is_some() { p .muted { (words.edit.moves_this_one) } }
                form .filters method="post" action=(format!("{path}/move")) {
                    (form.hidden("seen"))
                    (form.field(&Field::date("date", words.edit.date)))
                    (form.field(&Field::time("start", words.edit.start)))
                    (form.field(&Field::select("room", words.edit.room, all).optional()))
                    button type="submit" data-busy=(words.shell.one_moment) { (words.edit.move_it) }
                }
            }
        }
    }

    /// The neighbours in its series.
    fn series(&self, own: &Own) -> Markup {
        let words = self.visit.words;
        let place = own.series.iter().position(|event| event.id == own.event.id).unwrap_or_default();
        let near = own.series.iter().skip(place.saturating_sub(BESIDE)).take(2 * BESIDE + 1);
        html! {
            @if own.series.len() > 1 {
                section aria-labelledby="series" {
                    h2 #series { (words.edit.series) }
                    p { (words.nth_of_series(place + 1, own.series.len())) }
                    ul .series {
                        @for event in near {
                            li {
                                @let said = when(self.visit, event.start, event.end);
                                @if event.id == own.event.id { strong { (said) } } @else { a href=(format!("/events/{}", event.id)) { (said) } }
                                @if !event.is_busy() { " " span .tag.bad { (words.edit.cancelled) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
