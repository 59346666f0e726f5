//! What goes from an entry with time: addresses, and e-mails wherever they stand. The rest of it stays for ever.
//!
//! Entries fade in their order, in small transactions, and a number says how far that has come: none is looked at twice.
//!
//! A chain of hashes has room beside this: of each entry it would cover a commitment, the hash of a random salt and the
//! whole entry, both kept in the entry. Fading takes the salt away with what it hides, so that the commitment tells
//! nothing any more, and the chain, made of commitments, still holds.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ENTRIES, Entry};
use crate::app::App;
use crate::store::{Read, ReadTx, StoreError, Table, WriteTx};

const PROGRESS: Table<Progress> = Table::new("audit_faded");
const KEY: &[u8] = b"";
/// So many entries are looked at in one transaction.
const BATCH: usize = 200;
/// After so many entries that are not old, none is looked for further on.
const YOUNG_IN_A_ROW: usize = 1000;
/// What stands where something has faded.
pub(super) const GONE: &str = "…";
/// Fields whose text looks like an e-mail and is none.
const NO_MAILS: [&str; 2] = ["uid", "url"];

#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    through: u64,
}

/// Fades each entry that is older than the configuration says; says how many were looked at.
pub async fn fade(app: &App) -> Result<usize, StoreError> {
    let days = app.config().audit.fade_days;
    if days == 0 {
        return Ok(0);
    }
    let end = app.clock.now() - TimeDelta::days(days.into());
    let last = app.store.read(move |tx| last_old(tx, end)).await?;
    let mut all = 0;
    loop {
        let faded = app.store.write(move |tx| fade_batch(tx, last)).await?;
        all += faded;
        if faded < BATCH {
            return Ok(all);
        }
    }
}

/// The last entry that is old. Whatever was written before it is as old, though a clock that was ahead says otherwise.
fn last_old(tx: &ReadTx, end: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut last = progress(tx)?;
    let mut young = 0;
    tx.visit_from(&ENTRIES, &(last + 1).to_be_bytes(), |_, entry: Entry| {
        (last, young) = if entry.at < end { (entry.id, 0) } else { (last, young + 1) };
        Ok(young < YOUNG_IN_A_ROW)
    })?;
    Ok(last)
}

fn progress(tx: &impl Read) -> Result<u64, StoreError> {
    Ok(tx.find(&PROGRESS, KEY)?.unwrap_or_default().through)
}

fn fade_batch(tx: &mut WriteTx, last: u64) -> Result<usize, StoreError> {
    let next = tx.list_from(&ENTRIES, &(progress(tx)? + 1).to_be_bytes(), BATCH)?;
    let old: Vec<Entry> = next.into_iter().take_while(|entry| entry.id <= last).collect();
    let Some(last) = old.last().map(|entry| entry.id) else { return Ok(0) };
    let looked_at = old.len();
    for entry in old {
        let key = entry.id.to_be_bytes();
        tx.put(&ENTRIES, &key, &faded(entry))?;
    }
    tx.put(&PROGRESS, KEY, &Progress { through: last })?;
    Ok(looked_at)
}

fn faded(entry: Entry) -> Entry {
    let states = [&entry.before, &entry.after].map(|state| state.clone().map(without_mails));
    let [before, after] = states;
    Entry { ip: None, ..entry }.leaving(before, after)
}

fn without_mails(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(blanked(&text)),
        Value::Array(items) => items.into_iter().map(without_mails).collect(),
        Value::Object(fields) => {
            let kept = |key: &str| NO_MAILS.contains(&key);
            fields
                .into_iter()
                .map(|(key, value)| if kept(&key) { (key, value) } else { (key, without_mails(value)) })
                .collect()
        }
        other => other,
    }
}

/// The text with each e-mail in it gone.
fn blanked(text: &str) -> String {
    without_words(text, is_mail)
}

/// The text with those words in it gone that may be e-mails and are not wanted.
pub(super) fn without_words(text: &str, is_unwanted: impl Fn(&str) -> bool) -> String {
    let of_mail = |c: char| c.is_alphanumeric() || "@.+-_%".contains(c);
    let pieces = text.split_inclusive(|c| !of_mail(c)).map(|piece| {
        let word = piece.trim_end_matches(|c| !of_mail(c));
        match is_unwanted(word) {
            true => piece.replacen(word, GONE, 1),
            false => piece.to_owned(),
        }
    });
    pieces.collect()
}

fn is_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.trim_end_matches('.').contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_go_and_the_rest_of_a_text_stays() {
        let rows = [
            ("marie@example.org", "…"),
            ("call Marie <marie.c+x@mail.example.org>, or 06", "call Marie <…>, or 06"),
            ("a@b, at @home, x@y.z.", "a@b, at @home, …"),
            ("é@ü.fr\nnext", "…\nnext"),
            ("", ""),
        ];
        for (text, left) in rows {
            assert_eq!(blanked(text), left);
            assert_eq!(blanked(left), left, "what has faded stays so");
        }
    }

    #[test]
    fn a_uid_is_no_mail() {
        let value = serde_json::json!({"uid": "e1@site.example", "notes": ["x@y.example"], "email": null, "seats": 3});
        let left = serde_json::json!({"uid": "e1@site.example", "notes": ["…"], "email": null, "seats": 3});
        assert_eq!(without_mails(value), left);
    }
}
