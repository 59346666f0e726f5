//! What can be wrong with a configuration, each in one line that says where and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The first mistake found. Its text is one line, and never holds a value that could be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing, closed to us, or not UTF-8.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        reason: io::Error,
    },
    /// The file is not TOML.
    #[error("{}:{line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A key that does not exist.
    #[error("{place}: unknown key; {advice}")]
    UnknownKey {
        /// Where it stands.
        place: Place,
        /// The nearest right key, or the ones there are.
        advice: String,
    },
    /// A key that exists with a value that it cannot have.
    #[error("{place}: expected {expected}, found {found}")]
    BadValue {
        /// Where it stands.
        place: Place,
        /// What it should look like.
        expected: String,
        /// What is there; not the value itself if that could be a secret.
        found: String,
    },
    /// A key that something else needs.
    #[error("{place}: missing; {why}")]
    Missing {
        /// Where it should stand.
        place: Place,
        /// Who needs it.
        why: String,
    },
}

/// Where a setting stands: a line of the file, the file as a whole, a variable, or nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A key on a line of the file.
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The key with its section, `listen.http`.
        key: String,
    },
    /// A key that is not in the file.
    File {
        /// The file.
        path: PathBuf,
        /// The key with its section.
        key: String,
    },
    /// A variable of the environment.
    Env(String),
    /// A key, where there is no file at all.
    Nowhere(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { path, line, key } => write!(f, "{}:{line}: {key}", path.display()),
            Self::File { path, key } => write!(f, "{}: {key}", path.display()),
            Self::Env(name) => f.write_str(name),
            Self::Nowhere(key) => f.write_str(key),
        }
    }
}
