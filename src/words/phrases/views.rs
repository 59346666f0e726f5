//! What a board of days says: its hours, its print, what it is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::words::Words;

impl Words {
    /// `8 h`, `08:00`.
    pub fn hour(&self, hour: u32) -> String {
        self.pick(format!("{hour}\u{a0}h"), format!("{hour:02}:00"))
    }

    /// `Semaine 48`, by ISO 8601.
    pub fn week_number(&self, date: NaiveDate) -> String {
        use chrono::Datelike;
        format!("{} {}", self.views.week, date.iso_week().week())
    }

    /// When a sheet was printed.
    pub fn printed(&self, now: DateTime<Utc>, zone: Tz) -> String {
        let at = now.with_timezone(&zone);
        let day = self.full_day(at.date_naive());
        let time = at.format("%H:%M");
        self.pick(format!("Imprimé le {day} à {time}"), format!("Printed on {day} at {time}"))
    }

    /// A date that is none.
    pub fn no_date(&self, text: &str) -> String {
        self.pick(
            format!("«\u{a0}{text}\u{a0}» n’est pas une date\u{a0}: voici aujourd’hui."),
            format!("“{text}” is no date: here is today."),
        )
    }

    /// The way to a new event of a day.
    pub fn new_event_on(&self, day: &str) -> String {
        self.pick(format!("Ajouter un événement le {day}"), format!("Add an event on {day}"))
    }
}
