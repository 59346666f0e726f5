//! What is in the way of each row of a file, told by its number, as far as anybody reads it.

use std::collections::HashMap;

use super::{Conflict, find_conflicts};
use crate::error::FieldError;
use crate::store::{Read, StoreError};
use crate::timetable::Scene;
use crate::timetable::events::Event;

/// So many clashes are told: each costs a search, and nobody reads more.
const TOLD_AT_MOST: usize = 200;
/// Of one row so many.
const OF_A_ROW: usize = 3;

/// An event that a row has made or changed, and that stands in the database.
pub struct ChangedRow<'e> {
    /// As the spreadsheet counts.
    pub row: u32,
    /// How it was.
    pub before: Option<&'e Event>,
    /// How it is.
    pub after: &'e Event,
}

/// What stands in the way of some rows.
#[derive(Default)]
pub struct RowClashes {
    /// Each row that something stands in the way of: what was there, or another row.
    pub bad: Vec<FieldError>,
    /// The last row that was looked at, where there are more that were not.
    pub looked_until: Option<u32>,
}

/// Looks for what is in the way of each row by itself.
pub fn find_row_clashes(tx: &impl Read, scene: &Scene, rows: &[ChangedRow<'_>]) -> Result<RowClashes, StoreError> {
    let numbers: HashMap<&str, u32> = rows.iter().map(|row| (row.after.id.as_str(), row.row)).collect();
    let mut clashes = RowClashes::default();
    for (at, ChangedRow { row, before, after }) in rows.iter().enumerate() {
        let claims = after.is_busy() && before.is_none_or(|before| after.claims_more_than(before));
        let found = if claims { find_conflicts(tx, scene, std::iter::once(*after))? } else { Vec::new() };
        let told = found.iter().take(OF_A_ROW).map(|conflict| told(*row, conflict, &numbers));
        clashes.bad.extend(told);
        if clashes.bad.len() >= TOLD_AT_MOST && at + 1 < rows.len() {
            clashes.looked_until = Some(*row);
            break;
        }
    }
    Ok(clashes)
}

fn told(row: u32, conflict: &Conflict, numbers: &HashMap<&str, u32>) -> FieldError {
    let other = numbers.get(conflict.event_id()).filter(|_| !conflict.is_of_seats());
    let message = match other {
        Some(other) => format!("row {other} stands in the way: {}", conflict.told()),
        None => format!("something stands in the way: {}", conflict.told()),
    };
    FieldError { row: Some(row), ..FieldError::new(conflict.field(), message) }
}
