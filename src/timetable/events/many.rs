//! What an import needs: the events that a row may mean already, and many events in one transaction.

use super::record::{Draft, Event};
use super::rules::{Conflicts, apply, insert_events};
use crate::store::{Read, StoreError, WriteTx};
use crate::timetable::archive::{Archived, find_archived};
use crate::timetable::tables::{Shelf, find_event, visit_places};
use crate::timetable::{Scene, TimetableError, Whose};

/// The events that a draft may be already: of one of its cohorts, with its subject, kind, start and end. A draft without
/// a cohort may be an event without one.
pub fn list_same(tx: &impl Read, draft: &Draft) -> Result<Vec<Event>, StoreError> {
    let whose = draft.cohorts.iter().map(|id| Whose::Cohort(id)).chain(draft.cohorts.is_empty().then_some(Whose::All));
    let mut found: Vec<Event> = Vec::new();
    for whose in whose {
        for id in ids_at(tx, (Shelf::Timetable, whose), draft)? {
            let known = found.iter().any(|event| event.id == id);
            let event = if known { None } else { find_event(tx, &id)? };
            found.extend(event.filter(|event| is_same(draft, event)));
        }
    }
    Ok(found)
}

/// The same among archived events, each of which has a cohort.
pub fn find_same_archived(tx: &impl Read, draft: &Draft) -> Result<Option<Archived>, StoreError> {
    for whose in draft.cohorts.iter().map(|id| Whose::Cohort(id)) {
        for id in ids_at(tx, (Shelf::Archive, whose), draft)? {
            let found = find_archived(tx, &id)?.filter(|archived| is_same(draft, &archived.event));
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// What stands in a timetable from the start of a draft to its end, no more and no less.
fn ids_at(tx: &impl Read, whose: (Shelf, Whose<'_>), draft: &Draft) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    visit_places(tx, whose, (draft.start, ""), |place| {
        let begins = place.start == draft.start;
        ids.extend((begins && place.end == draft.end).then_some(place.id));
        begins
    })?;
    Ok(ids)
}

fn is_same(draft: &Draft, event: &Event) -> bool {
    (event.start, event.end) == (draft.start, draft.end)
        && (&event.subject, &event.kind) == (&draft.subject, &draft.kind)
        && event.cohorts.is_empty() == draft.cohorts.is_empty()
}

/// Makes these events in somebody else's transaction, which must be given up where this fails. What clashes is for the
/// caller to look for, when all of them stand.
pub fn insert_many(tx: &mut WriteTx, scene: &Scene, drafts: Vec<Draft>) -> Result<Vec<Event>, TimetableError> {
    insert_events(tx, scene, (drafts, None), Conflicts::Allowed)
}

/// Brings these events from the one state to the other, likewise. What an event does by itself when it changes
/// (sequence, times of the change) is done here.
pub fn update_many(
    tx: &mut WriteTx,
    scene: &Scene,
    changes: Vec<(Event, Event)>,
) -> Result<Vec<Event>, TimetableError> {
    let steps = changes.into_iter().map(|(before, after)| (Some(before), Some(after))).collect();
    let steps = apply(tx, scene, ("event.update", steps), Conflicts::Allowed)?;
    Ok(steps.into_iter().filter_map(|(_, after)| after).collect())
}
