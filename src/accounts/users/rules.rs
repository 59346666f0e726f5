//! Making, changing and removing users. What a rule gets is checked and hashed already: no transaction waits for a
//! password.

use serde::Deserialize;
use serde_json::{Value, json};

use super::invitations::delete_invitation_of;
use super::{Login, USERS, User};
use crate::accounts::sign_in::{PasswordHash, delete_setup_key};
use crate::accounts::tokens::revoke_tokens_of;
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Actor, Caller, Deed, Role};
use crate::audit;
use crate::clock::Clock;
use crate::cohorts;
use crate::error::FieldError;
use crate::http::IfMatch;
use crate::http::extract::set_or_null;
use crate::id::checked_name;
use crate::secret::{Secret, random_bytes};
use crate::store::{Read, StoreError, WriteTx};

/// A user to be made. Without a password nobody can sign in as them yet.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserRequest {
    /// The login.
    pub login: String,
    /// The name that people read.
    pub name: String,
    /// Signs in too.
    #[serde(default)]
    pub email: Option<String>,
    /// What they may do.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Their cohorts, by slug.
    #[serde(default)]
    pub cohorts: Vec<String>,
    /// Made, but may not sign in.
    #[serde(default)]
    pub disabled: bool,
    /// At least 10 characters.
    #[serde(default)]
    pub password: Option<Secret<String>>,
}

/// What changes of a user; an absent field stays as it is.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUserRequest {
    /// The name.
    pub name: Option<String>,
    /// The email; null takes it away.
    #[serde(default, deserialize_with = "set_or_null")]
    pub email: Option<Option<String>>,
    /// All roles.
    pub roles: Option<Vec<Role>>,
    /// All cohorts, by slug.
    pub cohorts: Option<Vec<String>>,
    /// Whether they may not sign in.
    pub disabled: Option<bool>,
    /// A new password: it ends each session.
    pub password: Option<Secret<String>>,
}

/// A patch with its cohorts found and its password hashed, and the state that it was made for.
struct Change {
    patch: UpdateUserRequest,
    cohort_ids: Option<Vec<String>>,
    password_hash: Option<PasswordHash>,
    if_match: IfMatch,
}

impl Accounts {
    /// Makes a user.
    pub async fn create_user(&self, caller: Caller, new: CreateUserRequest) -> Result<User, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let user = self.draft_user(new).await?;
        let clock = self.app.clock.clone();
        let made = self.app.store.write(move |tx| insert_user(tx, &caller, &clock, user)).await?;
        self.tidy_setup_file().await?;
        Ok(made)
    }

    /// Changes a user.
    pub async fn update_user(
        &self,
        caller: Caller,
        login: &str,
        patch: UpdateUserRequest,
        if_match: IfMatch,
    ) -> Result<User, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let login = self.login_of(login)?;
        let cohort_ids = patch.cohorts.as_deref().map(|names| self.cohort_ids(names)).transpose()?;
        let password_hash = self.hash_if_given(patch.password.clone()).await?;
        let change = Change { patch, cohort_ids, password_hash, if_match };
        let (clock, renamings) = (self.app.clock.clone(), self.renamings.clone());
        let update = move |tx: &mut WriteTx| {
            let before = find_user(tx, &login)?;
            let after = update_user(tx, &caller, &clock, &login, &change)?;
            if after.name != before.name {
                renamings.tell(tx, &login, &login)?;
            }
            Ok::<_, AccountError>(after)
        };
        let after = self.app.store.write(update).await?;
        self.tidy_setup_file().await?;
        Ok(after)
    }

    /// Removes a user in somebody else's transaction, and revokes the tokens that they made for themselves. Their login
    /// comes back as it was written.
    pub fn remove_user_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        login: &str,
        if_match: &IfMatch,
    ) -> Result<Login, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let login = self.login_of(login)?;
        remove_user(tx, caller, &self.app.clock, (&login, if_match))?;
        Ok(login)
    }

    /// A new user's record, checked, with the password hashed.
    pub(in crate::accounts) async fn draft_user(&self, new: CreateUserRequest) -> Result<User, AccountError> {
        let login = new_login(&new.login)?;
        if self.people().find(login.as_str()).is_some() {
            return Err(AccountError::LoginTaken(login.to_string()));
        }
        Ok(User {
            login,
            name: checked_name(&new.name, 200).map_err(AccountError::Bad)?,
            email: new.email.as_deref().map(checked_email).transpose()?,
            roles: sorted(new.roles),
            cohorts: self.cohort_ids(&new.cohorts)?,
            disabled: new.disabled,
            password_hash: self.hash_if_given(new.password).await?,
            created_at: self.app.clock.now_secs(),
            auth_epoch: new_epoch()?,
        })
    }

    async fn hash_if_given(&self, password: Option<Secret<String>>) -> Result<Option<PasswordHash>, AccountError> {
        match password {
            Some(password) => Ok(Some(self.hashing.hash(password).await?)),
            None => Ok(None),
        }
    }

    /// The login of somebody who is there, as it is kept.
    pub fn login_of(&self, login: &str) -> Result<Login, AccountError> {
        let people = self.people();
        let found = people.find(login).ok_or_else(|| AccountError::UnknownUser(login.to_owned()))?;
        Ok(found.login.clone())
    }
}

