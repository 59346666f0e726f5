//! Invitations: a link by which somebody chooses their password, once, who has none or has forgotten it.
//!
//! An administrator makes it and never learns the password. Of its key the fingerprint is kept, under the login: a newer
//! one takes its place. It is bound to the user's `auth_epoch`, so it dies with any new password and when the user is
//! disabled or made anew; and it ends after 7 days.

mod api;

use std::collections::HashMap;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

pub use api::InvitationResponse;
pub(super) use api::routes;

use super::rules::{find_user, put_user};
use super::{Login, User};
use crate::accounts::sign_in::PasswordHash;
use crate::accounts::{AccountError, Accounts};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::clock::Clock;
use crate::secret::{Fingerprint, Secret, random_text};
use crate::store::{Read, ReadTx, Store, StoreError, Table, View, WriteTx};

const INVITATIONS: Table<Invitation> = Table::new("invitations");
const LIFE: TimeDelta = TimeDelta::days(7);

/// What is kept of an invitation: not its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::accounts) struct Invitation {
    fingerprint: Fingerprint,
    login: Login,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    epoch: u64,
}

impl Invitation {
    /// Does it still let this user in?
    fn is_open(&self, user: &User, clock: &Clock) -> bool {
        !user.disabled && user.auth_epoch == self.epoch && !clock.has_ended(self.created_at, self.expires_at)
    }
}

/// The invitations at one moment.
pub(in crate::accounts) type Invitations = HashMap<Fingerprint, Invitation>;

/// The invitations of a store, as they are now.
pub(in crate::accounts) fn view(store: &Store) -> Result<View<Invitations>, StoreError> {
    store.view(&[INVITATIONS.name], |tx| {
        Ok(tx.list(&INVITATIONS)?.into_iter().map(|invitation| (invitation.fingerprint, invitation)).collect())
    })
}

/// Takes back the invitation of somebody who goes: nothing of them is left.
pub(super) fn delete_invitation_of(tx: &mut WriteTx, login: &Login) -> Result<(), StoreError> {
    tx.delete(&INVITATIONS, login.as_str().as_bytes())
}

/// Of the backup's invitations, leaves those that the database which a restore replaces has too: one that another has taken
/// the place of since, or that was used, opens nothing again.
pub(in crate::accounts) fn carry_invitations(before: &ReadTx, tx: &mut WriteTx) -> Result<(), StoreError> {
    for own in tx.list(&INVITATIONS)? {
        let seen = before.find(&INVITATIONS, own.login.as_str().as_bytes())?;
        if seen.is_none_or(|seen| seen.fingerprint != own.fingerprint) {
            delete_invitation_of(tx, &own.login)?;
        }
    }
    Ok(())
}

/// Whether those whom an import makes get a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invite {
    /// Each of them who has no password.
    Newcomers,
    /// None.
    Nobody,
}

impl Invite {
    /// As a request says it.
    pub fn asked(newcomers: bool) -> Self {
        if newcomers { Self::Newcomers } else { Self::Nobody }
    }
}

/// An invitation and its link: the one time that it is seen.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Whose password it sets.
    pub login: Login,
    /// What they open in a browser.
    pub link: Secret<String>,
    /// From then on it opens nothing.
    pub expires_at: DateTime<Utc>,
}

