//! Sessions of the pages: a random cookie, of which only the fingerprint is kept.
//!
//! A session ends after 14 days, whatever happens: a request writes nothing. It dies with its user's `auth_epoch`, or when
//! they begin more of them than anybody has browsers.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::accounts::users::USERS;
use crate::accounts::{AccountError, Accounts, Holder, Login, User};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::secret::{Fingerprint, random_text};
use crate::store::{Read, ReadTx, Store, StoreError, Table, View, WriteTx};

const SESSIONS: Table<Session> = Table::new("sessions");
const LIFE: TimeDelta = TimeDelta::days(14);
/// So many live at once of one user; then the oldest ends.
const MAX_LIVE: usize = 20;

/// Somebody signed in with a browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::accounts) struct Session {
    fingerprint: Fingerprint,
    login: Login,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    epoch: u64,
}

impl Session {
    fn has_ended(&self, clock: &Clock) -> bool {
        clock.has_lapsed(self.created_at, self.expires_at - self.created_at)
    }
}

/// The sessions at one moment.
pub(in crate::accounts) type Sessions = HashMap<Fingerprint, Session>;

/// The sessions of a store, as they are now.
pub(in crate::accounts) fn sessions(store: &Store) -> Result<View<Sessions>, StoreError> {
    store.view(&[SESSIONS.name], |tx| {
        Ok(tx.list(&SESSIONS)?.into_iter().map(|session| (session.fingerprint, session)).collect())
    })
}

impl Accounts {
    /// Whose cookie this is.
    pub fn holder_of_cookie(&self, cookie: &str) -> Option<Holder> {
        let sessions = self.sessions.load();
        let session = sessions.get(&Fingerprint::of(cookie))?;
        let alive = !session.has_ended(&self.app.clock);
        alive.then(|| Holder { login: session.login.to_string(), epoch: session.epoch })
    }

    /// Whose cookie this is, with their present roles.
    pub fn session(&self, cookie: &str) -> Option<Actor> {
        self.present(&self.holder_of_cookie(cookie)?)
    }

    /// When each session of somebody began and will end, those alone that are alive.
    pub(in crate::accounts) fn sessions_of(&self, user: &User) -> Vec<[DateTime<Utc>; 2]> {
        let sessions = self.sessions.load();
        let alive = |session: &&Session| {
            session.login == user.login && session.epoch == user.auth_epoch && !session.has_ended(&self.app.clock)
        };
        let mut times: Vec<_> = sessions.values().filter(alive).map(|s| [s.created_at, s.expires_at]).collect();
        times.sort();
        times
    }

    /// Begins a session for somebody who has signed in, unless that counts no more; gives the value of the cookie.
    pub async fn start_session(&self, user: &User) -> Result<String, AccountError> {
        let cookie = random_text::<32>()?;
        let created_at = self.app.clock.now_secs();
        let session = Session {
            fingerprint: Fingerprint::of(&cookie),
            login: user.login.clone(),
            created_at,
            expires_at: created_at + LIFE,
            epoch: user.auth_epoch,
        };
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| insert_session(tx, &clock, &session)).await?;
        Ok(cookie)
    }

    /// Ends a session; no error if there is none.
    pub async fn end_session(&self, cookie: &str) -> Result<(), AccountError> {
        let fingerprint = Fingerprint::of(cookie);
        self.app.store.write(move |tx| Ok(tx.delete(&SESSIONS, fingerprint.as_bytes())?)).await
    }
}

/// Along with a new session go those that are dead, so they need no timer and no commit of their own, and the oldest of too
/// many.
fn insert_session(tx: &mut WriteTx, clock: &Clock, session: &Session) -> Result<(), AccountError> {
    if !is_current(tx, session)? {
        return Err(AccountError::BadSignIn);
    }
    let mut theirs = Vec::new();
    for other in tx.list(&SESSIONS)? {
        if other.has_ended(clock) || !is_current(tx, &other)? {
            tx.delete(&SESSIONS, other.fingerprint.as_bytes())?;
        } else if other.login == session.login {
            theirs.push(other);
        }
    }
    theirs.sort_by_key(|other| other.created_at);
    let too_many = (theirs.len() + 1).saturating_sub(MAX_LIVE);
    theirs.iter().take(too_many).try_for_each(|oldest| tx.delete(&SESSIONS, oldest.fingerprint.as_bytes()))?;
    Ok(tx.put(&SESSIONS, session.fingerprint.as_bytes(), session)?)
}

/// Is it of somebody who may sign in, and of their present epoch?
fn is_current(tx: &WriteTx, session: &Session) -> Result<bool, StoreError> {
    let user: Option<User> = tx.find(&USERS, session.login.as_str().as_bytes())?;
    Ok(user.is_some_and(|user| !user.disabled && user.auth_epoch == session.epoch))
}

/// Ends each session of somebody, dead ones too: nothing of them is left.
pub(in crate::accounts) fn delete_sessions_of(tx: &mut WriteTx, login: &Login) -> Result<(), StoreError> {
    let theirs = tx.list(&SESSIONS)?.into_iter().filter(|session| session.login == *login);
    theirs.map(|session| session.fingerprint).try_for_each(|print| tx.delete(&SESSIONS, print.as_bytes()))
}

/// Puts the sessions of the database that a restore replaces in place of the backup's: those that were ended stay ended.
pub(in crate::accounts) fn carry_sessions(before: &ReadTx, tx: &mut WriteTx) -> Result<(), StoreError> {
    for session in tx.list(&SESSIONS)? {
        tx.delete(&SESSIONS, session.fingerprint.as_bytes())?;
    }
    let theirs = before.list(&SESSIONS)?;
    theirs.iter().try_for_each(|session| tx.put(&SESSIONS, session.fingerprint.as_bytes(), session))
}

/// How many sessions are kept, dead or alive.
#[cfg(test)]
pub(in crate::accounts) fn count_sessions(store: &Store) -> usize {
    store.read_now::<_, StoreError>(|tx| tx.list(&SESSIONS)).unwrap().len()
}
