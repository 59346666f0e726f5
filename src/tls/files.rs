//! A certificate and its key in two PEM files, swapped while connections are served.
//!
//! A new pair is taken whole or not at all: whatever is wrong with it, the old one goes on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::server::provider;
use crate::config::CertificateFiles;

/// The pair that is shown to clients, and where it comes from.
#[derive(Debug)]
pub struct Certificates {
    files: CertificateFiles,
    current: ArcSwap<CertifiedKey>,
}

/// What a reload did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// The files hold the chain that is served already; a new key for the same certificate cannot be.
    Unchanged,
    /// New connections get the new certificate; those that are open stay as they are.
    Swapped,
}

/// What is wrong with the two files.
#[derive(Debug, thiserror::Error)]
pub enum TlsFilesError {
    /// A file is missing or closed to us.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        reason: io::Error,
    },
    /// A file is not PEM.
    #[error("{}: is not PEM: {reason}", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// There is no certificate in it.
    #[error("{}: holds no certificate (BEGIN CERTIFICATE)", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in it.
    #[error("{}: holds no private key (BEGIN PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY)", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is locked.
    #[error("{}: the private key is encrypted; store it without a passphrase", path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is of a kind that cannot be used.
    #[error("{}: the private key cannot be used: {reason}", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// The certificate is damaged.
    #[error("{}: the certificate cannot be used: {reason}", path.display())]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// The two do not belong together.
    #[error("the key in {} does not fit the first certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl Certificates {
    /// Reads the pair for the first time.
    pub fn load(files: &CertificateFiles) -> Result<Arc<Self>, TlsFilesError> {
        let current = ArcSwap::from_pointee(read_pair(files)?);
        Ok(Arc::new(Self { files: files.clone(), current }))
    }

    /// Reads the files again. On an error the pair that is served stays.
    pub fn reload(&self) -> Result<Reload, TlsFilesError> {
        let pair = read_pair(&self.files)?;
        if pair.cert == self.current.load().cert {
            return Ok(Reload::Unchanged);
        }
        self.current.store(Arc::new(pair));
        Ok(Reload::Swapped)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

fn read_pair(files: &CertificateFiles) -> Result<CertifiedKey, TlsFilesError> {
    let chain = read_chain(&files.certificate)?;
    let key = read_key(&files.key)?;
    let signer = provider()
        .key_provider
        .load_private_key(key)
        .map_err(|error| TlsFilesError::BadKey { path: files.key.clone(), reason: error.to_string() })?;
    let pair = CertifiedKey::new(chain, signer);
    match pair.keys_match() {
        Ok(()) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(TlsFilesError::Mismatch { certificate: files.certificate.clone(), key: files.key.clone() })
        }
        Err(error) => Err(TlsFilesError::BadCertificate { path: files.certificate.clone(), reason: error.to_string() }),
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFilesError> {
    let text = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| not_pem(path, &error))?;
    if chain.is_empty() { Err(TlsFilesError::NoCertificate { path: path.to_path_buf() }) } else { Ok(chain) }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsFilesError> {
    let text = read(path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        _ if is_locked(&text) => TlsFilesError::EncryptedKey { path: path.to_path_buf() },
        pem::Error::NoItemsFound => TlsFilesError::NoKey { path: path.to_path_buf() },
        error => not_pem(path, &error),
    })
}

/// `BEGIN ENCRYPTED PRIVATE KEY`, or OpenSSL's older `Proc-Type: 4,ENCRYPTED`.
fn is_locked(text: &[u8]) -> bool {
    let word = b"ENCRYPTED";
    text.windows(word.len()).any(|part| part == word)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsFilesError> {
    fs::read(path).map_err(|reason| TlsFilesError::Unreadable { path: path.to_path_buf(), reason })
}

fn not_pem(path: &Path, error: &pem::Error) -> TlsFilesError {
    TlsFilesError::NotPem { path: path.to_path_buf(), reason: error.to_string() }
}
