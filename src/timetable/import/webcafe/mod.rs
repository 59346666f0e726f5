//! Moving over from WebCafé: `POST /api/v1/import/webcafe`, a form of its four tables.
//!
//! Cohorts, rooms, people and events in one transaction, or nothing; what is here already stays as it is, so a second
//! time makes nothing twice. Nobody becomes an administrator by it: over there anybody could make themselves one. What
//! clashes over there comes along, and `carillon clashes` tells it.

mod move_in;

use axum::extract::{DefaultBodyLimit, Request, State};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::files::{ImportError, Terms, WebCafe, WebCafeFiles, read_webcafe};
use super::run::{RowFate, Stop, whatever_was_done};
use super::{Run, TimetableError};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::http::upload::{DryRunQuery, Form, IMPORT_BYTES, parse_files};
use crate::http::{Json, Problem, Query};
use crate::store::WriteTx;
use crate::timetable::Timetable;

const FILES: [&str; 4] = ["users", "events", "classroom", "promo"];
/// Four files, each as large as one may be, are more than any department has.
const BYTES: usize = 2 * IMPORT_BYTES;
/// So many warnings are told.
const TOLD_AT_MOST: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Timetable> {
    let limit = DefaultBodyLimit::max(BYTES);
    OpenApiRouter::new().routes(routes!(import_webcafe)).layer(limit)
}

/// How many things were made, and how many events.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub(super) struct ImportWebCafeResponse {
    cohorts: usize,
    rooms: usize,
    users: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    warnings: Vec<String>,
}

/// Moves over from WebCafé, by its four tables: all of it or nothing.
#[utoipa::path(
    post, path = "/api/v1/import/webcafe", params(DryRunQuery),
    request_body(
        content = BTreeMap<String, String>,
        content_type = "multipart/form-data",
        description = "The files `users`, `events`, `classroom` and `promo`, and `dry_run` where nothing is to be written."
    ),
    responses((status = 200, body = ImportWebCafeResponse), (status = 422), (status = 429)),
)]
async fn import_webcafe(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<DryRunQuery>,
    request: Request,
) -> Result<Json<ImportWebCafeResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let mut form = Form::read(request, &FILES, &["dry_run"]).await?;
    query.dry_run.into_iter().for_each(|value| form.add("dry_run", value));
    let run = if form.flag("dry_run")? { Run::Dry } else { Run::Real };
    let [users, events, classroom, promo] = FILES.map(|name| form.take(name));
    let (users, events, classroom, promo) = (users?, events?, classroom?, promo?);
    let (zone, now) = (timetable.app.zone(), timetable.app.clock.now());
    // It goes along with the work, as that of other imports.
    let turn = timetable.importing.take()?;
    let read = move || {
        let files = WebCafeFiles {
            users: &users.bytes,
            events: &events.bytes,
            classroom: &classroom.bytes,
            promo: &promo.bytes,
        };
        let read = read_webcafe(&files, &Terms { zone, now, cohort: None })?;
        Ok::<_, ImportError>((read, turn))
    };
    let read = parse_files(read).await?;
    Ok(Json(timetable.import_webcafe(caller, read, run).await?))
}

impl Timetable {
    async fn import_webcafe(
        &self,
        caller: Caller,
        (read, turn): (WebCafe, OwnedSemaphorePermit),
        run: Run,
    ) -> Result<ImportWebCafeResponse, TimetableError> {
        let timetable = self.clone();
        let import = move |tx: &mut WriteTx| {
            let _turn = turn;
            let mut told = timetable.move_in(tx, &caller, read)?;
            let made = [told.cohorts, told.rooms, told.users, told.created, told.updated];
            let untold = told.warnings.len().saturating_sub(TOLD_AT_MOST);
            told.warnings.truncate(TOLD_AT_MOST);
            told.warnings.extend((untold > 0).then(|| format!("and {untold} more")));
            if made.iter().any(|count| *count > 0) {
                let counts = serde_json::to_value(&told).map(without_warnings).ok();
                let now = timetable.app.clock.now_secs();
                audit::record(tx, &caller, now, ("import.webcafe", "import".to_owned()), [None, counts])?;
            }
            match run {
                Run::Dry => Err(Stop::Dry(Box::new(told))),
                Run::Real => Ok(told),
            }
        };
        whatever_was_done(self.app.store.write(import).await)
    }
}

fn without_warnings(mut told: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = told.as_object_mut() {
        fields.remove("warnings");
    }
    told
}

impl ImportWebCafeResponse {
    fn count_events(&mut self, done: &super::run::Done) {
        self.created = done.count(RowFate::Created);
        self.updated = done.count(RowFate::Updated);
        self.unchanged = done.count(RowFate::Unchanged);
        let of_rows = done.rows.iter().flat_map(|row| row.warnings.iter().map(|text| (row.row, text)));
        self.warnings.extend(of_rows.map(|(row, text)| format!("events.csv, row {row}: {text}")));
        self.warnings.extend(done.warnings.iter().cloned());
    }
}
