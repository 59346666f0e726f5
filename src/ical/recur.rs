//! When the events of a calendar take place: rules, extra and left-out dates, and the occurrences that
//! were moved (RFC 5545 3.8.5, 3.8.4.4).
//!
//! Bounded whatever is sent: a [`Budget`] is shared by all rules of a calendar, and a rule that is too
//! fine or runs out of it stands as one occurrence, so that the answer stays the same each time.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::event::Event;
use super::expand::{Expansion, wide};
use super::rule::Rule;
use super::time::{Stamp, add_days};
use super::zone::Zones;

/// A bound on the work of expanding rules, for a whole calendar. A step is a day or an occurrence
/// that is looked at: some tens of nanoseconds.
#[derive(Debug)]
pub struct Budget {
    left: u32,
    share: u32,
}

impl Budget {
    /// So many steps, of which no single rule may take more than an eighth.
    pub fn new(steps: u32) -> Budget {
        Budget { left: steps, share: steps / 8 }
    }

    /// What one rule may take now.
    fn share(&self) -> u32 {
        self.left.min(self.share)
    }
}

/// One time at which an event takes place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// Index into the slice of events.
    pub event: usize,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// One of the event itself, or one that stands for all those of a rule that makes too many.
    pub of: Of,
}

/// What an occurrence stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// Itself.
    Itself,
    /// All those of its event, whose rule is too fine or too long to be laid out.
    Rule,
}

/// All occurrences that end after `from` and start before `to`, by (start, event), the first `max` of
/// them. A rule that cannot be read counts as its first occurrence; a rule finer than hours, or one
/// that the budget does not suffice for, as one at `max(start, from)` if it may still go on. Cancelled
/// events are among them. RANGE=THISANDFUTURE is read as that one occurrence.
pub fn occurrences(
    events: &[Event<'_>],
    zones: &Zones,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    max: usize,
    budget: &mut Budget,
) -> Vec<Occurrence> {
    let moved = moved(events);
    let enough = moved.values().map(HashMap::len).sum::<usize>().saturating_add(max);
    let window = Window { zones, from, to, enough };
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let Some(shape) = Shape::of(event) else {
            continue;
        };
        let of_uid = event.uid.and_then(|uid| moved.get(uid));
        let mover = |start| of_uid.and_then(|moved| moved.get(&start)).map(|(_, index)| *index);
        match event.recurrence_id {
            Some(id) if mover(id).is_some_and(|mover| mover != index) => {}
            Some(_) => found.extend(window.once(index, &shape)),
            None => window.all(index, &shape, |start| mover(start).is_some(), budget, &mut found),
        }
    }
    found.sort_by_key(|occurrence| (occurrence.start, occurrence.event));
    found.truncate(max);
    found
}

/// By UID and occurrence: the SEQUENCE and index of the event that replaces it. In two steps, so that
/// an endless UID is not hashed for each occurrence.
type Moved<'a> = HashMap<&'a str, HashMap<DateTime<Utc>, (u32, usize)>>;

/// Of several that replace one occurrence the one with the highest SEQUENCE counts, then the last.
fn moved<'a>(events: &[Event<'a>]) -> Moved<'a> {
    let mut moved = Moved::new();
    for (index, event) in events.iter().enumerate() {
        if let (Some(uid), Some(id)) = (event.uid, event.recurrence_id) {
            let this = (event.sequence, index);
            let best = moved.entry(uid).or_default().entry(id).or_insert(this);
            *best = this.max(*best);
        }
    }
    moved
}

/// An event that has a start, and how long it lasts.
struct Shape<'e, 'a> {
    event: &'e Event<'a>,
    stamp: Stamp<'a>,
    start: DateTime<Utc>,
    length: TimeDelta,
}

impl<'e, 'a> Shape<'e, 'a> {
    fn of(event: &'e Event<'a>) -> Option<Shape<'e, 'a>> {
        let start = event.start?;
        let length = event.end.unwrap_or(start).signed_duration_since(start);
        Some(Shape { event, stamp: event.stamp?, start, length })
    }

    /// The end of an occurrence: so many days of the calendar, or seconds of the clock, on.
    fn end(&self, start: DateTime<Utc>, local: NaiveDateTime, zones: &Zones) -> DateTime<Utc> {
        let end = if self.event.all_day {
            // Rounded, for a day of 23 or 25 hours among them.
            let days = self.length.num_hours().saturating_add(12) / 24;
            add_days(local, days).map(|end| self.stamp.to_utc_of(end, zones))
        } else {
            start.checked_add_signed(self.length)
        };
        end.unwrap_or(start).max(start)
    }
}

