//! The rules of a VTIMEZONE of a calendar's own (RFC 5545 3.6.5), laid out once as a list of the
//! moments at which its clocks change.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::expand::{Expansion, wide};
use super::property::{Edge, Property, edge, lines};
use super::rule::Rule;
use super::time::Stamp;

/// The years whose changes are laid out; before and after, the nearest offset holds.
const YEARS: (i32, i32) = (1970, 2100);

/// The changes of one zone's clocks, in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Observances {
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Change {
    /// On the wall, as it was before the change.
    at: NaiveDateTime,
    from: FixedOffset,
    to: FixedOffset,
}

impl Observances {
    /// Reads the STANDARD and DAYLIGHT parts; None where no part of it can be read.
    pub(super) fn read(vtimezone: &str, steps: &mut u32) -> Option<Observances> {
        let mut changes = Vec::new();
        for part in parts(vtimezone) {
            part.lay_out(steps, &mut changes);
        }
        changes.sort_by_key(|change| change.at);
        (!changes.is_empty()).then_some(Observances { changes })
    }

    /// The instant of a time on the wall; a skipped one is read with the offset before the gap.
    pub(super) fn to_utc(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let after = self.changes.partition_point(|change| change.at <= local);
        let offset = match after.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(change) if change.skips(local) => Some(change.from),
            Some(change) => Some(change.to),
            None => self.changes.first().map(|change| change.from),
        };
        offset.and_then(|offset| local.checked_sub_offset(offset)).unwrap_or(local).and_utc()
    }
}

impl Change {
    fn skips(&self, local: NaiveDateTime) -> bool {
        let gap = self.to.local_minus_utc() - self.from.local_minus_utc();
        local.signed_duration_since(self.at) < TimeDelta::seconds(gap.into())
    }
}

/// A STANDARD or DAYLIGHT, read.
#[derive(Default)]
struct Part<'a> {
    start: Option<NaiveDateTime>,
    from: Option<FixedOffset>,
    to: Option<FixedOffset>,
    rules: Vec<&'a str>,
    dates: Vec<&'a str>,
}

impl<'a> Part<'a> {
    fn add(&mut self, property: Property<'a>) {
        let value = property.value;
        match property.name {
            _ if property.is("DTSTART") => self.start = Stamp::of(value, None).map(|stamp| stamp.local()),
            _ if property.is("TZOFFSETFROM") => self.from = offset(value),
            _ if property.is("TZOFFSETTO") => self.to = offset(value),
            _ if property.is("RRULE") => self.rules.push(value),
            _ if property.is("RDATE") => self.dates.push(value),
            _ => {}
        }
    }

    fn lay_out(&self, steps: &mut u32, changes: &mut Vec<Change>) {
        let (Some(start), Some(to)) = (self.start, self.to) else {
            return;
        };
        let from = self.from.unwrap_or(to);
        let change = |at| Change { at, from, to };
        changes.push(change(start));
        for rule in self.rules.iter().filter_map(|value| Rule::read(value)) {
            let past = |at: &NaiveDateTime| is_past(rule.until.as_ref(), *at, from);
            if !rule.is_dense() {
                let expansion = Expansion::new(&rule, start, window(), steps);
                changes.extend(expansion.skip(1).take_while(|at| !past(at)).map(change));
            }
        }
        let dates = self.dates.iter().flat_map(|value| value.split(','));
        changes.extend(dates.filter_map(|date| Some(change(Stamp::of(date, None)?.local()))));
    }
}

fn parts(vtimezone: &str) -> Vec<Part<'_>> {
    let mut depth = 0u32;
    let mut parts = Vec::new();
    for line in lines(vtimezone) {
        match edge(line) {
            Some(Edge::Begin(_)) => {
                depth = depth.saturating_add(1);
                if depth == 2 {
                    parts.push(Part::default());
                }
            }
            Some(Edge::End(_)) => depth = depth.saturating_sub(1),
            None if depth == 2 => {
                let property = Property::parse(line);
                parts.last_mut().zip(property).into_iter().for_each(|(part, property)| part.add(property));
            }
            None => {}
        }
    }
    parts
}

/// UNTIL is in UTC here (3.6.5); as a date or on the wall it is taken at its word.
fn is_past(until: Option<&Stamp<'_>>, at: NaiveDateTime, from: FixedOffset) -> bool {
    match until {
        Some(Stamp::Date(date)) => at.date() > *date,
        Some(Stamp::Utc(time)) => at.checked_sub_offset(from).is_none_or(|at| at > time.naive_utc()),
        Some(stamp) => at > stamp.local(),
        None => false,
    }
}

fn window() -> (NaiveDateTime, NaiveDateTime) {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    wide(first(YEARS.0), first(YEARS.1))
}

/// `+0100`, `-0330`, `+053020` (3.3.14).
fn offset(value: &str) -> Option<FixedOffset> {
    let value = value.trim();
    let (sign, digits) = match value.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => (1, value),
    };
    let field = |at: usize| digits.get(at..at + 2)?.parse::<i32>().ok();
    let seconds = if digits.len() > 4 { field(4)? } else { 0 };
    FixedOffset::east_opt(sign * (field(0)? * 3600 + field(2)? * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        Stamp::of(text, None).unwrap().local()
    }

    #[test]
    fn dates_and_an_end_of_rules_are_kept_to() {
        let text = "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:DAYLIGHT\nDTSTART:20000326T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20020331T010000Z\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20001029T030000\nRDATE:20011028T030000,20021027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n";
        let zone = Observances::read(text, &mut 100_000).unwrap();
        let cases = [
            ("19990101T120000", "19990101T110000Z"),
            ("20000701T120000", "20000701T100000Z"),
            ("20001201T120000", "20001201T110000Z"),
            ("20010701T120000", "20010701T100000Z"),
            ("20011201T120000", "20011201T110000Z"),
            ("20020701T120000", "20020701T100000Z"),
            ("20100701T120000", "20100701T110000Z"),
        ];
        for (local, instant) in cases {
            assert_eq!(super::super::time::format_utc(zone.to_utc(at(local))), instant, "{local}");
        }
    }

    #[test]
    fn a_zone_that_cannot_be_read_is_none() {
        for text in [
            "",
            "BEGIN:VTIMEZONE\nTZID:X\nEND:VTIMEZONE\n",
            "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:20000326T020000\nTZOFFSETTO:+9900\nEND:STANDARD\nEND:VTIMEZONE\n",
        ] {
            assert!(Observances::read(text, &mut 100).is_none());
        }
    }
}
