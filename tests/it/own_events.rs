//! Events of our own in the calendars that go out, beside feeds' events and in the same forms.

use carillon::config::Language;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, PUBLIC_URL, calendar, event, event_lines, gunzipped, logical, text, value};
use crate::rendering::is_as_kept;
use crate::timetable_school::id;
use crate::upstream::{Reply, Upstream};

/// Everything that a text may hold, in few characters.
const HOSTILE: &str = "=1+1 \"a;b,c\\d\" <b>é</b>\n🎓 שלום ";

/// A public cohort `Pub` beside the school's two.
async fn school() -> App {
    let app = App::test().with_school().await;
    app.add_cohort("Pub", "public").await;
    app
}

async fn ics(app: &App) -> String {
    app.get("/calendars/pub.ics").await.text(200)
}

/// The lines of an event of our own, in the public cohort's calendar.
async fn lines(app: &App, id: &str) -> Vec<String> {
    let instance = &app.slices.app.settings().instance_id;
    event_lines(&ics(app).await, &format!("{id}@{instance}"))
}

async fn by_key(app: &App, login: &str, path: &str) -> crate::app::Answer {
    let key = format!("Bearer {}", app.sign_in(login).await);
    app.get_with(path, &[("authorization", &key)]).await
}

/// Ids as nobody drew them, of the same length.
fn with_known_ids(app: &App, text: &str, ids: &[String]) -> String {
    let text = text.replace(app.slices.app.settings().instance_id.as_str(), "here000000000");
    ids.iter().enumerate().fold(text, |text, (number, id)| text.replace(id.as_str(), &format!("e_{number:013}")))
}

#[tokio::test]
async fn a_calendar_of_both_kinds_of_events_is_the_one_that_is_kept() {
    let app = school().await;
    let site = Upstream::start();
    let of_feed = event("f@site", "2026-11-23T12:00:00Z", &["SUMMARY:Réseaux - TD", "LOCATION:Amphi Ada"]);
    site.answers(Reply::ics(calendar(&[of_feed])));
    app.add_feed("site", "pub", &site.url("/pub.ics")).await;
    app.refresh("site").await.json(200);
    app.later(TimeDelta::minutes(5));
    let both = json!({"cohorts": ["pub", "a"], "room": "B12", "teacher": "teo", "kind": "CM", "notes": "Chapitre 2\n\n- lire"});
    let one_line = HOSTILE.replace('\n', " ");
    let hostile = json!({"cohorts": ["pub"], "subject": one_line.trim(), "notes": HOSTILE, "kind": "TD;1,2"});
    let maybe = json!({"cohorts": ["pub"], "subject": "Soutenance", "status": "tentative"});
    let mut ids = Vec::new();
    for (start, more) in [("08:00", both), ("10:00", hostile), ("16:00", maybe)] {
        ids.push(id(&app.add_event(start, more).await));
    }
    let off = id(&app.add_event("18:00", json!({"cohorts": ["pub"], "subject": "Sport"})).await);
    app.patch_event(&off, json!({"status": "cancelled"})).await.json(200);
    ids.push(off);
    // Over the change of the clocks, and one at the hour that comes twice.
    let weekly = json!({"start": "2027-10-25T08:00:00+02:00", "end": "2027-10-25T10:00:00+02:00", "subject": "Anglais",
                        "kind": "TD", "cohorts": ["pub"], "repeat": {"every": "week", "until": "2027-11-08"}});
    let series = app.cli("POST", "/api/v1/events", weekly).await.json(201);
    ids.extend(series["items"].as_array().unwrap().iter().map(id));
    let night = json!({"start": "2027-10-31T02:30:00+01:00", "end": "2027-10-31T03:30:00+01:00", "subject": "Nuit",
                       "cohorts": ["pub"]});
    ids.push(id(&app.cli("POST", "/api/v1/events", night).await.json(201)));
    is_as_kept(&with_known_ids(&app, &ics(&app).await, &ids), "own-events.ics");
    let csv = app.get("/calendars/pub.csv").await.text(200);
    is_as_kept(&with_known_ids(&app, &csv, &ids), "own-events.csv");
    let excel = app.get("/calendars/pub.csv?for=excel").await.text(200);
    assert!(excel.starts_with('\u{feff}') && excel.contains(";B12;teo;pub;"), "{excel}");
}

