//! Who did what, when, from where. Append-only: an entry is written in the transaction of what it tells, and there is
//! no way to change one.

mod api;
mod entry;

pub use api::routes;
pub use entry::{Entry, record};

use crate::store::Table;

pub(crate) const ENTRIES: Table<Entry> = Table::new("audit");
