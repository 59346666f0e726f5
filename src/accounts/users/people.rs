//! Everybody in memory, found by login or email.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{USERS, User};
use crate::actor::{Actor, Role};
use crate::store::{Read, Store, StoreError, View};

/// The users at one moment.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_login: BTreeMap<String, Arc<User>>,
    by_email: HashMap<String, Arc<User>>,
    /// Students who may sign in, by the ids of their cohorts: an import asks for them row by row.
    students: HashMap<String, Vec<Arc<User>>>,
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
        let mut students: HashMap<String, Vec<_>> = HashMap::new();
        for user in all.iter().filter(|user| !user.disabled && user.roles.contains(&Role::Student)) {
            user.cohorts.iter().for_each(|id| students.entry(id.clone()).or_default().push(Arc::clone(user)));
        }
        let by_login = all.into_iter().map(|user| (user.login.to_string(), user)).collect();
        Ok(Self { by_login, by_email, students })
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

    /// How many students who may sign in belong to one of these cohorts.
    pub fn count_students(&self, cohort_ids: &[String]) -> usize {
        let students = cohort_ids.iter().filter_map(|id| self.students.get(id)).flatten();
        students.map(|user| user.login.as_str()).collect::<HashSet<_>>().len()
    }

    /// Is there an administrator who can act?
    pub fn has_admin(&self) -> bool {
        self.all().any(|user| user.is_admin())
    }
}
