//! Before a newer program changes the schema, the database as it was is kept beside it, as a backup that the older program
//! restores. The last two are kept.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use redb::Database;

use super::{BackupError, Contents, verify};
use crate::store::{FILE_NAME, ReadTx};

const KEPT: usize = 2;

/// Keeps it, and says where. The private keys of the database are in it; the sealing key stays where it is.
pub(in crate::store) fn keep_before_upgrade(
    db: &Database,
    data_dir: &Path,
    now: DateTime<Utc>,
) -> Result<PathBuf, BackupError> {
    let tx = ReadTx::begin(db)?;
    let prefix = format!("{FILE_NAME}.before-upgrade-");
    // The schema first: a clock may be wrong, and schemas only grow.
    let name = format!("{prefix}{:04}-{}", tx.schema()?, now.format("%Y%m%dT%H%M%SZ"));
    let path = data_dir.join(name);
    write(&tx, &Contents { created_at: now, ..Contents::default() }, &path)?;
    forget_older(data_dir, &prefix, &path).map_err(BackupError::Io)?;
    Ok(path)
}

/// Under another name first, and read back: after a power cut there is a whole one or none.
fn write(tx: &ReadTx, contents: &Contents, path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(BackupError::Io)?;
    let mut out = BufWriter::new(draft.as_file_mut());
    tx.dump(contents, &mut out)?;
    out.flush().map_err(BackupError::Io)?;
    drop(out);
    draft.as_file().sync_all().map_err(BackupError::Io)?;
    verify(File::open(draft.path()).map_err(BackupError::Io)?)?;
    draft.persist(path).map_err(|error| BackupError::Io(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::Io)
}

fn forget_older(folder: &Path, prefix: &str, newest: &Path) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let is_one = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    let mut others: Vec<_> = entries.iter().map(fs::DirEntry::path).filter(is_one).collect();
    others.retain(|path| path != newest);
    others.sort();
    let gone = others.len().saturating_sub(KEPT - 1);
    others.iter().take(gone).try_for_each(fs::remove_file)
}
