//! What an import answers.

use std::collections::HashSet;

use serde::Serialize;

use super::Run;
use super::run::{Done, DoneRow, RowFate};
use crate::timetable::{EventResponse, Names};

/// The whole of it. Of a dry run what is new has no id yet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ImportEventsResponse {
    created: usize,
    updated: usize,
    unchanged: usize,
    rows: Vec<ImportEventsRow>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportEventsRow {
    row: u32,
    fate: RowFate,
    event: Option<EventResponse>,
    warnings: Vec<String>,
}

impl ImportEventsResponse {
    pub(super) fn new(done: Done, names: &Names, run: Run) -> Self {
        let [created, updated, unchanged] =
            [RowFate::Created, RowFate::Updated, RowFate::Unchanged].map(|fate| done.count(fate));
        let new = done.rows.iter().filter(|row| run == Run::Dry && row.fate == RowFate::Created);
        let nameless: HashSet<String> =
            new.filter_map(|row| row.event.as_ref()).map(|event| event.id.clone()).collect();
        let row = |DoneRow { row, fate, event, warnings }| {
            let mut event = event.map(|event| EventResponse::new(&event, names));
            let nameless = event.as_mut().filter(|event| nameless.contains(&event.id));
            nameless.into_iter().for_each(|event| event.id.clear());
            ImportEventsRow { row, fate, event, warnings }
        };
        Self { created, updated, unchanged, warnings: done.warnings, rows: done.rows.into_iter().map(row).collect() }
    }
}
