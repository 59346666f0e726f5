//! Where feeds are kept.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, Feed, FeedState, Snapshot};
use crate::store::{Read, StoreError, Table};

pub(super) const FEEDS: Table<Feed> = Table::new("feeds");
pub(super) const STATES: Table<FeedState> = Table::new("feed_states");
/// The last good fetch of each feed, in one small record: all that a quiet day writes.
pub(super) const SEEN: Table<BTreeMap<String, DateTime<Utc>>> = Table::new("feeds_seen");
pub(super) const SNAPSHOTS: Table<Vec<u8>> = Table::new("snapshots");
/// The body of a held fetch, as it came: approving it is judging it again.
pub(super) const HELD: Table<HeldBody> = Table::new("held");
pub(super) const CHANGES: Table<StoredChange> = Table::new("changes");

/// A body that waits for somebody's word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HeldBody {
    /// The first fetch that brought it.
    pub fetched_at: DateTime<Utc>,
    /// The header that says its charset.
    pub content_type: Option<String>,
    /// The body, deflated, in base64.
    pub body: String,
}

/// A change and when it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredChange {
    /// The fetch that brought it.
    pub at: DateTime<Utc>,
    /// The change.
    #[serde(flatten)]
    pub change: Change,
}

/// The key of a change: the feed, then the time, then a number.
pub(super) fn change_key(slug: &str, at: DateTime<Utc>, number: u32) -> Vec<u8> {
    let at = u64::try_from(at.timestamp()).unwrap_or(0);
    [changes_of(slug).as_slice(), &at.to_be_bytes(), &number.to_be_bytes()].concat()
}

/// The prefix of the keys of a feed's changes. A slug has no NUL.
pub(super) fn changes_of(slug: &str) -> Vec<u8> {
    [slug.as_bytes(), b"\0"].concat()
}

/// The day on which the calendar says that this feed is stale, and its last good fetch. From the database and not from
/// memory: what is rendered is a function of it alone.
pub fn stale_notice(tx: &impl Read, slug: &str) -> Result<Option<(NaiveDate, DateTime<Utc>)>, StoreError> {
    let state = tx.find(&STATES, slug.as_bytes())?;
    Ok(state.and_then(|state| state.stale_on.zip(state.last_success)))
}

/// The snapshot of a feed, if there is one.
pub fn find_snapshot(tx: &impl Read, slug: &str) -> Result<Option<Snapshot>, StoreError> {
    let bytes = tx.find_body(&SNAPSHOTS, slug.as_bytes())?;
    bytes
        .map(|bytes| Snapshot::from_bytes(&bytes))
        .transpose()
        .map_err(|error| StoreError::Codec { table: SNAPSHOTS.name, reason: format!("{slug}: {error}") })
}
