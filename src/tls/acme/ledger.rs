//! The certificates that were issued to us, by authority and set of names: an authority gives five of the same names in
//! seven days and no more, so the box keeps count itself, and stops at three.
//!
//! A renewal that the authority asked for, and took as one (`replaces`, RFC 9773), does not count with it, nor here.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::tables::Wanted;

const SPAN: TimeDelta = TimeDelta::days(7);
const AUTOMATIC_MAX: usize = 3;
/// What most authorities give in seven days.
const AUTHORITY_MAX: usize = 5;
/// What is kept: some years of renewals.
const KEPT_MAX: usize = 50;
/// An entry that lies further ahead was written by a wrong clock, and says nothing about the last seven days.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(1);

/// Who asked for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The box itself: the first one, a damaged one, two thirds of a lifetime.
    Automatic,
    /// The box itself, on the authority's advice, which took it as a renewal.
    RenewalInfo,
    /// Somebody.
    Hand,
}

/// A certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Issued {
    /// By the authority's clock, which ours may have been behind or ahead of.
    pub at: DateTime<Utc>,
    pub directory: String,
    pub names: Vec<String>,
    /// Empty where what was given could not be read.
    pub serial: String,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    pub by: By,
}

/// All of them, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger(Vec<Issued>);

impl Ledger {
    /// With one more. The same certificate, downloaded again, is one.
    pub(super) fn with(&self, issued: Issued) -> Self {
        let is_same = |known: &Issued| known.serial == issued.serial && known.directory == issued.directory;
        if !issued.serial.is_empty() && self.0.iter().any(is_same) {
            return self.clone();
        }
        let dropped = (self.0.len() + 1).saturating_sub(KEPT_MAX);
        Self(self.0.iter().skip(dropped).cloned().chain([issued]).collect())
    }

    /// With those of another ledger, each once.
    pub(super) fn merged(self, other: Self) -> Self {
        let mut all = other.0.into_iter().fold(self, |all, issued| match all.0.contains(&issued) {
            true => all,
            false => all.with(issued),
        });
        all.0.sort_by_key(|issued| issued.at);
        all
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that count now for what is wanted, oldest first.
    fn counted<'a>(&'a self, wanted: &'a Wanted, now: DateTime<Utc>) -> Vec<&'a Issued> {
        let span = self.span(wanted);
        let is_counted =
            |issued: &&Issued| issued.by != By::RenewalInfo && issued.at - now <= AHEAD_MAX && now - issued.at < span;
        self.of(wanted).filter(is_counted).collect()
    }

    /// When the next one may be ordered without anybody asking; `None` is now.
    pub(super) fn automatic_from(&self, wanted: &Wanted, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let counted = self.counted(wanted, now);
        let oldest = counted.len().checked_sub(AUTOMATIC_MAX).and_then(|first| counted.get(first))?;
        Some(oldest.at + self.span(wanted))
    }

    /// The lifetime of the last one.
    pub(super) fn last_lifetime(&self, wanted: &Wanted) -> Option<TimeDelta> {
        self.of(wanted).last().map(|last| last.not_after - last.not_before)
    }

    /// One line for people.
    pub(super) fn words(&self, wanted: &Wanted, now: DateTime<Utc>) -> String {
        let count = self.counted(wanted, now).len();
        let issued = if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") };
        let next = match self.automatic_from(wanted, now) {
            Some(at) => format!("the next one by itself from {}", super::words::instant(at)),
            None => "the next one by itself at any time".to_owned(),
        };
        let span = self.span(wanted);
        // With a shorter lifetime than that, what an authority gives in a week says nothing.
        let left = match AUTHORITY_MAX.saturating_sub(count) {
            left if span == SPAN => format!(" ({left} left of the {AUTHORITY_MAX} that most authorities give)"),
            _ => String::new(),
        };
        format!("{issued} issued for these names in the last {}{left}; {next}", span_in_words(span))
    }

    /// What somebody is told who orders one all the same.
    pub(super) fn warning(&self, wanted: &Wanted, now: DateTime<Utc>) -> Option<String> {
        let count = self.counted(wanted, now).len();
        (count >= AUTOMATIC_MAX).then(|| {
            format!(
                "{count} certificates were issued for these names in the last {} before this one: most authorities give five in seven days, and then none for days",
                span_in_words(self.span(wanted))
            )
        })
    }

    fn span(&self, wanted: &Wanted) -> TimeDelta {
        self.last_lifetime(wanted).map_or(SPAN, |lifetime| lifetime.clamp(TimeDelta::seconds(1), SPAN))
    }

    fn of<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = &'a Issued> {
        self.0.iter().filter(|issued| wanted.is_for(&issued.directory, &issued.names))
    }
}

