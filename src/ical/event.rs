//! What the index needs to know of a VEVENT. Nothing of it is ever printed.
//!
//! Tolerant to the end: what cannot be read is as if it were not there.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::property::{Property, own_properties};
use super::text::{unescape, unescape_list};
use super::time::{Span, Stamp, parse_duration};
use super::zone::Zones;

/// A VEVENT, read (RFC 5545 3.6.1). Where a property is there twice, the first one counts.
#[derive(Clone, Debug, Default)]
pub struct Event<'a> {
    /// As it is written, without blanks around it; None where it is empty.
    pub uid: Option<&'a str>,
    /// Which occurrence of its UID this one replaces (3.8.4.4).
    pub recurrence_id: Option<DateTime<Utc>>,
    /// None where DTSTART is missing or cannot be read.
    pub start: Option<DateTime<Utc>>,
    /// DTEND, or DTSTART and DURATION, or the default of 3.6.1; never before the start.
    pub end: Option<DateTime<Utc>>,
    /// Whether DTSTART is a date. An all-day event lasts a day at least.
    pub all_day: bool,
    pub summary: Cow<'a, str>,
    pub location: Cow<'a, str>,
    pub description: Cow<'a, str>,
    pub categories: Vec<Cow<'a, str>>,
    /// 0 where it is missing.
    pub sequence: u32,
    /// STATUS:CANCELLED.
    pub cancelled: bool,
    /// TRANSP:TRANSPARENT: it keeps nobody busy.
    pub transparent: bool,
    /// DTSTART in its own form.
    pub stamp: Option<Stamp<'a>>,
    /// The values of RRULE.
    pub rules: Vec<&'a str>,
    /// The RDATE lines.
    pub rdates: Vec<Property<'a>>,
    /// The EXDATE lines.
    pub exdates: Vec<Property<'a>>,
}

impl Event<'_> {
    /// Whether it may occur more than once.
    pub fn is_recurring(&self) -> bool {
        !(self.rules.is_empty() && self.rdates.is_empty())
    }

    /// Which occurrence of its rule one at `start` is: the time at which the rule put it. None for what occurs once.
    pub fn occurrence(&self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.recurrence_id.or_else(|| self.is_recurring().then_some(start))
    }
}

/// Reads a VEVENT's text.
pub fn read_event<'a>(component: &'a str, zones: &Zones) -> Event<'a> {
    let mut draft = Draft::default();
    for property in own_properties(component) {
        draft.add(property);
    }
    draft.finish(zones)
}

/// The properties that are read together with others.
#[derive(Default)]
struct Draft<'a> {
    event: Event<'a>,
    summary: Option<&'a str>,
    location: Option<&'a str>,
    description: Option<&'a str>,
    recurrence_id: Option<Stamp<'a>>,
    end: Option<Stamp<'a>>,
    duration: Option<Span>,
}

impl<'a> Draft<'a> {
    fn add(&mut self, property: Property<'a>) {
        let value = property.value;
        let mut buffer = [0; 13];
        match upper(property.name, &mut buffer) {
            b"UID" => keep(&mut self.event.uid, Some(value.trim()).filter(|uid| !uid.is_empty())),
            b"SUMMARY" => keep(&mut self.summary, Some(value)),
            b"LOCATION" => keep(&mut self.location, Some(value)),
            b"DESCRIPTION" => keep(&mut self.description, Some(value)),
            b"CATEGORIES" => self.event.categories.extend(unescape_list(value)),
            b"SEQUENCE" => self.event.sequence = value.trim().parse().unwrap_or(0),
            b"STATUS" => self.event.cancelled = value.trim().eq_ignore_ascii_case("CANCELLED"),
            b"TRANSP" => self.event.transparent = value.trim().eq_ignore_ascii_case("TRANSPARENT"),
            b"DTSTART" => keep(&mut self.event.stamp, Stamp::read(&property)),
            b"DTEND" => keep(&mut self.end, Stamp::read(&property)),
            b"DURATION" => keep(&mut self.duration, parse_duration(value)),
            b"RECURRENCE-ID" => keep(&mut self.recurrence_id, Stamp::read(&property)),
            b"RRULE" => self.event.rules.push(value),
            b"RDATE" => self.event.rdates.push(property),
            b"EXDATE" => self.event.exdates.push(property),
            _ => {}
        }
    }

