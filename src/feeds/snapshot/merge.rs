//! A fetched calendar and the snapshot before it become the snapshot after it.
//!
//! *Nothing new means nothing changes*: a component whose content is the same by the rule of `ical::content_key` keeps its
//! old text and facts, so a site that prints DTSTAMP = now and shuffles its events changes no byte. What is served stands
//! in the order of (start, UID), which does not depend on the order of the upstream.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::change::{Change, changes_between};
use super::derive::Deriver;
use super::uid::{uid_of, with_uid};
use super::{Facts, Item, Snapshot};
use crate::feeds::UidRule;
use crate::ical::{Calendar, Event, Kind, Zones, content_key, own_properties, read_event};

/// What a merge needs to know beside the two contents.
pub struct Fetch<'a> {
    /// The feed's slug: goes into the UIDs that Carillon makes.
    pub feed: &'a str,
    /// Stands behind the `@` of those UIDs.
    pub instance_id: &'a str,
    /// What is done with the upstream's UIDs.
    pub uid: UidRule,
    /// When the content was fetched.
    pub at: DateTime<Utc>,
    /// The site's time zone, for times that name none.
    pub zone: chrono_tz::Tz,
}

/// The outcome of a merge.
pub struct Merged {
    /// What is to be served.
    pub snapshot: Snapshot,
    /// What is different.
    pub changes: Vec<Change>,
    /// Nothing is new, and nothing is gone.
    pub same: bool,
}

/// A component on its way into the snapshot.
struct Draft {
    text: String,
    kind: Kind,
    key: u64,
}

/// Merges a fetched calendar into the snapshot before it.
pub fn merge(old: &Snapshot, fetched: &Calendar, fetch: &Fetch<'_>) -> Merged {
    let zones = Zones::read(fetched.zones(), fetch.zone);
    let drafts = drafts(old, fetched, fetch, &zones);
    let mut pairing = Pairing::new(old);
    let kept: Vec<Option<usize>> = drafts.iter().map(|draft| pairing.take_same(draft)).collect();
    let before: Vec<Option<usize>> =
        drafts.iter().zip(&kept).map(|(draft, kept)| kept.or_else(|| pairing.take_earlier(draft))).collect();
    let same = kept.iter().all(Option::is_some) && pairing.left() == 0;
    let items = drafts.iter().zip(kept.iter().zip(&before));
    let mut lines: Vec<_> = items
        .map(|(draft, (kept, before))| match kept.and_then(|i| pairing.item(i)) {
            Some(item) => (item.text, item.facts),
            None => (draft.text.as_str(), new_facts(draft, before.and_then(|i| pairing.item(i)), fetch.at)),
        })
        .collect();
    lines.sort_by_cached_key(|(text, facts)| place(text, facts.kind, &zones));
    let mut snapshot = Snapshot::default();
    lines.iter().for_each(|(text, facts)| snapshot.push(text, *facts));
    let pairs = drafts.iter().zip(&before).map(|(draft, before)| (draft.text.as_str(), draft.kind, *before));
    let changes = if same { Vec::new() } else { changes_between(&pairing.items, pairs, &zones) };
    Merged { snapshot, changes, same }
}

/// The fetched components with their UIDs settled, identical ones once.
fn drafts(old: &Snapshot, fetched: &Calendar, fetch: &Fetch<'_>, zones: &Zones) -> Vec<Draft> {
    let components: Vec<_> = fetched.components().collect();
    let events: Vec<&str> = components.iter().filter(|c| c.kind == Kind::Event).map(|c| c.text).collect();
    let mut uids = Deriver::new(old, fetch, zones).settle(&events).into_iter();
    let mut seen = HashSet::new();
    let settled = components.iter().map(|component| {
        let uid = (component.kind == Kind::Event).then(|| uids.next().flatten()).flatten();
        let text = uid.map_or_else(|| component.text.to_owned(), |uid| with_uid(component.text, &uid));
        Draft { key: content_key(&text), text, kind: component.kind }
    });
    settled.filter(|draft| seen.insert(draft.key)).collect()
}

fn new_facts(draft: &Draft, earlier: Option<Item<'_>>, at: DateTime<Utc>) -> Facts {
    let changes = earlier.map_or(0, |item| item.facts.changes.saturating_add(1));
    let served = earlier.map_or(0, |item| item.facts.sequence);
    let upstream = own_properties(&draft.text).find(|p| p.is("SEQUENCE")).and_then(|p| p.value.trim().parse().ok());
    let sequence = upstream.unwrap_or(0).max(changes).max(served);
    Facts { kind: draft.kind, since: at, changes, sequence }
}

/// Where a component stands: zones first, then events by (start, UID), then the rest.
fn place(text: &str, kind: Kind, zones: &Zones) -> (u8, Option<DateTime<Utc>>, String, Option<DateTime<Utc>>, u64) {
    let rank = match kind {
        Kind::Timezone => 0,
        Kind::Event => 1,
        _ => 2,
    };
    let Event { start, uid, recurrence_id, .. } = match kind {
        Kind::Event => read_event(text, zones),
        _ => Event::default(),
    };
    (rank, start, uid.unwrap_or_default().to_owned(), recurrence_id, content_key(text))
}

/// The old components, each of which is taken at most once.
struct Pairing<'a> {
    items: Vec<Item<'a>>,
    by_key: HashMap<u64, Vec<usize>>,
    by_name: HashMap<(String, String), Vec<usize>>,
    taken: HashSet<usize>,
}

impl<'a> Pairing<'a> {
    fn new(old: &'a Snapshot) -> Self {
        let items: Vec<_> = old.items().collect();
        let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for (i, item) in items.iter().enumerate().rev() {
            by_key.entry(content_key(item.text)).or_default().push(i);
            if let Some(name) = name_of(item.text, item.facts.kind) {
                by_name.entry(name).or_default().push(i);
            }
        }
        Self { items, by_key, by_name, taken: HashSet::new() }
    }

    fn item(&self, index: usize) -> Option<Item<'a>> {
        self.items.get(index).copied()
    }

    /// The old component with this very content.
    fn take_same(&mut self, draft: &Draft) -> Option<usize> {
        let index = self.by_key.get_mut(&draft.key)?.pop()?;
        self.taken.insert(index).then_some(index)
    }

    /// The old component of this name, whose content was another.
    fn take_earlier(&mut self, draft: &Draft) -> Option<usize> {
        let held = self.by_name.get_mut(&name_of(&draft.text, draft.kind)?)?;
        while let Some(index) = held.pop() {
            if self.taken.insert(index) {
                return Some(index);
            }
        }
        None
    }

    fn left(&self) -> usize {
        self.items.len() - self.taken.len()
    }
}

/// An event's name in its calendar: UID and RECURRENCE-ID (RFC 5545 3.8.4.4).
fn name_of(text: &str, kind: Kind) -> Option<(String, String)> {
    let uid = (kind == Kind::Event).then(|| uid_of(text)).flatten()?;
    let recurrence_id = own_properties(text).find(|p| p.is("RECURRENCE-ID")).map(|p| p.value).unwrap_or_default();
    Some((uid.to_owned(), recurrence_id.to_owned()))
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