impl Accounts {
    /// Invites these people, all of them or none.
    pub async fn invite_users(&self, caller: Caller, logins: &[String]) -> Result<Vec<Invited>, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let mut wanted = logins.iter().map(|login| self.login_of(login)).collect::<Result<Vec<_>, _>>()?;
        wanted.sort();
        wanted.dedup();
        if wanted.is_empty() {
            return Err(AccountError::senseless("logins", "at least one"));
        }
        let accounts = self.clone();
        self.app.store.write(move |tx| accounts.invite_in(tx, &caller, &wanted)).await
    }

    /// The same in somebody else's transaction. Invitations that have ended go along.
    pub fn invite_in(&self, tx: &mut WriteTx, caller: &Caller, logins: &[Login]) -> Result<Vec<Invited>, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let clock = &self.app.clock;
        let ended = |invitation: &Invitation| clock.has_ended(invitation.created_at, invitation.expires_at);
        for invitation in tx.list(&INVITATIONS)?.into_iter().filter(ended) {
            delete_invitation_of(tx, &invitation.login)?;
        }
        logins.iter().map(|login| self.invite(tx, caller, find_user(tx, login)?)).collect()
    }

    fn invite(&self, tx: &mut WriteTx, caller: &Caller, user: User) -> Result<Invited, AccountError> {
        let user = user.must_be_somebody()?;
        if user.disabled {
            return Err(AccountError::Disabled(user.login.to_string()));
        }
        let (key, created_at) = (random_text::<32>()?, self.app.clock.now_secs());
        let invitation = Invitation {
            fingerprint: Fingerprint::of(&key),
            login: user.login.clone(),
            created_at,
            expires_at: created_at + LIFE,
            epoch: user.auth_epoch,
        };
        tx.put(&INVITATIONS, user.login.as_str().as_bytes(), &invitation)?;
        audit::record(tx, caller, created_at, ("user.invite", format!("user:{}", user.login)), [None, None])?;
        let link = Secret::new(format!("{}/setup/password#{key}", self.app.public_url()));
        Ok(Invited { login: user.login, link, expires_at: invitation.expires_at })
    }

    /// Sets the password of whoever holds this key, and ends their sessions; gives their record as it is then. Slowed down
    /// for whoever guesses; a bad key is told to the journal.
    pub async fn accept_invitation(
        &self,
        key: &str,
        password: Secret<String>,
        ip: Option<IpAddr>,
    ) -> Result<User, AccountError> {
        let print = Fingerprint::of(key.trim());
        let login = self.check_key(key, ip, || self.invited_by(&print))?.ok_or(AccountError::BadInvitation)?;
        let hash = self.hashing.hash(password).await?;
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| put_chosen(tx, &clock, &login, (&print, hash), ip)).await
    }

    /// Whom a key lets in now, from memory.
    fn invited_by(&self, print: &Fingerprint) -> Option<Login> {
        let (invitations, people) = (self.invitations.load(), self.people());
        let invitation = invitations.get(print)?;
        let user = people.find(invitation.login.as_str())?;
        invitation.is_open(user, &self.app.clock).then(|| user.login.clone())
    }

    /// When somebody's invitation was made and will end, while it lets them in.
    pub(super) fn invitation_of(&self, user: &User) -> Option<[DateTime<Utc>; 2]> {
        let invitations = self.invitations.load();
        let open = |found: &&Invitation| found.login == user.login && found.is_open(user, &self.app.clock);
        invitations.values().find(open).map(|found| [found.created_at, found.expires_at])
    }
}

/// Keeps the password that somebody has chosen, if the key that they showed is still good.
fn put_chosen(
    tx: &mut WriteTx,
    clock: &Clock,
    login: &Login,
    (print, hash): (&Fingerprint, PasswordHash),
    ip: Option<IpAddr>,
) -> Result<User, AccountError> {
    let before = find_user(tx, login)?;
    let kept = tx.find(&INVITATIONS, login.as_str().as_bytes())?;
    if !kept.is_some_and(|kept| kept.fingerprint == *print && kept.is_open(&before, clock)) {
        return Err(AccountError::BadInvitation);
    }
    let caller = Caller::new(before.actor(), ip);
    let after = User { password_hash: Some(hash), auth_epoch: before.auth_epoch + 1, ..before };
    put_user(tx, &after)?;
    delete_invitation_of(tx, login)?;
    audit::record(tx, &caller, clock.now_secs(), ("user.password", format!("user:{login}")), [None, None])?;
    Ok(after)
}
