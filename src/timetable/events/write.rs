//! The one way in which events are written: records and places, audit, versions, and where the last change is told.
//! Of an archived one there is no version and no last change: nobody sees it, and nobody takes back what became of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::record::Event;
use crate::audit;
use crate::store::{StoreError, WriteTx};
use crate::timetable::archive::{Archived, replace_archived};
use crate::timetable::tables::{LAST_CHANGES, LastChange, replace_event};
use crate::timetable::{Scene, topics};

/// The state of an event before and after a change; none where it was not there.
pub type Step = (Option<Event>, Option<Event>);

/// Writes some changes as one operation. What each event does by itself when it changes, is done here; a step that
/// changes nothing is left out. The states that were written come back.
pub fn put_events(tx: &mut WriteTx, scene: &Scene, action: &str, steps: Vec<Step>) -> Result<Vec<Step>, StoreError> {
    let steps: Vec<Step> =
        steps.into_iter().filter(|(before, after)| before != after).map(|step| stamped(step, scene)).collect();
    let first = audit::newest_id(tx)? + 1;
    for (before, after) in &steps {
        replace_event(tx, before.as_ref(), after.as_ref())?;
        note(tx, scene, action, [before.as_ref(), after.as_ref()])?;
    }
    let last = audit::newest_id(tx)?;
    let whole = are_one_series(&steps);
    for (entry, step) in (first..).zip(&steps) {
        if let Some(event) = either(step) {
            let operation = if whole { (first, last) } else { (entry, entry) };
            tx.put(&LAST_CHANGES, event.id.as_bytes(), &LastChange { entry, operation })?;
        }
    }
    topics::touch(tx, steps.iter().flat_map(|(before, after)| before.iter().chain(after)), scene.steady)?;
    Ok(steps)
}

/// Writes what becomes of an archived event; it is not stamped, and comes back as it is here.
pub fn put_archived(
    tx: &mut WriteTx,
    scene: &Scene,
    before: &Archived,
    after: Option<&Archived>,
) -> Result<(), StoreError> {
    replace_archived(tx, Some(before), after)?;
    let action = if after.is_some() { "event.update" } else { "event.remove" };
    note(tx, scene, action, [Some(&before.event), after.map(|after| &after.event)])
}

fn stamped((before, after): Step, scene: &Scene) -> Step {
    let after = match (&before, after) {
        (Some(before), Some(after)) => Some(after.stamped(before, scene.now)),
        (_, after) => after,
    };
    (before, after)
}

/// What was done to a series is taken back as a whole; of an import, or of what a room's removal did, each event by itself.
fn are_one_series(steps: &[Step]) -> bool {
    let mut series = steps.iter().map(|step| either(step).and_then(|event| event.series.as_deref()));
    let first = series.next().flatten();
    first.is_some() && series.all(|other| other == first)
}

/// The event that a step is of.
pub fn either((before, after): &Step) -> Option<&Event> {
    after.as_ref().or(before.as_ref())
}

fn note(tx: &mut WriteTx, scene: &Scene, action: &str, states: [Option<&Event>; 2]) -> Result<(), StoreError> {
    let id = states.iter().flatten().next().map(|event| event.id.as_str()).unwrap_or_default();
    let object = format!("event:{id}");
    let shown = states.map(|state| state.map(|event| shown_in_audit(event, scene)));
    audit::record(tx, &scene.caller, scene.now, (action, object), shown)
}

/// The record itself, which is what an undo goes back to, and what its ids were called at that time.
fn shown_in_audit(event: &Event, scene: &Scene) -> Value {
    let names = &scene.names;
    let called: BTreeMap<_, _> =
        event.cohorts.iter().filter_map(|id| Some((id, &names.cohorts.by_id(id)?.slug))).collect();
    let room = event.room.as_deref().and_then(|id| names.room(id));
    let mut shown = serde_json::to_value(event).unwrap_or_default();
    if let Value::Object(fields) = &mut shown {
        fields.insert("names".to_owned(), json!({"room": room, "cohorts": called}));
    }
    shown
}
