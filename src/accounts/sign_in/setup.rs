//! The set-up link: how the first administrator comes in, once.
//!
//! The key is kept as a fingerprint; in clear it stands in the journal and in one file that only the service's user can
//! read. It dies on use, after 24 hours, and as soon as any administrator exists.

use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
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
    made_at: DateTime<Utc>,
}

impl SetupKey {
    fn opens_with(&self, key: Fingerprint, now: DateTime<Utc>) -> bool {
        self.fingerprint == key && now < self.made_at + LIFE
    }
}

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
        let record = SetupKey { fingerprint: Fingerprint::of(&key), made_at: self.app.clock.now() };
        let link = format!("{}/setup#{key}", self.app.public_url());
        self.app.store.write_now::<_, StoreError>(|tx| tx.put(&SETUP, KEY, &record))?;
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
        let now = self.app.clock.now();
        let opens = matches!(&*self.setup_key.load(), Some(kept) if kept.opens_with(key, now));
        if !opens || !self.needs_setup() {
            log_failure("setup", ip, &new_admin.login);
            return Err(AccountError::BadSetupKey);
        }
        if new_admin.password.is_none() {
            return Err(AccountError::bad("password", "choose one"));
        }
        let new_admin = CreateUserRequest { roles: vec![Role::Admin], disabled: false, ..new_admin };
        let user = self.draft_user(new_admin).await?;
        let clock = self.app.clock.clone();
        let made = self.app.store.write(move |tx| match tx.find(&SETUP, KEY)? {
            Some(kept) if kept.opens_with(key, now) => insert_first_admin(tx, ip, &clock, user),
            _ => Err(AccountError::BadSetupKey),
        });
        let made = made.await?;
        self.tidy_setup_file().await?;
        Ok(made)
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
