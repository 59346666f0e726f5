//! What an import needs: the event that a row may mean already, and many events in one transaction.

use super::events_of;
use super::record::{Draft, Event};
use super::rules::{Conflicts, apply, insert_events};
use crate::store::{Read, StoreError, WriteTx};
use crate::timetable::archive::{Archived, archived_of};
use crate::timetable::{Scene, Timetable, TimetableError, Whose};

/// The event that a draft is already: of one of its cohorts, with its subject, kind, start and end. A draft without a
/// cohort is the same as an event without one.
pub fn find_same(tx: &impl Read, draft: &Draft) -> Result<Option<Event>, StoreError> {
    let is_same = |event: &Event| is_same(draft, event);
    let whose = draft.cohorts.iter().map(|id| Whose::Cohort(id)).chain(draft.cohorts.is_empty().then_some(Whose::All));
    for whose in whose {
        let found = events_of(tx, whose, Some((draft.start, draft.end)))?.into_iter().find(is_same);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The same among archived events, each of which has a cohort.
pub fn find_same_archived(tx: &impl Read, draft: &Draft) -> Result<Option<Archived>, StoreError> {
    for whose in draft.cohorts.iter().map(|id| Whose::Cohort(id)) {
        let there = archived_of(tx, whose, Some((draft.start, draft.end)))?;
        let found = there.into_iter().find(|archived| is_same(draft, &archived.event));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn is_same(draft: &Draft, event: &Event) -> bool {
    (event.start, event.end) == (draft.start, draft.end)
        && (&event.subject, &event.kind) == (&draft.subject, &draft.kind)
        && event.cohorts.is_empty() == draft.cohorts.is_empty()
}

impl Timetable {
    /// Makes these events in somebody else's transaction: all of them, or an error and the transaction must be given up.
    pub fn insert_many(
        &self,
        tx: &mut WriteTx,
        scene: &Scene,
        drafts: Vec<Draft>,
        conflicts: Conflicts,
    ) -> Result<Vec<Event>, TimetableError> {
        insert_events(tx, scene, (drafts, None), conflicts)
    }

    /// Brings these events from the one state to the other, likewise. What an event does by itself when it changes
    /// (sequence, times of the change) is done here.
    pub fn update_many(
        &self,
        tx: &mut WriteTx,
        scene: &Scene,
        changes: Vec<(Event, Event)>,
        conflicts: Conflicts,
    ) -> Result<Vec<Event>, TimetableError> {
        let steps = changes.into_iter().map(|(before, after)| (Some(before), Some(after))).collect();
        let steps = apply(tx, scene, ("event.update", steps), conflicts)?;
        Ok(steps.into_iter().filter_map(|(_, after)| after).collect())
    }
}
