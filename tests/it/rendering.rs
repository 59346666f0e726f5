//! The iCalendar text that goes out: what came in, logical line by logical line, and the four things that are ours.

use carillon::config::Language;
use chrono::{DateTime, TimeDelta};
use serde_json::json;

use crate::app::{App, NOW, at, calendar, days, event, event_lines, logical, value};
use crate::upstream::{Reply, Upstream};

const PARIS: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZOFFSETFROM:+0100\r\n\
    TZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

/// Every manner of line that a site may write, folded where no sane program would.
const ODD: &str = "BEGIN:VEVENT\r\nuid:odd@site\r\nDTSTAMP;X-A=1:20200101T000000Z\r\nDTSTART;TZID=Europe/Paris:20261125T090000\r\n\
    DTEND;TZID=\"Europe/Paris\":20261125T103000\r\nSUMMARY;LANGUAGE=fr:Él\r\n\tec\r\n tronique \\, \\; \\\\ \\n fin  \r\n\
    LOCATION;ALTREP=\"http://x/a;b:c,d\":Amphi : 3\\, nord\r\nDESCRIPTION;LANGUAGE=fr;X-P=\"q:r\":Premi\r\n ère ligne\r\n\
    X-EMPTY:\r\nx-Lower;x=y:Z\r\nX-TWICE:1\r\nX-TWICE:2\r\nCATEGORIES:TD,\"x\"\r\nGEO:48.8;2.3\r\n\
    ATTENDEE;CN=\"Doe, Jane\";ROLE=REQ-PARTICIPANT:mailto:jane@example.org\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA\r\n\
    CREATED:20200101T000000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Paris:20261202T090000\r\nX-TAB:a\tb\r\n\
    BEGIN:VALARM\r\nACTION:DISPLAY\r\nDTSTAMP:20200101T000000Z\r\nSEQUENCE:9\r\nDESCRIPTION:Rappel\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n\
    BEGIN:X-INNER\r\nUID:inner\r\nX-Y:z\r\nEND:X-INNER\r\nX-LAST:ünï😀\r\nEND:VEVENT\r\n";

const TASK: &str = "BEGIN:VTODO\r\nUID:todo@site\r\nDTSTAMP:20200101T000000Z\r\nSUMMARY:Rendre le TP\r\nEND:VTODO\r\n";
const UNKNOWN: &str = "BEGIN:X-ROOM\r\nX-NAME:2Z34\r\nBEGIN:X-SEAT\r\nX-N:1\r\nEND:X-SEAT\r\nEND:X-ROOM\r\n";

/// Compares with a file of `tests/data/served`; what is served now is left in the target folder, to be looked at.
pub fn is_as_kept(served: &str, name: &str) {
    let path = format!("{}/tests/data/served/{name}", env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if served != kept {
        let now = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&now, served).unwrap();
        panic!("what is served differs from {path}; see {now}:\n{served}");
    }
}

#[tokio::test]
async fn a_calendar_of_two_feeds_is_the_one_that_is_kept() {
    let app = App::test();
    let todo = TASK.to_owned();
    let (app, _site) = app.with_feed(&calendar(&[UNKNOWN.into(), ODD.into(), PARIS.into(), todo])).await;
    let second = Upstream::start();
    let plain = event("plain@site", "2026-11-24T09:00:00Z", &["SUMMARY:Réseaux", "LOCATION:2Z34"]);
    let named = "BEGIN:VEVENT\r\nUID:ny@site\r\nDTSTART;TZID=America/New_York:20261201T090000\r\nSUMMARY:Visio\r\nEND:VEVENT\r\n";
    second.answers(Reply::ics(calendar(&[PARIS.into(), plain, named.to_owned()])));
    app.later(TimeDelta::minutes(5));
    app.add_feed("other", "2a-sr", &second.url("/other.ics")).await;
    app.refresh("other").await.json(200);
    is_as_kept(&app.ics().await, "two-feeds.ics");
    is_as_kept(&app.get("/calendars/2a-sr.csv").await.text(200), "two-feeds.csv");
}

