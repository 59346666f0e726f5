//! `GET /api/v1/events.csv` and `.ics`: our own events as a table or a calendar that can be imported. A feed's are not ours
//! to bring in again, and are left out.
//!
//! Not what subscribers get: nothing is added for a reader, so that what comes back is what went out.

mod calendar;
mod table;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actor::Caller;
use crate::http::{Problem, Query};
use crate::store::{Read, StoreError};
use crate::timetable::events::{EventQuery, Filter, must_read, own_events};
use crate::timetable::{Event, Names, Scene, Timetable};

/// So many events are in memory at once, beside the text.
const AT_ONCE: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(export_events)).routes(routes!(export_events_calendar))
}

/// A text that grows by one event after the other.
trait Text: Default + Send + 'static {
    fn add(&mut self, event: &Event, names: &Names);
    fn finish(self) -> Vec<u8>;
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
    let table = timetable.export::<table::Table>(caller, query).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"events.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, table))
}

/// Tells our own events as a calendar that can be imported, all of it: neither `limit` nor `after`.
#[utoipa::path(
    get, path = "/api/v1/events.ics", params(EventQuery),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 422)),
)]
async fn export_events_calendar(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<EventQuery>,
) -> Result<impl IntoResponse, Problem> {
    let calendar = timetable.export::<calendar::Calendar>(caller, query).await?;
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"events.ics\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, calendar))
}

impl Timetable {
    /// The whole text of what the caller may read of what the query wants.
    async fn export<T: Text>(&self, caller: Caller, query: EventQuery) -> Result<Vec<u8>, Problem> {
        must_read(&caller)?;
        if query.is_of_a_page() {
            return Err(Problem::bad_field("limit", "all events come in one answer: neither `limit` nor `after`"));
        }
        let filter = self.filter_of(&caller, query)?;
        let read = self.clone();
        let export = move |tx: &_| written::<T>(tx, &read.scene(tx, &caller)?, filter);
        Ok(self.app.store.read(export).await?)
    }
}

fn written<T: Text>(tx: &impl Read, scene: &Scene, mut filter: Filter) -> Result<Vec<u8>, StoreError> {
    let mut text = T::default();
    loop {
        let events = own_events(tx, scene, &filter, AT_ONCE)?;
        events.iter().for_each(|event| text.add(event, &scene.names));
        let last = events.last().filter(|_| events.len() >= AT_ONCE);
        filter.after = last.map(|event| (event.start, event.id.clone()));
        if filter.after.is_none() {
            return Ok(text.finish());
        }
    }
}
