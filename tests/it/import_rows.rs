//! What a row of a file is: one of our own events, one of several that are alike, a feed's, or nothing that can be told.

use serde_json::{Value, json};

use crate::app::{App, calendar, event, text};
use crate::import_events::{all, counts, import, import_file};
use crate::timetable_school::id;

fn warnings(row: &Value) -> String {
    row["warnings"].to_string()
}

#[tokio::test]
async fn our_own_calendar_changes_no_event_of_ours() {
    let app = App::test().with_school().await;
    let more = json!({"kind": "CM", "teacher": "teo", "notes": "n", "room": "B12", "cohorts": ["a"]});
    app.add_event("08:00", more).await;
    app.add_event("10:00", json!({"cohorts": ["a"]})).await;
    let gone = app.add_event("12:00", json!({"cohorts": ["a"], "kind": "TD"})).await;
    let subscribed = app.by("pla", "GET", "/calendars/a.ics", Value::Null).await.text(200);
    app.cli("DELETE", &format!("/api/v1/events/{}", id(&gone)), Value::Null).await.text(204);
    let (before, commits) = (all(&app).await, app.commits());
    let told = import_file(&app, "a.ics", subscribed.as_bytes(), &[("cohort", "a")]).await.json(200);
    assert_eq!((counts(&told), app.commits()), ([0, 0, 3], commits), "{told}");
    assert_eq!(all(&app).await, before);
    let rows = told["rows"].as_array().unwrap();
    assert!(warnings(&rows[0]).contains("in the words of a calendar for subscribers"), "{told}");
    assert_eq!(rows[0]["event"], before[0]);
    assert_eq!(warnings(&rows[1]), "[]", "what a calendar shows as it is, is no news: {told}");
    assert!(warnings(&rows[2]).contains("here no more"), "{told}");
}

#[tokio::test]
async fn a_calendar_that_we_exported_changes_what_it_says() {
    let app = App::test().with_school().await;
    let before = app.add_event("08:00", json!({"kind": "CM", "teacher": "teo", "cohorts": ["a"]})).await;
    let uid = format!("UID:{}@{}", id(&before), app.slices.app.settings().instance_id);
    let exported = event("1@site", "2026-11-23T07:00:00Z", &["SUMMARY:Topologie", "X-CARILLON-COHORTS:a"]);
    let body = calendar(&[exported.replace("UID:1@site", &uid)]);
    let told = import_file(&app, "a.ics", body.as_bytes(), &[("cohort", "a")]).await.json(200);
    assert_eq!(counts(&told), [0, 1, 0], "{told}");
    let after = app.event(&id(&before)).await;
    assert_eq!((text(&after, "subject"), text(&after, "teacher")), ("Topologie".into(), "teo".into()));
}

#[tokio::test]
async fn a_table_in_english_and_a_subject_that_begins_with_the_mark_come_back_as_they_were() {
    let app = App::test().with_school().await;
    let cancelled = id(&app.add_event("08:00", json!({"cohorts": ["a"]})).await);
    app.add_event("10:00", json!({"cohorts": ["a"], "subject": "ANNULÉ : le film"})).await;
    let row = format!("{cancelled},2026-11-23 08:00,2026-11-23 09:30,CANCELLED: Algèbre,,,,,a,\n");
    assert_eq!(counts(&import(&app, &row, &[]).await.json(200)), [0, 1, 0]);
    let after = app.event(&cancelled).await;
    assert_eq!((text(&after, "status"), text(&after, "subject")), ("cancelled".into(), "Algèbre".into()));
    let (before, table) = (all(&app).await, app.cli("GET", "/api/v1/events.csv", Value::Null).await.text(200));
    assert_eq!(counts(&import_file(&app, "e.csv", table.as_bytes(), &[]).await.json(200)), [0, 0, 2], "{table}");
    assert_eq!(all(&app).await, before);
}

