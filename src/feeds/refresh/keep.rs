//! The transactions of feeds' contents: publish, hold, approve, confirm. Each bumps what it changes.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde_json::json;

use super::judge::{Body, read};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::cohorts::touch;
use crate::feeds::site::Validators;
use crate::feeds::snapshot::Merged;
use crate::feeds::state::{Held, Unwritten};
use crate::feeds::tables::{
    CHANGES, FEEDS, HELD, HeldBody, SEEN, SNAPSHOTS, STATES, StoredChange, change_key, changes_of,
};
use crate::feeds::{Change, Feed, FeedError, FeedState, Feeds};
use crate::store::{Read, StoreError, WriteTx};

/// Changes are kept for so long.
const CHANGES_KEPT: TimeDelta = TimeDelta::days(90);

impl Feeds {
    /// Puts a new snapshot in place of the old one.
    pub(in crate::feeds) fn publish(
        &self,
        feed: &Feed,
        body: Option<&Body>,
        merged: &Merged,
        at: DateTime<Utc>,
        approved_by: Option<&Caller>,
    ) -> Result<(), FeedError> {
        let mut state = self.state(feed.slug.as_str());
        let first = !state.published;
        state.events = merged.snapshot.count_events();
        state.had_events |= state.events > 0;
        (state.published, state.held, state.stale_on) = (true, None, None);
        state.succeeded(at);
        if let Some(body) = body {
            take_validators(&mut state, feed, body);
        }
        let bytes = merged.snapshot.to_bytes().map_err(|error| StoreError::Io(error.to_string()))?;
        let certain = self.certain(at);
        let changes = if first { &[] } else { merged.changes.as_slice() };
        self.app.store.write_now(|tx| {
            let present = present(tx, feed)?;
            tx.put_body(&SNAPSHOTS, key(feed), &bytes)?;
            tx.delete(&HELD, key(feed))?;
            tx.put(&STATES, key(feed), &state)?;
            keep_changes(tx, feed, changes, (at, certain - CHANGES_KEPT))?;
            touch(tx, &present.cohort_id, certain)?;
            tx.bump(&Feed::topic(feed.slug.as_str()), certain)?;
            approved_by.map_or(Ok(()), |caller| note_approval(tx, caller, feed, &state, at))?;
            Ok::<_, FeedError>(())
        })?;
        self.set_state(feed, state);
        Ok(())
    }

    /// Keeps a suspicious body until somebody decides. Agreeing fetches are counted in memory.
    pub(in crate::feeds) fn hold(
        &self,
        feed: &Feed,
        state: &FeedState,
        body: &Body,
        held: Held,
    ) -> Result<(), FeedError> {
        let mut state = state.clone();
        let known = state.held.as_ref().is_some_and(|known| known.content == held.content);
        let since = held.since;
        state.held = Some(held);
        take_validators(&mut state, feed, body);
        if !known {
            let held_body = packed(body, since).map_err(|error| StoreError::Io(error.to_string()))?;
            self.app.store.write_now(|tx| {
                present(tx, feed)?;
                tx.put(&HELD, key(feed), &held_body)?;
                tx.put(&STATES, key(feed), &state)?;
                Ok::<_, FeedError>(())
            })?;
        }
        self.set_state(feed, state);
        Ok(())
    }

