//! Where log lines go: systemd's journal with its fields, else readable lines on standard error.
//!
//! [`init`] is called once, by `main`. Our own lines pass at the chosen level; those of libraries only from `warn` up,
//! unless everything is asked for with `trace`. A line stays one line on standard error whatever its text holds. What
//! must never be logged (a secret, an address that was asked for) is the caller's care: nothing here can tell.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::SystemTime;

use chrono::{DateTime, Local, TimeZone};
use log::kv::{self, Key, Value, VisitSource};
use log::{Level, LevelFilter, Log, Metadata, Record, SetLoggerError};
use systemd_journal_logger::{JournalLog, connected_to_journal};

/// The variable that asks for a level.
pub const LEVEL_VARIABLE: &str = "CARILLON_LOG";

/// What our own log lines' module paths begin with.
const OURS: &str = "carillon";

/// The text is no log level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{LEVEL_VARIABLE}: expected error, warn, info, debug or trace, found {0:?}")]
pub struct BadLevel(String);

/// The level that the environment asks for, if it asks.
#[allow(clippy::disallowed_methods)] // Before the configuration is read: its errors are logged too.
pub fn level_asked() -> Result<Option<LevelFilter>, BadLevel> {
    let asked = std::env::var(LEVEL_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    asked.map(|text| level_of(&text)).transpose()
}

fn level_of(text: &str) -> Result<LevelFilter, BadLevel> {
    text.trim().parse().map_err(|_| BadLevel(text.to_owned()))
}

/// Starts logging at `level`: to the journal if standard error is connected to it, else to standard error.
pub fn init(level: LevelFilter) -> Result<(), SetLoggerError> {
    log::set_boxed_logger(Box::new(Filter { level, inner: sink() }))?;
    log::set_max_level(level);
    Ok(())
}

fn sink() -> Box<dyn Log> {
    let journal = connected_to_journal().then(JournalLog::empty);
    match journal {
        Some(Ok(journal)) => Box::new(journal.with_syslog_identifier(OURS.to_owned())),
        _ => Box::new(Lines { colour: colour_wanted() }),
    }
}

/// Colour is for a terminal, and for those who have not asked for none (no-color.org).
#[allow(clippy::disallowed_methods)] // Before the configuration is read.
fn colour_wanted() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !no_color
}

/// Lets through what is worth a line.
struct Filter {
    level: LevelFilter,
    inner: Box<dyn Log>,
}

impl Filter {
    fn lets_through(&self, level: Level, module: &str) -> bool {
        let name = module.split("::").next().unwrap_or_default();
        let loudest = match name {
            _ if name == OURS || self.level == LevelFilter::Trace => self.level,
            // It warns of each unclean close in its own words; `store` says the same in ours.
            "redb" => LevelFilter::Error.min(self.level),
            _ => LevelFilter::Warn.min(self.level),
        };
        level <= self.level.min(loudest)
    }
}

impl Log for Filter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level
    }

    fn log(&self, record: &Record<'_>) {
        // The module, not the target: a line of ours may choose its target freely.
        let module = record.module_path().unwrap_or(record.target());
        if self.lets_through(record.level(), module) {
            self.inner.log(record);
        }
    }

    fn flush(&self) {
        self.inner.flush();
    }
}

/// Writes lines to standard error.
struct Lines {
    colour: bool,
}