/// What is asked for.
struct Window<'z> {
    zones: &'z Zones,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// So many occurrences of one event are enough, even if all that were moved are among them.
    enough: usize,
}

impl Window<'_> {
    fn once(&self, event: usize, shape: &Shape<'_, '_>) -> Option<Occurrence> {
        self.at(event, shape, shape.start, shape.stamp.local())
    }

    fn at(
        &self,
        event: usize,
        shape: &Shape<'_, '_>,
        start: DateTime<Utc>,
        local: NaiveDateTime,
    ) -> Option<Occurrence> {
        let end = shape.end(start, local, self.zones);
        (end > self.from && start < self.to).then_some(Occurrence { event, start, end, of: Of::Itself })
    }

    fn all(
        &self,
        index: usize,
        shape: &Shape<'_, '_>,
        replaced: impl Fn(DateTime<Utc>) -> bool,
        budget: &mut Budget,
        found: &mut Vec<Occurrence>,
    ) {
        let mut starts = Starts { left_out: LeftOut::of(shape, self.zones), times: BTreeSet::new() };
        let mut stands = false;
        starts.add(shape.start, shape.stamp.local());
        for rule in shape.event.rules.iter().filter_map(|value| Rule::read(value)) {
            stands |= !self.expand(&rule, shape, budget, &mut starts) && self.goes_on(&rule, shape);
        }
        for stamp in dates(&shape.event.rdates) {
            starts.add(stamp.to_utc(self.zones), stamp.local());
        }
        let times = starts.times.into_iter().filter(|(start, _)| !replaced(*start));
        let all = times.filter_map(|(start, local)| self.at(index, shape, start, local)).take(self.enough);
        if stands {
            found.extend(self.stand_in(index, shape));
        } else {
            found.extend(all);
        }
    }

    /// Adds what a rule makes in the window; false if it makes too much.
    fn expand(&self, rule: &Rule, shape: &Shape<'_, '_>, budget: &mut Budget, starts: &mut Starts) -> bool {
        if rule.is_dense() {
            return false;
        }
        let earliest = self.from.checked_sub_signed(shape.length).unwrap_or(DateTime::<Utc>::MIN_UTC);
        if until_utc(rule, shape, self.zones).is_some_and(|until| until < earliest) {
            return true;
        }
        let window = wide(earliest.naive_utc(), self.to.naive_utc());
        let share = budget.share();
        let mut steps = share;
        let mut expansion = Expansion::new(rule, shape.stamp.local(), window, &mut steps);
        for local in expansion.by_ref() {
            let start = shape.stamp.to_utc_of(local, self.zones);
            if start >= self.to || is_past(rule, start, local) || starts.times.len() > self.enough {
                break;
            }
            if start >= earliest {
                starts.add(start, local);
            }
        }
        let whole = !expansion.is_exhausted();
        budget.left -= share - steps;
        whole
    }

    /// Whether an unexpanded rule may still make something after `from`.
    fn goes_on(&self, rule: &Rule, shape: &Shape<'_, '_>) -> bool {
        until_utc(rule, shape, self.zones).is_none_or(|until| until >= self.from)
    }

    fn stand_in(&self, event: usize, shape: &Shape<'_, '_>) -> Option<Occurrence> {
        let start = shape.start.max(self.from);
        let end = start.checked_add_signed(shape.length).unwrap_or(start);
        (start < self.to).then_some(Occurrence { event, start, end, of: Of::Rule })
    }
}

/// An upper bound of UNTIL.
fn until_utc(rule: &Rule, shape: &Shape<'_, '_>, zones: &Zones) -> Option<DateTime<Utc>> {
    Some(match rule.until? {
        Stamp::Date(date) => shape.stamp.to_utc_of(add_days(date.into(), 1)?, zones),
        Stamp::Utc(time) => time,
        stamp => shape.stamp.to_utc_of(stamp.local(), zones),
    })
}

fn is_past(rule: &Rule, start: DateTime<Utc>, local: NaiveDateTime) -> bool {
    match rule.until {
        Some(Stamp::Date(date)) => local.date() > date,
        Some(Stamp::Utc(until)) => start > until,
        Some(until) => local > until.local(),
        None => false,
    }
}

/// The starts of one event, each once, with the time on the wall.
struct Starts {
    left_out: LeftOut,
    times: BTreeSet<(DateTime<Utc>, NaiveDateTime)>,
}

impl Starts {
    fn add(&mut self, start: DateTime<Utc>, local: NaiveDateTime) {
        if !self.left_out.times.contains(&start) && !self.left_out.days.contains(&local.date()) {
            self.times.insert((start, local));
        }
    }
}

