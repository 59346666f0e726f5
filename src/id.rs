//! Names that programs use: slugs made from what people call things, and ids that nobody chose.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::FieldError;
use crate::secret::{NoRandomness, random_bytes};

/// Slugs that nobody may take: the calendars of everything, and every fixed first segment of a route.
/// A test holds this list against the router.
pub const RESERVED: &[&str] = &[
    "admin",
    "all",
    "api",
    "assets",
    "c",
    "calendars",
    "events",
    "favicon-ico",
    "health",
    "import",
    "login",
    "logout",
    "me",
    "metrics",
    "ready",
    "robots-txt",
    "rooms",
    "s",
    "screen",
    "setup",
    "teachers",
    "week",
    "well-known",
];

/// The name of a thing in an address: `[a-z0-9]` and `-`, at most 60 characters, never empty, never reserved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Makes a slug of a name: accents folded, the rest made `-`. `None` when nothing is left, or it is reserved.
    pub fn from_name(name: &str) -> Option<Self> {
        let slug = fold(name);
        (!slug.is_empty() && !RESERVED.contains(&slug.as_str())).then_some(Self(slug))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that people read: trimmed, 1 to `longest` characters, none of them a control character; else what it should be.
pub fn checked_name(name: &str, longest: usize) -> Result<String, FieldError> {
    let name = name.trim();
    match name.is_empty() || name.chars().count() > longest || name.chars().any(char::is_control) {
        true => Err(FieldError::new("name", format!("1 to {longest} characters, none of them a control character"))),
        false => Ok(name.to_owned()),
    }
}

/// What a look-up makes of what somebody typed: `2A-SR` and `2a_sr` both find `2a-sr`.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in deunicode::deunicode(name).chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => folded.push(c),
            _ if folded.is_empty() || folded.ends_with('-') => {}
            _ => folded.push('-'),
        }
    }
    folded.truncate(60);
    folded.trim_end_matches('-').to_owned()
}

/// An id that nobody chose: a prefix that says what it is of, and 13 characters of base 32.
pub fn random_id(prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}{}", base32(u64::from_be_bytes(random_bytes()?), 13)))
}

/// An id of one among very many: 7 characters of its second, 10 that nobody chose. What is made together lies together
/// in the database, so that a year's import touches a few pages of it and not one for each event.
pub fn dated_id(prefix: &str, at: DateTime<Utc>) -> Result<String, NoRandomness> {
    let second = u64::try_from(at.timestamp()).unwrap_or_default();
    Ok(format!("{prefix}{}{}", base32(second, 7), base32(u64::from_be_bytes(random_bytes()?), 10)))
}

/// The last so many digits of a number, the first of them the highest: ids sort as the numbers do.
fn base32(number: u64, digits: u32) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digits = (0..digits).rev().map(|i| (number >> (5 * i)) & 31);
    digits.filter_map(|digit| ALPHABET.get(digit as usize)).map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        let cases = [
            ("M2 FESup", "m2-fesup"),
            ("2A-SR", "2a-sr"),
            ("Éloïse Bœuf", "eloise-boeuf"),
            ("  a__b  ", "a-b"),
            ("Salle n°3", "salle-ndeg3"),
        ];
        for (name, slug) in cases {
            assert_eq!(Slug::from_name(name).unwrap().as_str(), slug, "{name}");
        }
    }

    #[test]
    fn a_reserved_or_empty_name_makes_no_slug() {
        for name in ["all", "API", "rooms", "!!!", ""] {
            assert_eq!(Slug::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_slug_ends_at_sixty_characters() {
        assert_eq!(Slug::from_name(&"x".repeat(200)).unwrap().as_str().len(), 60);
    }

    #[test]
    fn ids_differ() {
        let id = random_id("t_").unwrap();
        assert_eq!(id.len(), 15);
        assert_ne!(id, random_id("t_").unwrap());
    }

    #[test]
    fn dated_ids_sort_by_their_seconds_and_differ_within_one() {
        let at = |secs| DateTime::from_timestamp(secs, 0).unwrap();
        let ids =
            [0, 1, 31, 32, 1_764_000_000, 1_764_000_001, 4_000_000_000].map(|secs| dated_id("e_", at(secs)).unwrap());
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 19), "{ids:?}");
        assert_ne!(dated_id("e_", at(1)).unwrap(), dated_id("e_", at(1)).unwrap());
    }
}
