//! Why a file is not read as a sheet.

use super::container::UNZIPPED_AT_MOST;
use super::gather::{COLUMNS_AT_MOST, LONGEST_CELL, ROWS_AT_MOST, TEXT_AT_MOST};
use super::{BYTES_AT_MOST, gather};
use crate::error::{FieldError, Kind, Refusal};

const MIB: usize = 1024 * 1024;

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// There is nothing in it.
    #[error("the file holds nothing: no sheet of it has a cell with content")]
    Empty,
    /// Too many bytes.
    #[error("the file has {size_bytes} bytes: at most {} MiB; import it in parts", BYTES_AT_MOST / MIB)]
    TooLarge {
        /// How many.
        size_bytes: usize,
    },
    /// Unzipped it is more than any timetable.
    #[error("the file unzips to more than {} MiB: save only the sheet with the timetable", UNZIPPED_AT_MOST / MIB)]
    Swells,
    /// Excel's format of before 2007, or its binary one.
    #[error("an old or binary Excel workbook: open it and save it as .xlsx")]
    OldWorkbook,
    /// Encrypted.
    #[error("the file is protected by a password: save it without one")]
    Protected,
    /// Something else.
    #[error("the file is {looks}: .xlsx, .ods or .csv can be read")]
    NotASheet {
        /// What it seems to be.
        looks: &'static str,
    },
    /// It begins like a workbook and cannot be read.
    #[error("the file is damaged ({what}): open it, save it again and send that")]
    Broken {
        /// Where and how.
        what: String,
    },
    /// A quote that nothing closes: what follows it would be one cell.
    #[error("row {row}: a quote (\") that opens here is never closed")]
    OpenQuote {
        /// Which row.
        row: u32,
    },
    /// Too many rows.
    #[error("the sheet has more than {ROWS_AT_MOST} rows: import it in parts")]
    TooManyRows,
    /// Too many columns.
    #[error("row {row}: there is something beyond column {}: at most {COLUMNS_AT_MOST} columns", gather::column_name(COLUMNS_AT_MOST - 1))]
    TooManyColumns {
        /// Which row.
        row: u32,
    },
    /// A cell with too much text.
    #[error("row {row}, column {column}: the cell has more than {LONGEST_CELL} characters")]
    CellTooLong {
        /// Which row.
        row: u32,
        /// Which column, by its letters.
        column: String,
    },
    /// Too much text in all.
    #[error("the sheet holds more than {} MiB of text: import it in parts", TEXT_AT_MOST / MIB)]
    TooMuchText,
}

impl SheetError {
    pub(super) fn broken(what: impl Into<String>) -> Self {
        Self::Broken { what: what.into() }
    }
}

impl Refusal for SheetError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn fields(&self) -> Vec<FieldError> {
        let row = match self {
            Self::OpenQuote { row } | Self::TooManyColumns { row } | Self::CellTooLong { row, .. } => Some(*row),
            _ => None,
        };
        vec![FieldError { row, ..FieldError::new("file", self.to_string()) }]
    }
}
