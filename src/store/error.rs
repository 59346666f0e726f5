//! What can go wrong with the database, told so that somebody can act on it.

use std::fmt::Display;
use std::io;
use std::path::Path;

use crate::actor::Denied;
use crate::error::{Kind, Refusal};

/// A failure of the database. None of them is the caller's fault, but for a right that they have lost.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Whoever wanted to change something may not any more.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A record that had to be there is not.
    #[error("no such record in {table}: {key}")]
    Absent {
        /// The table.
        table: &'static str,
        /// The key, as text.
        key: String,
    },
    /// Another process holds the file.
    #[error("{path}: the database is in use by another process")]
    InUse {
        /// The file.
        path: String,
    },
    /// The file cannot be opened.
    #[error("{path}: cannot open the database: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What the system or redb says.
        reason: String,
    },
    /// The file was written by a newer Carillon.
    #[error("the database has schema {found}, this version knows up to {known}: install a newer Carillon")]
    NewerSchema {
        /// The schema in the file.
        found: u32,
        /// The newest that this binary knows.
        known: u32,
    },
    /// A record cannot be read or written.
    #[error("a record of {table} cannot be read or written: {reason}")]
    Codec {
        /// The table.
        table: &'static str,
        /// Why.
        reason: String,
    },
    /// No room on the disk.
    #[error("the disk is full: free some space and try again")]
    Full,
    /// Another I/O error.
    #[error("the disk fails: {0}")]
    Io(String),
    /// redb found its file damaged, or an internal rule of it broken.
    #[error("database: {0}")]
    Redb(String),
    /// The file could not be opened again after an I/O error.
    #[error("the database is closed after an I/O error")]
    Closed,
    /// The work was cut off by a stop or a panic.
    #[error("the work was interrupted")]
    Interrupted,
}

impl StoreError {
    pub(super) fn codec(table: &'static str, reason: &dyn Display) -> Self {
        Self::Codec { table, reason: reason.to_string() }
    }

    pub(super) fn opening(path: &Path, error: redb::DatabaseError) -> Self {
        let path = path.display().to_string();
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::InUse { path },
            other => Self::Open { path, reason: other.to_string() },
        }
    }

    /// Does redb refuse each further write after this one, until the file is opened again?
    pub(super) fn poisons(&self) -> bool {
        matches!(self, Self::Full | Self::Io(_))
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(io) if io.kind() == io::ErrorKind::StorageFull => Self::Full,
            redb::Error::Io(io) => Self::Io(io.to_string()),
            redb::Error::PreviousIo => Self::Io("an earlier write failed".to_owned()),
            other => Self::Redb(other.to_string()),
        }
    }
}

/// redb has an error type for each call; all of them are one [`redb::Error`] in the end.
macro_rules! from_redb {
    ($($error:ty),+) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )+};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

impl Refusal for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Full => Kind::Full,
            _ => Kind::Internal,
        }
    }
}
