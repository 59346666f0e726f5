//! A rule's occurrences, in the time on the wall and without a zone (RFC 5545 3.3.10).
//!
//! Goes period by period (year, month, week, day, hour), keeps the days that the rule names, and pays
//! a step for each thing that it looks at. Without COUNT it jumps to the window straight away, so
//! that a rule that began in 1970 costs what one of last week does.

use std::collections::VecDeque;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::rule::{Frequency, Rule};

/// Occurrences in ascending order. The first is the start itself, whether the rule names it or not.
pub(super) struct Expansion<'s> {
    rule: Rule,
    start: NaiveDateTime,
    /// The latest time that is asked for.
    last: NaiveDateTime,
    next_period: i64,
    begun: bool,
    ready: VecDeque<NaiveDateTime>,
    left: Option<u32>,
    steps: &'s mut u32,
    exhausted: bool,
}

impl<'s> Expansion<'s> {
    /// Expands `rule` from `start` on. What lies before `first` may be left out, what lies after `last`
    /// is; it ends early, and says so, when `steps` are used up.
    pub(super) fn new(
        rule: &Rule,
        start: NaiveDateTime,
        (first, last): (NaiveDateTime, NaiveDateTime),
        steps: &'s mut u32,
    ) -> Expansion<'s> {
        let rule = rule.anchored(start);
        let next_period = if rule.count.is_none() {
            periods_before(&rule, start, first)
        } else {
            0
        };
        Expansion {
            left: rule.count,
            rule,
            start,
            last,
            next_period,
            begun: false,
            ready: VecDeque::new(),
            steps,
            exhausted: false,
        }
    }

    /// Whether it ended because the steps were used up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    fn take(&mut self, time: NaiveDateTime) -> NaiveDateTime {
        self.left = self.left.map(|left| left.saturating_sub(1));
        time
    }

    /// Lays out the next period; false when there is none.
    fn fill(&mut self) -> bool {
        let Some(period) = Period::of(&self.rule, self.start, self.next_period) else {
            return false;
        };
        if period.first > self.last.date() || period.first.year() > 9999 {
            return false;
        }
        self.next_period += 1;
        let days: Vec<NaiveDate> = period
            .days(&self.rule)
            .filter(|day| names(&self.rule, *day))
            .collect();
        let times = times(&self.rule, &period);
        if !self.pay(period.cost(&self.rule) + days.len() * times.len()) {
            return false;
        }
        let all = days
            .iter()
            .flat_map(|day| times.iter().map(|time| day.and_time(*time)));
        let start = self.start;
        if self.rule.positions.is_empty() {
            self.ready.extend(all.filter(|time| *time > start));
        } else {
            let all: Vec<_> = all.collect();
            self.ready
                .extend(at_positions(&self.rule.positions, &all).filter(|time| *time > start));
        }
        true
    }

    fn pay(&mut self, steps: usize) -> bool {
        let paid = u32::try_from(steps)
            .ok()
            .and_then(|steps| self.steps.checked_sub(steps));
        self.exhausted = paid.is_none();
        *self.steps = paid.unwrap_or(0);
        !self.exhausted
    }
}

impl Iterator for Expansion<'_> {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        if !self.begun {
            self.begun = true;
            return Some(self.take(self.start));
        }
        loop {
            if self.left == Some(0) {
                return None;
            }
            if let Some(time) = self.ready.pop_front() {
                return Some(self.take(time));
            }
            if !self.fill() {
                return None;
            }
        }
    }
}

/// One year, month, week, day or hour of a rule.
struct Period {
    first: NaiveDate,
    length: u32,
    hour: Option<u32>,
}

impl Period {
    fn of(rule: &Rule, start: NaiveDateTime, index: i64) -> Option<Period> {
        let units = index.checked_mul(rule.interval)?;
        let date = start.date();
        let (first, length, hour) = match rule.frequency {
            Frequency::Yearly => {
                let year = i32::try_from(i64::from(date.year()).checked_add(units)?).ok()?;
                let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
                (first, days_of_year(first), None)
            }
            Frequency::Monthly => {
                let first = month_at(month_number(date).checked_add(units)?)?;
                (first, u32::from(first.num_days_in_month()), None)
            }
            Frequency::Weekly => {
                let back = date.weekday().days_since(rule.week_start);
                (
                    later(date, units.checked_mul(7)?.checked_sub(back.into())?)?,
                    7,
                    None,
                )
            }
            Frequency::Daily => (later(date, units)?, 1, None),
            Frequency::Hourly | Frequency::Finer => {
                let hour = i64::from(start.hour()).checked_add(units)?;
                let first = later(date, hour.div_euclid(24))?;
                (first, 1, u32::try_from(hour.rem_euclid(24)).ok())
            }
        };
        Some(Period {
            first,
            length,
            hour,
        })
    }

    fn days(&self, rule: &Rule) -> impl Iterator<Item = NaiveDate> {
        let months = &rule.months;
        let mut day = Some(self.first);
        let end = later(self.first, self.length.into()).unwrap_or(NaiveDate::MAX);
        std::iter::from_fn(move || {
            while let Some(today) = day.filter(|today| *today < end) {
                if months.is_empty() || month_is_in(months, today) {
                    day = today.succ_opt();
                    return Some(today);
                }
                day = month_at(month_number(today) + 1);
            }
            None
        })
    }

    fn cost(&self, rule: &Rule) -> usize {
        let months = rule.months.len();
        let length = self.length as usize;
        1 + if months == 0 {
            length
        } else {
            length.min(months * 31)
        }
    }
}

