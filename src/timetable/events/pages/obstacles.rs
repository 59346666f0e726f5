//! What is in the way of an event, in plain words, and the rooms that would do.

use std::collections::BTreeSet;
use std::sync::Arc;

use maud::{Markup, html};

use super::desk::{bound_to, instant, when};
use super::differences::called;
use crate::http::{Mistake, Mistakes, Visit};
use crate::timetable::clashes::Party;
use crate::timetable::{Conflict, Names, Room, Why};

/// So many events in the way are shown.
const SHOWN_AT_MOST: usize = 8;
/// So many rooms are proposed.
const ROOMS_AT_MOST: usize = 12;

/// Something in the way of what a form asks for.
pub struct Obstacles {
    /// What it is.
    pub conflicts: Vec<Conflict>,
    /// The rooms that are free then, and large enough.
    pub rooms: Vec<Arc<Room>>,
}

impl Obstacles {
    /// A short mistake beside each field that something is in the way of.
    pub fn mistakes(&self, visit: &Visit) -> Mistakes {
        let whys: BTreeSet<Why> = self.conflicts.iter().flat_map(|conflict| conflict.why.clone()).collect();
        let words = visit.words;
        let mut mistakes = Mistakes::none();
        for why in whys {
            mistakes.add(match why {
                Why::Room => Mistake::at("room", words.edit.room_is_taken),
                Why::Seats => Mistake::at("room", words.edit.room_is_small),
                // Who is bound to their own events has no such field.
                Why::Teacher if bound_to(&visit.caller).is_some() => Mistake::of_all(words.edit.you_are_taken),
                Why::Teacher => Mistake::at("teacher", words.edit.teacher_is_taken),
                Why::Cohort => Mistake::at("cohorts", words.edit.cohort_is_taken),
            });
        }
        mistakes
    }

    /// Each event in the way, and the rooms as buttons.
    pub fn draw(&self, visit: &Visit, names: &Names) -> Markup {
        let words = visit.words;
        let more = self.conflicts.len().saturating_sub(SHOWN_AT_MOST);
        html! {
            section .note.warn.obstacles aria-labelledby="obstacles" {
                h2 #obstacles { (words.edit.in_the_way) }
                (in_the_way(visit, names, &self.conflicts))
                @if more > 0 { p { (words.and_more(more)) } }
                @if self.is_of_a_room() {
                    @if self.rooms.is_empty() { p { (words.edit.no_room_free) } } @else {
                        p #take-room { strong { (words.edit.take_free_room) } }
                        div .choices role="group" aria-labelledby="take-room" {
                            @for room in self.rooms.iter().take(ROOMS_AT_MOST) {
                                button .quiet type="submit" name="take_room" value=(room.slug) { (room_label(visit, room)) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Would another room help?
    fn is_of_a_room(&self) -> bool {
        self.conflicts.iter().any(|conflict| conflict.why.iter().any(|why| matches!(why, Why::Room | Why::Seats)))
    }
}

/// A room and its seats.
pub fn room_label(visit: &Visit, room: &Room) -> String {
    match room.capacity {
        Some(seats) => format!("{} · {}", room.name, visit.words.seats(seats)),
        None => room.name.clone(),
    }
}

/// The first few events in the way: why, which, when.
pub fn in_the_way(visit: &Visit, names: &Names, conflicts: &[Conflict]) -> Markup {
    html! {
        ul { @for conflict in conflicts.iter().take(SHOWN_AT_MOST) { li { (one(visit, names, conflict)) } } }
    }
}

fn one(visit: &Visit, names: &Names, conflict: &Conflict) -> Markup {
    let event = &conflict.event;
    if let Some(seats) = conflict.seats {
        let room = event.room.as_deref().unwrap_or_default();
        return html! { (visit.words.too_few_seats(room, seats.capacity as usize, seats.students)) };
    }
    let subject = if event.subject.trim().is_empty() { visit.words.cohort.untitled } else { event.subject.trim() };
    let place = event.room.as_deref().filter(|_| !conflict.why.contains(&Why::Room));
    html! {
        (why(visit, names, conflict)) (visit.words.shell.colon)
        a href=(format!("/events/{}", event.id)) { bdi { (subject) } } ", " (when(visit, instant(&event.start), instant(&event.end)))
        @if let Some(place) = place { ", " bdi { (place) } }
    }
}

/// `B12 est prise, M1 a déjà cours`.
fn why(visit: &Visit, names: &Names, conflict: &Conflict) -> String {
    let (words, Party { room, teacher, cohorts, .. }) = (visit.words, &conflict.event);
    let cohorts = cohorts.iter().map(|slug| names.cohorts.find(slug).map_or(slug.clone(), |found| found.name.clone()));
    let cohorts = cohorts.collect::<Vec<_>>().join(", ");
    let said = conflict.why.iter().map(|why| match why {
        Why::Room | Why::Seats => words.is_taken(room.as_deref().unwrap_or_default()),
        Why::Teacher => words.is_busy(&teacher.as_deref().map(|login| called(names, login)).unwrap_or_default()),
        Why::Cohort => words.is_busy(&cohorts),
    });
    said.collect::<Vec<_>>().join(", ")
}
