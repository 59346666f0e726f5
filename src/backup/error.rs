//! Why a backup is not handed out, or not taken note of.

use crate::actor::Denied;
use crate::error::{FieldError, Kind, Refusal};
use crate::seal::SealError;
use crate::store::StoreError;

/// So long a backup may take on a board.
const RETRY_AFTER_SECS: u64 = 60;

/// Why a backup is not handed out, or not taken note of.
#[derive(Debug, thiserror::Error)]
pub enum BackupsError {
    /// The table said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody asks for the private keys from elsewhere.
    #[error("private keys do not leave by the network: run `carillon backup` on the machine itself")]
    KeysByNetwork,
    /// One is being written.
    #[error("another backup is being written: ask again when it is done")]
    Busy,
    /// Without the sealing key it would not be one.
    #[error("a backup needs the sealing key: {0}")]
    Key(#[from] SealError),
    /// A time that nobody has seen yet.
    #[error("at: lies in the future")]
    Future,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for BackupsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::KeysByNetwork => Kind::Forbidden,
            Self::Busy => Kind::TooMany,
            Self::Key(_) => Kind::Unavailable,
            Self::Future => Kind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Future => vec![FieldError::new("at", "lies in the future")],
            _ => Vec::new(),
        }
    }

    fn retry_after_secs(&self) -> Option<u64> {
        matches!(self, Self::Busy).then_some(RETRY_AFTER_SECS)
    }
}
