//! The appliance's own keys: the one that signs access tokens, and the fingerprint of the master token.
//!
//! An access token is a JWT (RFC 7519) with EdDSA (RFC 8037). Its times are held against our own clock, never against
//! the machine's.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{AccountError, Login};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::clock::Clock;
use crate::secret::{Fingerprint, Secret};
use crate::store::backup::KeyMaterial;
use crate::store::{Read, ReadTx, Store, StoreError, Table, View, WriteTx};

const KEYS: Table<Vec<u8>> = Table::new("keys");
const ACCESS: &[u8] = b"access-ed25519-pkcs8";
const MASTER: &[u8] = b"master-sha256";

/// How long an access token lives.
pub(super) const ACCESS_SECS: i64 = 1800;

/// The keys, ready for use.
pub(super) struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    marking: hmac::Key,
    master: Option<Fingerprint>,
}

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The login.
    pub sub: String,
    /// When it was made, in Unix seconds.
    pub iat: i64,
    /// When it dies.
    pub exp: i64,
    /// The user's `auth_epoch` at that moment.
    pub epoch: u64,
}

impl Keys {
    /// The keys of a store; the first start makes them.
    pub(super) fn open(store: &Store) -> Result<View<Self>, AccountError> {
        store.write_now(|tx| match tx.find_body(&KEYS, ACCESS)? {
            Some(_) => Ok(()),
            None => Ok::<_, AccountError>(tx.put_body(&KEYS, ACCESS, &new_access_key()?)?),
        })?;
        Ok(store.view(&[KEYS.name], Self::load)?)
    }

    fn load(tx: &ReadTx) -> Result<Self, StoreError> {
        let unreadable = |reason: &str| StoreError::Codec { table: KEYS.name, reason: reason.to_owned() };
        let pkcs8 = tx.find_body(&KEYS, ACCESS)?.ok_or_else(|| unreadable("the access key is missing"))?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|error| unreadable(&error.to_string()))?;
        let master =
            tx.find_body(&KEYS, MASTER)?.and_then(|text| Fingerprint::from_text(&String::from_utf8(text).ok()?));
        let checking = DecodingKey::from_ed_der(pair.public_key().as_ref());
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &pkcs8), b"device");
        let marking = hmac::Key::new(hmac::HMAC_SHA256, seed.as_ref());
        Ok(Self { signing: EncodingKey::from_ed_der(&pkcs8), checking, marking, master })
    }

    /// Is there a master token?
    pub(super) fn has_master(&self) -> bool {
        self.master.is_some()
    }

    /// Is this the master token?
    pub(super) fn is_master(&self, token: &str) -> bool {
        self.master == Some(Fingerprint::of(token))
    }

    /// Marks a device as one that a login has signed in with. The mark opens nothing.
    pub(super) fn mark(&self, device: &str, login: &Login) -> String {
        let mark = hmac::sign(&self.marking, format!("{device}\0{login}").as_bytes());
        URL_SAFE_NO_PAD.encode(mark.as_ref())
    }

    /// Is this the mark that we gave?
    pub(super) fn is_mark(&self, mark: &str, device: &str, login: &Login) -> bool {
        let Ok(mark) = URL_SAFE_NO_PAD.decode(mark) else { return false };
        hmac::verify(&self.marking, format!("{device}\0{login}").as_bytes(), &mark).is_ok()
    }

    /// Signs an access token.
    pub(super) fn sign(&self, claims: &Claims) -> Result<String, AccountError> {
        let header = Header::new(Algorithm::EdDSA);
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(|error| AccountError::Crypto(error.to_string()))
    }

    /// What an access token says, if it is ours and alive.
    pub(super) fn check(&self, token: &str, clock: &Clock) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Claims>(token, &self.checking, &validation).ok()?.claims;
        let made_at = DateTime::from_timestamp(claims.iat, 0)?;
        let life = TimeDelta::try_seconds(claims.exp.checked_sub(claims.iat)?)?;
        (!clock.has_lapsed(made_at, life)).then_some(claims)
    }
}

/// Keeps the fingerprint of the replaced proxy's master token, in place of an earlier one.
pub fn set_master_token(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    token: &Secret<String>,
) -> Result<(), AccountError> {
    caller.actor.must(Deed::Administer)?;
    if token.expose().trim().is_empty() {
        return Err(AccountError::bad("master_token", "is empty"));
    }
    let print = Fingerprint::of(token.expose()).to_text();
    if tx.find_body(&KEYS, MASTER)?.as_deref() != Some(print.as_bytes()) {
        tx.put_body(&KEYS, MASTER, print.as_bytes())?;
        audit::record(tx, caller, clock.now_secs(), ("master-token.set", "master-token".to_owned()), [None, None])?;
    }
    Ok(())
}

