//! What every slice's error can say of itself: its kind, and which fields were wrong.
//!
//! A slice says what happened in the school's words; `http::problem` makes a status of the kind, once, and the command
//! line an exit code.

use serde::{Deserialize, Serialize};

/// What sort of refusal this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no such thing.
    NotFound,
    /// The request cannot be read: a wrong type, an unknown field.
    Malformed,
    /// The request reads well, and cannot be.
    Invalid,
    /// Nobody is signed in, and somebody must be.
    Unauthorized,
    /// The one who asks may not.
    Forbidden,
    /// Something stands in the way.
    Conflict,
    /// It was made for a state that is gone.
    Outdated,
    /// Too often, or too many at once.
    TooMany,
    /// Not now; later.
    Unavailable,
    /// A site that we depend on did not do its part.
    Upstream,
    /// There is no room left on the disk.
    Full,
    /// Our fault.
    Internal,
}

/// One bad field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name as the request spells it.
    pub field: String,
    /// What is wrong and what it should be.
    pub message: String,
    /// The row of a spreadsheet, counted as the spreadsheet counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
}

impl FieldError {
    /// A field and what is wrong with it.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), row: None }
    }
}

/// A text of somebody's as a message quotes it: its first characters, and a mark where there are more.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// An error that can be told to whoever asked.
pub trait Refusal: std::error::Error {
    /// What sort it is.
    fn kind(&self) -> Kind;

    /// The fields at fault, where there are any.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// The things that stand in the way, as they go out, where there are any.
    fn in_the_way(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }

    /// How long to wait before asking again.
    fn retry_after_secs(&self) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        for (text, cut) in [("", ""), ("été", "été"), ("étés", "été…"), ("🎓🎓🎓🎓🎓", "🎓🎓🎓…")]
        {
            assert_eq!(shortened(text, 3), cut);
        }
    }
}
