//! Sentences with something in them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Words;

impl Words {
    /// What stands before a counted thing's plural.
    fn counted(&self, count: usize, [one, many]: [&str; 2]) -> String {
        // French counts nought as one.
        let single = count == 1 || (count == 0 && self.pick(true, false));
        format!("{count} {}", if single { one } else { many })
    }

    /// `12 événements`.
    pub fn events(&self, count: usize) -> String {
        self.counted(count, self.pick(["événement", "événements"], ["event", "events"]))
    }

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

    /// When a certificate ends.
    pub fn ends(&self, moment: &str) -> String {
        self.pick(format!("expire {moment}"), format!("ends {moment}"))
    }

    /// Where an event began before the day that it stands under.
    pub fn since_day(&self, day: &str) -> String {
        self.pick(format!("depuis le {day}"), format!("since {day}"))
    }

    /// Whose name the header shows.
    pub fn signed_in_as(&self, login: &str) -> String {
        self.pick(format!("Connecté\u{a0}: {login}"), format!("Signed in: {login}"))
    }

    /// Why nobody has looked at a password.
    pub fn wait_to_sign_in(&self, secs: u64) -> String {
        let secs = self.counted(
            usize::try_from(secs).unwrap_or_default(),
            self.pick(["seconde", "secondes"], ["second", "seconds"]),
        );
        self.pick(
            format!("Trop d’essais\u{a0}: attendez {secs} avant le suivant."),
            format!("Too many tries: wait {secs} before the next."),
        )
    }

    /// The zone of all times of a page.
    pub fn times_are_of(&self, zone: &str) -> String {
        self.pick(format!("Heures\u{a0}: {zone}"), format!("Times: {zone}"))
    }

    /// What a clock shows that is not trusted: with the year, for that may be the wrong part.
    pub fn clock_shows(&self, at: DateTime<Utc>, zone: Tz) -> String {
        let shown = at.with_timezone(&zone);
        self.pick(
            format!("L’horloge de cet appareil n’est pas sûre ({}).", shown.format("%d/%m/%Y %H:%M")),
            format!("This box’s clock is not trusted ({}).", shown.format("%Y-%m-%d %H:%M")),
        )
    }

    /// How many feeds are as they should be.
    pub fn feeds_well(&self, well: usize, all: usize) -> String {
        match all - well.min(all) {
            0 => self.all_feeds_well.to_owned(),
            ill => self.pick(
                format!("{ill} sur {all} à regarder"),
                format!("{ill} of {all} need{} a look", if ill == 1 { "s" } else { "" }),
            ),
        }
    }

    /// What the picture of the last fetches shows.
    pub fn fetches(&self, all: usize, failed: usize, held: usize) -> String {
        let last = match self.pick(true, false) {
            true if all == 1 => "Dernière récupération\u{a0}: ".to_owned(),
            true => format!("{all} dernières récupérations\u{a0}: "),
            false if all == 1 => "Last fetch: ".to_owned(),
            false => format!("Last {all} fetches: "),
        };
        let failures = match failed {
            0 => self.no_failure.to_owned(),
            n => self.counted(n, self.pick(["échec", "échecs"], ["failure", "failures"])),
        };
        let waiting = match held {
            0 => String::new(),
            n => format!(", {n} {}", self.pick("en attente", "held back")),
        };
        format!("{last}{failures}{waiting}")
    }

    /// `Durée habituelle 120 ms`.
    pub fn usual_duration(&self, ms: u64) -> String {
        let (whole, tenth) = (ms / 1000, ms % 1000 / 100);
        let said = if ms < 1000 { format!("{ms} ms") } else { format!("{whole}{}{tenth} s", self.pick(",", ".")) };
        self.pick(format!("durée habituelle {said}"), format!("usually {said}"))
    }

    /// Why a snapshot is held.
    pub fn held_why(&self, before: usize, after: usize) -> String {
        self.pick(
            format!(
                "Le site n’annonce plus que {} à venir, là où {before} sont publiés. Les calendriers gardent les {before} \
                 en attendant votre décision.",
                self.events(after)
            ),
            format!(
                "The site shows only {} to come where {before} are published. Calendars keep the {before} until you decide.",
                self.events(after)
            ),
        )
    }

    /// What an approval will do.
    pub fn approve_does(&self, before: usize, after: usize) -> String {
        let lost = before.saturating_sub(after);
        self.pick(
            format!(
                "À la prochaine synchronisation, {lost} événements disparaîtront des téléphones et il en restera {after} à venir. \
                 Regardez d’abord le site\u{a0}: s’il est en panne, n’approuvez pas."
            ),
            format!(
                "At the next synchronisation {lost} events will vanish from phones, and {after} to come will be left. \
                 Look at the site first: if it is broken, do not approve."
            ),
        )
    }

    /// The number that finds an error in the journal.
    pub fn error_number(&self, id: &str) -> String {
        self.pick(
            format!("Numéro à donner à l’administrateur\u{a0}: {id}"),
            format!("Number for the administrator: {id}"),
        )
    }

    /// `toutes les 5 minutes`.
    pub fn every(&self, secs: u32) -> String {
        match secs {
            90.. => self.pick(format!("toutes les {} minutes", secs / 60), format!("every {} minutes", secs / 60)),
            _ => self.pick(format!("toutes les {secs} secondes"), format!("every {secs} seconds")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Language;

    #[test]
    fn things_are_counted_as_each_language_counts() {
        let said = |count| [Language::Fr, Language::En].map(|l| Words::of(l).events(count));
        assert_eq!(said(0), ["0 événement", "0 events"]);
        assert_eq!(said(1), ["1 événement", "1 event"]);
        assert_eq!(said(2), ["2 événements", "2 events"]);
    }

    #[test]
    fn the_last_fetches_are_told_in_words() {
        let said = |n, failed, held| [Language::Fr, Language::En].map(|l| Words::of(l).fetches(n, failed, held));
        assert_eq!(said(1, 0, 0), ["Dernière récupération\u{a0}: aucun échec", "Last fetch: no failure"]);
        assert_eq!(
            said(9, 2, 1),
            ["9 dernières récupérations\u{a0}: 2 échecs, 1 en attente", "Last 9 fetches: 2 failures, 1 held back"]
        );
    }
}