fn span_in_words(span: TimeDelta) -> String {
    match (span.num_days(), span.num_hours(), span.num_minutes()) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} hours"),
        (.., minutes @ 2..) => format!("{minutes} minutes"),
        _ => format!("{} seconds", span.num_seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Challenge;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hours * 3600, 0).unwrap()
    }

    fn wanted() -> Wanted {
        Wanted { directory: "https://ca/".into(), names: vec!["a.test".into()], challenge: Challenge::Http01 }
    }

    fn issued(hours: i64, by: By) -> Issued {
        Issued {
            at: at(hours),
            directory: wanted().directory,
            names: wanted().names,
            serial: format!("{hours:x}"),
            not_before: at(hours),
            not_after: at(hours + 90 * 24),
            by,
        }
    }

    fn ledger(all: impl IntoIterator<Item = Issued>) -> Ledger {
        all.into_iter().fold(Ledger::default(), |ledger, issued| ledger.with(issued))
    }

    #[test]
    fn a_fourth_automatic_one_waits_for_the_first_to_be_seven_days_old() {
        let two = ledger([issued(0, By::Automatic), issued(1, By::Hand)]);
        assert_eq!(two.automatic_from(&wanted(), at(2)), None);
        let three = two.with(issued(2, By::Automatic));
        assert_eq!(three.automatic_from(&wanted(), at(3)), Some(at(7 * 24)));
        assert_eq!(three.automatic_from(&wanted(), at(7 * 24)), None);
    }

    #[test]
    fn what_the_authority_asked_for_does_not_count() {
        let ledger = ledger((0..9).map(|hour| issued(hour, By::RenewalInfo)));
        assert_eq!(ledger.automatic_from(&wanted(), at(9)), None);
    }

    #[test]
    fn a_certificate_that_is_downloaded_again_counts_once() {
        let ledger = ledger([issued(0, By::Automatic), issued(0, By::Automatic)]);
        assert!(ledger.words(&wanted(), at(1)).starts_with("1 certificate "));
    }

    #[test]
    fn other_names_and_other_authorities_have_a_count_of_their_own() {
        let ledger = ledger((0..3).map(|hour| issued(hour, By::Automatic)));
        let other_names = Wanted { names: vec!["a.test".into(), "b.test".into()], ..wanted() };
        let other_authority = Wanted { directory: "https://other/".into(), ..wanted() };
        assert_eq!(ledger.automatic_from(&other_names, at(4)), None);
        assert_eq!(ledger.automatic_from(&other_authority, at(4)), None);
    }

    #[test]
    fn a_short_lifetime_is_the_span() {
        let short = |secs: i64| Issued {
            at: at(0) + TimeDelta::seconds(secs),
            serial: secs.to_string(),
            not_after: at(0) + TimeDelta::seconds(20),
            ..issued(0, By::Automatic)
        };
        let ledger = ledger([short(0), short(1), short(2)]);
        assert_eq!(ledger.automatic_from(&wanted(), at(0)), Some(at(0) + TimeDelta::seconds(20)));
        assert_eq!(ledger.automatic_from(&wanted(), at(0) + TimeDelta::seconds(20)), None);
    }

    #[test]
    fn an_entry_of_a_year_ahead_was_a_wrong_clock() {
        let ledger = ledger((0..3).map(|hour| issued(hour + 365 * 24, By::Automatic)));
        assert_eq!(ledger.automatic_from(&wanted(), at(0)), None);
    }

    #[test]
    fn the_line_says_how_many_and_when_the_next() {
        let ledger = ledger((0..3).map(|hour| issued(hour, By::Automatic)));
        assert_eq!(
            ledger.words(&wanted(), at(3)),
            "3 certificates issued for these names in the last 7 days (2 left of the 5 that most authorities give); the next one by itself from 2027-01-22 08:00 UTC"
        );
        assert!(Ledger::default().words(&wanted(), at(3)).starts_with("0 certificates"));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let ledger = ledger((0..60).map(|hour| issued(hour, By::Automatic)));
        assert_eq!((ledger.0.len(), ledger.0.first().map(|issued| issued.at)), (50, Some(at(10))));
    }
}
