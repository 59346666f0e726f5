//! What can go wrong with certificates, told so that somebody can act on it.

use std::path::PathBuf;

use super::acme::AcmeError;
use super::files::FilesError;
use crate::error::{Kind, Refusal};
use crate::fetch::AuthorityError;
use crate::store::StoreError;

/// Why there is no certificate, or no new one.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The two files of `tls.mode = "files"`.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The configuration does not say how to reach the authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The authority refused, or could not be asked.
    #[error(transparent)]
    Acme(#[from] AcmeError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The library made no certificate.
    #[error("cannot make a certificate: {0}")]
    Make(String),
    /// Somebody else renews it.
    #[error(
        "tls.mode is \"files\": whoever writes {} renews it, and a new pair is taken within seconds",
        path.display()
    )]
    NotOurs {
        /// The certificate's file.
        path: PathBuf,
    },
    /// A certificate made by a wrong clock would be good for nothing.
    #[error("the clock is not trusted yet: wait until it is set, or write trust = \"always\" in [clock]")]
    WrongClock,
    /// The work was cut off by a stop or a panic.
    #[error("the work was interrupted: try again")]
    Interrupted,
}

impl Refusal for TlsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Acme(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::NotOurs { .. } | Self::WrongClock => Kind::Conflict,
            Self::Interrupted => Kind::Unavailable,
            Self::Files(_) | Self::Authority(_) | Self::Make(_) => Kind::Internal,
        }
    }
}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self::Make(error.to_string())
    }
}