    /// Publishes what is held, at somebody's word. Waits for a fetch that is under way; the turn goes along with the work,
    /// for whoever asked may hang up in the middle.
    pub async fn approve(&self, feed: &Feed, caller: &Caller) -> Result<(), FeedError> {
        caller.actor.must(Deed::Administer)?;
        let turn = Arc::clone(&self.live(feed.slug.as_str()).refreshing).lock_owned().await;
        let (feeds, feed, caller) = (self.clone(), feed.clone(), caller.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _no_fetch = turn;
            feeds.publish_held(&feed, &caller)
        });
        work.await.unwrap_or(Err(StoreError::Interrupted.into()))
    }

    fn publish_held(&self, feed: &Feed, caller: &Caller) -> Result<(), FeedError> {
        let merged = self.merged_with_held(feed, &self.state(feed.slug.as_str()))?;
        self.publish(feed, None, &merged, self.app.clock.now_secs(), Some(caller))
    }

    /// What an approval would change of what is served, in the order in which it is told; and of which content that is so.
    pub async fn held_changes(&self, feed: &Feed) -> Result<(u64, Vec<Change>), FeedError> {
        let (feeds, feed) = (self.clone(), feed.clone());
        let work = tokio::task::spawn_blocking(move || {
            let nothing = || FeedError::NothingHeld(feed.slug.to_string());
            let state = feeds.state(feed.slug.as_str());
            let held = state.held.as_ref().ok_or_else(nothing)?;
            Ok((held.content, feeds.merged_with_held(&feed, &state)?.changes))
        });
        work.await.unwrap_or(Err(StoreError::Interrupted.into()))
    }

    /// What is served together with what is held.
    fn merged_with_held(&self, feed: &Feed, state: &FeedState) -> Result<Merged, FeedError> {
        let nothing = || FeedError::NothingHeld(feed.slug.to_string());
        let (body, since) = self.held_body(feed)?.ok_or_else(nothing)?;
        let calendar =
            read(&body, feed, state).map_err(|failure| FeedError::Failed { slug: feed.slug.to_string(), failure })?;
        Ok(self.merge_fetched(feed, &self.served(feed)?, &calendar, since))
    }

    /// The body that is held, and when it came.
    pub(in crate::feeds) fn held_body(&self, feed: &Feed) -> Result<Option<(Body, DateTime<Utc>)>, FeedError> {
        let held = self.app.store.read_now(|tx| tx.find(&HELD, key(feed)))?;
        let unpacked = held.map(|held| unpacked(&held).map(|body| (body, held.fetched_at))).transpose();
        Ok(unpacked.map_err(|error| StoreError::Codec { table: HELD.name, reason: error.to_string() })?)
    }

    /// What is served was confirmed by a body of the same content: another body, perhaps, with other validators.
    pub(in crate::feeds) fn confirm_content(
        &self,
        feed: &Feed,
        body: &Body,
        at: DateTime<Utc>,
    ) -> Result<(), FeedError> {
        let live = self.live(feed.slug.as_str());
        take_validators(&mut live.lock(), feed, body);
        self.confirm(feed, at)
    }

    /// What is served was confirmed. Touches the disk only where the calendar said that it was stale, or where a
    /// snapshot was held that the site has taken back.
    pub(in crate::feeds) fn confirm(&self, feed: &Feed, at: DateTime<Utc>) -> Result<(), FeedError> {
        let mut state = self.state(feed.slug.as_str());
        let (was_stale, was_held) = (state.stale_on.take().is_some(), state.held.take().is_some());
        if !was_stale && !was_held {
            return Ok(());
        }
        state.succeeded(at);
        self.app.store.write_now(|tx| {
            let present = present(tx, feed)?;
            tx.delete(&HELD, key(feed))?;
            tx.put(&STATES, key(feed), &state)?;
            if was_stale {
                touch(tx, &present.cohort_id, self.certain(at))?;
            }
            Ok::<_, FeedError>(())
        })?;
        self.set_state(feed, state);
        Ok(())
    }

    /// Puts today's stale notice on the calendars that need one. A feed that is paused grows stale like another: what is served
    /// is old, whatever the reason.
    pub fn mark_stale(&self, now: DateTime<Utc>) -> Result<(), FeedError> {
        for feed in self.all().iter() {
            let live = self.live(feed.slug.as_str());
            // A fetch that is under way settles it; the next round looks again.
            let Ok(_no_fetch) = live.refreshing.try_lock() else { continue };
            let mut state = self.state(feed.slug.as_str());
            let day = state.stale_day(now, self.app.zone());
            if state.stale_on == day {
                continue;
            }
            state.stale_on = day;
            self.app.store.write_now(|tx| {
                let present = present(tx, feed)?;
                tx.put(&STATES, key(feed), &state)?;
                touch(tx, &present.cohort_id, self.certain(now))?;
                Ok::<_, FeedError>(())
            })?;
            self.set_state(feed, state);
        }
        Ok(())
    }

    /// Writes what is at least this much newer than on the disk, and when each feed was last in order. Hourly the news,
    /// so that a quiet day writes one small record; at the stop the routine too.
    /// What `along` writes goes into the same transaction.
    pub fn flush_states(
        &self,
        least: Unwritten,
        along: impl FnOnce(&mut WriteTx) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let all: Vec<_> = self.all().iter().map(|feed| (Arc::clone(feed), self.live(feed.slug.as_str()))).collect();
        let seen = all.iter().filter_map(|(feed, live)| Some((feed.slug.to_string(), live.lock().last_success?)));
        let seen: BTreeMap<_, _> = seen.collect();
        // A fetch that is under way may have written a newer state than the one in memory.
        let idle = all.iter().filter_map(|(feed, live)| Some((feed, live, live.refreshing.try_lock().ok()?)));
        let newer: Vec<_> = idle.filter(|(_, live, _)| live.lock().unwritten >= least).collect();
        self.app.store.write_now(|tx| {
            along(tx)?;
            if !seen.is_empty() {
                tx.put(&SEEN, b"", &seen)?;
            }
            newer.iter().try_for_each(|(feed, live, _)| match tx.find(&FEEDS, key(feed))? {
                Some(_) => tx.put(&STATES, key(feed), &live.lock().clone()),
                None => Ok(()),
            })
        })?;
        newer.iter().for_each(|(_, live, _)| live.lock().unwritten = Unwritten::Nothing);
        Ok(())
    }

    /// This time, or an earlier one where the clock has jumped ahead and nobody vouches for it: what a wrong clock deletes, or
    /// lets fall out of a calendar, does not come back with the right time.
    fn certain(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.min(self.app.clock.steady())
    }

    /// What is known in memory follows the commit, unless the feed is another one by now.
    fn set_state(&self, feed: &Feed, state: FeedState) {
        if self.present(feed).is_some() {
            *self.live(feed.slug.as_str()).lock() = FeedState { unwritten: Unwritten::Nothing, ..state };
        }
    }
}