#[tokio::test]
async fn the_four_things_are_written_in_an_event_and_no_other() {
    let body = calendar(&[PARIS.into(), ODD.into(), TASK.into(), UNKNOWN.into()]);
    let (app, site) = App::test().with_feed(&body).await;
    only_ours_differ(&app, &body, "odd@site").await;
    // The same again from a site that folds inside of characters, ends lines with LF alone and begins with a BOM.
    let torn = body.replace("\r\n ", "").replace("\r\n\t", "").replace("\r\n", "\n");
    let torn: Vec<u8> = torn.split_inclusive('\n').flat_map(torn_apart).collect();
    let before = app.commits();
    site.answers(Reply::ics([b"\xEF\xBB\xBF".as_slice(), &torn].concat()));
    app.refresh("sr").await.json(200);
    assert_eq!(app.commits(), before, "how a line is folded is nothing new");
    only_ours_differ(&app, &body, "odd@site").await;
    let served = app.ics().await;
    for kept in [TASK, UNKNOWN, PARIS] {
        assert!(served.contains(kept), "{kept} in {served}");
    }
}

/// A line in pieces of seven bytes.
fn torn_apart(line: &str) -> Vec<u8> {
    let bytes = line.trim_end_matches('\n').as_bytes();
    let mut torn = bytes.chunks(7).collect::<Vec<_>>().join(b"\n ".as_slice());
    torn.push(b'\n');
    torn
}

async fn only_ours_differ(app: &App, body: &str, uid: &str) {
    let ours = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DESCRIPTION"];
    let is_ours = |line: &String| ours.iter().any(|name| line.starts_with(name));
    let came: Vec<_> = event_lines(&body.replace("uid:odd", "UID:odd"), uid);
    let served = app.ics().await.replace("uid:odd", "UID:odd");
    let went: Vec<_> = event_lines(&served, uid);
    let inner = |lines: &[String]| {
        let begin = lines.iter().position(|line| line == "BEGIN:VALARM").unwrap();
        let end = lines.iter().position(|line| line == "END:VALARM").unwrap();
        lines[begin..=end].to_vec()
    };
    assert_eq!(inner(&came), inner(&went), "an alarm's lines are its own");
    let (came, went): (Vec<_>, Vec<_>) = (without(&came, is_ours), without(&went, is_ours));
    assert_eq!(came, went);
}

fn without(lines: &[String], unwanted: impl Fn(&String) -> bool) -> Vec<String> {
    lines.iter().filter(|line| !unwanted(line)).cloned().collect()
}

#[tokio::test]
async fn each_line_is_short_and_ends_as_it_should() {
    let long = format!("SUMMARY:{}", "é😀".repeat(400));
    let events = [event("long@site", "2026-11-24T09:00:00Z", &[&long]), ODD.to_owned()];
    let (app, _site) = App::test().with_feed(&calendar(&events)).await;
    let served = app.ics().await;
    assert!(served.starts_with("BEGIN:VCALENDAR\r\n") && served.ends_with("END:VCALENDAR\r\n"));
    for line in served.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\n', '\r']), "{line:?}");
    }
    assert!(logical(&served).contains(&long));
}

#[tokio::test]
async fn control_characters_go_and_only_they() {
    let bell = event("bell@site", "2026-11-24T09:00:00Z", &["SUMMARY:a\u{7}b\u{0}c\u{7f}d\te\u{85}f"]);
    let (app, _site) = App::test().with_feed(&calendar(&[bell])).await;
    let lines = event_lines(&app.ics().await, "bell@site");
    assert_eq!(value(&lines, "SUMMARY").unwrap(), "abcd\te\u{85}f");
}

