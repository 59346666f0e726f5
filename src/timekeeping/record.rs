//! The times that have passed for certain: the last one known, which is kept, and the build's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store::{Read, ReadTx, Store, StoreError, Table, WriteTx};

const KNOWN: Table<LastKnown> = Table::new("last_known_time");
const KEY: &[u8] = b"";

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct LastKnown {
    at: DateTime<Utc>,
}

/// A day on which these sources were there; raised now and then. Where a package is made, `SOURCE_DATE_EPOCH` says the day
/// of its changelog. Either way the same sources give the same bytes, which the time of the compiler's run would not.
const SOURCES: &str = "1793491200"; // 2026-11-01

/// When this program was built, or a time shortly before.
pub(super) fn built_at() -> DateTime<Utc> {
    let read = |secs: &str| DateTime::from_timestamp(secs.trim().parse().ok()?, 0);
    let sources = read(SOURCES).unwrap_or_default();
    option_env!("SOURCE_DATE_EPOCH").and_then(read).unwrap_or_default().max(sources)
}

/// The last time known, as it was kept.
pub(super) fn find_known(store: &Store) -> Result<Option<DateTime<Utc>>, StoreError> {
    store.read_now(|tx| tx.find(&KNOWN, KEY)).map(|known| known.map(|known| known.at))
}

/// Keeps the last time known.
pub(super) fn put_known(tx: &mut WriteTx, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.put(&KNOWN, KEY, &LastKnown { at })
}

/// Takes the last time known over from the database that is replaced, where it is the later one; says what it is.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at = |known: Option<LastKnown>| known.map(|known| known.at);
    let (seen, own) = (at(before.find(&KNOWN, KEY)?), at(tx.find(&KNOWN, KEY)?));
    match seen.filter(|seen| own.is_none_or(|own| own < *seen)) {
        Some(seen) => put_known(tx, seen).map(|()| Some(seen)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_know_their_time() {
        assert!(built_at() >= "2026-11-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
