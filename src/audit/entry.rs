//! One entry, and the one way to write it.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ENTRIES;
use super::fade::GONE;
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
    /// Something is gone from the two by now: they are no state to go back to.
    #[serde(default)]
    pub blanked: bool,
}

impl Entry {
    /// The same with other states, which may say less than before.
    pub(super) fn leaving(self, before: Option<Value>, after: Option<Value>) -> Self {
        let gaps = |states: [&Option<Value>; 2]| states.into_iter().flatten().map(gaps_in).sum::<usize>();
        let blanked = self.blanked || gaps([&before, &after]) > gaps([&self.before, &self.after]);
        Self { before, after, blanked, ..self }
    }
}

fn gaps_in(value: &Value) -> usize {
    match value {
        Value::String(text) => text.matches(GONE).count(),
        Value::Array(items) => items.iter().map(gaps_in).sum(),
        Value::Object(fields) => fields.values().map(gaps_in).sum(),
        _ => 0,
    }
}

/// Writes an entry in the transaction of what it tells. Refused where the caller may not do it any more, which gives the
/// whole transaction up.
pub fn record(
    tx: &mut WriteTx,
    caller: &Caller,
    at: DateTime<Utc>,
    (action, object): (&str, String),
    [before, after]: [Option<Value>; 2],
) -> Result<(), StoreError> {
    caller.must_stand()?;
    let entry = |id| Entry {
        id,
        at,
        actor: caller.actor.audit_name(),
        ip: caller.ip,
        action: action.to_owned(),
        object,
        before,
        after,
        blanked: false,
    };
    tx.append(&ENTRIES, entry)?;
    Ok(())
}
