//! How a feed is doing: its last fetches, what it is waiting for, whether it is stale.
//!
//! Lives in memory. It reaches the disk along with a change, or at most hourly: a quiet day writes next to nothing.

use std::collections::VecDeque;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Feed;
use super::site::{Failure, FailureClass, Validators};
use super::snapshot::Coming;

/// So many fetches of a feed are remembered.
const REMEMBERED: usize = 200;
/// After this long without a good fetch, a calendar says that it is stale.
pub const STALE_AFTER: TimeDelta = TimeDelta::hours(24);
/// A failing feed is tried at least this often, unless its own interval is longer.
const LONGEST_PAUSE_SECS: i64 = 3600;
/// An upstream may ask to be left alone for so long, not longer.
const LONGEST_RETRY_AFTER_SECS: u64 = 24 * 3600;

/// Everything that is known of a feed beside what an administrator says of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedState {
    /// The last fetch that brought or confirmed what is served.
    pub last_success: Option<DateTime<Utc>>,
    /// The last fetch.
    pub last_attempt: Option<DateTime<Utc>>,
    /// Why the last fetch failed, if it did.
    pub last_error: Option<FetchFailure>,
    /// Fetches that failed since the last good one.
    pub failures: u32,
    /// Events in the snapshot that is served.
    pub events: usize,
    /// There is a snapshot.
    pub published: bool,
    /// A snapshot with events was there once.
    pub had_events: bool,
    /// What the upstream gave with the last body that was judged, and for which address.
    pub validators: Validators,
    /// The address that the validators are of.
    pub validators_of: String,
    /// A snapshot that waits for somebody's word.
    pub held: Option<Held>,
    /// The day whose stale notice the calendar carries.
    pub stale_on: Option<NaiveDate>,
    /// The last fetches, oldest first.
    pub fetches: VecDeque<FetchRecord>,
    /// When the next fetch is due; not kept on the disk.
    #[serde(skip)]
    pub next_attempt: Option<DateTime<Utc>>,
    /// When that was planned; not kept on the disk.
    #[serde(skip)]
    pub planned_at: Option<DateTime<Utc>>,
    /// Hash of the last body that was judged; not kept on the disk.
    #[serde(skip)]
    pub body_hash: Option<u64>,
    /// Tried since the start; not kept on the disk.
    #[serde(skip)]
    pub tried: bool,
    /// What is newer here than on the disk.
    #[serde(skip)]
    pub unwritten: Unwritten,
}

/// What of a state is newer than on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unwritten {
    /// Nothing.
    #[default]
    Nothing,
    /// Fetches that found nothing new: not worth a flash card's time, two hundred records each hour.
    Routine,
    /// A failure, a hold, something published.
    News,
}

/// A snapshot that is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The first fetch that brought it.
    pub since: DateTime<Utc>,
    /// How many fetches in a row brought the same.
    pub agreeing: u32,
    /// What was coming, before and after.
    pub coming: Coming,
    /// Tells this content from another.
    pub content: u64,
}

/// Why a fetch failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchFailure {
    /// What sort of failure.
    pub class: FailureClass,
    /// In plain words.
    pub detail: String,
}

/// One fetch, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRecord {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: u64,
    /// Bytes of the body, after decompression.
    pub bytes: usize,
    /// How it ended.
    pub outcome: FetchOutcome,
    /// What sort of failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<FailureClass>,
    /// In plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FetchOutcome {
    /// Something new is served.
    Published,
    /// Nothing was new.
    Unchanged,
    /// Fetched, and waiting for somebody's word.
    Held,
    /// Nothing came of it.
    Failed,
}

/// The one word for how a feed is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateWord {
    /// What is served is what the site shows.
    Fresh,
    /// The last good fetch is older than a day.
    Stale,
    /// The last fetch failed.
    Failing,
    /// A snapshot waits for somebody's word.
    Held,
    /// Nothing was ever published.
    Never,
    /// Somebody paused it.
    Paused,
}

impl StateWord {
    /// As the interfaces write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failing => "failing",
            Self::Held => "held",
            Self::Never => "never",
            Self::Paused => "paused",
        }
    }
}

impl FeedState {
    /// The one word, worst first.
    pub fn word(&self, feed: &Feed, now: DateTime<Utc>) -> StateWord {
        match () {
            () if feed.paused => StateWord::Paused,
            () if self.held.is_some() => StateWord::Held,
            () if !self.published => StateWord::Never,
            () if self.is_stale(now) => StateWord::Stale,
            () if self.last_error.is_some() => StateWord::Failing,
            () => StateWord::Fresh,
        }
    }

