//! Passwords: the rule, and hashing with argon2id, two at once.
//!
//! One hash takes 19 MiB and a good part of a second on a small board. So two work, 32 wait, and the rest is told to
//! come again: a flood of sign-ins cannot exhaust the memory. Strangers have not all of the places, and those of one site
//! not all of the strangers': whoever floods keeps out neither who is known nor who comes from elsewhere.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc;
use argon2::{PasswordHasher, PasswordVerifier};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::accounts::AccountError;
use crate::secret::{Secret, random_bytes};
use crate::store::StoreError;

const AT_ONCE: usize = 2;
const WAITING: usize = 32;
/// So many of the places are for strangers too.
const OF_STRANGERS: usize = 24;
/// So many of those are for the strangers of one site.
const OF_ONE_SITE: usize = 16;
const MIN_CHARS: usize = 10;
const MAX_BYTES: usize = 1024;

/// Checked where there is no hash to check, so that an unknown login takes as long as a wrong password.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y7bvlemGWAXdxYGFYrXwqQ$Gtmyu2bY3I1ianT8WkPrCBTHF/AZZksHBpS/jePmIwA";

/// A password's hash as a PHC string. Does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::accounts) struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PasswordHash {
    /// A PHC string that came along from another system and was looked at there.
    pub(in crate::accounts) fn of_another_system(phc: &Secret<String>) -> Self {
        Self(phc.expose().clone())
    }
}

/// Whose password waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::accounts) enum Guest {
    /// Somebody who is signed in, or has signed in from there before.
    Known,
    /// Anybody else, by the network of their site.
    Stranger(IpAddr),
}

/// Where passwords wait for their turn. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Hashing {
    /// Those who work and those who wait.
    places: Arc<Semaphore>,
    /// Those who work.
    turns: Arc<Semaphore>,
    /// The strangers among both.
    strangers: Arc<Strangers>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            strangers: Arc::default(),
        }
    }
}

/// How many strangers have a place, of each site.
#[derive(Debug, Default)]
struct Strangers(Mutex<HashMap<IpAddr, usize>>);

/// A place among those who work and wait: given back when it is dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    stranger: Option<(Arc<Strangers>, IpAddr)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((strangers, site)) = &self.stranger {
            strangers.leave(*site);
        }
    }
}

impl Strangers {
    fn enter(self: &Arc<Self>, site: IpAddr) -> Option<(Arc<Self>, IpAddr)> {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, here) = (sites.values().sum::<usize>(), sites.get(&site).copied().unwrap_or_default());
        let room = all < OF_STRANGERS && here < OF_ONE_SITE;
        room.then(|| {
            sites.insert(site, here + 1);
            (Arc::clone(self), site)
        })
    }

    fn leave(&self, site: IpAddr) {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sites.get(&site).copied().unwrap_or_default() {
            0 | 1 => drop(sites.remove(&site)),
            here => drop(sites.insert(site, here - 1)),
        }
    }
}

impl Hashing {
    /// Hashes a new password, if it keeps the rule.
    pub(in crate::accounts) async fn hash(&self, password: Secret<String>) -> Result<PasswordHash, AccountError> {
        check_rule(password.expose())?;
        self.take_turn(Guest::Known, move || hash_now(password.expose())).await?
    }

    /// Is this the password of the hash? Without a hash it is not, after the same work.
    pub(in crate::accounts) async fn verify(
        &self,
        guest: Guest,
        password: Secret<String>,
        hash: Option<PasswordHash>,
    ) -> Result<bool, AccountError> {
        if password.expose().len() > MAX_BYTES {
            return Ok(false);
        }
        self.take_turn(guest, move || match hash {
            Some(hash) => verify_now(password.expose(), &hash.0),
            None => verify_now(password.expose(), DUMMY).map(|_| false),
        })
        .await?
    }

    /// The permits go along to the blocking pool: a client that hangs up does not free a turn that still works.
    async fn take_turn<T: Send + 'static>(
        &self,
        guest: Guest,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let place = self.take_place(guest).ok_or(AccountError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| AccountError::Busy)?;
        let working = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        working.await.map_err(|_| AccountError::Store(StoreError::Interrupted))
    }

    fn take_place(&self, guest: Guest) -> Option<Place> {
        let stranger = match guest {
            Guest::Known => None,
            Guest::Stranger(site) => Some(self.strangers.enter(site)?),
        };
        let permit = Arc::clone(&self.places).try_acquire_owned();
        match (permit, stranger) {
            (Ok(permit), stranger) => Some(Place { _permit: permit, stranger }),
            (Err(_), stranger) => {
                stranger.into_iter().for_each(|(strangers, site)| strangers.leave(site));
                None
            }
        }
    }
}

