//! A day or a week as a grid of time: hours down, days across. On a phone the days of a week stand one under the other.
//!
//! No page has a style of its own, so where an event stands is said by classes: `h8 m15` is where it begins, `u9 v45` where
//! it ends, `c1 n3 w2` the second of three columns and as wide as two; `src/http/assets/style/grid.css` makes lengths of
//! them. Steps are of five minutes. The order in the page is that of days and times.

use chrono::{Datelike, NaiveDate, Timelike};
use maud::{Markup, html};

use super::Board;
use super::day::{Day, wall};
use super::entry::entry;
use super::layout::{Folded, Place, Span, lay_out};
use super::period::View;

/// The hours that are always shown; more where something is on.
const HOURS: (u32, u32) = (8, 18);
/// Columns that can be read beside each other.
const COLUMNS_OF_WEEK: usize = 3;
const COLUMNS_OF_DAY: usize = 10;
/// What is shorter says all it has to say in one line.
const ONE_LINE: u32 = 60;
const STEP: u32 = 5;

/// The grid of these days; a Saturday or a Sunday with nothing on it is left out of a week.
pub fn grid(board: &Board<'_>, days: &[Day<'_>]) -> Markup {
    let hours = hours_of(days);
    let of_week = board.asked.view == View::Week;
    let shown = |day: &&Day<'_>| !of_week || day.date.weekday().num_days_from_monday() < 5 || !day.is_empty();
    html! {
        div class=(format!("grid from{} to{}", hours.0, hours.1)) {
            div .gutter aria-hidden="true" {
                @for hour in hours.0..=hours.1 { span class=(format!("h{hour}")) { (board.visit.words.hour(hour)) } }
            }
            @for day in days.iter().filter(shown) { (column(board, day, hours)) }
        }
    }
}

fn hours_of(days: &[Day<'_>]) -> (u32, u32) {
    let spans = || days.iter().flat_map(|day| day.timed.iter().map(|(span, _)| *span));
    let first = spans().map(|span| span.start / 60).min().unwrap_or(HOURS.0);
    let last = spans().map(|span| span.end.div_ceil(60)).max().unwrap_or(HOURS.1);
    (first.min(HOURS.0), last.max(HOURS.1).min(24))
}

fn column(board: &Board<'_>, day: &Day<'_>, hours: (u32, u32)) -> Markup {
    let (words, today) = (board.visit.words, board.visit.today());
    let id = format!("d{}", day.date);
    html! {
        section .one-day.today[day.date == today].past[day.date < today].free[day.is_empty()] aria-labelledby=(id) {
            header {
                h3 id=(id) {
                    a href=(board.asked.href(&board.path, View::Day, Some(day.date))) {
                        span .weekday { (words.weekday(day.date)) } " "
                        time .number datetime=(day.date) { (words.day_number(day.date)) }
                        span .month-name { " " (words.month(day.date)) }
                        @if day.date == today { span .unseen { ", " (words.days.today) } }
                    }
                }
                (way_to_new(board, day.date))
            }
            ol .whole { @for event in &day.whole { li { (entry(board, event, day.date)) } } }
            div .hours {
                @for hour in hours.0..hours.1 { (new_at(board, day.date, hour)) }
                (timed(board, day))
                @if day.date == today { (now_line(board)) }
            }
        }
    }
}

fn timed(board: &Board<'_>, day: &Day<'_>) -> Markup {
    let spans: Vec<_> = day.timed.iter().map(|(span, _)| *span).collect();
    let most = if board.asked.view == View::Week { COLUMNS_OF_WEEK } else { COLUMNS_OF_DAY };
    let layout = lay_out(&spans, most);
    html! {
        ol .timed {
            @for ((span, event), place) in day.timed.iter().zip(&layout.places) {
                @if let Some(place) = place {
                    li class=(classes(*span, *place)) { (entry(board, event, day.date)) }
                }
            }
            @for folded in &layout.folded { (rest(board, day, folded)) }
        }
    }
}

/// Those that had no place lead to the day's own page, where they have one.
fn rest(board: &Board<'_>, day: &Day<'_>, folded: &Folded) -> Markup {
    html! {
        li class=(classes(folded.span, folded.place)) {
            a .rest href=(board.asked.href(&board.path, View::Day, Some(day.date))) {
                "+" (folded.count) span .unseen { " " (board.visit.words.views.more_events) }
            }
        }
    }
}

fn classes(span: Span, place: Place) -> String {
    let (start, end) = (span.start / STEP * STEP, span.end.div_ceil(STEP) * STEP);
    let mut classes = format!("at h{} u{}", start / 60, end / 60);
    let further = [("m", start % 60, 0), ("v", end % 60, 0)];
    let of_place = [("c", place.column, 0), ("n", place.columns, 1), ("w", place.width, 1)];
    let of_place = of_place.map(|(name, value, usual)| (name, u32::try_from(value).unwrap_or(usual), usual));
    for (name, value, usual) in further.into_iter().chain(of_place) {
        if value != usual {
            classes.push_str(&format!(" {name}{value}"));
        }
    }
    if span.end.saturating_sub(span.start) < ONE_LINE {
        classes.push_str(" short");
    }
    classes
}

/// Where the present is; a script moves it on.
fn now_line(board: &Board<'_>) -> Markup {
    let now = wall(board.visit.now, board.zone());
    let (hour, minute) = (now.hour(), now.minute() / STEP * STEP);
    let at = if minute == 0 { format!("now h{hour}") } else { format!("now h{hour} m{minute}") };
    html! { div class=(at) data-script="now" aria-hidden="true" {} }
}

/// The one way to a new event that everybody finds: in a day's head.
fn way_to_new(board: &Board<'_>, date: NaiveDate) -> Markup {
    let words = board.visit.words;
    let says = words.new_event_on(&words.day(date, board.visit.today()));
    html! {
        @if let Some(href) = new_href(board, date, HOURS.0) {
            a .new-event href=(href) title=(says) { span aria-hidden="true" { "+" } span .unseen { (says) } }
        }
    }
}

/// An hour of a day, to be clicked where it is empty. For a mouse alone: there are too many of them to pass by key.
fn new_at(board: &Board<'_>, date: NaiveDate, hour: u32) -> Markup {
    html! {
        @if let Some(href) = new_href(board, date, hour) {
            a class=(format!("new h{hour}")) href=(href) tabindex="-1" aria-hidden="true" {}
        }
    }
}

fn new_href(board: &Board<'_>, date: NaiveDate, hour: u32) -> Option<String> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(board.new_event.as_ref()?);
    // A colon may stand in a query as it is, and is read more easily so.
    let query = query.finish();
    let parted = if query.is_empty() { "" } else { "&" };
    Some(format!("/events/new?{query}{parted}start={date}T{hour:02}:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_an_event_stands_is_said_by_classes() {
        let place = |column, columns, width| Place { column, columns, width };
        let cases = [
            (Span { start: 480, end: 540 }, place(0, 1, 1), "at h8 u9"),
            (Span { start: 495, end: 585 }, place(1, 3, 2), "at h8 u9 m15 v45 c1 n3 w2"),
            (Span { start: 598, end: 601 }, place(0, 2, 1), "at h9 u10 m55 v5 n2 short"),
            (Span { start: 1380, end: 1440 }, place(0, 1, 1), "at h23 u24"),
        ];
        for (span, place, said) in cases {
            assert_eq!(classes(span, place), said);
        }
    }
}
