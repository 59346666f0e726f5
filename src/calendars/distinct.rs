//! Which components of a selection are shown: what several feeds have in common once, what has long passed not at all.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::select::{Part, Selection};
use crate::feeds::{Item, told_apart};
use crate::ical::{Budget, Event, Kind, Zones, content_key, occurrences, read_event};

/// An event that ended so long ago is not shown.
const SHOWN_AFTER_END: TimeDelta = TimeDelta::days(400);
/// How far a rule is looked at for an occurrence that is still to be shown, and how many steps that may take.
const FAR: TimeDelta = TimeDelta::days(20 * 366);
const BUDGET: u32 = 500_000;

/// A component that is shown.
pub struct Shown<'a> {
    /// The feed that it is of.
    pub part: &'a Part,
    /// The component.
    pub item: Item<'a>,
    /// The UID to write in place of its own, where another feed has the same for something else.
    pub uid: Option<String>,
}

/// UID and RECURRENCE-ID: what an event is called in its calendar.
type Name<'a> = (&'a str, Option<DateTime<Utc>>);

/// The components to show, in order.
pub fn distinct(selection: &Selection) -> Vec<Shown<'_>> {
    let mut seen: HashMap<Name<'_>, u64> = HashMap::new();
    let mut others = HashSet::new();
    let mut shown = Vec::new();
    let horizon = selection.as_of - SHOWN_AFTER_END;
    for part in &selection.parts {
        let zones = zones_of(part, selection.zone);
        let items: Vec<_> = part.snapshot.items().filter(|item| item.facts.kind != Kind::Timezone).collect();
        let events: Vec<_> = items.iter().map(|item| event_of(item, &zones)).collect();
        let kept = lasting(&events, &zones, horizon);
        let clashing = clashing(&items, &events, &seen);
        let mut own = HashMap::new();
        for (item, event) in items.into_iter().zip(&events) {
            let Some(uid) = event.uid.filter(|_| item.facts.kind == Kind::Event) else {
                if others.insert(content_key(item.text)) {
                    shown.push(Shown { part, item, uid: None });
                }
                continue;
            };
            let (name, key) = ((uid, event.recurrence_id), content_key(item.text));
            let repeated = seen.get(&name) == Some(&key) || own.get(&name) == Some(&key);
            let apart = clashing.contains(uid);
            if !kept.contains(uid) || (repeated && !apart) {
                continue;
            }
            own.insert(name, key);
            shown.push(Shown { part, item, uid: apart.then(|| told_apart(uid, part.feed.slug.as_str())) });
        }
        for (name, key) in own {
            seen.entry(name).or_insert(key);
        }
    }
    shown
}

/// The zones that a feed defines.
pub fn zones_of(part: &Part, site: chrono_tz::Tz) -> Zones {
    Zones::read(part.snapshot.of_kind(Kind::Timezone).map(|item| item.text), site)
}

fn event_of<'a>(item: &Item<'a>, zones: &Zones) -> Event<'a> {
    match item.facts.kind {
        Kind::Event => read_event(item.text, zones),
        _ => Event::default(),
    }
}

/// UIDs that an earlier feed uses for another content.
fn clashing<'a>(items: &[Item<'a>], events: &[Event<'a>], seen: &HashMap<Name<'_>, u64>) -> HashSet<&'a str> {
    let pairs = items.iter().zip(events);
    let differing = pairs.filter_map(|(item, event)| {
        let uid = event.uid?;
        let earlier = seen.get(&(uid, event.recurrence_id))?;
        (*earlier != content_key(item.text)).then_some(uid)
    });
    differing.collect()
}

/// UIDs of which something ends after the horizon. A series stays whole: an override without its series, or a series
/// without its override, would show what never was.
fn lasting<'a>(events: &[Event<'a>], zones: &Zones, horizon: DateTime<Utc>) -> HashSet<&'a str> {
    let mut budget = Budget::new(BUDGET);
    let lasts = |event: &&Event<'a>| {
        let ended = event.end.is_some_and(|end| end <= horizon);
        !ended || (event.is_recurring() && goes_on(event, zones, horizon, &mut budget))
    };
    events.iter().filter(lasts).filter_map(|event| event.uid).collect()
}

fn goes_on(event: &Event<'_>, zones: &Zones, horizon: DateTime<Utc>, budget: &mut Budget) -> bool {
    !occurrences(std::slice::from_ref(event), zones, horizon, horizon + FAR, 1, budget).is_empty()
}
