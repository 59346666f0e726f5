//! `POST /api/v1/events/import`: the form, read and understood.

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, Request, State};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::ImportEventsResponse;
use super::files::{ImportError, Terms, read_events};
use super::{Run, Unknown, Wishes};
use crate::actor::{Caller, Deed};
use crate::http::upload::{Form, IMPORT_BYTES, TABLES, Upload, parse_files};
use crate::http::{Json, Problem, Query};
use crate::timetable::{Conflicts, Timetable};

const FIELDS: [&str; 5] = ["cohort", "dry_run", "unknown", "map_rooms", "allow_conflicts"];

pub(super) fn routes() -> OpenApiRouter<Timetable> {
    let limit = DefaultBodyLimit::max(IMPORT_BYTES);
    OpenApiRouter::new().routes(routes!(import_events)).layer(limit)
}

/// The fields of the form may stand in the query instead: then the file may be the body.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct ImportQuery {
    /// The cohort of all events, whatever the file says.
    cohort: Option<String>,
    /// `true`: nothing is written.
    dry_run: Option<String>,
    /// What is done about names that nothing here has: `create` or `drop`; else their rows are bad.
    unknown: Option<String>,
    /// Rooms by their numbers in another system: `1:2Z34,2:B12`.
    map_rooms: Option<String>,
    /// `true`: what clashes comes in all the same.
    allow_conflicts: Option<String>,
}

impl ImportQuery {
    fn into_fields(self) -> impl Iterator<Item = (&'static str, String)> {
        let values = [self.cohort, self.dry_run, self.unknown, self.map_rooms, self.allow_conflicts];
        FIELDS.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The form, for the document; [`Upload`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is told and not made")]
struct ImportEventsForm {
    /// The table or the calendar: .csv, .xlsx, .ods or .ics.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The cohort of all events, whatever the file says.
    #[schema(required = false)]
    cohort: String,
    /// Nothing is written.
    #[schema(required = false)]
    dry_run: bool,
    /// What is done about names that nothing here has; else their rows are bad.
    #[schema(required = false, pattern = "^(create|drop)$")]
    unknown: String,
    /// Rooms by their numbers in another system: `1:2Z34,2:B12`.
    #[schema(required = false)]
    map_rooms: String,
    /// What clashes comes in all the same.
    #[schema(required = false)]
    allow_conflicts: bool,
}

/// Makes and changes events by a table or an iCalendar file: all of it or nothing.
#[utoipa::path(
    post, path = "/api/v1/events/import", params(ImportQuery),
    request_body(
        content((ImportEventsForm = "multipart/form-data"), (String = "text/csv"), (String = "text/calendar")),
        description = "The table or the calendar as the `file` of a form; or as the body itself, with the other fields in the query."
    ),
    responses((status = 200, body = ImportEventsResponse), (status = 422), (status = 429)),
)]
async fn import_events(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Json<ImportEventsResponse>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let types: Vec<_> = TABLES.iter().copied().chain(["text/calendar"]).collect();
    let Upload { file, mut form } = Upload::read(request, &types, &FIELDS).await?;
    query.into_fields().for_each(|(name, value)| form.add(name, value));
    let wishes = wishes_of(&form)?;
    // When the whole file is here, and along with the work: whoever hangs up lets no second import begin beside it.
    let turn = timetable.importing.take()?;
    let (zone, now, cohort) = (timetable.app.zone(), timetable.app.clock.now(), wishes.cohort.clone());
    let read = move || {
        let read = read_events(&file.sent(), &Terms { zone, now, cohort: cohort.as_deref() })?;
        Ok::<_, ImportError>((read, turn))
    };
    let (run, read) = (wishes.run, parse_files(read).await?);
    let (done, scene) = timetable.import_events(caller, read, wishes).await?;
    Ok(Json(ImportEventsResponse::new(done, &scene.names, run)))
}

fn wishes_of(form: &Form) -> Result<Wishes, Problem> {
    let unknown = match form.text("unknown")? {
        None => Unknown::Refuse,
        Some("create") => Unknown::Create,
        Some("drop") => Unknown::Drop,
        Some(_) => return Err(Problem::bad_field("unknown", "create or drop")),
    };
    Ok(Wishes {
        run: if form.flag("dry_run")? { Run::Dry } else { Run::Real },
        unknown,
        cohort: form.text("cohort")?.map(str::to_owned),
        map_rooms: form.text("map_rooms")?.map_or(Ok(BTreeMap::new()), read_map)?,
        conflicts: if form.flag("allow_conflicts")? { Conflicts::Allowed } else { Conflicts::Refused },
    })
}

/// `1:2Z34,2:Amphi B`.
pub(super) fn read_map(text: &str) -> Result<BTreeMap<u64, String>, Problem> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (id, name) = pair.split_once(':')?;
        Some((id.trim().parse().ok()?, name.trim().to_owned())).filter(|(_, name): &(u64, String)| !name.is_empty())
    };
    let bad = |pair| Problem::bad_field("map_rooms", format!("{pair:?} is no NUMBER:ROOM, as in 1:2Z34,2:B12"));
    pairs.map(|pair| read(pair).ok_or_else(|| bad(pair))).collect()
}