#[tokio::test]
async fn stamps_stand_at_the_end_of_the_description_once() {
    let fetched = "(Inchangé depuis le 21/11/2026 11:00)";
    let both = format!("Lieu : 2Z34\\n{fetched}");
    // The lines that come, and the line of the description that goes out.
    let rows: &[(&[&str], String)] = &[
        (&["LOCATION:2Z34"], format!("DESCRIPTION:{both}")),
        (&["LOCATION:2Z34", "DESCRIPTION:"], format!("DESCRIPTION:{both}")),
        (&["LOCATION:2Z34", "DESCRIPTION:Cours"], format!("DESCRIPTION:Cours\\n{both}")),
        (&["DESCRIPTION;LANGUAGE=fr:Cours", "LOCATION:2Z34"], format!("DESCRIPTION;LANGUAGE=fr:Cours\\n{both}")),
        (&["LOCATION:2Z34", "DESCRIPTION:Lieu : 2Z34"], format!("DESCRIPTION:Lieu : 2Z34\\n{fetched}")),
        (&["LOCATION:2Z34", "DESCRIPTION:A\\nLieu : 2Z34\\nB"], format!("DESCRIPTION:A\\nLieu : 2Z34\\nB\\n{fetched}")),
        (&["LOCATION:2Z3", "DESCRIPTION:Lieu : 2Z34"], format!("DESCRIPTION:Lieu : 2Z34\\nLieu : 2Z3\\n{fetched}")),
        (&["LOCATION:Amphi\\, nord"], format!("DESCRIPTION:Lieu : Amphi\\, nord\\n{fetched}")),
        (&["LOCATION:"], format!("DESCRIPTION:{fetched}")),
        (&["LOCATION: "], format!("DESCRIPTION:{fetched}")),
        (&["DESCRIPTION:Fin\\n"], format!("DESCRIPTION:Fin\\n\\n{fetched}")),
    ];
    for (lines, expected) in rows {
        let (app, _site) = App::test().with_feed(&calendar(&[event("a@site", "2026-11-24T09:00:00Z", lines)])).await;
        let served = event_lines(&app.ics().await, "a@site");
        let found: Vec<_> = served.iter().filter(|line| line.starts_with("DESCRIPTION")).collect();
        assert_eq!(found, [expected], "{lines:?}");
    }
}

#[tokio::test]
async fn stamps_are_the_feeds_own_choice_and_in_the_sites_language() {
    let app = App::configured(|config| config.language = Language::En);
    let events = [event("a@site", "2026-11-24T09:00:00Z", &["LOCATION:2Z34", "SUMMARY:Nets"])];
    let (app, _site) = app.with_feed(&calendar(&events)).await;
    let description = async |app: &App| value(&event_lines(&app.ics().await, "a@site"), "DESCRIPTION");
    let set = async |stamps| app.cli("PATCH", "/api/v1/feeds/sr", json!({"stamps": stamps})).await.json(200);
    assert_eq!(description(&app).await.unwrap(), "Place: 2Z34\\n(Unchanged since 21/11/2026 11:00)");
    set(json!([])).await;
    assert_eq!(description(&app).await, None);
    set(json!(["checked"])).await;
    app.later(TimeDelta::minutes(7));
    app.refresh("sr").await.json(200);
    app.later(TimeDelta::minutes(7));
    assert_eq!(description(&app).await.unwrap(), "(Checked on 21/11/2026 11:07)");
    set(json!(["served", "served"])).await;
    assert_eq!(description(&app).await.unwrap(), "(Handed out on 21/11/2026 11:14)");
    app.later(TimeDelta::minutes(1));
    assert_eq!(description(&app).await.unwrap(), "(Handed out on 21/11/2026 11:15)");
}

#[tokio::test]
async fn what_is_missing_in_an_event_is_added_and_stays() {
    let bare = "BEGIN:VEVENT\r\nDTSTART:20261124T090000Z\r\nSUMMARY:Sans rien\r\nEND:VEVENT\r\n".to_owned();
    let (app, site) = App::test().with_feed(&calendar(&[bare.clone(), TASK.to_owned()])).await;
    let first = app.ics().await;
    let event: Vec<_> = logical(&first).into_iter().skip_while(|line| line != "BEGIN:VEVENT").collect();
    let uid = value(&event, "UID").unwrap();
    let (name, host) = uid.split_once('@').unwrap();
    assert!(name.len() > 10 && host.len() == 13, "{uid}");
    assert_eq!(value(&event, "DTSTAMP").unwrap(), "20261121T100000Z");
    assert_eq!(value(&event, "LAST-MODIFIED").unwrap(), "20261121T100000Z");
    assert_eq!(value(&event, "SEQUENCE").unwrap(), "0");
    app.later(TimeDelta::hours(1));
    let other = crate::app::event("x@site", "2026-11-25T09:00:00Z", &[]);
    site.answers(Reply::ics(calendar(&[other, bare])));
    app.refresh("sr").await.json(200);
    assert!(app.ics().await.contains(&uid), "the same event keeps the UID that it was given");
}

