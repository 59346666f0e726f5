//! Backup and restore: the whole appliance in one file, taken while it runs, and put back as a whole or not at all.
//!
//! What a backup looks like is `store::backup`'s business; here are the route that it streams through, the commands, what
//! is kept of the present when an older state comes back, and which of a row of nightly backups go. Files are opened by
//! the commands, never by the service.

mod api;
mod carry;
pub mod commands;
mod error;
mod fetch;
mod nightly;
mod restore;
mod stream;
mod swap;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use api::{Backups, LastBackupResponse, routes};
pub use error::BackupsError;
pub use nightly::to_forget;

use crate::seal::{self, SealError};
use crate::secret::Fingerprint;
use crate::store::backup::KeyMaterial;
use crate::store::{Read, Store, StoreError, Table, WriteTx};
use crate::{accounts, tls};

/// The last restore that this database came by, or none.
const RESTORED: Table<Restored> = Table::new("restored");
const KEY: &[u8] = b"";

/// What is counted for people, and the table that it is counted in.
const NOUNS: [(&str, &str); 8] = [
    ("users", "users"),
    ("cohorts", "cohorts"),
    ("rooms", "rooms"),
    ("events", "events"),
    ("feeds", "feeds"),
    ("feeds' snapshots", "snapshots"),
    ("tokens", "tokens"),
    ("audit entries", "audit"),
];

/// How a database came to be here.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Restored {
    /// When.
    at: DateTime<Utc>,
    /// The sealing key that its passwords are sealed under, where the backup had it.
    seal_key: Option<Fingerprint>,
    /// What the names of the files that were replaced end in.
    aside: String,
}

/// Ends a restore that a power cut has interrupted after the database was in its place. To be asked before the sealing key
/// is read.
pub fn settle_restore(data_dir: &Path, store: &Store) -> anyhow::Result<()> {
    let restored = store.read_now::<_, StoreError>(|tx| tx.find(&RESTORED, KEY))?;
    Ok(finish_restore(data_dir, restored.as_ref())?)
}

fn finish_restore(data_dir: &Path, restored: Option<&Restored>) -> Result<(), SealError> {
    let (wanted, aside) = restored.map_or((None, ""), |restored| (restored.seal_key, restored.aside.as_str()));
    seal::take_ready(data_dir, wanted, &format!("{}.{aside}", seal::FILE_NAME))
}

fn note_restored(tx: &mut WriteTx, restored: &Restored) -> Result<(), StoreError> {
    tx.put(&RESTORED, KEY, restored)
}

/// Each private key that the database holds.
fn private_keys() -> Vec<KeyMaterial> {
    tls::PRIVATE_KEYS.into_iter().chain([accounts::PRIVATE_KEY]).collect()
}
