//! A backup: the whole database in one file, written from one consistent state, and read back with suspicion.
//!
//! In this order: a line `carillon backup 1`, what it is and the version of this form; a line of JSON, the manifest; a zlib
//! stream with each record of each table of the manifest, then the files that lie beside the database, each as the lengths
//! of its key and its value (u32, big-endian) and both; and the SHA-256 of all that stands before. The same state makes
//! the same bytes, but for the time in the manifest. What is damaged, cut short or of a newer form is refused, by name.

mod error;
mod load;
mod read;
mod upgrade;
mod write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use error::BackupError;
pub use load::{Loaded, load};
pub use read::verify;
pub(super) use upgrade::keep_before_upgrade;

/// What each backup begins with.
const MAGIC: &str = "carillon backup ";
/// The version of the form that this program writes and reads.
const FORM: u32 = 1;
const DIGEST_BYTES: usize = 32;
/// No manifest is longer.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;
const KEY_BYTES_MAX: u32 = 64 * 1024;
const VALUE_BYTES_MAX: u32 = 256 * 1024 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that wrote it.
    pub program: String,
    /// The schema of the records.
    pub schema: u32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The identity of the appliance; empty where the database was written aside before an upgrade.
    pub instance: String,
    /// Are the private keys of the database in it?
    pub keys: bool,
    /// The tables in their order, each with the number of its records.
    pub tables: Vec<TableCount>,
    /// The files from beside the database, in their order.
    pub files: Vec<String>,
}

/// How many records a table has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// Its name.
    pub name: String,
    /// Its records.
    pub records: u64,
}

impl Manifest {
    /// How many records a table has.
    pub fn count(&self, table: &str) -> u64 {
        self.tables.iter().find(|count| count.name == table).map_or(0, |count| count.records)
    }
}

/// A private key in the database, which a backup may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyMaterial {
    /// The table.
    pub table: &'static str,
    /// The one record of it; all of them where none is named.
    pub key: Option<&'static [u8]>,
}

impl KeyMaterial {
    fn is(&self, table: &str, key: &[u8]) -> bool {
        self.table == table && self.key.is_none_or(|one| one == key)
    }
}

/// What a backup is made of, beside the tables.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// When it is written.
    pub created_at: DateTime<Utc>,
    /// The identity of the appliance.
    pub instance: String,
    /// What of the tables is left out.
    pub left_out: Vec<KeyMaterial>,
    /// Files from beside the database, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

#[cfg(test)]
mod tests;
