//! How fresh a calendar is, and the days of an event.

use crate::words::Words;

impl Words {
    /// `À jour il y a 3 minutes`.
    pub fn fresh(&self, ago: &str) -> String {
        self.pick(format!("À jour, vérifié {ago}"), format!("Up to date, checked {ago}"))
    }

    /// `Pas mis à jour depuis le 19/11`.
    pub fn stale_since(&self, day: &str) -> String {
        self.pick(format!("Pas mis à jour depuis le {day}"), format!("Not updated since {day}"))
    }

    /// `Mises à jour suspendues depuis le 19/11`: what is shown is as old as that.
    pub fn paused_since(&self, day: &str) -> String {
        self.pick(format!("Mises à jour suspendues, état du {day}"), format!("Updates are paused, as of {day}"))
    }

    /// Where an event of several days ends.
    pub fn until_day(&self, day: &str) -> String {
        self.pick(format!("jusqu’au {day}"), format!("until {day}"))
    }

    /// Where an event began before the day that it stands under.
    pub fn since_day(&self, day: &str) -> String {
        self.pick(format!("depuis le {day}"), format!("since {day}"))
    }
}
