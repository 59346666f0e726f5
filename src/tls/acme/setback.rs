//! Why an attempt came to nothing, and what follows from it.

use instant_acme::{Error, Problem};

use super::back_off::Fault;
use super::ledger::Issued;
use crate::store::StoreError;

/// An attempt that came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The authority does not know our account: it is registered again, and the attempt goes on.
    AccountGone,
    /// The authority lets our account order nothing: closed, or the setback tells it.
    AccountRefused(Setback),
    /// The authority, the network or the world outside.
    Setback(Setback),
    /// The database.
    Store(StoreError),
}

/// What is told of a failure, and what follows.
#[derive(Debug)]
pub(super) struct Setback {
    /// What happened and what to do, in one line.
    pub words: String,
    pub retry_after_secs: Option<u64>,
    pub fate: Fate,
    pub fault: Fault,
    /// A certificate that was issued all the same: the authority counts it.
    pub issued: Option<Box<Issued>>,
}

/// What becomes of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It can still succeed.
    Keep,
    /// It cannot.
    Drop,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Setback {
    pub(super) fn new(words: impl Into<String>, fate: Fate) -> Self {
        Self { words: words.into(), retry_after_secs: None, fate, fault: Fault::Other, issued: None }
    }
}

impl Failure {
    /// The same, but with it the order is lost.
    pub(super) fn dropping(self) -> Self {
        match self {
            Self::Setback(setback) => Self::Setback(Setback { fate: Fate::Drop, ..setback }),
            other => other,
        }
    }

    /// The same, but a certificate was issued.
    pub(super) fn counting(self, issued: Issued) -> Self {
        match self {
            Self::Setback(setback) => Self::Setback(Setback { issued: Some(Box::new(issued)), ..setback }),
            other => other,
        }
    }

    pub(super) fn into_setback(self) -> Setback {
        match self {
            Self::Setback(setback) | Self::AccountRefused(setback) => setback,
            Self::AccountGone => {
                Setback::new("the authority forgets our account as soon as it has made it", Fate::Drop)
            }
            Self::Store(error) => Setback::new(format!("what the authority gave cannot be kept: {error}"), Fate::Keep),
        }
    }
}

/// The last word of an ACME problem's type (RFC 8555, section 6.7): `badNonce`.
pub(super) fn kind_of(problem: &Problem) -> &str {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.rsplit(':').next().unwrap_or_default()
}

/// The problem's kind, where an error is a problem.
pub(super) fn kind_of_error(error: &Error) -> Option<&str> {
    match error {
        Error::Api(problem) => Some(kind_of(problem)),
        _ => None,
    }
}

/// Does the authority refuse this for good, so that asking again is of no use?
pub(super) fn is_final(error: &Error) -> bool {
    let Error::Api(problem) = error else { return false };
    let passes = matches!(kind_of(problem), "badNonce" | "rateLimited" | "serverInternal" | "accountDoesNotExist");
    !passes && problem.status.is_none_or(|status| status < 500 && status != 429)
}

/// Asks again where only the nonce was bad. instant-acme tries three times itself; an authority that refuses half of all
/// nonces refuses one step in eight.
macro_rules! patiently {
    ($call:expr) => {{
        let mut tries = 1;
        loop {
            match $call.await {
                Err(error) if tries < 10 && $crate::tls::acme::setback::kind_of_error(&error) == Some("badNonce") => {
                    tries += 1;
                }
                answered => break answered,
            }
        }
    }};
}
pub(super) use patiently;