    /// Is what is served older than it should be?
    pub fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.published && self.last_success.is_some_and(|at| now - at > STALE_AFTER)
    }

    /// The day that the stale notice should stand on. After a start a feed is tried once before it is called stale anew:
    /// a box that was off for two days is not yet wrong.
    pub fn stale_day(&self, now: DateTime<Utc>, zone: chrono_tz::Tz) -> Option<NaiveDate> {
        let known = self.tried || self.stale_on.is_some();
        (known && self.is_stale(now)).then(|| now.with_timezone(&zone).date_naive())
    }

    /// The validators, if they are of this address.
    pub fn validators_for(&self, feed: &Feed) -> Validators {
        match self.validators_of == feed.url.as_str() && self.published {
            true => self.validators.clone(),
            false => Validators::default(),
        }
    }

    /// The last body tells nothing of the next one.
    pub fn forget_body(&mut self) {
        (self.body_hash, self.validators) = (None, Validators::default());
    }

    /// Takes the outcome of a fetch that brought or confirmed what is served.
    pub fn succeeded(&mut self, at: DateTime<Utc>) {
        self.last_success = Some(at);
        self.last_error = None;
        self.failures = 0;
    }

    /// Takes a failure.
    pub fn failed(&mut self, failure: &Failure) {
        self.last_error = Some(FetchFailure { class: failure.class, detail: failure.detail.clone() });
        self.failures = self.failures.saturating_add(1);
    }

    /// Remembers a fetch.
    pub fn remember(&mut self, record: FetchRecord) {
        self.last_attempt = Some(record.at);
        self.tried = true;
        let news = if record.outcome == FetchOutcome::Unchanged { Unwritten::Routine } else { Unwritten::News };
        self.unwritten = self.unwritten.max(news);
        self.fetches.push_back(record);
        while self.fetches.len() > REMEMBERED {
            self.fetches.pop_front();
        }
    }

    /// When to fetch next: the interval, doubled with each failure up to an hour, a little sooner or later so that the
    /// feeds of a site drift apart; later where the upstream asks for it.
    pub fn plan(&mut self, feed: &Feed, now: DateTime<Utc>, retry_after_secs: Option<u64>, jitter: f64) {
        let interval = i64::from(feed.interval_secs);
        let backed_off = interval.saturating_mul(1 << self.failures.min(12)).min(LONGEST_PAUSE_SECS.max(interval));
        let jittered = (backed_off as f64 * (0.95 + 0.1 * jitter)) as i64;
        let asked = retry_after_secs.unwrap_or(0).min(LONGEST_RETRY_AFTER_SECS) as i64;
        self.planned_at = Some(now);
        self.next_attempt = Some(now + TimeDelta::seconds(jittered.max(asked).max(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::feed;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    #[test]
    fn a_failing_feed_is_tried_ever_more_seldom_but_at_least_hourly() {
        let feed = feed();
        let waits = [(0, 300), (1, 600), (2, 1200), (3, 2400), (4, 3600), (31, 3600)];
        for (failures, wait) in waits {
            let mut state = FeedState { failures, ..FeedState::default() };
            state.plan(&feed, at(0), None, 0.5);
            assert_eq!(state.next_attempt, Some(at(wait)), "{failures} failures");
        }
    }

    #[test]
    fn an_upstream_that_asks_for_time_gets_it() {
        let mut state = FeedState::default();
        state.plan(&feed(), at(0), Some(7200), 0.5);
        assert_eq!(state.next_attempt, Some(at(7200)));
    }

    #[test]
    fn after_a_start_a_feed_is_tried_before_it_is_called_stale() {
        let zone = chrono_tz::Europe::Paris;
        let old = FeedState { published: true, last_success: Some(at(0)), ..FeedState::default() };
        let two_days = at(2 * 86_400);
        assert_eq!(old.stale_day(two_days, zone), None);
        let tried = FeedState { tried: true, ..old };
        assert_eq!(tried.stale_day(two_days, zone), Some(two_days.with_timezone(&zone).date_naive()));
        assert_eq!(tried.stale_day(at(86_400), zone), None);
    }

    #[test]
    fn two_hundred_fetches_are_remembered() {
        let mut state = FeedState::default();
        for second in 0..250 {
            let outcome = FetchOutcome::Unchanged;
            state.remember(FetchRecord {
                at: at(second),
                duration_ms: 1,
                bytes: 0,
                outcome,
                class: None,
                detail: None,
            });
        }
        assert_eq!((state.fetches.len(), state.fetches[0].at), (200, at(50)));
    }
}
