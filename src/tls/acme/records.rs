//! What is known, in memory and in the database. What costs something goes to the database first, in one transaction;
//! a failure counts in memory even where it cannot be written.
//!
//! A record that cannot be read is told and done without: a damaged chain is downloaded again, a damaged key means a new
//! order, a damaged account a new one.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::back_off::BackOff;
use super::decide::{Certificate, State};
use super::ledger::{Issued, Ledger};
use super::tables::{
    ACCOUNTS, AccountRecord, Advice, BACK_OFFS, CERTIFICATES, CHAINS, CertificateRecord, Held, KEYS, LEDGERS, ONLY,
    ORDER, ORDERS, OrderRecord, Wanted, account_key, set_of,
};
use crate::secret::Secret;
use crate::store::{Read, ReadTx, Store, StoreError, WriteTx};
use crate::tls::pair::Pair;
use crate::tls::server::provider;

/// The records of one authority and one set of names.
pub(super) struct Records {
    store: Store,
    state: Arc<Mutex<State>>,
    damage: Mutex<Vec<String>>,
}

/// A certificate to keep, with all that belongs to it.
pub(super) struct Fresh {
    pub record: CertificateRecord,
    pub chain: String,
    pub pair: Pair,
    /// `None` where only the chain was fetched again.
    pub issued: Option<Issued>,
}

/// A failure to keep, with all that follows from it.
pub(super) struct FailureEntry {
    pub back_off: BackOff,
    pub is_order_lost: bool,
    /// A certificate that was issued, and cannot be used.
    pub issued: Option<Box<Issued>>,
}

/// Notes that a new account mends.
const ACCOUNT_DAMAGED: &str = "the account with the authority is damaged: it is made anew";
const ACCOUNT_KEY_DAMAGED: &str = "the account's key is damaged or was left out of a backup: a new account is made";

impl Records {
    /// Reads what is there, and the pair where it is sound.
    pub(super) fn open(store: Store, wanted: Wanted) -> Result<(Self, Option<Pair>), StoreError> {
        let mut damage = Vec::new();
        let (state, pair) = store.read_now(|tx| load(tx, wanted, &mut damage))?;
        for line in &damage {
            log::warn!("certificate: {line}");
        }
        Ok((Self { store, state: Arc::new(Mutex::new(state)), damage: Mutex::new(damage) }, pair))
    }

    /// What is known now.
    pub(super) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was damaged at the start and is not mended yet.
    pub(super) fn damage(&self) -> Vec<String> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes, then changes memory, on a task of its own: whoever is cut off meanwhile leaves neither without the other.
    async fn write(
        &self,
        write: impl FnOnce(&mut WriteTx) -> Result<(), StoreError> + Send + 'static,
        change: impl FnOnce(&mut State) + Send + 'static,
    ) -> Result<(), StoreError> {
        let (store, state) = (self.store.clone(), Arc::clone(&self.state));
        let written = tokio::spawn(async move {
            store.write(write).await?;
            change(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(())
        });
        written.await.unwrap_or(Err(StoreError::Interrupted))
    }

    /// A private key.
    pub(super) async fn find_key(&self, key: Vec<u8>) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let found = self.store.read(move |tx| readable(tx.find_body(&KEYS, &key))).await?;
        Ok(found.map(Secret::new))
    }

    /// The account at an authority.
    pub(super) async fn find_account(&self, directory: &str) -> Result<Option<AccountRecord>, StoreError> {
        let directory = directory.to_owned();
        self.store.read(move |tx| readable(tx.find(&ACCOUNTS, directory.as_bytes()))).await
    }

    /// A key for an account that is not registered with it yet.
    pub(super) async fn insert_account_key(&self, directory: &str, key: Secret<Vec<u8>>) -> Result<(), StoreError> {
        let directory = directory.to_owned();
        let write = self.store.write(move |tx| {
            tx.delete(&ACCOUNTS, directory.as_bytes())?;
            tx.put_body(&KEYS, &account_key(&directory), key.expose())
        });
        write.await
    }

    /// The record of the certificate.
    pub(super) async fn find_certificate(&self) -> Result<Option<CertificateRecord>, StoreError> {
        self.store.read(|tx| readable(tx.find(&CERTIFICATES, ONLY))).await
    }

    pub(super) async fn insert_account(&self, directory: &str, account: AccountRecord) -> Result<(), StoreError> {
        let directory = directory.to_owned();
        self.store.write(move |tx| tx.put(&ACCOUNTS, directory.as_bytes(), &account)).await?;
        let mut damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        damage.retain(|line| ![ACCOUNT_DAMAGED, ACCOUNT_KEY_DAMAGED].contains(&line.as_str()));
        Ok(())
    }

