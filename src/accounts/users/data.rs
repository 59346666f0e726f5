//! What accounts hold of somebody: their record, tokens, sessions and invitation, and what the audit tells of them. No hash,
//! no secret, and of others no more than who they are. The route stands with whoever knows of events too.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{User, UserResponse};
use crate::accounts::buckets::{Bucket, Rate, Remembered, whole_secs};
use crate::accounts::tokens::TokenResponse;
use crate::accounts::{AccountError, Accounts, Login};
use crate::actor::{Actor, Caller};
use crate::audit::{self, AuditEntryResponse};
use crate::clock::local;
use crate::secret::Fingerprint;
use crate::store::StoreError;

/// So often somebody may have all that is held of them.
const OFTEN: Rate = Rate { burst: 5, every: TimeDelta::minutes(5) };

/// One at a time reads the whole audit, in the order in which they came; nobody has it read again and again.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Exports {
    turn: Arc<Semaphore>,
    of_late: Arc<Mutex<Remembered<Fingerprint, Bucket>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), of_late: Arc::default() }
    }
}

impl Exports {
    fn must_not_be_too_often(&self, login: &str, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut of_late = self.of_late.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = of_late.of(Fingerprint::of(login), now);
        let wait = bucket.wait(OFTEN, now);
        if wait > TimeDelta::zero() {
            return Err(AccountError::DataTooOften { secs: whole_secs(wait) });
        }
        bucket.take(OFTEN, now);
        Ok(())
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
    /// What is held of somebody here, for whoever asks. One at a time reads the whole audit, and nobody too often.
    pub async fn data_of(&self, caller: &Caller, login: &Login) -> Result<UserDataResponse, AccountError> {
        if let Actor::User { login: asking, .. } = &caller.actor {
            self.exports.must_not_be_too_often(asking, self.app.clock.now())?;
        }
        let _alone = self.exports.turn.acquire().await.map_err(|_| AccountError::Busy)?;
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

    /// Those that they made, and those that an administrator made and called by their login.
    fn tokens_held_by(&self, user: &User) -> Vec<TokenResponse> {
        let keyring = self.keyring();
        let theirs = keyring.all().filter(|token| token.is_held_by(user, &self.app.clock));
        theirs.map(|token| TokenResponse::new(token, self)).collect()
    }
}
