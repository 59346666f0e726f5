//! The settings as they were written, file and environment laid over each other, each with the place it came from.
//!
//! Knows which keys exist and what kinds of values there are; what a value means is `resolve`'s business.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::keys;
use super::value::{HIDDEN, Value};

/// All settings that somebody wrote, by key.
pub(super) struct Settings {
    source: Option<PathBuf>,
    written: BTreeMap<&'static str, Setting>,
}

struct Setting {
    place: Place,
    value: Value,
}

impl Settings {
    /// Reads the file's text, then lets the environment's variables replace what they name.
    pub(super) fn gather(source: Option<&Path>, text: &str, env: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut settings = Self { source: source.map(Path::to_path_buf), written: BTreeMap::new() };
        if let Some(path) = source {
            settings.take_file(path, text.trim_start_matches('\u{feff}'))?;
        }
        for (name, value) in env {
            settings.take_variable(name, value)?;
        }
        Ok(settings)
    }

    fn take_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            path: path.to_path_buf(),
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            reason: error.message().trim().replace('\n', ", "),
        })?;
        self.take_table(&File { path, text }, "", table.get_ref())
    }

    fn take_table(&mut self, file: &File<'_>, above: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, value) in table {
            let name_text = name.get_ref();
            let key = if above.is_empty() { name_text.to_string() } else { format!("{above}.{name_text}") };
            let place = file.place(&key, name.span().start);
            self.take_entry(file, &key, place, value.get_ref())?;
        }
        Ok(())
    }

    fn take_entry(&mut self, file: &File<'_>, key: &str, place: Place, value: &DeValue<'_>) -> Result<(), ConfigError> {
        match (keys::find(key), value) {
            (Some(known), _) => {
                self.written.insert(known, Setting { place, value: Value::from_toml(value) });
                Ok(())
            }
            (None, DeValue::Table(table)) if keys::is_section(key) => self.take_table(file, key, table),
            (None, _) if keys::is_section(key) => Err(ConfigError::BadValue {
                place,
                expected: format!("a section [{key}]"),
                found: Value::from_toml(value).shown(),
            }),
            (None, _) => Err(ConfigError::UnknownKey { place, advice: keys::advice_in_file(key) }),
        }
    }

    fn take_variable(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let Some(path) = keys::path_of_variable(name) else {
            return Ok(());
        };
        let place = Place::Env(name.to_owned());
        let Some(key) = keys::find(&path) else {
            return Err(ConfigError::UnknownKey { place, advice: keys::advice_in_environment(&path) });
        };
        self.written.insert(key, Setting { place, value: Value::Variable(value.to_owned()) });
        Ok(())
    }

    /// Whether anybody wrote a key that begins with `prefix`.
    pub(super) fn mentions(&self, prefix: &str) -> bool {
        self.written.keys().any(|key| key.starts_with(prefix))
    }

    /// Where the key stands, or should.
    pub(super) fn place(&self, key: &str) -> Place {
        match (self.written.get(key), &self.source) {
            (Some(setting), _) => setting.place.clone(),
            (None, Some(path)) => Place::File { path: path.clone(), key: key.to_owned() },
            (None, None) => Place::Nowhere(key.to_owned()),
        }
    }

    /// The text of a key, empty or not.
    pub(super) fn text(&self, key: &str, expected: &str) -> Result<Option<&str>, ConfigError> {
        let Some(setting) = self.written.get(key) else {
            return Ok(None);
        };
        setting.value.as_text().map(Some).ok_or_else(|| self.refuse(key, expected))
    }

    /// The text of a key, read by `read`, which says `None` to what it cannot read; no text where it is empty or unset.
    pub(super) fn parse<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let text = self.text(key, expected)?.filter(|text| !text.is_empty());
        text.map(|text| read(text).ok_or_else(|| self.refuse(key, expected))).transpose()
    }

    /// The same for a key that always has a value: `default` is read where nothing is written, and empty is refused.
    pub(super) fn parse_or<T>(
        &self,
        key: &str,
        default: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let text = self.text(key, expected)?.unwrap_or(default);
        read(text).ok_or_else(|| self.refuse(key, expected))
    }

    /// Every entry of a list, read by `read`; an unset key is an empty list.
    pub(super) fn list<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(setting) = self.written.get(key) else {
            return Ok(Vec::new());
        };
        let items = setting.value.as_list().ok_or_else(|| self.refuse(key, &format!("a list, each {expected}")))?;
        let read_one = |item: &Value| item.as_text().and_then(&read).ok_or_else(|| self.bad(key, expected, item));
        items.iter().map(read_one).collect()
    }

    /// A whole number within `range`.
    pub(super) fn whole(&self, key: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ConfigError> {
        let Some(setting) = self.written.get(key) else {
            return Ok(None);
        };
        let number = setting.value.as_whole().and_then(|number| u64::try_from(number).ok());
        let fits = number.filter(|number| range.contains(number));
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        fits.map(Some).ok_or_else(|| self.refuse(key, &expected()))
    }

    /// A `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(setting) = self.written.get(key) else {
            return Ok(None);
        };
        setting.value.as_flag().map(Some).ok_or_else(|| self.refuse(key, "true or false"))
    }

    /// The error for a key whose value is not what it should be.
    pub(super) fn refuse(&self, key: &str, expected: &str) -> ConfigError {
        let nothing = Value::Other("nothing");
        self.bad(key, expected, self.written.get(key).map_or(&nothing, |setting| &setting.value))
    }

    /// The error for one entry of a list.
    pub(super) fn refuse_entry(&self, key: &str, expected: &str, found: &str) -> ConfigError {
        self.bad(key, expected, &Value::Text(found.to_owned()))
    }

    fn bad(&self, key: &str, expected: &str, found: &Value) -> ConfigError {
        let found = if keys::may_be_secret(key) { HIDDEN.to_owned() } else { found.shown() };
        ConfigError::BadValue { place: self.place(key), expected: expected.to_owned(), found }
    }

    /// The error for a key that is not there and has to be.
    pub(super) fn missing(&self, key: &str, why: &str) -> ConfigError {
        ConfigError::Missing { place: self.place(key), why: why.to_owned() }
    }
}

/// The file while it is read: its name and text, to find lines in.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn place(&self, key: &str, offset: usize) -> Place {
        Place::Line { path: self.path.to_path_buf(), line: line_of(self.text, offset), key: key.to_owned() }
    }
}

/// The line, counted from 1, that a byte of the text stands on.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
