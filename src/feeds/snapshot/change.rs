//! What is different between two snapshots, as students and administrators read it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Item;
use crate::ical::{Event, Kind, Zones, read_event};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What sort.
    pub kind: ChangeKind,
    /// The event's UID.
    pub uid: String,
    /// Its subject, as it is now, or as it was before it went.
    pub summary: String,
    /// When it is now, or was before it went.
    pub start: Option<DateTime<Utc>>,
    /// What it was: a time, a room, a title.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What sort of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// There is a new event.
    Added,
    /// An event is gone.
    Removed,
    /// It is at another time.
    Moved,
    /// It is in another room.
    Room,
    /// It has another title.
    Title,
}

/// Each difference between the old components and the new ones, each of which names the old one that it was.
pub fn changes_between<'a>(
    old: &[Item<'_>],
    new: impl Iterator<Item = (&'a str, Kind, Option<usize>)>,
    zones: &Zones,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut found = vec![false; old.len()];
    for (text, kind, before) in new {
        if let Some(found) = before.and_then(|i| found.get_mut(i)) {
            *found = true;
        }
        if kind != Kind::Event {
            continue;
        }
        let event = read_event(text, zones);
        match before.and_then(|i| old.get(i)) {
            None => changes.push(whole(ChangeKind::Added, &event)),
            Some(item) if item.text == text => {}
            Some(item) => changes.extend(differences(&read_event(item.text, zones), &event)),
        }
    }
    let gone = old.iter().zip(found).filter(|(item, found)| !found && item.facts.kind == Kind::Event);
    changes.extend(gone.map(|(item, _)| whole(ChangeKind::Removed, &read_event(item.text, zones))));
    changes
}

fn whole(kind: ChangeKind, event: &Event<'_>) -> Change {
    Change {
        kind,
        uid: event.uid.unwrap_or_default().to_owned(),
        summary: event.summary.to_string(),
        start: event.start,
        before: None,
        after: None,
    }
}

fn differences(old: &Event<'_>, new: &Event<'_>) -> Vec<Change> {
    let pairs = [
        (ChangeKind::Moved, times(old), times(new)),
        (ChangeKind::Room, old.location.to_string(), new.location.to_string()),
        (ChangeKind::Title, old.summary.to_string(), new.summary.to_string()),
    ];
    let differing = pairs.into_iter().filter(|(_, before, after)| before != after);
    differing
        .map(|(kind, before, after)| Change { before: Some(before), after: Some(after), ..whole(kind, new) })
        .collect()
}

/// Start and end, as ISO 8601 writes an interval.
fn times(event: &Event<'_>) -> String {
    let text = |at: Option<DateTime<Utc>>| {
        at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
    };
    format!("{}/{}", text(event.start), text(event.end))
}