/// EXDATE: instants, or whole days as some programs write them for timed events too.
#[derive(Default)]
struct LeftOut {
    times: HashSet<DateTime<Utc>>,
    days: HashSet<NaiveDate>,
}

impl LeftOut {
    fn of(shape: &Shape<'_, '_>, zones: &Zones) -> LeftOut {
        let mut left_out = LeftOut::default();
        for stamp in dates(&shape.event.exdates) {
            match stamp {
                Stamp::Date(day) => left_out.days.insert(day),
                _ if shape.event.all_day => left_out.days.insert(stamp.local().date()),
                _ => left_out.times.insert(stamp.to_utc(zones)),
            };
        }
        left_out
    }
}

/// The dates of RDATE and EXDATE lines; of a period its start.
fn dates<'a>(properties: &[super::Property<'a>]) -> impl Iterator<Item = Stamp<'a>> {
    properties.iter().flat_map(|property| {
        let tzid = property.param("TZID");
        let starts = property.value.split(',').filter_map(|value| value.split('/').next());
        starts.filter_map(move |value| Stamp::of(value, tzid))
    })
}

#[cfg(test)]
mod tests {
    use super::super::event::read_event;
    use super::super::time::format_utc;
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        Stamp::of(text, None).unwrap().local().and_utc()
    }

    /// The starts, as `index:time`, of events given by their lines.
    fn starts(events: &[&str], from: &str, to: &str) -> Vec<String> {
        found(events, from, to, 1000, &mut Budget::new(100_000))
            .iter()
            .map(|o| format!("{}:{}", o.event, format_utc(o.start)))
            .collect()
    }

    fn found(events: &[&str], from: &str, to: &str, max: usize, budget: &mut Budget) -> Vec<Occurrence> {
        let zones = Zones::read([].into_iter(), chrono_tz::Europe::Paris);
        let texts: Vec<_> = events.iter().map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")).collect();
        let events: Vec<_> = texts.iter().map(|text| read_event(text, &zones)).collect();
        occurrences(&events, &zones, utc(from), utc(to), max, budget)
    }

    const WEEKLY: &str = "UID:a\nDTSTART;TZID=Europe/Paris:20260316T080000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY";

    #[test]
    fn a_weekly_class_keeps_its_hour_on_the_wall() {
        let expected = ["0:20260323T070000Z", "0:20260330T060000Z"];
        assert_eq!(starts(&[WEEKLY], "20260317T000000Z", "20260406T000000Z"), expected);
    }

    #[test]
    fn what_has_not_ended_yet_is_among_them() {
        assert_eq!(starts(&[WEEKLY], "20260316T085900Z", "20260317T000000Z"), ["0:20260316T070000Z"]);
        assert!(starts(&[WEEKLY], "20260316T090000Z", "20260317T000000Z").is_empty());
        assert!(starts(&[WEEKLY], "20260301T000000Z", "20260316T070000Z").is_empty());
    }

    #[test]
    fn left_out_and_extra_dates_count() {
        let event = format!(
            "{WEEKLY};COUNT=5\nEXDATE;TZID=Europe/Paris:20260323T080000\nEXDATE;VALUE=DATE:20260330\nRDATE;TZID=Europe/Paris:20260318T100000,20260319T100000/PT1H"
        );
        let expected =
            ["20260316T070000Z", "20260318T090000Z", "20260319T090000Z", "20260406T060000Z", "20260413T060000Z"];
        assert_eq!(starts(&[&event], "20260101T000000Z", "20270101T000000Z"), expected.map(|s| format!("0:{s}")));
    }

    #[test]
    fn a_moved_occurrence_replaces_its_own() {
        let moved = "UID:a\nRECURRENCE-ID:20260323T070000Z\nSEQUENCE:2\nDTSTART:20260324T070000Z";
        let older = "UID:a\nRECURRENCE-ID;TZID=Europe/Paris:20260323T080000\nSEQUENCE:1\nDTSTART:20260325T070000Z\nRRULE:FREQ=DAILY";
        let other = "UID:b\nRECURRENCE-ID:20260323T070000Z\nDTSTART:20260326T070000Z";
        let expected = ["0:20260316T070000Z", "1:20260324T070000Z", "3:20260326T070000Z", "0:20260330T060000Z"];
        assert_eq!(starts(&[WEEKLY, moved, older, other], "20260301T000000Z", "20260401T000000Z"), expected);
    }

    #[test]
    fn rules_end_where_they_say() {
        let cases = [
            ("RRULE:FREQ=DAILY;UNTIL=20260317T070000Z", 2),
            ("RRULE:FREQ=DAILY;UNTIL=20260317T065959Z", 1),
            ("RRULE:FREQ=DAILY;UNTIL=20260317", 2),
            ("RRULE:FREQ=DAILY;UNTIL=20260317T080000", 2),
            ("RRULE:FREQ=DAILY;COUNT=3", 3),
            ("RRULE:FREQ=DAILY;UNTIL=20250101", 1),
            ("RRULE:FREQ=WEEKLY;BYDAY=99MO", 1),
            ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 1),
            ("RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3", 3),
        ];
        for (rule, count) in cases {
            let event = format!("DTSTART;TZID=Europe/Paris:20260316T080000\nDURATION:PT1H\n{rule}");
            assert_eq!(starts(&[&event], "20260101T000000Z", "20280101T000000Z").len(), count, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_began_long_ago_costs_what_a_new_one_does() {
        for rule in ["FREQ=DAILY", "FREQ=YEARLY", "FREQ=MONTHLY", "FREQ=WEEKLY;INTERVAL=3", "FREQ=HOURLY;INTERVAL=24"] {
            let event = format!("DTSTART:19700101T080000Z\nDURATION:PT1H\nRRULE:{rule}");
            let mut budget = Budget::new(8 * 3_000);
            let all = found(&[&event], "20260101T000000Z", "20270201T000000Z", 1000, &mut budget);
            assert!(!all.is_empty() && all[0].start > utc("20260101T000000Z"), "{rule} {all:?}");
        }
        let counted = "DTSTART:19700101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=50000";
        let all = found(&[counted], "20260101T000000Z", "20260201T000000Z", 1000, &mut Budget::new(1_000_000));
        assert_eq!(all.len(), 31);
    }

    #[test]
    fn too_fine_a_rule_stands_as_one_occurrence() {
        let fine = [
            "FREQ=SECONDLY",
            "FREQ=MINUTELY;INTERVAL=7",
            "FREQ=SECONDLY;UNTIL=20260101T000000Z",
            "FREQ=SECONDLY;UNTIL=20250101T000000Z",
        ];
        let events: Vec<_> =
            fine.iter().map(|rule| format!("DTSTART:20240101T080000Z\nDURATION:PT1H\nRRULE:{rule}")).collect();
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let expected = ["0:20260101T000000Z", "1:20260101T000000Z", "2:20260101T000000Z"];
        assert_eq!(starts(&events, "20260101T000000Z", "20270101T000000Z"), expected);
    }

    #[test]
    fn a_rule_that_outruns_the_budget_stands_as_one_occurrence() {
        let event = "DTSTART:20200101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=100000";
        let all = found(&[event, event], "20260101T000000Z", "20270101T000000Z", 1000, &mut Budget::new(80));
        let starts: Vec<_> = all.iter().map(|o| (o.event, format_utc(o.start))).collect();
        assert_eq!(starts, [(0, "20260101T000000Z".to_owned()), (1, "20260101T000000Z".to_owned())]);
    }

    #[test]
    fn the_first_of_all_are_kept() {
        let all = found(&[WEEKLY, WEEKLY], "20260301T000000Z", "20300101T000000Z", 3, &mut Budget::new(100_000));
        let kept: Vec<_> = all.iter().map(|o| (o.event, format_utc(o.start))).collect();
        assert_eq!(
            kept,
            [(0, "20260316T070000Z".into()), (1, "20260316T070000Z".into()), (0, "20260323T070000Z".into())]
        );
    }

    #[test]
    fn all_day_occurrences_end_at_midnight_across_a_change_of_clocks() {
        let event = "DTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330\nRRULE:FREQ=WEEKLY;COUNT=2\n";
        let all = found(&[event], "20260101T000000Z", "20270101T000000Z", 9, &mut Budget::new(1000));
        let ends: Vec<_> = all.iter().map(|o| format_utc(o.end)).collect();
        assert_eq!(ends, ["20260329T220000Z", "20260405T220000Z"]);
    }

    #[test]
    fn a_hostile_calendar_is_expanded_in_bounded_time() {
        let rules = [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;COUNT=4000000000",
            "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=4000000000",
            "FREQ=HOURLY;BYHOUR=3;COUNT=4000000000",
            "FREQ=DAILY;INTERVAL=100000;COUNT=4000000000;BYMONTH=2;BYMONTHDAY=30",
        ];
        let events: Vec<_> = (0..2000)
            .map(|n| format!("DTSTART:00010101T080000Z\nDTEND:99991231T235959Z\nRRULE:{}", rules[n % rules.len()]))
            .collect();
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let mut budget = Budget::new(200_000);
        assert!(found(&events, "20260101T000000Z", "99990101T000000Z", 500, &mut budget).len() <= 500);
        found(&events, "00000101T000000Z", "99991231T000000Z", usize::MAX, &mut Budget::new(200_000));
    }
}
