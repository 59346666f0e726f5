//! What accounts hold of somebody: their record, tokens, sessions and invitation, and what the audit tells of them. No hash,
//! no secret, and of others no more than who they are. The route stands with whoever knows of events too.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;

use super::{User, UserResponse};
use crate::accounts::tokens::TokenResponse;
use crate::accounts::{AccountError, Accounts, Login};
use crate::audit::{self, AuditEntryResponse};
use crate::clock::local;
use crate::store::StoreError;

/// One at a time reads the whole audit.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// What accounts hold of somebody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UserDataResponse {
    user: UserResponse,
    tokens: Vec<TokenResponse>,
    sessions: Vec<SpanResponse>,
    /// The link by which they can choose a password.
    invitation: Option<SpanResponse>,
    audit: Vec<AuditEntryResponse>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SpanResponse {
    created_at: String,
    expires_at: String,
}

impl Accounts {
    /// What is held of somebody here; one at a time reads the whole audit.
    pub async fn data_of(&self, login: &Login) -> Result<UserDataResponse, AccountError> {
        let _alone = self.exports.0.try_acquire().map_err(|_| AccountError::Busy)?;
        let people = self.people();
        let user = people.find(login.as_str()).ok_or_else(|| AccountError::UnknownUser(login.to_string()))?;
        let (zone, whose) = (self.app.zone(), login.clone());
        let read = self.app.store.read::<_, StoreError>(move |tx| audit::entries_of(tx, whose.as_str()));
        let entries = read.await?;
        let span = |[from, to]: [_; 2]| SpanResponse { created_at: local(from, zone), expires_at: local(to, zone) };
        Ok(UserDataResponse {
            user: UserResponse::new(user, self),
            tokens: self.tokens_held_by(user),
            sessions: self.sessions_of(user).into_iter().map(span).collect(),
            invitation: self.invitation_of(user).map(span),
            audit: entries.into_iter().map(|entry| AuditEntryResponse::new(entry, zone)).collect(),
        })
    }

    /// Those that they made, and those that bear their login.
    fn tokens_held_by(&self, user: &User) -> Vec<TokenResponse> {
        let keyring = self.keyring();
        let theirs = keyring.all().filter(|token| token.is_of(&user.login));
        theirs.map(|token| TokenResponse::new(token, self)).collect()
    }
}
