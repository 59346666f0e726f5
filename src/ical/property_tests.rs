//! What must hold for any input at all, and our rules against those of the `rrule` crate.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::expand::Expansion;
use super::property::lines;
use super::rule::Rule;
use super::*;

/// Prints a calendar as it was read: one VCALENDAR with the header lines first.
pub(super) fn reprint(calendar: &Calendar) -> Vec<u8> {
    let mut printer = Printer::new();
    printer.line("BEGIN:VCALENDAR");
    calendar.header_lines().for_each(|line| printer.line(line));
    calendar.components().for_each(|component| printer.component(component.text));
    printer.line("END:VCALENDAR");
    printer.finish()
}

/// All that was said of a body that is taken.
pub(super) fn assert_is_taken_whole(body: &[u8], calendar: &Calendar) {
    let printed = reprint(calendar);
    assert!(printed.ends_with(b"\r\n"));
    assert!(printed.split(|byte| *byte == b'\n').all(|line| line.len() <= 76), "{body:?}");
    let again = parse(&printed, None).unwrap();
    let texts = |calendar: &Calendar| calendar.components().map(|c| c.text.to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(calendar), texts(&again));
    assert!(calendar.header_lines().eq(again.header_lines()));
    assert_eq!(printed, reprint(&again));
}

/// The logical lines of a body in UTF-8 with LF or CRLF, unfolded in the plainest way.
pub(super) fn plain_lines(body: &str) -> Vec<String> {
    let unfolded = body.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    unfolded.split('\n').filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn look_at_everything(calendar: &Calendar) {
    let zones = Zones::read(calendar.zones(), chrono_tz::Europe::Paris);
    let events: Vec<_> = calendar.components().map(|component| read_event(component.text, &zones)).collect();
    for component in calendar.components() {
        assert_eq!(content_key(component.text), content_key(component.text));
        tzids_used(component.text)
            .for_each(|tzid| assert!(iana(tzid).is_none_or(|tz| vtimezone(tz).contains("STANDARD"))));
    }
    for event in &events {
        assert!(event.end >= event.start);
    }
    let mut budget = Budget::new(20_000);
    let from = DateTime::<Utc>::from_timestamp(1_700_000_000, 0).unwrap();
    let found = occurrences(&events, &zones, from, from + TimeDelta::days(400), 100, &mut budget);
    assert!(found.len() <= 100 && found.is_sorted_by_key(|o| (o.start, o.event)));
    occurrences(&events, &zones, DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, 100, &mut budget);
}

/// A value of a kind that a careless or hostile site sends.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~éà€🎓\t]{0,120}",
        "[0-9]{8}T[0-9]{6}Z?",
        "(0000|1970|2026|9999)(01|02|12)(01|30|31)(T(00|23|24)(00|59)(00|60)Z?)?",
        "-?P[0-9]{1,19}[WDS]|PT[0-9]{1,20}[HMS]",
        rule_text(),
    ]
}

fn property() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("DTSTART"),
        Just("DTEND"),
        Just("DURATION"),
        Just("RRULE"),
        Just("RDATE"),
        Just("EXDATE"),
        Just("UID"),
        Just("RECURRENCE-ID"),
        Just("SUMMARY"),
        Just("x-thing"),
        Just("DTSTAMP"),
        Just("TZOFFSETTO"),
        Just("TZID"),
    ];
    let params =
        prop_oneof![Just(""), Just(";VALUE=DATE"), Just(";TZID=Europe/Paris"), Just(";X=\"a:b;c\""), Just(";TZID=Own")];
    (name, params, value()).prop_map(|(name, params, value)| format!("{name}{params}:{value}"))
}

fn component() -> impl Strategy<Value = String> {
    let leaf = prop::collection::vec(property(), 0..8);
    let names = prop_oneof![Just("VEVENT"), Just("VTIMEZONE"), Just("vtodo"), Just("STANDARD"), Just("X-A")];
    (names, leaf, prop::option::of(prop::collection::vec(property(), 0..4))).prop_map(|(name, lines, inner)| {
        let inner =
            inner.map_or(String::new(), |lines| format!("BEGIN:DAYLIGHT\n{}\nEND:DAYLIGHT\n", lines.join("\n")));
        format!("BEGIN:{name}\n{}\n{inner}END:{name}\n", lines.join("\n"))
    })
}

