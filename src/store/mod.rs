//! The database: one redb file, opened here and nowhere else.
//!
//! Knows tables of records, not what they mean. A write that changes nothing costs nothing: each value is compared
//! before it is put, and a transaction without a change is given up instead of committed, because a commit costs a
//! flash card 26 kB. After each commit the views that read a changed table are made anew, in the writer's thread, so
//! that a reader never waits for a disk.

pub mod backup;
mod codec;
mod error;
mod migrate;
mod read;
mod version;
mod view;
mod write;

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use redb::{Database, StorageBackend};

pub use backup::BackupError;
pub use codec::Table;
pub use error::StoreError;
pub use read::{Read, ReadTx};
pub use version::{Version, outgrow};
pub use view::View;
pub use write::WriteTx;

use crate::clock::Clock;
use backup::keep_before_upgrade;
use version::Versions;
use view::Views;

/// redb's own default is 1 GiB, which would kill a board of 512 MB.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// A larger file is not copied into the memory of a small board.
const COPY_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "carillon.redb";

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// Emptied only while the file is opened again after an I/O error.
    db: RwLock<Option<Database>>,
    path: Option<PathBuf>,
    versions: Versions,
    views: Views,
    /// One writer at a time, from the transaction to the last view.
    writer: Mutex<()>,
    /// What is in memory may not be what the file holds: a commit whose outcome nobody knows, or a view that failed.
    out_of_step: AtomicBool,
    commits: AtomicU64,
}