fn check_rule(password: &str) -> Result<(), AccountError> {
    if password.chars().count() < MIN_CHARS {
        return Err(AccountError::bad("password", format!("at least {MIN_CHARS} characters")));
    }
    match password.len() > MAX_BYTES {
        true => Err(AccountError::bad("password", format!("at most {MAX_BYTES} bytes"))),
        false => Ok(()),
    }
}

fn hash_now(password: &str) -> Result<PasswordHash, AccountError> {
    let salt = random_bytes::<16>()?;
    let hash: phc::PasswordHash =
        Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(crypto)?;
    Ok(PasswordHash(hash.to_string()))
}

fn verify_now(password: &str, hash: &str) -> Result<bool, AccountError> {
    let hash =
        phc::PasswordHash::new(hash).map_err(|_| AccountError::Crypto("a password hash is unreadable".into()))?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(crypto(error)),
    }
}

fn crypto(error: argon2::password_hash::Error) -> AccountError {
    AccountError::Crypto(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_password_has_ten_characters_and_at_most_a_kilobyte() {
        let cases = [("ninechars", false), ("tenletters", true), ("éééééééééé", true), ("ééééééééé", false)];
        for (password, good) in cases {
            assert_eq!(check_rule(password).is_ok(), good, "{password}");
        }
        assert!(check_rule(&"x".repeat(1024)).is_ok());
        assert!(check_rule(&"x".repeat(1025)).is_err());
        assert_eq!(check_rule("short").unwrap_err().to_string(), "password: at least 10 characters");
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_alone() {
        let hashing = Hashing::default();
        let hash = hashing.hash(secret("correct horse")).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
        assert!(hashing.verify(Guest::Known, secret("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hashing.verify(Guest::Known, secret("correct mule"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn the_dummy_costs_what_a_hash_costs_and_opens_for_nobody() {
        let hash = hash_now("correct horse").unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(DUMMY), parameters(&hash.0));
        let output = |hash: &str| hash.rsplit('$').next().unwrap().len();
        assert_eq!(output(DUMMY), output(&hash.0));
        assert!(!verify_now("correct horse", DUMMY).unwrap());
        assert!(!Hashing::default().verify(Guest::Known, secret("correct horse"), None).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_work_at_once_and_the_thirty_fifth_is_told_to_come_again() {
        let hashing = Hashing::default();
        let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let turns: Vec<_> = (0..AT_ONCE + WAITING)
            .map(|_| {
                let (hashing, working, most) = (hashing.clone(), Arc::clone(&working), Arc::clone(&most));
                let work = move || {
                    most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    working.fetch_sub(1, Ordering::SeqCst);
                };
                tokio::spawn(async move { hashing.take_turn(Guest::Known, work).await })
            })
            .collect();
        while hashing.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hashing.take_turn(Guest::Known, || ()).await, Err(AccountError::Busy)));
        for turn in turns {
            turn.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert!(hashing.take_turn(Guest::Known, || ()).await.is_ok());
    }

    #[test]
    fn a_flood_from_one_site_keeps_out_neither_who_is_known_nor_who_comes_from_elsewhere() {
        let hashing = Hashing::default();
        let at = |nth: u8| Guest::Stranger(IpAddr::from([192, 0, 2, nth]));
        let places = |guest: Guest| std::iter::from_fn(|| hashing.take_place(guest)).take(40).collect::<Vec<_>>();
        let flood = places(at(1));
        assert_eq!(flood.len(), OF_ONE_SITE);
        let others = places(at(2));
        assert_eq!(others.len(), OF_STRANGERS - OF_ONE_SITE);
        let known = places(Guest::Known);
        assert_eq!(known.len(), AT_ONCE + WAITING - OF_STRANGERS);
        drop(flood);
        assert_eq!(places(at(3)).len(), OF_ONE_SITE);
        drop((others, known));
        assert!(hashing.strangers.0.lock().unwrap().is_empty());
    }
}
