//! `/api/v1/backup`: the whole appliance as one stream, for administrators; and when the last good backup was made.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::stream::{BodyWriter, body_writer};
use super::{BackupsError, private_keys};
use crate::actor::{Actor, Caller, Deed};
use crate::app::App;
use crate::clock::local;
use crate::error::Refusal;
use crate::http::{Json, Problem, Query};
use crate::settings::{self, LastBackup};
use crate::store::backup::{BackupError, Contents};
use crate::store::{Store, StoreError};
use crate::{audit, seal};

/// The routes.
pub fn routes() -> OpenApiRouter<Backups> {
    OpenApiRouter::new().routes(routes!(download_backup)).routes(routes!(get_last_backup, record_backup))
}

/// What the routes need: one backup is written at a time. Cheap to clone.
#[derive(Clone)]
pub struct Backups {
    app: App,
    turn: Arc<Semaphore>,
}

impl Backups {
    /// Of this appliance.
    pub fn new(app: App) -> Self {
        Self { app, turn: Arc::new(Semaphore::new(1)) }
    }
}

/// What somebody wants a backup of.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BackupQuery {
    /// Whether private keys are in it; false unless it is asked for. They are handed to this machine's own command alone.
    #[serde(default)]
    keys: bool,
}

/// The last backup that was read back and found good.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LastBackupResponse {
    /// The state that it holds; null where there never was one.
    at: Option<String>,
    size_bytes: Option<u64>,
    /// Where it was written, on the machine of whoever asked for it.
    place: Option<String>,
    /// There is none that is younger than two days.
    old: bool,
}

impl LastBackupResponse {
    /// As it is known.
    pub fn new(app: &App) -> Self {
        let last = app.settings().last_backup.clone();
        let old = last.as_ref().is_none_or(|last| last.is_old(app.clock.now()));
        let Some(LastBackup { at, size_bytes, place }) = last else {
            return Self { at: None, size_bytes: None, place: None, old };
        };
        Self { at: Some(local(at, app.zone())), size_bytes: Some(size_bytes), place: Some(place), old }
    }
}

/// A backup that was read back and found good.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LastBackupRequest {
    /// The state that it holds, as its manifest says.
    #[schema(value_type = String, format = DateTime)]
    at: DateTime<Utc>,
    size_bytes: u64,
    /// Where it lies.
    place: String,
}

/// Hands out a backup: the state of one instant, as a file that `carillon restore` takes.
#[utoipa::path(
    get, path = "/api/v1/backup", params(BackupQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 429), (status = 503)),
)]
async fn download_backup(
    State(backups): State<Backups>,
    caller: Caller,
    Query(query): Query<BackupQuery>,
) -> Result<Response, Problem> {
    caller.actor.must(Deed::Administer)?;
    if query.keys && !matches!(caller.actor, Actor::Cli(_)) {
        return Err(BackupsError::KeysByNetwork.into());
    }
    let turn = Arc::clone(&backups.turn).try_acquire_owned().map_err(|_| BackupsError::Busy)?;
    let contents = contents_of(&backups.app, query.keys)?;
    note(&backups.app, caller, query.keys).await?;
    let headers = headers(&contents);
    let (to, parts) = body_writer();
    let store = backups.app.store.clone();
    tokio::task::spawn_blocking(move || write(&store, &contents, to, turn));
    Ok((headers, Body::new(parts)).into_response())
}

fn contents_of(app: &App, with_keys: bool) -> Result<Contents, BackupsError> {
    let (instance, created_at) = (app.settings().instance_id.clone(), app.clock.now_secs());
    let plain = Contents { created_at, instance, ..Contents::default() };
    if !with_keys {
        return Ok(Contents { left_out: private_keys(), ..plain });
    }
    let key = seal::find_key(&app.config().data_dir)?;
    let files = key.map(|key| (seal::FILE_NAME.to_owned(), key.expose().clone()));
    Ok(Contents { files: files.into_iter().collect(), ..plain })
}

/// Whoever takes everything along is in the audit, and in what they take. A full disk is no reason against a backup.
async fn note(app: &App, caller: Caller, with_keys: bool) -> Result<(), StoreError> {
    let (at, what) = (app.clock.now_secs(), ("backup.create", "backup".to_owned()));
    let who = caller.actor.audit_name();
    let after = json!({"keys": with_keys});
    match app.store.write(move |tx| audit::record(tx, &caller, at, what, [None, Some(after)])).await {
        Err(StoreError::Full) => {
            log::warn!(actor = who.as_str(); "the disk is full: a backup is handed out that the audit does not know");
            Ok(())
        }
        noted => noted,
    }
}

fn headers(contents: &Contents) -> [(HeaderName, String); 3] {
    let name = format!("carillon-{}.backup", contents.created_at.format("%Y%m%dT%H%M%SZ"));
    [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ]
}

/// The state that is written is that of one instant; whoever writes to the database meanwhile does not wait.
fn write(store: &Store, contents: &Contents, mut to: BodyWriter, turn: OwnedSemaphorePermit) {
    let written = store.read_now::<_, BackupError>(|tx| tx.dump(contents, &mut to));
    drop(turn);
    let Err(error) = written else { return };
    if !matches!(&error, BackupError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        log::error!(kind:? = error.kind(), error:% = error; "a backup was broken off");
    }
    to.fail(io::Error::other(error.to_string()));
}

/// Says when the last good backup was made.
#[utoipa::path(get, path = "/api/v1/backup/last", responses((status = 200, body = LastBackupResponse)))]
async fn get_last_backup(State(backups): State<Backups>, caller: Caller) -> Result<Json<LastBackupResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    Ok(Json(LastBackupResponse::new(&backups.app)))
}

/// Notes a backup that was read back and found good. An older one than is known changes nothing.
#[utoipa::path(
    put, path = "/api/v1/backup/last", request_body = LastBackupRequest,
    responses((status = 200, body = LastBackupResponse), (status = 422)),
)]
async fn record_backup(
    State(backups): State<Backups>,
    caller: Caller,
    request: Result<Json<LastBackupRequest>, Problem>,
) -> Result<Json<LastBackupResponse>, Problem> {
    // Before a word on what is wrong with the request.
    caller.actor.must(Deed::Administer)?;
    let Json(LastBackupRequest { at, size_bytes, place }) = request?;
    if at > backups.app.clock.now() {
        return Err(BackupsError::Future.into());
    }
    let noted = LastBackup { at, size_bytes, place };
    let note = move |tx: &mut _| {
        settings::update(tx, |settings| {
            if settings.last_backup.as_ref().is_none_or(|known| known.at <= noted.at) {
                settings.last_backup = Some(noted);
            }
        })
    };
    backups.app.store.write::<(), StoreError>(note).await?;
    Ok(Json(LastBackupResponse::new(&backups.app)))
}
