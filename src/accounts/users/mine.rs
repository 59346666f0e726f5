//! `/api/v1/me/password`: somebody chooses a new password, by the present one. It signs them out everywhere.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rules::{find_user, put_user};
use super::{Login, User};
use crate::accounts::sign_in::PasswordHash;
use crate::accounts::{AccountError, Accounts, Origin};
use crate::actor::{Actor, Caller, Denied};
use crate::audit;
use crate::clock::Clock;
use crate::http::{Json, Problem};
use crate::secret::Secret;
use crate::store::WriteTx;

/// The routes of one's own record.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(change_own_password))
}

/// A new password, and the present one as the proof of who asks.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOwnPasswordRequest {
    /// The one that signs in now.
    pub present_password: Secret<String>,
    /// At least 10 characters.
    pub new_password: Secret<String>,
}

impl Accounts {
    /// Gives the caller a new password, if they know the present one. Their sessions and access tokens end.
    pub async fn change_own_password(
        &self,
        caller: Caller,
        request: ChangeOwnPasswordRequest,
        origin: &Origin,
    ) -> Result<Login, AccountError> {
        let login = own_login(&caller)?;
        let known = self.people().find(login.as_str()).and_then(|user| user.password_hash.clone());
        let right = self.check_own_password(&login, &request.present_password, known.clone(), origin.ip).await?;
        if !right {
            return Err(AccountError::WrongPassword);
        }
        let new = self.hashing.hash(request.new_password).await.map_err(|error| error.of_field("new_password"))?;
        let (clock, whose) = (self.app.clock.clone(), login.clone());
        let change = move |tx: &mut WriteTx| put_password(tx, &caller, &clock, &whose, [known, Some(new)]);
        self.app.store.write(change).await?;
        Ok(login)
    }
}

/// The login of whoever has signed in.
pub fn own_login(caller: &Caller) -> Result<Login, AccountError> {
    match &caller.actor {
        Actor::User { login, .. } => Login::parse(login),
        actor if actor.is_anonymous() => Err(Denied::SignIn.into()),
        _ => Err(Denied::NotAllowed.into()),
    }
}

/// Puts a new hash in place of the one that was proved; another that came in between stands.
fn put_password(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    login: &Login,
    [known, new]: [Option<PasswordHash>; 2],
) -> Result<(), AccountError> {
    let before = find_user(tx, login)?;
    if before.disabled || before.password_hash != known {
        return Err(AccountError::WrongPassword);
    }
    let after = User { password_hash: new, auth_epoch: before.auth_epoch + 1, ..before };
    put_user(tx, &after)?;
    audit::record(tx, caller, clock.now_secs(), ("user.password", format!("user:{login}")), [None, None])?;
    Ok(())
}

/// Gives the caller a new password, by the present one.
#[utoipa::path(post, path = "/api/v1/me/password", responses((status = 204), (status = 422), (status = 429)))]
async fn change_own_password(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(request): Json<ChangeOwnPasswordRequest>,
) -> Result<StatusCode, Problem> {
    let origin = Origin::address(caller.ip);
    accounts.change_own_password(caller, request, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
