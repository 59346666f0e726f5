//! When each token was last used: noted in memory by every poll, written now and then in one transaction.
//!
//! The times have a table of their own, which no view reads: to write them makes nothing anew.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::store::{Read, Store, StoreError, Table};

const USES: Table<LastUse> = Table::new("token_uses");

#[derive(Clone, Debug, Serialize, Deserialize)]
struct LastUse {
    id: String,
    at: DateTime<Utc>,
}

/// The last use of each token, by id.
#[derive(Debug)]
pub(in crate::accounts) struct Uses {
    by_id: Mutex<HashMap<String, Arc<Use>>>,
}

/// The last use of one token, in Unix seconds; 0 is never.
#[derive(Debug, Default)]
pub(super) struct Use {
    noted: AtomicI64,
    written: AtomicI64,
}

impl Use {
    /// Notes a use.
    pub(super) fn note(&self, now: DateTime<Utc>) {
        self.noted.store(now.timestamp(), Ordering::Relaxed);
    }

    fn last(&self) -> Option<DateTime<Utc>> {
        match self.noted.load(Ordering::Relaxed) {
            0 => None,
            secs => DateTime::from_timestamp(secs, 0),
        }
    }
}

impl Uses {
    /// The uses that a store knows.
    pub(in crate::accounts) fn open(store: &Store) -> Result<Self, StoreError> {
        let written = store.read_now::<_, StoreError>(|tx| tx.list(&USES))?;
        let known = |use_: LastUse| {
            let secs = use_.at.timestamp();
            (use_.id, Arc::new(Use { noted: secs.into(), written: secs.into() }))
        };
        Ok(Self { by_id: Mutex::new(written.into_iter().map(known).collect()) })
    }

    /// Where the uses of a token are noted: the same place for each making of the keyring.
    pub(super) fn of(&self, id: &str) -> Arc<Use> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(by_id.entry(id.to_owned()).or_default())
    }

    fn unwritten(&self) -> Vec<(Arc<Use>, LastUse)> {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let news = |(id, use_): (&String, &Arc<Use>)| {
            let at = use_.last().filter(|at| at.timestamp() != use_.written.load(Ordering::Relaxed))?;
            Some((Arc::clone(use_), LastUse { id: id.clone(), at }))
        };
        by_id.iter().filter_map(news).collect()
    }
}

impl Accounts {
    /// When a token was last used, as far as this process or an earlier one has seen.
    pub fn last_used(&self, id: &str) -> Option<DateTime<Utc>> {
        self.uses.of(id).last()
    }

    /// Writes the times that are not written yet, in one transaction, and none where there are none; says how many.
    pub async fn flush_uses(&self) -> Result<usize, StoreError> {
        let unwritten = self.uses.unwritten();
        if unwritten.is_empty() {
            return Ok(0);
        }
        let records: Vec<_> = unwritten.iter().map(|(_, last)| last.clone()).collect();
        let put_all = move |tx: &mut crate::store::WriteTx| -> Result<(), StoreError> {
            records.iter().try_for_each(|last| tx.put(&USES, last.id.as_bytes(), last))
        };
        self.app.store.write(put_all).await?;
        unwritten.iter().for_each(|(use_, last)| use_.written.store(last.at.timestamp(), Ordering::Relaxed));
        Ok(unwritten.len())
    }
}