impl Store {
    /// Opens the database of a data folder, makes it if it is not there, and brings its schema up to date. What has an
    /// older schema is kept beside it as it was.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join(FILE_NAME);
        let db = open_file(&path)?;
        migrate::run(&db, |db| keep(db, data_dir))?;
        Self::start(db, Some(path))
    }

    /// Opens a database that is being made beside the one of a data folder.
    pub fn open_draft(path: &Path) -> Result<Self, StoreError> {
        let db = open_file(path)?;
        migrate::run(&db, |_| Ok(()))?;
        Self::start(db, Some(path.to_owned()))
    }

    /// A database in memory, for tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        let backend = redb::backends::InMemoryBackend::new();
        let db = create_with(backend)?;
        migrate::run(&db, |_| Ok(()))?;
        Self::start(db, None)
    }

    /// A copy in memory of the database of a data folder, to be looked at: whatever is done to it, the file and its folder
    /// stay as they are. Refused where another process has the file open.
    pub fn copy_of(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join(FILE_NAME);
        let db = create_with(read_copy(&path)?).map_err(|error| match error {
            StoreError::Open { reason, .. } => StoreError::Open { path: path.display().to_string(), reason },
            other => other,
        })?;
        migrate::run(&db, |_| Ok(()))?;
        Self::start(db, None)
    }

    fn start(db: Database, path: Option<PathBuf>) -> Result<Self, StoreError> {
        let versions = Versions::load(&ReadTx::begin(&db)?)?;
        Ok(Self(Arc::new(Inner {
            db: RwLock::new(Some(db)),
            path,
            versions,
            views: Views::default(),
            writer: Mutex::new(()),
            out_of_step: AtomicBool::new(false),
            commits: AtomicU64::new(0),
        })))
    }

    /// Reads in one consistent state. Blocks on the disk: from async code use [`Store::read`].
    pub fn read_now<T, E: From<StoreError>>(&self, read: impl FnOnce(&ReadTx) -> Result<T, E>) -> Result<T, E> {
        let tx = self.with_db(ReadTx::begin)?;
        read(&tx)
    }

    /// Reads in one consistent state, on the blocking pool.
    pub async fn read<T, E>(&self, read: impl FnOnce(&ReadTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        on_blocking_pool(move || store.read_now(read)).await
    }

    /// Writes in one transaction: all of it, or nothing if the closure fails. Blocks: from async code use
    /// [`Store::write`]. Nothing reaches the disk when nothing has changed.
    pub fn write_now<T, E: From<StoreError>>(&self, write: impl FnOnce(&mut WriteTx) -> Result<T, E>) -> Result<T, E> {
        let _one_writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tx = self.begin_write()?;
        let value = write(&mut tx)?;
        let Some(changes) = tx.commit().map_err(|error| self.recover(error))? else { return Ok(value) };
        self.0.commits.fetch_add(1, Ordering::Relaxed);
        // Views first: whoever sees the new version must not make something of an old view.
        let reloaded = self.0.views.reload(Some(&changes.tables), self);
        self.0.versions.publish(&changes.versions);
        if let Err(error) = reloaded {
            self.0.out_of_step.store(true, Ordering::Relaxed);
            return Err(error.into());
        }
        Ok(value)
    }

    /// [`Store::write_now`] on the blocking pool.
    pub async fn write<T, E>(&self, write: impl FnOnce(&mut WriteTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        on_blocking_pool(move || store.write_now(write)).await
    }

    /// Something made of whole tables and kept in memory, made anew after each commit that changes one of them.
    pub fn view<T: Send + Sync + 'static>(
        &self,
        tables: &[&'static str],
        load: impl Fn(&ReadTx) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<View<T>, StoreError> {
        let _no_writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let first = self.read_now(&load)?;
        Ok(self.0.views.add(tables, first, load))
    }

    /// The version of a topic, from memory.
    pub fn version(&self, topic: &str) -> Version {
        self.0.versions.get(topic)
    }

    /// How many commits have reached the disk since the start.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// A transaction on a file that takes writes, with memory in step with it. redb latches an I/O error wherever it
    /// strikes, so the first to notice may be the next writer.
    fn begin_write(&self) -> Result<WriteTx, StoreError> {
        let begun = self.with_db(WriteTx::begin);
        let tx = match begun {
            Err(error) if error.poisons() => {
                self.recover(error);
                self.with_db(WriteTx::begin)?
            }
            begun => begun?,
        };
        if self.0.out_of_step.load(Ordering::Relaxed) {
            self.0.views.reload(None, self)?;
            self.read_now(|tx| self.0.versions.reload(tx))?;
            self.0.out_of_step.store(false, Ordering::Relaxed);
        }
        Ok(tx)
    }

    fn with_db<T>(&self, run: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.reopen_if_closed()?;
        let db = self.0.db.read().unwrap_or_else(PoisonError::into_inner);
        run(db.as_ref().ok_or(StoreError::Closed)?)
    }

    /// After an I/O error redb refuses each write until the file is opened again; a full disk must not need a restart.
    /// So the file is closed here, and opened by whoever asks next.
    fn recover(&self, error: StoreError) -> StoreError {
        if self.0.path.is_some() && error.poisons() {
            self.0.out_of_step.store(true, Ordering::Relaxed);
            *self.0.db.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        error
    }

    fn reopen_if_closed(&self) -> Result<(), StoreError> {
        let is_open = self.0.db.read().unwrap_or_else(PoisonError::into_inner).is_some();
        let Some(path) = self.0.path.as_deref().filter(|_| !is_open) else { return Ok(()) };
        let mut db = self.0.db.write().unwrap_or_else(PoisonError::into_inner);
        if db.is_none() {
            *db = Some(open_file(path)?);
        }
        Ok(())
    }
}

/// Before an upgrade. Where there is no room to keep it, nothing is upgraded.
fn keep(db: &Database, data_dir: &Path) -> Result<(), StoreError> {
    let kept = keep_before_upgrade(db, data_dir, Clock::system().now()).map_err(|error| match error {
        BackupError::Store(error) => error,
        BackupError::Io(error) if error.kind() == io::ErrorKind::StorageFull => StoreError::Full,
        other => StoreError::Io(format!("the database could not be kept before its upgrade: {other}")),
    })?;
    log::warn!("the database is upgraded; as it was it is kept in {}: `carillon restore` takes it", kept.display());
    Ok(())
}

async fn on_blocking_pool<T, E>(run: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(run).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Interrupted.into()),
    }
}

#[allow(clippy::disallowed_methods)] // the one place that may open it
fn open_file(path: &Path) -> Result<Database, StoreError> {
    let builder = builder();
    let db = builder.create(path).map_err(|error| StoreError::opening(path, error))?;
    Ok(db)
}

#[allow(clippy::disallowed_methods)]
fn create_with(backend: impl StorageBackend) -> Result<Database, StoreError> {
    builder().create_with_backend(backend).map_err(|error| StoreError::opening(Path::new("memory"), error))
}

/// The bytes of a file that nobody writes to at this moment.
fn read_copy(path: &Path) -> Result<redb::backends::InMemoryBackend, StoreError> {
    let shown = || path.display().to_string();
    let failed = |error: io::Error| StoreError::Open { path: shown(), reason: error.to_string() };
    let mut file = File::open(path).map_err(failed)?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: shown() }),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
        Ok(()) => {}
    }
    let size_bytes = file.metadata().map_err(failed)?.len();
    if size_bytes > COPY_MAX_BYTES {
        let reason = format!("{size_bytes} bytes are too many to look at in memory: ask while the service runs");
        return Err(StoreError::Open { path: shown(), reason });
    }
    let backend = redb::backends::InMemoryBackend::new();
    copy_into(&backend, &mut file, size_bytes).map_err(failed)?;
    Ok(backend)
}

fn copy_into(backend: &redb::backends::InMemoryBackend, file: &mut File, size_bytes: u64) -> io::Result<()> {
    backend.set_len(size_bytes)?;
    let mut part = vec![0; 64 * 1024];
    let mut offset = 0;
    loop {
        let read = file.read(&mut part)?;
        let Some(bytes) = part.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        backend.write(offset, bytes)?;
        offset += read as u64;
    }
}

fn builder() -> redb::Builder {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder.set_repair_callback(|session| {
        let percent = (session.progress() * 100.0) as u64;
        log::info!(percent; "the database was not closed cleanly: checking it");
    });
    builder
}

#[cfg(test)]
mod tests;
