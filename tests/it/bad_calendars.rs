//! What a hostile or broken site sends instead of a calendar: refused with the number of a line, or taken whole; quickly,
//! and never half.

use std::time::{Duration, Instant};

use crate::app::{App, calendar, days, event, logical};
use crate::upstream::{Reply, Upstream};

/// A cohort that serves three events already, and the site that they came from.
async fn serving() -> (App, Upstream) {
    App::test().with_feed(&calendar(&days(3))).await
}

/// What comes of a body; what was served before must still be served where it is refused.
async fn outcome(body: Vec<u8>) -> Result<String, String> {
    let (app, site) = serving().await;
    let before = app.ics().await;
    site.answers(Reply::ics(body));
    let start = Instant::now();
    let answer = app.refresh("sr").await;
    let served = app.ics().await;
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
    if answer.status == 200 {
        return Ok(served);
    }
    assert!(served == before, "what is refused changes nothing");
    let detail = answer.json(502)["detail"].as_str().unwrap().to_owned();
    Err(detail)
}

fn with_line(line: &str) -> Vec<u8> {
    let mut events = days(3);
    events.push(event("bad@site", "2026-11-24T09:00:00Z", &[line]));
    calendar(&events).into_bytes()
}

#[tokio::test]
async fn what_cannot_be_taken_whole_is_refused_with_its_line() {
    let whole = calendar(&days(3));
    let nested = [
        whole.replace("END:VCALENDAR\r\n", ""),
        "BEGIN:X-A\r\n".repeat(100_000),
        "END:X-A\r\n".repeat(100_000),
        "END:VCALENDAR\r\n".into(),
    ]
    .concat();
    let rows: &[(&str, Vec<u8>, &str)] = &[
        ("without END", whole.replace("END:VCALENDAR\r\n", "").into_bytes(), "line 24"),
        ("cut in an event", whole.as_bytes()[..whole.len() - 60].to_vec(), "line"),
        ("nested without end", nested.into_bytes(), "nested more than 64 deep"),
        ("unbalanced", whole.replacen("END:VEVENT", "END:VTODO", 1).into_bytes(), "line 10"),
        ("an END too many", whole.replacen("END:VEVENT", "END:VEVENT\r\nEND:VEVENT", 1).into_bytes(), "line 11"),
        ("a line that is none", with_line("what is this"), "line 30"),
        ("a page behind it", [whole.as_bytes(), b"<br>Warning: mysql"].concat(), "line 26"),
        ("nothing", Vec::new(), "empty answer"),
        ("blanks", b" \r\n \r\n".to_vec(), "empty answer"),
        ("JSON", b"{\"error\": 1}".to_vec(), "line 1"),
        ("no event", calendar(&[]).into_bytes(), "no event at all"),
        ("an event alone", days(1).concat().into_bytes(), "without its BEGIN:VCALENDAR"),
        ("binary", (0..=255).cycle().take(100_000).collect(), "line"),
    ];
    for (name, body, told) in rows {
        let refused = outcome(body.clone()).await.expect_err(name);
        assert!(refused.contains(told), "{name}: {refused}");
        assert!(!refused.contains('\n') && refused.len() < 400, "{name}: {refused}");
    }
}

#[tokio::test]
async fn what_is_odd_and_whole_is_taken_whole() {
    let long = format!("X-LONG:{}", "é".repeat(1_000_000));
    let rows: &[(&str, Vec<u8>, usize)] = &[
        ("a lone CR", with_line("SUMMARY:a\rb"), 4),
        ("NUL bytes", with_line("SUMMARY:a\0b"), 4),
        ("a line of 2 MB", with_line(&long), 4),
        ("every second for ever", with_line("RRULE:FREQ=SECONDLY"), 4),
        ("every second, and not", with_line("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), 4),
        ("a rule of the far future", with_line("RRULE:FREQ=YEARLY;INTERVAL=4000000000"), 4),
        ("a rule that is none", with_line("RRULE:FREQ=;;;=,BYDAY"), 4),
        (
            "an end before the start",
            with_line("X-A:1").replace(b"DTEND:20261124T103000Z", b"DTEND:20251124T103000Z"),
            4,
        ),
        (
            "a date that is none",
            with_line("X-A:1").replace(b"DTSTART:20261124T090000Z", b"DTSTART:20261399T999999Z"),
            4,
        ),
        (
            "a year that is none",
            with_line("X-A:1").replace(b"DTSTART:20261124T090000Z", b"DTSTART:99991231T235959Z"),
            4,
        ),
        ("a duration of ages", with_line("X-A:1").replace(b"DTEND:20261124T103000Z", b"DURATION:P99999999999W"), 4),
        ("old Macintosh", calendar(&days(4)).replace("\r\n", "\r").into_bytes(), 4),
        ("blank lines", calendar(&days(4)).replace("\r\n", "\r\n\r\n").into_bytes(), 4),
        ("broken UTF-8", with_line("X-A:1").replace(b"X-A:1", b"X-A:\xC3\x28\xFF"), 4),
    ];
    for (name, body, events) in rows {
        let served = outcome(body.clone()).await.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(served.matches("BEGIN:VEVENT").count(), *events, "{name}");
        let lines = logical(&served);
        assert_eq!(
            (lines[0].as_str(), lines[lines.len() - 1].as_str()),
            ("BEGIN:VCALENDAR", "END:VCALENDAR"),
            "{name}"
        );
        assert!(!served.contains('\0') && !served.replace("\r\n", "").contains('\r'), "{name}");
    }
}

trait Replace {
    fn replace(self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Replace for Vec<u8> {
    fn replace(self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).position(|window| window == from).expect("what is to be replaced");
        [&self[..at], to, &self[at + from.len()..]].concat()
    }
}

#[tokio::test]
async fn the_csv_of_a_rule_for_ever_comes_to_an_end() {
    let (app, site) = serving().await;
    for rule in ["FREQ=SECONDLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY", "FREQ=DAILY;INTERVAL=0"] {
        site.answers(Reply::ics(with_line(&format!("RRULE:{rule}"))));
        app.refresh("sr").await.json(200);
        let start = Instant::now();
        let csv = app.get("/calendars/2a-sr.csv").await.text(200);
        assert!(start.elapsed() < Duration::from_secs(20), "{rule} took {:?}", start.elapsed());
        assert!(csv.lines().count() > 3 && csv.contains("Cours 3"), "{rule}: an endless rule must not hide the rest");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_such() {
    let bomb = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &with_line(&"X".repeat(17 * 1024 * 1024))).unwrap();
        encoder.finish().unwrap()
    };
    let (app, site) = serving().await;
    let before = app.ics().await;
    site.answers(Reply::ics(bomb).header("Content-Encoding", "gzip"));
    app.refresh("sr").await.json(502);
    assert_eq!(app.feed("sr").await["status"]["last_error_class"], "too_large");
    assert_eq!(app.ics().await, before);
}
