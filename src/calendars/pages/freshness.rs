//! How fresh a cohort's calendar is, in plain words: as fresh as the feed of it that is worst off.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::calendars::Calendars;
use crate::cohorts::Cohort;
use crate::feeds::{Feed, StateWord};
use crate::http::Visit;

/// How fresh; the worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freshness {
    /// Nothing is fetched for it.
    NoFeed,
    /// Confirmed by the site at this time; less than a day ago.
    Checked(std::cmp::Reverse<DateTime<Utc>>),
    /// Not fetched for now, as of this time.
    Paused(std::cmp::Reverse<DateTime<Utc>>),
    /// Not confirmed for longer than a day.
    Stale(std::cmp::Reverse<DateTime<Utc>>),
    /// Never fetched yet.
    NotYet,
}

impl Calendars {
    /// How fresh a cohort's calendar is now.
    pub(super) fn freshness(&self, cohort: &Cohort, now: DateTime<Utc>) -> Freshness {
        let feeds = self.feeds.of_cohort(&cohort.id);
        feeds.iter().map(|feed| self.freshness_of(feed, now)).max().unwrap_or(Freshness::NoFeed)
    }

    fn freshness_of(&self, feed: &Feed, now: DateTime<Utc>) -> Freshness {
        let state = self.feeds.state(feed.slug.as_str());
        let Some(last) = state.last_success.filter(|_| state.published).map(std::cmp::Reverse) else {
            return Freshness::NotYet;
        };
        match state.word(feed, now) {
            StateWord::Paused => Freshness::Paused(last),
            _ if state.is_stale(now) => Freshness::Stale(last),
            _ => Freshness::Checked(last),
        }
    }
}

impl Freshness {
    /// A line of text with its sign.
    pub(super) fn line(self, visit: &Visit) -> Markup {
        let (words, zone) = (visit.words, visit.app.zone());
        let (class, sign, text) = match self {
            Self::NoFeed => ("idle", "–", words.cohort.no_source.to_owned()),
            Self::Checked(at) => ("ok", "✓", words.fresh(&words.ago(visit.now - at.0))),
            Self::Paused(at) => ("idle", "‖", words.paused_since(&words.short_day(at.0, zone))),
            Self::Stale(at) => ("bad", "⚠", words.stale_since(&words.short_day(at.0, zone))),
            Self::NotYet => ("idle", "…", words.cohort.not_yet.to_owned()),
        };
        html! { p .fresh.(class) { span .sign aria-hidden="true" { (sign) } (text) } }
    }
}
