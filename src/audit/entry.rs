//! One entry, and the one way to write it.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ENTRIES;
use crate::actor::Caller;
use crate::store::{StoreError, WriteTx};

/// What somebody did. Secrets never stand in `before` or `after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Grows by one.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: `user:marie`, `cli:pi`.
    pub actor: String,
    /// From which address.
    pub ip: Option<IpAddr>,
    /// What was done: `feed.approve`.
    pub action: String,
    /// To what: `feed:2a-sr`.
    pub object: String,
    /// The object before.
    pub before: Option<Value>,
    /// The object after.
    pub after: Option<Value>,
}

/// Writes an entry in the transaction of what it tells.
pub fn record(
    tx: &mut WriteTx,
    caller: &Caller,
    at: DateTime<Utc>,
    (action, object): (&str, String),
    [before, after]: [Option<Value>; 2],
) -> Result<(), StoreError> {
    let entry = |id| Entry {
        id,
        at,
        actor: caller.actor.audit_name(),
        ip: caller.ip,
        action: action.to_owned(),
        object,
        before,
        after,
    };
    tx.append(&ENTRIES, entry)?;
    Ok(())
}