/// How many periods surely lie before `first`.
fn periods_before(rule: &Rule, start: NaiveDateTime, first: NaiveDateTime) -> i64 {
    let days = first.date().signed_duration_since(start.date()).num_days();
    let units = match rule.frequency {
        Frequency::Yearly => i64::from(first.year()) - i64::from(start.year()),
        Frequency::Monthly => month_number(first.date()) - month_number(start.date()),
        Frequency::Weekly => days / 7,
        Frequency::Daily => days,
        Frequency::Hourly | Frequency::Finer => days.saturating_sub(1).saturating_mul(24),
    };
    // One less, for the part of a period that `first` stands in.
    (units - 1).div_euclid(rule.interval.max(1)).max(0)
}

/// Whether the rule's day parts let a day through. Parts narrow each other, the items of one widen it.
fn names(rule: &Rule, day: NaiveDate) -> bool {
    let either = |list: &[i32], from_start: u32, length: u32| {
        let from_start = i64::from(from_start);
        let from_end = from_start - i64::from(length) - 1;
        list.is_empty()
            || list
                .iter()
                .any(|n| i64::from(*n) == from_start || i64::from(*n) == from_end)
    };
    either(
        &rule.month_days,
        day.day(),
        u32::from(day.num_days_in_month()),
    ) && either(&rule.year_days, day.ordinal(), days_of_year(day))
        && (rule.weeks.is_empty()
            || week_of(rule, day).is_some_and(|(n, weeks)| either(&rule.weeks, n, weeks)))
        && (rule.days.is_empty() || is_named_weekday(rule, day))
}

/// BYDAY: a plain weekday, or the n-th one of the year or month (3.3.10, notes 1 and 2 of its table).
fn is_named_weekday(rule: &Rule, day: NaiveDate) -> bool {
    let in_month = match rule.frequency {
        Frequency::Monthly => Some(true),
        Frequency::Yearly if rule.weeks.is_empty() => Some(!rule.months.is_empty()),
        _ => None,
    };
    let (at, length) = match in_month {
        Some(true) => (day.day(), u32::from(day.num_days_in_month())),
        _ => (day.ordinal(), days_of_year(day)),
    };
    let from_start = i32::try_from(at.saturating_sub(1) / 7 + 1).unwrap_or(0);
    let from_end = -i32::try_from(length.saturating_sub(at) / 7 + 1).unwrap_or(0);
    rule.days.iter().any(|(n, weekday)| {
        *weekday == day.weekday()
            && (*n == 0 || in_month.is_none() || *n == from_start || *n == from_end)
    })
}

/// The number of a day's week, and how many weeks the year has that it belongs to.
fn week_of(rule: &Rule, day: NaiveDate) -> Option<(u32, u32)> {
    let first_week = |year: i32| {
        let fourth = NaiveDate::from_ymd_opt(year, 1, 4)?;
        later(
            fourth,
            -i64::from(fourth.weekday().days_since(rule.week_start)),
        )
    };
    let year = match day.year() {
        year if day < first_week(year)? => year - 1,
        year if day >= first_week(year + 1)? => year + 1,
        year => year,
    };
    let weeks_to =
        |date: NaiveDate| Some(date.signed_duration_since(first_week(year)?).num_days() / 7);
    let number = u32::try_from(weeks_to(day)? + 1).ok()?;
    Some((
        number,
        u32::try_from(weeks_to(first_week(year + 1)?)?).ok()?,
    ))
}

fn times(rule: &Rule, period: &Period) -> Vec<NaiveTime> {
    let hours: Vec<u32> = match period.hour {
        Some(hour) if rule.hours.is_empty() || rule.hours.contains(&(hour as i32)) => vec![hour],
        Some(_) => Vec::new(),
        None => unsigned(&rule.hours).collect(),
    };
    let mut times = Vec::with_capacity(hours.len());
    for hour in hours {
        for minute in unsigned(&rule.minutes) {
            let seconds =
                unsigned(&rule.seconds).filter_map(|s| NaiveTime::from_hms_opt(hour, minute, s));
            times.extend(seconds);
        }
    }
    times
}

fn unsigned(list: &[i32]) -> impl Iterator<Item = u32> {
    list.iter().filter_map(|number| u32::try_from(*number).ok())
}

/// BYSETPOS: the n-th of a period's occurrences, from the front or the back.
fn at_positions(positions: &[i32], all: &[NaiveDateTime]) -> impl Iterator<Item = NaiveDateTime> {
    let mut indices: Vec<usize> = positions
        .iter()
        .filter_map(|n| match usize::try_from(*n) {
            Ok(n) => n.checked_sub(1),
            Err(_) => all.len().checked_sub(n.unsigned_abs() as usize),
        })
        .collect();
    indices.sort_unstable();
    indices.dedup();
    indices
        .into_iter()
        .filter_map(|index| all.get(index).copied())
}

fn later(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(count)
    } else {
        date.checked_add_days(count)
    }
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

fn month_at(number: i64) -> Option<NaiveDate> {
    let year = i32::try_from(number.div_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(number.rem_euclid(12)).ok()? + 1, 1)
}

fn month_is_in(months: &[i32], day: NaiveDate) -> bool {
    months
        .iter()
        .any(|month| u32::try_from(*month) == Ok(day.month()))
}

fn days_of_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}

/// A window wide enough that no zone's offset matters at its edges.
pub(super) fn wide(from: NaiveDateTime, to: NaiveDateTime) -> (NaiveDateTime, NaiveDateTime) {
    let margin = TimeDelta::days(2);
    let from = from
        .checked_sub_signed(margin)
        .unwrap_or(NaiveDateTime::MIN);
    (
        from,
        to.checked_add_signed(margin).unwrap_or(NaiveDateTime::MAX),
    )
}
