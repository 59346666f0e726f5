//! Why a file says nothing that could be imported.

use crate::error::{FieldError, Kind, Refusal};
use crate::ical::ParseError;
use crate::sheets::{BYTES_AT_MOST, ROWS_AT_MOST, SheetError, TEXT_AT_MOST};

const MIB: usize = 1024 * 1024;

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is no sheet that could be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It is no calendar that could be read.
    #[error("the calendar cannot be read: {0}")]
    Calendar(#[from] ParseError),
    /// Columns are missing without which there are no events.
    #[error("missing: {}; the columns found are {}", .missing.join(", "), told(.found))]
    Columns {
        /// What is missing, and how it may be called.
        missing: Vec<&'static str>,
        /// The header that was found.
        found: Vec<String>,
    },
    /// A calendar names no cohort.
    #[error("a calendar does not say whose events they are: name a cohort")]
    NoCohort,
    /// A calendar with too many bytes.
    #[error("the file has {size_bytes} bytes: at most {} MiB", BYTES_AT_MOST / MIB)]
    TooLarge {
        /// How many.
        size_bytes: usize,
    },
    /// A calendar whose rules make too many events.
    #[error("the calendar has more than {ROWS_AT_MOST} events, or more than {} MiB of text with all their repetitions", TEXT_AT_MOST / MIB)]
    TooMany,
    /// One of several files.
    #[error("{file}: {error}")]
    In {
        /// Which.
        file: &'static str,
        /// What is wrong with it.
        error: Box<ImportError>,
    },
}

fn told(found: &[String]) -> String {
    let some: Vec<_> = found.iter().take(30).map(|name| format!("{name:?}")).collect();
    if some.is_empty() { "none".to_owned() } else { some.join(", ") }
}

impl Refusal for ImportError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Sheet(error) => error.fields(),
            Self::Calendar(error) => {
                vec![FieldError { row: Some(error.line()), ..FieldError::new("file", self.to_string()) }]
            }
            Self::NoCohort => vec![FieldError::new("cohort", self.to_string())],
            Self::In { file, error } => {
                error.fields().into_iter().map(|field| FieldError { field: (*file).to_owned(), ..field }).collect()
            }
            _ => vec![FieldError::new("file", self.to_string())],
        }
    }
}
