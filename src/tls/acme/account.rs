//! The account at the authority: one for each directory, made once.
//!
//! Its key is in the database before the authority hears of it, so that a power cut in between costs nothing: the same key
//! finds the same account (RFC 8555, section 7.3.1).

use std::sync::Arc;

use hyper::Method;
use instant_acme::{Account, AccountBuilder, Error, HttpClient, Key};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::records::Records;
use super::setback::{Failure, Fate, Setback, is_final, kind_of_error, patiently};
use super::tables::{AccountRecord, Wanted, account_key};
use super::watch::Watched;
use super::words::Scene;
use crate::secret::Secret;

/// A way to the authority, and what it looked like last.
#[derive(Clone)]
pub(super) struct Line {
    client: Watched,
    wanted: Wanted,
}

impl Line {
    pub(super) fn new(client: Arc<dyn HttpClient>, wanted: Wanted) -> Self {
        Self { client: Watched::new(client), wanted }
    }

    /// What is known for telling a failure.
    pub(super) fn scene(&self) -> Scene {
        let directory = self.wanted.directory.as_str();
        let host = url::Url::parse(directory).ok().and_then(|url| url.host_str().map(str::to_owned));
        Scene {
            host: host.unwrap_or_else(|| directory.to_owned()),
            challenge: self.wanted.challenge,
            names: self.wanted.names.clone(),
            seen: self.client.seen(),
        }
    }

    /// How long the last answer asked to be left alone.
    pub(super) fn retry_after_secs(&self) -> Option<u64> {
        self.client.seen().retry_after_secs
    }

    /// An error of the authority as a failure; an order can still succeed after it.
    pub(super) fn failure(&self, error: &Error) -> Failure {
        match kind_of_error(error) {
            Some("accountDoesNotExist") => Failure::AccountGone,
            _ => self.setback(self.scene().error(error)),
        }
    }

    /// A failure about an order: one that the authority will say no more of is lost. Some say so by a bare 404.
    pub(super) fn order_failure(&self, error: &Error) -> Failure {
        let seen = self.client.seen();
        // A nonce, asked for by HEAD, is not of the order.
        let is_gone = seen.method == Method::POST && matches!(seen.status, Some(404 | 410));
        let failure = self.failure(error);
        if is_gone || is_final(error) { failure.dropping() } else { failure }
    }

    /// A failure in words of its own.
    pub(super) fn setback(&self, words: String) -> Failure {
        let retry_after_secs = self.retry_after_secs();
        Failure::Setback(Setback { retry_after_secs, ..Setback::new(words, Fate::Keep) })
    }

    fn builder(&self) -> AccountBuilder {
        Account::builder_with_http(Box::new(self.client.clone()))
    }
}

/// Opens the account, or makes it.
pub(super) async fn open(line: &Line, records: &Records, contact: Option<&str>) -> Result<Account, Failure> {
    let directory = &line.wanted.directory;
    let key = key(line, records).await?;
    let (account, mut record) = match records.find_account(directory).await? {
        Some(record) => {
            let parts = || (record.id.clone(), PrivatePkcs8KeyDer::from(key.expose().as_slice()), directory.clone());
            let (id, key, directory) = parts();
            let account = line.builder().from_parts(id, key, directory).await.map_err(|error| line.failure(&error))?;
            (account, record)
        }
        None => register(line, records, key).await?,
    };
    if is_news(&record, contact) && tell_contact(line, &account, contact, &mut record).await {
        records.insert_account(directory, record).await?;
    }
    Ok(account)
}

fn is_news(record: &AccountRecord, contact: Option<&str>) -> bool {
    let was_refused = contact.is_some() && record.refused_contact.as_deref() == contact;
    record.contact.as_deref() != contact && !was_refused
}

/// Has the authority closed our account (RFC 8555, section 7.3.6)? Asked by its key alone.
pub(super) async fn is_closed(line: &Line, records: &Records) -> Result<bool, Failure> {
    let key = key(line, records).await?;
    let der = || PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.expose().clone()));
    let readable = || read_key(&key).map_err(|error| line.failure(&error));
    let directory = &line.wanted.directory;
    match patiently!(line.builder().from_key((readable()?, der()), directory.clone())) {
        Ok(_) => Ok(false),
        Err(error) if matches!(kind_of_error(&error), Some("unauthorized" | "accountDoesNotExist")) => Ok(true),
        Err(error) => Err(line.failure(&error)),
    }
}

/// The account is closed, and its key with it: the next one has another.
pub(super) async fn replace(line: &Line, records: &Records) -> Result<(), Failure> {
    forget(line, records).await?;
    new_key(line, records).await.map(|_| ())
}

/// The authority does not know the account: the same key is registered again.
pub(super) async fn forget(line: &Line, records: &Records) -> Result<(), Failure> {
    log::warn!("certificate: {} does not know our account any more: it is made anew", line.scene().host);
    Ok(records.delete_account(&line.wanted.directory).await?)
}

async fn key(line: &Line, records: &Records) -> Result<Secret<Vec<u8>>, Failure> {
    let directory = &line.wanted.directory;
    match records.find_key(account_key(directory)).await? {
        Some(key) if read_key(&key).is_ok() => Ok(key),
        _ => new_key(line, records).await,
    }
}

async fn new_key(line: &Line, records: &Records) -> Result<Secret<Vec<u8>>, Failure> {
    let (_, key) = Key::generate_pkcs8().map_err(|error| line.failure(&error))?;
    let key = Secret::new(key.secret_pkcs8_der().to_vec());
    records.insert_account_key(&line.wanted.directory, key.clone()).await?;
    Ok(key)
}

fn read_key(key: &Secret<Vec<u8>>) -> Result<Key, Error> {
    Key::from_pkcs8_der(PrivatePkcs8KeyDer::from(key.expose().as_slice()))
}

async fn register(line: &Line, records: &Records, key: Secret<Vec<u8>>) -> Result<(Account, AccountRecord), Failure> {
    let account = match register_key(line, &key).await {
        // A key whose account was closed opens no second one.
        Err(error) if is_final(&error) && kind_of_error(&error) == Some("unauthorized") => {
            let key = new_key(line, records).await?;
            register_key(line, &key).await
        }
        registered => registered,
    };
    let account = account.map_err(|error| line.failure(&error))?;
    let record = AccountRecord { id: account.id().to_owned(), contact: None, refused_contact: None };
    records.insert_account(&line.wanted.directory, record.clone()).await?;
    Ok((account, record))
}

async fn register_key(line: &Line, key: &Secret<Vec<u8>>) -> Result<Account, Error> {
    let der = || PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.expose().clone()));
    let made = patiently!(line.builder().create_from_key((read_key(key)?, der()), line.wanted.directory.clone()));
    made.map(|(account, _)| account)
}

/// Tells the contact, and notes what the authority said to it; false where it said nothing. A certificate does not hang
/// on it.
async fn tell_contact(line: &Line, account: &Account, contact: Option<&str>, record: &mut AccountRecord) -> bool {
    let contacts: Vec<&str> = contact.into_iter().collect();
    match patiently!(account.update_contacts(&contacts)) {
        Ok(()) => {
            record.contact = contact.map(str::to_owned);
            record.refused_contact = None;
            true
        }
        Err(error) => {
            log::warn!("certificate: {}", line.scene().error(&error));
            record.refused_contact = contact.map(str::to_owned);
            matches!(kind_of_error(&error), Some("invalidContact" | "unsupportedContact" | "malformed"))
        }
    }
}