fn insert_user(tx: &mut WriteTx, caller: &Caller, clock: &Clock, user: User) -> Result<User, AccountError> {
    caller.actor.must(Deed::Administer)?;
    must_be_free(tx, &user)?;
    put_user(tx, &user)?;
    note(tx, caller, clock, "user.create", [None, Some(&user)])?;
    Ok(user)
}

/// The first administrator, made by whoever held the set-up link: the caller has checked that.
pub(in crate::accounts) fn insert_first_admin(
    tx: &mut WriteTx,
    ip: Option<std::net::IpAddr>,
    clock: &Clock,
    user: User,
) -> Result<User, AccountError> {
    if tx.list(&USERS)?.iter().any(User::is_admin) {
        return Err(AccountError::BadSetupKey);
    }
    must_be_free(tx, &user)?;
    put_user(tx, &user)?;
    note(tx, &Caller::new(user.actor(), ip), clock, "user.setup", [None, Some(&user)])?;
    Ok(user)
}

fn update_user(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    login: &Login,
    change: &Change,
) -> Result<User, AccountError> {
    caller.actor.must(Deed::Administer)?;
    let before = find_user(tx, login)?.must_be_somebody()?;
    change.if_match.must_hold(&before)?;
    let after = patched(&before, change)?;
    if after == before {
        return Ok(after);
    }
    must_not_be_own_roles(caller, &before, &after)?;
    must_leave_an_admin(tx, &before, Some(&after))?;
    must_be_free_email(tx, &after)?;
    put_user(tx, &after)?;
    if (&before.roles, &before.cohorts) != (&after.roles, &after.cohorts) {
        cohorts::touch_scopes(tx, clock.steady())?;
    }
    if shown(tx, &before)? != shown(tx, &after)? {
        note(tx, caller, clock, "user.update", [Some(&before), Some(&after)])?;
    }
    if change.password_hash.is_some() {
        audit::record(tx, caller, clock.now_secs(), ("user.password", format!("user:{login}")), [None, None])?;
    }
    Ok(after)
}

fn patched(before: &User, change: &Change) -> Result<User, AccountError> {
    let mut after = before.clone();
    let patch = &change.patch;
    if let Some(name) = &patch.name {
        after.name = checked_name(name, 200).map_err(AccountError::Bad)?;
    }
    if let Some(email) = &patch.email {
        after.email = email.as_deref().map(checked_email).transpose()?;
    }
    after.roles = patch.roles.clone().map_or(after.roles, sorted);
    after.cohorts = change.cohort_ids.clone().unwrap_or(after.cohorts);
    after.disabled = patch.disabled.unwrap_or(after.disabled);
    after.password_hash = change.password_hash.clone().or(after.password_hash);
    let signs_out = after.disabled && !before.disabled || after.password_hash != before.password_hash;
    after.auth_epoch += u64::from(signs_out);
    Ok(after)
}

fn remove_user(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    (login, if_match): (&Login, &IfMatch),
) -> Result<(), AccountError> {
    caller.actor.must(Deed::Administer)?;
    let user = find_user(tx, login)?;
    if_match.must_hold(&user)?;
    must_leave_an_admin(tx, &user, None)?;
    revoke_tokens_of(tx, caller, clock, login)?;
    delete_invitation_of(tx, login)?;
    tx.delete(&USERS, login.as_str().as_bytes())?;
    note(tx, caller, clock, "user.remove", [Some(&user), None])?;
    Ok(())
}

