//! One person in the audit: what it holds of them, and how it forgets who they were.

use serde_json::{Map, Value};

use super::fade::GONE;
use super::{ENTRIES, Entry};
use crate::store::{Read, StoreError, WriteTx};

/// The fields that name a user by login.
const LOGIN_FIELDS: [&str; 5] = ["login", "owner", "teacher", "user", "name"];
/// The fields that say more of the user whom an object is about.
const PERSONAL_FIELDS: [&str; 2] = ["name", "email"];
/// So many entries are held in memory at once.
const BATCH: usize = 500;

/// Somebody who is to be forgotten.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// Their login.
    pub login: String,
    /// The login that stands in its place from now on.
    pub husk: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
}

/// What they did, and what was done to them or names them, newest first. Where somebody else acted from is not theirs to
/// know.
pub fn entries_of(tx: &impl Read, login: &str) -> Result<Vec<Entry>, StoreError> {
    let name = audit_name(login);
    let is_theirs = |entry: &Entry| {
        let states = [&entry.before, &entry.after];
        entry.actor == name || entry.object == name || states.into_iter().flatten().any(|state| names(state, login))
    };
    let mut entries = tx.list_newest(&ENTRIES, None, usize::MAX, is_theirs)?;
    entries.iter_mut().filter(|entry| entry.actor != name).for_each(|entry| entry.ip = None);
    Ok(entries)
}

/// Takes who they were out of each entry; what was done stays, by somebody without a name. Says how many have changed.
pub fn forget(tx: &mut WriteTx, person: &Forgotten) -> Result<usize, StoreError> {
    let (mut next, mut changed) = (0_u64, 0);
    loop {
        let batch = tx.list_from(&ENTRIES, &next.to_be_bytes(), BATCH)?;
        let Some(last) = batch.last().map(|entry| entry.id) else { return Ok(changed) };
        for entry in batch {
            let key = entry.id.to_be_bytes();
            let forgotten = person.left_of(entry.clone());
            if forgotten != entry {
                tx.put(&ENTRIES, &key, &forgotten)?;
                changed += 1;
            }
        }
        next = last + 1;
    }
}

fn audit_name(login: &str) -> String {
    format!("user:{login}")
}

fn names(value: &Value, login: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| is_login(key, value, login) || names(value, login)),
        Value::Array(items) => items.iter().any(|item| names(item, login)),
        _ => false,
    }
}

fn is_login(key: &str, value: &Value, login: &str) -> bool {
    LOGIN_FIELDS.contains(&key) && value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(login))
}

impl Forgotten {
    fn left_of(&self, entry: Entry) -> Entry {
        let name = audit_name(&self.login);
        let put = |text: String| if text == name { audit_name(&self.husk) } else { text };
        Entry {
            ip: entry.ip.filter(|_| entry.actor != name),
            actor: put(entry.actor),
            object: put(entry.object),
            before: entry.before.map(|state| self.value(state)),
            after: entry.after.map(|state| self.value(state)),
            ..entry
        }
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.fields(fields)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::String(text) if text == self.name => Value::from(GONE),
            Value::String(text) => Value::String(match &self.email {
                Some(email) => text.replace(email.as_str(), GONE),
                None => text,
            }),
            other => other,
        }
    }

    fn fields(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let theirs =
            ["login", "owner"].iter().any(|key| fields.get(*key).is_some_and(|v| is_login(key, v, &self.login)));
        let field = |(key, value): (String, Value)| match value {
            value if is_login(&key, &value, &self.login) => (key, Value::from(self.husk.as_str())),
            Value::String(_) if theirs && PERSONAL_FIELDS.contains(&key.as_str()) => (key, Value::from(GONE)),
            value => (key, self.value(value)),
        };
        fields.into_iter().map(field).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_who_they_were_is_left_and_all_of_what_was_done() {
        let marie = Forgotten {
            login: "marie".into(),
            husk: "erased-x".into(),
            name: "Marie C.".into(),
            email: Some("m@x.org".into()),
        };
        let rows = [
            (
                json!({"login": "marie", "name": "Marie Old", "email": "old@x.org", "roles": ["teacher"]}),
                json!({"login": "erased-x", "name": "…", "email": "…", "roles": ["teacher"]}),
            ),
            (json!({"name": "Her phone", "owner": "marie"}), json!({"name": "…", "owner": "erased-x"})),
            (json!({"name": "Marie", "owner": null}), json!({"name": "erased-x", "owner": null})),
            (
                json!({"subject": "marie", "teacher": "marie", "notes": "ask m@x.org"}),
                json!({"subject": "marie", "teacher": "erased-x", "notes": "ask …"}),
            ),
            (json!([{"by": "Marie C."}, 3]), json!([{"by": "…"}, 3])),
            (json!({"login": "mariel", "name": "M"}), json!({"login": "mariel", "name": "M"})),
        ];
        for (value, left) in rows {
            assert_eq!(marie.value(value), left);
        }
    }
}