#[tokio::test]
async fn a_text_comes_out_unharmed_whatever_its_length() {
    let app = school().await;
    let long: String = HOSTILE.chars().cycle().take(10_000).collect();
    let made = app.add_event("08:00", json!({"cohorts": ["pub"], "notes": long})).await;
    let served = lines(&app, &id(&made)).await;
    let description = value(&served, "DESCRIPTION").unwrap();
    let mut plain = String::new();
    let mut chars = description.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().map(|c| if c == 'n' { '\n' } else { c }).unwrap()),
            c => plain.push(c),
        }
    }
    assert_eq!(plain, text(&made, "notes"));
    assert_eq!(plain.chars().count(), 10_000);
    let table = app.get("/calendars/pub.csv").await.text(200);
    assert!(table.contains(&format!("\"'{}\"", long.replace('"', "\"\""))));
}

#[tokio::test]
async fn an_event_keeps_its_uid_and_its_sequence_grows_with_each_change() {
    let app = school().await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"]})).await);
    let sequence = |lines: &[String]| value(lines, "SEQUENCE").unwrap().parse::<u64>().unwrap();
    let before = lines(&app, &made).await;
    let dates = |lines: &[String]| ["CREATED", "DTSTAMP", "LAST-MODIFIED"].map(|name| value(lines, name).unwrap());
    assert_eq!(dates(&before), ["20261121T100000Z"; 3]);
    app.later(TimeDelta::hours(1));
    app.patch_event(&made, json!({"room": "C1"})).await.json(200);
    let after = lines(&app, &made).await;
    assert_eq!(dates(&after), ["20261121T100000Z", "20261121T110000Z", "20261121T110000Z"]);
    assert!(sequence(&after) > sequence(&before));
    assert_eq!(value(&after, "LOCATION").as_deref(), Some("C1"));
    app.cli("DELETE", &format!("/api/v1/events/{made}"), Value::Null).await.text(204);
    assert!(!ics(&app).await.contains("VEVENT"), "a deleted event is gone at once");
}

#[tokio::test]
async fn a_cancelled_event_goes_after_a_fortnight_and_says_so_once() {
    let app = school().await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"]})).await);
    app.patch_event(&made, json!({"status": "cancelled"})).await.json(200);
    let round = async || {
        let timetable = app.slices.timetable.clone();
        tokio::task::spawn_blocking(move || timetable.let_cancelled_go()).await.unwrap().unwrap();
    };
    let shown = app.get("/calendars/pub.ics").await;
    let event = lines(&app, &made).await;
    assert_eq!(value(&event, "SUMMARY").as_deref(), Some("ANNULÉ : Algèbre"));
    assert_eq!(value(&event, "STATUS").as_deref(), Some("CANCELLED"));
    assert_eq!(value(&event, "TRANSP").as_deref(), Some("TRANSPARENT"));
    app.later(TimeDelta::days(14));
    let before = app.commits();
    round().await;
    assert_eq!((app.commits(), lines(&app, &made).await.len()), (before, event.len()));
    app.later(TimeDelta::hours(13));
    round().await;
    round().await;
    assert_eq!(app.commits(), before + 1, "the day after, once");
    let gone = app.get_with("/calendars/pub.ics", &[("if-modified-since", shown.header("last-modified"))]).await;
    assert!(!gone.text(200).contains("VEVENT"));
    assert!(!app.get("/calendars/pub.csv").await.text(200).contains("Algèbre"));
}

#[tokio::test]
async fn what_ended_long_ago_is_not_shown() {
    let app = school().await;
    let old = json!({"start": "2025-10-01T08:00:00Z", "end": "2025-10-01T09:00:00Z", "subject": "Ancien", "cohorts": ["pub"]});
    app.cli("POST", "/api/v1/events", old).await.json(201);
    app.add_event("08:00", json!({"cohorts": ["pub"]})).await;
    assert_eq!(ics(&app).await.matches("BEGIN:VEVENT").count(), 1);
}

