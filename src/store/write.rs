//! Writing: put and delete that compare first, and versions bumped in the same transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use redb::{Database, ReadableTable, WriteTransaction};
use serde::Serialize;

use super::read::{Order, Raw, Read, Visitor, walk_table};
use super::version::{self, Version};
use super::{StoreError, Table, codec};

/// A transaction that may change things. Dropped without a commit, it has changed nothing.
pub struct WriteTx {
    tx: WriteTransaction,
    changed: BTreeSet<&'static str>,
    bumped: Vec<(String, Version)>,
}

/// What a commit has changed.
pub(super) struct Changes {
    pub tables: BTreeSet<&'static str>,
    pub versions: Vec<(String, Version)>,
}

impl WriteTx {
    pub(super) fn begin(db: &Database) -> Result<Self, StoreError> {
        Ok(Self { tx: db.begin_write()?, changed: BTreeSet::new(), bumped: Vec::new() })
    }

    /// Commits, or gives the transaction up if it has changed nothing.
    pub(super) fn commit(self) -> Result<Option<Changes>, StoreError> {
        if self.changed.is_empty() {
            self.tx.abort()?;
            return Ok(None);
        }
        self.tx.commit()?;
        Ok(Some(Changes { tables: self.changed, versions: self.bumped }))
    }

    /// Puts a record under a key, in place of what is there.
    pub fn put<R: Serialize>(&mut self, table: &Table<R>, key: &[u8], record: &R) -> Result<(), StoreError> {
        let bytes = codec::encode(table, record)?;
        self.put_bytes(table, key, &bytes)
    }

    /// Puts a body under a key, in a table of raw bytes.
    pub fn put_body(&mut self, table: &Table<Vec<u8>>, key: &[u8], body: &[u8]) -> Result<(), StoreError> {
        let bytes = codec::encode_raw(body);
        self.put_bytes(table, key, &bytes)
    }

    /// Deletes a key; no error if it is absent.
    pub fn delete<R>(&mut self, table: &Table<R>, key: &[u8]) -> Result<(), StoreError> {
        if self.raw(table, key)?.is_some() {
            self.tx.open_table(table.definition())?.remove(key)?;
            self.changed.insert(table.name);
        }
        Ok(())
    }

    /// Deletes each key of a range that begins with `prefix` and lies before `end`.
    pub fn delete_range<R>(&mut self, table: &Table<R>, prefix: &[u8], end: Option<&[u8]>) -> Result<(), StoreError> {
        let mut keys = Vec::new();
        self.walk(table, Order::From(prefix), &mut |key, _| {
            let inside = key.starts_with(prefix) && end.is_none_or(|end| key < end);
            if inside {
                keys.push(key.to_vec());
            }
            Ok(inside)
        })?;
        keys.iter().try_for_each(|key| self.delete(table, key))
    }

    /// Appends a record under the next number of a table that is keyed by a big-endian counter.
    pub fn append<R: Serialize>(&mut self, table: &Table<R>, record: impl FnOnce(u64) -> R) -> Result<u64, StoreError> {
        let last = self.last_key(table)?.and_then(|key| key.try_into().ok()).map_or(0, u64::from_be_bytes);
        let number = last + 1;
        self.put(table, &number.to_be_bytes(), &record(number))?;
        Ok(number)
    }

    /// Says that what is known as `topic` has changed: its version grows, and its time by at least a second.
    pub fn bump(&mut self, topic: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.bumped.iter().any(|(bumped, _)| bumped == topic) {
            return Ok(());
        }
        let next = self.find(&version::VERSIONS, topic.as_bytes())?.unwrap_or_default().next(now);
        self.put(&version::VERSIONS, topic.as_bytes(), &next)?;
        self.bumped.push((topic.to_owned(), next));
        Ok(())
    }

    /// Forgets that there was a topic: it is one that never changed. Nobody may hold a version of it any more.
    pub fn forget_version(&mut self, topic: &str) -> Result<(), StoreError> {
        self.delete(&version::VERSIONS, topic.as_bytes())?;
        self.bumped.retain(|(bumped, _)| bumped != topic);
        self.bumped.push((topic.to_owned(), Version::default()));
        Ok(())
    }

    fn put_bytes<R>(&mut self, table: &Table<R>, key: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
        let mut open = self.tx.open_table(table.definition())?;
        if open.get(key)?.is_some_and(|present| present.value() == bytes) {
            return Ok(());
        }
        open.insert(key, bytes)?;
        self.changed.insert(table.name);
        Ok(())
    }
}

impl Raw for WriteTx {
    fn walk<R>(&self, table: &Table<R>, order: Order<'_>, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        walk_table(&self.tx.open_table(table.definition())?, order, visit)
    }

    fn raw<R>(&self, table: &Table<R>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.tx.open_table(table.definition())?;
        let value = open.get(key)?.map(|value| value.value().to_vec());
        Ok(value)
    }
}
