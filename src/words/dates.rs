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
        let weekday = name(self.pick(&JOURS, &DAYS), date.weekday().num_days_from_monday());
        let month = name(self.pick(&MOIS, &MONTHS), date.month0());
        let number =
            self.pick(if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() }, date.day().to_string());
        let year = if date.year() == today.year() { String::new() } else { format!(" {}", date.year()) };
        format!("{weekday} {number} {month}{year}")
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
