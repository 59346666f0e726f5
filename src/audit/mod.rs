//! Who did what, when, from where. Append-only: an entry is written in the transaction of what it tells, and there is
//! no way to change one. With time addresses and e-mails fade from it, and a person who is erased is forgotten in it.

mod api;
pub mod commands;
mod entry;
mod export;
mod fade;
mod pages;
mod person;

pub use api::AuditEntryResponse;
pub use entry::{Entry, record};
pub use fade::fade;
pub use person::{Forgotten, entries_of, find_removed, forget};

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::store::{Read, StoreError, Table};

pub(crate) const ENTRIES: Table<Entry> = Table::new("audit");

/// The routes of the audit.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(pages::routes().into())
}

/// The number of the newest entry; 0 where there is none.
pub fn newest_id(tx: &impl Read) -> Result<u64, StoreError> {
    Ok(tx.last_key(&ENTRIES)?.and_then(|key| key.try_into().ok()).map_or(0, u64::from_be_bytes))
}

/// Shows the entries below a number, newest first, until the visitor has seen enough.
pub fn visit_newest_entries(
    tx: &impl Read,
    below: Option<u64>,
    mut visit: impl FnMut(Entry) -> bool,
) -> Result<(), StoreError> {
    let below = below.map(u64::to_be_bytes);
    tx.visit_newest(&ENTRIES, below.as_ref().map(<[u8; 8]>::as_slice), |_, entry| Ok(visit(entry)))
}

/// The entry of a number, if it is still kept.
pub fn find_entry(tx: &impl Read, id: u64) -> Result<Option<Entry>, StoreError> {
    tx.find(&ENTRIES, &id.to_be_bytes())
}
