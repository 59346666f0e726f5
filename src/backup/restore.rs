//! Putting a backup back: a new database is made beside the present one, takes over what must not be forgotten, and is
//! then moved into its place. Until that one step nothing has changed, whatever is wrong with the backup, and whenever the
//! power goes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::carry::{Keep, carry_over};
use super::swap::Draft;
use super::{NOUNS, Restored, finish_restore, note_restored};
use crate::actor::Caller;
use crate::audit;
use crate::clock::Clock;
use crate::seal;
use crate::secret::{Fingerprint, Secret};
use crate::store::backup::{Loaded, Manifest, load};
use crate::store::{FILE_NAME, Store, StoreError, WriteTx};

/// What somebody wants put back.
pub(super) struct Restore<'a> {
    pub(super) data_dir: &'a Path,
    pub(super) keep: Keep,
    pub(super) caller: &'a Caller,
}

/// Of a noun, how many there are now, where that can be told, and how many after.
type Count = (&'static str, Option<u64>, u64);

/// What would come of a restore, or has.
pub(super) struct Report {
    pub(super) manifest: Manifest,
    pub(super) counts: Vec<Count>,
    pub(super) kept: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// Where the replaced database is; none after a dry run, or where there was none.
    pub(super) replaced: Option<PathBuf>,
}

/// A restored database that is whole, and not in its place yet.
pub(super) struct Ready<'a> {
    wanted: Restore<'a>,
    draft: Draft,
    // Held to the end: it is the lock.
    present: Present,
    seal_key: Option<Secret<Vec<u8>>>,
    restored: Restored,
    pub(super) report: Report,
}

impl<'a> Restore<'a> {
    /// Reads a backup to its end and makes the database of it. Nothing that is there changes.
    pub(super) fn prepare(self, backup: impl Read) -> anyhow::Result<Ready<'a>> {
        let present = Present::lock(self.data_dir)?;
        let draft = Draft::new(self.data_dir).with_context(|| format!("{}", self.data_dir.display()))?;
        let Loaded { manifest, files } = load(backup, draft.path())?;
        let seal_key = files.into_iter().find(|(name, _)| name == seal::FILE_NAME).map(|(_, key)| Secret::new(key));
        let at = Clock::system().now().max(manifest.created_at);
        let restored = Restored {
            at,
            seal_key: seal_key.as_ref().map(|key| Fingerprint::of_bytes(key.expose())),
            aside: format!("before-restore-{}", at.format("%Y%m%dT%H%M%SZ")),
        };
        let store = Store::open_draft(draft.path())?;
        let kept = self.settle(&store, &present, &restored, &manifest)?;
        let counts = counts(&present, &store)?;
        drop(store);
        let warnings = warnings(&present, &manifest, seal_key.is_some());
        let report = Report { manifest, counts, kept, warnings, replaced: None };
        Ok(Ready { wanted: self, draft, present, seal_key, restored, report })
    }

    /// One transaction: what is taken over, who did it, and which sealing key belongs to it.
    fn settle(
        &self,
        store: &Store,
        present: &Present,
        restored: &Restored,
        manifest: &Manifest,
    ) -> Result<Vec<String>, StoreError> {
        store.write_now(|tx| {
            let kept = match present.store() {
                Some(present) => present.read_now(|before| carry_over(before, tx, self.keep))?,
                None => Vec::new(),
            };
            note_restored(tx, restored)?;
            self.note(tx, restored.at, manifest, &kept)?;
            Ok(kept)
        })
    }

    fn note(
        &self,
        tx: &mut WriteTx,
        at: DateTime<Utc>,
        manifest: &Manifest,
        kept: &[String],
    ) -> Result<(), StoreError> {
        let exact = self.keep == Keep::Least;
        let after = json!({"created_at": manifest.created_at, "program": manifest.program, "schema": manifest.schema,
                           "keys": manifest.keys, "exact": exact, "kept": kept.len()});
        audit::record(tx, self.caller, at, ("backup.restore", "backup".to_owned()), [None, Some(after)])
    }
}

