//! What a fetched body is: rubbish, the same as before, something new, or something suspicious. Writes nothing.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};

use crate::feeds::site::{Failure, FailureClass, Validators};
use crate::feeds::snapshot::{Coming, Fetch, Merged, merge};
use crate::feeds::state::Held;
use crate::feeds::{Feed, FeedError, FeedState, Feeds, Snapshot, UidRule, find_snapshot};
use crate::ical::{self, Calendar, Kind, content_key, content_key_without_uid};

/// A body that a site has sent.
pub(in crate::feeds) struct Body {
    pub bytes: Vec<u8>,
    pub content_type: Option<String>,
    pub validators: Validators,
}

impl Body {
    /// Tells a body from another one within this process.
    pub(in crate::feeds) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.bytes, &self.content_type).hash(&mut hasher);
        hasher.finish()
    }
}

/// What a body turned out to be.
pub(in crate::feeds) enum Verdict {
    /// Not a calendar, or an empty one.
    Bad(Failure),
    /// The same as what is served.
    Same,
    /// New, and fit to be served.
    New(Box<Merged>),
    /// New, and suspicious.
    Suspicious(Held),
}

impl Feeds {
    /// Judges a body at `now`.
    pub(in crate::feeds) fn judge(
        &self,
        feed: &Feed,
        state: &FeedState,
        body: &Body,
        now: DateTime<Utc>,
    ) -> Result<Verdict, FeedError> {
        let calendar = match read(body, feed, state) {
            Ok(calendar) => calendar,
            Err(failure) => return Ok(Verdict::Bad(failure)),
        };
        let content = content_of(&calendar, feed.uid);
        let again = state.held.as_ref().filter(|held| held.content == content);
        let old = self.served(feed)?;
        let merged = self.merge_fetched(feed, &old, &calendar, again.map_or(now, |held| held.since));
        if merged.same && state.published {
            return Ok(Verdict::Same);
        }
        let count = |at| Coming::count(&old, &merged.snapshot, at, self.app.zone());
        let comings = self.possible_times(now).map(count).collect::<Vec<_>>();
        let coming = comings.iter().copied().find(|coming| coming.is_suspicious());
        let Some(coming) = coming else { return Ok(Verdict::New(Box::new(merged))) };
        let first = Held { since: now, agreeing: 1, coming, content };
        let held = again.map_or(first, |held| Held { agreeing: held.agreeing + 1, coming, ..held.clone() });
        let clock = &self.app.clock;
        let over = if clock.measures(held.since) { now - held.since } else { TimeDelta::zero() };
        let settled = |coming: &Coming| !coming.is_suspicious() || coming.is_settled(held.agreeing, over);
        Ok(if comings.iter().all(settled) { Verdict::New(Box::new(merged)) } else { Verdict::Suspicious(held) })
    }

    /// The times that it may be: `now`; and while nobody vouches for the clock, what was last known too, because events that
    /// a jump leaves behind look as if time had overtaken them.
    fn possible_times(&self, now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let clock = &self.app.clock;
        let last_known = (!clock.is_trusted()).then(|| clock.steady());
        [now].into_iter().chain(last_known)
    }

    /// What is served now; empty before the first.
    pub(in crate::feeds) fn served(&self, feed: &Feed) -> Result<Snapshot, FeedError> {
        let found = self.app.store.read_now(|tx| find_snapshot(tx, feed.slug.as_str()))?;
        Ok(found.unwrap_or_default())
    }

    /// Merges a calendar that was fetched at `at` into what is served.
    pub(in crate::feeds) fn merge_fetched(
        &self,
        feed: &Feed,
        old: &Snapshot,
        calendar: &Calendar,
        at: DateTime<Utc>,
    ) -> Merged {
        let settings = self.app.settings();
        let (instance_id, zone) = (settings.instance_id.as_str(), self.app.zone());
        merge(old, calendar, &Fetch { feed: feed.slug.as_str(), instance_id, uid: feed.uid, at, zone })
    }
}

/// A body as a calendar that may be served: one with events, but where the feed never had one and may be empty.
pub(in crate::feeds) fn read(body: &Body, feed: &Feed, state: &FeedState) -> Result<Calendar, Failure> {
    let calendar = ical::parse(&body.bytes, body.content_type.as_deref())
        .map_err(|error| Failure::new(FailureClass::NotACalendar, error.to_string()))?;
    let empty = calendar.of_kind(Kind::Event).next().is_none();
    if empty && (state.had_events || !feed.allow_empty) {
        return Err(Failure::new(FailureClass::Empty, "the calendar has no event at all: what was there stays"));
    }
    Ok(calendar)
}

/// Tells contents apart, whatever their order.
fn content_of(calendar: &Calendar, rule: UidRule) -> u64 {
    let key = match rule {
        UidRule::Keep => content_key,
        UidRule::Derive => content_key_without_uid,
    };
    calendar.components().fold(0, |sum: u64, component| sum.wrapping_add(key(component.text)))
}
