//! What of a feed takes place in one room.
//!
//! A series that has the room keeps each of its exceptions, which say themselves where they are; of one that takes place
//! elsewhere only the exceptions that were moved here are shown.

use std::collections::HashSet;

use crate::feeds::{Item, Snapshot, uid_of};
use crate::ical::{Kind, own_properties, unescape};

/// The zones of a snapshot, and its events whose location is the room's.
pub fn of_room(snapshot: &Snapshot, is_there: impl Fn(&str) -> bool) -> Snapshot {
    let is_there = |item: &Item<'_>| {
        let location = own_properties(item.text).find(|property| property.is("LOCATION"));
        location.is_some_and(|location| is_there(&unescape(location.value)))
    };
    let whole: HashSet<_> = snapshot
        .of_kind(Kind::Event)
        .filter(|item| !is_exception(item) && is_there(item))
        .filter_map(|item| uid_of(item.text))
        .collect();
    let mut of_room = Snapshot::default();
    for item in snapshot.items() {
        let kept = match item.facts.kind {
            Kind::Timezone => true,
            Kind::Event => uid_of(item.text).is_some_and(|uid| whole.contains(uid)) || is_there(&item),
            _ => false,
        };
        if kept {
            of_room.push(item.text, item.facts);
        }
    }
    of_room
}

fn is_exception(item: &Item<'_>) -> bool {
    own_properties(item.text).any(|property| property.is("RECURRENCE-ID"))
}