#[tokio::test]
async fn sequence_and_dates_of_an_event_follow_its_own_changes_alone() {
    let (app, site) = empty_feed().await;
    let still = event("still@site", "2026-11-25T09:00:00Z", &["SUMMARY:Toujours"]);
    let publish = async |title: &str, more: &[&str]| {
        app.later(TimeDelta::minutes(10));
        let title = format!("SUMMARY:{title}");
        let lines: Vec<&str> = [title.as_str()].into_iter().chain(more.iter().copied()).collect();
        site.answers(Reply::ics(calendar(&[event("a@site", "2026-11-24T09:00:00Z", &lines), still.clone()])));
        app.refresh("sr").await.json(200);
        let served = app.ics().await;
        let lines = event_lines(&served, "a@site");
        assert_eq!(value(&event_lines(&served, "still@site"), "LAST-MODIFIED").unwrap(), "20261121T101000Z");
        (value(&lines, "SEQUENCE").unwrap(), value(&lines, "LAST-MODIFIED").unwrap())
    };
    let rows = [
        ("A", None, "0", "20261121T101000Z"),
        ("B", None, "1", "20261121T102000Z"),
        ("B", Some("SEQUENCE:5"), "1", "20261121T102000Z"),
        ("C", Some("SEQUENCE:5"), "5", "20261121T104000Z"),
        ("D", Some("SEQUENCE:rubbish"), "5", "20261121T105000Z"),
        ("E", None, "5", "20261121T110000Z"),
        ("F", None, "5", "20261121T111000Z"),
        ("G", None, "6", "20261121T112000Z"),
    ];
    for (title, more, sequence, modified) in rows {
        let more: Vec<_> = more.into_iter().collect();
        let found = publish(title, &more).await;
        assert_eq!((found.0.as_str(), found.1.as_str()), (sequence, modified), "{title}");
    }
}

/// A feed that was added with `allow_empty` and has nothing yet.
async fn empty_feed() -> (App, Upstream) {
    let app = App::test();
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&[])));
    app.add_cohort("2A-SR", "public").await;
    let feed = json!({"slug": "sr", "cohort": "2a-sr", "url": site.url("/sr.ics"), "allow_empty": true});
    app.cli("POST", "/api/v1/feeds", feed).await.json(201);
    app.refresh("sr").await.json(200);
    (app, site)
}

#[tokio::test]
async fn what_two_feeds_share_is_served_once_and_what_they_dispute_twice() {
    let start = "2026-11-24T09:00:00Z";
    let same = event("same@site", start, &["SUMMARY:Pareil"]);
    let series = event("series@site", start, &["SUMMARY:Série", "RRULE:FREQ=WEEKLY;COUNT=4"]);
    let moved = |title: &str| {
        let title = format!("SUMMARY:{title}");
        event("series@site", "2026-12-01T14:00:00Z", &["RECURRENCE-ID:20261201T090000Z", &title])
    };
    let first = [
        same.clone(),
        event("disputed@site", start, &["SUMMARY:Un"]),
        event("bare", start, &["SUMMARY:Un"]),
        series.clone(),
        moved("Un"),
    ];
    let again = same.replace("DTSTAMP:20261101T000000Z", "DTSTAMP:20261115T000000Z");
    let second = [
        again,
        event("disputed@site", start, &["SUMMARY:Deux"]),
        event("bare", start, &["SUMMARY:Deux"]),
        series,
        moved("Deux"),
    ];
    let (app, _site) = App::test().with_feed(&calendar(&first)).await;
    let other = Upstream::start();
    other.answers(Reply::ics(calendar(&second)));
    app.later(TimeDelta::minutes(1));
    app.add_feed("second", "2a-sr", &other.url("/")).await;
    app.refresh("second").await.json(200);
    let served = logical(&app.ics().await);
    let mut uids: Vec<_> = served.iter().filter_map(|line| line.strip_prefix("UID:")).collect();
    uids.sort_unstable();
    let expected = [
        "bare",
        "bare-second",
        "disputed-second@site",
        "disputed@site",
        "same@site",
        "series-second@site",
        "series-second@site",
        "series@site",
        "series@site",
    ];
    assert_eq!(uids, expected);
    let csv = app.get("/calendars/2a-sr.csv").await.text(200);
    assert_eq!(csv.lines().count(), 1 + 1 + 2 + 2 + 4 + 4);
}

