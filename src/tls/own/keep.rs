//! What the database keeps: the authority, the certificate that it signed last, and their keys, which stand in a table of
//! bytes that nothing prints.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::settings::Lineage;
use crate::store::{Read, ReadTx, Store, StoreError, Table, WriteTx};
use crate::tls::issue::Made;
use crate::tls::{Leaf, Pair, PairError, TlsError};

const AUTHORITIES: Table<AuthorityRecord> = Table::new("own_authority");
const LEAVES: Table<LeafRecord> = Table::new("own_certificate");
/// The private keys in PKCS #8, the authority's and the certificate's: apart, so that a backup can leave them out.
pub const KEYS: Table<Vec<u8>> = Table::new("own_keys");
/// There is one of each.
const ONE: &[u8] = b"1";
const AUTHORITY_KEY: &[u8] = b"authority-pkcs8";
const LEAF_KEY: &[u8] = b"certificate-pkcs8";

#[derive(Debug, Serialize, Deserialize)]
struct AuthorityRecord {
    /// In PEM.
    certificate: String,
    /// The names that it may sign for.
    domains: Vec<String>,
    /// When it took the place of another one.
    replaced: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LeafRecord {
    /// In PEM.
    certificate: String,
    /// The serial number of the authority that signed it.
    authority: String,
}

/// An authority of our own, ready to sign.
#[derive(Debug)]
pub(super) struct Authority {
    pub pem: String,
    pub key: Secret<Vec<u8>>,
    pub domains: Vec<String>,
    pub replaced: Option<DateTime<Utc>>,
    /// Its own facts.
    pub leaf: Leaf,
}

/// What there is.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub authority: Option<Arc<Authority>>,
    pub leaf: Option<Pair>,
    /// There was an authority, and it cannot be read.
    pub is_damaged: bool,
}

impl Authority {
    pub(super) fn new(made: Made, domains: Vec<String>, replaced: Option<DateTime<Utc>>) -> Result<Self, TlsError> {
        let leaf = facts(&made.certificate).map_err(|error| TlsError::Make(error.to_string()))?;
        Ok(Self { pem: made.certificate, key: made.key, domains, replaced, leaf })
    }

    /// What is kept as a whole and fits its key.
    fn from_record(record: AuthorityRecord, key: Vec<u8>) -> Result<Self, PairError> {
        Pair::from_pem(record.certificate.as_bytes(), &key)?;
        let leaf = facts(&record.certificate)?;
        let AuthorityRecord { certificate: pem, domains, replaced } = record;
        Ok(Self { pem, key: Secret::new(key), domains, replaced, leaf })
    }

    fn record(&self) -> AuthorityRecord {
        AuthorityRecord { certificate: self.pem.clone(), domains: self.domains.clone(), replaced: self.replaced }
    }
}

fn facts(pem: &str) -> Result<Leaf, PairError> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| PairError::NotPem(error.to_string()))?;
    Leaf::read(&der)
}

impl Kept {
    /// Reads what is there. What is damaged counts as absent, and is told: a box on a shelf must go on. A disk that fails
    /// has damaged nothing, and is an error: devices trust the authority that they have.
    pub(super) fn read(store: &Store) -> Result<Self, StoreError> {
        let (authority, leaf) = store.read_now(|tx| {
            Ok::<_, StoreError>((sound_or_damaged(read_authority(tx))?, sound_or_damaged(read_leaf(tx))?))
        })?;
        let is_damaged = authority.is_err();
        let authority = told("authority", authority).map(Arc::new);
        let leaf = told("certificate", leaf);
        let signed = |(_, signer): &(Pair, String)| authority.as_ref().is_some_and(|by| by.leaf.serial == *signer);
        let leaf = leaf.filter(signed).map(|(pair, _)| pair);
        Ok(Self { authority, leaf, is_damaged })
    }

