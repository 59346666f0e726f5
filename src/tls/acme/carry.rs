//! What a restore takes over from the database that it replaces: an authority counts certificates and failures whatever
//! this box has forgotten, and a newer certificate is a better one.

use crate::store::{Read, ReadTx, StoreError, WriteTx};

use super::back_off::BackOff;
use super::ledger::Ledger;
use super::records::readable;
use super::tables::{
    ACCOUNTS, AccountRecord, BACK_OFFS, CERTIFICATES, CHAINS, CertificateRecord, KEYS, LEDGERS, ONLY, ORDER, ORDERS,
    OrderRecord, account_key,
};

/// Takes over the newer certificate, the accounts, the ledger, what is under way and what has failed; says so, in lines.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx) -> Result<Vec<String>, StoreError> {
    let mut kept = Vec::new();
    carry_certificate(before, tx, &mut kept)?;
    carry_accounts(before, tx, &mut kept)?;
    carry_order(before, tx)?;
    carry_ledger(before, tx, &mut kept)?;
    if let Some(back_off) = readable(before.find(&BACK_OFFS, ONLY))? {
        tx.put::<BackOff>(&BACK_OFFS, ONLY, &back_off)?;
    }
    Ok(kept)
}

/// A certificate with all that it needs to be shown.
struct Whole {
    record: CertificateRecord,
    chain: Vec<u8>,
    key: Vec<u8>,
}

fn find_certificate(tx: &impl Read) -> Result<Option<Whole>, StoreError> {
    let record = readable(tx.find(&CERTIFICATES, ONLY))?;
    let chain = readable(tx.find_body(&CHAINS, ONLY))?;
    let key = readable(tx.find_body(&KEYS, ONLY))?;
    Ok(record.zip(chain).zip(key).map(|((record, chain), key)| Whole { record, chain, key }))
}

fn carry_certificate(before: &ReadTx, tx: &mut WriteTx, kept: &mut Vec<String>) -> Result<(), StoreError> {
    let Some(Whole { record, chain, key }) = find_certificate(before)? else { return Ok(()) };
    let own = find_certificate(tx)?;
    if own.is_some_and(|own| own.record.issued_at >= record.issued_at) {
        return Ok(());
    }
    tx.put_body(&KEYS, ONLY, &key)?;
    tx.put_body(&CHAINS, ONLY, &chain)?;
    tx.put(&CERTIFICATES, ONLY, &record)?;
    let (names, day) = (record.names.join(", "), record.issued_at.format("%Y-%m-%d"));
    kept.push(format!("the certificate for {names}, issued on {day}, stays"));
    Ok(())
}

fn carry_accounts(before: &ReadTx, tx: &mut WriteTx, kept: &mut Vec<String>) -> Result<(), StoreError> {
    let mut directories = Vec::new();
    before.visit_keys(&ACCOUNTS, |key| directories.push(String::from_utf8_lossy(key).into_owned()))?;
    for directory in directories {
        let account: Option<AccountRecord> = readable(before.find(&ACCOUNTS, directory.as_bytes()))?;
        let key = readable(before.find_body(&KEYS, &account_key(&directory)))?;
        let Some((account, key)) = account.zip(key) else { continue };
        let own: Option<AccountRecord> = readable(tx.find(&ACCOUNTS, directory.as_bytes()))?;
        let own_key = readable(tx.find_body(&KEYS, &account_key(&directory)))?;
        if own.as_ref() != Some(&account) || own_key.as_ref() != Some(&key) {
            tx.put(&ACCOUNTS, directory.as_bytes(), &account)?;
            tx.put_body(&KEYS, &account_key(&directory), &key)?;
            kept.push(format!("the account with {directory} stays"));
        }
    }
    Ok(())
}

/// An order of the backup that the present database does not know has ended long since.
fn carry_order(before: &ReadTx, tx: &mut WriteTx) -> Result<(), StoreError> {
    if !before.any(&ACCOUNTS)? {
        return Ok(());
    }
    let order: Option<OrderRecord> = readable(before.find(&ORDERS, ONLY))?;
    match order.zip(readable(before.find_body(&KEYS, ORDER))?) {
        Some((order, key)) => {
            tx.put_body(&KEYS, ORDER, &key)?;
            tx.put(&ORDERS, ONLY, &order)
        }
        None => {
            tx.delete(&KEYS, ORDER)?;
            tx.delete(&ORDERS, ONLY)
        }
    }
}