impl Ready<'_> {
    /// Puts it in the place of the present database.
    pub(super) fn put_in_place(self) -> anyhow::Result<Report> {
        let data_dir = self.wanted.data_dir;
        if let Some(key) = &self.seal_key {
            seal::lay_ready(data_dir, key)?;
        }
        let place = data_dir.join(FILE_NAME);
        let told = || format!("{}: cannot put the restored database in its place", place.display());
        let replaced = self.draft.put_in_place(data_dir, &self.restored.aside).with_context(told)?;
        // From here on the new one counts; what is left is done by the next start, if not now.
        finish_restore(data_dir, Some(&self.restored))?;
        drop(self.present);
        Ok(Report { replaced, ..self.report })
    }
}

/// The database that is in the place now, locked: a service that is started meanwhile waits, and ends.
enum Present {
    Nothing,
    Sound(Store),
    /// It cannot be read, and nothing of it can be kept: that may be why somebody restores.
    Unreadable {
        reason: String,
        _lock: File,
    },
}

impl Present {
    fn lock(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(FILE_NAME);
        if !path.exists() {
            return Ok(Self::Nothing);
        }
        match Store::open(data_dir) {
            Ok(store) => Ok(Self::Sound(store)),
            Err(error @ StoreError::InUse { .. }) => Err(error.into()),
            Err(error) => {
                let file = File::open(&path).with_context(|| format!("{}", path.display()))?;
                file.try_lock().with_context(|| format!("{}: in use by another process", path.display()))?;
                Ok(Self::Unreadable { reason: error.to_string(), _lock: file })
            }
        }
    }

    fn store(&self) -> Option<&Store> {
        match self {
            Self::Sound(store) => Some(store),
            Self::Nothing | Self::Unreadable { .. } => None,
        }
    }
}

fn counts(present: &Present, restored: &Store) -> Result<Vec<Count>, StoreError> {
    let of = |store: &Store, table: &str| store.read_now(|tx| tx.count_records(table));
    let each = NOUNS.iter().map(|(noun, table)| {
        let now = match present {
            Present::Nothing => Some(0),
            Present::Sound(store) => Some(of(store, table)?),
            Present::Unreadable { .. } => None,
        };
        Ok((*noun, now, of(restored, table)?))
    });
    each.collect()
}

fn warnings(present: &Present, manifest: &Manifest, has_seal_key: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Present::Unreadable { reason, .. } = present {
        warnings.push(format!("nothing of the present database is kept, it cannot be read: {reason}"));
    }
    if !manifest.keys {
        warnings.push(
            "the backup has no private keys: what the present database does not have either is made anew".to_owned(),
        );
    }
    if !has_seal_key {
        let detail = "the backup has no sealing key: a feed whose password this folder's own key does not open says \
                      `password needed`; `carillon feed set SLUG --password-stdin …` mends it";
        warnings.push(detail.to_owned());
    }
    warnings
}

impl Report {
    pub(super) fn to_json(&self) -> Value {
        let Manifest { program, schema, created_at, instance, keys, .. } = &self.manifest;
        let counts = self.counts.iter().map(|(noun, now, after)| json!({"what": noun, "now": now, "after": after}));
        json!({
            "backup": {"program": program, "schema": schema, "created_at": created_at, "instance": instance, "keys": keys},
            "counts": counts.collect::<Vec<_>>(),
            "kept": self.kept,
            "warnings": self.warnings,
            "replaced": self.replaced.as_ref().map(|path| path.to_string_lossy()),
        })
    }

    pub(super) fn in_words(&self) -> String {
        let Manifest { program, schema, created_at, keys, .. } = &self.manifest;
        let with = if *keys { "with" } else { "without" };
        let mut lines =
            vec![format!("a backup of {created_at}, by Carillon {program}, schema {schema}, {with} private keys")];
        lines.extend(self.counts.iter().map(|(noun, now, after)| {
            let now = now.map_or_else(|| "?".to_owned(), |now| now.to_string());
            format!("{noun}: {now} now, {after} after")
        }));
        lines.extend(self.kept.iter().map(|line| format!("kept: {line}")));
        lines.extend(self.warnings.iter().map(|line| format!("note: {line}")));
        lines.join("\n")
    }
}
