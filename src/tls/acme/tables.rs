//! What the database holds for ACME: one record of each kind, and the key material in a table of its own, so that a
//! backup can leave it out ([`KEYS`]).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::config::{self, Challenge};
use crate::store::Table;

use super::back_off::BackOff;
use super::ledger::{By, Ledger};

/// Private keys in PKCS #8: the accounts', the certificate's, the order's. All of ACME's secrets are in this table.
pub const KEYS: Table<Vec<u8>> = Table::new("acme_keys");
pub(super) const ACCOUNTS: Table<AccountRecord> = Table::new("acme_accounts");
pub(super) const CERTIFICATES: Table<CertificateRecord> = Table::new("acme_certificates");
/// The chain in PEM, leaf first.
pub(super) const CHAINS: Table<Vec<u8>> = Table::new("acme_chains");
pub(super) const ORDERS: Table<OrderRecord> = Table::new("acme_orders");
pub(super) const BACK_OFFS: Table<BackOff> = Table::new("acme_back_offs");
pub(super) const LEDGERS: Table<Ledger> = Table::new("acme_ledgers");

/// The key of the one record, in tables that have one; and of the certificate's own key in [`KEYS`].
pub(super) const ONLY: &[u8] = b"certificate";
/// The key in [`KEYS`] of what the order under way is for.
pub(super) const ORDER: &[u8] = b"order";

/// The key in [`KEYS`] of an account.
pub(super) fn account_key(directory: &str) -> Vec<u8> {
    format!("account {directory}").into_bytes()
}

/// What the configuration asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub directory: String,
    /// Sorted, each once.
    pub names: Vec<String>,
    pub challenge: Challenge,
}

impl Wanted {
    pub(super) fn new(acme: &config::Acme, domains: &[String]) -> Self {
        Self { directory: acme.directory.to_string(), names: set_of(domains), challenge: acme.challenge }
    }

    pub(super) fn is_for(&self, directory: &str, names: &[String]) -> bool {
        self.directory == directory && self.names == names
    }

    /// One text for all of it: what a failure was about.
    pub(super) fn label(&self) -> String {
        format!("{} {} {}", self.directory, challenge_name(self.challenge), self.names.join(" "))
    }
}

/// Names as a set: sorted, each once.
pub(super) fn set_of(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    names
}

/// As the configuration writes it.
pub(super) fn challenge_name(challenge: Challenge) -> &'static str {
    match challenge {
        Challenge::TlsAlpn01 => "tls-alpn-01",
        Challenge::Http01 => "http-01",
    }
}

/// An account at an authority, by its directory. Its key is in [`KEYS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccountRecord {
    /// The account's address at the authority (RFC 8555, section 7.3).
    pub id: String,
    /// The contact that the authority knows.
    pub contact: Option<String>,
    /// The contact that it refused: it is not told again.
    #[serde(default)]
    pub refused_contact: Option<String>,
}

/// The certificate of the last order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CertificateRecord {
    pub directory: String,
    pub names: Vec<String>,
    /// Where the chain can be had again; `None` once the authority has said no.
    pub order_url: Option<String>,
    pub issued_at: DateTime<Utc>,
    pub advice: Option<Advice>,
}

/// When the authority would have the certificate renewed (RFC 9773).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Advice {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// The instant in the window, drawn once.
    pub chosen: DateTime<Utc>,
    /// A page on why the window is what it is.
    pub explanation: Option<String>,
}

/// An order that is under way. Its certificate's key is in [`KEYS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderRecord {
    pub url: String,
    pub directory: String,
    pub names: Vec<String>,
    pub since: DateTime<Utc>,
    pub by: By,
}

/// Authorities forget an order after seven days: one that is older and fails again leads nowhere.
const ORDER_LIFE: TimeDelta = TimeDelta::days(7);

impl OrderRecord {
    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        now - self.since > ORDER_LIFE
    }
}

/// The certificate that we have, as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub record: CertificateRecord,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    /// When the authority's advice is asked for next; `None` is now. In memory alone: a restart asks again.
    pub ask_at: Option<DateTime<Utc>>,
}

impl Held {
    pub(super) fn lifetime(&self) -> TimeDelta {
        (self.not_after - self.not_before).max(TimeDelta::zero())
    }
}
