//! Why something about people and keys was refused. No message holds a password, a token or a hash.

use crate::actor::Denied;
use crate::error::{FieldError, Kind, Refusal};
use crate::http::precondition::Overtaken;
use crate::secret::NoRandomness;
use crate::sheets::SheetError;
use crate::store::StoreError;

/// Seconds after which a sign-in that found too many others waiting may come again.
const BUSY_SECS: u64 = 5;
const DAY_SECS: u64 = 86_400;

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The table said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody was faster.
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
    /// A field that cannot be read as what it should be.
    #[error("{}: {}", .0.field, .0.message)]
    Bad(FieldError),
    /// A field that reads well and makes no sense.
    #[error("{}: {}", .0.field, .0.message)]
    Senseless(FieldError),
    /// A cohort that is not there.
    #[error("there is no cohort {0:?}")]
    UnknownCohort(String),
    /// There is no such user.
    #[error("there is no user {0:?}")]
    UnknownUser(String),
    /// Somebody has this login.
    #[error("the login {0:?} is taken")]
    LoginTaken(String),
    /// Somebody has this address.
    #[error("the email {0:?} belongs to another user")]
    EmailTaken(String),
    /// Nobody gives themselves a role.
    #[error("nobody can change their own roles: ask another administrator, or use `carillon user roles`")]
    OwnRoles,
    /// What is left of a person does not change.
    #[error("{0:?} was erased: nothing of it can change")]
    Erased(String),
    /// Rows of a table that cannot be, each named.
    #[error("{} found in the table: nothing was imported", mistakes(.0.len()))]
    BadRows(Vec<FieldError>),
    /// The file is no table.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// Somebody must be left who can administer.
    #[error("{0:?} is the last administrator: give somebody else the role first")]
    LastAdmin(String),
    /// No such login, a wrong password, or a disabled user: which of them is nobody's business.
    #[error("the login or the password is wrong")]
    BadSignIn,
    /// Somebody who has signed in does not know their password.
    #[error("this is not your present password")]
    WrongPassword,
    /// The set-up key is wrong, used, too old, or there is an administrator already.
    #[error("this set-up link is wrong, used or too old: a restart of the service makes a new one while it is needed")]
    BadSetupKey,
    /// The key of an invitation is wrong, used or too old, or a newer one has taken its place.
    #[error("this link is wrong, used or too old: ask an administrator for another")]
    BadInvitation,
    /// Somebody who may not sign in needs no password.
    #[error("{0:?} is disabled: `carillon user enable` first")]
    Disabled(String),
    /// Too many passwords wait to be checked.
    #[error("too many people sign in at this moment: try again in a few seconds")]
    Busy,
    /// Somebody guesses.
    #[error("too many tries: wait {secs} seconds before the next")]
    SlowDown {
        /// How long.
        secs: u64,
    },
    /// There is no such token.
    #[error("there is no token {0:?}")]
    UnknownToken(String),
    /// There is no master token.
    #[error("there is no master token")]
    NoMasterToken,
    /// A live token has this name.
    #[error("the name {0:?} belongs to a live token: revoke that first, or choose another name")]
    TokenNameTaken(String),
    /// Names of a list that cannot all be had; each is told.
    #[error("nothing was made: {}", told(.0))]
    TokenNamesTaken(Vec<FieldError>),
    /// A revoked token stays so.
    #[error("the token {0:?} is revoked: make a new one")]
    TokenRevoked(String),
    /// An expired token gets no new secret.
    #[error("the token {0:?} has expired: give it a later date first, or make a new one")]
    TokenExpired(String),
    /// Somebody takes all that is held of them again and again.
    #[error("your data was handed out several times just now: wait {secs} seconds before the next")]
    DataTooOften {
        /// How long.
        secs: u64,
    },
    /// Somebody has made more tokens of their own today than anybody needs.
    #[error("you have made {0} tokens within a day: go on tomorrow, or ask an administrator for one")]
    TooManyOwnTokensToday(usize),
    /// Somebody has made enough tokens of their own.
    #[error("you have {0} live tokens: revoke one first")]
    TooManyOwnTokens(usize),
    /// The file with the set-up link could not be written or removed.
    #[error("{path}: {reason}")]
    SetupFile {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A key or a hash could not be made or read.
    #[error("cryptography: {0}")]
    Crypto(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn mistakes(count: usize) -> String {
    format!("{count} mistake{}", if count == 1 { "" } else { "s" })
}

fn told(errors: &[FieldError]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
}

impl AccountError {
    pub(super) fn bad(field: &str, message: impl Into<String>) -> Self {
        Self::Bad(FieldError::new(field, message))
    }

    pub(super) fn senseless(field: &str, message: impl Into<String>) -> Self {
        Self::Senseless(FieldError::new(field, message))
    }

    /// The same, where the request calls the field so.
    pub(super) fn of_field(self, field: &str) -> Self {
        match self {
            Self::Bad(error) => Self::Bad(FieldError { field: field.to_owned(), ..error }),
            other => other,
        }
    }
}

impl From<NoRandomness> for AccountError {
    fn from(error: NoRandomness) -> Self {
        Self::Crypto(error.to_string())
    }
}

impl Refusal for AccountError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Overtaken(overtaken) => overtaken.kind(),
            Self::Bad(_) => Kind::Malformed,
            Self::Senseless(_) | Self::UnknownCohort(_) | Self::BadRows(_) => Kind::Invalid,
            Self::Sheet(error) => error.kind(),
            Self::UnknownUser(_) | Self::UnknownToken(_) | Self::NoMasterToken => Kind::NotFound,
            Self::OwnRoles | Self::BadSetupKey | Self::BadInvitation | Self::WrongPassword => Kind::Forbidden,
            Self::LoginTaken(_) | Self::EmailTaken(_) | Self::LastAdmin(_) | Self::TooManyOwnTokens(_) => {
                Kind::Conflict
            }
            Self::Erased(_)
            | Self::Disabled(_)
            | Self::TokenNameTaken(_)
            | Self::TokenNamesTaken(_)
            | Self::TokenRevoked(_)
            | Self::TokenExpired(_) => Kind::Conflict,
            Self::BadSignIn => Kind::Unauthorized,
            Self::Busy | Self::SlowDown { .. } | Self::DataTooOften { .. } | Self::TooManyOwnTokensToday(_) => {
                Kind::TooMany
            }
            Self::SetupFile { .. } | Self::Crypto(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let field = match self {
            Self::Bad(error) | Self::Senseless(error) => return vec![error.clone()],
            Self::BadRows(errors) | Self::TokenNamesTaken(errors) => return errors.clone(),
            Self::UnknownCohort(_) => "cohorts",
            Self::LoginTaken(_) => "login",
            Self::EmailTaken(_) => "email",
            Self::TokenNameTaken(_) => "name",
            Self::WrongPassword => "present_password",
            Self::OwnRoles => "roles",
            Self::Sheet(_) => "file",
            _ => return Vec::new(),
        };
        vec![FieldError::new(field, self.to_string())]
    }

    fn retry_after_secs(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(BUSY_SECS),
            Self::SlowDown { secs } | Self::DataTooOften { secs } => Some(*secs),
            Self::TooManyOwnTokensToday(_) => Some(DAY_SECS),
            _ => None,
        }
    }
}
