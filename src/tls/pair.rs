//! A certificate chain with its key, checked to fit, and what its first certificate says of itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::server::provider;

/// A chain, its key, and the facts of the leaf.
#[derive(Clone, Debug)]
pub struct Pair {
    certified_key: Arc<CertifiedKey>,
    /// What the leaf says of itself.
    pub leaf: Leaf,
}

/// What a server's own certificate says (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The DNS names that it is for.
    pub names: Vec<String>,
    /// Who signed it, as text: `CN=R11, O=Let's Encrypt`.
    pub issuer: String,
    /// In lower-case hexadecimal.
    pub serial: String,
    /// The first instant.
    pub not_before: DateTime<Utc>,
    /// The last instant.
    pub not_after: DateTime<Utc>,
}

/// Why a chain and a key cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairError {
    /// There is no certificate.
    #[error("there is no certificate in the chain")]
    NoCertificate,
    /// The text is not PEM.
    #[error("not PEM: {0}")]
    NotPem(String),
    /// The first certificate cannot be read.
    #[error("the certificate cannot be used: {0}")]
    BadCertificate(String),
    /// The key is of a kind that cannot be used, or damaged.
    #[error("the private key cannot be used: {0}")]
    BadKey(String),
    /// The two do not belong together.
    #[error("the key does not fit the first certificate")]
    Mismatch,
}

impl Pair {
    /// Takes a chain, leaf first, and its key.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, PairError> {
        let leaf = Leaf::read(chain.first().ok_or(PairError::NoCertificate)?)?;
        let signer = provider().key_provider.load_private_key(key);
        let signer = signer.map_err(|error| PairError::BadKey(error.to_string()))?;
        let certified_key = CertifiedKey::new(chain, signer);
        match certified_key.keys_match() {
            Ok(()) => Ok(Self { certified_key: Arc::new(certified_key), leaf }),
            Err(rustls::Error::InconsistentKeys(_)) => Err(PairError::Mismatch),
            Err(error) => Err(PairError::BadCertificate(error.to_string())),
        }
    }

    /// Takes a chain in PEM, leaf first, and its key in DER (PKCS #8).
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, PairError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| PairError::NotPem(error.to_string()))?;
        let key = PrivateKeyDer::try_from(key.to_vec()).map_err(|error| PairError::BadKey(error.to_owned()))?;
        Self::new(chain, key)
    }

    /// What a handshake needs.
    pub fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified_key)
    }

    /// The chain, leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified_key.cert
    }
}

impl Leaf {
    /// Reads a certificate.
    pub fn read(der: &CertificateDer<'_>) -> Result<Self, PairError> {
        let bad = |error: &dyn std::fmt::Display| PairError::BadCertificate(error.to_string());
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| bad(&error))?;
        let instant = |secs| DateTime::from_timestamp(secs, 0).ok_or_else(|| bad(&"a date that cannot be"));
        Ok(Self {
            names: names_of(&certificate),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial.to_str_radix(16),
            not_before: instant(certificate.validity().not_before.timestamp())?,
            not_after: instant(certificate.validity().not_after.timestamp())?,
        })
    }
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let dns = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    dns.collect()
}
