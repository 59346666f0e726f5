//! The periods of a recurrence rule: years, months, weeks, days or hours, so many apart, by number.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Timelike};

use super::rule::{Frequency, Rule};

/// One year, month, week, day or hour of a rule.
pub(super) struct Period {
    pub(super) first: NaiveDate,
    length: u32,
    pub(super) hour: Option<u32>,
}

impl Period {
    /// The period with this number, counted from the one that `start` stands in.
    pub(super) fn of(rule: &Rule, start: NaiveDateTime, index: i64) -> Option<Period> {
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
                (later(date, units.checked_mul(7)?.checked_sub(back.into())?)?, 7, None)
            }
            Frequency::Daily => (later(date, units)?, 1, None),
            Frequency::Hourly | Frequency::Finer => {
                let hour = i64::from(start.hour()).checked_add(units)?;
                let first = later(date, hour.div_euclid(24))?;
                (first, 1, u32::try_from(hour.rem_euclid(24)).ok())
            }
        };
        Some(Period { first, length, hour })
    }

    /// Its days in the months that the rule names.
    pub(super) fn days(&self, rule: &Rule) -> impl Iterator<Item = NaiveDate> {
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

    /// An upper bound of the days that are looked at.
    pub(super) fn cost(&self, rule: &Rule) -> usize {
        let months = rule.months.len();
        let length = self.length as usize;
        1 + if months == 0 { length } else { length.min(months * 31) }
    }
}

/// How many periods surely lie before `first`.
pub(super) fn periods_before(rule: &Rule, start: NaiveDateTime, first: NaiveDateTime) -> i64 {
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

pub(super) fn later(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) }
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

fn month_at(number: i64) -> Option<NaiveDate> {
    let year = i32::try_from(number.div_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(number.rem_euclid(12)).ok()? + 1, 1)
}

fn month_is_in(months: &[i32], day: NaiveDate) -> bool {
    months.iter().any(|month| u32::try_from(*month) == Ok(day.month()))
}

pub(super) fn days_of_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}
