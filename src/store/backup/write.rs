//! Writing a backup, record by record: however large the database is, little of it is in memory.

use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use redb::ReadableTableMetadata;

use super::{BackupError, Contents, FORM, KeyMaterial, MAGIC, Manifest, TableCount};
use crate::store::{ReadTx, StoreError};

impl ReadTx {
    /// Writes this state as a backup, and says what is in it.
    pub fn dump(&self, contents: &Contents, out: impl Write) -> Result<Manifest, BackupError> {
        let manifest = self.manifest(contents)?;
        let mut out = Hashing { out, digest: Context::new(&SHA256) };
        let head = serde_json::to_string(&manifest).map_err(|error| BackupError::Io(error.into()))?;
        write!(out, "{MAGIC}{FORM}\n{head}\n").map_err(BackupError::Io)?;
        let mut records = ZlibEncoder::new(out, Compression::default());
        for table in &manifest.tables {
            self.dump_table(&table.name, &contents.left_out, &mut records)?;
        }
        for (name, content) in &contents.files {
            write_record(&mut records, name.as_bytes(), content).map_err(BackupError::Io)?;
        }
        let Hashing { mut out, digest } = records.finish().map_err(BackupError::Io)?;
        out.write_all(digest.finish().as_ref()).and_then(|()| out.flush()).map_err(BackupError::Io)?;
        Ok(manifest)
    }

    fn manifest(&self, contents: &Contents) -> Result<Manifest, StoreError> {
        let names = self.table_names()?.into_iter();
        let counts = names.map(|name| Ok(TableCount { records: self.count(&name, &contents.left_out)?, name }));
        Ok(Manifest {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: self.schema()?,
            created_at: contents.created_at,
            instance: contents.instance.clone(),
            keys: contents.left_out.is_empty(),
            tables: counts.collect::<Result<_, StoreError>>()?,
            files: contents.files.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    fn count(&self, name: &str, left_out: &[KeyMaterial]) -> Result<u64, StoreError> {
        let table = self.open(name)?;
        let mut gone = 0;
        for material in left_out.iter().filter(|material| material.table == name) {
            gone += match material.key {
                None => return Ok(0),
                Some(key) => u64::from(table.get(key)?.is_some()),
            };
        }
        Ok(table.len()?.saturating_sub(gone))
    }

    fn dump_table(&self, name: &str, left_out: &[KeyMaterial], out: &mut impl Write) -> Result<(), BackupError> {
        for entry in self.open(name)?.range::<&[u8]>(..).map_err(StoreError::from)? {
            let (key, value) = entry.map_err(StoreError::from)?;
            if !left_out.iter().any(|material| material.is(name, key.value())) {
                write_record(out, key.value(), value.value()).map_err(BackupError::Io)?;
            }
        }
        Ok(())
    }
}

fn write_record(out: &mut impl Write, key: &[u8], value: &[u8]) -> io::Result<()> {
    for part in [key, value] {
        let length = u32::try_from(part.len()).map_err(|_| io::Error::other("a record is too large for a backup"))?;
        out.write_all(&length.to_be_bytes())?;
    }
    out.write_all(key)?;
    out.write_all(value)
}

/// Hands on what it is given, and keeps the sum of it.
struct Hashing<W> {
    out: W,
    digest: Context,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