#[tokio::test]
async fn a_new_name_of_a_room_or_a_teacher_is_a_change_of_what_shows_it() {
    let app = school().await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"], "room": "B12", "teacher": "teo"})).await);
    app.patch_event(&made, json!({"notes": "x"})).await.json(200);
    let state = async || {
        let answer = app.get("/calendars/pub.ics").await;
        let event = lines(&app, &made).await;
        let told = ["LOCATION", "DESCRIPTION"].map(|name| value(&event, name).unwrap());
        let sequence: u64 = value(&event, "SEQUENCE").unwrap().parse().unwrap();
        (told, (sequence, value(&event, "LAST-MODIFIED").unwrap()), answer.header("last-modified").to_owned())
    };
    let first = state().await;
    assert_eq!(first.0, ["B12", "x\\nEnseignant : teo"]);
    app.later(TimeDelta::minutes(2));
    app.cli("PATCH", "/api/v1/users/teo", json!({"name": "Teo Martin"})).await.json(200);
    let second = state().await;
    assert_eq!(second.0, ["B12", "x\\nEnseignant : Teo Martin"]);
    app.later(TimeDelta::minutes(2));
    app.cli("PATCH", "/api/v1/rooms/b12", json!({"name": "Amphi Un"})).await.json(200);
    let third = state().await;
    assert_eq!(third.0, ["Amphi Un", "x\\nEnseignant : Teo Martin"]);
    assert!(first.1 < second.1 && second.1 < third.1, "clients that look at the event alone see it too");
    assert!(first.2 != second.2 && second.2 != third.2);
    app.cli("POST", &format!("/api/v1/events/{made}/undo"), Value::Null).await.json(200);
    assert_eq!(state().await.0[1], "Enseignant : Teo Martin", "and what was done before can be undone");
}

#[tokio::test]
async fn whoever_is_erased_is_named_in_no_calendar() {
    let app = school().await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"], "teacher": "teo"})).await);
    assert!(ics(&app).await.contains("teo"));
    let husk = app.cli("POST", "/api/v1/users/teo/erase", json!({"login": "teo"})).await.json(200);
    assert_eq!(app.event(&made).await["teacher"], husk["login"]);
    assert!(!ics(&app).await.contains("Enseignant"));
}

#[tokio::test]
async fn own_events_are_shown_though_the_feed_was_never_fetched() {
    let app = school().await;
    app.add_feed("site", "pub", "http://127.0.0.1:9/none.ics").await;
    let nothing = app.get("/calendars/pub.ics").await;
    assert_eq!((nothing.status, nothing.header("retry-after")), (503, "60"));
    app.add_event("08:00", json!({"cohorts": ["pub"]})).await;
    assert!(ics(&app).await.contains("SUMMARY:Algèbre"));
}

#[tokio::test]
async fn the_same_uid_from_a_feed_is_told_apart_and_ours_stays() {
    let app = school().await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"]})).await);
    let uid = format!("{made}@{}", app.slices.app.settings().instance_id);
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&[event(&uid, "2026-11-25T09:00:00Z", &["SUMMARY:Copie"])])));
    app.add_feed("site", "pub", &site.url("/pub.ics")).await;
    app.refresh("site").await.json(200);
    assert_eq!(value(&lines(&app, &made).await, "SUMMARY").as_deref(), Some("Algèbre"));
    let apart = event_lines(&ics(&app).await, &uid.replace('@', "-site@"));
    assert_eq!(value(&apart, "SUMMARY").as_deref(), Some("Copie"));
}

