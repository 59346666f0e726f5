//! Our own events as an .ics: whoever may read them gets them, and what goes out comes in as it was.

use serde_json::{Value, json};

use crate::app::{App, calendar, days, text};
use crate::import_events::{form, send_form};
use crate::timetable_school::id;

async fn import(app: &App, bytes: &[u8], fields: &[(&str, &str)]) -> Value {
    send_form(app, "/api/v1/events/import", form(&[("file", "e.ics", bytes)], fields)).await.json(200)
}

fn counts(told: &Value) -> [u64; 3] {
    ["created", "updated", "unchanged"].map(|field| told[field].as_u64().unwrap())
}

/// Events with all that text can be.
async fn odd_events(app: &App) -> Vec<Value> {
    let words =
        json!({"subject": " =1+1; \"a\", b\\n, שלום 🎓\t", "kind": "TD, mixte", "notes": " x\r\ny\n\nEND:VEVENT\n"});
    let mut said = vec![words, json!({"subject": "Z".repeat(3000)}), json!({"status": "cancelled", "room": "C1"})];
    said.push(json!({"subject": "ANNULÉ : ANNULÉ : x", "status": "cancelled", "cohorts": []}));
    said.push(json!({"room": "B12", "teacher": "teo", "cohorts": ["a", "b"], "status": "tentative"}));
    // 02:30 comes twice that night; this is the second.
    said.push(json!({"start": "2026-10-25T02:30:00+01:00", "end": "2026-10-25T03:30:00+01:00", "cohorts": ["a"]}));
    let mut made = Vec::new();
    for (hour, said) in (8..).zip(said) {
        made.push(app.add_event(&format!("{hour:02}:00"), said).await);
    }
    app.items("/api/v1/events").await
}

#[tokio::test]
async fn what_is_exported_as_a_calendar_comes_in_unchanged() {
    let app = App::test().with_school().await;
    let events = odd_events(&app).await;
    let commits = app.commits();
    let exported = app.cli("GET", "/api/v1/events.ics", Value::Null).await;
    assert_eq!(exported.header("content-type"), "text/calendar; charset=utf-8");
    let told = import(&app, &exported.bytes, &[]).await;
    assert_eq!((counts(&told), app.commits()), ([0, 0, events.len() as u64], commits), "{told}");
    let of_a = app.cli("GET", "/api/v1/events.ics?cohort=a", Value::Null).await;
    assert_eq!(counts(&import(&app, &of_a.bytes, &[("cohort", "a")]).await), [0, 0, 2]);
    assert_eq!(app.items("/api/v1/events").await, events);
}

#[tokio::test]
async fn another_appliance_makes_the_same_events_of_it() {
    let (app, other) = (App::test().with_school().await, App::test().with_school().await);
    let events = odd_events(&app).await;
    let exported = app.cli("GET", "/api/v1/events.ics", Value::Null).await;
    assert_eq!(counts(&import(&other, &exported.bytes, &[]).await), [events.len() as u64, 0, 0]);
    let content = |events: Vec<Value>| {
        let fields = ["start", "end", "kind", "room", "teacher", "cohorts"];
        let mut all: Vec<_> = events.iter().map(|event| fields.map(|field| event[field].to_string())).collect();
        all.sort();
        all
    };
    assert_eq!(content(other.items("/api/v1/events").await), content(events));
    assert_eq!(counts(&import(&other, &exported.bytes, &[]).await)[0], 0, "twice makes nothing twice");
}

#[tokio::test]
async fn each_gets_what_they_may_read_and_no_feeds_event() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    let app = app.with_school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "subject": "Of A"})).await;
    app.add_event("08:00", json!({"cohorts": ["b"], "subject": "Of B"})).await;
    for (login, subjects) in [("pla", [true, true]), ("teo", [true, true]), ("sam", [true, false])] {
        let told = app.by(login, "GET", "/api/v1/events.ics", Value::Null).await.text(200);
        assert_eq!(["Of A", "Of B"].map(|subject| told.contains(&format!("SUMMARY:{subject}"))), subjects, "{login}");
        assert!(!told.contains("Cours"), "a feed's event is the feed's");
    }
    assert_eq!(app.by("sam", "GET", "/api/v1/events.ics?cohort=b", Value::Null).await.bad_fields(422), ["cohort"]);
    assert_eq!(app.cli("GET", "/api/v1/events.ics?limit=1", Value::Null).await.bad_fields(400), ["limit"]);
}

#[tokio::test]
async fn who_teaches_no_more_does_not_keep_the_file_out() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo"})).await;
    app.cli("PATCH", "/api/v1/users/teo", json!({"roles": ["student"]})).await.json(200);
    let exported = app.cli("GET", "/api/v1/events.ics", Value::Null).await;
    assert_eq!(counts(&import(&app, &exported.bytes, &[]).await), [0, 0, 1]);
    assert_eq!(text(&app.event(&id(&made)).await, "teacher"), "teo");
}
