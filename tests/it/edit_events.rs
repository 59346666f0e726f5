//! The pages of events by the router: made, changed, moved, cancelled, removed, taken back, by whom it may be.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::{Answer, App, calendar, days, text};

/// A school with two rooms, two cohorts, and somebody of each role.
async fn school() -> App {
    let app = App::test();
    for name in ["M1", "M2"] {
        app.add_cohort(name, "token").await;
    }
    for (name, capacity) in [("A1", 30), ("B2", 40), ("C3", 2)] {
        app.cli("POST", "/api/v1/rooms", json!({"name": name, "capacity": capacity})).await.json(201);
    }
    for (login, role) in
        [("planner", Role::Planner), ("teacher", Role::Teacher), ("other", Role::Teacher), ("student", Role::Student)]
    {
        app.add_user(login, role, &["m1"]).await;
    }
    app
}

/// An event of `m1` in `A1` on a Monday.
const MONDAY: [(&str, &str); 8] = [
    ("subject", "Algèbre"),
    ("date", "2026-11-23"),
    ("start", "10:00"),
    ("end", "12:00"),
    ("room", "a1"),
    ("teacher", "teacher"),
    ("cohorts", "m1"),
    ("status", "confirmed"),
];

/// The same with other values.
fn but(changed: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let kept = MONDAY.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed).map(|(name, value)| (*name, (*value).to_owned())).collect()
}

async fn bearer(app: &App, login: &str) -> String {
    format!("Bearer {}", app.sign_in(login).await)
}

async fn see(app: &App, login: &str, path: &str) -> Answer {
    app.get_with(path, &[("authorization", &bearer(app, login).await), ("accept", "text/html")]).await
}

async fn send(app: &App, login: &str, path: &str, fields: &[(&str, String)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let key = bearer(app, login).await;
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
    ];
    app.ask("POST", path, &headers, &body).await
}

