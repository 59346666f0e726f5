//! The rooms that are free at what a form asks for: an event, or each of a series.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::read::changes_only;
use crate::http::IfMatch;
use crate::store::Read;
use crate::timetable::events::rules::{Scope, Target, plan_changes, plan_events};
use crate::timetable::rooms::rooms_without;
use crate::timetable::{Event, EventRequest, Room, Scene, TimetableError};

/// The rooms at the time that is typed.
pub struct Rooms {
    free: Vec<Arc<Room>>,
    /// So many would sit.
    students: usize,
}

/// Those at what a request asks for; of an event that is there, at what it would be.
pub fn rooms_at(
    tx: &impl Read,
    scene: &Scene,
    request: EventRequest,
    target: Option<(Box<Event>, Scope)>,
) -> Result<Rooms, TimetableError> {
    let (spans, leaving, cohorts) = match target {
        None => {
            let planned = plan_events(&scene.names, &request)?;
            let cohorts = planned.first().map(|draft| draft.cohorts.clone()).unwrap_or_default();
            (planned.iter().map(|draft| (draft.start, draft.end)).collect(), Vec::new(), cohorts)
        }
        Some((event, scope)) => {
            let request = changes_only(request, &event, &scene.names);
            let target = Target { id: event.id, scope, seen: IfMatch::default() };
            let planned: Vec<Event> =
                plan_changes(tx, scene, &target, &request)?.into_iter().filter_map(|(_, after)| after).collect();
            let cohorts = planned.first().map(|event| event.cohorts.clone()).unwrap_or_default();
            let spans: Vec<(DateTime<Utc>, DateTime<Utc>)> =
                planned.iter().map(|event| (event.start, event.end)).collect();
            (spans, planned.into_iter().map(|event| event.id).collect(), cohorts)
        }
    };
    let free = rooms_without(tx, scene, &spans, &leaving)?;
    Ok(Rooms { free, students: scene.names.people.count_students(&cohorts) })
}

impl Rooms {
    /// Is a room among them?
    pub fn is_free(&self, room: &Room) -> bool {
        self.free.iter().any(|free| free.id == room.id)
    }

    /// The free ones with enough seats, the smallest first; one whose seats nobody has counted may do.
    pub fn large_enough(&self) -> Vec<Arc<Room>> {
        let seats = |room: &Room| room.capacity.map_or(usize::MAX, |seats| seats as usize);
        let mut rooms: Vec<_> = self.free.iter().filter(|room| seats(room) >= self.students).cloned().collect();
        rooms.sort_by_key(|room| seats(room));
        rooms
    }
}
