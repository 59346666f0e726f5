//! A recurrence rule as RFC 5545 3.3.10 writes it, read and checked.
//!
//! The `rrule` crate is the referee of the tests but not the reader in the product: between two of its
//! results it may loop 100,000 times, and lay out all 31 million seconds of a year at once
//! (`FREQ=YEARLY` with full BYHOUR, BYMINUTE and BYSECOND), with no way to stop it from outside.

use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};

use super::time::Stamp;

/// More times of day than this in one rule, and it is not expanded.
const DENSE: usize = 288;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    /// MINUTELY and SECONDLY, which no timetable means.
    Finer,
}

/// A weekday, and which of the period's: 0 is each, -1 the last.
pub(super) type Nth = (i32, Weekday);

/// A rule whose values are all in range. Lists are sorted and without repeats.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    pub(super) count: Option<u32>,
    /// A date, a time in UTC, or one on the wall.
    pub(super) until: Option<Stamp<'static>>,
    pub(super) week_start: Weekday,
    pub(super) months: Vec<i32>,
    pub(super) weeks: Vec<i32>,
    pub(super) year_days: Vec<i32>,
    pub(super) month_days: Vec<i32>,
    pub(super) days: Vec<Nth>,
    pub(super) hours: Vec<i32>,
    pub(super) minutes: Vec<i32>,
    pub(super) seconds: Vec<i32>,
    pub(super) positions: Vec<i32>,
}

impl Rule {
    /// Reads the value of an RRULE; None where a part is out of range, or changes the rule's meaning
    /// in a way that is not known here (RSCALE). Other unknown parts are passed over.
    pub(super) fn read(value: &str) -> Option<Rule> {
        let part = |name: &str| {
            value
                .split(';')
                .filter_map(|part| part.split_once('='))
                .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then_some(value.trim()))
        };
        if part("RSCALE").is_some() {
            return None;
        }
        Some(Rule {
            frequency: frequency(part("FREQ")?)?,
            interval: optional(part("INTERVAL"), |text| number(text, 1, 100_000))?.unwrap_or(1).into(),
            count: optional(part("COUNT"), |text| text.parse().ok().filter(|count| *count > 0))?,
            until: optional(part("UNTIL"), |text| Stamp::of(text, None))?,
            week_start: optional(part("WKST"), weekday)?.unwrap_or(Weekday::Mon),
            months: numbers(part("BYMONTH"), 1, 12)?,
            weeks: signed(part("BYWEEKNO"), 53)?,
            year_days: signed(part("BYYEARDAY"), 366)?,
            month_days: signed(part("BYMONTHDAY"), 31)?,
            days: nths(part("BYDAY"))?,
            hours: numbers(part("BYHOUR"), 0, 23)?,
            minutes: numbers(part("BYMINUTE"), 0, 59)?,
            seconds: numbers(part("BYSECOND"), 0, 60)?,
            positions: signed(part("BYSETPOS"), 366)?,
        })
    }

    /// Whether it makes so many times a day that it is not worth expanding.
    pub(super) fn is_dense(&self) -> bool {
        let times = self.hours.len().max(1) * self.minutes.len().max(1) * self.seconds.len().max(1);
        self.frequency == Frequency::Finer || times > DENSE
    }

    /// The rule with what it leaves open taken from its first occurrence.
    pub(super) fn anchored(&self, start: NaiveDateTime) -> Rule {
        let mut rule = self.clone();
        rule.anchor_days(start);
        if rule.frequency != Frequency::Hourly {
            fill(&mut rule.hours, start.hour());
        }
        fill(&mut rule.minutes, start.minute());
        fill(&mut rule.seconds, start.second());
        rule
    }

    fn anchor_days(&mut self, start: NaiveDateTime) {
        let open =
            self.weeks.is_empty() && self.year_days.is_empty() && self.month_days.is_empty() && self.days.is_empty();
        match self.frequency {
            Frequency::Yearly if open => {
                fill(&mut self.months, start.month());
                fill(&mut self.month_days, start.day());
            }
            Frequency::Monthly if open => fill(&mut self.month_days, start.day()),
            Frequency::Weekly if open => self.days.push((0, start.weekday())),
            _ => {}
        }
    }
}

fn fill(list: &mut Vec<i32>, value: u32) {
    if list.is_empty() {
        list.extend(i32::try_from(value));
    }
}

/// None where it is there and wrong, Some(None) where it is not there.
fn optional<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| read(text).map(Some))
}

fn frequency(text: &str) -> Option<Frequency> {
    Some(match text.to_ascii_uppercase().as_str() {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" | "SECONDLY" => Frequency::Finer,
        _ => return None,
    })
}

fn number(text: &str, least: i32, most: i32) -> Option<i32> {
    i32::from_str(text.trim()).ok().filter(|number| (least..=most).contains(number))
}

fn numbers(text: Option<&str>, least: i32, most: i32) -> Option<Vec<i32>> {
    let mut list = match text {
        Some(text) => text.split(',').map(|item| number(item, least, most)).collect::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    list.sort_unstable();
    list.dedup();
    Some(list)
}

/// Numbers that may count from the end, where 0 means nothing.
fn signed(text: Option<&str>, most: i32) -> Option<Vec<i32>> {
    numbers(text, -most, most).filter(|list| list.binary_search(&0).is_err())
}

fn nths(text: Option<&str>) -> Option<Vec<Nth>> {
    let mut list = match text {
        Some(text) => text.split(',').map(nth).collect::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    list.sort_unstable_by_key(|(n, day)| (*n, day.num_days_from_monday()));
    list.dedup();
    Some(list)
}

fn nth(text: &str) -> Option<Nth> {
    let text = text.trim();
    let (n, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let n = if n.is_empty() { 0 } else { number(n, -53, 53).filter(|n| *n != 0)? };
    Some((n, weekday(day)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_out_of_range_cannot_be_read() {
        let bad = [
            "",
            "FREQ=",
            "FREQ=NEVER",
            "INTERVAL=2",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;COUNT=99999999999",
            "FREQ=WEEKLY;BYDAY=99MO",
            "FREQ=WEEKLY;BYDAY=0MO",
            "FREQ=WEEKLY;BYDAY=é",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=YEARLY;BYYEARDAY=0",
            "FREQ=DAILY;UNTIL=soon",
            "RSCALE=HEBREW;FREQ=YEARLY",
        ];
        for value in bad {
            assert!(Rule::read(value).is_none(), "{value}");
        }
    }

    #[test]
    fn rules_are_read_leniently_where_it_does_no_harm() {
        let rule = Rule::read("freq=weekly; byday = mo , +2tu,mo;X-A=1;;BYHOUR=9,8").unwrap();
        assert_eq!(rule.days, [(0, Weekday::Mon), (2, Weekday::Tue)]);
        assert_eq!(rule.hours, [8, 9]);
        assert!(!rule.is_dense());
        assert!(Rule::read("FREQ=SECONDLY").unwrap().is_dense());
    }
}
