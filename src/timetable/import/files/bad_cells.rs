//! What is wrong with a file, gathered so that all of it is told at once, as far as anybody reads it.

use crate::error::FieldError;

/// A file of another sort has an error in each row: so many say enough.
const TOLD_AT_MOST: usize = 1_000;

/// What is wrong so far.
#[derive(Debug, Default)]
pub struct BadCells {
    /// What is told.
    pub told: Vec<FieldError>,
    /// How many more there are.
    pub untold: usize,
}

impl BadCells {
    /// Another one.
    pub fn add(&mut self, row: u32, column: &str, message: impl Into<String>) {
        if self.told.len() < TOLD_AT_MOST {
            self.told.push(FieldError { row: Some(row), ..FieldError::new(column, message) });
        } else {
            self.untold += 1;
        }
    }

    /// Others that are made already.
    pub fn extend(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        for error in errors {
            match self.told.len() < TOLD_AT_MOST {
                true => self.told.push(error),
                false => self.untold += 1,
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.told.len() + self.untold
    }

    /// Takes what was read, or says what is wrong with it.
    pub(super) fn take<T>(&mut self, row: u32, column: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.add(row, column, message)).ok()
    }
}
