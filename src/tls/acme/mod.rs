//! Certificates from an authority by ACME (RFC 8555).

use std::sync::Arc;

use super::certificates::Trust;
use super::pair::Pair;
use super::showcase::Showcase;
use super::status::{Failure, Next};
use crate::clock::Clock;
use crate::config;
use crate::error::{Kind, Refusal};
use crate::store::{Store, StoreError};

/// What the source is made of.
pub struct AcmeParts {
    /// The section of the configuration.
    pub acme: config::Acme,
    /// The names to ask for.
    pub domains: Vec<String>,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Whether the time may be believed.
    pub is_trusted: Trust,
    /// Where a new certificate is shown.
    pub showcase: Arc<Showcase>,
}

/// The source.
pub struct Acme(AcmeParts);

/// Why an order failed.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {}

/// How the source stands.
pub struct Status {
    /// What happens next.
    pub next: Next,
    /// The last failure.
    pub last_error: Option<Failure>,
    /// What was issued.
    pub ledger: Vec<String>,
}

/// What an order by hand has brought.
pub struct Issued {
    /// What to mind.
    pub warnings: Vec<String>,
}

impl Acme {
    /// Reads what is stored.
    pub fn open(parts: AcmeParts) -> Result<Self, StoreError> {
        Ok(Self(parts))
    }

    /// The certificate of the last order.
    pub fn stored(&self) -> Option<Pair> {
        None
    }

    /// One step.
    pub async fn tick(&self) {}

    /// Orders now.
    pub async fn renew_now(&self) -> Result<Issued, AcmeError> {
        Ok(Issued { warnings: Vec::new() })
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let words =
            format!("a certificate for {} is ordered from {}", self.0.domains.join(", "), self.0.acme.directory);
        Status { next: Next { words, at: None }, last_error: None, ledger: Vec::new() }
    }
}

impl Refusal for AcmeError {
    fn kind(&self) -> Kind {
        Kind::Internal
    }
}
