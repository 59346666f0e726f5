//! Values that must not print: passwords, tokens, keys; and the few things done with them.
//!
//! A [`Secret`] has no `Display` and no `Serialize`; its `Debug` says nothing. To use the value is to write `expose`.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A value that is kept out of logs, errors and answers.
#[derive(Clone, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes a value into keeping.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the one use that it is kept for.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256: what is kept of a token, a session or a set-up key, and what tells one content from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a secret text.
    pub fn of(secret: &str) -> Self {
        Self::of_bytes(secret.as_bytes())
    }

    /// The fingerprint of bytes.
    pub fn of_bytes(content: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, content).as_ref());
        Self(bytes)
    }

    /// The bytes, as a database key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In base64url, as a record writes it.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads [`Fingerprint::to_text`] back; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// A record writes it as [`Fingerprint::to_text`].
impl From<Fingerprint> for String {
    fn from(print: Fingerprint) -> Self {
        print.to_text()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = NotAFingerprint;

    fn try_from(text: String) -> Result<Self, NotAFingerprint> {
        Self::from_text(&text).ok_or(NotAFingerprint)
    }
}

/// A text that is no fingerprint.
#[derive(Debug, thiserror::Error)]
#[error("not a fingerprint")]
pub struct NotAFingerprint;

/// Random bytes from the system. A board that cannot give any cannot keep a secret: the caller gets the error.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// `N` random bytes in base64url without padding: 32 bytes give 43 characters.
pub fn random_text<const N: usize>() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<N>()?))
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    #[test]
    fn a_fingerprint_reads_back() {
        let print = Fingerprint::of("x");
        assert_eq!(Fingerprint::from_text(&print.to_text()), Some(print));
        assert_eq!(Fingerprint::from_text("nonsense"), None);
    }

    #[test]
    fn thirty_two_bytes_are_forty_three_characters() {
        assert_eq!(random_text::<32>().unwrap().len(), 43);
    }
}
