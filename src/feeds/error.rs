//! What can be wrong with a feed, or with what somebody asks of one.

use super::site::{Failure, FailureClass};
use crate::actor::Denied;
use crate::error::{FieldError, Kind, Refusal};
use crate::http::precondition::Overtaken;
use crate::seal::SealError;
use crate::store::StoreError;

/// Why something could not be done with a feed. A failed fetch is data, not an error, until somebody asks for one.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The table said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody was faster.
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
    /// There is no such feed.
    #[error("there is no feed {0:?}: `carillon feed list` names them")]
    Unknown(String),
    /// The slug belongs to another feed.
    #[error("the slug {0:?} is taken by another feed: choose another")]
    SlugTaken(String),
    /// Fields that cannot be.
    #[error("{}", told(.0))]
    Bad(Vec<FieldError>),
    /// A field that reads well, and cannot be.
    #[error("{}: {}", .0.field, .0.message)]
    Senseless(FieldError),
    /// Somebody changed or removed it while it was fetched.
    #[error("the feed {0:?} was changed while it was fetched: what came was dropped, and it is fetched anew")]
    Superseded(String),
    /// Somebody asked for a fetch, and nothing could be published.
    #[error("feed {slug}: {}", .failure.detail)]
    Failed {
        /// The feed.
        slug: String,
        /// Why.
        failure: Failure,
    },
    /// There is nothing to approve.
    #[error("the feed {0:?} has nothing that waits for approval")]
    NothingHeld(String),
    /// Sealing or opening a password failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(errors: &[FieldError]) -> String {
    let lines: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    lines.join("; ")
}

impl FeedError {
    /// One field that cannot be.
    pub(super) fn senseless(field: &str, message: impl Into<String>) -> Self {
        Self::Senseless(FieldError::new(field, message))
    }

    /// One bad field.
    pub(super) fn bad(field: &str, message: impl Into<String>) -> Self {
        Self::Bad(vec![FieldError::new(field, message)])
    }
}

impl Refusal for FeedError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Overtaken(overtaken) => overtaken.kind(),
            Self::Unknown(_) => Kind::NotFound,
            Self::Superseded(_) | Self::NothingHeld(_) | Self::SlugTaken(_) => Kind::Conflict,
            Self::Senseless(_) => Kind::Invalid,
            Self::Bad(_) => Kind::Malformed,
            Self::Failed { failure, .. } if failure.class == FailureClass::Held => Kind::Conflict,
            Self::Failed { .. } => Kind::Upstream,
            Self::Seal(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Bad(errors) => errors.clone(),
            Self::Senseless(error) => vec![error.clone()],
            Self::SlugTaken(_) => vec![FieldError::new("slug", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_secs(&self) -> Option<u64> {
        match self {
            Self::Failed { failure, .. } => failure.retry_after_secs,
            _ => None,
        }
    }
}
