//! The archive as the rest of the timetable meets it: changes by hand, imports, rooms and people that go.

use serde_json::{Value, json};

use crate::app::{App, text};
use crate::import_events::{form, send_form};
use crate::timetable_school::id;

/// A school, an archived event of `a` in B12 with teo, and the roll-over.
async fn archived(more: Value) -> (App, Value, Value) {
    let app = App::test().with_school().await;
    let mut said = json!({"cohorts": ["a"], "room": "B12", "teacher": "teo", "kind": "CM"});
    for (field, value) in more.as_object().unwrap() {
        said[field] = value.clone();
    }
    let old = app.add_old(4, said).await;
    let done = app.roll_over(json!({"cohorts": ["a", "b"]})).await.json(200);
    assert_eq!(done["archived"], 1);
    (app, old, done)
}

async fn import(app: &App, table: &[u8]) -> Value {
    send_form(app, "/api/v1/events/import", form(&[("file", "e.csv", table)], &[])).await.json(200)
}

#[tokio::test]
async fn an_archived_event_is_changed_by_nobody_and_in_nobodys_way() {
    let (app, old, done) = archived(json!({})).await;
    let path = format!("/api/v1/events/{}", id(&old));
    for (method, path) in [("PATCH", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/undo"))] {
        let refused = app.cli(method, &path, json!({})).await.json(409);
        assert!(text(&refused, "detail").contains(&id(&done)), "{refused}");
    }
    app.add_old(4, json!({"cohorts": ["a"], "room": "B12", "subject": "At the same time"})).await;
    let free = app.items("/api/v1/rooms/free?from=2026-05-05T08:00&to=2026-05-05T09:00").await;
    assert_eq!(free.len(), 2);
}

#[tokio::test]
async fn students_see_what_is_archived_of_their_own_cohorts_alone() {
    let (app, old, _) = archived(json!({})).await;
    for (login, seen) in [("sam", vec![old.clone()]), ("bob", vec![]), ("teo", vec![old.clone()])] {
        let page = app.by(login, "GET", "/api/v1/events?archived=true", Value::Null).await.json(200);
        assert_eq!(page["items"], json!(seen), "{login}");
    }
    app.by("bob", "GET", &format!("/api/v1/events/{}", id(&old)), Value::Null).await.json(404);
}

#[tokio::test]
async fn what_was_archived_does_not_come_in_again_by_a_file() {
    let (app, old, done) = archived(json!({})).await;
    let exported = app.cli("GET", "/api/v1/events.csv?archived=true", Value::Null).await;
    assert!(exported.text(200).contains(&id(&old)));
    let by_hand = "start,end,subject,kind,cohort\n2026-05-04 08:00,2026-05-04 10:00,Algèbre,CM,a\n";
    for table in [exported.bytes.as_slice(), by_hand.as_bytes()] {
        let told = import(&app, table).await;
        assert_eq!((&told["created"], &told["updated"], &told["unchanged"]), (&json!(0), &json!(0), &json!(1)));
        assert!(text(&json!({"w": told["rows"][0]["warnings"][0]}), "w").contains(&id(&done)), "{told}");
    }
    assert_eq!(app.items("/api/v1/events").await, Vec::<Value>::new());
    assert_eq!(app.cli("GET", "/api/v1/events.csv", Value::Null).await.text(200).lines().count(), 1);
}

#[tokio::test]
async fn whoever_is_erased_is_gone_from_the_archive_too() {
    let (app, old, done) = archived(json!({})).await;
    let husk = app.cli("POST", "/api/v1/users/teo/erase", json!({"login": "teo"})).await.json(200);
    assert_eq!(text(&app.event(&id(&old)).await, "teacher"), text(&husk, "login"));
    assert_eq!(app.items("/api/v1/events?archived=true&subject=alg").await.len(), 1);
    app.undo_rollover(&done).await.json(200);
    let list = app.items(&format!("/api/v1/events?teacher={}", text(&husk, "login"))).await;
    assert_eq!((list.len(), &list[0]["sequence"]), (1, &old["sequence"]));
}

#[tokio::test]
async fn a_room_or_a_teacher_with_archived_events_goes_by_force_and_they_do_without() {
    for (path, field, what) in [("/api/v1/rooms/b12", "room", "room"), ("/api/v1/users/teo", "teacher", "user")] {
        let (app, old, done) = archived(json!({})).await;
        let refused = app.cli("DELETE", path, Value::Null).await.json(409);
        let told = text(&refused, "detail");
        assert!(told.contains(what) && told.contains("1 archived event") && told.contains("--force"), "{told}");
        app.cli("DELETE", &format!("{path}?force=true"), Value::Null).await.text(204);
        assert_eq!(app.event(&id(&old)).await[field], Value::Null);
        app.undo_rollover(&done).await.json(200);
        assert_eq!(app.items("/api/v1/events").await[0][field], Value::Null);
    }
}

#[tokio::test]
async fn a_cohort_takes_its_archive_along_by_force_alone() {
    let (app, old, done) = archived(json!({})).await;
    let refused = app.cli("DELETE", "/api/v1/cohorts/a", Value::Null).await.json(409);
    assert!(text(&refused, "detail").contains("1 archived event"), "{refused}");
    app.cli("DELETE", "/api/v1/cohorts/a?force=true", Value::Null).await.text(204);
    app.cli("GET", &format!("/api/v1/events/{}", id(&old)), Value::Null).await.json(404);
    assert_eq!(app.items("/api/v1/rollovers").await[0]["archived"], 0);
    assert_eq!(app.undo_rollover(&done).await.json(200)["restored"], 0);
    let told = app.items(&format!("/api/v1/audit?object=event:{}&action=event.remove", id(&old))).await;
    assert_eq!(told[0]["before"]["subject"], "Algèbre");
}

#[tokio::test]
async fn an_archived_event_of_two_cohorts_stays_in_the_archive_of_the_other() {
    let (app, old, _) = archived(json!({"cohorts": ["a", "b"]})).await;
    app.cli("DELETE", "/api/v1/cohorts/a?force=true", Value::Null).await.text(204);
    assert_eq!(app.event(&id(&old)).await["cohorts"], json!(["b"]));
    assert_eq!(app.items("/api/v1/events?archived=true&cohort=b").await.len(), 1);
}
