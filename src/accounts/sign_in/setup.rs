//! The set-up link: how the first administrator comes in, once.
//!
//! The key is kept as a fingerprint; in clear it stands in the journal and in one file that only the service's user can
//! read. It dies on use, after 24 hours, and as soon as any administrator exists. The 24 hours are measured on the time that
//! only runs: on a new board the clock is set just after the first start.

use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::log_failure;
use crate::accounts::users::insert_first_admin;
use crate::accounts::{AccountError, Accounts, CreateUserRequest, User};
use crate::actor::Role;
use crate::secret::{Fingerprint, random_text};
use crate::store::{Read, Store, StoreError, Table, View, WriteTx};

const SETUP: Table<SetupKey> = Table::new("setup");
const KEY: &[u8] = b"";
const LIFE: TimeDelta = TimeDelta::hours(24);

/// The file's name in the data folder.
const FILE_NAME: &str = "setup-link";

/// What is kept of a set-up key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::accounts) struct SetupKey {
    fingerprint: Fingerprint,
}

/// When this process has made its link; one that an earlier process made opens nothing.
pub(in crate::accounts) type OfferedAt = Arc<Mutex<Option<TimeDelta>>>;

/// The set-up key of a store, as it is now.
pub(in crate::accounts) fn setup_key(store: &Store) -> Result<View<Option<SetupKey>>, StoreError> {
    store.view(&[SETUP.name], |tx| tx.find(&SETUP, KEY))
}

/// Lets the set-up key die.
pub(in crate::accounts) fn delete_setup_key(tx: &mut WriteTx) -> Result<(), StoreError> {
    tx.delete(&SETUP, KEY)
}

impl Accounts {
    /// Is there no administrator yet?
    pub fn needs_setup(&self) -> bool {
        !self.people().has_admin()
    }

    /// At the start of the service: a new link where there is no administrator, in place of an earlier one, and the
    /// same in a file. Blocks on the disk.
    pub fn offer_setup(&self) -> Result<Option<String>, AccountError> {
        let path = self.setup_file();
        if !self.needs_setup() {
            self.app.store.write_now(delete_setup_key)?;
            remove(&path).map_err(|error| file_error(&path, &error))?;
            return Ok(None);
        }
        let key = random_text::<32>()?;
        let record = SetupKey { fingerprint: Fingerprint::of(&key) };
        let link = format!("{}/setup#{key}", self.app.public_url());
        self.app.store.write_now::<_, StoreError>(|tx| tx.put(&SETUP, KEY, &record))?;
        *self.offered_at() = Some(self.app.clock.reading().monotonic);
        write(&path, &link).map_err(|error| file_error(&path, &error))?;
        Ok(Some(link))
    }

    /// Makes the first administrator, for whoever holds the key; roles in `new_admin` do not count.
    pub async fn setup(
        &self,
        key: &str,
        new_admin: CreateUserRequest,
        ip: Option<IpAddr>,
    ) -> Result<User, AccountError> {
        let key = Fingerprint::of(key.trim());
        let clock = self.app.clock.clone();
        let opens = self.setup_key.load().as_ref().as_ref().is_some_and(|kept| kept.fingerprint == key);
        if !opens || !self.is_setup_open() || !self.needs_setup() {
            log_failure("setup", ip, &new_admin.login);
            return Err(AccountError::BadSetupKey);
        }
        if new_admin.password.is_none() {
            return Err(AccountError::bad("password", "choose one"));
        }
        let new_admin = CreateUserRequest { roles: vec![Role::Admin], disabled: false, ..new_admin };
        let user = self.draft_user(new_admin).await?;
        let made = self.app.store.write(move |tx| match tx.find(&SETUP, KEY)? {
            Some(kept) if kept.fingerprint == key => insert_first_admin(tx, ip, &clock, user),
            _ => Err(AccountError::BadSetupKey),
        });
        let made = made.await?;
        self.tidy_setup_file().await?;
        Ok(made)
    }

    fn is_setup_open(&self) -> bool {
        let running = self.app.clock.reading().monotonic;
        self.offered_at().is_some_and(|offered| running - offered < LIFE)
    }

    fn offered_at(&self) -> MutexGuard<'_, Option<TimeDelta>> {
        self.setup_offered_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the file with the link once there is an administrator.
    pub(in crate::accounts) async fn tidy_setup_file(&self) -> Result<(), AccountError> {
        if self.needs_setup() {
            return Ok(());
        }
        let path = self.setup_file();
        let removing = path.clone();
        let removed = tokio::task::spawn_blocking(move || remove(&removing)).await;
        let removed = removed.map_err(|_| StoreError::Interrupted)?;
        removed.map_err(|error| file_error(&path, &error))
    }

    fn setup_file(&self) -> PathBuf {
        self.app.config().data_dir.join(FILE_NAME)
    }
}

/// Removed first: a file that is there might be readable to others, or be a link to elsewhere.
fn write(path: &Path, link: &str) -> io::Result<()> {
    remove(path)?;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{link}")?;
    file.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn file_error(path: &Path, error: &io::Error) -> AccountError {
    AccountError::SetupFile { path: path.display().to_string(), reason: error.to_string() }
}
