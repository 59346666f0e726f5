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
        Budget {
            left: steps,
            share: steps / 8,
        }
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
    let window = Window {
        zones,
        from,
        to,
        max,
    };
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let Some(shape) = Shape::of(event) else {
            continue;
        };
        match (event.recurrence_id, event.uid) {
            (Some(id), Some(uid)) if moved.get(&(uid, id)) != Some(&index) => {}
            (Some(_), _) => found.extend(window.once(index, &shape)),
            (None, uid) => {
                let replaced = |start| uid.is_some_and(|uid| moved.contains_key(&(uid, start)));
                window.all(index, &shape, replaced, budget, &mut found);
            }
        }
    }
    found.sort_by_key(|occurrence| (occurrence.start, occurrence.event));
    found.truncate(max);
    found
}

/// Which event replaces an occurrence: of several the one with the highest SEQUENCE, then the last.
fn moved<'a>(events: &[Event<'a>]) -> HashMap<(&'a str, DateTime<Utc>), usize> {
    let mut moved: HashMap<_, (u32, usize)> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        if let (Some(uid), Some(id)) = (event.uid, event.recurrence_id) {
            let best = moved.entry((uid, id)).or_insert((event.sequence, index));
            *best = (*best).max((event.sequence, index));
        }
    }
    moved
        .into_iter()
        .map(|(key, (_, index))| (key, index))
        .collect()
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
        Some(Shape {
            event,
            stamp: event.stamp?,
            start,
            length,
        })
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
    max: usize,
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
        (end > self.from && start < self.to).then_some(Occurrence { event, start, end })
    }

    fn all(
        &self,
        index: usize,
        shape: &Shape<'_, '_>,
        replaced: impl Fn(DateTime<Utc>) -> bool,
        budget: &mut Budget,
        found: &mut Vec<Occurrence>,
    ) {
        let mut starts = Starts {
            left_out: LeftOut::of(shape, self.zones),
            times: BTreeSet::new(),
        };
        let mut stands = false;
        starts.add(shape.start, shape.stamp.local());
        for rule in shape
            .event
            .rules
            .iter()
            .filter_map(|value| Rule::read(value))
        {
            stands |= !self.expand(&rule, shape, budget, &mut starts) && self.goes_on(&rule, shape);
        }
        for stamp in dates(&shape.event.rdates) {
            starts.add(stamp.to_utc(self.zones), stamp.local());
        }
        let times = starts
            .times
            .into_iter()
            .filter(|(start, _)| !replaced(*start));
        let all = times
            .filter_map(|(start, local)| self.at(index, shape, start, local))
            .take(self.max);
        if stands {
            found.extend(self.stand_in(index, shape));
        } else {
            found.extend(all);
        }
    }

    /// Adds what a rule makes in the window; false if it makes too much.
    fn expand(
        &self,
        rule: &Rule,
        shape: &Shape<'_, '_>,
        budget: &mut Budget,
        starts: &mut Starts,
    ) -> bool {
        if rule.is_dense() {
            return false;
        }
        let earliest = self
            .from
            .checked_sub_signed(shape.length)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        if until_utc(rule, shape, self.zones).is_some_and(|until| until < earliest) {
            return true;
        }
        let window = wide(earliest.naive_utc(), self.to.naive_utc());
        let share = budget.share();
        let mut steps = share;
        let mut expansion = Expansion::new(rule, shape.stamp.local(), window, &mut steps);
        for local in expansion.by_ref() {
            let start = shape.stamp.to_utc_of(local, self.zones);
            if start >= self.to || is_past(rule, start, local) || starts.times.len() > self.max {
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
        (start < self.to).then_some(Occurrence { event, start, end })
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
        let starts = property
            .value
            .split(',')
            .filter_map(|value| value.split('/').next());
        starts.filter_map(move |value| Stamp::of(value, tzid))
    })
}
