//! The sample school: three cohorts, and what they do in the weeks around a date.
//!
//! The lessons of a week follow from the date of its Monday alone, so a lesson keeps its UID and its words from one
//! fetch to the next, and from one run of the demo to the next; only the window (4 weeks back, 12 ahead) moves.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Europe::Paris;

use super::lines::{self, EUROPE_PARIS, paris, text, utc};
use super::timetable::{COHORTS, Slot, Weeks};

pub use super::timetable::{Cohort, Quirk};

const WEEKS_BACK: u64 = 4;
const WEEKS_AHEAD: u64 = 12;

/// A school with its cohorts; its timetable is computed, not stored.
#[derive(Clone, Copy)]
pub struct School {
    cohorts: &'static [Cohort],
}

impl School {
    /// The school that the demo shows.
    pub fn sample() -> Self {
        Self { cohorts: &COHORTS }
    }

    /// Its cohorts, in the order in which a page would list them.
    pub fn cohorts(&self) -> &'static [Cohort] {
        self.cohorts
    }

    /// The cohort whose slug, display name or file on the planning site this is.
    pub fn find(&self, name: &str) -> Option<&'static Cohort> {
        self.cohorts.iter().find(|c| [c.slug, c.name, c.file].contains(&name))
    }

    /// A cohort's calendar as a careful server would print it: CRLF, folded, in order of time. `None`: no such cohort.
    pub fn ics(&self, cohort: &str, now: DateTime<Utc>) -> Option<String> {
        let cohort = self.find(cohort)?;
        let mut all = opening(cohort);
        all.extend(events(cohort, now).into_iter().flatten());
        all.push("END:VCALENDAR".to_owned());
        Some(lines::print(&all))
    }
}

/// What stands before the events: the calendar's own properties and its zone, as logical lines.
pub fn opening(cohort: &Cohort) -> Vec<String> {
    let mut head = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Service des emplois du temps//Planning 3.2//FR".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("X-WR-CALNAME:{}", text(cohort.name)),
        "X-WR-TIMEZONE:Europe/Paris".to_owned(),
    ];
    head.extend(EUROPE_PARIS.map(str::to_owned));
    head
}

/// The cohort's events around `now`, each a VEVENT as logical lines, in order of time; the weekly one comes first.
pub fn events(cohort: &Cohort, now: DateTime<Utc>) -> Vec<Vec<String>> {
    let today = now.with_timezone(&Paris).date_naive();
    let mut all = vec![weekly(cohort, today, now)];
    for monday in mondays(today) {
        let slots = cohort.slots.iter().enumerate();
        all.extend(
            slots
                .filter(|(_, slot)| takes_place(slot, monday))
                .map(|(nth, slot)| lesson(cohort, nth, slot, monday, now)),
        );
        all.extend(open_day(cohort, monday, now));
    }
    all
}

fn mondays(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = monday_of(today) - Days::new(7 * WEEKS_BACK);
    (0..=WEEKS_BACK + WEEKS_AHEAD).map(move |n| first + Days::new(7 * n))
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day.week(Weekday::Mon).first_day()
}

/// Weeks counted without a break over New Year, so that "every other week" stays so.
fn week_count(monday: NaiveDate) -> i32 {
    monday.num_days_from_ce().div_euclid(7)
}

fn is_holiday(monday: NaiveDate) -> bool {
    matches!(monday.iso_week().week(), 44 | 52 | 53 | 1)
}

fn takes_place(slot: &Slot, monday: NaiveDate) -> bool {
    let week = week_count(monday);
    let in_turn = match slot.weeks {
        Weeks::Every => true,
        Weeks::Even => week % 2 == 0,
        Weeks::Odd => week % 2 == 1,
        Weeks::Fourth => week % 4 == 3,
    };
    in_turn && !is_holiday(monday)
}

fn is_cancelled(slot: &Slot, monday: NaiveDate) -> bool {
    slot.fragile && week_count(monday) % 4 == 2
}

