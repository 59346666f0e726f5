//! People and keys: users and their roles, passwords, sign-in, access tokens, sessions, the links that let
//! somebody in once, and the subscriber tokens that open calendars on phones.
//!
//! Of a secret only a hash is kept. Whoever asks "who is this?" is answered from memory; a change of a person or a
//! token counts from the commit on. Passwords are hashed outside of each transaction, two at once.

pub mod commands;
mod error;
mod keys;
mod pages;
mod sign_in;
mod tokens;
mod users;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

pub use error::AccountError;
pub use keys::set_master_token;
pub use sign_in::{AccessToken, Origin};
pub use tokens::{
    CreateOwnTokenRequest, CreateTokenRequest, CreateTokensRequest, DeadKey, Issued, Keyring, Scope, SubscriberToken,
    UpdateTokenRequest, import_subscriber_token,
};
pub use users::{
    ChangeOwnPasswordRequest, CreateUserRequest, EraseUserRequest, InvitationResponse, Invite, Invited, Login, Moved,
    Newcomer, People, Renaming, UpdateUserRequest, User, UserDataResponse, own_login,
};

use crate::actor::Actor;
use crate::app::App;
use crate::cohorts::Cohorts;
use crate::store::View;
use keys::Keys;
use sign_in::{Hashing, OfferedAt, Sessions, SetupKey, Throttle};
use tokens::{DeadNotes, Uses};
use users::{Exports, Invitations, Renamings};

/// The people and keys of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    /// The floor.
    pub app: App,
    /// The cohorts that people and tokens point at.
    pub cohorts: Cohorts,
    people: View<People>,
    sessions: View<Sessions>,
    keys: View<Keys>,
    setup_key: View<Option<SetupKey>>,
    setup_offered_at: OfferedAt,
    invitations: View<Invitations>,
    keyring: View<Keyring>,
    uses: Arc<Uses>,
    dead_notes: Arc<DeadNotes>,
    hashing: Hashing,
    throttle: Arc<Throttle>,
    exports: Exports,
    renamings: Renamings,
}

impl Accounts {
    /// Reads them. The first start makes the key of the access tokens.
    pub fn open(app: App, cohorts: Cohorts) -> Result<Self, AccountError> {
        let store = &app.store;
        let uses = Arc::new(Uses::open(store)?);
        Ok(Self {
            people: users::view(store)?,
            sessions: sign_in::sessions(store)?,
            keys: Keys::open(store)?,
            setup_key: sign_in::setup_key(store)?,
            setup_offered_at: OfferedAt::default(),
            invitations: users::invitations(store)?,
            keyring: tokens::view(store, &uses)?,
            uses,
            dead_notes: Arc::default(),
            hashing: Hashing::default(),
            throttle: Arc::default(),
            exports: Exports::default(),
            renamings: Renamings::default(),
            app,
            cohorts,
        })
    }

    /// Who signs in by `Authorization: Bearer`: a user by an access token, with their present roles, or the holder of
    /// the master token. A subscriber token is nobody here.
    pub fn bearer(&self, token: &str) -> Option<Actor> {
        let keys = self.keys.load();
        if keys.is_master(token) {
            return Some(Actor::Master);
        }
        let claims = keys.check(token, &self.app.clock)?;
        self.people().present(&claims.sub, claims.epoch)
    }

    /// Is this the master token of the replaced proxy? Never, where none was imported.
    pub fn is_master(&self, token: &str) -> bool {
        self.keys.load().is_master(token)
    }

    /// Everybody, as they are now, from memory.
    pub fn people(&self) -> Arc<People> {
        self.people.load()
    }

    /// Each subscriber token, as it is now, from memory.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load()
    }

    /// What hangs on a cohort, by name: the users who belong to it and the live tokens that list it.
    pub fn hanging_on(&self, cohort_id: &str) -> Vec<String> {
        let people = self.people();
        let keyring = self.keyring();
        let users = people.all().filter(|user| user.cohorts.iter().any(|id| id == cohort_id));
        let tokens = keyring.all().filter(|token| token.is_live(&self.app.clock) && token.scope.lists(cohort_id));
        let users = users.map(|user| format!("user {}", user.login));
        users.chain(tokens.map(|token| format!("token {:?}", token.name))).collect()
    }

    /// The ids of cohorts that a request names.
    fn cohort_ids(&self, names: &[String]) -> Result<Vec<String>, AccountError> {
        let mut ids = self.cohorts.directory().ids(names).map_err(AccountError::UnknownCohort)?;
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}

/// The routes of people and keys.
pub fn routes() -> OpenApiRouter<Accounts> {
    sign_in::routes().merge(users::routes()).merge(tokens::routes()).merge(pages::routes().into())
}

#[cfg(test)]
mod tests;
