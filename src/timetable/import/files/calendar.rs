//! The events of an .ics file: each time that an event takes place is a row, within 400 days back and two years ahead.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::bad_cells::BadCells;
use super::{EventsRead, Headers, ImportError, ImportRow, Terms, Words};
use crate::ical::{
    Budget, Event, Kind, Occurrence, Of, Zones, occurrences, own_properties, parse, read_event, unescape,
};
use crate::sheets::{BYTES_AT_MOST, ROWS_AT_MOST, SentFile, TEXT_AT_MOST};
use crate::timetable::table::unmarked;
use crate::timetable::tables::LONGEST;

const BACK: TimeDelta = TimeDelta::days(400);
const AHEAD: TimeDelta = TimeDelta::days(2 * 366);
const BUDGET: u32 = 2_000_000;
/// The slugs of an event's cohorts, with blanks between them, in a calendar that we exported: there each event has it, and
/// none has in those that subscribers get.
pub(in crate::timetable) const COHORTS: &str = "X-CARILLON-COHORTS";
/// Likewise the login of its teacher.
pub(in crate::timetable) const TEACHER: &str = "X-CARILLON-TEACHER";
/// Letters of a category that are taken as the kind, as in the calendars and tables that go out.
const LONGEST_KIND: usize = 40;
/// So many lines of a calendar are named where something of it is left out.
const LINES_TOLD: usize = 10;
/// The properties that say our fields.
const PROPERTIES: [(&str, &str); 8] = [
    ("start", "DTSTART"),
    ("end", "DTEND"),
    ("subject", "SUMMARY"),
    ("kind", "CATEGORIES"),
    ("notes", "DESCRIPTION"),
    ("room", "LOCATION"),
    ("teacher", TEACHER),
    ("cohort", COHORTS),
];

/// Is the file a calendar, by its content or by what it is called?
pub(super) fn is_calendar(upload: &SentFile<'_>) -> bool {
    let head = upload.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(upload.bytes).trim_ascii_start();
    let begins = head.get(..15).is_some_and(|head| head.eq_ignore_ascii_case(b"BEGIN:VCALENDAR"));
    begins || upload.name.to_ascii_lowercase().ends_with(".ics")
}

/// Reads it. Whose events they are, only a calendar says that we exported.
pub(super) fn read(upload: &SentFile<'_>, terms: &Terms<'_>) -> Result<EventsRead, ImportError> {
    let size_bytes = upload.bytes.len();
    if size_bytes > BYTES_AT_MOST {
        return Err(ImportError::TooLarge { size_bytes });
    }
    let calendar = parse(upload.bytes, upload.content_type)?;
    let zones = Zones::read(calendar.zones(), terms.zone);
    let of_events = || calendar.components().filter(|component| component.kind == Kind::Event);
    let lines: Vec<u32> = of_events().map(|component| component.line).collect();
    let own: Vec<Own> = of_events()
        .map(|component| Own::read(component.text, terms.cohort))
        .collect::<Option<_>>()
        .ok_or(ImportError::NoCohort)?;
    let events: Vec<Event<'_>> = of_events().map(|component| read_event(component.text, &zones)).collect();
    let (from, to) = (terms.now - BACK, terms.now + AHEAD);
    let mut found = occurrences(&events, &zones, from, to, ROWS_AT_MOST + 1, &mut Budget::new(BUDGET));
    let warnings = left_out(&events, &lines, &found);
    found.retain(|at| at.of == Of::Itself && !is_too_long(at));
    check_size(&events, &found)?;
    let mut bad = BadCells::default();
    let undated = events.iter().zip(&lines).filter(|(event, _)| event.start.is_none());
    undated.for_each(|(_, line)| bad.add(*line, "DTSTART", "is missing or no date: say when the event begins"));
    let rows = found.iter().filter_map(|at| {
        let (event, line, own) = (events.get(at.event)?, lines.get(at.event)?, own.get(at.event)?);
        row(event, at, (*line, own), &mut bad)
    });
    let rows: Vec<_> = rows.collect();
    let (errors, errors_untold) = (bad.told, bad.untold);
    let headers = Headers(PROPERTIES.map(|(field, name)| (field, name.to_owned())).to_vec());
    Ok(EventsRead { rows, errors, errors_untold, warnings, headers })
}

fn is_too_long(at: &Occurrence) -> bool {
    at.end - at.start > LONGEST
}

/// What our own properties say of an event.
struct Own {
    cohorts: Vec<String>,
    teacher: Option<String>,
    words: Words,
}

