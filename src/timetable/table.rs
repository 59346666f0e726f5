//! The table of events: its columns, and the row of an event of our own. What goes out by it comes in by it.

use super::{Event, Names, Status};
use crate::clock::local;

/// The columns.
pub const TABLE_HEADER: [&str; 10] =
    ["event_id", "start", "end", "matiere", "type_cours", "infos_sup", "classroom", "teacher", "promo", "source"];

/// A row: what goes in again makes the same event. `cohort_ids` are those of the event's that are
/// named; `cancelled` stands before the subject of an event that is.
pub fn table_row(event: &Event, cohort_ids: &[String], names: &Names, cancelled: &str) -> [String; 10] {
    let before = if event.status == Status::Cancelled { cancelled } else { "" };
    [
        event.id.clone(),
        local(event.start, names.zone),
        local(event.end, names.zone),
        format!("{before}{}", event.subject),
        event.kind.clone(),
        event.notes.clone(),
        event.room.as_deref().and_then(|id| names.room(id)).unwrap_or_default(),
        event.teacher.clone().unwrap_or_default(),
        names.cohorts.slugs(cohort_ids).join(";"),
        String::new(),
    ]
}
