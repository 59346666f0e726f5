//! Who did what, when, from where. Append-only: an entry is written in the transaction of what it tells, and there is
//! no way to change one. With time addresses and e-mails fade from it, and a person who is erased is forgotten in it.

mod api;
pub mod commands;
mod entry;
mod export;
mod fade;
mod person;

pub use api::{AuditEntryResponse, routes};
pub use entry::{Entry, record};
pub use fade::fade;
pub use person::{Forgotten, entries_of, forget};

use crate::store::Table;

pub(crate) const ENTRIES: Table<Entry> = Table::new("audit");
