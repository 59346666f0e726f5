//! The bad fields of one request, gathered so that all of them are told at once.

use super::TimetableError;
use crate::error::FieldError;

/// What is wrong with a request so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    /// The fields.
    pub errors: Vec<FieldError>,
    /// Is there one among them that cannot even be read as what it should be?
    pub malformed: bool,
}

impl Flaws {
    /// A field that cannot be read as what it should be.
    pub fn malformed(&mut self, field: &str, message: impl Into<String>) {
        self.malformed = true;
        self.errors.push(FieldError::new(field, message));
    }

    /// A field that reads well, and cannot be.
    pub fn senseless(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message));
    }

    /// Goes on only where nothing is wrong.
    pub fn check(self) -> Result<(), TimetableError> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(TimetableError::Bad(self)),
        }
    }

    /// All of them in one line.
    pub fn told(&self) -> String {
        let lines: Vec<_> = self.errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        lines.join("; ")
    }
}
