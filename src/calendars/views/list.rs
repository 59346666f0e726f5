//! Event under event, by day; days with nothing on them are left out.

use maud::{Markup, html};

use super::Board;
use super::day::Day;
use super::entry::entry;
use super::period::View;

/// The list.
pub fn list(board: &Board<'_>, days: &[Day<'_>]) -> Markup {
    html! { @for day in days.iter().filter(|day| !day.is_empty()) { (one_day(board, day)) } }
}

fn one_day(board: &Board<'_>, day: &Day<'_>) -> Markup {
    let (words, today) = (board.visit.words, board.visit.today());
    let id = format!("d{}", day.date);
    html! {
        section .one-day.today[day.date == today] aria-labelledby=(id) {
            h3 id=(id) {
                a href=(board.asked.href(&board.path, View::Day, Some(day.date))) {
                    time datetime=(day.date) {
                        @if let Some(near) = words.near_day(day.date, today) { strong { (near) } " " }
                        (words.day(day.date, today))
                    }
                }
            }
            ol { @for event in day.events() { li { (entry(board, event, day.date)) } } }
        }
    }
}