const GROUPS: &str = "7,2026-11-23 08:00,2026-11-23 10:00,Anglais,TD,,B12,,a,\n\
    8,2026-11-23 08:00,2026-11-23 10:00,Anglais,TD,,C1,teo,a,\n\
    9,2026-11-23 08:00,2026-11-23 10:00,Anglais,TD,,,,a,\n";

#[tokio::test]
async fn groups_that_are_taught_at_the_same_time_are_events_of_their_own() {
    let app = App::test().with_school().await;
    let allowed = [("allow_conflicts", "true")];
    assert_eq!(counts(&import(&app, GROUPS, &allowed).await.json(200)), [3, 0, 0]);
    let (before, commits) = (all(&app).await, app.commits());
    assert_eq!(counts(&import(&app, GROUPS, &[]).await.json(200)), [0, 0, 3], "the second time finds each of them");
    let upside_down: String = GROUPS.lines().rev().map(|line| format!("{line}\n")).collect();
    assert_eq!(counts(&import(&app, &upside_down, &[]).await.json(200)), [0, 0, 3]);
    assert_eq!((all(&app).await, app.commits()), (before, commits));
}

#[tokio::test]
async fn of_groups_that_are_alike_the_one_that_changed_is_changed() {
    let app = App::test().with_school().await;
    let allowed = [("allow_conflicts", "true")];
    import(&app, GROUPS, &allowed).await.json(200);
    let moved = GROUPS.replace(",B12,", ",C1,").replacen(",C1,,", ",C1,teo,", 1);
    let told = import(&app, &moved, &allowed).await.json(200);
    assert_eq!(counts(&told), [0, 1, 2], "{told}");
    let same_id = GROUPS.replace("8,2026", "7,2026");
    assert_eq!(import(&app, &same_id, &allowed).await.status, 422, "one id says two things");
}

#[tokio::test]
async fn a_location_of_several_rooms_makes_no_room() {
    let app = App::test().with_school().await;
    let body = calendar(&[event("1@site", "2026-11-23T08:00:00Z", &["SUMMARY:x", "LOCATION:C1\\, B12"])]);
    let send = async |unknown: Option<&str>| {
        let fields: Vec<_> = [("cohort", "a")].into_iter().chain(unknown.map(|unknown| ("unknown", unknown))).collect();
        import_file(&app, "a.ics", body.as_bytes(), &fields).await
    };
    let refused = send(None).await;
    assert_eq!(refused.bad_fields(422), ["LOCATION"]);
    let told = send(Some("create")).await.json(200);
    assert_eq!(told["rows"][0]["event"]["room"], "C1", "{told}");
    assert!(warnings(&told["rows"][0]).contains("several rooms (C1, B12)"), "{told}");
    assert_eq!(app.items("/api/v1/rooms").await.len(), 2);
}

#[tokio::test]
async fn a_dry_run_tells_no_id_that_will_never_be() {
    let app = App::test().with_school().await;
    let row = ",2026-11-23 08:00,2026-11-23 09:00,x,,,,,a,\n";
    let told = import(&app, &row.repeat(2), &[("dry_run", "true")]).await.json(200);
    assert_eq!(counts(&told), [1, 0, 1]);
    let ids: Vec<_> = told["rows"].as_array().unwrap().iter().map(|row| text(&row["event"], "id")).collect();
    assert_eq!(ids, ["", ""]);
}

#[tokio::test]
async fn a_column_of_sources_that_are_no_feeds_is_only_a_column() {
    let app = App::test().with_school().await;
    let rows = ",2026-11-23 08:00,2026-11-23 09:00,x,,,,,a,e-mail of Monday\n\
        f_gone,2026-11-23 10:00,2026-11-23 11:00,y,,,,,a,elsewhere\n";
    let told = import(&app, rows, &[]).await.json(200);
    assert_eq!(counts(&told), [1, 0, 1], "{told}");
    assert!(warnings(&told["rows"][1]).contains("belongs to elsewhere"), "{told}");
}