    fn finish(self, zones: &Zones) -> Event<'a> {
        let text = |value: Option<&'a str>| value.map(unescape).unwrap_or_default();
        let start = self.event.stamp.map(|stamp| stamp.to_utc(zones));
        Event {
            recurrence_id: self.recurrence_id.map(|stamp| stamp.to_utc(zones)),
            start,
            end: self.event.stamp.zip(start).map(|(stamp, start)| self.end_of(&stamp, start, zones)),
            all_day: matches!(self.event.stamp, Some(Stamp::Date(_))),
            summary: text(self.summary),
            location: text(self.location),
            description: text(self.description),
            ..self.event
        }
    }

    fn end_of(&self, stamp: &Stamp<'_>, start: DateTime<Utc>, zones: &Zones) -> DateTime<Utc> {
        let said = match (self.end, self.duration) {
            (Some(end), _) => Some(end.to_utc(zones)),
            (None, Some(duration)) => duration.after(stamp, zones),
            (None, None) => None,
        };
        let end = match stamp {
            Stamp::Date(_) => said.filter(|end| *end > start).or_else(|| DAY.after(stamp, zones)),
            _ => said,
        };
        end.unwrap_or(start).max(start)
    }
}

const DAY: Span = Span { days: 1, seconds: 0 };

fn keep<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// A name in capitals, for `match`; a longer one than the buffer is none that is asked for.
fn upper<'b>(name: &str, buffer: &'b mut [u8; 13]) -> &'b [u8] {
    let Some(target) = buffer.get_mut(..name.len()) else {
        return b"";
    };
    target.copy_from_slice(name.as_bytes());
    target.make_ascii_uppercase();
    target
}

#[cfg(test)]
mod tests {
    use super::super::time::format_utc;
    use super::*;

    fn times(lines: &str) -> (String, String) {
        let text = format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n");
        let zones = Zones::read([].into_iter(), chrono_tz::Europe::Paris);
        let event = read_event(&text, &zones);
        let shown = |time: Option<DateTime<Utc>>| time.map_or("none".into(), format_utc);
        (shown(event.start), shown(event.end))
    }

    #[test]
    fn ends_follow_the_rfc_and_never_precede_starts() {
        let cases = [
            ("DTSTART:20260105T080000Z\nDTEND:20260105T090000Z", "20260105T080000Z", "20260105T090000Z"),
            ("DTSTART;TZID=Europe/Paris:20260705T080000\nDURATION:PT1H", "20260705T060000Z", "20260705T070000Z"),
            ("DTSTART:20260705T080000", "20260705T060000Z", "20260705T060000Z"),
            ("DTSTART;VALUE=DATE:20260105", "20260104T230000Z", "20260105T230000Z"),
            ("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105", "20260104T230000Z", "20260105T230000Z"),
            ("DTSTART;VALUE=DATE:20260328\nDURATION:P2D", "20260327T230000Z", "20260329T220000Z"),
            ("DTSTART:20260105T080000Z\nDTEND:20250105T090000Z", "20260105T080000Z", "20260105T080000Z"),
            ("DTSTART:20260105T080000Z\nDURATION:-PT1H", "20260105T080000Z", "20260105T080000Z"),
            ("DTSTART:20260105T080000Z\nDURATION:PT1000000000000000000S", "20260105T080000Z", "20260105T080000Z"),
            ("DTSTART:rubbish\nDTEND:20250105T090000Z", "none", "none"),
            ("DTSTART:99991231T235959Z\nDURATION:P9999W", "99991231T235959Z", "99991231T235959Z"),
        ];
        for (lines, start, end) in cases {
            assert_eq!(times(lines), (start.into(), end.into()), "{lines}");
        }
    }

    #[test]
    fn names_are_read_in_any_case_and_texts_unescaped() {
        let text = "BEGIN:VEVENT\nuid: a@b \nSummary;LANGUAGE=fr:a\\, b\nSUMMARY:second\nSTATUS:cancelled\nSEQUENCE:x\nCATEGORIES:a,b\\,c\nCATEGORIES:d\nX-VERY-LONG-NAME-INDEED:1\nBEGIN:VALARM\nLOCATION:no\nEND:VALARM\nEND:VEVENT\n";
        let zones = Zones::read([].into_iter(), chrono_tz::UTC);
        let event = read_event(text, &zones);
        assert_eq!(event.uid, Some("a@b"));
        assert_eq!(event.summary, "a, b");
        assert_eq!(event.location, "");
        assert!(event.cancelled);
        assert_eq!(event.sequence, 0);
        assert_eq!(event.categories, ["a", "b,c", "d"]);
    }
}
