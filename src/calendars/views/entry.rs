//! One event on a board: its time, what and where; and folded behind that all that is known of it.
//!
//! What a site has written is shown as text, each piece in its own direction.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::Board;
use super::day::{dates_of, wall};
use crate::actor::{Deed, Reach};
use crate::calendars::select::Calendar;
use crate::timetable::{ShownEvent, Why};
use crate::words::Words;

/// An event on one of its days, to be opened.
pub fn entry(board: &Board<'_>, event: &ShownEvent, day: NaiveDate) -> Markup {
    html! {
        details .entry.(tint(&event.kind)).cancelled[event.cancelled].clash[!event.clashes.is_empty()] name="entry" {
            summary {
                (hours(board, event, day))
                span .what {
                    span .subject { (subject(board, event)) }
                    (marks(board, event))
                    (place(board, event))
                }
            }
            (more(board, event, day))
        }
    }
}

/// What it is, struck through where it does not take place.
pub fn subject(board: &Board<'_>, event: &ShownEvent) -> Markup {
    let subject = if event.subject.is_empty() { board.visit.words.cohort.untitled } else { &event.subject };
    html! { @if event.cancelled { s { bdi { (subject) } } } @else { bdi { (subject) } } }
}

/// The colour of a kind: those that every school has by their names, others without one.
pub fn tint(kind: &str) -> &'static str {
    match kind.to_lowercase().as_str() {
        "cm" | "cours" | "cours magistral" | "lecture" => "k1",
        "td" | "ei" | "tutorial" => "k2",
        "tp" | "lab" | "projet" | "project" => "k3",
        "exam" | "examen" | "partiel" | "ds" | "cc" | "contrôle" | "soutenance" => "k4",
        _ => "k0",
    }
}

fn hours(board: &Board<'_>, event: &ShownEvent, day: NaiveDate) -> Markup {
    let (start, end) = (wall(event.start, board.zone()), wall(event.end, board.zone()));
    html! {
        span .time {
            @if event.all_day { (board.visit.words.days.all_day) } @else {
                @if start.date() < day { "…" } @else { time datetime=(event.start.to_rfc3339()) { (start.format("%H:%M")) } }
                @if event.end > event.start {
                    span .dash { "–" } span .end { @if end.date() > day { "…" } @else { (end.format("%H:%M")) } }
                }
            }
        }
    }
}

fn marks(board: &Board<'_>, event: &ShownEvent) -> Markup {
    let (words, now) = (board.visit.words, board.visit.now);
    let running = !event.all_day && !event.cancelled && event.start <= now && now < event.end;
    html! {
        @if event.cancelled { " " strong .tag.bad { (words.cohort.cancelled) } }
        @if running { " " strong .tag.ok { (words.days.now) } }
        @if !event.clashes.is_empty() { " " strong .tag.bad { span aria-hidden="true" { "⚠" } span .clash-word { " " (words.views.clash) } } }
    }
}

/// The kind, where, and for whom, as far as the page itself does not say it.
fn place(board: &Board<'_>, event: &ShownEvent) -> Markup {
    // Many sites write the kind into the subject too.
    let mut said = event.subject.split(|c: char| !c.is_alphanumeric());
    let told = event.kind.is_empty() || said.any(|word| word.eq_ignore_ascii_case(&event.kind));
    let in_room = matches!(board.calendar, Calendar::Room(_)) || event.room.is_empty();
    let cohorts = if matches!(board.calendar, Calendar::Cohort(_)) { String::new() } else { cohorts(board, event) };
    html! {
        span .place {
            @if !told { span .kind { bdi { (event.kind) } } }
            @if !in_room { span { bdi { (event.room) } } }
            @if !cohorts.is_empty() { span { bdi { (cohorts) } } }
        }
    }
}

fn cohorts(board: &Board<'_>, event: &ShownEvent) -> String {
    let names = event.cohorts.iter().filter_map(|id| board.names.cohorts.by_id(id));
    names.map(|cohort| cohort.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is known of it, line by line.
fn more(board: &Board<'_>, event: &ShownEvent, day: NaiveDate) -> Markup {
    let words = board.visit.words;
    html! {
        div .more {
            @for clash in &event.clashes {
                p .clash-text { strong { (words.views.clash) } (words.shell.colon) (why_told(&clash.why, words)) " – " bdi { (clash.with) } }
            }
            @if let Some(span) = span(board, event, day) { p { (span) } }
            dl {
                (fact(words.views.kind, &event.kind))
                (fact(words.views.room, &event.room))
                (fact(words.views.teacher, &event.teacher))
                (fact(words.views.cohorts, &cohorts(board, event)))
                @if let Some(feed) = event.source.as_ref().filter(|_| board.visit.login().is_some()) {
                    (fact(words.views.source, feed.slug.as_str()))
                }
            }
            @if !event.notes.is_empty() { p .description dir="auto" { (event.notes) } }
            @if event.source.is_none() && may_open(board, event) {
                p { a href=(format!("/events/{}", event.id)) { (words.views.open) } }
            }
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { @if !value.is_empty() { div { dt { (name) } dd { bdi { (value) } } } } }
}

/// An event's own page is for whom its timetable is.
fn may_open(board: &Board<'_>, event: &ShownEvent) -> bool {
    let actor = &board.visit.caller.actor;
    match actor.reach(Deed::ReadTimetable) {
        Reach::All => true,
        Reach::Own => event.cohorts.iter().any(|id| actor.owns_cohort(id)),
        Reach::Nothing => false,
    }
}

fn why_told(why: &[Why], words: &Words) -> String {
    let told = why.iter().map(|why| match why {
        Why::Room => words.views.same_room,
        Why::Teacher => words.views.same_teacher,
        Why::Cohort => words.views.same_cohort,
        Why::Seats => words.views.too_few_seats,
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The days of an event that is not of one day.
fn span(board: &Board<'_>, event: &ShownEvent, day: NaiveDate) -> Option<String> {
    let (words, today) = (board.visit.words, board.visit.today());
    let [first, last] = dates_of(event, board.zone());
    let since = (first < day).then(|| words.since_day(&words.day(first, today)));
    let until = (last > day).then(|| words.until_day(&words.day(last, today)));
    let parts: Vec<_> = since.into_iter().chain(until).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
