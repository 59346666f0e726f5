//! Versions of topics: a number that grows with each change, and the time of that change.
//!
//! Bumped in the transaction that changes something, read from memory by whoever keeps something made of it. So nobody
//! has to tell a cache that it is stale: it compares.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::read::{Order, Raw, Read};
use super::{ReadTx, StoreError, Table, WriteTx, codec};

pub(super) const VERSIONS: Table<Version> = Table::new("versions");

/// How often something has changed, and when it last did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Grows by one with each change; 0 is never changed.
    pub number: u64,
    /// When it last changed, in whole seconds; grows by at least one with each change, and never goes back.
    pub changed_at: DateTime<Utc>,
}

impl Version {
    /// The version after a change at `now`.
    pub(super) fn next(self, now: DateTime<Utc>) -> Self {
        let now = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let after = self.changed_at + TimeDelta::seconds(1);
        Self { number: self.number + 1, changed_at: if self.number == 0 { now } else { now.max(after) } }
    }
}

/// All versions, in memory.
pub(super) struct Versions(ArcSwap<HashMap<String, Version>>);

impl Versions {
    pub(super) fn load(tx: &ReadTx) -> Result<Self, StoreError> {
        Ok(Self(ArcSwap::from_pointee(all(tx)?)))
    }

    /// Reads them again.
    pub(super) fn reload(&self, tx: &ReadTx) -> Result<(), StoreError> {
        self.0.store(all(tx)?.into());
        Ok(())
    }

    pub(super) fn get(&self, topic: &str) -> Version {
        self.0.load().get(topic).copied().unwrap_or_default()
    }

    pub(super) fn publish(&self, bumped: &[(String, Version)]) {
        if bumped.is_empty() {
            return;
        }
        let mut all = HashMap::clone(&self.0.load());
        all.extend(bumped.iter().cloned());
        self.0.store(all.into());
    }
}

/// In a database that takes the place of another: where a topic has another version there, it gets one beyond both, so that
/// nobody who saw that one is told of an older date. Says of how many topics.
pub fn outgrow(before: &ReadTx, tx: &mut WriteTx) -> Result<usize, StoreError> {
    let mut outgrown = 0;
    for (topic, seen) in all(before)? {
        let own: Version = tx.find(&VERSIONS, topic.as_bytes())?.unwrap_or_default();
        if own != seen {
            let greatest =
                Version { number: own.number.max(seen.number), changed_at: own.changed_at.max(seen.changed_at) };
            tx.put(&VERSIONS, topic.as_bytes(), &greatest.next(greatest.changed_at))?;
            outgrown += 1;
        }
    }
    Ok(outgrown)
}

fn all(tx: &impl Raw) -> Result<HashMap<String, Version>, StoreError> {
    let mut all = HashMap::new();
    tx.walk(&VERSIONS, Order::From(b""), &mut |key, value| {
        all.insert(String::from_utf8_lossy(key).into_owned(), codec::decode(&VERSIONS, value)?);
        Ok(true)
    })?;
    Ok(all)
}
