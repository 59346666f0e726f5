//! The events that hang on a room, a cohort or a teacher who is to go: they stand in the way, or go along, or do without.
//!
//! Archived ones count too: what was put away for good is not lost by a removal that nobody forced.

use super::archive::{Archived, archived_of};
use super::events::{events_of, hanging, put_archived, put_events};
use super::{Event, Names, Scene, Whose};
use crate::store::{Read, StoreError, WriteTx};

/// What hangs on something.
pub struct Hanging {
    events: Vec<Event>,
    archived: Vec<Archived>,
}

impl Hanging {
    /// What hangs on whosever timetable this is.
    pub fn of(tx: &impl Read, whose: Whose<'_>) -> Result<Self, StoreError> {
        Ok(Self { events: events_of(tx, whose, None)?, archived: archived_of(tx, whose, None)? })
    }

    /// Does nothing hang on it?
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.archived.is_empty()
    }

    /// How many events.
    pub fn count(&self) -> usize {
        self.events.len() + self.archived.len()
    }

    /// How many, and the last few by name.
    pub fn told(&self, names: &Names) -> String {
        let events = (!self.events.is_empty()).then(|| hanging(&self.events, names));
        let count = self.archived.len();
        let archived = (count > 0).then(|| format!("{count} archived event{}", if count == 1 { "" } else { "s" }));
        events.into_iter().chain(archived).collect::<Vec<_>>().join(", ")
    }

    /// Each event as it is without the thing, or gone where nothing is left of it.
    pub fn leave(
        self,
        tx: &mut WriteTx,
        scene: &Scene,
        without: impl Fn(&Event) -> Option<Event>,
    ) -> Result<(), StoreError> {
        let steps = self.events.into_iter().map(|before| (without(&before), before));
        let (left, gone): (Vec<_>, Vec<_>) = steps.partition(|(after, _)| after.is_some());
        let step = |(after, before)| (Some(before), after);
        put_events(tx, scene, "event.remove", gone.into_iter().map(step).collect())?;
        put_events(tx, scene, "event.update", left.into_iter().map(step).collect())?;
        for before in self.archived {
            let after = without(&before.event).map(|event| Archived { event, ..before.clone() });
            put_archived(tx, scene, &before, after.as_ref())?;
        }
        Ok(())
    }
}