#[tokio::test]
async fn a_cohorts_table_names_no_cohort_beside_its_own() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["a", "b", "pub"], "teacher": "teo"})).await;
    let promos =
        |table: String| table.lines().skip(1).map(|row| row.split(',').nth(8).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(promos(app.get("/calendars/pub.csv").await.text(200)), ["pub"]);
    assert_eq!(promos(by_key(&app, "sam", "/calendars/a.csv").await.text(200)), ["a"]);
    let two = app.secret("two", json!(["a", "pub"])).await;
    assert_eq!(promos(app.get(&format!("/s/{two}.csv")).await.text(200)), ["a;pub"]);
    for path in ["/calendars/teachers/teo.csv", "/calendars/all.csv"] {
        assert_eq!(promos(by_key(&app, "pla", path).await.text(200)), ["a;b;pub"], "{path}");
    }
}

#[tokio::test]
async fn a_teachers_table_follows_the_names_of_cohorts() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo"})).await;
    let table = async || {
        let answer = by_key(&app, "teo", "/calendars/teachers/teo.csv").await;
        (answer.text(200).contains(",teo,a,"), answer.header("last-modified").to_owned())
    };
    let before = table().await;
    app.later(TimeDelta::minutes(1));
    app.cli("PATCH", "/api/v1/cohorts/a", json!({"slug": "alpha"})).await.json(200);
    let after = table().await;
    assert!(before.0 && !after.0, "{before:?} {after:?}");
    assert_ne!(before.1, after.1, "a client that knows dates alone sees it too");
}

#[tokio::test]
async fn a_teachers_own_token_opens_their_own_calendar_while_they_teach() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo"})).await;
    let own = app.by("teo", "POST", "/api/v1/me/tokens", json!({"name": "phone"})).await.json(201);
    let url = format!("{PUBLIC_URL}/s/{}/teachers/teo.ics", text(&own, "token"));
    assert!(own["urls"].as_array().unwrap().contains(&json!(url)), "{own}");
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    assert!(app.get(path).await.text(200).contains("SUMMARY:Algèbre"));
    let (all, tia) = (path.replace("teachers/teo", "all"), path.replace("teo.", "tia."));
    let room = path.replace("teachers/teo", "rooms/b12");
    for closed in [&all, &tia, &room] {
        assert_eq!(app.get(closed).await.status, 403, "{closed}");
    }
    // One that an administrator made is nobody's, and a student teaches nothing.
    let given = app.secret("teo", Value::Null).await;
    assert_eq!(app.get(&format!("/s/{given}/teachers/teo.ics")).await.status, 403);
    let sams = app.by("sam", "POST", "/api/v1/me/tokens", json!({"name": "sam"})).await.json(201);
    assert!(!sams["urls"].to_string().contains("teachers/"), "{sams}");
    assert_eq!(app.get(&format!("/s/{}/teachers/teo.ics", text(&sams, "token"))).await.status, 403);
    app.cli("PATCH", "/api/v1/users/teo", json!({"roles": ["student"]})).await.json(200);
    assert_ne!(app.get(path).await.status, 200);
    app.cli("PATCH", "/api/v1/users/teo", json!({"roles": ["teacher"]})).await.json(200);
    assert_eq!(app.get(path).await.status, 200);
    app.cli("PATCH", "/api/v1/users/teo", json!({"disabled": true})).await.json(200);
    assert_eq!(app.get(path).await.status, 401);
}

#[tokio::test]
async fn a_page_says_that_nothing_is_connected_where_there_is_neither_feed_nor_event() {
    let app = school().await;
    let headers = [("accept", "text/html"), ("accept-language", "en")];
    let page = async |path: &str| app.get_with(path, &headers).await.text(200);
    for path in ["/", "/c/pub"] {
        assert!(page(path).await.contains("No planning site is connected"), "{path}");
    }
    app.add_event("08:00", json!({"cohorts": ["pub"]})).await;
    for path in ["/", "/c/pub"] {
        let page = page(path).await;
        assert!(!page.contains("No planning site is connected") && !page.contains("class=\"fresh"), "{path}: {page}");
    }
}

#[tokio::test]
async fn everything_of_a_token_has_a_shared_event_once() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["a", "b"]})).await;
    app.add_event("10:00", json!({"cohorts": ["pub"], "subject": "Ailleurs"})).await;
    let token = app.secret("two", json!(["a", "b"])).await;
    let served = app.get(&format!("/s/{token}.ics")).await.text(200);
    assert_eq!(served.matches("BEGIN:VEVENT").count(), 1);
    assert!(served.contains("SUMMARY:Algèbre") && served.contains("X-WR-CALNAME:A + B"));
}

