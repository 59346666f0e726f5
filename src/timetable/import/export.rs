//! `GET /api/v1/events.csv`: our own events as a table that can be imported. A feed's are not ours to bring in again, and
//! are left out.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::files::CANCELLED;
use crate::actor::Caller;
use crate::http::{Problem, Query};
use crate::sheets::guarded;
use crate::store::StoreError;
use crate::timetable::events::{EventQuery, must_read, own_events, seen_cohorts};
use crate::timetable::{TABLE_HEADER, Timetable, table_row};

/// So many events are in memory at once, beside the table.
const AT_ONCE: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(export_events))
}

/// Tells our own events as a table that can be imported, all of it: neither `limit` nor `after`.
#[utoipa::path(
    get, path = "/api/v1/events.csv", params(EventQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 422)),
)]
async fn export_events(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<EventQuery>,
) -> Result<impl IntoResponse, Problem> {
    must_read(&caller)?;
    if query.is_of_a_page() {
        return Err(Problem::bad_field("limit", "the table is whole: neither `limit` nor `after`"));
    }
    let mut filter = timetable.filter_of(&caller, query)?;
    let read = timetable.clone();
    let export = move |tx: &_| {
        let scene = read.scene(tx, &caller)?;
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory cannot fail, and each row has as many cells as the header.
        drop(writer.write_record(TABLE_HEADER));
        loop {
            let events = own_events(tx, &scene, &filter, AT_ONCE)?;
            let rows = events.iter().map(|event| {
                let cohort_ids = seen_cohorts(&scene.caller, &event.cohorts, &scene.names);
                table_row(event, &cohort_ids, &scene.names, CANCELLED)
            });
            rows.for_each(|row| drop(writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))));
            let last = events.last().filter(|_| events.len() >= AT_ONCE);
            filter.after = last.map(|event| (event.start, event.id.clone()));
            if filter.after.is_none() {
                return Ok::<_, StoreError>(writer.into_inner().unwrap_or_default());
            }
        }
    };
    let table = timetable.app.store.read(export).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"events.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, table))
}
