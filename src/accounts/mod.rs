//! People and keys: users and their roles, passwords, sign-in, access tokens, sessions, the set-up link, and the
//! subscriber tokens that open calendars on phones.
//!
//! Of a secret only a hash is kept. Whoever asks "who is this?" is answered from memory; a change of a person or a
//! token counts from the commit on. Passwords are hashed outside of each transaction, two at once.

mod buckets;
mod carry;
pub mod commands;
mod error;
mod keys;
mod pages;
mod sign_in;
mod tokens;
mod users;

use std::net::IpAddr;
use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

pub use carry::carry_over;
pub use error::AccountError;
pub use keys::{PRIVATE_KEY, is_master_token_kept, set_master_token};
pub use sign_in::{AccessToken, Origin};
pub use tokens::{
    CreateOwnTokenRequest, CreateTokenRequest, CreateTokensRequest, DeadKey, Issued, Keyring, Scope, SubscriberToken,
    UpdateTokenRequest, import_subscriber_token,
};
pub use users::{
    ChangeOwnPasswordRequest, CreateUserRequest, EraseUserRequest, Login, Moved, Newcomer, People, Renaming,
    UpdateUserRequest, User,
};

use crate::actor::{Actor, Caller, Standing};
use crate::app::App;
use crate::cohorts::Cohorts;
use crate::store::View;
use keys::Keys;
use sign_in::{Hashing, OfferedAt, Sessions, SetupKey, Throttle};
use tokens::{DeadNotes, Uses};
use users::{Exports, Renamings};

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
    keyring: View<Keyring>,
    uses: Arc<Uses>,
    dead_notes: Arc<DeadNotes>,
    hashing: Hashing,
    throttle: Arc<Throttle>,
    exports: Exports,
    renamings: Renamings,
}

/// Whose key somebody has shown, as it was when they signed in: whether that counts still is another question.
#[derive(Clone, Debug)]
pub struct Holder {
    login: String,
    epoch: u64,
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

    /// Whose access token this is: shown as `Authorization: Bearer`. A subscriber token is nobody's here, and neither is
    /// the master token.
    pub fn holder_of_token(&self, token: &str) -> Option<Holder> {
        let claims = self.keys.load().check(token, &self.app.clock)?;
        Some(Holder { login: claims.sub, epoch: claims.epoch })
    }

    /// Who signs in by an access token, with their present roles.
    pub fn bearer(&self, token: &str) -> Option<Actor> {
        self.present(&self.holder_of_token(token)?)
    }

    /// The caller that the holder of a key is, if any. They are asked for again at the moment of a change.
    pub fn caller(&self, holder: Option<Holder>, ip: Option<IpAddr>) -> Caller {
        let found = holder.and_then(|holder| Some((self.present(&holder)?, holder)));
        let Some((actor, holder)) = found else { return Caller::new(Actor::Nobody, ip) };
        let people = self.people.clone();
        let present = move || people.load().present(&holder.login, holder.epoch);
        Caller { actor, ip, standing: Standing::asking(present) }
    }

    fn present(&self, holder: &Holder) -> Option<Actor> {
        self.people().present(&holder.login, holder.epoch)
    }

    /// Is there a master token of the replaced proxy?
    pub fn has_master_token(&self) -> bool {
        self.keys.load().has_master()
    }

    /// Lets the master token open nothing any more.
    pub async fn withdraw_master_token(&self, caller: Caller) -> Result<(), AccountError> {
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| keys::delete_master_token(tx, &caller, &clock)).await
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