/// The key of a feed in each of its tables.
pub(in crate::feeds) fn key(feed: &Feed) -> &[u8] {
    feed.slug.as_str().as_bytes()
}

/// The feed as it is by now: somebody may have moved it to another cohort, or removed it, while it was fetched.
fn present(tx: &WriteTx, feed: &Feed) -> Result<Feed, FeedError> {
    let found: Option<Feed> = tx.find(&FEEDS, key(feed))?;
    match found {
        Some(present) if present.has_source_of(feed) => Ok(present),
        Some(_) => Err(FeedError::Superseded(feed.slug.to_string())),
        None => Err(FeedError::Unknown(feed.slug.to_string())),
    }
}

fn take_validators(state: &mut FeedState, feed: &Feed, body: &Body) {
    state.validators = body.validators.clone();
    state.validators_of = feed.url.to_string();
    state.body_hash = Some(body.hash());
}

/// Keeps the changes that came at a time, and forgets those from before another.
fn keep_changes(
    tx: &mut WriteTx,
    feed: &Feed,
    changes: &[Change],
    (at, forgotten): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    let slug = feed.slug.as_str();
    for (number, change) in (0..).zip(changes) {
        tx.put(&CHANGES, &change_key(slug, at, number), &StoredChange { at, change: change.clone() })?;
    }
    let end = change_key(slug, forgotten, 0);
    tx.delete_range(&CHANGES, &changes_of(slug), Some(&end))
}

fn note_approval(
    tx: &mut WriteTx,
    caller: &Caller,
    feed: &Feed,
    state: &FeedState,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let after = json!({"events": state.events});
    audit::record(tx, caller, at, ("feed.approve", format!("feed:{}", feed.slug)), [None, Some(after)])
}

fn packed(body: &Body, fetched_at: DateTime<Utc>) -> std::io::Result<HeldBody> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&body.bytes)?;
    let content_type = body.content_type.clone();
    Ok(HeldBody { fetched_at, content_type, body: STANDARD_NO_PAD.encode(encoder.finish()?) })
}

/// The validators of a held body are in the feed's state already.
fn unpacked(held: &HeldBody) -> std::io::Result<Body> {
    let deflated = STANDARD_NO_PAD.decode(&held.body).map_err(std::io::Error::other)?;
    let mut bytes = Vec::new();
    DeflateDecoder::new(deflated.as_slice()).read_to_end(&mut bytes)?;
    Ok(Body { bytes, content_type: held.content_type.clone(), validators: Validators::default() })
}
