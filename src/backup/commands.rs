//! `carillon backup` and `carillon restore`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::carry::Keep;
use super::fetch::{Draft, Keys, destination, folder_of, in_words, to_stdout};
use super::nightly;
use super::restore::Restore;
use crate::actor::Caller;
use crate::control::{self, Client, CommandError, Door, Output};

/// Write the whole appliance to one file, while it runs.
#[derive(Debug, Args)]
pub struct BackupCommand {
    /// Where to; `-` is standard output. A file that is there is replaced, once the new one is whole and read back.
    #[arg(value_name = "FILE", required_unless_present = "nightly", conflicts_with = "nightly")]
    file: Option<PathBuf>,
    /// Into a folder that keeps the last seven days and four weeks; each backup there is read back, and a broken one told.
    #[arg(long, value_name = "DIR")]
    nightly: Option<PathBuf>,
    /// Leave out every private key: of passwords of feeds, of certificates and their account, of access tokens.
    #[arg(long)]
    without_keys: bool,
}

/// Put a backup back: all of it or nothing. The service must be stopped.
#[derive(Debug, Args)]
pub struct RestoreCommand {
    /// The backup; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what is inside and what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Keep nothing of the present: neither a newer certificate nor revocations since. Only dates and sequence numbers still
    /// do not go back.
    #[arg(long)]
    exact: bool,
}

/// Makes a backup.
pub async fn run_backup(command: BackupCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    let keys = if command.without_keys { Keys::LeftOut } else { Keys::Kept };
    match (command.file, command.nightly) {
        (_, Some(folder)) => nightly::run(client, &folder, keys, out).await,
        (Some(file), None) if file == Path::new("-") => to_stdout(client, keys).await,
        (Some(file), None) => to_file(client, &file, keys, out).await,
        (None, None) => Ok(()),
    }
}

async fn to_file(client: &Client, file: &Path, keys: Keys, out: &Output) -> Result<(), CommandError> {
    let path = destination(file)?;
    let kept = Draft::fetch(client, folder_of(&path), keys).await?.keep(path)?;
    kept.note(client).await?;
    let told = json!({"file": kept.path.to_string_lossy(), "size_bytes": kept.size_bytes, "manifest": kept.manifest});
    out.in_words(
        &told,
        &format!("{}: {} bytes, read back and good: {}", file.display(), kept.size_bytes, in_words(&kept.manifest)),
    )
}

impl RestoreCommand {
    /// Opens the backup, as whoever asks for it: before root becomes the owner of the data.
    pub fn open(&self) -> Result<Box<dyn Read>, CommandError> {
        if self.file == Path::new("-") {
            return Ok(Box::new(io::stdin()));
        }
        let failed = |error: io::Error| CommandError::Other(format!("{}: {error}", self.file.display()));
        let file = File::open(&self.file).map_err(failed)?;
        match file.metadata().map_err(failed)?.is_dir() {
            true => Err(CommandError::Other(format!("{}: is a folder: name a file in it", self.file.display()))),
            false => Ok(Box::new(file)),
        }
    }
}

/// Sees that no service runs, and that there is a folder to restore into.
pub fn must_be_stopped(data_dir: &Path) -> Result<(), CommandError> {
    let refused = |detail: String| Err(CommandError::Other(detail));
    let folder = data_dir.display();
    match Door::of(data_dir) {
        Door::Service(_) => refused(format!(
            "{folder}: the service runs: stop it first (`sudo systemctl stop carillon`), then restore, then start it"
        )),
        Door::Closed => refused(control::closed(data_dir)),
        Door::Nobody if !data_dir.is_dir() => refused(format!(
            "{folder}: there is no data folder: make it for the user of the service (`install -d -m 750 -o carillon {folder}`)"
        )),
        Door::Nobody => Ok(()),
    }
}

/// Puts a backup back.
pub fn run_restore(
    command: &RestoreCommand,
    backup: Box<dyn Read>,
    data_dir: &Path,
    caller: &Caller,
    out: &Output,
) -> anyhow::Result<()> {
    let keep = if command.exact { Keep::Least } else { Keep::Newer };
    let ready = Restore { data_dir, keep, caller }.prepare(backup)?;
    let (report, end) = match command.dry_run {
        true => (ready.report, "nothing was changed (--dry-run)".to_owned()),
        false => {
            let report = ready.put_in_place()?;
            let end = report.replaced.as_ref().map(|path| format!("; what was there is kept in {}", path.display()));
            (report, format!("restored{}", end.unwrap_or_default()))
        }
    };
    let mut told = report.to_json();
    if let Some(fields) = told.as_object_mut() {
        fields.insert("dry_run".to_owned(), json!(command.dry_run));
    }
    Ok(out.in_words(&told, &format!("{}\n{end}", report.in_words()))?)
}
