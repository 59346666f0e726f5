//! `POST /api/v1/users/import`: people from a spreadsheet, all or nothing.
//!
//! A cell that says something takes the place of what was there; an empty one leaves it. Nobody is removed, and nobody
//! gets a password. The same file twice changes nothing.

mod columns;
mod plan;

use axum::extract::{DefaultBodyLimit, Request, State};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rules::{note, put_user};
use super::{USERS, UserResponse};
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed};
use crate::clock::Clock;
use crate::cohorts;
use crate::cohorts::Directory;
use crate::http::upload::{DryRunQuery, IMPORT_BYTES, TABLES, Upload, parse_files};
use crate::http::{Json, Problem, Query};
use crate::sheets::read_sheet;
use crate::store::{Read, WriteTx};
use plan::{Fate, Plan, Planned, plan};

/// The route.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    let limit = DefaultBodyLimit::max(IMPORT_BYTES);
    OpenApiRouter::new().routes(routes!(import_users)).layer(limit)
}

/// Whether anything is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Nothing: only what would be.
    Dry,
    /// All of it.
    Real,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportUsersResponse {
    created: usize,
    updated: usize,
    unchanged: usize,
    rows: Vec<ImportUsersRow>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportUsersRow {
    row: u32,
    fate: Fate,
    user: UserResponse,
    warnings: Vec<String>,
}

impl ImportUsersResponse {
    fn new(plan: Plan, accounts: &Accounts) -> Self {
        let count = |fate| plan.rows.iter().filter(|planned| planned.fate() == fate).count();
        let [created, updated, unchanged] = [Fate::Created, Fate::Updated, Fate::Unchanged].map(count);
        let row = |planned: Planned| ImportUsersRow {
            row: planned.row,
            fate: planned.fate(),
            user: UserResponse::new(&planned.after, accounts),
            warnings: planned.warnings,
        };
        Self { created, updated, unchanged, warnings: plan.warnings, rows: plan.rows.into_iter().map(row).collect() }
    }
}

/// Makes and changes users by a table: all of it or nothing.
#[utoipa::path(
    post, path = "/api/v1/users/import", params(DryRunQuery),
    request_body(
        content = String,
        content_type = "text/csv",
        description = "The table, or the same as the `file` of multipart/form-data, with `dry_run` beside it."
    ),
    responses((status = 200, body = ImportUsersResponse), (status = 422)),
)]
async fn import_users(
    State(accounts): State<Accounts>,
    caller: Caller,
    Query(query): Query<DryRunQuery>,
    request: Request,
) -> Result<Json<ImportUsersResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let mut upload = Upload::read(request, TABLES, &["dry_run"]).await?;
    query.dry_run.into_iter().for_each(|value| upload.form.add("dry_run", value));
    let run = if upload.form.flag("dry_run")? { Run::Dry } else { Run::Real };
    let plan = accounts.import_users(caller, upload, run).await?;
    Ok(Json(ImportUsersResponse::new(plan, &accounts)))
}

impl Accounts {
    async fn import_users(&self, caller: Caller, upload: Upload, run: Run) -> Result<Plan, Problem> {
        let sheet = parse_files(move || read_sheet(&upload.file.sent())).await?;
        let (clock, renamings) = (self.app.clock.clone(), self.renamings.clone());
        let import = move |tx: &mut WriteTx| {
            caller.actor.must(Deed::Administer)?;
            let plan = plan(&sheet, tx.list(&USERS)?, &Directory::load(tx)?, &caller, clock.now_secs())?;
            if run == Run::Real {
                put_plan(tx, &caller, &clock, &plan)?;
                let renamed =
                    |planned: &&Planned| planned.before.as_ref().is_some_and(|b| b.name != planned.after.name);
                let logins = plan.rows.iter().filter(renamed).map(|planned| &planned.after.login);
                logins.into_iter().try_for_each(|login| renamings.tell(tx, login, login))?;
            }
            Ok::<_, AccountError>(plan)
        };
        let plan = self.app.store.write(import).await?;
        self.tidy_setup_file().await?;
        Ok(plan)
    }
}

fn put_plan(tx: &mut WriteTx, caller: &Caller, clock: &Clock, plan: &Plan) -> Result<(), AccountError> {
    let mut scopes = false;
    for planned in plan.rows.iter().filter(|planned| planned.fate() != Fate::Unchanged) {
        let (before, after) = (planned.before.as_ref(), &planned.after);
        scopes |= before.is_some_and(|before| (&before.roles, &before.cohorts) != (&after.roles, &after.cohorts));
        put_user(tx, after)?;
        let action = if before.is_some() { "user.update" } else { "user.create" };
        note(tx, caller, clock, action, [before, Some(after)])?;
    }
    if scopes {
        cohorts::touch_scopes(tx, clock.steady())?;
    }
    Ok(())
}