fn rule_text() -> impl Strategy<Value = String> {
    let frequency = prop_oneof![Just("YEARLY"), Just("MONTHLY"), Just("WEEKLY"), Just("DAILY"), Just("HOURLY")];
    let part = prop_oneof![
        (1..5).prop_map(|n| format!("INTERVAL={n}")),
        prop::collection::vec(1..=12, 1..4).prop_map(|list| numbers("BYMONTH", &list)),
        prop::collection::vec(prop_oneof![1..=31, -31..=-1], 1..4).prop_map(|list| numbers("BYMONTHDAY", &list)),
        prop::collection::vec(prop_oneof![1..=366, -366..=-1], 1..4).prop_map(|list| numbers("BYYEARDAY", &list)),
        prop::collection::vec(prop_oneof![1..=51, -51..=-1], 1..4).prop_map(|list| numbers("BYWEEKNO", &list)),
        prop::collection::vec(prop_oneof![1..=4, -4..=-1], 1..3).prop_map(|list| numbers("BYSETPOS", &list)),
        prop::collection::vec(0..=23, 1..4).prop_map(|list| numbers("BYHOUR", &list)),
        prop::collection::vec(0..=59, 1..3).prop_map(|list| numbers("BYMINUTE", &list)),
        "BYDAY=(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU)){0,2}",
        "BYDAY=-?[1-4](MO|TU|WE|TH|FR|SA|SU)(,-?[1-4](MO|TU|WE|TH|FR|SA|SU)){0,2}",
        "WKST=(MO|SU|TH)",
        (1..40).prop_map(|n| format!("COUNT={n}")),
    ];
    (frequency, prop::collection::vec(part, 0..4))
        .prop_map(|(frequency, parts)| [vec![format!("FREQ={frequency}")], parts].concat().join(";"))
}

fn numbers(name: &str, list: &[i32]) -> String {
    let list: Vec<String> = list.iter().map(i32::to_string).collect();
    format!("{name}={}", list.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..600), wrapped in any::<bool>()) {
        let body = if wrapped { [b"BEGIN:VCALENDAR\r\nX:", body.as_slice(), b"\r\nEND:VCALENDAR\r\n"].concat() } else { body };
        for header in [None, Some("text/calendar; charset=iso-8859-1"), Some("x; charset=shift_jis"), Some("x; charset=iso-2022-jp")] {
            decode(&body, header);
            if let Ok(calendar) = parse(&body, header) {
                assert_is_taken_whole(&body, &calendar);
                look_at_everything(&calendar);
            }
        }
    }

    #[test]
    fn a_calendar_is_taken_whole_and_read_without_panic(
        header in prop::collection::vec(property(), 0..3),
        components in prop::collection::vec(component(), 0..5),
        crlf in any::<bool>(),
    ) {
        let header: String = header.iter().map(|line| format!("{line}\n")).collect();
        let body = format!("BEGIN:VCALENDAR\n{header}{}END:VCALENDAR\n", components.concat());
        let sent = if crlf { body.replace('\n', "\r\n") } else { body };
        let calendar = parse(sent.as_bytes(), None).unwrap();
        assert_is_taken_whole(sent.as_bytes(), &calendar);
        let printed = String::from_utf8(reprint(&calendar)).unwrap();
        assert_eq!(plain_lines(&printed), plain_lines(&sent));
        look_at_everything(&calendar);
    }

    #[test]
    fn a_bitten_calendar_is_refused_or_taken_whole(components in prop::collection::vec(component(), 1..4), at in 0usize..2000, len in 0usize..20) {
        let mut body = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", components.concat().replace('\n', "\r\n")).into_bytes();
        let at = at % body.len();
        body.drain(at..(at + len).min(body.len()));
        match parse(&body, None) {
            Ok(calendar) => assert_is_taken_whole(&body, &calendar),
            Err(error) => assert!(error.line() >= 1),
        }
    }

    #[test]
    fn a_content_key_knows_no_order(seed in any::<u64>(), properties in prop::collection::vec(property(), 0..8), inner in prop::collection::vec(component(), 0..4)) {
        let properties: Vec<_> = properties.into_iter().map(|line| line + "\n").collect();
        let mut parts = [properties, inner].concat();
        let text = |parts: &[String]| format!("BEGIN:VEVENT\n{}END:VEVENT\n", parts.concat());
        let first = text(&parts);
        let count = parts.len().max(1);
        for n in 0..parts.len() {
            parts.swap(n, (seed >> n) as usize % count);
        }
        parts.push("dtstamp:20260101T000000Z\n".to_owned());
        assert_eq!(content_key(&first), content_key(&text(&parts)));
        assert_eq!(content_key_without_uid(&first), content_key_without_uid(&text(&parts)));
    }

    #[test]
    fn texts_come_back_from_their_escape(text in "[^\\p{Cc}]{0,80}\n?[^\\p{Cc}]{0,9}") {
        assert_eq!(unescape(&escape(&text)), text.as_str());
    }

    #[test]
    fn a_fold_anywhere_is_taken_out(text in "[a-zé€🎓]{1,60}", at in 0usize..200) {
        let mut line = format!("SUMMARY:{text}").into_bytes();
        let at = at % line.len() + 1;
        line.splice(at..at, *b"\r\n ");
        let body = [b"BEGIN:VCALENDAR\r\n", line.as_slice(), b"\r\nEND:VCALENDAR\r\n"].concat();
        let calendar = parse(&body, None).unwrap();
        assert_eq!(calendar.header_lines().collect::<Vec<_>>(), [format!("SUMMARY:{text}")]);
    }

    #[test]
    fn rules_make_what_the_rrule_crate_makes(text in rule_text(), day in 0i64..3000, skip in 0i64..800) {
        let start = DateTime::<Utc>::from_timestamp(1_600_000_000 + day * 86_400, 0).unwrap();
        let (first, last) = (start + TimeDelta::days(skip), start + TimeDelta::days(1500));
        let Some(theirs) = theirs(&text, start, first, last) else { return Ok(()) };
        let rule = Rule::read(&text).unwrap();
        let mut steps = 10_000_000;
        let window = (first.naive_utc(), last.naive_utc());
        let ours: Vec<_> = Expansion::new(&rule, start.naive_utc(), window, &mut steps)
            .map(|local| local.and_utc())
            .take_while(|time| *time < last)
            .filter(|time| *time >= first && *time > start)
            .collect();
        let differing = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differing, None, "{text} from {start}");
        assert_eq!(ours.len(), theirs.len(), "{text} from {start}");
    }
}

