//! The one step that makes a restored database count. Before it the old one is in its place, after it the new one, and at
//! no moment anything else: the old one gets a second name, then the new one is renamed over the first.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::FILE_NAME;

/// A database that is being made, beside the one in its place; gone again with this, unless it was put there.
pub(super) struct Draft(PathBuf);

impl Draft {
    /// Where to make it. What an earlier restore has left half done goes.
    pub(super) fn new(data_dir: &Path) -> io::Result<Self> {
        let draft = Self(data_dir.join(format!("{FILE_NAME}.restoring")));
        match fs::remove_file(&draft.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(draft),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts it in the place of the database of a data folder, which is kept under another name that ends in `aside`; says
    /// which. The caller holds the lock of the old one, so that nobody begins to write to it now.
    pub(super) fn put_in_place(self, data_dir: &Path, aside: &str) -> io::Result<Option<PathBuf>> {
        File::open(&self.0)?.sync_all()?;
        let place = data_dir.join(FILE_NAME);
        let kept = data_dir.join(format!("{FILE_NAME}.{aside}"));
        let folder = File::open(data_dir)?;
        if !place.exists() {
            put_where_nothing_is(&self.0, &place)?;
            folder.sync_all()?;
            return Ok(None);
        }
        // A file system without a second name for a file (FAT) takes a copy.
        fs::hard_link(&place, &kept).or_else(|_| copy_whole(&place, &kept))?;
        folder.sync_all()?;
        fs::rename(&self.0, &place)?;
        folder.sync_all()?;
        Ok(Some(kept))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Most often it was renamed; what stays after an error is removed by the next restore.
        drop(fs::remove_file(&self.0));
    }
}

/// Never over a database that a service has made meanwhile.
fn put_where_nothing_is(draft: &Path, place: &Path) -> io::Result<()> {
    match fs::hard_link(draft, place) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(draft, place),
        linked => linked,
    }
}

fn copy_whole(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::open(to)?.sync_all()
}
