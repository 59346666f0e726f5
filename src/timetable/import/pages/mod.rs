//! `/import`: a file is sent once, its preview is a dry run that may be tried with other options, then it is imported.

mod held;
mod preview;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;
use serde::Deserialize;

pub(in crate::timetable) use held::HeldFiles;
use held::{Imported, Waiting};
use preview::{bad_page, done_page, options, preview_page};

use super::api::read_map;
use super::files::{Terms, read_events};
use super::run::{Done, RowFate};
use super::{ImportError, Run, Unknown, Wishes};
use crate::actor::Deed;
use crate::http::upload::{self, IMPORT_BYTES, UploadedFile, parse_files};
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Path, Problem, Query, Typed, Visit};
use crate::timetable::{Conflicts, Scene, Timetable, TimetableError};
use crate::words::Notice;

/// The files that are read, as a browser asks for them.
const ACCEPTED: &str = ".xlsx,.ods,.csv,.ics,text/csv,text/calendar";
const FIELDS: [&str; 3] = ["cohort", "unknown", "map_rooms"];

/// The routes.
pub(super) fn routes() -> Router<Timetable> {
    let limit = DefaultBodyLimit::max(IMPORT_BYTES);
    Router::new()
        .route("/import", get(show_import).post(submit_file).layer(limit))
        .route("/import/{id}", get(show_preview).post(submit_import))
}

/// What somebody wants of an import, as an address or a form says it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ImportWishes {
    cohort: String,
    unknown: String,
    map_rooms: String,
    allow_conflicts: String,
}

impl ImportWishes {
    fn of(typed: &Typed) -> Self {
        let [cohort, unknown, map_rooms, allow_conflicts] =
            ["cohort", "unknown", "map_rooms", "allow_conflicts"].map(|name| typed.text(name));
        Self { cohort, unknown, map_rooms, allow_conflicts }
    }

    fn typed(&self) -> Typed {
        let unknown = if self.unknown.is_empty() { "refuse" } else { self.unknown.as_str() };
        let typed = Typed::new().with("cohort", &self.cohort).with("unknown", unknown);
        typed.with("map_rooms", &self.map_rooms).with("allow_conflicts", &self.allow_conflicts)
    }

    fn wishes(&self, run: Run) -> Result<Wishes, Problem> {
        Ok(Wishes {
            run,
            unknown: match self.unknown.as_str() {
                "create" => Unknown::Create,
                "drop" => Unknown::Drop,
                _ => Unknown::Refuse,
            },
            cohort: Some(self.cohort.clone()).filter(|cohort| !cohort.is_empty()),
            map_rooms: read_map(&self.map_rooms)?,
            conflicts: if self.allow_conflicts == "on" { Conflicts::Allowed } else { Conflicts::Refused },
        })
    }

    /// The address of a preview with these wishes.
    fn address(&self, id: &str) -> String {
        let pairs = [
            ("cohort", &self.cohort),
            ("unknown", &self.unknown),
            ("map_rooms", &self.map_rooms),
            ("allow_conflicts", &self.allow_conflicts),
        ];
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish();
        if query.is_empty() { format!("/import/{id}") } else { format!("/import/{id}?{query}") }
    }
}

async fn show_import(State(timetable): State<Timetable>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    Ok(import_page(&timetable, &visit, (&ImportWishes::default().typed(), &Mistakes::none())))
}

/// Takes the file, and leads on to its preview.
async fn submit_file(
    State(timetable): State<Timetable>,
    visit: Visit,
    request: Request,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let mut form = upload::Form::read(request, &["file"], &FIELDS).await?;
    let mut typed = Typed::new();
    for name in FIELDS {
        typed = typed.with(name, form.text(name)?.unwrap_or_default());
    }
    let file = form.take("file").ok().filter(|file| !file.bytes.is_empty());
    let Some(file) = file else {
        let mistakes = Mistakes::one(Mistake::at("file", visit.words.import.no_file));
        return Ok(import_page(&timetable, &visit, (&typed, &mistakes)));
    };
    let owner = visit.caller.actor.audit_name();
    let id =
        timetable.held_files.hold(&owner, Waiting::File(file), &timetable.app.clock).map_err(TimetableError::from)?;
    Ok(axum::response::Redirect::to(&ImportWishes::of(&typed).address(&id)).into_response())
}

