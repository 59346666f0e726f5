//! Users: who they are, what they may do, and how they are changed.
//!
//! Nobody changes their own roles, and one enabled administrator is always left.

mod api;
mod commands;
mod data;
mod erase;
mod import;
mod invitations;
mod mine;
mod newcomers;
mod people;
mod prompt;
mod rules;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;

pub use api::UserResponse;
pub use commands::{UserCommand, run_user};
pub(super) use data::Exports;
pub use data::UserDataResponse;
pub(super) use erase::Renamings;
pub use erase::{EraseUserRequest, Renaming};
pub use invitations::{InvitationResponse, Invite, Invited};
pub(super) use invitations::{Invitations, carry_invitations, view as invitations};
pub use mine::ChangeOwnPasswordRequest;
pub use mine::own_login;
pub use newcomers::{Moved, Newcomer};
pub use people::People;
pub(super) use people::view;
pub(super) use rules::insert_first_admin;
pub use rules::{CreateUserRequest, UpdateUserRequest};

use super::sign_in::PasswordHash;
use super::{AccountError, Accounts};
use crate::actor::{Actor, Role};
use crate::store::Table;

/// The routes of users.
pub(super) fn routes() -> OpenApiRouter<Accounts> {
    let one = api::routes().merge(erase::routes());
    one.merge(import::routes()).merge(mine::routes()).merge(invitations::routes())
}

pub(super) const USERS: Table<User> = Table::new("users");

/// What the logins of erased people begin with.
const ERASED: &str = "erased-";

/// The name that somebody signs in with: `[a-z0-9._-]`, 1 to 64 of them, at least one a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Login(String);

impl Login {
    /// Reads what somebody typed; capitals are made small.
    pub fn parse(text: &str) -> Result<Self, AccountError> {
        let login = text.trim().to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let named = login.contains(|c: char| c.is_ascii_alphanumeric());
        match named && login.len() <= 64 && login.chars().all(allowed) {
            true => Ok(Self(login)),
            false => Err(AccountError::bad("login", "1 to 64 of a-z, 0-9, `.`, `_` and `-`")),
        }
    }

    /// Does it stand for somebody who was erased?
    pub fn is_of_nobody(&self) -> bool {
        self.0.starts_with(ERASED)
    }

    /// The login as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person who signs in. Goes out only as a `UserResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The key.
    pub login: Login,
    /// The name that people read.
    pub name: String,
    /// Signs in too.
    pub email: Option<String>,
    /// Sorted.
    pub roles: Vec<Role>,
    /// The ids of their cohorts.
    pub cohorts: Vec<String>,
    /// May not sign in.
    pub disabled: bool,
    /// Without one, nobody signs in as them.
    pub(super) password_hash: Option<PasswordHash>,
    /// When they were made.
    pub created_at: DateTime<Utc>,
    /// Sessions and access tokens of another epoch are dead. It begins with a random number, so that a login that is
    /// made anew does not inherit what was signed in before.
    pub(super) auth_epoch: u64,
}

impl User {
    /// Are they an administrator who can act?
    pub fn is_admin(&self) -> bool {
        !self.disabled && self.roles.contains(&Role::Admin)
    }

    /// Can an event name them as its teacher?
    pub fn teaches(&self) -> bool {
        self.roles.contains(&Role::Teacher)
    }

    /// Refuses what is left of somebody who was erased: it does not change any more.
    fn must_be_somebody(self) -> Result<Self, AccountError> {
        if self.login.is_of_nobody() { Err(AccountError::Erased(self.login.to_string())) } else { Ok(self) }
    }

    /// As the one who calls.
    pub fn actor(&self) -> Actor {
        Actor::User { login: self.login.to_string(), roles: self.roles.clone(), cohorts: self.cohorts.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_small_letters_digits_and_three_signs() {
        let long = "x".repeat(64);
        let cases = [("Marie.Curie", Some("marie.curie")), (" a_b-1 ", Some("a_b-1")), (&long, Some(&long))];
        for (text, login) in cases {
            assert_eq!(Login::parse(text).ok().as_ref().map(Login::as_str), login, "{text}");
        }
        for text in ["", "a b", "é", "a@b", "..", "-", "a/b", &"x".repeat(65)] {
            assert!(Login::parse(text).is_err(), "{text}");
        }
    }
}
