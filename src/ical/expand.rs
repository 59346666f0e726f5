//! A rule's occurrences, in the time on the wall and without a zone (RFC 5545 3.3.10).
//!
//! Goes period by period (year, month, week, day, hour), keeps the days that the rule names, and pays
//! a step for each thing that it looks at. Without COUNT it jumps to the window straight away, so
//! that a rule that began in 1970 costs what one of last week does.

use std::collections::VecDeque;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::period::{Period, days_of_year, later, periods_before};
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
        let next_period = if rule.count.is_none() { periods_before(&rule, start, first) } else { 0 };
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
        let days: Vec<NaiveDate> = period.days(&self.rule).filter(|day| names(&self.rule, *day)).collect();
        let times = times(&self.rule, &period);
        if !self.pay(period.cost(&self.rule) + days.len() * times.len()) {
            return false;
        }
        let all = days.iter().flat_map(|day| times.iter().map(|time| day.and_time(*time)));
        let start = self.start;
        if self.rule.positions.is_empty() {
            self.ready.extend(all.filter(|time| *time > start));
        } else {
            let all: Vec<_> = all.collect();
            self.ready.extend(at_positions(&self.rule.positions, &all).filter(|time| *time > start));
        }
        true
    }

    fn pay(&mut self, steps: usize) -> bool {
        let paid = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps));
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

/// Whether the rule's day parts let a day through. Parts narrow each other, the items of one widen it.
fn names(rule: &Rule, day: NaiveDate) -> bool {
    let either = |list: &[i32], from_start: u32, length: u32| {
        let from_start = i64::from(from_start);
        let from_end = from_start - i64::from(length) - 1;
        list.is_empty() || list.iter().any(|n| i64::from(*n) == from_start || i64::from(*n) == from_end)
    };
    either(&rule.month_days, day.day(), u32::from(day.num_days_in_month()))
        && either(&rule.year_days, day.ordinal(), days_of_year(day))
        && (rule.weeks.is_empty() || week_of(rule, day).is_some_and(|(n, weeks)| either(&rule.weeks, n, weeks)))
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
        *weekday == day.weekday() && (*n == 0 || in_month.is_none() || *n == from_start || *n == from_end)
    })
}

/// The number of a day's week, and how many weeks the year has that it belongs to.
fn week_of(rule: &Rule, day: NaiveDate) -> Option<(u32, u32)> {
    let first_week = |year: i32| {
        let fourth = NaiveDate::from_ymd_opt(year, 1, 4)?;
        later(fourth, -i64::from(fourth.weekday().days_since(rule.week_start)))
    };
    let year = match day.year() {
        year if day < first_week(year)? => year - 1,
        year if day >= first_week(year + 1)? => year + 1,
        year => year,
    };
    let weeks_to = |date: NaiveDate| Some(date.signed_duration_since(first_week(year)?).num_days() / 7);
    let number = u32::try_from(weeks_to(day)? + 1).ok()?;
    Some((number, u32::try_from(weeks_to(first_week(year + 1)?)?).ok()?))
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
            let seconds = unsigned(&rule.seconds).filter_map(|s| NaiveTime::from_hms_opt(hour, minute, s));
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
    indices.into_iter().filter_map(|index| all.get(index).copied())
}

/// A window wide enough that no zone's offset matters at its edges.
pub(super) fn wide(from: NaiveDateTime, to: NaiveDateTime) -> (NaiveDateTime, NaiveDateTime) {
    let margin = TimeDelta::days(2);
    let from = from.checked_sub_signed(margin).unwrap_or(NaiveDateTime::MIN);
    (from, to.checked_add_signed(margin).unwrap_or(NaiveDateTime::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::time::Stamp;
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        Stamp::of(text, None).unwrap().local()
    }

    /// The days of the first occurrences.
    fn days(rule: &str, start: &str, count: usize) -> Vec<String> {
        let mut steps = 1_000_000;
        let window = (at(start), at("20991231"));
        let rule = Rule::read(rule).unwrap();
        let all = Expansion::new(&rule, at(start), window, &mut steps);
        all.take(count).map(|time| time.format("%Y%m%d").to_string()).collect()
    }

    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let cases = [
            ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805", "19970805 19970810 19970819 19970824"),
            ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805", "19970805 19970817 19970819 19970831"),
            ("FREQ=MONTHLY;COUNT=4;BYDAY=-2MO", "19970922", "19970922 19971020 19971117 19971222"),
            ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "19980213", "19980213 19980313 19981113 19990813"),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "19970929", "19970929 19971030 19971127 19971230"),
            ("FREQ=YEARLY;BYDAY=20MO", "19970519", "19970519 19980518 19990517 20000515"),
            ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512", "19970512 19980511 19990517 20000515"),
            (
                "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
                "19961105",
                "19961105 20001107 20041102 20081104",
            ),
            ("FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", "19970101", "19970101 19970410 19970719 20000101"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "19970131", "19970131 19970228 19970331 19970430"),
            ("FREQ=YEARLY", "20000229", "20000229 20040229 20080229 20120229"),
            ("FREQ=DAILY;COUNT=2;BYHOUR=9,10", "20260101T090000", "20260101 20260101"),
        ];
        for (rule, start, expected) in cases {
            assert_eq!(days(rule, start, 4).join(" "), expected, "{rule}");
        }
    }

    #[test]
    fn the_last_week_may_end_in_the_next_year() {
        // Week 52 of 2026 runs from the 24th, week 53 of 2028 into January, when weeks begin on Thursday.
        let rule = "FREQ=YEARLY;WKST=TH;BYWEEKNO=53;BYDAY=FR,WE";
        assert_eq!(days(rule, "20281229", 2), ["20281229", "20290103"]);
    }

    #[test]
    fn no_rule_runs_past_its_window_its_steps_or_the_year_9999() {
        for (rule, start) in [
            ("FREQ=YEARLY;INTERVAL=100000;COUNT=9", "20260101"),
            ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=9", "00000101"),
            ("FREQ=HOURLY;INTERVAL=100000;COUNT=4000000000", "99991231"),
            ("FREQ=WEEKLY;COUNT=4000000000", "99991231"),
        ] {
            let mut steps = 500_000;
            let window = (NaiveDateTime::MIN, NaiveDateTime::MAX);
            let rule = Rule::read(rule).unwrap();
            assert_eq!(Expansion::new(&rule, at(start), window, &mut steps).count(), 1);
        }
        let mut steps = 10;
        let rule = Rule::read("FREQ=DAILY").unwrap();
        let mut all = Expansion::new(&rule, at("20260101"), (at("20260101"), at("20991231")), &mut steps);
        assert_eq!(all.by_ref().count(), 3);
        assert!(all.is_exhausted());
    }
}
