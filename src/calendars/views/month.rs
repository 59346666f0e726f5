//! A month as a table: a row for each week with its number, a cell for each day. A phone shows how much is on a day.

use chrono::Datelike;
use maud::{Markup, html};

use super::Board;
use super::day::{Day, wall};
use super::entry::{subject, tint};
use super::period::View;
use crate::timetable::ShownEvent;

/// Events that a cell names; beyond, their number.
const NAMED: usize = 4;

/// The table.
pub fn month(board: &Board<'_>, days: &[Day<'_>]) -> Markup {
    let words = board.visit.words;
    html! {
        table .weeks {
            caption .unseen { (board.title) ", " (words.month_title(board.asked.date)) }
            thead {
                tr {
                    th scope="col" .week-number { abbr title=(words.views.week) { (words.views.week_letter) } }
                    @for day in days.iter().take(7) {
                        th scope="col" { abbr title=(words.weekday(day.date)) { (words.short_weekday(day.date)) } }
                    }
                }
            }
            tbody { @for week in days.chunks(7) { (row(board, week)) } }
        }
    }
}

fn row(board: &Board<'_>, week: &[Day<'_>]) -> Markup {
    let words = board.visit.words;
    html! {
        tr {
            @if let Some(monday) = week.first() {
                th scope="row" .week-number {
                    a href=(board.asked.href(&board.path, View::Week, Some(monday.date))) {
                        span .unseen { (words.views.week) " " } (monday.date.iso_week().week())
                    }
                }
            }
            @for day in week { (cell(board, day)) }
        }
    }
}

fn cell(board: &Board<'_>, day: &Day<'_>) -> Markup {
    let (words, today) = (board.visit.words, board.visit.today());
    let count = day.events().count();
    html! {
        td .today[day.date == today].outside[board.is_outside(day)] {
            a .number href=(board.asked.href(&board.path, View::Day, Some(day.date))) {
                time datetime=(day.date) { (day.date.day()) }
                span .unseen { " " (words.month(day.date)) @if day.date == today { ", " (words.days.today) } }
                @if count > 0 { span .count { (count) span .unseen { " " (words.views.events_word) } } }
            }
            ul {
                @for event in day.events().take(NAMED) { li { (line(board, event)) } }
                @if count > NAMED { li .rest { "+" (count - NAMED) } }
            }
        }
    }
}

fn line(board: &Board<'_>, event: &ShownEvent) -> Markup {
    html! {
        span .line.(tint(&event.kind)).clash[!event.clashes.is_empty()] {
            @if !event.all_day { span .time { (wall(event.start, board.zone()).format("%H:%M")) } " " }
            (subject(board, event))
            @if event.cancelled { span .unseen { ", " (board.visit.words.cohort.cancelled) } }
        }
    }
}
