//! What a fetch brings: a body, the word that nothing has changed, or a failure with its class.

use serde::{Deserialize, Serialize};

use crate::fetch::FetchError;

/// What the upstream gave with its last answer so that the next request can be conditional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A fetch that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The upstream says that the validators still hold.
    NotModified,
    /// Not empty and no web page; whether it is a calendar is for the parser.
    Body { bytes: Vec<u8>, content_type: Option<String>, validators: Validators },
}

/// A fetch that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Failure {
    pub class: FailureClass,
    /// Plain English without a secret; addresses as origin and path.
    pub detail: String,
    /// How long the upstream asks to be left alone.
    pub retry_after_secs: Option<u64>,
}

/// What kind of failure it is, for the record of fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// No answer, or the site says that it cannot answer now.
    Network,
    /// The site wants a sign-in, or does not take ours.
    SignIn,
    /// The address is gone, or redirects where it may not be followed.
    Moved,
    /// A calendar without events.
    Empty,
    NotACalendar,
    TooLarge,
    /// Fetched, and then lost on our side: a full disk.
    Internal,
    /// Fetched, but kept back until somebody approves.
    Held,
}

impl FailureClass {
    /// The class as it is written in records and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureClass::Network => "network",
            FailureClass::SignIn => "sign_in",
            FailureClass::Moved => "moved",
            FailureClass::Empty => "empty",
            FailureClass::NotACalendar => "not_a_calendar",
            FailureClass::TooLarge => "too_large",
            FailureClass::Internal => "internal",
            FailureClass::Held => "held",
        }
    }
}

impl Failure {
    /// A failure without a word on when to come back.
    pub fn new(class: FailureClass, detail: impl Into<String>) -> Failure {
        Failure { class, detail: detail.into(), retry_after_secs: None }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Failure {
        let class = match &error {
            FetchError::TooLarge { .. } | FetchError::HeaderTooLarge { .. } => FailureClass::TooLarge,
            FetchError::TooManyRedirects { .. } | FetchError::BadRedirect { .. } | FetchError::PrivateTarget { .. } => {
                FailureClass::Moved
            }
            FetchError::FormLeaves { .. } => FailureClass::SignIn,
            _ => FailureClass::Network,
        };
        Failure::new(class, error.to_string())
    }
}
