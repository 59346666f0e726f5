//! How fresh a calendar is, in plain words: a cohort's as fresh as the feed of it that is worst off; where events of
//! several cohorts stand together, which feeds are not up to date.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::calendars::Calendars;
use crate::cohorts::Cohort;
use crate::feeds::{Feed, StateWord};
use crate::http::Visit;
use crate::store::StoreError;
use crate::timetable::ShownEvent;

/// How fresh; the worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freshness {
    /// Nothing is fetched for it, and its events are our own: there is nothing to be stale.
    OwnEvents,
    /// Nothing is fetched for it, and it has no events.
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
    /// How fresh each of these cohorts' calendars is now, in their order.
    pub(super) async fn freshness(
        &self,
        cohorts: &[&Cohort],
        now: DateTime<Utc>,
    ) -> Result<Vec<Freshness>, StoreError> {
        let of_feeds = |cohort: &&Cohort| {
            let feeds = self.feeds.of_cohort(&cohort.id);
            feeds.iter().map(|feed| self.freshness_of(feed, now)).max()
        };
        let of_feeds: Vec<_> = cohorts.iter().map(of_feeds).collect();
        let without = cohorts.iter().zip(&of_feeds).filter(|(_, fresh)| fresh.is_none());
        let own = self.timetable.with_own_events(without.map(|(cohort, _)| cohort.id.clone()).collect()).await?;
        let judged = cohorts.iter().zip(of_feeds).map(|(cohort, fresh)| match fresh {
            Some(fresh) => fresh,
            None if own.contains(&cohort.id) => Freshness::OwnEvents,
            None => Freshness::NoFeed,
        });
        Ok(judged.collect())
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

/// The feeds of these events that are not up to date, each in a line.
pub(super) fn stale_sources(calendars: &Calendars, events: &[ShownEvent], visit: &Visit) -> Markup {
    let feeds: BTreeMap<_, _> =
        events.iter().filter_map(|event| event.source.as_ref()).map(|feed| (feed.slug.as_str(), feed)).collect();
    let told = feeds.into_iter().filter_map(|(slug, feed)| {
        let freshness = calendars.freshness_of(feed, visit.now);
        matches!(freshness, Freshness::Stale(_) | Freshness::Paused(_)).then(|| freshness.line_of(slug, visit))
    });
    html! { @for line in told { (line) } }
}

impl Freshness {
    /// A line of text with its sign, where there is anything to say.
    pub(super) fn line(self, visit: &Visit) -> Markup {
        self.line_of("", visit)
    }

    /// The same with the name of what it is of before it.
    fn line_of(self, name: &str, visit: &Visit) -> Markup {
        let (words, zone) = (visit.words, visit.app.zone());
        let (class, sign, text) = match self {
            Self::OwnEvents => return html! {},
            Self::NoFeed => ("idle", "–", words.cohort.no_source.to_owned()),
            Self::Checked(at) => ("ok", "✓", words.fresh(&words.ago(visit.now - at.0))),
            Self::Paused(at) => ("idle", "‖", words.paused_since(&words.short_day(at.0, zone))),
            Self::Stale(at) => ("bad", "⚠", words.stale_since(&words.short_day(at.0, zone))),
            Self::NotYet => ("idle", "…", words.cohort.not_yet.to_owned()),
        };
        html! { p .fresh.(class) { span .sign aria-hidden="true" { (sign) } @if !name.is_empty() { (name) (words.shell.colon) } (text) } }
    }
}