/// What the `rrule` crate makes of a rule after its start; None where it has another reading of the
/// standard: it does not count a start that the rule does not name, takes numbers before weekdays for
/// rules in which 3.3.10 forbids them, and reads the last of a part that is there twice.
fn theirs(text: &str, start: DateTime<Utc>, first: DateTime<Utc>, last: DateTime<Utc>) -> Option<Vec<DateTime<Utc>>> {
    let distinct: std::collections::HashSet<_> = text.split(';').filter_map(|part| part.split('=').next()).collect();
    if distinct.len() < text.split(';').count() {
        return None;
    }
    let numbered = text.split("BYDAY=").nth(1).is_some_and(|days| days.starts_with(|c: char| !c.is_ascii_alphabetic()));
    if numbered && text.contains("BYWEEKNO")
        || numbered && !text.starts_with("FREQ=MONTHLY") && !text.starts_with("FREQ=YEARLY")
    {
        return None;
    }
    let begin = start.with_timezone(&rrule::Tz::UTC);
    let rule = text.parse::<rrule::RRule<rrule::Unvalidated>>().ok()?.validate(begin).ok()?;
    let set = rrule::RRuleSet::new(begin).rrule(rule).limit();
    let all: Vec<_> = set.into_iter().map(|time| time.to_utc()).take_while(|time| *time < last).collect();
    if text.contains("COUNT") && all.first() != Some(&start) {
        return None;
    }
    Some(all.into_iter().filter(|time| *time >= first && *time > start).collect())
}

#[test]
fn hostile_shapes_are_answered_at_once() {
    let long = "x".repeat(400_000);
    let dates = "20260101T000000,".repeat(20_000);
    let uid = format!("UID:{long}\r\nDTSTART:20260101T000000Z\r\n");
    let moved = format!(
        "BEGIN:VEVENT\r\n{uid}RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n{uid}RECURRENCE-ID:20260101T000000Z\r\nEND:VEVENT"
    );
    let zoned = format!("BEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\nRDATE;TZID={long}:{dates}\r\nEND:VEVENT");
    let shapes: [Vec<u8>; 8] = [
        format!("BEGIN:VCALENDAR\r\n{moved}\r\nEND:VCALENDAR").into_bytes(),
        format!("BEGIN:VCALENDAR\r\n{zoned}\r\nEND:VCALENDAR").into_bytes(),
        [b"BEGIN:VCALENDAR\r\nX:".as_slice(), &vec![b'a'; 2_000_000], b"\r\nEND:VCALENDAR"].concat(),
        [b"BEGIN:VCALENDAR\r\nX:".as_slice(), &b"\r\n ".repeat(300_000), b"\r\nEND:VCALENDAR"].concat(),
        [b"BEGIN:VCALENDAR\r\nX;A=\"".as_slice(), &b":;\"".repeat(300_000), b"\r\nEND:VCALENDAR"].concat(),
        b"BEGIN:X\r\n".repeat(100_000),
        vec![0; 1_000_000],
        [
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=".as_slice(),
            &b"/".repeat(500_000),
            b":20260101T000000\r\nEND:VEVENT\r\nEND:VCALENDAR",
        ]
        .concat(),
    ];
    let started = std::time::Instant::now();
    for body in shapes {
        if let Ok(calendar) = parse(&body, None) {
            assert_is_taken_whole(&body, &calendar);
            look_at_everything(&calendar);
            assert!(calendar.components().all(|component| lines(component.text).count() > 1));
        }
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
