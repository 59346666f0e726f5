//! A certificate and its key in two PEM files that somebody else renews: read, watched, and swapped while connections are
//! served.
//!
//! A new pair is taken whole or not at all: whatever is wrong with it, the old one goes on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::pair::{Pair, PairError};
use super::showcase::Showcase;
use super::status::{Failure, Next, day};
use super::watch::{Mark, Watch};
use crate::clock::Clock;
use crate::config::CertificateFiles;

const CERTIFICATE: &str = "tls.files.certificate";
const KEY: &str = "tls.files.key";

/// What is wrong with the two files: the key of the configuration, the file, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file is missing or closed to us.
    #[error("{key}: {}: cannot be read: {reason}; name a PEM file that this user may read", path.display())]
    Unreadable {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A file is not PEM.
    #[error("{key}: {}: is not PEM: {reason}; name a file of text that begins with -----BEGIN", path.display())]
    NotPem {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// There is no certificate in it.
    #[error(
        "{CERTIFICATE}: {}: holds no certificate (BEGIN CERTIFICATE); name the chain, the server's own certificate first",
        path.display()
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in it.
    #[error(
        "{KEY}: {}: holds no private key (BEGIN PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY); name the certificate's own",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is locked.
    #[error("{KEY}: {}: the private key is encrypted; store it without a passphrase", path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is of a kind that cannot be used.
    #[error("{KEY}: {}: the private key cannot be used: {reason}; take an ECDSA or RSA key", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// The certificate is damaged.
    #[error("{CERTIFICATE}: {}: the certificate cannot be used: {reason}; write the file anew", path.display())]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// The two do not belong together.
    #[error(
        "{KEY}: {}: does not fit the first certificate in {}; name the key that it was made with",
        key.display(),
        certificate.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// It has ended.
    #[error(
        "{CERTIFICATE}: {}: expired on {}; put a newer certificate there, or write tls.mode = \"acme\"",
        path.display(),
        day(*at)
    )]
    Expired {
        /// The file.
        path: PathBuf,
        /// When.
        at: DateTime<Utc>,
    },
}

/// The two files, and what came of the last reading.
pub(super) struct Files {
    files: CertificateFiles,
    watch: Mutex<Watch>,
    /// A signal and the tick may want to read at once; the later would show what the earlier has read before it.
    reading: Mutex<()>,
    failure: Mutex<Option<Failure>>,
}

/// What a reading found.
enum Found {
    /// The certificate that is shown already.
    Same,
    /// Another one.
    New(Pair),
}

impl Files {
    /// Reads the pair for the first time; with nothing good in the files there is a failure to tell instead.
    pub(super) fn open(files: &CertificateFiles, now: DateTime<Utc>) -> (Self, Option<Pair>) {
        let marks = marks_of(files);
        let (pair, failure) = match read_pair(files) {
            Ok(pair) => (Some(pair), None),
            Err(error) => (None, Some(Failure { at: now, text: error.to_string() })),
        };
        let watch = Mutex::new(Watch::new(marks, Instant::now()));
        let (reading, failure) = (Mutex::default(), Mutex::new(failure));
        (Self { files: files.clone(), watch, reading, failure }, pair)
    }

    /// Reads the files again where they have changed and are still. Blocks on the disk.
    pub(super) fn look(&self, showcase: &Showcase, clock: &Clock) {
        let marks = marks_of(&self.files);
        if self.watch().is_due(marks, Instant::now()) {
            self.reload(showcase, clock);
        }
    }

    /// Reads the files again. What is wrong is told once for each reading, and the pair that is shown stays.
    pub(super) fn reload(&self, showcase: &Showcase, clock: &Clock) {
        let _alone = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch().has_read(marks_of(&self.files), Instant::now());
        let read = self.read_new(&showcase.current(), clock.trusted_now());
        let failure = match read {
            Ok(Found::Same) => None,
            Ok(Found::New(pair)) => {
                let (names, until) = (pair.leaf.names.join(", "), day(pair.leaf.not_after));
                log::info!("the certificate in the files is shown from now on: {names}, until {until}");
                showcase.show(pair);
                None
            }
            Err(error) => {
                log::error!("the certificate stays as it was: {error}");
                Some(Failure { at: clock.now(), text: error.to_string() })
            }
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn read_new(&self, shown: &Arc<Pair>, now: Option<DateTime<Utc>>) -> Result<Found, FilesError> {
        let pair = read_pair(&self.files)?;
        if pair.chain() == shown.chain() {
            return Ok(Found::Same);
        }
        still_good(&self.files, &pair, now)?;
        Ok(Found::New(pair))
    }

    /// The last reading, where it failed.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody else's business.
    pub(super) fn next(&self) -> Next {
        let path = self.files.certificate.display();
        Next { words: format!("it is renewed by whoever writes {path}; a new pair is taken within seconds"), at: None }
    }

    /// The certificate's file.
    pub(super) fn certificate(&self) -> &Path {
        &self.files.certificate
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a start may go on with these files; `now` is `None` where no date is judged. One that begins later is taken: a
/// Pi's clock is behind at boot.
pub(super) fn check_files(files: &CertificateFiles, now: Option<DateTime<Utc>>) -> Result<(), FilesError> {
    still_good(files, &read_pair(files)?, now)
}

fn still_good(files: &CertificateFiles, pair: &Pair, now: Option<DateTime<Utc>>) -> Result<(), FilesError> {
    let at = pair.leaf.not_after;
    let has_ended = now.is_some_and(|now| now > at);
    if has_ended { Err(FilesError::Expired { path: files.certificate.clone(), at }) } else { Ok(()) }
}

fn marks_of(files: &CertificateFiles) -> [Mark; 2] {
    [Mark::of(&files.certificate), Mark::of(&files.key)]
}

fn read_pair(files: &CertificateFiles) -> Result<Pair, FilesError> {
    let chain = read_chain(&files.certificate)?;
    let key = read_key(&files.key)?;
    let (certificate, key_file) = (files.certificate.clone(), files.key.clone());
    Pair::new(chain, key).map_err(|error| match error {
        PairError::BadKey(reason) => FilesError::BadKey { path: key_file, reason },
        PairError::Mismatch => FilesError::Mismatch { certificate, key: key_file },
        PairError::NoCertificate => FilesError::NoCertificate { path: certificate },
        PairError::BadCertificate(reason) | PairError::NotPem(reason) => {
            FilesError::BadCertificate { path: certificate, reason }
        }
    })
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, FilesError> {
    let text = read(CERTIFICATE, path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| not_pem(CERTIFICATE, path, &error))?;
    if chain.is_empty() { Err(FilesError::NoCertificate { path: path.to_path_buf() }) } else { Ok(chain) }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, FilesError> {
    let text = read(KEY, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        _ if is_locked(&text) => FilesError::EncryptedKey { path: path.to_path_buf() },
        pem::Error::NoItemsFound => FilesError::NoKey { path: path.to_path_buf() },
        error => not_pem(KEY, path, &error),
    })
}

/// `BEGIN ENCRYPTED PRIVATE KEY`, or OpenSSL's older `Proc-Type: 4,ENCRYPTED`.
fn is_locked(text: &[u8]) -> bool {
    let word = b"ENCRYPTED";
    text.windows(word.len()).any(|part| part == word)
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, FilesError> {
    fs::read(path).map_err(|reason| FilesError::Unreadable { key, path: path.to_path_buf(), reason })
}

fn not_pem(key: &'static str, path: &Path, error: &pem::Error) -> FilesError {
    FilesError::NotPem { key, path: path.to_path_buf(), reason: error.to_string() }
}
