//! `POST /api/v1/users/import`: people from a spreadsheet, all or nothing.
//!
//! A cell that says something takes the place of what was there; an empty one leaves it. Nobody is removed, and nobody
//! gets a password, but a link to choose one where that is asked for. The same file twice changes nothing.

mod columns;
mod plan;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rules::{note, put_user};
use super::{InvitationResponse, Invite, Invited, USERS, UserResponse};
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed};
use crate::clock::Clock;
use crate::cohorts;
use crate::cohorts::Directory;
use crate::http::upload::{IMPORT_BYTES, TABLES, Upload, parse_files};
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

/// What the query of the import says, as its form may.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct ImportQuery {
    /// `true`: nothing is written.
    dry_run: Option<String>,
    /// Answer a link for each who is new, by which they choose their password.
    invite: Option<String>,
}

/// The form, for the document; [`Upload`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is told and not made")]
struct ImportUsersForm {
    /// The table: .csv, .xlsx or .ods.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Nothing is written.
    #[schema(required = false)]
    dry_run: bool,
    /// Answer a link for each who is new, by which they choose their password.
    #[schema(required = false)]
    invite: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportUsersResponse {
    created: usize,
    updated: usize,
    unchanged: usize,
    rows: Vec<ImportUsersRow>,
    warnings: Vec<String>,
    /// Links for those who are new, where they were asked for; never again.
    invitations: Vec<InvitationResponse>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportUsersRow {
    row: u32,
    fate: Fate,
    user: UserResponse,
    warnings: Vec<String>,
}

impl ImportUsersResponse {
    fn new(plan: Plan, invited: &[Invited], accounts: &Accounts) -> Self {
        let count = |fate| plan.rows.iter().filter(|planned| planned.fate() == fate).count();
        let [created, updated, unchanged] = [Fate::Created, Fate::Updated, Fate::Unchanged].map(count);
        let row = |planned: Planned| ImportUsersRow {
            row: planned.row,
            fate: planned.fate(),
            user: UserResponse::new(&planned.after, accounts),
            warnings: planned.warnings,
        };
        let zone = accounts.app.zone();
        Self {
            created,
            updated,
            unchanged,
            warnings: plan.warnings,
            rows: plan.rows.into_iter().map(row).collect(),
            invitations: invited.iter().map(|one| InvitationResponse::new(one, zone)).collect(),
        }
    }
}

/// Makes and changes users by a table: all of it or nothing.
#[utoipa::path(
    post, path = "/api/v1/users/import", params(ImportQuery),
    request_body(
        content((ImportUsersForm = "multipart/form-data"), (String = "text/csv")),
        description = "The table as the `file` of a form; or as the body itself, with the other fields in the query."
    ),
    responses((status = 200, body = ImportUsersResponse), (status = 422)),
)]
async fn import_users(
    State(accounts): State<Accounts>,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    caller.actor.must(Deed::Administer)?;
    let mut upload = Upload::read(request, TABLES, &["dry_run", "invite"]).await?;
    let asked = [("dry_run", query.dry_run), ("invite", query.invite)];
    asked.into_iter().for_each(|(name, value)| value.into_iter().for_each(|value| upload.form.add(name, value)));
    let run = if upload.form.flag("dry_run")? { Run::Dry } else { Run::Real };
    let invite = Invite::asked(upload.form.flag("invite")?);
    let (plan, invited) = accounts.import_users(caller, upload, (run, invite)).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(ImportUsersResponse::new(plan, &invited, &accounts))))
}

impl Accounts {
    async fn import_users(
        &self,
        caller: Caller,
        upload: Upload,
        (run, invite): (Run, Invite),
    ) -> Result<(Plan, Vec<Invited>), Problem> {
        let sheet = parse_files(move || read_sheet(&upload.file.sent())).await?;
        let (accounts, clock, renamings) = (self.clone(), self.app.clock.clone(), self.renamings.clone());
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
            let invited = match (run, invite) {
                (Run::Real, Invite::Newcomers) => accounts.invite_in(tx, &caller, &plan.newcomers())?,
                _ => Vec::new(),
            };
            Ok::<_, AccountError>((plan, invited))
        };
        let done = self.app.store.write(import).await?;
        self.tidy_setup_file().await?;
        Ok(done)
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
