//! One fetch of one feed, from the request to the transaction.

mod due;
mod judge;
pub(in crate::feeds) mod keep;

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::feeds::site::{Failure, FailureClass, Fetched};
use crate::feeds::snapshot::Coming;
use crate::feeds::state::{FetchOutcome, FetchRecord};
use crate::feeds::{Feed, FeedError, FeedState, Feeds, StateWord};
use crate::seal::SealError;
use crate::secret::random_bytes;
use crate::store::StoreError;
use judge::{Body, Verdict};

/// What came of a fetch.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Something new is served.
    Published {
        /// Differences to what was served before.
        changes: usize,
    },
    /// Nothing was new.
    Unchanged,
    /// The guard holds it back.
    Held(Coming),
    /// Nothing came of it.
    Failed(Failure),
}

impl Feeds {
    /// Fetches a feed now and takes in what comes. One at a time for each feed.
    pub async fn refresh(&self, feed: &Feed) -> Result<Outcome, FeedError> {
        let live = self.live(feed.slug.as_str());
        let _only_one = live.refreshing.lock().await;
        let (at, clock) = (self.app.clock.now_secs(), Instant::now());
        let validators = live.lock().validators_for(feed);
        let fetched = match feed.source(&self.sealer) {
            Ok(source) => self.sites.fetch(&source, &validators).await,
            Err(FeedError::Seal(error)) => Err(password_needed(feed, &error)),
            Err(error) => return Err(error),
        };
        let bytes = body_length(&fetched);
        let taken = self.take_in(feed, fetched, at).await;
        let Some(present) = self.present(feed) else { return Err(FeedError::Superseded(feed.slug.to_string())) };
        let outcome = taken.as_ref().map_or_else(|error| Outcome::Failed(not_kept(error)), Outcome::clone);
        let duration_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.finish(&present, FetchRecord { at, duration_ms, bytes, ..record(at, &outcome) }, &outcome);
        taken
    }

    /// The same in a task of its own, which goes on when whoever asked hangs up.
    pub async fn refresh_to_the_end(&self, feed: &Arc<Feed>) -> Result<Outcome, FeedError> {
        let (feeds, asked) = (self.clone(), Arc::clone(feed));
        let task = tokio::spawn(async move { feeds.refresh(&asked).await });
        task.await.unwrap_or(Err(StoreError::Interrupted.into()))
    }

    /// The same for a program: an outcome that publishes nothing and confirms nothing is an error.
    pub async fn refresh_for_somebody(&self, feed: &Arc<Feed>) -> Result<Outcome, FeedError> {
        let failure = match self.refresh_to_the_end(feed).await? {
            Outcome::Failed(failure) => failure,
            Outcome::Held(coming) => held_failure(coming),
            outcome => return Ok(outcome),
        };
        Err(FeedError::Failed { slug: feed.slug.to_string(), failure })
    }

    async fn take_in(
        &self,
        feed: &Feed,
        fetched: Result<Fetched, Failure>,
        at: DateTime<Utc>,
    ) -> Result<Outcome, FeedError> {
        let body = match fetched {
            Err(failure) => return Ok(Outcome::Failed(failure)),
            Ok(Fetched::NotModified) => None,
            Ok(Fetched::Body { bytes, content_type, validators }) => Some(Body { bytes, content_type, validators }),
        };
        let (feeds, feed) = (self.clone(), feed.clone());
        let work = tokio::task::spawn_blocking(move || feeds.judge_and_keep(&feed, body, at));
        work.await.unwrap_or(Err(StoreError::Interrupted.into()))
    }

    /// Everything that costs time or touches the disk; on the blocking pool.
    fn judge_and_keep(&self, feed: &Feed, body: Option<Body>, at: DateTime<Utc>) -> Result<Outcome, FeedError> {
        let state = self.state(feed.slug.as_str());
        let body = body.filter(|body| state.body_hash != Some(body.hash()));
        let Some(body) = self.or_held_body(body, feed, &state)? else {
            self.confirm(feed, at)?;
            return Ok(Outcome::Unchanged);
        };
        match self.judge(feed, &state, &body, at)? {
            Verdict::Bad(failure) => Ok(Outcome::Failed(failure)),
            Verdict::Same => {
                self.confirm_content(feed, &body, at)?;
                Ok(Outcome::Unchanged)
            }
            Verdict::New(merged) => {
                let changes = merged.changes.len();
                self.publish(feed, Some(&body), &merged, at, None)?;
                Ok(Outcome::Published { changes })
            }
            Verdict::Suspicious(held) => {
                let coming = held.coming;
                self.hold(feed, &state, &body, held)?;
                Ok(Outcome::Held(coming))
            }
        }
    }