pub(super) fn find_user(tx: &WriteTx, login: &Login) -> Result<User, AccountError> {
    tx.find(&USERS, login.as_str().as_bytes())?.ok_or_else(|| AccountError::UnknownUser(login.to_string()))
}

/// Each write of a user: where it makes an administrator, the set-up link dies with it.
pub(super) fn put_user(tx: &mut WriteTx, user: &User) -> Result<(), StoreError> {
    tx.put(&USERS, user.login.as_str().as_bytes(), user)?;
    match user.is_admin() {
        true => delete_setup_key(tx),
        false => Ok(()),
    }
}

fn must_be_free(tx: &WriteTx, user: &User) -> Result<(), AccountError> {
    if tx.find(&USERS, user.login.as_str().as_bytes())?.is_some() {
        return Err(AccountError::LoginTaken(user.login.to_string()));
    }
    // `/api/v1/users/import` is an address already.
    if user.login.as_str() == "import" {
        return Err(AccountError::Senseless(FieldError::new(
            "login",
            "is the word of an address here: choose another",
        )));
    }
    must_be_free_email(tx, user)
}

fn must_be_free_email(tx: &WriteTx, user: &User) -> Result<(), AccountError> {
    let Some(email) = user.email.as_deref() else { return Ok(()) };
    let folded = email.to_lowercase();
    let has_it = |other: &User| other.email.as_ref().is_some_and(|email| email.to_lowercase() == folded);
    match tx.list(&USERS)?.iter().any(|other| other.login != user.login && has_it(other)) {
        true => Err(AccountError::EmailTaken(email.to_owned())),
        false => Ok(()),
    }
}

fn must_not_be_own_roles(caller: &Caller, before: &User, after: &User) -> Result<(), AccountError> {
    match &caller.actor {
        Actor::User { login, .. } if login == before.login.as_str() && before.roles != after.roles => {
            Err(AccountError::OwnRoles)
        }
        _ => Ok(()),
    }
}

pub(super) fn must_leave_an_admin(tx: &WriteTx, before: &User, after: Option<&User>) -> Result<(), AccountError> {
    if !before.is_admin() || after.is_some_and(User::is_admin) {
        return Ok(());
    }
    match tx.list(&USERS)?.iter().any(|other| other.login != before.login && other.is_admin()) {
        true => Ok(()),
        false => Err(AccountError::LastAdmin(before.login.to_string())),
    }
}

pub(super) fn checked_email(email: &str) -> Result<String, AccountError> {
    let email = email.trim();
    let strange = |c: char| c.is_whitespace() || c.is_control();
    let halves = email.split_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    match halves.is_none() || email.len() > 254 || email.contains(strange) {
        true => Err(AccountError::bad("email", "an address such as marie@example.org")),
        false => Ok(email.to_owned()),
    }
}

/// A login that nobody has had: those that erasure gives are not for anybody to take.
pub(super) fn new_login(text: &str) -> Result<Login, AccountError> {
    let login = Login::parse(text)?;
    match login.is_of_nobody() {
        true => Err(AccountError::senseless("login", "those that begin with `erased-` are of people who were erased")),
        false => Ok(login),
    }
}

/// The first epoch of a record: random, so that a login that is made anew inherits no session.
pub(super) fn new_epoch() -> Result<u64, AccountError> {
    Ok(u64::from(u32::from_be_bytes(random_bytes()?)))
}

fn sorted(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort();
    roles.dedup();
    roles
}

/// A user as the audit shows them: no hash.
fn shown(tx: &WriteTx, user: &User) -> Result<Value, StoreError> {
    let User { login, name, email, roles, cohorts, disabled, .. } = user;
    let cohorts = cohorts::slugs_of(tx, cohorts)?;
    Ok(json!({"login": login, "name": name, "email": email, "roles": roles, "cohorts": cohorts, "disabled": disabled}))
}

/// Tells the audit of a user.
pub(super) fn note(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    action: &str,
    [before, after]: [Option<&User>; 2],
) -> Result<(), StoreError> {
    let login = before.or(after).map(|user| user.login.to_string()).unwrap_or_default();
    let before = before.map(|user| shown(tx, user)).transpose()?;
    let after = after.map(|user| shown(tx, user)).transpose()?;
    audit::record(tx, caller, clock.now_secs(), (action, format!("user:{login}")), [before, after])
}
