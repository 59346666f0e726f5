//! Sentences with something in them: those of every page here, those of an area in its file.

mod calendar;
mod cohorts;
mod edit;
mod people;
mod sign_in;
mod status;
mod views;

use crate::words::Words;

impl Words {
    /// What stands before a counted thing's plural.
    pub(in crate::words) fn counted(&self, count: usize, [one, many]: [&str; 2]) -> String {
        // French counts nought as one.
        let single = count == 1 || (count == 0 && self.pick(true, false));
        format!("{count} {}", if single { one } else { many })
    }

    /// `12 événements`.
    pub fn events(&self, count: usize) -> String {
        self.counted(count, self.pick(["événement", "événements"], ["event", "events"]))
    }

    /// The zone of all times of a page.
    pub fn times_are_of(&self, zone: &str) -> String {
        self.pick(format!("Heures\u{a0}: {zone}"), format!("Times: {zone}"))
    }

    /// The number that finds an error in the journal.
    pub fn error_number(&self, id: &str) -> String {
        self.pick(
            format!("Numéro à donner à l’administrateur\u{a0}: {id}"),
            format!("Number for the administrator: {id}"),
        )
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
}
