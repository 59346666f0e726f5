//! A backup becomes a database file of its own. Nothing that is there is touched; the file is whole when this returns.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use redb::TableDefinition;

use super::read::BackupReader;
use super::{BackupError, Manifest};
use crate::store::{StoreError, migrate, open_file};

/// What a backup held.
#[derive(Debug)]
pub struct Loaded {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The files from beside the database.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Makes a database of a backup, at a path where nothing is. An error leaves a file there that is of no use.
pub fn load(from: impl Read, path: &Path) -> Result<Loaded, BackupError> {
    let mut reader = BackupReader::open(from)?;
    let (found, known) = (reader.manifest.schema, migrate::known());
    if found > known {
        return Err(BackupError::NewerSchema { found, known });
    }
    let db = open_file(path)?;
    let tx = db.begin_write().map_err(StoreError::from)?;
    for table in reader.manifest.tables.clone() {
        let definition = TableDefinition::<&[u8], &[u8]>::new(&table.name);
        let mut open = tx.open_table(definition).map_err(StoreError::from)?;
        reader.visit_table(&table, |key, value| {
            open.insert(key, value).map_err(StoreError::from)?;
            Ok(())
        })?;
    }
    let files = reader.read_files()?;
    let manifest = reader.finish()?;
    migrate::put_schema(&tx, found)?;
    tx.commit().map_err(StoreError::from)?;
    drop(db);
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::Io)?;
    Ok(Loaded { manifest, files })
}
