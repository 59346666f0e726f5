//! Days and times as people here say them.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Words;

const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MOIS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Words {
    /// `lundi 23 novembre`, `Monday 23 November`; with its year where that is not today's.
    pub fn day(&self, date: NaiveDate, today: NaiveDate) -> String {
        let year = if date.year() == today.year() { String::new() } else { format!(" {}", date.year()) };
        format!("{} {} {}{year}", self.weekday(date), self.day_number(date), self.month(date))
    }

    /// `lundi 23 novembre 2026`.
    pub fn full_day(&self, date: NaiveDate) -> String {
        format!("{} {} {} {}", self.weekday(date), self.day_number(date), self.month(date), date.year())
    }

    /// `lundi`.
    pub fn weekday(&self, date: NaiveDate) -> &'static str {
        name(self.pick(&JOURS, &DAYS), date.weekday().num_days_from_monday())
    }

    /// `lun.`, `Mon`.
    pub fn short_weekday(&self, date: NaiveDate) -> String {
        let short: String = self.weekday(date).chars().take(3).collect();
        self.pick(format!("{short}."), short)
    }

    /// `1er`, `2`.
    pub fn day_number(&self, date: NaiveDate) -> String {
        match self.pick(date.day() == 1, false) {
            true => "1er".to_owned(),
            false => date.day().to_string(),
        }
    }

    /// `novembre`.
    pub fn month(&self, date: NaiveDate) -> &'static str {
        name(self.pick(&MOIS, &MONTHS), date.month0())
    }

    /// `novembre 2026`.
    pub fn month_title(&self, date: NaiveDate) -> String {
        format!("{} {}", self.month(date), date.year())
    }

    /// `23 – 29 novembre 2026`; each month and year that differs is said.
    pub fn days_between(&self, first: NaiveDate, last: NaiveDate) -> String {
        let day = |date| self.day_number(date);
        let from = match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => day(first),
            (true, false) => format!("{} {}", day(first), self.month(first)),
            (false, _) => format!("{} {} {}", day(first), self.month(first), first.year()),
        };
        format!("{from} – {} {} {}", day(last), self.month(last), last.year())
    }

    /// `aujourd’hui`, `demain`, or nothing for another day.
    pub fn near_day(&self, date: NaiveDate, today: NaiveDate) -> Option<&'static str> {
        let tomorrow = today.checked_add_days(Days::new(1));
        match () {
            () if date == today => Some(self.days.today),
            () if Some(date) == tomorrow => Some(self.days.tomorrow),
            () => None,
        }
    }

    /// `19/11`.
    pub fn short_day(&self, at: DateTime<Utc>, zone: Tz) -> String {
        at.with_timezone(&zone).format("%d/%m").to_string()
    }

    /// `lundi 23 novembre à 08:15`, `Monday 23 November at 08:15`.
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
        let (at, today) = (at.with_timezone(&zone), now.with_timezone(&zone).date_naive());
        let day = self.near_day(at.date_naive(), today).map_or_else(|| self.day(at.date_naive(), today), str::to_owned);
        format!("{day} {} {}", self.pick("à", "at"), at.format("%H:%M"))
    }

    /// `il y a 3 minutes`, `3 minutes ago`.
    pub fn ago(&self, gone: TimeDelta) -> String {
        match self.span(gone) {
            None => self.days.just_now.to_owned(),
            Some(span) => self.pick(format!("il y a {span}"), format!("{span} ago")),
        }
    }

    /// `dans 3 minutes`, `in 3 minutes`.
    pub fn ahead(&self, left: TimeDelta) -> String {
        match self.span(left) {
            None => self.days.any_moment.to_owned(),
            Some(span) => self.pick(format!("dans {span}"), format!("in {span}")),
        }
    }

    /// A length of time in its largest unit; nothing for less than a minute.
    fn span(&self, length: TimeDelta) -> Option<String> {
        let units = [
            (length.num_days(), self.pick("jour", "day")),
            (length.num_hours(), self.pick("heure", "hour")),
            (length.num_minutes(), "minute"),
        ];
        // A day and a half is better told in hours.
        let (count, unit) = units.into_iter().find(|(count, unit)| *count >= least(unit))?;
        Some(format!("{count} {unit}{}", if count > 1 { "s" } else { "" }))
    }
}

fn least(unit: &str) -> i64 {
    if ["jour", "day"].contains(&unit) { 2 } else { 1 }
}

fn name(names: &[&'static str], index: u32) -> &'static str {
    names.get(index as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Language;

    #[test]
    fn days_are_said_the_local_way() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let cases = [
            ("2026-11-23", "lundi 23 novembre", "Monday 23 November"),
            ("2026-12-01", "mardi 1er décembre", "Tuesday 1 December"),
            ("2027-08-15", "dimanche 15 août 2027", "Sunday 15 August 2027"),
        ];
        for (day, fr, en) in cases {
            let said = [Language::Fr, Language::En].map(|l| Words::of(l).day(date(day), date("2026-11-21")));
            assert_eq!(said, [fr, en]);
        }
    }

    #[test]
    fn a_stretch_of_days_says_what_differs() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let cases = [
            ("2026-11-23", "2026-11-29", "23 – 29 novembre 2026", "23 – 29 November 2026"),
            ("2026-11-30", "2026-12-06", "30 novembre – 6 décembre 2026", "30 November – 6 December 2026"),
            ("2026-12-28", "2027-01-03", "28 décembre 2026 – 3 janvier 2027", "28 December 2026 – 3 January 2027"),
            ("2027-02-01", "2027-02-07", "1er – 7 février 2027", "1 – 7 February 2027"),
        ];
        for (first, last, fr, en) in cases {
            let said = [Language::Fr, Language::En].map(|l| Words::of(l).days_between(date(first), date(last)));
            assert_eq!(said, [fr, en]);
        }
    }

    #[test]
    fn days_weeks_and_months_have_titles() {
        let date: NaiveDate = "2026-12-01".parse().unwrap();
        let [fr, en] = [Language::Fr, Language::En].map(Words::of);
        assert_eq!(
            (fr.full_day(date), en.full_day(date)),
            ("mardi 1er décembre 2026".into(), "Tuesday 1 December 2026".into())
        );
        assert_eq!((fr.short_weekday(date), en.short_weekday(date)), ("mar.".into(), "Tue".into()));
        assert_eq!((fr.month_title(date), fr.week_number(date)), ("décembre 2026".into(), "Semaine 49".into()));
        assert_eq!(en.week_number("2027-01-01".parse().unwrap()), "Week 53");
    }

    #[test]
    fn lengths_of_time_are_told_in_their_largest_unit() {
        let cases = [
            (59, "à l’instant", "just now"),
            (60, "il y a 1 minute", "1 minute ago"),
            (3599, "il y a 59 minutes", "59 minutes ago"),
            (2 * 3600, "il y a 2 heures", "2 hours ago"),
            (47 * 3600, "il y a 47 heures", "47 hours ago"),
            (72 * 3600, "il y a 3 jours", "3 days ago"),
            (-5, "à l’instant", "just now"),
        ];
        for (secs, fr, en) in cases {
            let said = [Language::Fr, Language::En].map(|l| Words::of(l).ago(TimeDelta::seconds(secs)));
            assert_eq!(said, [fr, en]);
        }
    }
}
