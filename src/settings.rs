//! What the database itself knows of this appliance: its identity, and what an import has decided.
//!
//! A key in the configuration file always wins over one of these.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::random_id;
use crate::store::{Read, Store, StoreError, Table, View, WriteTx};

const SETTINGS: Table<Settings> = Table::new("settings");
const KEY: &[u8] = b"";

/// One record, made at the first start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Stands behind the `@` of each UID that Carillon makes; survives a restore.
    pub instance_id: String,
    /// Where people find this appliance, as `import ipp --public-url` was told.
    pub public_url: Option<String>,
    /// Whether `import ipp --keep-http` was asked for.
    pub legacy_http: bool,
    /// How calendars were written when last one was: another way is a change of all of them.
    pub presentation: String,
    /// The last backup that was read back and found good.
    pub last_backup: Option<LastBackup>,
}

/// A backup that is older than this is a warning.
const BACKUP_OLD_AFTER: TimeDelta = TimeDelta::days(2);

/// A backup that was read back and found good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// The state that it holds.
    pub at: DateTime<Utc>,
    /// How large it is.
    pub size_bytes: u64,
    /// Where it was written, on the machine of whoever asked for it.
    pub place: String,
}

impl LastBackup {
    /// Is it time that somebody looked why there is no newer one?
    pub fn is_old(&self, now: DateTime<Utc>) -> bool {
        now - self.at > BACKUP_OLD_AFTER
    }
}

/// Is a database of the same appliance as another, or of another one?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// What one has handed out, the other answers for.
    Same,
    /// They know nothing of each other.
    Other,
}

impl Lineage {
    /// By their identities.
    pub fn of(one: &impl Read, other: &impl Read) -> Result<Self, StoreError> {
        let id = |settings: Option<Settings>| settings.map(|settings| settings.instance_id);
        let ids = [id(one.find(&SETTINGS, KEY)?), id(other.find(&SETTINGS, KEY)?)];
        Ok(match ids {
            [Some(one), Some(other)] if one == other => Self::Same,
            _ => Self::Other,
        })
    }
}

/// Takes over, from the database that is replaced, when the last good backup was made.
pub fn carry_over(before: &impl Read, tx: &mut WriteTx) -> Result<(), StoreError> {
    let known = before.find(&SETTINGS, KEY)?.and_then(|settings: Settings| settings.last_backup);
    let Some(mut settings) = tx.find(&SETTINGS, KEY)? else { return Ok(()) };
    let newer = |own: &Option<LastBackup>| own.as_ref().map(|own| own.at) < known.as_ref().map(|known| known.at);
    if newer(&settings.last_backup) {
        settings.last_backup = known;
    }
    tx.put::<Settings>(&SETTINGS, KEY, &settings)
}

/// The settings of a store, with an identity if it has none yet.
pub fn open(store: &Store) -> Result<View<Settings>, StoreError> {
    store.write_now(|tx| match tx.find(&SETTINGS, KEY)? {
        Some(_) => Ok(()),
        None => tx.put(&SETTINGS, KEY, &Settings { instance_id: new_instance_id()?, ..Settings::default() }),
    })?;
    store.view(&[SETTINGS.name], |tx| tx.get(&SETTINGS, KEY))
}

/// The settings inside a transaction.
pub fn get(tx: &impl Read) -> Result<Settings, StoreError> {
    tx.get(&SETTINGS, KEY)
}

/// Changes the settings in somebody else's transaction.
pub fn update(tx: &mut WriteTx, change: impl FnOnce(&mut Settings)) -> Result<(), StoreError> {
    let mut settings = get(tx)?;
    change(&mut settings);
    tx.put(&SETTINGS, KEY, &settings)
}

fn new_instance_id() -> Result<String, StoreError> {
    random_id("").map_err(|error| StoreError::Io(error.to_string()))
}