    /// The account and the order are unknown to the authority; the account's key stays.
    pub(super) async fn delete_account(&self, directory: &str) -> Result<(), StoreError> {
        let directory = directory.to_owned();
        let write = move |tx: &mut WriteTx| {
            tx.delete(&ACCOUNTS, directory.as_bytes())?;
            tx.delete(&ORDERS, ONLY)?;
            tx.delete(&KEYS, ORDER)
        };
        self.write(write, |state| state.order = None).await
    }

    /// An order under way, with the key of its certificate.
    pub(super) async fn insert_order(&self, order: OrderRecord, key: Secret<Vec<u8>>) -> Result<(), StoreError> {
        let kept = order.clone();
        let write = move |tx: &mut WriteTx| {
            tx.put_body(&KEYS, ORDER, key.expose())?;
            tx.put(&ORDERS, ONLY, &order)
        };
        self.write(write, |state| state.order = Some(kept)).await
    }

    /// A certificate in place of the last: chain, key, ledger and the end of the order, all or nothing.
    pub(super) async fn insert_fresh(&self, fresh: Fresh, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Fresh { record, chain, pair, issued } = fresh;
        let before = self.state();
        let ledger = issued.as_ref().map_or(before.ledger.clone(), |issued| before.ledger.with(issued.clone()));
        let back_off = before.back_off.succeeded(now);
        let held = hold(&record, &pair);
        let (kept_ledger, kept_back_off) = (ledger.clone(), back_off.clone());
        let ends_order = issued.is_some();
        let write = move |tx: &mut WriteTx| {
            if issued.is_some() {
                let key = tx.find_body(&KEYS, ORDER)?.ok_or_else(key_gone)?;
                tx.put_body(&KEYS, ONLY, &key)?;
                tx.delete(&KEYS, ORDER)?;
                tx.delete(&ORDERS, ONLY)?;
                tx.put(&LEDGERS, ONLY, &ledger)?;
            }
            tx.put_body(&CHAINS, ONLY, chain.as_bytes())?;
            tx.put(&CERTIFICATES, ONLY, &record)?;
            tx.put(&BACK_OFFS, ONLY, &back_off)
        };
        let change = move |state: &mut State| {
            state.certificate = Certificate::Held(held);
            state.ledger = kept_ledger;
            state.back_off = kept_back_off;
            state.order = state.order.take().filter(|_| !ends_order);
        };
        self.write(write, change).await?;
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// A failure, and with it the end of the order where it is lost. Memory keeps it where the database cannot, so that
    /// a full disk does not make us hammer the authority.
    pub(super) async fn insert_failure(&self, entry: FailureEntry) -> Result<(), StoreError> {
        let FailureEntry { back_off, is_order_lost, issued } = entry;
        let (kept, mut ledger) = (back_off.clone(), None);
        self.change(|state| {
            state.back_off = kept;
            if let Some(issued) = issued {
                state.ledger = state.ledger.with(*issued);
                ledger = Some(state.ledger.clone());
            }
            state.order = state.order.take().filter(|_| !is_order_lost);
        });
        let write = self.store.write(move |tx| {
            if is_order_lost {
                tx.delete(&ORDERS, ONLY)?;
                tx.delete(&KEYS, ORDER)?;
            }
            if let Some(ledger) = ledger {
                tx.put(&LEDGERS, ONLY, &ledger)?;
            }
            tx.put(&BACK_OFFS, ONLY, &back_off)
        });
        write.await
    }

    /// The authority does not have the chain any more: a new certificate is needed.
    pub(super) async fn forget_chain(&self) -> Result<(), StoreError> {
        let write = |tx: &mut WriteTx| {
            let Some(record) = readable(tx.find(&CERTIFICATES, ONLY))? else { return Ok(()) };
            tx.put(&CERTIFICATES, ONLY, &CertificateRecord { order_url: None, ..record })
        };
        self.write(write, |state| state.certificate = Certificate::None).await
    }

    /// When advice is asked for next, and what it was. Only news reach the disk.
    pub(super) async fn update_advice(&self, advice: Option<Advice>, ask_at: DateTime<Utc>) -> Result<(), StoreError> {
        let Certificate::Held(mut held) = self.state().certificate else { return Ok(()) };
        held.ask_at = Some(ask_at);
        held.record.advice = advice.or(held.record.advice);
        let record = held.record.clone();
        self.change(|state| state.certificate = Certificate::Held(held));
        self.store.write(move |tx| tx.put(&CERTIFICATES, ONLY, &record)).await
    }
}

fn key_gone() -> StoreError {
    StoreError::Absent { table: KEYS.name, key: String::from_utf8_lossy(ORDER).into_owned() }
}

fn hold(record: &CertificateRecord, pair: &Pair) -> Held {
    let (not_before, not_after) = (pair.leaf.not_before, pair.leaf.not_after);
    Held { record: record.clone(), not_before, not_after, ask_at: None }
}

/// What cannot be decoded counts as not there.
pub(super) fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Codec { .. }) => Ok(None),
        found => found,
    }
}

