//! Signing in: passwords, sessions of the pages, access tokens of programs, and the set-up link of the first
//! administrator.
//!
//! A wrong login, a wrong password and a disabled user get one answer, after the same work. A failure is a line in the
//! journal for fail2ban and nothing in the database: no stranger writes to flash. Who guesses is slowed down, and nobody
//! can keep somebody else out by guessing.

mod api;
mod device;
mod password;
mod session;
mod setup;
mod throttle;

use std::net::IpAddr;
use std::sync::Arc;

pub(super) use api::routes;
pub use device::Origin;
use password::Guest;
pub(super) use password::{Hashing, PasswordHash};
#[cfg(test)]
pub(super) use session::count_sessions;
pub(super) use session::{Sessions, carry_sessions, delete_sessions_of, sessions};
pub(super) use setup::{OfferedAt, SetupKey, delete_setup_key, setup_key};
pub(super) use throttle::Throttle;

use throttle::{Outcome, Source, Try};

use super::keys::{ACCESS_SECS, Claims};
use super::{AccountError, Accounts, Login, User};
use crate::http::percent::encoded_to;
use crate::secret::Secret;

/// What the master token is called where names are.
const MASTER_NAME: &str = "master-token";

/// An access token as it goes out.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The JWT.
    pub access_token: Secret<String>,
    /// Its life in seconds.
    pub expires_in: i64,
}

impl Accounts {
    /// Checks who signs in. Where they come from says how long somebody waits who guesses, and goes to the journal. The
    /// record that comes back is the one whose password was checked: what is made of it dies with that password.
    pub async fn sign_in(
        &self,
        login_or_email: &str,
        password: &Secret<String>,
        origin: &Origin,
    ) -> Result<Arc<User>, AccountError> {
        let people = self.people();
        let user = people.find_by_login_or_email(login_or_email);
        let name = user.map_or(login_or_email, |user| user.login.as_str());
        let tried = self.admit(self.source_of(user, origin), name)?;
        let found = user.filter(|user| !user.disabled);
        let hash = found.and_then(|user| user.password_hash.clone());
        let right = self.check_password(tried, password, hash).await?;
        match found.filter(|_| right) {
            Some(user) => Ok(Arc::clone(user)),
            None => {
                log_failure("login", origin.ip, login_or_email);
                Err(AccountError::BadSignIn)
            }
        }
    }

    /// Is this the password of the hash, for somebody who is signed in? Their failures there are their own: nobody else
    /// makes them wait. A wrong one is told to the journal.
    pub(in crate::accounts) async fn check_own_password(
        &self,
        login: &Login,
        password: &Secret<String>,
        hash: Option<PasswordHash>,
        ip: Option<IpAddr>,
    ) -> Result<bool, AccountError> {
        let tried = self.admit(Some(Source::Themselves), login.as_str())?;
        let right = self.check_password(tried, password, hash).await?;
        if !right {
            log_failure("login", ip, login.as_str());
        }
        Ok(right)
    }

    /// Is this the master token? Slowed down for whoever guesses, as passwords are; a wrong one is told to the journal.
    pub(in crate::accounts) fn check_master(&self, token: &str, ip: Option<IpAddr>) -> Result<bool, AccountError> {
        let tried = self.admit(ip.map(Source::network), MASTER_NAME)?;
        let right = self.keys.load().is_master(token);
        match &tried {
            Some(tried) if right => self.throttle.settle(tried, Outcome::Right, self.app.clock.now()),
            _ => {}
        }
        if !right {
            log_failure("login", ip, MASTER_NAME);
        }
        Ok(right)
    }

    /// A try of a name that may begin now; none where nothing counts.
    fn admit(&self, source: Option<Source>, name: &str) -> Result<Option<Try>, AccountError> {
        let admitted = source.map(|source| self.throttle.admit(source, name, self.app.clock.now())).transpose();
        admitted.map_err(|secs| AccountError::SlowDown { secs })
    }

    async fn check_password(
        &self,
        tried: Option<Try>,
        password: &Secret<String>,
        hash: Option<PasswordHash>,
    ) -> Result<bool, AccountError> {
        let now = self.app.clock.now();
        let guest = tried.as_ref().map_or(Guest::Known, |tried| tried.guest);
        let checked = self.hashing.verify(guest, password.clone(), hash).await;
        match (&checked, &tried) {
            (Ok(true), Some(tried)) => self.throttle.settle(tried, Outcome::Right, now),
            (Err(_), Some(tried)) => self.throttle.settle(tried, Outcome::Unanswered, now),
            _ => {}
        }
        checked
    }

    /// Signs an access token for somebody who has signed in, unless that counts no more.
    pub fn issue_access_token(&self, user: &User) -> Result<AccessToken, AccountError> {
        let (login, epoch) = (user.login.to_string(), user.auth_epoch);
        self.people().present(&login, epoch).ok_or(AccountError::BadSignIn)?;
        let iat = self.app.clock.now().timestamp();
        let claims = Claims { sub: login, iat, exp: iat + ACCESS_SECS, epoch };
        let access_token = Secret::new(self.keys.load().sign(&claims)?);
        Ok(AccessToken { access_token, expires_in: ACCESS_SECS })
    }
}

fn log_failure(realm: &str, ip: Option<IpAddr>, user: &str) {
    log::warn!("{}", failure_line(realm, ip, user));
}

/// The one fixed line that fail2ban reads: `auth-fail realm=<login|setup> ip=<ip> user=<percent-encoded, cut at 64>`.
fn failure_line(realm: &str, ip: Option<IpAddr>, user: &str) -> String {
    let ip = ip.map_or_else(|| "-".to_owned(), |ip| ip.to_canonical().to_string());
    format!("auth-fail realm={realm} ip={ip} user={}", encoded_to(user, 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_the_login() {
        let ip = Some("::ffff:192.0.2.7".parse().unwrap());
        let line = failure_line("login", ip, "x\nauth-fail realm=login ip=1.2.3.4");
        assert_eq!(line, "auth-fail realm=login ip=192.0.2.7 user=x%0Aauth-fail%20realm%3Dlogin%20ip%3D1.2.3.4");
        let long = failure_line("setup", None, &"é".repeat(100));
        assert_eq!(long, format!("auth-fail realm=setup ip=- user={}%C3", "%C3%A9".repeat(10)));
    }
}