fn carry_ledger(before: &ReadTx, tx: &mut WriteTx, kept: &mut Vec<String>) -> Result<(), StoreError> {
    let Some(ledger) = readable::<Ledger>(before.find(&LEDGERS, ONLY))? else { return Ok(()) };
    let own: Ledger = readable(tx.find(&LEDGERS, ONLY))?.unwrap_or_default();
    let merged = own.clone().merged(ledger);
    let more = merged.len().saturating_sub(own.len());
    if more > 0 {
        kept.push(format!("the ledger keeps {more} certificates that the backup does not know"));
    }
    tx.put(&LEDGERS, ONLY, &merged)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::store::Store;
    use crate::tls::acme::ledger::{By, Issued};

    const CA: &str = "https://ca/";

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    fn issued(day: i64) -> Issued {
        let (not_before, not_after) = (at(day), at(day + 90));
        let (directory, serial) = (CA.to_owned(), day.to_string());
        Issued { at: at(day), directory, names: vec!["a".into()], serial, not_before, not_after, by: By::Automatic }
    }

    /// A database with a certificate of a day, and its ledger; without its key, as a backup may be.
    fn with_certificate(day: i64, with_key: bool) -> Store {
        let store = Store::in_memory().unwrap();
        let (directory, names) = (CA.to_owned(), vec!["a".to_owned()]);
        let record = CertificateRecord { directory, names, order_url: None, issued_at: at(day), advice: None };
        let fill = |tx: &mut WriteTx| {
            tx.put(&CERTIFICATES, ONLY, &record)?;
            tx.put_body(&CHAINS, ONLY, format!("chain {day}").as_bytes())?;
            tx.put(&LEDGERS, ONLY, &Ledger::default().with(issued(day)))?;
            match with_key {
                true => tx.put_body(&KEYS, ONLY, format!("key {day}").as_bytes()),
                false => Ok(()),
            }
        };
        store.write_now::<_, StoreError>(fill).unwrap();
        store
    }

    fn carried(before: &Store, tx: &Store) -> Vec<String> {
        before.read_now::<_, StoreError>(|before| tx.write_now(|tx| carry_over(before, tx))).unwrap()
    }

    fn key(store: &Store) -> Option<Vec<u8>> {
        store.read_now::<_, StoreError>(|tx| tx.find_body(&KEYS, ONLY)).unwrap()
    }

    #[test]
    fn the_newer_certificate_stays_with_its_key() {
        for (present, backup, with_key, wanted) in
            [(5, 1, true, "key 5"), (1, 5, true, "key 5"), (1, 5, false, "key 1"), (5, 5, false, "key 5")]
        {
            let restored = with_certificate(backup, with_key);
            carried(&with_certificate(present, true), &restored);
            assert_eq!(key(&restored).unwrap(), wanted.as_bytes(), "{present} {backup} {with_key}");
            let chain = restored.read_now::<_, StoreError>(|tx| tx.find_body(&CHAINS, ONLY)).unwrap().unwrap();
            assert_eq!(chain, wanted.replace("key", "chain").as_bytes());
        }
    }

    #[test]
    fn the_ledger_knows_what_either_knew() {
        let restored = with_certificate(1, true);
        let told = carried(&with_certificate(5, true), &restored);
        assert!(told.iter().any(|line| line.contains("keeps 1 certificates")), "{told:?}");
        let ledger: Ledger = restored.read_now::<_, StoreError>(|tx| tx.get(&LEDGERS, ONLY)).unwrap();
        assert_eq!(ledger, Ledger::default().with(issued(1)).with(issued(5)));
        assert_eq!(carried(&with_certificate(5, true), &restored), Vec::<String>::new(), "twice is once");
    }

    #[test]
    fn the_account_that_the_authority_knows_stays() {
        let (present, restored) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
        let account = |id: &str| AccountRecord { id: id.into(), contact: None, refused_contact: None };
        let put = |store: &Store, id: &str| {
            let put = |tx: &mut WriteTx| {
                tx.put_body(&KEYS, &account_key(CA), id.as_bytes())?;
                tx.put(&ACCOUNTS, CA.as_bytes(), &account(id))
            };
            store.write_now::<_, StoreError>(put).unwrap();
        };
        put(&present, "new");
        put(&restored, "old");
        assert_eq!(carried(&present, &restored), ["the account with https://ca/ stays"]);
        let kept: AccountRecord = restored.read_now::<_, StoreError>(|tx| tx.get(&ACCOUNTS, CA.as_bytes())).unwrap();
        assert_eq!(kept, account("new"));
    }
}
