//! `carillon openapi`: the document on standard output, with no service and no data.

use serde_json::json;

use super::document;
use crate::control::{CommandError, Output};

/// Prints the document, indented unless JSON is asked for.
pub fn run(out: &Output) -> Result<(), CommandError> {
    out.document(&json!(document()))
}
