//! What a form says of an event, and an event as its form shows it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::desk::bound_to;
use crate::http::{Mistake, Mistakes, Tag, Typed, Visit};
use crate::timetable::series::{Every, Repeat};
use crate::timetable::{Event, EventRequest, Names, Status};

const WALL: &str = "%Y-%m-%dT%H:%M";

/// A button that takes a room counts before what was chosen in the list; from then on it is what was chosen.
pub fn settled(typed: &Typed) -> Typed {
    typed
        .filled("take_room")
        .map_or_else(|| typed.clone(), |room| typed.clone().without("take_room").set("room", &room))
}

/// All that a form says. What cannot be read is a mistake.
pub fn request_of(typed: &Typed, visit: &Visit, mistakes: &mut Mistakes) -> EventRequest {
    let words = visit.words;
    let subject = typed.text("subject");
    if subject.is_empty() {
        mistakes.add(Mistake::at("subject", words.edit.no_subject));
    }
    let (start, end) = times_of(typed, visit, mistakes);
    let chosen = |name: &str| Some(typed.filled(name));
    EventRequest {
        start,
        end,
        subject: Some(subject),
        kind: chosen("kind"),
        notes: Some(Some(typed.raw("notes").replace("\r\n", "\n")).filter(|notes| !notes.trim().is_empty())),
        room: chosen("room"),
        teacher: Some(bound_to(&visit.caller).map(str::to_owned).or_else(|| typed.filled("teacher"))),
        cohorts: Some(typed.all("cohorts").map(str::to_owned).collect()),
        status: Some(match typed.raw("status") {
            "tentative" => Status::Tentative,
            "cancelled" => Status::Cancelled,
            _ => Status::Confirmed,
        }),
        repeat: repeat_of(typed, visit, mistakes),
        allow_conflicts: typed.has("allow_conflicts", "on"),
    }
}

fn times_of(typed: &Typed, visit: &Visit, mistakes: &mut Mistakes) -> (Option<String>, Option<String>) {
    let words = visit.words;
    for (name, said) in [("date", words.edit.no_date), ("start", words.edit.no_start), ("end", words.edit.no_end)] {
        if typed.filled(name).is_none() {
            mistakes.add(Mistake::at(name, said));
        }
    }
    let date = typed.read("date", words.edit.bad_date, mistakes, read_day);
    let last = typed.read("end_date", words.edit.bad_date, mistakes, read_day).or(date);
    let start = typed.read("start", words.edit.bad_time, mistakes, read_time);
    let end = typed.read("end", words.edit.bad_time, mistakes, read_time);
    let (start, end) = (date.zip(start), last.zip(end));
    if start.zip(end).is_some_and(|(start, end)| start >= end) {
        mistakes.add(Mistake::at("end", words.edit.end_before_start));
    }
    let wall = |at: Option<(NaiveDate, NaiveTime)>| at.map(|(day, time)| day.and_time(time).format(WALL).to_string());
    (wall(start), wall(end))
}

fn repeat_of(typed: &Typed, visit: &Visit, mistakes: &mut Mistakes) -> Option<Repeat> {
    let until = typed.read("until", visit.words.edit.bad_date, mistakes, read_day)?;
    let except = typed.text("except");
    let days = except.split([',', ';', ' ', '\n', '\r']).filter(|day| !day.is_empty());
    let read: Option<Vec<_>> = days.map(read_day).collect();
    if read.is_none() {
        mistakes.add(Mistake::at("except", visit.words.edit.bad_except));
    }
    let except = read?.into_iter().map(|day| day.to_string()).collect();
    Some(Repeat { every: Every::Week, until: until.to_string(), except })
}

/// A day as browsers send it, or as people here write it.
fn read_day(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

fn read_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// The same without what an event is already: of a series, the others keep what nobody touched.
pub fn changes_only(request: EventRequest, event: &Event, names: &Names) -> EventRequest {
    let wall = |at: DateTime<Utc>| at.with_timezone(&names.zone).format(WALL).to_string();
    let text = |said: Option<Option<String>>, is: &str| said.filter(|said| said.as_deref().unwrap_or_default() != is);
    let room = |said: &Option<String>| said.as_deref().and_then(|name| names.rooms.find(name)).map(|room| &room.id);
    let same_cohorts = |slugs: &Vec<String>| {
        let mut ids: Vec<_> = slugs.iter().filter_map(|slug| names.cohorts.find(slug)).map(|found| &found.id).collect();
        ids.sort();
        ids.len() == slugs.len() && ids.iter().copied().eq(&event.cohorts)
    };
    let unknown_room = |said: &Option<String>| said.is_some() && room(said).is_none();
    EventRequest {
        start: request.start.filter(|start| *start != wall(event.start)),
        end: request.end.filter(|end| *end != wall(event.end)),
        subject: request.subject.filter(|subject| *subject != event.subject),
        kind: text(request.kind, &event.kind),
        notes: text(request.notes, &event.notes.replace("\r\n", "\n")),
        room: request.room.filter(|said| unknown_room(said) || room(said) != event.room.as_ref()),
        teacher: request.teacher.filter(|teacher| *teacher != event.teacher),
        cohorts: request.cohorts.filter(|slugs| !same_cohorts(slugs)),
        status: request.status.filter(|status| *status != event.status),
        ..request
    }
}

/// An event as its form shows it.
pub fn typed_of(event: &Event, names: &Names) -> Typed {
    let [start, end] = [event.start, event.end].map(|at| at.with_timezone(&names.zone).naive_local());
    let room = event.room.as_deref().and_then(|id| names.rooms.by_id(id));
    let last = if start.date() == end.date() { String::new() } else { end.date().to_string() };
    let typed = Typed::new()
        .with("subject", &event.subject)
        .with("date", start.date())
        .with("start", start.format("%H:%M"))
        .with("end", end.format("%H:%M"))
        .with("end_date", last)
        .with("kind", &event.kind)
        .with("notes", &event.notes)
        .with("room", room.map(|room| room.slug.as_str()).unwrap_or_default())
        .with("teacher", event.teacher.as_deref().unwrap_or_default())
        .with("status", event.status.in_calendars().to_lowercase())
        .with("seen", Tag::of(event).as_str());
    typed.with_all("cohorts", names.cohorts.slugs(&event.cohorts))
}

/// An event's form with another day, start and room; it lasts as long as before.
pub fn moved(event: &Event, names: &Names, wanted: &Typed) -> Typed {
    let mut typed = typed_of(event, names).set("seen", wanted.raw("seen")).set("room", wanted.raw("room"));
    typed = typed.set("date", wanted.raw("date")).set("start", wanted.raw("start"));
    let start = read_day(wanted.raw("date")).zip(read_time(wanted.raw("start")));
    let Some((day, time)) = start else { return typed };
    let end = day.and_time(time) + wall_length(event, names.zone);
    let last = if end.date() == day { String::new() } else { end.date().to_string() };
    typed.set("end", &end.format("%H:%M").to_string()).set("end_date", &last)
}

/// How long it lasts by the clock on the wall.
fn wall_length(event: &Event, zone: Tz) -> TimeDelta {
    let [start, end] = [event.start, event.end].map(|at| at.with_timezone(&zone).naive_local());
    end - start
}