#[tokio::test]
async fn wide_calendars_open_as_the_table_says() {
    let app = school().await;
    app.add_user("ada", carillon::actor::Role::Admin, &[]).await;
    let paths =
        ["rooms/b12.ics", "rooms/Amphi%20Ada.csv", "teachers/teo.ics", "teachers/TIA.csv", "all.ics", "all.csv"];
    // Then a room and a teacher that are not there, and somebody who does not teach.
    let unknown = ["rooms/none.ics", "teachers/none.ics", "teachers/sam.ics", "rooms/b12.pdf", "doors/b12.ics"];
    let rows = [("ada", [200; 6]), ("pla", [200; 6]), ("teo", [200, 200, 200, 403, 403, 403]), ("sam", [403; 6])];
    for (login, expected) in rows {
        let key = format!("Bearer {}", app.sign_in(login).await);
        let headers = [("authorization", key.as_str())];
        for (path, status) in paths.iter().zip(expected).chain(unknown.iter().zip([404; 5])) {
            assert_eq!(app.get_with(&format!("/calendars/{path}"), &headers).await.status, status, "{login} {path}");
        }
    }
    let token = app.secret("all", Value::Null).await;
    for (path, status) in paths.iter().zip([403; 6]).chain(unknown.iter().zip([404; 5])) {
        assert_eq!(app.get(&format!("/s/{token}/{path}")).await.status, status, "{path}");
        assert_eq!(app.get(&format!("/calendars/{path}?token={token}")).await.status, status, "{path}");
        let nobody = app.get(&format!("/calendars/{path}")).await;
        assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, "Bearer"), "{path}");
    }
}

/// A feed of `a` with a lecture in B12 by an alias, one elsewhere, and a series there with an exception elsewhere.
async fn feed_of_a(app: &App) -> Upstream {
    let site = Upstream::start();
    let series = "BEGIN:VEVENT\r\nUID:s@site\r\nDTSTART:20261124T080000Z\r\nDTEND:20261124T090000Z\r\nSUMMARY:Suite\r\n\
        LOCATION:B12\\, C3\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\n";
    let moved = "BEGIN:VEVENT\r\nUID:s@site\r\nRECURRENCE-ID:20261201T080000Z\r\nDTSTART:20261201T100000Z\r\n\
        DTEND:20261201T110000Z\r\nSUMMARY:Suite déplacée\r\nLOCATION:C9\r\nEND:VEVENT\r\n";
    let in_alias = event("in@site", "2026-11-23T09:00:00Z", &["SUMMARY:Dedans", "LOCATION:amphi ada"]);
    let out = event("out@site", "2026-11-23T09:00:00Z", &["SUMMARY:Dehors", "LOCATION:C3"]);
    site.answers(Reply::ics(calendar(&[in_alias, out, series.to_owned(), moved.to_owned()])));
    app.add_feed("fa", "a", &site.url("/a.ics")).await;
    app.refresh("fa").await.json(200);
    site
}

#[tokio::test]
async fn a_rooms_calendar_has_what_takes_place_there_of_feeds_too() {
    let app = school().await;
    let _site = feed_of_a(&app).await;
    app.add_event("08:00", json!({"cohorts": ["b"], "room": "B12"})).await;
    app.add_event("14:00", json!({"cohorts": ["b"], "room": "C1", "subject": "Là-bas"})).await;
    let served = by_key(&app, "teo", "/calendars/rooms/b12.ics").await.text(200);
    let lines = logical(&served);
    let summaries: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("SUMMARY:")).collect();
    assert_eq!(summaries, ["Dedans", "Suite", "Suite déplacée", "Algèbre"]);
    assert!(lines.contains(&"X-WR-CALNAME:B12".to_owned()));
    let csv = by_key(&app, "teo", "/calendars/rooms/b12.csv").await.text(200);
    assert_eq!(csv.matches("Suite").count(), 2, "an exception elsewhere is not in the room: {csv}");
    assert!(!csv.contains("C9") && csv.contains("Dedans") && csv.contains("Algèbre"));
}

