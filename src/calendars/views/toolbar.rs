//! The ways from a board to others: the day before and after, today, a day that is picked, another view, other events.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::Board;
use super::asked::{Asked, Filter, Said};
use super::period::{View, Way};
use crate::calendars::select::Calendar;
use crate::timetable::ShownEvent;

/// What stands above the days.
pub fn toolbar(board: &Board<'_>) -> Markup {
    html! {
        header .toolbar {
            h2 #period { span .whose { (board.title) } (title(board)) }
            (steps(board))
            (views(board))
            (filter(board))
        }
    }
}

/// Which days these are.
fn title(board: &Board<'_>) -> Markup {
    let (words, date, period) = (board.visit.words, board.asked.date, board.period());
    html! {
        @match board.asked.view {
            View::Day => { span { (words.full_day(date)) } },
            View::Week => { span { (words.week_number(date)) } " " span .days { (words.days_between(period.first, period.last)) } },
            View::Month => { span { (words.month_title(date)) } },
            View::List => { span { (words.days_between(period.first, period.last)) } },
        }
    }
}

fn steps(board: &Board<'_>) -> Markup {
    let (words, asked) = (board.visit.words, &board.asked);
    let at = |way| asked.href(&board.path, asked.view, Some(asked.view.step(asked.date, way)));
    html! {
        nav .steps aria-label=(words.views.other_days) {
            a .button.quiet rel="prev" href=(at(Way::Back)) { span aria-hidden="true" { "‹" } span .unseen { (words.views.back) } }
            a .button.quiet accesskey="t" href=(today(board)) { (words.views.today) }
            a .button.quiet rel="next" href=(at(Way::On)) { span aria-hidden="true" { "›" } span .unseen { (words.views.on) } }
            (pick(board))
        }
    }
}

/// Where the days of a week stand one under the other, today is not the first.
fn today(board: &Board<'_>) -> String {
    let href = board.asked.href(&board.path, board.asked.view, None);
    if board.asked.view == View::Week { format!("{href}#d{}", board.visit.today()) } else { href }
}

fn pick(board: &Board<'_>) -> Markup {
    let words = board.visit.words;
    html! {
        form .pick method="get" action=(board.path) data-script="go" {
            (kept(board, &[]))
            label .unseen for="date" { (words.views.date) }
            input #date type="date" name="date" value=(board.asked.date) required;
            button .quiet type="submit" { (words.views.go) }
        }
    }
}

fn views(board: &Board<'_>) -> Markup {
    let (words, asked) = (board.visit.words, &board.asked);
    let label = |view| match view {
        View::Day => words.views.day,
        View::Week => words.views.week,
        View::Month => words.views.month,
        View::List => words.views.list,
    };
    // Whoever picked no day stays with today.
    let date = (asked.said == Said::Date).then_some(asked.date);
    html! {
        nav .views aria-label=(words.views.views) {
            ul {
                @for view in View::ALL {
                    li { a href=(asked.href(&board.path, view, date)) aria-current=[(view == asked.view).then_some("page")] { (label(view)) } }
                }
            }
            button .quiet type="button" data-script="print" hidden { (words.views.print) }
        }
    }
}

fn filter(board: &Board<'_>) -> Markup {
    let (words, wanted) = (board.visit.words, &board.asked.filter);
    let all = without_filter(board);
    html! {
        details .filter open[!wanted.is_any()] {
            summary { (words.views.filter) }
            form .filters method="get" action=(board.path) {
                (kept(board, &["kind", "subject", "room"]))
                (choice("kind", words.views.kind, &wanted.kind, values(&board.events, |event| &event.kind), words.views.any))
                div .field {
                    label for="subject" { (words.views.subject) }
                    input #subject name="subject" value=(wanted.subject) list="subjects" autocomplete="off";
                    datalist #subjects { @for subject in values(&board.events, |event| &event.subject) { option value=(subject) {} } }
                }
                @if !matches!(board.calendar, Calendar::Room(_)) {
                    (choice("room", words.views.room, &wanted.room, values(&board.events, |event| &event.room), words.views.any))
                }
                div .actions {
                    button type="submit" { (words.views.show) }
                    @if !wanted.is_any() { a .button.quiet href=(all) { (words.views.show_all) } }
                }
            }
        }
    }
}

/// The same days with everything on them.
fn without_filter(board: &Board<'_>) -> String {
    let asked = Asked { filter: Filter::default(), ..board.asked.clone() };
    asked.href(&board.path, asked.view, Some(asked.date))
}

/// What the address says and the form does not ask, but for these fields.
fn kept(board: &Board<'_>, asked: &[&str]) -> Markup {
    let filter = board.asked.filter.pairs().filter(|(name, _)| !asked.contains(name));
    html! {
        @if board.asked.view != View::default() { input type="hidden" name="view" value=(board.asked.view.name()); }
        @if !asked.is_empty() && board.asked.said == Said::Date { input type="hidden" name="date" value=(board.asked.date); }
        @for (name, value) in filter { input type="hidden" name=(name) value=(value); }
    }
}

fn choice<'v>(name: &str, label: &str, wanted: &'v str, mut values: BTreeSet<&'v str>, any: &str) -> Markup {
    // What is asked for can be asked for again, where nothing of it is on these days.
    let of_events = values.iter().find(|value| value.to_lowercase() == wanted.to_lowercase()).copied();
    let wanted = of_events.unwrap_or(wanted);
    values.insert(wanted);
    html! {
        div .field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (any) }
                @for value in values.into_iter().filter(|value| !value.is_empty()) {
                    option value=(value) selected[value == wanted] { (value) }
                }
            }
        }
    }
}

/// What the events of these days have for a field, each once.
fn values<'e>(events: &'e [ShownEvent], of: impl Fn(&'e ShownEvent) -> &'e String) -> BTreeSet<&'e str> {
    events.iter().map(|event| of(event).as_str()).filter(|value| !value.is_empty()).collect()
}