    /// The same body as last time confirms what is served; or, while one is held, it is the held one again.
    fn or_held_body(&self, body: Option<Body>, feed: &Feed, state: &FeedState) -> Result<Option<Body>, FeedError> {
        match body {
            None if state.held.is_some() => {
                let held = self.held_body(feed)?;
                Ok(held.map(|(body, _)| Body { validators: state.validators.clone(), ..body }))
            }
            body => Ok(body),
        }
    }

    fn finish(&self, feed: &Feed, record: FetchRecord, outcome: &Outcome) {
        let live = self.live(feed.slug.as_str());
        let mut state = live.lock();
        let mut retry_after = None;
        match outcome {
            Outcome::Failed(failure) => {
                state.failed(failure);
                retry_after = failure.retry_after_secs;
            }
            Outcome::Held(_) => (state.failures, state.last_error) = (0, None),
            Outcome::Published { .. } | Outcome::Unchanged => state.succeeded(record.at),
        }
        let held_again = state.fetches.back().is_some_and(|last| last.outcome == FetchOutcome::Held);
        if !held_again || record.outcome != FetchOutcome::Held {
            tell(feed, &record, &state);
        }
        state.remember(record);
        state.plan(feed, self.app.clock.now(), retry_after, jitter());
    }

    /// The one word for how a feed is doing now.
    pub fn word(&self, feed: &Feed) -> StateWord {
        self.live(feed.slug.as_str()).lock().word(feed, self.app.clock.now())
    }
}

/// What a held snapshot is told as.
pub(in crate::feeds) fn held_failure(coming: Coming) -> Failure {
    let Coming { before, after } = coming;
    let detail = format!(
        "the site shows {after} coming events where {before} are served: held back; look at the site, then \
         `carillon feed approve` publishes it"
    );
    Failure { class: FailureClass::Held, detail, retry_after_secs: None }
}

/// The site did its part, and the disk did not.
fn not_kept(error: &FeedError) -> Failure {
    Failure::new(FailureClass::Internal, format!("what was fetched could not be kept: {error}"))
}

/// The database came without its sealing key: somebody must type the password again.
pub(in crate::feeds) fn password_needed(feed: &Feed, error: &SealError) -> Failure {
    let slug = &feed.slug;
    Failure::new(
        FailureClass::SignIn,
        format!("password needed ({error}): `carillon feed set {slug} --password-stdin …`"),
    )
}

fn record(at: DateTime<Utc>, outcome: &Outcome) -> FetchRecord {
    let (outcome, failure) = match outcome {
        Outcome::Published { .. } => (FetchOutcome::Published, None),
        Outcome::Unchanged => (FetchOutcome::Unchanged, None),
        Outcome::Held(coming) => (FetchOutcome::Held, Some(held_failure(*coming))),
        Outcome::Failed(failure) => (FetchOutcome::Failed, Some(failure.clone())),
    };
    let class = failure.as_ref().map(|failure| failure.class);
    FetchRecord { at, duration_ms: 0, bytes: 0, outcome, class, detail: failure.map(|failure| failure.detail) }
}

fn body_length(fetched: &Result<Fetched, Failure>) -> usize {
    match fetched {
        Ok(Fetched::Body { bytes, .. }) => bytes.len(),
        _ => 0,
    }
}

/// One line in the journal for what an administrator may want to know: news, and the first of a row of failures.
fn tell(feed: &Feed, record: &FetchRecord, state: &FeedState) {
    let (slug, ms) = (feed.slug.as_str(), record.duration_ms);
    let detail = record.detail.as_deref().unwrap_or_default();
    let class = record.class.map_or("", FailureClass::as_str);
    match record.outcome {
        FetchOutcome::Published => log::info!(feed = slug, events = state.events, duration_ms = ms; "feed published"),
        FetchOutcome::Held => log::warn!(feed = slug, class, detail; "feed held back"),
        FetchOutcome::Failed if state.failures <= 1 => log::warn!(feed = slug, class, detail; "feed failed"),
        _ => log::debug!(feed = slug, class, duration_ms = ms; "feed fetched"),
    }
}

/// A number from 0 to 1.
fn jitter() -> f64 {
    random_bytes::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0)
}