#[tokio::test]
async fn a_rooms_calendar_follows_its_names_and_its_feeds() {
    let app = school().await;
    let site = feed_of_a(&app).await;
    let get = async |since: &str| {
        app.later(TimeDelta::minutes(1));
        let key = format!("Bearer {}", app.sign_in("pla").await);
        app.get_with("/calendars/rooms/c1.ics", &[("authorization", &key), ("if-modified-since", since)]).await
    };
    let first = get("").await;
    assert!(!first.text(200).contains("VEVENT"));
    assert_eq!(get(first.header("last-modified")).await.status, 304);
    app.cli("PATCH", "/api/v1/rooms/c1", json!({"aliases": ["C3"]})).await.json(200);
    let second = get(first.header("last-modified")).await;
    assert!(second.text(200).contains("SUMMARY:Dehors"));
    let out = event("out@site", "2026-11-23T09:00:00Z", &["SUMMARY:Toujours dehors", "LOCATION:C3"]);
    site.answers(Reply::ics(calendar(&[out, event("x@site", "2026-11-24T09:00:00Z", &[])])));
    app.refresh("fa").await.json(200);
    app.cli("POST", "/api/v1/feeds/fa/approve", json!({})).await;
    let third = get(second.header("last-modified")).await;
    assert!(third.text(200).contains("SUMMARY:Toujours dehors"));
}

#[tokio::test]
async fn a_teachers_calendar_and_everything_follow_each_change() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo"})).await;
    app.add_event("10:00", json!({"cohorts": ["b"], "teacher": "tia", "subject": "Autre"})).await;
    let own = by_key(&app, "teo", "/calendars/teachers/teo.ics").await;
    assert!(own.text(200).contains("SUMMARY:Algèbre") && !own.text(200).contains("Autre"));
    let all = by_key(&app, "pla", "/calendars/all.ics").await;
    assert_eq!(all.text(200).matches("BEGIN:VEVENT").count(), 2);
    app.later(TimeDelta::minutes(1));
    app.add_event("14:00", json!({"cohorts": ["a"], "teacher": "teo", "subject": "Neuf"})).await;
    let key = format!("Bearer {}", app.sign_in("pla").await);
    for (path, old) in [("/calendars/teachers/teo.ics", &own), ("/calendars/all.ics", &all)] {
        let headers = [("authorization", key.as_str()), ("if-modified-since", old.header("last-modified"))];
        let new = app.get_with(path, &headers).await;
        assert!(new.text(200).contains("SUMMARY:Neuf"), "{path}");
        let same =
            [("authorization", key.as_str()), ("if-none-match", new.header("etag")), ("accept-encoding", "gzip")];
        assert_eq!(app.get_with(path, &same).await.status, 304, "{path}");
        let zipped = app.get_with(path, &[("authorization", &key), ("accept-encoding", "gzip")]).await;
        assert_eq!(gunzipped(&zipped.bytes), new.bytes, "{path}");
        let head = app.ask("HEAD", path, &[("authorization", &key)], "").await;
        assert_eq!((head.status, head.header("etag"), head.bytes.len()), (200, new.header("etag"), 0), "{path}");
    }
}

#[tokio::test]
async fn the_same_content_is_the_same_bytes_after_a_restart() {
    let app = App::on_disk().with_school().await;
    app.add_cohort("Pub", "public").await;
    app.add_event("08:00", json!({"cohorts": ["pub", "a"], "room": "B12", "teacher": "teo"})).await;
    let paths = ["pub.ics", "pub.csv", "rooms/b12.ics", "teachers/teo.ics", "all.csv"];
    let ask = async |app: &App| {
        let key = format!("Bearer {}", app.sign_in("pla").await);
        let mut tags = Vec::new();
        for path in paths {
            let answer = app.get_with(&format!("/calendars/{path}"), &[("authorization", &key)]).await;
            answer.text(200);
            tags.push((answer.header("etag").to_owned(), answer.header("last-modified").to_owned()));
        }
        tags
    };
    let before = ask(&app).await;
    let app = app.restarted();
    assert_eq!(ask(&app).await, before);
}