fn lesson(cohort: &Cohort, nth: usize, slot: &Slot, monday: NaiveDate, now: DateTime<Utc>) -> Vec<String> {
    let start = at(monday, slot);
    let end = start + TimeDelta::minutes(slot.minutes);
    let uid = format!("{}-{}-{nth}@planning.example", cohort.file, monday.format("%Gw%V"));
    let mut event = begin(&uid, now);
    event.push(paris("DTSTART", start));
    event.push(paris("DTEND", end));
    event.extend(words(cohort, slot));
    if is_cancelled(slot, monday) {
        event.extend(["STATUS:CANCELLED".to_owned(), "SEQUENCE:1".to_owned()]);
    } else {
        event.extend(["STATUS:CONFIRMED".to_owned(), "SEQUENCE:0".to_owned()]);
    }
    event.push("END:VEVENT".to_owned());
    event
}

/// The cohort's language class: one event with a weekly rule from September to July, without the holidays.
fn weekly(cohort: &Cohort, today: NaiveDate, now: DateTime<Utc>) -> Vec<String> {
    let slot = &cohort.weekly;
    let (first, last) = school_year(today);
    let off: Vec<String> = first
        .iter_weeks()
        .take_while(|monday| *monday <= last)
        .filter(|monday| is_holiday(*monday))
        .map(|monday| at(monday, slot).format("%Y%m%dT%H%M%S").to_string())
        .collect();
    let start = at(first, slot);
    let mut event = begin(&format!("{}-{}-hebdo@planning.example", cohort.file, first.year()), now);
    event.push(paris("DTSTART", start));
    event.push(paris("DTEND", start + TimeDelta::minutes(slot.minutes)));
    event.push(format!("RRULE:FREQ=WEEKLY;UNTIL={}T215959Z", last.format("%Y%m%d")));
    event.push(format!("EXDATE;TZID=Europe/Paris:{}", off.join(",")));
    event.extend(words(cohort, slot));
    event.push("END:VEVENT".to_owned());
    event
}

/// The first Monday of September and the last day of July of the year that `today` belongs to; August looks ahead.
fn school_year(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let year = if today.month() >= 8 { today.year() } else { today.year() - 1 };
    let first = NaiveDate::from_weekday_of_month_opt(year, 9, Weekday::Mon, 1);
    let last = NaiveDate::from_ymd_opt(year + 1, 7, 31);
    (first.unwrap_or(today), last.unwrap_or(today))
}

fn open_day(cohort: &Cohort, monday: NaiveDate, now: DateTime<Utc>) -> Option<Vec<String>> {
    if week_count(monday) % 6 != 0 {
        return None;
    }
    let saturday = monday + Days::new(5);
    let sunday = saturday + Days::new(1);
    let mut event = begin(&format!("{}-jpo-{saturday}@planning.example", cohort.file), now);
    event.push(format!("DTSTART;VALUE=DATE:{}", saturday.format("%Y%m%d")));
    event.push(format!("DTEND;VALUE=DATE:{}", sunday.format("%Y%m%d")));
    event.push("SUMMARY:Journée portes ouvertes".to_owned());
    event.push(format!("DESCRIPTION:{}", text(OPEN_DAY)));
    event.push("TRANSP:TRANSPARENT".to_owned());
    event.push("END:VEVENT".to_owned());
    Some(event)
}

const OPEN_DAY: &str = "Accueil des lycéens à partir de 9 h, hall du bâtiment A.\n\
    Au programme :\n\
    - visite des salles de travaux pratiques ;\n\
    - rencontre avec les enseignants, les étudiantes et les étudiants ;\n\
    - café, gâteaux « maison » et réponses à toutes les questions.\n\
    \n\
    Volontaires : s’inscrire auprès du secrétariat avant jeudi.";

fn begin(uid: &str, now: DateTime<Utc>) -> Vec<String> {
    vec!["BEGIN:VEVENT".to_owned(), format!("UID:{uid}"), format!("DTSTAMP:{}", utc(now))]
}

fn words(cohort: &Cohort, slot: &Slot) -> Vec<String> {
    let mut about = format!("{}\nEnseignant : {}\nGroupe : {}", slot.kind, slot.teacher, cohort.name);
    if !slot.note.is_empty() {
        about.push('\n');
        about.push_str(slot.note);
    }
    vec![
        format!("SUMMARY:{}", text(&format!("{} - {}", slot.subject, slot.kind))),
        format!("LOCATION:{}", text(slot.room)),
        format!("DESCRIPTION:{}", text(&about)),
        format!("CATEGORIES:{}", slot.kind),
    ]
}