fn load(tx: &ReadTx, wanted: Wanted, damage: &mut Vec<String>) -> Result<(State, Option<Pair>), StoreError> {
    let (certificate, pair) = load_certificate(tx, &wanted, damage)?;
    check_account(tx, &wanted, damage)?;
    let order = load_order(tx, damage)?;
    let back_off = told(tx.find(&BACK_OFFS, ONLY), "the record of failures is damaged: it begins anew", damage)?;
    let ledger = told(tx.find(&LEDGERS, ONLY), "the ledger of certificates is damaged: it begins anew", damage)?;
    let (back_off, ledger): (BackOff, Ledger) = (back_off.unwrap_or_default(), ledger.unwrap_or_default());
    Ok((State { wanted, certificate, order, back_off, ledger }, pair))
}

/// [`readable`], told where it is not.
fn told<T>(
    found: Result<Option<T>, StoreError>,
    words: &str,
    damage: &mut Vec<String>,
) -> Result<Option<T>, StoreError> {
    if matches!(found, Err(StoreError::Codec { .. })) {
        damage.push(words.to_owned());
    }
    readable(found)
}

fn load_certificate(
    tx: &ReadTx,
    wanted: &Wanted,
    damage: &mut Vec<String>,
) -> Result<(Certificate, Option<Pair>), StoreError> {
    let chain = readable(tx.find_body(&CHAINS, ONLY))?;
    let record: Option<CertificateRecord> = readable(tx.find(&CERTIFICATES, ONLY))?;
    if chain.is_none() && record.is_none() && !tx.any(&CERTIFICATES)? {
        return Ok((Certificate::None, None));
    }
    let Some(key) = readable(tx.find_body(&KEYS, ONLY))?.filter(|key| is_key(key)) else {
        damage.push("the certificate's key is damaged or was left out of a backup: a new one is ordered".to_owned());
        return Ok((Certificate::None, None));
    };
    match (Pair::from_pem(chain.as_deref().unwrap_or_default(), &key), record) {
        (Ok(pair), record) => {
            let record = record.unwrap_or_else(|| record_of(&pair, wanted));
            Ok((Certificate::Held(hold(&record, &pair)), Some(pair)))
        }
        (Err(error), Some(CertificateRecord { order_url: Some(url), directory, names, .. }))
            if wanted.is_for(&directory, &names) =>
        {
            damage.push(format!("the certificate's chain is damaged ({error}): it is downloaded again"));
            Ok((Certificate::ChainLost(url), None))
        }
        (Err(error), _) => {
            damage.push(format!("the certificate is damaged ({error}): a new one is ordered"));
            Ok((Certificate::None, None))
        }
    }
}

fn is_key(der: &[u8]) -> bool {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(der.to_vec());
    provider().key_provider.load_private_key(key.into()).is_ok()
}

/// What the certificate itself tells of its record.
fn record_of(pair: &Pair, wanted: &Wanted) -> CertificateRecord {
    CertificateRecord {
        directory: wanted.directory.clone(),
        names: set_of(&pair.leaf.names),
        order_url: None,
        issued_at: pair.leaf.not_before,
        advice: None,
    }
}

fn check_account(tx: &ReadTx, wanted: &Wanted, damage: &mut Vec<String>) -> Result<(), StoreError> {
    let account = told(tx.find(&ACCOUNTS, wanted.directory.as_bytes()), ACCOUNT_DAMAGED, damage)?;
    let key = readable(tx.find_body(&KEYS, &account_key(&wanted.directory)))?;
    if account.is_some() && !key.is_some_and(|key| is_key(&key)) {
        damage.push(ACCOUNT_KEY_DAMAGED.to_owned());
    }
    Ok(())
}

/// An order without its key leads nowhere.
fn load_order(tx: &ReadTx, damage: &mut Vec<String>) -> Result<Option<OrderRecord>, StoreError> {
    let words = "the record of the order under way is damaged: a new one is made";
    let order: Option<OrderRecord> = told(tx.find(&ORDERS, ONLY), words, damage)?;
    let has_key = readable(tx.find_body(&KEYS, ORDER))?.is_some_and(|key| is_key(&key));
    if order.is_some() && !has_key {
        damage.push("the key of the order under way is damaged: a new order is made".to_owned());
    }
    Ok(order.filter(|_| has_key))
}