/// The id of the event that a form has led to.
fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text(answer.status));
    answer.header("location").strip_prefix("/events/").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn add(app: &App, changed: &[(&'static str, &str)]) -> String {
    made(&send(app, "planner", "/events/new", &but(changed)).await)
}

async fn event(app: &App, id: &str) -> Value {
    app.cli("GET", &format!("/api/v1/events/{id}"), Value::Null).await.json(200)
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let after =
        page.split(&format!("type=\"hidden\" name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{page}"));
    after.split('"').next().unwrap().replace("&quot;", "\"")
}

#[tokio::test]
async fn a_stranger_signs_in_first() {
    let app = school().await;
    let answer = app.get("/events/new?room=a1&start=2026-11-23T10:00").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/login?next=%2Fevents%2Fnew%3Froom%3Da1%26start%3D2026-11-23T10%3A00");
}

#[tokio::test]
async fn a_student_makes_and_changes_no_event() {
    let app = school().await;
    let id = add(&app, &[]).await;
    for path in [
        "/events/new".to_owned(),
        format!("/events/{id}/edit"),
        format!("/events/{id}/cancel"),
        format!("/events/{id}/delete"),
    ] {
        assert_eq!(see(&app, "student", &path).await.status, 403, "GET {path}");
        assert_eq!(send(&app, "student", &path, &but(&[("start", "11:00")])).await.status, 403, "POST {path}");
    }
    for path in [format!("/events/{id}/move"), format!("/events/{id}/undo")] {
        assert_eq!(send(&app, "student", &path, &but(&[])).await.status, 403, "POST {path}");
    }
    assert_eq!(text(&event(&app, &id).await, "start"), "2026-11-23T10:00:00+01:00");
}

#[tokio::test]
async fn a_student_sees_an_event_without_its_history() {
    let app = school().await;
    let id = add(&app, &[("teacher", "other")]).await;
    let page = see(&app, "student", &format!("/events/{id}")).await.text(200);
    assert!(page.contains("Algèbre") && !page.contains("planner") && !page.contains("/edit"), "{page}");
    let foreign = add(&app, &[("cohorts", "m2"), ("room", "b2"), ("teacher", "")]).await;
    assert_eq!(see(&app, "student", &format!("/events/{foreign}")).await.status, 404);
}

#[tokio::test]
async fn a_teacher_changes_none_but_their_own() {
    let app = school().await;
    let own = made(&send(&app, "teacher", "/events/new", &but(&[("teacher", "other")])).await);
    assert_eq!(event(&app, &own).await["teacher"], "teacher");
    let page = see(&app, "other", &format!("/events/{own}")).await.text(200);
    assert!(!page.contains("/edit"), "{page}");
    assert_eq!(see(&app, "other", &format!("/events/{own}/edit")).await.status, 403);
    assert_eq!(send(&app, "other", &format!("/events/{own}/edit"), &but(&[("subject", "x")])).await.status, 403);
}

#[tokio::test]
async fn the_form_begins_with_what_the_address_says() {
    let app = school().await;
    let page =
        see(&app, "planner", "/events/new?cohort=m2&room=B2&teacher=other&start=2026-11-23T10:00").await.text(200);
    for part in [
        "value=\"2026-11-23\"",
        "value=\"10:00\"",
        "value=\"11:30\"",
        "value=\"b2\" selected",
        "value=\"other\" selected",
        "value=\"m2\" checked",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    see(&app, "planner", "/events/new?cohort=%3Cb%3E&room=nowhere&start=soon").await.text(200);
}

#[tokio::test]
async fn each_mistake_is_told_beside_its_field() {
    let app = school().await;
    let wrong = but(&[("subject", " "), ("start", "12:30"), ("until", "2026-12-01"), ("except", "Monday")]);
    let page = send(&app, "planner", "/events/new", &wrong).await.text(422);
    for name in ["subject", "end", "except"] {
        assert!(page.contains(&format!("id=\"{name}-mistake\"")), "{name}: {page}");
    }
    assert!(page.contains("value=\"12:30\""), "{page}");
    let page =
        send(&app, "planner", "/events/new", &but(&[("date", "2027-03-28"), ("start", "02:30"), ("end", "04:00")]))
            .await;
    assert!(page.text(422).contains("id=\"start-mistake\""));
}

#[tokio::test]
async fn a_clash_is_shown_before_anything_is_saved() {
    let app = school().await;
    let first = add(&app, &[]).await;
    let again = but(&[("subject", "Analyse"), ("cohorts", "m2"), ("teacher", "other"), ("start", "11:00")]);
    let page = send(&app, "planner", "/events/new", &again).await.text(422);
    assert!(page.contains(&format!("href=\"/events/{first}\"")) && page.contains("id=\"room-mistake\""), "{page}");
    assert!(
        page.contains("name=\"take_room\" value=\"b2\"") && !page.contains("name=\"take_room\" value=\"a1\""),
        "{page}"
    );
    assert!(page.contains("name=\"allow_conflicts\""), "{page}");
    let listed = app.cli("GET", "/api/v1/events", Value::Null).await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let taken =
        send(&app, "planner", "/events/new", &[again.clone(), vec![("take_room", "b2".to_owned())]].concat()).await;
    assert_eq!(event(&app, &made(&taken)).await["room"], "B2");
    let seen = but(&[
        ("subject", "Géométrie"),
        ("cohorts", "m2"),
        ("teacher", "other"),
        ("start", "11:00"),
        ("allow_conflicts", "on"),
    ]);
    made(&send(&app, "planner", "/events/new", &seen).await);
}

#[tokio::test]
async fn a_teacher_is_offered_no_clash() {
    let app = school().await;
    add(&app, &[("teacher", "other")]).await;
    let page = send(&app, "teacher", "/events/new", &but(&[("cohorts", "m2")])).await.text(422);
    assert!(!page.contains("allow_conflicts"), "{page}");
    let forced = but(&[("cohorts", "m2"), ("allow_conflicts", "on")]);
    assert_eq!(send(&app, "teacher", "/events/new", &forced).await.status, 403);
}

#[tokio::test]
async fn no_room_is_proposed_that_is_too_small() {
    let app = school().await;
    for login in ["s2", "s3", "s4"] {
        app.add_user(login, Role::Student, &["m1"]).await;
    }
    let page = send(&app, "planner", "/events/new", &but(&[("room", "c3")])).await.text(422);
    assert!(
        page.contains("name=\"take_room\" value=\"a1\"") && !page.contains("name=\"take_room\" value=\"c3\""),
        "{page}"
    );
}

#[tokio::test]
async fn a_move_keeps_the_length_and_can_be_taken_back() {
    let app = school().await;
    let id = add(&app, &[]).await;
    let seen = hidden(&see(&app, "planner", &format!("/events/{id}")).await.text(200), "seen");
    let to =
        [("date", "2026-11-24".to_owned()), ("start", "14:15".to_owned()), ("room", "b2".to_owned()), ("seen", seen)];
    let answer = send(&app, "planner", &format!("/events/{id}/move"), &to).await;
    assert_eq!(made(&answer), id);
    let now = event(&app, &id).await;
    assert_eq!(
        [&now["start"], &now["end"], &now["room"]],
        ["2026-11-24T14:15:00+01:00", "2026-11-24T16:15:00+01:00", "B2"]
    );
    let page = see(&app, "planner", &format!("/events/{id}")).await.text(200);
    assert!(page.contains("<del>") && page.contains("B2"), "{page}");
    send(&app, "planner", &format!("/events/{id}/undo"), &[]).await.text(303);
    assert_eq!(event(&app, &id).await["room"], "A1");
}

#[tokio::test]
async fn what_nobody_touched_stays_in_the_rest_of_a_series() {
    let app = school().await;
    let first = add(&app, &[("until", "2026-12-14"), ("except", "07/12/2026")]).await;
    let series = text(&event(&app, &first).await, "series");
    let all = format!("/api/v1/events?series={series}");
    let items = app.cli("GET", &all, Value::Null).await.json(200)["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 3);
    let second = text(&items[1], "id");
    app.cli("PATCH", &format!("/api/v1/events/{second}"), json!({"notes": "Apporter un compas"})).await.json(200);
    let seen = hidden(&see(&app, "planner", &format!("/events/{first}/edit")).await.text(200), "seen");
    let moved = but(&[("room", "b2"), ("scope", "all"), ("seen", &seen)]);
    made(&send(&app, "planner", &format!("/events/{first}/edit"), &moved).await);
    let items = app.cli("GET", &all, Value::Null).await.json(200)["items"].as_array().unwrap().clone();
    assert!(items.iter().all(|event| event["room"] == "B2"), "{items:?}");
    assert_eq!(items[1]["notes"], "Apporter un compas");
}

#[tokio::test]
async fn whoever_was_slower_sees_both_versions() {
    let app = school().await;
    let id = add(&app, &[]).await;
    let path = format!("/events/{id}/edit");
    let seen = hidden(&see(&app, "planner", &path).await.text(200), "seen");
    app.cli("PATCH", &format!("/api/v1/events/{id}"), json!({"subject": "Algèbre linéaire"})).await.json(200);
    let page = send(&app, "planner", &path, &but(&[("room", "b2"), ("seen", &seen)])).await.text(412);
    assert!(page.contains("Algèbre linéaire") && page.contains("value=\"Algèbre\""), "{page}");
    assert_eq!(event(&app, &id).await["room"], "A1");
    let known = hidden(&page, "seen");
    made(&send(&app, "planner", &path, &but(&[("room", "b2"), ("seen", &known)])).await);
    let now = event(&app, &id).await;
    assert_eq!([&now["room"], &now["subject"]], ["B2", "Algèbre"]);
}

#[tokio::test]
async fn a_cancelled_event_carries_a_word() {
    let app = school().await;
    let id = add(&app, &[("notes", "Chapitre 2")]).await;
    see(&app, "planner", &format!("/events/{id}/cancel")).await.text(200);
    let word = [("word", "L’enseignant est souffrant.\r\nPas de report.".to_owned())];
    made(&send(&app, "planner", &format!("/events/{id}/cancel"), &word).await);
    let now = event(&app, &id).await;
    assert_eq!(now["status"], "cancelled");
    assert_eq!(now["notes"], "L’enseignant est souffrant.\nPas de report.\n\nChapitre 2");
}

#[tokio::test]
async fn a_removed_event_comes_back_by_undo() {
    let app = school().await;
    let id = add(&app, &[]).await;
    let gone = send(&app, "planner", &format!("/events/{id}/delete"), &[]).await;
    assert_eq!((gone.status, gone.header("location")), (303, "/c/m1"));
    assert!(gone.header("set-cookie").contains(&format!("/events/{id}/undo")), "{gone:?}");
    assert_eq!(see(&app, "planner", &format!("/events/{id}")).await.status, 404);
    made(&send(&app, "planner", &format!("/events/{id}/undo"), &[]).await);
    assert_eq!(event(&app, &id).await["subject"], "Algèbre");
}

#[tokio::test]
async fn an_undo_whose_place_is_taken_says_what_is_there() {
    let app = school().await;
    let id = add(&app, &[]).await;
    send(&app, "planner", &format!("/events/{id}/delete"), &[]).await.text(303);
    let other = add(&app, &[("subject", "Analyse")]).await;
    let page = send(&app, "planner", &format!("/events/{id}/undo"), &[]).await.text(409);
    assert!(page.contains(&format!("href=\"/events/{other}\"")) && page.contains("allow_conflicts"), "{page}");
    made(&send(&app, "planner", &format!("/events/{id}/undo"), &[("allow_conflicts", "on".to_owned())]).await);
}

#[tokio::test]
async fn a_save_that_changes_nothing_costs_nothing() {
    let app = school().await;
    let id = add(&app, &[]).await;
    let seen = hidden(&see(&app, "planner", &format!("/events/{id}/edit")).await.text(200), "seen");
    let before = app.commits();
    made(&send(&app, "planner", &format!("/events/{id}/edit"), &but(&[("seen", &seen)])).await);
    assert_eq!(app.commits(), before);
}

#[tokio::test]
async fn a_feeds_event_is_shown_and_not_changed() {
    let (app, _site) = school().await.with_feed(&calendar(&days(2))).await;
    let listed = app.cli("GET", "/api/v1/events", Value::Null).await.json(200);
    let id = text(&listed["items"][0], "id");
    let page = see(&app, "planner", &format!("/events/{id}")).await.text(200);
    assert!(page.contains("Cours 1") && !page.contains("/edit"), "{page}");
    assert_eq!(see(&app, "planner", &format!("/events/{id}/edit")).await.status, 409);
}

#[tokio::test]
async fn what_is_typed_is_text_and_no_markup() {
    let app = school().await;
    let id = add(&app, &[("subject", "<script>1</script>"), ("notes", "</p><img src=x>")]).await;
    let page = see(&app, "planner", &format!("/events/{id}")).await.text(200);
    assert!(!page.contains("<script>1") && !page.contains("<img src=x"), "{page}");
}