fn at(monday: NaiveDate, slot: &Slot) -> NaiveDateTime {
    let (hour, minute) = slot.start;
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    (monday + Days::new(slot.day)).and_time(time)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::TimeZone;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, 5, 45, 0).unwrap()
    }

    fn first_days_of_months() -> Vec<DateTime<Utc>> {
        (2025..2030).flat_map(|year| (1..=12).map(move |month| day(year, month, 1))).collect()
    }

    fn property<'a>(event: &'a [String], name: &str) -> Option<&'a str> {
        let value = event.iter().find_map(|line| line.strip_prefix(name))?;
        value.split_once(':').map(|(_, value)| value)
    }

    #[test]
    fn the_same_date_gives_the_same_bytes() {
        let school = School::sample();
        let now = day(2026, 11, 21);
        assert_eq!(school.ics("2a-sr", now), school.ics("2A-SR", now));
        assert!(school.ics("3b", now).is_none());
    }

    #[test]
    fn a_lesson_keeps_its_words_while_the_window_moves() {
        for cohort in School::sample().cohorts() {
            let words = |now| -> HashSet<Vec<String>> {
                let events = events(cohort, now).into_iter();
                events.map(|e| e.into_iter().filter(|l| !l.starts_with("DTSTAMP")).collect()).collect()
            };
            let (today, later) = (words(day(2026, 11, 21)), words(day(2026, 12, 5)));
            assert!(today.intersection(&later).count() * 4 > today.len() * 3);
        }
    }

    #[test]
    fn uids_are_unique_in_every_season() {
        for now in first_days_of_months() {
            for cohort in School::sample().cohorts() {
                let events = events(cohort, now);
                let uids: HashSet<_> = events.iter().filter_map(|e| property(e, "UID")).collect();
                assert_eq!(uids.len(), events.len(), "{} at {now}", cohort.name);
            }
        }
    }

    #[test]
    fn every_season_has_a_rule_an_exception_a_whole_day_and_a_cancelled_lesson() {
        for now in first_days_of_months() {
            for cohort in School::sample().cohorts() {
                let ics = lines::print(&events(cohort, now).concat());
                for needle in ["RRULE:FREQ=WEEKLY", "EXDATE;", "DTSTART;VALUE=DATE:", "STATUS:CANCELLED", "\\n"] {
                    assert!(ics.contains(needle), "{needle} in {} at {now}", cohort.name);
                }
            }
        }
    }

    #[test]
    fn every_season_has_lessons_before_and_after_today() {
        for now in first_days_of_months() {
            let stamp = now.format("%Y%m%d").to_string();
            for cohort in School::sample().cohorts() {
                let events = events(cohort, now);
                let starts: Vec<_> = events.iter().filter_map(|e| property(e, "DTSTART")).collect();
                let past = starts.iter().filter(|start| **start < stamp.as_str()).count();
                assert!(past >= 10 && starts.len() - past >= 60, "{} at {now}: {past}", cohort.name);
            }
        }
    }

    #[test]
    fn every_excepted_date_is_one_that_the_rule_makes() {
        for now in first_days_of_months() {
            for cohort in School::sample().cohorts() {
                let event = weekly(cohort, now.date_naive(), now);
                let weekday = |stamp: &str| NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%S").unwrap();
                let start = weekday(property(&event, "DTSTART").unwrap());
                for stamp in property(&event, "EXDATE").unwrap().split(',') {
                    assert_eq!((weekday(stamp) - start).num_days() % 7, 0);
                    assert_eq!(weekday(stamp).time(), start.time());
                }
            }
        }
    }

    #[test]
    fn nobody_is_in_two_places_at_once() {
        for cohort in School::sample().cohorts() {
            let slots: Vec<_> = cohort.slots.iter().chain([&cohort.weekly]).collect();
            for (n, a) in slots.iter().enumerate() {
                for b in slots.iter().skip(n + 1) {
                    let begins = |s: &Slot| i64::from(s.start.0 * 60 + s.start.1);
                    let apart = begins(a) + a.minutes <= begins(b) || begins(b) + b.minutes <= begins(a);
                    let turns = matches!((a.weeks, b.weeks), (Weeks::Even, Weeks::Odd) | (Weeks::Odd, Weeks::Even));
                    assert!(a.day != b.day || apart || turns, "{} and {}", a.subject, b.subject);
                }
            }
        }
    }
}
