//! A backup on its way into a file: streamed beside its place under another name, read back, and only then moved there.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::NamedTempFile;

use super::NOUNS;
use crate::control::{Client, CommandError};
use crate::store::backup::{Manifest, verify};

/// What the names of drafts begin with: a power cut leaves one.
pub(super) const DRAFT: &str = ".carillon-backup-";

/// Are private keys in it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Kept,
    LeftOut,
}

impl Keys {
    fn route(self) -> String {
        format!("/api/v1/backup?keys={}", self == Self::Kept)
    }
}

/// A backup that was read back, and has no name yet.
pub(super) struct Draft {
    file: NamedTempFile,
    pub(super) manifest: Manifest,
    pub(super) size_bytes: u64,
}

/// A backup in its place.
pub(super) struct Kept {
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) size_bytes: u64,
}

impl Draft {
    /// Takes a backup into a folder. The file is its owner's alone.
    pub(super) async fn fetch(client: &Client, folder: &Path, keys: Keys) -> Result<Self, CommandError> {
        let failed = |error: io::Error| in_folder(folder, &error);
        let mut file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder).map_err(failed)?;
        let mut out = BufWriter::new(file.as_file_mut());
        client.download(&keys.route(), &mut out).await?;
        out.flush().map_err(failed)?;
        drop(out);
        file.as_file().sync_all().map_err(failed)?;
        let written = File::open(file.path()).map_err(failed)?;
        let size_bytes = written.metadata().map_err(failed)?.len();
        let manifest = verify(written).map_err(|error| CommandError::Other(error.to_string()))?;
        Ok(Self { file, manifest, size_bytes })
    }

    /// Moves it to its place, in one step, in place of what is there.
    pub(super) fn keep(self, path: PathBuf) -> Result<Kept, CommandError> {
        let Self { file, manifest, size_bytes } = self;
        let folder = folder_of(&path).to_owned();
        file.persist(&path).map_err(|error| in_folder(&path, &error.error))?;
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|error| in_folder(&folder, &error))?;
        // It is told to others, who stand elsewhere.
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Kept { path, manifest, size_bytes })
    }
}

impl Kept {
    /// Tells the appliance that there is a good one.
    pub(super) async fn note(&self, client: &Client) -> Result<(), CommandError> {
        let place = self.path.to_string_lossy();
        let body = json!({"at": self.manifest.created_at, "size_bytes": self.size_bytes, "place": place});
        let noted = client.put("/api/v1/backup/last", &body).await;
        let shown = self.path.display();
        let told = |error| CommandError::Other(format!("{shown}: the backup is good, but could not be noted: {error}"));
        noted.map(drop).map_err(told)
    }
}

/// Streams a backup to standard output.
pub(super) async fn to_stdout(client: &Client, keys: Keys) -> Result<(), CommandError> {
    if io::stdout().is_terminal() {
        let detail = "a backup is no text: send it to a file (`carillon backup - > FILE`)";
        return Err(CommandError::Other(detail.to_owned()));
    }
    client.download(&keys.route(), &mut io::stdout()).await
}

/// Where a backup may go: to a file that is there, through links, or to where nothing is; never over a device.
pub(super) fn destination(path: &Path) -> Result<PathBuf, CommandError> {
    let refused = |what: &str| Err(CommandError::Other(format!("{}: {what}", path.display())));
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => refused("is a folder: name a file in it"),
        Ok(found) if !found.is_file() => refused("is no plain file: `carillon backup -` writes to standard output"),
        Ok(_) => fs::canonicalize(path).map_err(|error| in_folder(path, &error)),
        Err(_) => Ok(path.to_owned()),
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Root has become the owner of the data by now, where no service runs.
pub(super) fn in_folder(path: &Path, error: &io::Error) -> CommandError {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; name a place where the owner of the data may write, or `carillon backup - > FILE`"
        }
        _ => "",
    };
    CommandError::Other(format!("{}: {error}{hint}", path.display()))
}

/// What is in a backup, for people: `users 3, cohorts 2, …`.
pub(super) fn in_words(manifest: &Manifest) -> String {
    let counts = NOUNS.iter().map(|(noun, table)| format!("{noun} {}", manifest.count(table)));
    let keys = if manifest.keys { "with private keys" } else { "without private keys" };
    counts.chain([keys.to_owned()]).collect::<Vec<_>>().join(", ")
}
