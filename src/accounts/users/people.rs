//! Everybody in memory, found by login or email.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{USERS, User};
use crate::actor::Actor;
use crate::store::{Read, Store, StoreError, View};

/// The users at one moment.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_login: BTreeMap<String, Arc<User>>,
    by_email: HashMap<String, Arc<User>>,
}

/// The users of a store, as they are now.
pub(in crate::accounts) fn view(store: &Store) -> Result<View<People>, StoreError> {
    store.view(&[USERS.name], People::load)
}

impl People {
    pub(in crate::accounts) fn load(tx: &impl Read) -> Result<Self, StoreError> {
        let all: Vec<_> = tx.list(&USERS)?.into_iter().map(Arc::new).collect();
        let email = |user: &Arc<User>| Some((user.email.as_ref()?.to_lowercase(), Arc::clone(user)));
        let by_email = all.iter().filter_map(email).collect();
        Ok(Self { by_login: all.into_iter().map(|user| (user.login.to_string(), user)).collect(), by_email })
    }

    /// Takes in a user who is new, without an email.
    pub fn add(&mut self, user: User) {
        self.by_login.insert(user.login.to_string(), Arc::new(user));
    }

    /// Each user, sorted by login.
    pub fn all(&self) -> impl Iterator<Item = &Arc<User>> {
        self.by_login.values()
    }

    /// The user of a login, however it is capitalised.
    pub fn find(&self, login: &str) -> Option<&Arc<User>> {
        self.by_login.get(login).or_else(|| self.by_login.get(&login.trim().to_ascii_lowercase()))
    }

    /// The user of a login or an email.
    pub fn find_by_login_or_email(&self, name: &str) -> Option<&Arc<User>> {
        self.find(name).or_else(|| self.by_email.get(&name.trim().to_lowercase()))
    }

    /// Who somebody is now that signed in at this epoch; `None` when that counts no more.
    pub(in crate::accounts) fn present(&self, login: &str, epoch: u64) -> Option<Actor> {
        let user = self.by_login.get(login)?;
        (!user.disabled && user.auth_epoch == epoch).then(|| user.actor())
    }

    /// Is there an administrator who can act?
    pub fn has_admin(&self) -> bool {
        self.all().any(|user| user.is_admin())
    }
}