/// The private key of the access tokens: what else is in the table is no secret.
pub const PRIVATE_KEY: KeyMaterial = KeyMaterial { table: KEYS.name, key: Some(ACCESS) };

/// Takes over, from the database that a restore replaces, the access key where the backup has none, and the master token
/// that is good now; says so.
pub(super) fn carry_master(before: &ReadTx, tx: &mut WriteTx) -> Result<Option<String>, StoreError> {
    if let (None, Some(access)) = (tx.find_body(&KEYS, ACCESS)?, before.find_body(&KEYS, ACCESS)?) {
        tx.put_body(&KEYS, ACCESS, &access)?;
    }
    let (own, seen) = (tx.find_body(&KEYS, MASTER)?, before.find_body(&KEYS, MASTER)?);
    match (own, seen) {
        (own, seen) if own == seen => Ok(None),
        (_, Some(seen)) => {
            tx.put_body(&KEYS, MASTER, &seen)?;
            Ok(Some("the master token that was imported last stays".to_owned()))
        }
        (_, None) => {
            tx.delete(&KEYS, MASTER)?;
            Ok(Some("the master token stays withdrawn".to_owned()))
        }
    }
}

/// Is the fingerprint of a master token kept?
pub fn is_master_token_kept(tx: &ReadTx) -> Result<bool, StoreError> {
    Ok(tx.find_body(&KEYS, MASTER)?.is_some())
}

/// Lets the master token open nothing any more; refused where there is none.
pub(super) fn delete_master_token(tx: &mut WriteTx, caller: &Caller, clock: &Clock) -> Result<(), AccountError> {
    caller.actor.must(Deed::Administer)?;
    tx.find_body(&KEYS, MASTER)?.ok_or(AccountError::NoMasterToken)?;
    tx.delete(&KEYS, MASTER)?;
    let object = "master-token".to_owned();
    Ok(audit::record(tx, caller, clock.now_secs(), ("master-token.withdraw", object), [None, None])?)
}

fn new_access_key() -> Result<Vec<u8>, AccountError> {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
    made.map(|document| document.as_ref().to_vec()).map_err(|error| AccountError::Crypto(error.to_string()))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn clock() -> Clock {
        Clock::manual(DateTime::from_timestamp(1_000_000_000, 0).unwrap())
    }

    fn claims(now: DateTime<Utc>) -> Claims {
        Claims { sub: "marie".into(), iat: now.timestamp(), exp: now.timestamp() + ACCESS_SECS, epoch: 7 }
    }

    #[test]
    fn an_access_token_reads_back_until_it_expires() {
        let keys = Keys::open(&Store::in_memory().unwrap()).unwrap().load();
        let clock = clock();
        let token = keys.sign(&claims(clock.now())).unwrap();
        assert_eq!(keys.check(&token, &clock).unwrap().epoch, 7);
        clock.advance(TimeDelta::seconds(ACCESS_SECS - 1));
        assert!(keys.check(&token, &clock).is_some());
        clock.advance(TimeDelta::seconds(1));
        assert!(keys.check(&token, &clock).is_none());
    }

    #[test]
    fn an_access_token_of_another_appliance_is_nothing() {
        let ours = Keys::open(&Store::in_memory().unwrap()).unwrap().load();
        let theirs = Keys::open(&Store::in_memory().unwrap()).unwrap().load();
        let clock = clock();
        assert!(ours.check(&theirs.sign(&claims(clock.now())).unwrap(), &clock).is_none());
    }

    #[test]
    fn the_access_key_survives_a_restart() {
        let store = Store::in_memory().unwrap();
        let clock = clock();
        let token = Keys::open(&store).unwrap().load().sign(&claims(clock.now())).unwrap();
        assert!(Keys::open(&store).unwrap().load().check(&token, &clock).is_some());
        assert_eq!(store.commits(), 1);
    }

    #[test]
    fn a_token_without_a_signature_is_nothing() {
        let keys = Keys::open(&Store::in_memory().unwrap()).unwrap().load();
        let clock = clock();
        let token = keys.sign(&claims(clock.now())).unwrap();
        let (signed, _) = token.rsplit_once('.').unwrap();
        for forged in [format!("{signed}."), signed.to_owned(), String::new(), "a.b.c".to_owned()] {
            assert!(keys.check(&forged, &clock).is_none(), "{forged}");
        }
    }
}
