//! Subscriber tokens: named, revocable secrets that open calendars on phones.
//!
//! Only the SHA-256 of a secret is kept. A phone's poll is answered from memory: one hash, one look-up, no lock, no
//! disk. A token that somebody made for themselves opens at most what they may read now, and dies with them.

mod api;
mod batch;
mod commands;
mod expiry;
mod keyring;
mod legacy;
mod master;
mod mine;
mod rules;
mod uses;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;

pub(super) use api::TokenResponse;
pub(super) use batch::Awaited;
pub use batch::CreateTokensRequest;
pub use commands::{TokenCommand, run_token};
pub use keyring::{DeadKey, Keyring};
pub(super) use keyring::{DeadNotes, view};
pub use mine::CreateOwnTokenRequest;
pub(super) use mine::Rotations;
pub use rules::{CreateTokenRequest, Issued, UpdateTokenRequest, import_subscriber_token};
pub(super) use rules::{forget_holder, revoke_tokens_of};
pub(super) use uses::Uses;

use super::{Accounts, Login, User};
use crate::clock::Clock;
use crate::secret::Fingerprint;
use crate::store::Table;

pub(super) const TOKENS: Table<SubscriberToken> = Table::new("tokens");

/// The routes of subscriber tokens.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    api::routes().merge(mine::routes()).merge(master::routes()).merge(legacy::routes().into())
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Each cohort's calendar, those of cohorts to come too.
    All,
    /// The calendars of the cohorts with these ids.
    Cohorts(Vec<String>),
}

impl Scope {
    /// Does the scope name this cohort?
    pub fn lists(&self, cohort_id: &str) -> bool {
        matches!(self, Self::Cohorts(ids) if ids.iter().any(|id| id == cohort_id))
    }

    /// As the interfaces write it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Cohorts(_) => "cohorts",
        }
    }

    /// The ids that it lists.
    pub fn ids(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Cohorts(ids) => ids,
        }
    }
}

/// What is kept of a subscriber token: not the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriberToken {
    /// `t_…`; stays through rotations.
    pub id: String,
    /// As it was given.
    pub name: String,
    /// Of the whole secret.
    pub(super) fingerprint: Fingerprint,
    /// What it opens.
    pub scope: Scope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From then on it is dead.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since then it is dead.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Brought in from the replaced proxy: these alone open addresses by plain HTTP.
    #[serde(default)]
    pub imported: bool,
    /// Whoever made it for themselves.
    #[serde(default)]
    pub owner: Option<Login>,
    /// What a student sets at the server; nothing yet.
    #[serde(default)]
    pub settings: serde_json::Map<String, serde_json::Value>,
}

impl SubscriberToken {
    /// Is it neither revoked nor expired, as far as this clock can tell?
    pub fn is_live(&self, clock: &Clock) -> bool {
        self.revoked_at.is_none() && !self.is_expired(clock)
    }

    fn is_expired(&self, clock: &Clock) -> bool {
        self.expires_at.is_some_and(|end| clock.has_ended(self.created_at, end))
    }

    /// Is it of this login: made under it, or made for it by an administrator? What somebody calls a token of their own says
    /// nothing of others.
    pub(super) fn is_of(&self, login: &Login) -> bool {
        match &self.owner {
            Some(owner) => owner == login,
            None => self.is_named(login.as_str()),
        }
    }

    /// Has this user made it? Whoever had their login before has left dead tokens at most.
    pub(super) fn is_made_by(&self, user: &User, clock: &Clock) -> bool {
        self.owner.as_ref() == Some(&user.login) && self.is_of_the_time(user, clock)
    }

    /// Is it of this user, as [`SubscriberToken::is_of`] says, and not of somebody who had their login before?
    pub(super) fn is_held_by(&self, user: &User, clock: &Clock) -> bool {
        self.is_of(&user.login) && self.is_of_the_time(user, clock)
    }

    fn is_of_the_time(&self, user: &User, clock: &Clock) -> bool {
        self.is_live(clock) || self.created_at >= user.created_at
    }

    /// Is this its name? Capitals do not count.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.trim().to_lowercase()
    }
}
