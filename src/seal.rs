//! Sealing: upstream passwords as the database holds them, under a key that lives in a file beside it.
//!
//! A copy of the database alone gives nothing away. AES-256-GCM with a random nonce before the text.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::secret::{Fingerprint, Secret, random_bytes};

/// The key file's name in the data folder.
pub const FILE_NAME: &str = "seal.key";

/// The name of a key that a restore has laid ready: it counts from the moment on at which the restored database, which
/// names it, is in its place.
const READY_NAME: &str = "seal.key.restored";

/// A text that only the key opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Tells that one sealed text is not another, and nothing of what either says: for the audit.
    pub fn mark(&self) -> String {
        let mark = Fingerprint::of(&self.0).to_text();
        mark.get(..6).unwrap_or_default().to_owned()
    }
}

/// Seals and opens.
pub struct Sealer(LessSafeKey);

/// The key cannot be had, or does not fit.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file cannot be read or made.
    #[error("{path}: cannot read or make the sealing key: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The key is not the one that sealed this text.
    #[error("a password was sealed with another key: set it again")]
    OtherKey,
    /// The cipher refused.
    #[error("cannot seal: the system gives no random numbers")]
    Cipher,
}

impl SealError {
    fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { path: path.display().to_string(), reason: error.to_string() }
    }
}

impl Sealer {
    /// The key of a data folder; made at the first start, readable by the owner alone.
    pub fn open(data_dir: &Path) -> Result<Self, SealError> {
        let path = data_dir.join(FILE_NAME);
        let key = read_or_make(&path).map_err(|error| SealError::file(&path, &error))?;
        Self::with_key(&key)
    }

    /// A key that nobody keeps, for an appliance without a folder.
    pub fn ephemeral() -> Result<Self, SealError> {
        Self::with_key(&random_bytes::<32>().map_err(|_| SealError::Cipher)?)
    }

    fn with_key(key: &[u8; 32]) -> Result<Self, SealError> {
        UnboundKey::new(&AES_256_GCM, key).map(|key| Self(LessSafeKey::new(key))).map_err(|_| SealError::Cipher)
    }

    /// Seals a text.
    pub fn seal(&self, secret: &Secret<String>) -> Result<Sealed, SealError> {
        let nonce: [u8; NONCE_LEN] = random_bytes().map_err(|_| SealError::Cipher)?;
        let mut text = secret.expose().clone().into_bytes();
        let sealing = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(sealing, Aad::empty(), &mut text).map_err(|_| SealError::Cipher)?;
        Ok(Sealed(STANDARD_NO_PAD.encode([nonce.as_slice(), &text].concat())))
    }

    /// Opens a sealed text.
    pub fn open_sealed(&self, sealed: &Sealed) -> Result<Secret<String>, SealError> {
        let bytes = STANDARD_NO_PAD.decode(&sealed.0).map_err(|_| SealError::OtherKey)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SealError::OtherKey)?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let open = self.0.open_in_place(nonce, Aad::empty(), &mut text).map_err(|_| SealError::OtherKey)?;
        String::from_utf8(open.to_vec()).map(Secret::new).map_err(|_| SealError::OtherKey)
    }
}

/// The key of a data folder, for a backup; none where none was made yet.
pub fn find_key(data_dir: &Path) -> Result<Option<Secret<Vec<u8>>>, SealError> {
    let path = data_dir.join(FILE_NAME);
    match std::fs::read(&path) {
        Ok(key) => Ok(Some(Secret::new(key))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SealError::file(&path, &error)),
    }
}

/// Lays a restored key ready, beside the present one.
pub fn lay_ready(data_dir: &Path, key: &Secret<Vec<u8>>) -> Result<(), SealError> {
    let path = data_dir.join(READY_NAME);
    write_whole(&path, key.expose()).map_err(|error| SealError::file(&path, &error))
}

/// Takes the key that lies ready, if it is this one; any other is of a restore that came to nothing, and goes. The present
/// key is kept under the name `aside`. After a power cut it is done by the next one who opens the folder.
pub fn take_ready(data_dir: &Path, wanted: Option<Fingerprint>, aside: &str) -> Result<(), SealError> {
    let (ready, present) = (data_dir.join(READY_NAME), data_dir.join(FILE_NAME));
    let take = || match std::fs::read(&ready) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(key) if wanted != Some(Fingerprint::of_bytes(&key)) => std::fs::remove_file(&ready),
        Ok(_) => {
            if present.exists() {
                std::fs::copy(&present, data_dir.join(aside))?;
            }
            std::fs::rename(&ready, &present)?;
            File::open(data_dir)?.sync_all()
        }
    };
    take().map_err(|error| SealError::file(&ready, &error))
}

fn read_or_make(path: &Path) -> io::Result<[u8; 32]> {
    match File::open(path) {
        Ok(mut file) => {
            let mut key = [0; 32];
            file.read_exact(&mut key)?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

/// Written under another name first: after a power cut there is a whole key or none.
fn make(path: &Path) -> io::Result<[u8; 32]> {
    let key = random_bytes::<32>().map_err(io::Error::other)?;
    write_whole(path, &key)?;
    Ok(key)
}

fn write_whole(path: &Path, key: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_with_its_key_alone() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Sealer::open(dir.path()).unwrap().seal(&Secret::new("hunter2".into())).unwrap();
        assert!(!sealed.0.contains("hunter2"));
        let again = Sealer::open(dir.path()).unwrap();
        assert_eq!(again.open_sealed(&sealed).unwrap().expose(), "hunter2");
        let other = Sealer::ephemeral().unwrap();
        assert!(matches!(other.open_sealed(&sealed), Err(SealError::OtherKey)));
    }

    #[test]
    fn the_key_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Sealer::open(dir.path()).unwrap();
        let mode = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_restored_key_counts_where_the_database_names_it_alone() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Sealer::open(dir.path()).unwrap().seal(&Secret::new("hunter2".into())).unwrap();
        let opens = || Sealer::open(dir.path()).unwrap().open_sealed(&sealed).is_ok();
        let other = Secret::new(vec![9; 32]);
        lay_ready(dir.path(), &other).unwrap();
        take_ready(dir.path(), None, "aside").unwrap();
        assert!(opens(), "a restore that came to nothing changes nothing");
        lay_ready(dir.path(), &other).unwrap();
        take_ready(dir.path(), Some(Fingerprint::of_bytes(other.expose())), "aside").unwrap();
        assert!(!opens());
        std::fs::rename(dir.path().join("aside"), dir.path().join(FILE_NAME)).unwrap();
        assert!(opens(), "the key that was there is kept");
    }
}
