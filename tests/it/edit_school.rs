//! The pages of rooms, imports and changes by the router: who may, what is said, what is not.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::{Answer, App, calendar, days, event, text};
use crate::upstream::Reply;

async fn school() -> App {
    let app = App::test();
    app.add_cohort("M1", "token").await;
    app.cli("POST", "/api/v1/rooms", json!({"name": "A1", "capacity": 30})).await.json(201);
    for (login, role) in [("planner", Role::Planner), ("teacher", Role::Teacher), ("student", Role::Student)] {
        app.add_user(login, role, &["m1"]).await;
    }
    app
}

async fn add_event(app: &App, more: Value) -> String {
    let mut event =
        json!({"subject": "Algèbre", "start": "2026-11-23T10:00", "end": "2026-11-23T12:00", "cohorts": ["m1"]});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    text(&app.cli("POST", "/api/v1/events", event).await.json(201), "id")
}

async fn key(app: &App, login: &str) -> String {
    format!("Bearer {}", app.sign_in(login).await)
}

async fn see(app: &App, key: &str, path: &str) -> Answer {
    app.get_with(path, &[("authorization", key), ("accept", "text/html")]).await
}

async fn send(app: &App, key: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers =
        [("authorization", key), ("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    app.ask("POST", path, &headers, &body).await
}

/// Sends a file as a browser does.
async fn send_file(app: &App, key: &str, file: &str, cohort: &str) -> Answer {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\n{file}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"cohort\"\r\n\r\n{cohort}\r\n--x--\r\n"
    );
    let headers =
        [("authorization", key), ("content-type", "multipart/form-data; boundary=x"), ("accept", "text/html")];
    app.ask("POST", "/import", &headers, &body).await
}

#[tokio::test]
async fn rooms_are_shown_to_staff_and_changed_by_planners() {
    let app = school().await;
    let [planner, teacher, student] =
        [key(&app, "planner").await, key(&app, "teacher").await, key(&app, "student").await];
    assert_eq!(see(&app, &student, "/rooms").await.status, 403);
    let page = see(&app, &teacher, "/rooms").await.text(200);
    assert!(page.contains("A1") && page.contains("/events/new?room=a1") && !page.contains("/rooms/add"), "{page}");
    for path in ["/rooms/add", "/rooms/a1/edit", "/rooms/a1/remove"] {
        assert_eq!(see(&app, &teacher, path).await.status, 403, "{path}");
        assert_eq!(send(&app, &teacher, path, &[("name", "X"), ("count", "9")]).await.status, 403, "{path}");
        see(&app, &planner, path).await.text(200);
    }
    assert_eq!(see(&app, &planner, "/rooms/nowhere/edit").await.status, 404);
}

#[tokio::test]
async fn a_room_is_free_or_taken_at_the_time_that_is_asked() {
    let app = school().await;
    let planner = key(&app, "planner").await;
    add_event(&app, json!({"room": "A1"})).await;
    for (query, link) in
        [("date=2026-11-23&start=11:00&end=12:00", false), ("date=2026-11-23&start=12:00&end=13:00", true)]
    {
        let page = see(&app, &planner, &format!("/rooms?{query}")).await.text(200);
        assert_eq!(page.contains("/events/new?room=a1"), link, "{query}: {page}");
    }
    let page = see(&app, &planner, "/rooms?date=soon&start=12:00&end=11:00").await.text(422);
    assert!(page.contains("id=\"date-mistake\""), "{page}");
}

#[tokio::test]
async fn a_room_is_added_changed_and_refused_twice() {
    let app = school().await;
    let planner = key(&app, "planner").await;
    assert_eq!(
        send(&app, &planner, "/rooms/add", &[("name", "B2"), ("capacity", "40"), ("aliases", "Bâtiment B 2\r\nB 02")])
            .await
            .status,
        303
    );
    let page = send(&app, &planner, "/rooms/add", &[("name", "b2"), ("capacity", "many")]).await.text(422);
    assert!(page.contains("id=\"capacity-mistake\""), "{page}");
    let page = send(&app, &planner, "/rooms/add", &[("name", "b2")]).await.text(422);
    assert!(page.contains("id=\"name-mistake\"") && page.contains("value=\"b2\""), "{page}");
    assert_eq!(send(&app, &planner, "/rooms/b2/edit", &[("name", "B3"), ("aliases", "B 02")]).await.status, 303);
    let room = app.cli("GET", "/api/v1/rooms/b3", Value::Null).await.json(200);
    assert_eq!((room["capacity"].is_null(), room["aliases"].as_array().unwrap().len()), (true, 2), "{room}");
}

#[tokio::test]
async fn a_room_goes_with_as_many_events_as_were_shown() {
    let app = school().await;
    let planner = key(&app, "planner").await;
    let id = add_event(&app, json!({"room": "A1"})).await;
    let page = see(&app, &planner, "/rooms/a1/remove").await.text(200);
    assert!(page.contains(&format!("/events/{id}")) && page.contains("name=\"count\" value=\"1\""), "{page}");
    let refused = send(&app, &planner, "/rooms/a1/remove", &[("count", "0")]).await;
    assert_eq!((refused.status, refused.header("location")), (303, "/rooms/a1/remove"));
    assert_eq!(send(&app, &planner, "/rooms/a1/remove", &[("count", "1")]).await.header("location"), "/rooms");
    assert!(app.cli("GET", &format!("/api/v1/events/{id}"), Value::Null).await.json(200)["room"].is_null());
}

const FILE: &str = "start,end,subject,room\n2026-11-25 08:00,2026-11-25 10:00,Optique,A1\n2026-11-26 08:00,2026-11-26 10:00,Optique,Z9\n";

#[tokio::test]
async fn a_preview_writes_nothing_and_tells_each_row() {
    let app = school().await;
    let planner = key(&app, "planner").await;
    let before = app.commits();
    let sent = send_file(&app, &planner, FILE, "m1").await;
    assert_eq!(sent.status, 303, "{}", sent.text(303));
    let path = sent.header("location").to_owned();
    assert!(path.starts_with("/import/i_") && path.ends_with("?cohort=m1"), "{path}");
    let page = see(&app, &planner, &path).await.text(422);
    assert!(page.contains("1 erreur") || page.contains("1 mistake"), "{page}");
    let page = see(&app, &planner, &format!("{path}&unknown=drop")).await.text(200);
    assert!(page.contains("Optique") && page.matches("badge ok").count() == 2, "{page}");
    assert_eq!(app.commits(), before);
    let held = path.split('?').next().unwrap();
    let wishes = [("cohort", "m1"), ("unknown", "drop")];
    let done = send(&app, &planner, held, &wishes).await;
    assert_eq!(done.status, 303);
    let page = see(&app, &planner, done.header("location")).await.text(200);
    assert!(page.contains("href=\"/c/m1\""), "{page}");
    let listed = app.cli("GET", "/api/v1/events", Value::Null).await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_file_is_its_senders_alone_and_is_forgotten() {
    let app = school().await;
    app.add_user("second", Role::Planner, &[]).await;
    let [planner, second, teacher] =
        [key(&app, "planner").await, key(&app, "second").await, key(&app, "teacher").await];
    assert_eq!(send_file(&app, &teacher, FILE, "m1").await.status, 403);
    let path = send_file(&app, &planner, FILE, "m1").await.header("location").to_owned();
    assert_eq!(see(&app, &second, &path).await.header("location"), "/import");
    app.later(chrono::TimeDelta::minutes(31));
    let planner_again = key(&app, "planner").await;
    assert_eq!(see(&app, &planner_again, &path).await.header("location"), "/import");
}

#[tokio::test]
async fn no_file_and_no_table_are_mistakes_of_the_form() {
    let app = school().await;
    let planner = key(&app, "planner").await;
    let page = send_file(&app, &planner, "", "m1").await.text(422);
    assert!(page.contains("id=\"file-mistake\"") && page.contains("value=\"m1\" selected"), "{page}");
    let path = send_file(&app, &planner, "colour\nred\n", "m1").await.header("location").to_owned();
    see(&app, &planner, &path).await.text(422);
}

#[tokio::test]
async fn what_changed_names_no_person() {
    let app = school().await;
    let [planner, student] = [key(&app, "planner").await, key(&app, "student").await];
    let moved = add_event(&app, json!({"subject": "Analyse", "teacher": "teacher"})).await;
    let dropped =
        add_event(&app, json!({"subject": "Optique", "start": "2026-11-24T10:00", "end": "2026-11-24T12:00"})).await;
    app.later(chrono::TimeDelta::days(10));
    let changed = json!({"start": "2026-12-07T10:00", "end": "2026-12-07T12:00", "teacher": null});
    app.cli("PATCH", &format!("/api/v1/events/{moved}"), changed).await.json(200);
    app.cli("DELETE", &format!("/api/v1/events/{dropped}"), Value::Null).await.text(204);
    add_event(&app, json!({"subject": "Chimie", "start": "2026-12-08T10:00", "end": "2026-12-08T12:00"})).await;
    let _ = planner;
    let student_again = key(&app, "student").await;
    let _ = student;
    let page = see(&app, &student_again, "/c/m1/changes").await.text(200);
    for part in ["Analyse", "Optique", "Chimie"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("teacher") && !page.contains("planner"), "{page}");
    let all = see(&app, &student_again, "/c/m1/changes?since=2026-11-20").await.text(200);
    assert!(!all.contains("Optique") && all.contains("Analyse"), "{all}");
}

#[tokio::test]
async fn what_changed_is_for_whoever_sees_the_calendar() {
    let app = school().await;
    app.add_cohort("M2", "token").await;
    let student = key(&app, "student").await;
    assert_eq!(see(&app, &student, "/c/m2/changes").await.status, 403);
    let stranger = app.get_with("/c/m1/changes", &[("accept", "text/html")]).await;
    assert_eq!((stranger.status, stranger.header("location")), (303, "/login?next=%2Fc%2Fm1%2Fchanges"));
}

#[tokio::test]
async fn what_a_feed_changed_is_told_too() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    let mut later = days(3);
    later[0] = event("e1@site", "2026-11-22T15:00:00Z", &["SUMMARY:Cours 1"]);
    site.answers(Reply::ics(calendar(&later)));
    app.later(chrono::TimeDelta::days(1));
    app.refresh("sr").await.json(200);
    let page = app.get_with("/c/2a-sr/changes?since=2026-11-22", &[("accept", "text/html")]).await.text(200);
    assert!(page.contains("Cours 1") && page.contains("16:00–17:30"), "{page}");
}
