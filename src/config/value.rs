//! A value as it was written, before anybody knows what it should be.

use toml::de::DeValue;

/// The longest value that an error repeats, in characters.
const SHOWN_MAX: usize = 60;

/// What an error says in place of a value that could be a secret.
pub(super) const HIDDEN: &str = "a value that is not shown";

/// A value of the file, or of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string of the file.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Value>),
    /// A variable of the environment: it is whatever it can be read as.
    Variable(String),
    /// What no key takes; named for the error.
    Other(&'static str),
}

impl Value {
    /// Takes a value over from the parser.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map_or(Self::Other("a number that is too large"), Self::Whole),
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Array(items) => Self::List(items.iter().map(|item| Self::from_toml(item.get_ref())).collect()),
            DeValue::Float(_) => Self::Other("a number with a fraction"),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Table(_) => Self::Other("a section"),
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Variable(text) => Some(text.trim()),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub(super) fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Variable(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The flag, if it is one.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Variable(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The list, if it is one. A variable is split at commas, or read as TOML if it opens with `[`; one text of the
    /// file is a list of one; an empty text is an empty list.
    pub(super) fn as_list(&self) -> Option<Vec<Value>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Variable(text) if text.trim_start().starts_with('[') => {
                let parsed = DeValue::parse(text.trim()).ok()?;
                Self::from_toml(parsed.get_ref()).as_list()
            }
            Self::Variable(text) | Self::Text(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(parts.map(|part| Self::Text(part.to_owned())).collect())
            }
            _ => None,
        }
    }

    /// The value for an error: quoted, on one line, cut; hidden if it could hold a password.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Variable(text) if may_hold_password(text) => HIDDEN.to_owned(),
            Self::Text(text) | Self::Variable(text) if text.chars().count() > SHOWN_MAX => {
                format!("{:?}…", text.chars().take(SHOWN_MAX).collect::<String>())
            }
            Self::Text(text) | Self::Variable(text) => format!("{text:?}"),
            Self::Whole(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

/// An address with something before an `@` may be `user:password@host`; a mail address has no colon there.
fn may_hold_password(text: &str) -> bool {
    text.split_once('@').is_some_and(|(before, _)| before.trim_start_matches("mailto:").contains(':'))
}
