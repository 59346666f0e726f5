//! Feeds, the clock and the certificate.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::words::Words;

impl Words {
    /// When a certificate ends.
    pub fn ends(&self, moment: &str) -> String {
        self.pick(format!("expire {moment}"), format!("ends {moment}"))
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
            0 => self.status.all_feeds_well.to_owned(),
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
            0 => self.status.no_failure.to_owned(),
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

    /// What an address that is kept shows of itself in a form.
    pub fn kept_address(&self, shown: &str) -> String {
        self.pick(
            format!("Actuelle\u{a0}: {shown}. Vide, elle reste."),
            format!("At present: {shown}. Left empty, it stays."),
        )
    }

    /// What a calendar loses with a feed.
    pub fn feed_loses(&self, count: usize) -> String {
        let events = self.events(count);
        self.pick(format!("Publié en ce moment\u{a0}: {events}."), format!("Published at present: {events}."))
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
    fn the_last_fetches_are_told_in_words() {
        let said = |n, failed, held| [Language::Fr, Language::En].map(|l| Words::of(l).fetches(n, failed, held));
        assert_eq!(said(1, 0, 0), ["Dernière récupération\u{a0}: aucun échec", "Last fetch: no failure"]);
        assert_eq!(
            said(9, 2, 1),
            ["9 dernières récupérations\u{a0}: 2 échecs, 1 en attente", "Last 9 fetches: 2 failures, 1 held back"]
        );
    }
}