#[tokio::test]
async fn what_ended_long_ago_is_gone_and_what_still_runs_stays() {
    let ago = |days| (at(NOW) - TimeDelta::days(days)).to_rfc3339();
    let events = [
        event("old@site", &ago(401), &[]),
        event("young@site", &ago(399), &[]),
        event("running@site", "2020-01-07T09:00:00Z", &["RRULE:FREQ=WEEKLY"]),
        event("over@site", "2020-01-07T09:00:00Z", &["RRULE:FREQ=WEEKLY;UNTIL=20210101T000000Z"]),
        event("over@site", "2020-02-04T10:00:00Z", &["RECURRENCE-ID:20200204T090000Z"]),
        event("late@site", "2020-01-07T09:00:00Z", &["RDATE:20270105T090000Z"]),
        event("far@site", "2099-01-07T09:00:00Z", &[]),
        event("next@site", "2026-11-24T09:00:00Z", &[]),
    ];
    let (app, _site) = App::test().with_feed(&calendar(&events)).await;
    let served = app.ics().await;
    let shown: Vec<_> = ["old", "young", "running", "over", "late", "far", "next"]
        .into_iter()
        .filter(|uid| served.contains(&format!("UID:{uid}@site")))
        .collect();
    assert_eq!(shown, ["young", "running", "late", "far", "next"]);
}

#[tokio::test]
async fn the_same_content_is_the_same_bytes_after_a_shuffle_and_a_restart() {
    let app = App::on_disk();
    assert!(app.is_on_disk());
    let mut events = days(20);
    events.push(ODD.to_owned());
    let (app, site) = app.with_feed(&calendar(&events)).await;
    let token = app.secret("zoe", serde_json::Value::Null).await;
    let paths = ["/calendars/2a-sr.ics".to_owned(), "/calendars/2a-sr.csv".to_owned(), format!("/s/{token}.ics")];
    let read = async |app: &App| {
        let mut answers = Vec::new();
        for path in &paths {
            let answer = app.get_with(path, &[("accept-encoding", "gzip")]).await;
            answers.push((answer.header("etag").to_owned(), answer.header("last-modified").to_owned(), answer.bytes));
        }
        answers
    };
    let before = read(&app).await;
    app.later(TimeDelta::hours(2));
    events.reverse();
    let shuffled = calendar(&events)
        .replace("DTSTAMP:20261101T000000Z", "DTSTAMP:20261121T120000Z\r\nCREATED:20261121T120000Z\r\nSEQUENCE:4")
        .replace("-//Site//EN", "-//Site//1.2");
    site.answers(Reply::ics(shuffled));
    let commits = app.commits();
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    assert_eq!(app.commits(), commits, "a fetch that found nothing new writes nothing");
    assert!(read(&app).await == before);
    let app = app.restarted();
    assert!(read(&app).await == before, "after a restart");
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    assert_eq!(app.commits(), 0, "a restart and a fetch write nothing");
    assert!(read(&app).await == before);
}

