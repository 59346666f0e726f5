//! Which components of a selection are shown: what several feeds have in common once, what has long passed not at all.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::select::{Part, Selection};
use crate::feeds::{Item, told_apart};
use crate::ical::{Budget, Event, Kind, Zones, content_key, occurrences, read_event};

/// An event that ended so long ago is not shown; our own neither.
pub const SHOWN_AFTER_END: TimeDelta = TimeDelta::days(400);
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

/// Events by UID and RECURRENCE-ID, which is what an event is called in its calendar; with their texts.
type Names<'a> = HashMap<(&'a str, Option<DateTime<Utc>>), &'a str>;

/// The components to show, in order.
pub fn distinct(selection: &Selection) -> Vec<Shown<'_>> {
    // No event of our own is told apart from a feed's: its UID never changes.
    let mut earlier: Names<'_> = selection.own.iter().map(|own| ((own.uid.as_str(), None), "")).collect();
    let mut others = HashSet::new();
    let mut shown = Vec::new();
    let horizon = selection.as_of - SHOWN_AFTER_END;
    for part in &selection.parts {
        let zones = zones_of(part, selection.zone);
        let items: Vec<_> = part.snapshot.items().filter(|item| item.facts.kind != Kind::Timezone).collect();
        let events: Vec<_> = items.iter().map(|item| event_of(item, &zones)).collect();
        let kept = lasting(&events, &zones, horizon);
        let clashing = clashing(&items, &events, &earlier);
        let mut own = Names::new();
        for (item, event) in items.into_iter().zip(&events) {
            let Some(uid) = event.uid.filter(|_| item.facts.kind == Kind::Event) else {
                if others.insert(item.text) {
                    shown.push(Shown { part, item, uid: None });
                }
                continue;
            };
            let name = (uid, event.recurrence_id);
            let apart = clashing.contains(uid);
            let repeated = !apart && earlier.get(&name).is_some_and(|text| same_content(text, item.text));
            if !kept.contains(uid) || repeated {
                continue;
            }
            own.insert(name, item.text);
            shown.push(Shown { part, item, uid: apart.then(|| told_apart(uid, part.feed.slug.as_str())) });
        }
        for (name, text) in own {
            earlier.entry(name).or_insert(text);
        }
    }
    shown
}

/// The same by the rule of *nothing new*. Asked of events of one name only, which are few.
fn same_content(one: &str, other: &str) -> bool {
    content_key(one) == content_key(other)
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
fn clashing<'a>(items: &[Item<'a>], events: &[Event<'a>], earlier: &Names<'_>) -> HashSet<&'a str> {
    let pairs = items.iter().zip(events);
    let differing = pairs.filter_map(|(item, event)| {
        let uid = event.uid?;
        let text = earlier.get(&(uid, event.recurrence_id))?;
        (!same_content(text, item.text)).then_some(uid)
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
