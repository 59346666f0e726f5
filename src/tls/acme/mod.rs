//! Certificates from an authority by ACME (RFC 8555): the interface, until the orders themselves are here.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::pair::{Leaf, Pair};
use super::showcase::Showcase;
use crate::clock::Clock;
use crate::config;
use crate::error::{Kind, Refusal};
use crate::store::{Store, StoreError};

/// What the orders need.
pub struct AcmeParts {
    /// How the authority is asked.
    pub acme: config::Acme,
    /// The names.
    pub domains: Vec<String>,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where a certificate is shown, and the answers to challenges.
    pub showcase: Arc<Showcase>,
}

/// Orders and renews the certificate of one box.
pub struct Acme(AcmeParts);

/// A certificate that somebody asked for.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What it says of itself.
    pub leaf: Leaf,
    /// What the ledger has to say to it.
    pub warning: Option<String>,
}

/// Why there is no certificate now.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// Something stands in the way that asking does not move.
    #[error("{0}")]
    NotNow(String),
}

/// The last failure, in words.
#[derive(Clone, Debug)]
pub struct LastError {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, and what to do.
    pub words: String,
}

/// How things stand with the authority.
#[derive(Clone, Debug)]
pub struct Status {
    /// What is done next, in words.
    pub next: String,
    /// When; `None` is now, or when nobody can say.
    pub next_at: Option<DateTime<Utc>>,
    /// The last failure, until a certificate comes.
    pub last_error: Option<LastError>,
    /// How many certificates were issued, and when the next may be ordered, in words.
    pub ledger: String,
    /// The page on which the authority explains its window for the renewal.
    pub explanation: Option<String>,
    /// What was found damaged in the database and is not mended yet.
    pub damage: Vec<String>,
}

impl Refusal for AcmeError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

impl Acme {
    /// Reads what is kept. No network.
    pub fn open(parts: AcmeParts) -> Result<Self, StoreError> {
        Ok(Self(parts))
    }

    /// The certificate of the last order, where key and chain are sound and fit.
    pub fn stored(&self) -> Option<Pair> {
        None
    }

    /// Takes the step that is due.
    pub async fn tick(&self) {}

    /// Orders a certificate because somebody asked.
    pub async fn renew_now(&self) -> Result<Renewed, AcmeError> {
        Err(AcmeError::NotNow(format!("{} is not asked yet", self.0.acme.directory)))
    }

    /// How things stand.
    pub fn status(&self) -> Status {
        let next = format!("a certificate for {} is ordered", self.0.domains.join(", "));
        let (ledger, damage) = ("no certificate was issued yet".to_owned(), Vec::new());
        Status { next, next_at: None, last_error: None, ledger, explanation: None, damage }
    }
}