#[tokio::test]
async fn the_replaced_sites_addresses_answer_as_the_cohorts_do() {
    let app = school().await;
    app.add_cohort("M2 FESup", "public").await;
    app.add_event("08:00", json!({"cohorts": ["m2-fesup", "a"]})).await;
    let calendar = app.get("/calendars/m2-fesup.ics").await;
    for promo in ["M2_FESup", "m2_fesup", "M2%20FESup"] {
        let old = app.get(&format!("/api/ics/{promo}")).await;
        assert_eq!((old.text(200), old.header("etag")), (calendar.text(200), calendar.header("etag")), "{promo}");
    }
    app.cli("PATCH", "/api/v1/cohorts/m2-fesup", json!({"slug": "m2-2027"})).await.json(200);
    let table = app.get("/api/csv?promo_str=M2_FESup").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.text(200).contains(",Algèbre,") && table.text(200).contains(",m2-2027,"));
    let token = app.secret("a", json!(["a"])).await;
    let rows = [
        ("/api/ics/A".to_owned(), 401),
        ("/api/ics/none".to_owned(), 401),
        (format!("/api/ics/A?token={token}"), 200),
        (format!("/api/csv?promo_str=A&token={token}"), 200),
        (format!("/api/ics/B?token={token}"), 403),
        (format!("/api/ics/none?token={token}"), 404),
        ("/api/csv?promo_str=B".to_owned(), 401),
        ("/api/csv".to_owned(), 400),
    ];
    for (path, status) in rows {
        assert_eq!(app.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_cohorts_page_shows_its_own_events() {
    let app = school().await;
    app.add_event("08:00", json!({"cohorts": ["pub"], "room": "B12", "teacher": "teo", "kind": "CM"})).await;
    let off = app.add_event("10:00", json!({"cohorts": ["pub"], "subject": "Sport <b>"})).await;
    app.patch_event(&id(&off), json!({"status": "cancelled"})).await.json(200);
    let page = app.get_with("/c/pub", &[("accept", "text/html")]).await.text(200);
    for shown in ["Algèbre", "B12", "CM", "<dt>Enseignant</dt><dd><bdi>teo</bdi></dd>", "Sport &lt;b&gt;", "08:00"] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
}

#[tokio::test]
async fn the_words_of_an_event_are_in_the_sites_language() {
    let app = App::configured(|config| config.language = Language::En).with_school().await;
    app.add_cohort("Pub", "public").await;
    let made = id(&app.add_event("08:00", json!({"cohorts": ["pub"], "kind": "CM", "teacher": "teo"})).await);
    app.patch_event(&made, json!({"status": "cancelled"})).await.json(200);
    let event = lines(&app, &made).await;
    assert_eq!(value(&event, "SUMMARY").as_deref(), Some("CANCELLED: Algèbre - CM"));
    assert_eq!(value(&event, "DESCRIPTION").as_deref(), Some("Teacher: teo\\nKind: CM"));
    assert!(app.get("/calendars/pub.csv").await.text(200).contains(",CANCELLED: Algèbre,"));
}

#[tokio::test]
async fn what_a_feed_says_of_the_sites_zone_moves_no_event_of_ours() {
    let app = school().await;
    let wrong = "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
        TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&[wrong.to_owned(), event("f@site", "2026-11-25T09:00:00Z", &[])])));
    app.add_feed("site", "pub", &site.url("/pub.ics")).await;
    app.refresh("site").await.json(200);
    assert!(ics(&app).await.contains("TZOFFSETTO:+0900"));
    app.add_event("08:00", json!({"cohorts": ["pub"]})).await;
    let served = ics(&app).await;
    assert!(served.contains("TZOFFSETTO:+0200") && !served.contains("+0900"), "{served}");
    assert_eq!(served.matches("BEGIN:VTIMEZONE").count(), 1);
}