impl Own {
    /// None where neither the event nor somebody says whose it is.
    fn read(event: &str, cohort: Option<&str>) -> Option<Self> {
        let said = |name| own_properties(event).find(|property| property.is(name)).map(|found| unescape(found.value));
        let exported = said(COHORTS);
        let words = if exported.is_some() { Words::Own } else { Words::Calendar };
        let cohorts = match cohort {
            Some(cohort) => vec![cohort.to_owned()],
            None => exported?.split_whitespace().map(str::to_owned).collect(),
        };
        let teacher = said(TEACHER).map(|login| login.trim().to_owned()).filter(|login| !login.is_empty());
        Some(Self { cohorts, teacher, words })
    }
}

/// A text is copied into each repetition of its event.
fn check_size(events: &[Event<'_>], found: &[Occurrence]) -> Result<(), ImportError> {
    let text = |event: &Event<'_>| event.summary.len() + event.location.len() + event.description.len();
    let text_bytes: usize = found.iter().filter_map(|at| events.get(at.event)).map(text).sum();
    match found.len() > ROWS_AT_MOST || text_bytes > TEXT_AT_MOST {
        true => Err(ImportError::TooMany),
        false => Ok(()),
    }
}

/// What of a calendar makes no row, and why.
fn left_out(events: &[Event<'_>], lines: &[u32], found: &[Occurrence]) -> Vec<String> {
    let of = |wanted: &dyn Fn(&&Occurrence) -> bool| -> BTreeSet<usize> {
        found.iter().filter(wanted).map(|at| at.event).collect()
    };
    let shown = of(&|_| true);
    let outside = (0..).zip(events).filter(|(index, event)| event.start.is_some() && !shown.contains(index));
    let outside = outside.map(|(index, _)| index).collect();
    let (days, longest) = (BACK.num_days(), LONGEST.num_days());
    let told = [
        (outside, format!("events that ended more than {days} days ago or begin in more than two years")),
        (of(&|at| is_too_long(at)), format!("longer than {longest} days, which no event may be")),
        (of(&|at| at.of == Of::Rule), "repeated by a rule that makes too many of them to be laid out".to_owned()),
    ];
    let told = told.into_iter().filter(|(which, _)| !which.is_empty());
    told.map(|(which, why)| format!("{} left out: {why} ({})", which.len(), lines_told(&which, lines))).collect()
}

/// `line 12, 40 and 3 more`.
fn lines_told(which: &BTreeSet<usize>, lines: &[u32]) -> String {
    let some: Vec<_> =
        which.iter().filter_map(|index| lines.get(*index)).take(LINES_TOLD).map(u32::to_string).collect();
    let more = which.len().saturating_sub(some.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("line {}{more}", some.join(", "))
}

fn row(event: &Event<'_>, at: &Occurrence, (number, own): (u32, &Own), bad: &mut BadCells) -> Option<ImportRow> {
    let before = bad.count();
    if event.summary.trim().is_empty() {
        bad.add(number, "SUMMARY", "is missing: say what the event is");
    }
    if at.end <= at.start {
        bad.add(number, "DTEND", "must be after the start");
    }
    // Of what we exported the STATUS says whether it takes place; a mark without it is a part of the subject.
    let (subject, marked) = match own.words {
        Words::Own if !event.cancelled => (event.summary.to_string(), false),
        _ => unmarked(&event.summary),
    };
    let room = Some(event.location.trim()).filter(|room| !room.is_empty());
    let kind = event.categories.first().map(|kind| kind.trim().chars().take(LONGEST_KIND).collect());
    (bad.count() == before).then(|| ImportRow {
        number,
        event_id: None,
        uid: event.uid.filter(|_| !event.is_recurring() && event.recurrence_id.is_none()).map(str::to_owned),
        words: own.words,
        start: at.start,
        end: at.end,
        subject,
        kind: kind.unwrap_or_default(),
        notes: event.description.to_string(),
        room: room.map(str::to_owned),
        teacher: own.teacher.clone(),
        cohorts: own.cohorts.clone(),
        numeric_room_id: None,
        numeric_user_id: None,
        numeric_promo_id: None,
        source: None,
        cancelled: event.cancelled || marked,
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::clock::local;

    fn read_text(text: &str, cohort: Option<&str>) -> Result<EventsRead, ImportError> {
        let body = format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n");
        let upload = SentFile { bytes: body.as_bytes(), name: "", content_type: None };
        read(&upload, &Terms { zone: Paris, now: "2026-11-20T12:00:00Z".parse().unwrap(), cohort })
    }

    const WEEKLY: &str = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T080000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n\
        EXDATE:20261130T080000\r\nSUMMARY:Algèbre\r\nLOCATION: B12 \r\nDESCRIPTION:a\\nb\r\nCATEGORIES:CM,x\r\nEND:VEVENT\r\n";

    #[test]
    fn each_occurrence_is_a_row() {
        let read = read_text(WEEKLY, Some("2a")).unwrap();
        let starts: Vec<_> = read.rows.iter().map(|row| local(row.start, Paris)).collect();
        assert_eq!(starts, ["2026-11-23T08:00:00+01:00", "2026-12-07T08:00:00+01:00"]);
        let row = &read.rows[0];
        assert_eq!((row.number, row.subject.as_str(), row.kind.as_str()), (2, "Algèbre", "CM"));
        assert_eq!((row.room.as_deref(), row.notes.as_str(), row.uid.as_deref()), (Some("B12"), "a\nb", None));
        assert_eq!(row.cohorts, ["2a"]);
    }

    #[test]
    fn what_we_exported_says_whose_it_is() {
        let own = "X-CARILLON-COHORTS:2a m2\r\nX-CARILLON-TEACHER:teo\r\nEND:VEVENT";
        let read = read_text(&WEEKLY.replace("END:VEVENT", own), None).unwrap();
        assert_eq!((read.rows[0].cohorts.join(","), read.rows[0].teacher.as_deref()), ("2a,m2".into(), Some("teo")));
        let read = read_text(&WEEKLY.replace("END:VEVENT", own), Some("3a")).unwrap();
        assert_eq!(read.rows[0].cohorts, ["3a"], "what somebody says counts");
    }

    #[test]
    fn what_is_bad_or_left_out_is_told() {
        let event = |lines: &str| format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\n");
        let text = event("SUMMARY:a\r\nDTSTART:20261123T080000\r\n")
            + &event("DTSTART:20261123T080000\r\nDTEND:20261123T090000\r\n")
            + &event("SUMMARY:c\r\n")
            + &event("SUMMARY:d\r\nDTSTART:20200101T080000\r\nDTEND:20200101T090000\r\n");
        let read = read_text(&text, Some("2a")).unwrap();
        let mut told: Vec<_> = read.errors.iter().map(|error| (error.row.unwrap(), error.field.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [(2, "DTEND"), (7, "SUMMARY"), (12, "DTSTART")]);
        assert!(read.warnings[0].starts_with("1 left out"), "{:?}", read.warnings);
    }

    #[test]
    fn what_is_too_long_or_too_much_is_left_out_and_told() {
        let long = WEEKLY.replace("DURATION:PT2H", "DURATION:P14D").replace("UID:1", "UID:2");
        let each_minute = WEEKLY.replace("WEEKLY;COUNT=3", "MINUTELY").replace("UID:1", "UID:3");
        let read = read_text(&[WEEKLY, &long, &each_minute].concat(), Some("2a")).unwrap();
        assert_eq!((read.rows.len(), read.errors.as_slice()), (2, [].as_slice()));
        let [long, minute] = read.warnings.as_slice() else { panic!("{:?}", read.warnings) };
        assert_eq!(long, "1 left out: longer than 7 days, which no event may be (line 13)");
        assert!(minute.starts_with("1 left out: repeated by a rule") && minute.ends_with("(line 24)"), "{minute}");
    }

    #[test]
    fn what_we_exported_says_by_its_status_whether_it_takes_place() {
        let marked = WEEKLY.replace("SUMMARY:", "SUMMARY:CANCELLED: ");
        let export =
            |status: &str| marked.replace("END:VEVENT", &format!("STATUS:{status}\r\n{COHORTS}:\r\nEND:VEVENT"));
        let cases = [
            (marked.clone(), Words::Calendar, "Algèbre", true),
            (export("CANCELLED"), Words::Own, "Algèbre", true),
            (export("CONFIRMED"), Words::Own, "CANCELLED: Algèbre", false),
        ];
        for (text, words, subject, cancelled) in cases {
            let row = &read_text(&text, Some("2a")).unwrap().rows[0];
            assert_eq!((row.words, row.subject.as_str(), row.cancelled), (words, subject, cancelled));
        }
    }

    #[test]
    fn a_calendar_needs_a_cohort_and_must_not_go_on_for_ever() {
        assert_eq!(read_text(WEEKLY, None), Err(ImportError::NoCohort));
        let hourly = WEEKLY.replace("WEEKLY;COUNT=3", "HOURLY");
        let two = hourly.clone() + &hourly.replace("UID:1", "UID:2");
        assert_eq!(read_text(&two, Some("2a")).unwrap_err(), ImportError::TooMany);
        let error = super::super::read_events(
            &SentFile { bytes: b"<html>", name: "a.ICS", content_type: None },
            &Terms { zone: Paris, now: chrono::DateTime::UNIX_EPOCH, cohort: Some("2a") },
        );
        assert!(error.unwrap_err().to_string().contains("line 1: not a calendar"));
    }
}
