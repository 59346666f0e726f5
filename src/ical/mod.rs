//! iCalendar text in and out (RFC 5545). No I/O, no school, no HTTP.
//!
//! Parsing first makes one normalised text: unfolded logical lines, UTF-8, separated by `\n`. From
//! then on everything is a slice of it; a component is the text from its `BEGIN:` line to its `END:`
//! line. The logical line is sacred: what goes out is those lines, character for character, folded
//! anew. Reading ([`event`], [`recur`]) only looks, and nothing that it understood is ever printed.
//!
//! Every function here takes whatever bytes a site sends: no panic, no recursion on the input,
//! linear time, and a [`recur::Budget`] where a rule could go on for ever.

pub mod charset;
pub mod content;
pub mod event;
mod expand;
mod observance;
pub mod parse;
mod period;
pub mod print;
pub mod property;
pub mod recur;
mod refusal;
mod rule;
pub mod text;
pub mod time;
mod unfold;
pub mod vtimezone;
mod windows;
pub mod zone;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod property_tests;

pub use charset::decode;
pub use content::{content_key, content_key_without_uid};
pub use event::{Event, read_event};
pub use parse::{Calendar, Component, Kind, ParseError, parse};
pub use print::Printer;
pub use property::{Property, own_properties};
pub use recur::{Budget, Occurrence, Of, occurrences};
pub use text::{escape, unescape};
pub use time::{Span, Stamp, format_local, format_utc, parse_duration};
pub use vtimezone::vtimezone;
pub use zone::{Zones, iana, tzid_of, tzids_used};
