//! A calendar as a page shows it: a day, a week, a month or a list of whatever timetable, drawn on the server.
//!
//! `asked` reads the address, `period` says which days that is, `day` puts events under days, `layout` beside each other;
//! the rest draws. Whoever opens a board has asked the table of rights; the board decides nothing of that.

mod asked;
mod day;
mod entry;
mod grid;
mod layout;
mod list;
mod month;
mod period;
mod toolbar;

use chrono_tz::Tz;
use maud::{Markup, html};

pub use asked::{Asked, Said, ViewQuery};
pub use period::View;

use super::select::Calendar;
use crate::http::Visit;
use crate::http::page::pieces::note;
use crate::timetable::{Names, ShownEvent};
use crate::words::Tone;
use day::{Day, by_day};
use period::Period;

/// A calendar's view, ready to be drawn.
pub struct Board<'a> {
    /// Whose it is.
    pub calendar: Calendar,
    /// What it is called, in print too.
    pub title: &'a str,
    /// The address of its page.
    pub path: String,
    /// What is asked for.
    pub asked: Asked,
    /// What there is in these days, before the filter.
    pub events: Vec<ShownEvent>,
    /// What ids are called.
    pub names: Names,
    /// Who looks.
    pub visit: &'a Visit,
    /// What a new event made here is of: the fields of its form. None where the visitor makes none.
    pub new_event: Option<Vec<(&'static str, String)>>,
}

impl Board<'_> {
    /// The whole of it: the ways to other days, and the view.
    pub fn draw(&self) -> Markup {
        let words = self.visit.words;
        let wanted: Vec<_> = self.events.iter().filter(|event| self.asked.filter.takes(event)).collect();
        let days = by_day(&wanted, self.period(), self.zone());
        html! {
            section .board.(format!("by-{}", self.asked.view.name())) aria-labelledby="period" {
                (toolbar::toolbar(self))
                @if let Said::Rubbish(text) = &self.asked.said { (note(Tone::Warn, words.no_date(text))) }
                @if wanted.is_empty() {
                    p .none { (if self.events.is_empty() { words.views.nothing } else { words.views.nothing_wanted }) }
                }
                @match self.asked.view {
                    View::Week | View::Day => (grid::grid(self, &days)),
                    View::Month => (month::month(self, &days)),
                    View::List => (list::list(self, &days)),
                }
                p .printed { (words.printed(self.visit.now, self.zone())) " · " (self.visit.app.public_url()) (self.path) }
            }
        }
    }

    fn period(&self) -> Period {
        self.asked.period()
    }

    fn zone(&self) -> Tz {
        self.visit.app.zone()
    }

    /// Is this day's place in another month than the one that is shown?
    fn is_outside(&self, day: &Day<'_>) -> bool {
        use chrono::Datelike;
        self.asked.view == View::Month && day.date.month() != self.asked.date.month()
    }
}
