//! What can be wrong with a backup, told so that somebody knows which file to look for next.

use std::io;

use super::FORM;
use crate::error::{Kind, Refusal};
use crate::store::StoreError;

/// Why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It is something else.
    #[error("this is no backup of Carillon: it begins otherwise")]
    Foreign,
    /// A newer program wrote it.
    #[error("the backup has form {0}, this version reads form {FORM}: install a newer Carillon")]
    NewerForm(u32),
    /// A newer program wrote the database that it is of.
    #[error("the backup has schema {found}, this version knows up to {known}: install a newer Carillon")]
    NewerSchema {
        /// The schema in the backup.
        found: u32,
        /// The newest that this binary knows.
        known: u32,
    },
    /// Its end is missing.
    #[error("the backup is cut short, in {0}: copy it again, or take another")]
    CutShort(String),
    /// Something in it is not as it was written.
    #[error("the backup is damaged, in {place}: {reason}; take another")]
    Damaged {
        /// Where: the manifest, a table.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A part of it reads well, and is not as it was written.
    #[error("the backup is damaged: its checksum does not match; take another")]
    Checksum,
    /// It cannot be read from or written to where it lies.
    #[error("the backup cannot be read or written: {0}")]
    Io(io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    pub(super) fn damaged(place: &str, reason: impl Into<String>) -> Self {
        Self::Damaged { place: place.to_owned(), reason: reason.into() }
    }

    /// An error of reading: the decoder tells damage as an error of input.
    pub(super) fn reading(place: &str, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort(place.to_owned()),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Self::damaged(place, error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl Refusal for BackupError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => Kind::Full,
            Self::Io(_) => Kind::Internal,
            _ => Kind::Invalid,
        }
    }
}