    /// Writes both in one transaction, and gives what is there from now on.
    pub(super) fn write(store: &Store, authority: Arc<Authority>, made: &Made) -> Result<Self, TlsError> {
        let key = made.key.expose();
        let pair = Pair::from_pem(made.certificate.as_bytes(), key);
        let pair = pair.map_err(|error| TlsError::Make(error.to_string()))?;
        let leaf = LeafRecord { certificate: made.certificate.clone(), authority: authority.leaf.serial.clone() };
        store.write_now(|tx| {
            tx.put(&AUTHORITIES, ONE, &authority.record())?;
            tx.put_body(&KEYS, AUTHORITY_KEY, authority.key.expose())?;
            tx.put(&LEAVES, ONE, &leaf)?;
            tx.put_body(&KEYS, LEAF_KEY, key)
        })?;
        Ok(Self { authority: Some(authority), leaf: Some(pair), is_damaged: false })
    }
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
enum Flaw {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Pair(#[from] PairError),
}

/// The inner error is damage, which the next attempt would find again.
fn sound_or_damaged<T>(read: Result<T, Flaw>) -> Result<Result<T, Flaw>, StoreError> {
    match read {
        Err(Flaw::Store(error)) if !matches!(error, StoreError::Codec { .. }) => Err(error),
        read => Ok(read),
    }
}

fn told<T>(what: &str, read: Result<Option<T>, Flaw>) -> Option<T> {
    read.unwrap_or_else(|error| {
        log::error!("our own {what} in the database is damaged, and made anew: {error}");
        None
    })
}

fn read_authority(tx: &impl Read) -> Result<Option<Authority>, Flaw> {
    let Some(record) = tx.find(&AUTHORITIES, ONE)? else { return Ok(None) };
    let key = tx.find_body(&KEYS, AUTHORITY_KEY)?.unwrap_or_default();
    Ok(Some(Authority::from_record(record, key)?))
}

fn read_leaf(tx: &impl Read) -> Result<Option<(Pair, String)>, Flaw> {
    let Some(record) = tx.find(&LEAVES, ONE)? else { return Ok(None) };
    let key = tx.find_body(&KEYS, LEAF_KEY)?.unwrap_or_default();
    let pair = Pair::from_pem(record.certificate.as_bytes(), &key)?;
    Ok(Some((pair, record.authority)))
}

/// Takes the authority over from a database that a restore replaces, with the certificate that it signed: where the
/// backup has none that can sign, and where devices have been given a newer one since. A database of another appliance has
/// an authority that nobody trusts.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx, lineage: Lineage) -> Result<Option<String>, StoreError> {
    let Ok(Some(authority)) = sound_or_damaged(read_authority(before))? else { return Ok(None) };
    let own = sound_or_damaged(read_authority(tx))?.ok().flatten();
    let is_better = own.is_none_or(|own| {
        lineage == Lineage::Same
            && (own.leaf.not_before < authority.leaf.not_before
                || own.leaf.serial == authority.leaf.serial && is_signed_later(before, tx))
    });
    if !is_better {
        return Ok(None);
    }
    let keys = [AUTHORITY_KEY, LEAF_KEY].map(|name| before.find_body(&KEYS, name).map(|key| (name, key)));
    for found in keys {
        if let (name, Some(key)) = found? {
            tx.put_body(&KEYS, name, &key)?;
        }
    }
    tx.put(&AUTHORITIES, ONE, &authority.record())?;
    if let Some(leaf) = before.find(&LEAVES, ONE)? {
        tx.put::<LeafRecord>(&LEAVES, ONE, &leaf)?;
    }
    Ok(Some("our own authority and the certificate that it signed stay".to_owned()))
}

fn is_signed_later(before: &ReadTx, tx: &WriteTx) -> bool {
    let from = |leaf: Result<Option<(Pair, String)>, Flaw>| leaf.ok().flatten().map(|(pair, _)| pair.leaf.not_before);
    from(read_leaf(before)) > from(read_leaf(tx))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::issue::{make_authority, make_leaf};

    /// A store as a first start leaves it.
    fn filled() -> (Store, Kept) {
        let (store, domains) = (Store::in_memory().unwrap(), ["a.example".to_owned()]);
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let authority = Authority::new(make_authority(&domains, now).unwrap(), domains.to_vec(), None).unwrap();
        let made = make_leaf(&domains, now, (&domains, &authority.key), authority.leaf.not_after).unwrap();
        let kept = Kept::write(&store, Arc::new(authority), &made).unwrap();
        (store, kept)
    }

    fn serials(kept: &Kept) -> (Option<String>, Option<String>) {
        let authority = kept.authority.as_ref().map(|authority| authority.leaf.serial.clone());
        (authority, kept.leaf.as_ref().map(|pair| pair.leaf.serial.clone()))
    }

    #[test]
    fn what_was_written_is_read_back() {
        let (store, kept) = filled();
        assert_eq!(serials(&Kept::read(&store).unwrap()), serials(&kept));
        assert_eq!(serials(&Kept::read(&Store::in_memory().unwrap()).unwrap()), (None, None));
    }

    #[test]
    fn what_is_damaged_counts_as_absent() {
        let (store, kept) = filled();
        let (authority, _) = serials(&kept);
        store.write_now(|tx| tx.put_body(&KEYS, LEAF_KEY, b"rubbish")).unwrap();
        let read = Kept::read(&store).unwrap();
        assert_eq!((serials(&read), read.is_damaged), ((authority, None), false));
        let other = rcgen::KeyPair::generate().unwrap().serialize_der();
        store.write_now(|tx| tx.put_body(&KEYS, AUTHORITY_KEY, &other)).unwrap();
        let read = Kept::read(&store).unwrap();
        assert_eq!((serials(&read), read.is_damaged), ((None, None), true));
    }

    #[test]
    fn a_disk_that_fails_has_damaged_nothing() {
        let codec = StoreError::Codec { table: "own_authority", reason: "cut short".into() };
        for (flaw, is_damage) in [
            (Flaw::Store(codec), true),
            (Flaw::Pair(PairError::Mismatch), true),
            (Flaw::Store(StoreError::Io("input/output error".into())), false),
            (Flaw::Store(StoreError::Full), false),
            (Flaw::Store(StoreError::Redb("corrupted".into())), false),
        ] {
            let words = flaw.to_string();
            assert_eq!(sound_or_damaged(Err::<(), _>(flaw)).is_ok(), is_damage, "{words}");
        }
        let (store, _) = filled();
        const RECORDS: Table<Vec<u8>> = Table::new("own_authority");
        store.write_now(|tx| tx.put_body(&RECORDS, ONE, b"rubbish")).unwrap();
        assert!(Kept::read(&store).unwrap().is_damaged);
    }

    #[test]
    fn a_certificate_of_another_authority_is_not_shown() {
        let (store, _) = filled();
        let (_, other) = filled();
        let record = other.authority.as_ref().unwrap().record();
        let key = other.authority.as_ref().unwrap().key.expose().clone();
        store.write_now(|tx| tx.put(&AUTHORITIES, ONE, &record)).unwrap();
        store.write_now(|tx| tx.put_body(&KEYS, AUTHORITY_KEY, &key)).unwrap();
        assert_eq!(serials(&Kept::read(&store).unwrap()).1, None);
    }

    #[test]
    fn no_key_is_printed() {
        let (_, kept) = filled();
        let bytes = format!("{:?}", kept.authority.as_ref().unwrap().key.expose());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!format!("{kept:?}").contains(bytes));
    }

    fn carried(before: &Store, restored: &Store, lineage: Lineage) -> (Option<String>, Option<String>) {
        let carry = |before: &ReadTx| restored.write_now(|tx| carry_over(before, tx, lineage));
        before.read_now::<_, StoreError>(carry).unwrap();
        serials(&Kept::read(restored).unwrap())
    }

    #[test]
    fn a_restore_keeps_the_authority_that_devices_trust() {
        let (present, seen) = filled();
        let (other, own) = filled();
        assert_eq!(carried(&present, &other, Lineage::Other), serials(&own), "nobody trusts a new board's");
        let empty = Store::in_memory().unwrap();
        assert_eq!(carried(&present, &empty, Lineage::Other), serials(&seen), "better than none");
        let (without_key, _) = filled();
        without_key.write_now(|tx| tx.delete(&KEYS, AUTHORITY_KEY)).unwrap();
        assert_eq!(carried(&present, &without_key, Lineage::Same), serials(&seen));
    }
}
