//! A snapshot: the last good content of a feed, component by component, as it was fetched.
//!
//! One text, and of each component where it stands, which fetch brought it, and how often it has changed. Kept in the
//! database as one compressed value: a day's changes of a school are a few kilobytes of flash.

mod change;
mod derive;
mod guard;
mod merge;
mod uid;

use std::io::{Read, Write};
use std::ops::Range;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

pub use change::{Change, ChangeKind};
pub use guard::Coming;
pub use merge::{Fetch, Merged, merge};
pub use uid::{event_id, told_apart, uid_of};

use crate::ical::Kind;

/// The components of a feed, in the order in which they are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    text: String,
    items: Vec<(Range<usize>, Facts)>,
}

/// What Carillon knows of a component beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What sort of component.
    #[serde(with = "kind_letter")]
    pub kind: Kind,
    /// The fetch that brought its present content.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub since: DateTime<Utc>,
    /// How often its content has changed.
    pub changes: u32,
    /// What is served as SEQUENCE; never goes back.
    pub sequence: u32,
}

/// One component of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Its logical lines, from BEGIN to END.
    pub text: &'a str,
    /// What is known of it.
    pub facts: Facts,
}

impl Snapshot {
    /// Adds a component at the end.
    pub fn push(&mut self, text: &str, facts: Facts) {
        let start = self.text.len();
        self.text.push_str(text);
        self.items.push((start..self.text.len(), facts));
    }

    /// Each component.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.items.iter().map(|(range, facts)| {
            let text = self.text.get(range.clone()).unwrap_or_default();
            Item { text, facts: *facts }
        })
    }

    /// Each component of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = Item<'_>> {
        self.items().filter(move |item| item.facts.kind == kind)
    }

    /// How many events.
    pub fn count_events(&self) -> usize {
        self.of_kind(Kind::Event).count()
    }

    /// As the database holds it: the length of the head, the head (JSON), the text; all deflated.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let head: Vec<_> = self.items.iter().map(|(range, facts)| (range.len(), facts)).collect();
        let head = serde_json::to_vec(&head)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&(head.len() as u64).to_be_bytes())?;
        encoder.write_all(&head)?;
        encoder.write_all(self.text.as_bytes())?;
        encoder.finish()
    }

    /// Reads [`Snapshot::to_bytes`] back.
    pub fn from_bytes(bytes: &[u8]) -> std::io::Result<Self> {
        let mut decoder = DeflateDecoder::new(bytes);
        let mut length = [0; 8];
        decoder.read_exact(&mut length)?;
        let mut head = Vec::new();
        decoder.by_ref().take(u64::from_be_bytes(length)).read_to_end(&mut head)?;
        let head: Vec<(usize, Facts)> = serde_json::from_slice(&head)?;
        let mut text = String::new();
        decoder.read_to_string(&mut text)?;
        let mut start = 0;
        let items = head.into_iter().map(|(length, facts)| {
            start += length;
            (start - length..start, facts)
        });
        Ok(Self { items: items.collect(), text })
    }
}

/// A kind as one letter: there are as many of them as events.
mod kind_letter {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::ical::Kind;

    const LETTERS: [(Kind, char); 6] = [
        (Kind::Event, 'e'),
        (Kind::Timezone, 'z'),
        (Kind::Todo, 't'),
        (Kind::Journal, 'j'),
        (Kind::FreeBusy, 'f'),
        (Kind::Other, 'o'),
    ];

    pub fn serialize<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
        let letter = LETTERS.iter().find(|(known, _)| known == kind).map_or('o', |(_, letter)| *letter);
        serializer.serialize_char(letter)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        let letter = char::deserialize(deserializer)?;
        Ok(LETTERS.iter().find(|(_, known)| *known == letter).map_or(Kind::Other, |(kind, _)| *kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_reads_back() {
        let mut snapshot = Snapshot::default();
        let since = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        snapshot.push("BEGIN:VEVENT\nEND:VEVENT\n", Facts { kind: Kind::Event, since, changes: 2, sequence: 7 });
        snapshot.push("BEGIN:VTODO\nEND:VTODO\n", Facts { kind: Kind::Todo, since, changes: 0, sequence: 0 });
        let again = Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap();
        assert_eq!(again, snapshot);
        assert_eq!(again.count_events(), 1);
    }

    #[test]
    fn a_damaged_value_is_an_error() {
        assert!(Snapshot::from_bytes(b"\x00rubbish").is_err());
    }
}
