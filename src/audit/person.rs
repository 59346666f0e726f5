//! One person in the audit: what it holds of them, and how it forgets who they were.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::fade::{GONE, without_words};
use super::{ENTRIES, Entry};
use crate::store::{Read, StoreError, WriteTx};

/// What an entry says that was done to whoever was removed.
const REMOVAL: &str = "user.remove";
/// What the objects begin with that are tokens.
const TOKEN: &str = "token:";
/// The fields that name a user by login.
const LOGIN_FIELDS: [&str; 4] = ["login", "owner", "teacher", "user"];
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
    /// Their name, where it is nobody else's: an administrator may have called a token so.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
}

/// What they did, and what was done to them or names them, newest first, since whoever had their login before was removed.
/// Where somebody else acted from is not theirs to know, nor what others are, whom they changed.
pub fn entries_of(tx: &impl Read, login: &str) -> Result<Vec<Entry>, StoreError> {
    let name = audit_name(login);
    let of_another = Cell::new(false);
    let is_theirs = |entry: &Entry| {
        of_another.set(of_another.get() || entry.object == name && entry.action == REMOVAL);
        !of_another.get() && (entry.actor == name || entry.object == name || names_them(entry, login))
    };
    let mut entries = tx.list_newest(&ENTRIES, None, usize::MAX, is_theirs)?;
    for entry in &mut entries {
        if entry.actor != name {
            entry.ip = None;
        }
        let of_somebody = entry.object.starts_with("user:") || entry.object.starts_with(TOKEN);
        if of_somebody && entry.object != name && !names_them(entry, login) {
            (entry.before, entry.after) = (None, None);
        }
    }
    Ok(entries)
}

/// The name and the address of whoever had a login when they were removed; `None` where nobody was.
pub fn find_removed(tx: &impl Read, login: &str) -> Result<Option<[Option<String>; 2]>, StoreError> {
    let name = audit_name(login);
    let is_removal = |entry: &Entry| entry.object == name && entry.action == REMOVAL;
    let found = tx.list_newest(&ENTRIES, None, 1, is_removal)?.pop();
    Ok(found.map(|entry| PERSONAL_FIELDS.map(|field| Some(entry.before.as_ref()?.get(field)?.as_str()?.to_owned()))))
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

fn names_them(entry: &Entry, login: &str) -> bool {
    let is_token = entry.object.starts_with(TOKEN);
    let states = [&entry.before, &entry.after].into_iter().flatten();
    states.into_iter().any(|state| names(state, login) || is_token && is_called(state, login))
}

fn names(value: &Value, login: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| is_login(key, value, login) || names(value, login)),
        Value::Array(items) => items.iter().any(|item| names(item, login)),
        _ => false,
    }
}

fn is_login(key: &str, value: &Value, login: &str) -> bool {
    LOGIN_FIELDS.contains(&key) && is_text(value, login)
}

/// Is it a token that an administrator called so?
fn is_called(token: &Value, name: &str) -> bool {
    let is_of_nobody = token.get("owner").is_none_or(Value::is_null);
    is_of_nobody && token.get("name").is_some_and(|value| is_text(value, name))
}

fn is_text(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.to_lowercase() == text.to_lowercase())
}

impl Forgotten {
    fn left_of(&self, entry: Entry) -> Entry {
        let name = audit_name(&self.login);
        let put = |text: String| if text == name { audit_name(&self.husk) } else { text };
        let is_token = entry.object.starts_with(TOKEN);
        let left = |state: Value| if is_token { self.token(state) } else { self.value(state) };
        let states = [&entry.before, &entry.after].map(|state| state.clone().map(left));
        let [before, after] = states;
        Entry {
            ip: entry.ip.filter(|_| entry.actor != name),
            actor: put(entry.actor.clone()),
            object: put(entry.object.clone()),
            ..entry
        }
        .leaving(before, after)
    }

    /// A token's name says who they were where it is their login, or theirs.
    fn token(&self, token: Value) -> Value {
        let name = match &self.name {
            _ if is_called(&token, &self.login) => Some(self.husk.as_str()),
            Some(name) if is_called(&token, name) => Some(GONE),
            _ => None,
        };
        let mut left = self.value(token);
        if let (Some(name), Some(field)) = (name, left.get_mut("name")) {
            *field = Value::from(name);
        }
        left
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.fields(fields)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::String(text) => Value::String(match self.email.as_ref().map(|email| email.to_lowercase()) {
                Some(email) => without_words(&text, |word| word.trim_end_matches('.').to_lowercase() == email),
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

    fn marie() -> Forgotten {
        Forgotten {
            login: "marie".into(),
            husk: "erased-x".into(),
            name: Some("Marie C.".into()),
            email: Some("M@x.org".into()),
        }
    }

    #[test]
    fn nothing_of_who_they_were_is_left_and_all_of_what_was_done() {
        let rows = [
            (
                json!({"login": "marie", "name": "Marie Old", "email": "old@x.org", "roles": ["teacher"]}),
                json!({"login": "erased-x", "name": "…", "email": "…", "roles": ["teacher"]}),
            ),
            (json!({"name": "Her phone", "owner": "marie"}), json!({"name": "…", "owner": "erased-x"})),
            (
                json!({"subject": "marie", "teacher": "marie", "notes": "ask m@X.org, not sam@x.org"}),
                json!({"subject": "marie", "teacher": "erased-x", "notes": "ask …, not sam@x.org"}),
            ),
            (json!([{"by": "Marie C."}, 3]), json!([{"by": "Marie C."}, 3])),
            (json!({"login": "mariel", "name": "M"}), json!({"login": "mariel", "name": "M"})),
            (json!({"slug": "marie", "name": "Marie"}), json!({"slug": "marie", "name": "Marie"})),
        ];
        for (value, left) in rows {
            assert_eq!(marie().value(value), left);
        }
    }

    #[test]
    fn a_tokens_name_is_theirs_where_an_administrator_called_it_so() {
        let rows = [
            (json!({"name": "Marie", "owner": null}), json!({"name": "erased-x", "owner": null})),
            (json!({"name": "marie c.", "owner": null}), json!({"name": "…", "owner": null})),
            (json!({"name": "marie", "owner": "teo"}), json!({"name": "marie", "owner": "teo"})),
        ];
        for (token, left) in rows {
            assert_eq!(marie().token(token), left);
        }
    }
}