impl Log for Lines {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    #[allow(clippy::disallowed_methods)] // A log line says when it was written, whatever clock the slices are given.
    fn log(&self, record: &Record<'_>) {
        let now: DateTime<Local> = SystemTime::now().into();
        let line = line(&now, record, self.colour);
        // One write, so that lines of several threads stay whole; a closed standard error is nobody's error.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn flush(&self) {}
}

/// `2026-11-21 10:15:03 INFO feeds: refreshed feed=ical changed=3`
fn line<Tz: TimeZone>(now: &DateTime<Tz>, record: &Record<'_>, colour: bool) -> String
where
    Tz::Offset: std::fmt::Display,
{
    let mut line = String::with_capacity(160);
    // Writing to a String cannot fail.
    let _ = write!(line, "{} ", now.format("%Y-%m-%d %H:%M:%S"));
    push_level(&mut line, record.level(), colour);
    line.push(' ');
    push_escaped(&mut line, area(record.target()));
    line.push_str(": ");
    push_escaped(&mut line, &record.args().to_string());
    let _ = record.key_values().visit(&mut Pairs(&mut line));
    line.push('\n');
    line
}

fn push_level(line: &mut String, level: Level, colour: bool) {
    let code = match level {
        Level::Error => "31;1",
        Level::Warn => "33",
        Level::Info => "32",
        Level::Debug | Level::Trace => "2",
    };
    let _ = if colour { write!(line, "\x1b[{code}m{level}\x1b[0m") } else { write!(line, "{level}") };
}

/// Of our own modules the part that says what it is about: `carillon::feeds::refresh` gives `feeds`.
fn area(target: &str) -> &str {
    let mut parts = target.split("::");
    match (parts.next(), parts.next()) {
        (Some(OURS), Some(area)) => area,
        _ => target,
    }
}

/// Appends text with its control characters as escapes: no text makes a line of its own, or moves a terminal's cursor.
fn push_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
}

/// Appends ` key=value` for each pair; a value with spaces, quotes or controls is quoted.
struct Pairs<'a>(&'a mut String);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        self.0.push(' ');
        push_escaped(self.0, key.as_str());
        self.0.push('=');
        let value = value.to_string();
        let plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
        let _ = if plain { write!(self.0, "{value}") } else { write!(self.0, "{value:?}") };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(target: &str, text: &str, pairs: &[(&str, &str)]) -> String {
        let now = DateTime::from_timestamp(1_795_256_103, 0).unwrap();
        let args = format_args!("{text}");
        let mut record = Record::builder();
        let record = record.level(Level::Info).target(target).args(args).key_values(&pairs).build();
        line(&now, &record, false)
    }

    #[test]
    fn a_line_has_time_level_area_text_and_pairs() {
        let line = written("carillon::feeds::refresh", "refreshed", &[("feed", "ical"), ("changed", "3")]);
        assert_eq!(line, "2026-11-21 10:15:03 INFO feeds: refreshed feed=ical changed=3\n");
    }

    #[test]
    fn no_text_makes_a_second_line_or_moves_the_cursor() {
        let line = written("carillon", "a\nb\x1b[2J\u{2028}c", &[("k", "d\ne"), ("empty", ""), ("spaced", "a b")]);
        assert_eq!(
            line,
            "2026-11-21 10:15:03 INFO carillon: a\\nb\\u{1b}[2J\\u{2028}c k=\"d\\ne\" empty=\"\" spaced=\"a b\"\n"
        );
    }

    #[test]
    fn libraries_speak_from_warn_up_unless_all_is_asked_for() {
        let rows = [
            (LevelFilter::Info, Level::Info, "carillon::feeds", true),
            (LevelFilter::Info, Level::Debug, "carillon::feeds", false),
            (LevelFilter::Info, Level::Info, "redb::db", false),
            (LevelFilter::Info, Level::Warn, "redb::db", false),
            (LevelFilter::Info, Level::Warn, "ureq::run", true),
            (LevelFilter::Debug, Level::Debug, "rustls::server", false),
            (LevelFilter::Debug, Level::Debug, "carillon_other", false),
            (LevelFilter::Trace, Level::Trace, "hyper::proto", true),
            (LevelFilter::Error, Level::Warn, "ureq", false),
        ];
        for (chosen, level, module, through) in rows {
            let filter = Filter { level: chosen, inner: Box::new(Lines { colour: false }) };
            assert_eq!(filter.lets_through(level, module), through, "{chosen} {level} {module}");
        }
    }

    #[test]
    fn a_level_is_read_in_any_case_and_a_bad_one_is_named() {
        assert_eq!(level_of(" DEBUG "), Ok(LevelFilter::Debug));
        let error = level_of("loud").unwrap_err();
        assert_eq!(error.to_string(), "CARILLON_LOG: expected error, warn, info, debug or trace, found \"loud\"");
    }
}
