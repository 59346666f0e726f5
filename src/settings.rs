//! What the database itself knows of this appliance: its identity, and what an import has decided.
//!
//! A key in the configuration file always wins over one of these.

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
