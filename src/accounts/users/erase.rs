//! `POST /api/v1/users/{login}/erase`: somebody is forgotten, and what they did stays.
//!
//! Of the record a husk is left under a login that says nothing, so that the timetable stays whole; the audit names that
//! instead. Sessions end and tokens are revoked, all in one transaction with whatever else names people by login.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::invitations::delete_invitation_of;
use super::rules::{must_leave_an_admin, new_epoch, put_user};
use super::{ERASED, Login, USERS, User, UserResponse};
use crate::accounts::sign_in::delete_sessions_of;
use crate::accounts::tokens::forget_holder;
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed};
use crate::audit::{self, Forgotten};
use crate::clock::Clock;
use crate::cohorts;
use crate::http::{Json, Path, Problem};
use crate::id::random_id;
use crate::store::{Read, StoreError, WriteTx};

/// What stands where a name was.
const NAMELESS: &str = "–";

/// The routes of erasure.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(erase_user))
}

/// It cannot be undone: whoever asks writes the login once more.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseUserRequest {
    /// Whose record goes.
    pub login: String,
}

/// Puts the second login where the first stood, in records that name people by login; where it is the same one, there
/// is another name to it.
pub type Renaming = dyn Fn(&mut WriteTx, &Login, &Login) -> Result<(), StoreError> + Send + Sync;

/// What other slices do in the transaction of an erasure or of a new name. Cheap to clone.
#[derive(Clone, Default)]
pub(in crate::accounts) struct Renamings(Arc<RwLock<Vec<Box<Renaming>>>>);

impl Renamings {
    /// Tells them all.
    pub(in crate::accounts) fn tell(&self, tx: &mut WriteTx, from: &Login, to: &Login) -> Result<(), StoreError> {
        let renamings = self.0.read().unwrap_or_else(PoisonError::into_inner);
        renamings.iter().try_for_each(|rename| rename(tx, from, to))
    }
}

impl Accounts {
    /// Has a slice above rename whoever is erased or gets another name, in the transaction of that.
    pub fn on_renaming(&self, renaming: Box<Renaming>) {
        self.renamings.0.write().unwrap_or_else(PoisonError::into_inner).push(renaming);
    }

    /// Forgets somebody, for good, be it that they were removed before; gives what is left, which of those who were removed is
    /// not kept.
    pub async fn erase_user(
        &self,
        caller: Caller,
        login: &str,
        request: &EraseUserRequest,
    ) -> Result<User, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let login = Login::parse(login)?;
        if Login::parse(&request.login).ok().as_ref() != Some(&login) {
            return Err(AccountError::senseless("login", format!("write {login} once more: this cannot be undone")));
        }
        let (accounts, clock) = (self.clone(), self.app.clock.clone());
        let erase = move |tx: &mut WriteTx| {
            let husk = put_husk(tx, &caller, &clock, &login)?;
            accounts.renamings.tell(tx, &login, &husk.login)?;
            Ok::<_, AccountError>(husk)
        };
        self.app.store.write(erase).await
    }
}

fn put_husk(tx: &mut WriteTx, caller: &Caller, clock: &Clock, login: &Login) -> Result<User, AccountError> {
    caller.actor.must(Deed::Administer)?;
    let user: Option<User> = tx.find(&USERS, login.as_str().as_bytes())?;
    let user = user.map(User::must_be_somebody).transpose()?;
    let Some([name, email]) = known_as(tx, login, user.as_ref())? else {
        return Err(AccountError::UnknownUser(login.to_string()));
    };
    let husk = husk_of(user.as_ref().map_or(clock.now_secs(), |user| user.created_at))?;
    let own_name = match &name {
        Some(name) if is_of_nobody_else(tx, login, name)? => Some(name.as_str()),
        _ => None,
    };
    forget_holder(tx, caller, clock, (login, own_name, &husk.login))?;
    delete_sessions_of(tx, login)?;
    delete_invitation_of(tx, login)?;
    if let Some(user) = &user {
        must_leave_an_admin(tx, user, None)?;
        tx.delete(&USERS, login.as_str().as_bytes())?;
        put_user(tx, &husk)?;
        cohorts::touch_scopes(tx, clock.steady())?;
    }
    audit::record(tx, caller, clock.now_secs(), ("user.erase", format!("user:{login}")), [None, None])?;
    let forgotten = Forgotten { login: login.to_string(), husk: husk.login.to_string(), name, email };
    audit::forget(tx, &forgotten)?;
    Ok(husk)
}

/// The name and the address of somebody who is here, or was removed; `None` of a login that nobody has had.
fn known_as(tx: &WriteTx, login: &Login, user: Option<&User>) -> Result<Option<[Option<String>; 2]>, StoreError> {
    match user {
        Some(user) => Ok(Some([Some(user.name.clone()), user.email.clone()])),
        None => audit::find_removed(tx, login.as_str()),
    }
}

fn is_of_nobody_else(tx: &WriteTx, login: &Login, name: &str) -> Result<bool, StoreError> {
    let folded = name.to_lowercase();
    Ok(!tx.list(&USERS)?.iter().any(|other| other.login != *login && other.name.to_lowercase() == folded))
}

fn husk_of(created_at: DateTime<Utc>) -> Result<User, AccountError> {
    Ok(User {
        login: Login(random_id(ERASED)?),
        name: NAMELESS.to_owned(),
        email: None,
        roles: Vec::new(),
        cohorts: Vec::new(),
        disabled: true,
        password_hash: None,
        created_at,
        auth_epoch: new_epoch()?,
    })
}

/// Forgets somebody, for good.
#[utoipa::path(
    post, path = "/api/v1/users/{login}/erase",
    responses((status = 200, body = UserResponse), (status = 409), (status = 422)),
)]
async fn erase_user(
    State(accounts): State<Accounts>,
    caller: Caller,
    Path(login): Path<String>,
    Json(request): Json<EraseUserRequest>,
) -> Result<Json<UserResponse>, Problem> {
    let husk = accounts.erase_user(caller, &login, &request).await?;
    Ok(Json(UserResponse::new(&husk, &accounts)))
}
