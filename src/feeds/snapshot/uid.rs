//! UIDs of a feed's events: reading one, what an event is called outside, and the two cases in which Carillon writes one (RFC 5545 3.8.4.7).

use chrono::{DateTime, Utc};

use crate::ical::own_properties;
use crate::secret::Fingerprint;

/// An event's UID, if it has one.
pub fn uid_of(text: &str) -> Option<&str> {
    let uid = own_properties(text).find(|property| property.is("UID"))?.value.trim();
    (!uid.is_empty()).then_some(uid)
}

/// `f_…`: what the interfaces call an event of a feed. The same for the same event, or for the same occurrence of a rule,
/// by the time at which the rule put it.
pub fn event_id(feed: &str, uid: &str, occurrence: Option<DateTime<Utc>>) -> String {
    let occurrence = occurrence.map(|at| at.timestamp().to_string()).unwrap_or_default();
    let hash = Fingerprint::of(&format!("{feed}\n{uid}\n{occurrence}")).to_text();
    format!("f_{}", hash.get(..16).unwrap_or(&hash))
}

/// An event with this UID: in place of its own, or as its first property.
pub fn with_uid(text: &str, uid: &str) -> String {
    let own = own_properties(text).find(|property| property.is("UID")).map(|property| property.line);
    let mut written = String::with_capacity(text.len() + uid.len() + 5);
    for (number, line) in text.lines().enumerate() {
        let is_uid = own.is_some_and(|own| std::ptr::eq(own, line));
        if !is_uid {
            written.push_str(line);
            written.push('\n');
        }
        if is_uid || (own.is_none() && number == 0) {
            written.push_str("UID:");
            written.push_str(uid);
            written.push('\n');
        }
    }
    written
}

/// The UID that tells an event of a later feed apart: `-<feed>` before the `@`.
pub fn told_apart(uid: &str, feed: &str) -> String {
    match uid.rsplit_once('@') {
        Some((name, host)) => format!("{name}-{feed}@{host}"),
        None => format!("{uid}-{feed}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_replaced_or_added() {
        let cases = [
            ("BEGIN:VEVENT\nUID:a\nEND:VEVENT\n", "BEGIN:VEVENT\nUID:x\nEND:VEVENT\n"),
            ("BEGIN:VEVENT\nSUMMARY:s\nEND:VEVENT\n", "BEGIN:VEVENT\nUID:x\nSUMMARY:s\nEND:VEVENT\n"),
            (
                "BEGIN:VEVENT\nBEGIN:VALARM\nUID:alarm\nEND:VALARM\nUID:\nEND:VEVENT\n",
                "BEGIN:VEVENT\nBEGIN:VALARM\nUID:alarm\nEND:VALARM\nUID:x\nEND:VEVENT\n",
            ),
        ];
        for (text, with) in cases {
            assert_eq!(with_uid(text, "x"), with);
        }
    }

    #[test]
    fn a_later_feed_stands_before_the_at() {
        assert_eq!(told_apart("a@b@host", "f"), "a@b-f@host");
        assert_eq!(told_apart("a", "f"), "a-f");
    }
}