async fn show_preview(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    Query(wishes): Query<ImportWishes>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let file = match timetable.held(&visit, &id) {
        Some(Waiting::File(file)) => file,
        Some(Waiting::Done(done)) => return Ok(done_page(&timetable, &visit, &done)),
        None => return Ok(visit.then("/import", Notice::FileForgotten).into_response()),
    };
    let name = file.name.clone();
    match timetable.import_file(&visit, file, (&wishes, Run::Dry)).await {
        Ok((done, scene)) => Ok(preview_page(&visit, (&id, &name), &wishes, (&done, &scene.names))),
        Err(problem) => bad_page(&timetable, &visit, (&id, &name), (&wishes, problem)),
    }
}

async fn submit_import(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::ChangeTimetable)?;
    let (wishes, owner) = (ImportWishes::of(&typed), visit.caller.actor.audit_name());
    let file = match timetable.held(&visit, &id) {
        Some(Waiting::File(file)) => file,
        // Sent twice: what the first did is there to be seen.
        Some(Waiting::Done(_)) => return Ok(axum::response::Redirect::to(&format!("/import/{id}")).into_response()),
        None => return Ok(visit.then("/import", Notice::FileForgotten).into_response()),
    };
    let name = file.name.clone();
    let (done, scene) = match timetable.import_file(&visit, file, (&wishes, Run::Real)).await {
        Ok(done) => done,
        Err(problem) => return bad_page(&timetable, &visit, (&id, &name), (&wishes, problem)),
    };
    let done = Waiting::Done(imported(&done, &scene));
    let id = timetable.held_files.hold(&owner, done, &timetable.app.clock).map_err(TimetableError::from)?;
    Ok(visit.then(&format!("/import/{id}"), Notice::FileImported).into_response())
}

fn imported(done: &Done, scene: &Scene) -> Imported {
    let events = done.rows.iter().filter_map(|row| row.event.as_ref());
    let mut ids: Vec<String> = events.flat_map(|event| event.cohorts.iter().cloned()).collect();
    ids.sort();
    ids.dedup();
    Imported {
        counts: [RowFate::Created, RowFate::Updated, RowFate::Unchanged].map(|fate| done.count(fate)),
        cohorts: scene.names.cohorts.slugs(&ids),
    }
}

impl Timetable {
    fn held(&self, visit: &Visit, id: &str) -> Option<Waiting> {
        self.held_files.find(&visit.caller.actor.audit_name(), id, &self.app.clock)
    }

    /// The import itself, or its dry run; one at a time.
    async fn import_file(
        &self,
        visit: &Visit,
        file: UploadedFile,
        (wishes, run): (&ImportWishes, Run),
    ) -> Result<(Done, Scene), Problem> {
        let wishes = wishes.wishes(run)?;
        let turn = self.importing.take()?;
        let (zone, now, cohort) = (self.app.zone(), self.app.clock.now(), wishes.cohort.clone());
        let read = move || {
            let read = read_events(&file.sent(), &Terms { zone, now, cohort: cohort.as_deref() })?;
            Ok::<_, ImportError>((read, turn))
        };
        let read = parse_files(read).await?;
        Ok(self.import_events(visit.caller.clone(), read, wishes).await?)
    }
}

fn import_page(timetable: &Timetable, visit: &Visit, (typed, mistakes): (&Typed, &Mistakes)) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    form.answer(visit.page(
        words.import.title,
        html! {
            h1 { (words.import.title) }
            p { (words.import.text) }
            form .wide method="post" action="/import" enctype="multipart/form-data" {
                (form.summary())
                (form.field(&Field::file("file", words.import.file, ACCEPTED).hint(words.import.file_hint)))
                (options(timetable, visit, &form))
                (form.submit(words.import.look))
                p .muted { (words.import.nothing_yet) }
            }
        },
    ))
}