#[tokio::test]
async fn last_modified_grows_with_each_change_whatever_the_clock_does() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    let mut last: Option<DateTime<chrono::FixedOffset>> = None;
    for (round, step) in [0, 0, -86_400, 0, 86_400 * 2, 0].into_iter().enumerate() {
        app.later(TimeDelta::seconds(step));
        let mut events = days(3);
        events.push(event("new@site", "2026-11-24T09:00:00Z", &[&format!("SUMMARY:Tour {round}")]));
        site.answers(Reply::ics(calendar(&events)));
        app.refresh("sr").await.json(200);
        let answer = app.get("/calendars/2a-sr.ics").await;
        let modified = DateTime::parse_from_rfc2822(answer.header("last-modified")).unwrap();
        assert!(last.is_none_or(|last| modified > last), "{round}: {modified} after {last:?}");
        last = Some(modified);
    }
}

#[tokio::test]
async fn zones_are_written_once_and_missing_ones_are_added() {
    let zoned = |uid: &str, zone: &str| {
        format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID={zone}:20261124T090000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n")
    };
    let events = [
        PARIS.to_owned(),
        zoned("a", "Europe/Paris"),
        zoned("b", "Europe/Berlin"),
        zoned("c", "\"Romance Standard Time\""),
        zoned("d", "Salle 12"),
        zoned("e", "Europe/Berlin"),
    ];
    let (app, _site) = App::test().with_feed(&calendar(&events)).await;
    let served = app.ics().await;
    let mut zones: Vec<_> =
        logical(&served).into_iter().filter_map(|line| line.strip_prefix("TZID:").map(str::to_owned)).collect();
    zones.sort();
    assert_eq!(zones, ["Europe/Berlin", "Europe/Paris", "Romance Standard Time", "Salle 12"]);
    for part in served.split("BEGIN:VTIMEZONE").skip(1) {
        let zone = part.split("END:VTIMEZONE").next().unwrap();
        assert!(zone.contains("BEGIN:STANDARD") && zone.contains("BEGIN:DAYLIGHT") && zone.contains("RRULE"), "{zone}");
    }
    let first_event = served.find("BEGIN:VEVENT").unwrap();
    assert!(served.rfind("END:VTIMEZONE").unwrap() < first_event, "zones stand before what names them");
}

#[tokio::test]
async fn several_calendars_in_one_body_are_read_as_one() {
    let body = [calendar(&days(2)), calendar(&[event("second@site", "2026-11-24T09:00:00Z", &[])])].concat();
    let (app, _site) = App::test().with_feed(&body).await;
    let served = app.ics().await;
    assert_eq!((served.matches("BEGIN:VCALENDAR").count(), served.matches("BEGIN:VEVENT").count()), (1, 3));
}

#[tokio::test]
async fn other_charsets_come_out_as_utf_8() {
    let text = calendar(&[event("a@site", "2026-11-24T09:00:00Z", &["SUMMARY:Électronique – 5 €"])]);
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    for content_type in ["text/calendar; charset=windows-1252", "text/calendar; charset=iso-8859-1", "text/calendar"] {
        let site = Upstream::start();
        site.answers(Reply::new(200, content_type, bytes.to_vec()));
        let app = App::test();
        app.add_cohort("2A-SR", "public").await;
        app.add_feed("sr", "2a-sr", &site.url("/")).await;
        app.refresh("sr").await.json(200);
        assert_eq!(
            value(&event_lines(&app.ics().await, "a@site"), "SUMMARY").unwrap(),
            "Électronique – 5 €",
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn the_head_names_the_calendar_and_no_name_breaks_out_of_it() {
    let app = App::test();
    app.add_cohort("M2; FESup, \\n «é»", "public").await;
    let head = logical(&app.get("/calendars/m2-fesup-n-e.ics").await.text(200));
    let expected = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Carillon//Carillon//FR",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:M2\\; FESup\\, \\\\n «é»",
        "NAME:M2\\; FESup\\, \\\\n «é»",
        "X-WR-TIMEZONE:Europe/Paris",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "END:VCALENDAR",
    ];
    assert_eq!(head, expected);
}
