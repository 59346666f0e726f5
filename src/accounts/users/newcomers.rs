//! People who come along from another system, with the hashes of their passwords: made in somebody else's transaction.
//!
//! Whoever is here already stays as they are. What an address cannot be is left out and told; a login that cannot be is
//! told as bad, and then nothing may be written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::rules::{checked_email, new_epoch, new_login, note, put_user};
use super::{Login, People, USERS, User};
use crate::accounts::sign_in::PasswordHash;
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed, Role};
use crate::cohorts;
use crate::error::{FieldError, Kind, Refusal, shortened};
use crate::id::checked_name;
use crate::secret::Secret;
use crate::store::{Read, StoreError, WriteTx};

/// Somebody who comes from another system.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Where they stand in its table.
    pub row: u32,
    /// What they sign in with.
    pub login: String,
    /// The name that people read; the login, where it is blank.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The ids of their cohorts.
    pub cohorts: Vec<String>,
    /// An argon2 PHC string that has been looked at: what checking it costs is borne by this appliance.
    pub password_hash: Option<Secret<String>>,
}

/// What came of them.
#[derive(Debug, Default)]
pub struct Moved {
    /// How many are new.
    pub made: usize,
    /// Who cannot be, by row.
    pub bad: Vec<FieldError>,
    /// What was left out, by row.
    pub warnings: Vec<(u32, String)>,
}

impl Accounts {
    /// Everybody, in the state of a transaction.
    pub fn people_in(&self, tx: &impl Read) -> Result<Arc<People>, StoreError> {
        People::load(tx).map(Arc::new)
    }

    /// Makes a teacher who has no password yet, of no more than a login.
    pub fn create_teacher_in(&self, tx: &mut WriteTx, caller: &Caller, login: &str) -> Result<User, AccountError> {
        let newcomer = Newcomer {
            row: 0,
            login: login.to_owned(),
            name: String::new(),
            email: String::new(),
            roles: vec![Role::Teacher],
            cohorts: Vec::new(),
            password_hash: None,
        };
        caller.actor.must(Deed::Administer)?;
        let user = self.user_of(&newcomer, None)?;
        put_user(tx, &user)?;
        note(tx, caller, &self.app.clock, "user.create", [None, Some(&user)])?;
        Ok(user)
    }

    /// Makes those who are not here yet.
    pub fn insert_newcomers_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        newcomers: Vec<Newcomer>,
    ) -> Result<Moved, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let present: Vec<User> = tx.list(&USERS)?;
        let mut emails: HashSet<String> =
            present.iter().filter_map(|user| user.email.as_ref()).map(|email| email.to_lowercase()).collect();
        let present: HashSet<Login> = present.into_iter().map(|user| user.login).collect();
        let mut rows: HashMap<Login, u32> = HashMap::new();
        let mut moved = Moved::default();
        for newcomer in newcomers {
            let row = newcomer.row;
            let bad = |message: String| FieldError { row: Some(row), ..FieldError::new("login", message) };
            let login = match new_login(&newcomer.login) {
                Ok(login) => login,
                Err(error) => {
                    moved.bad.push(bad(format!("{:?}: {error}", shortened(&newcomer.login, 60))));
                    continue;
                }
            };
            if let Some(first) = rows.insert(login.clone(), row) {
                moved.bad.push(bad(format!("{login} stands in row {first} too")));
            } else if !present.contains(&login) {
                let email = free_email(&newcomer, &mut emails, &mut moved.warnings);
                match self.user_of(&newcomer, email) {
                    Ok(user) => {
                        put_user(tx, &user)?;
                        note(tx, caller, &self.app.clock, "user.create", [None, Some(&user)])?;
                        moved.made += 1;
                    }
                    Err(error) if error.kind() == Kind::Malformed => moved.bad.push(bad(error.to_string())),
                    Err(error) => return Err(error),
                }
            }
        }
        if moved.made > 0 {
            cohorts::touch_scopes(tx, self.app.clock.steady())?;
        }
        Ok(moved)
    }

    fn user_of(&self, newcomer: &Newcomer, email: Option<String>) -> Result<User, AccountError> {
        let login = new_login(&newcomer.login)?;
        let name = if newcomer.name.trim().is_empty() { login.as_str() } else { &newcomer.name };
        Ok(User {
            name: checked_name(name, 200).map_err(AccountError::Bad)?,
            login,
            email,
            roles: newcomer.roles.clone(),
            cohorts: newcomer.cohorts.clone(),
            disabled: false,
            password_hash: newcomer.password_hash.as_ref().map(PasswordHash::of_another_system),
            created_at: self.app.clock.now_secs(),
            auth_epoch: new_epoch()?,
        })
    }
}

/// Their address, if it is one that nobody has.
fn free_email(newcomer: &Newcomer, taken: &mut HashSet<String>, warnings: &mut Vec<(u32, String)>) -> Option<String> {
    let email = Some(newcomer.email.trim()).filter(|email| !email.is_empty())?;
    let mut warn =
        |why: &str| warnings.push((newcomer.row, format!("the email of {:?} {why}: left out", newcomer.login)));
    match checked_email(email) {
        Ok(email) if taken.insert(email.to_lowercase()) => Some(email),
        Ok(_) => {
            warn("belongs to another user");
            None
        }
        Err(_) => {
            warn("is no address");
            None
        }
    }
}
