//! Undo: the last change taken back, from what the audit holds.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, text};
use crate::timetable_school::{id, ids};

/// What matters of an event, without what each change moves.
fn content(event: &Value) -> Value {
    let mut event = event.clone();
    for field in ["sequence", "updated_at"] {
        event.as_object_mut().unwrap().remove(field);
    }
    event
}

impl App {
    async fn undo(&self, id: &str) -> crate::app::Answer {
        self.later(TimeDelta::minutes(1));
        self.cli("POST", &format!("/api/v1/events/{id}/undo"), json!({})).await
    }
}

#[tokio::test]
async fn each_kind_of_change_is_taken_back() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12", "teacher": "teo", "cohorts": ["a"], "notes": "n"})).await;
    let id = id(&made);
    let changes = [
        ("PATCH", json!({"subject": "Analyse", "room": null, "cohorts": ["b"], "start": "2026-11-23T07:00"})),
        ("PATCH", json!({"status": "cancelled"})),
        ("DELETE", Value::Null),
    ];
    for (method, body) in changes {
        let before = app.event(&id).await;
        app.later(TimeDelta::minutes(1));
        assert!(app.cli(method, &format!("/api/v1/events/{id}"), body).await.status < 300);
        let undone = app.undo(&id).await.json(200);
        assert_eq!(content(&undone), content(&before), "{method}");
        assert!(undone["sequence"].as_u64() > before["sequence"].as_u64());
        assert_eq!(app.items("/api/v1/events?room=B12").await, [undone]);
    }
    let entries = app.items(&format!("/api/v1/audit?object=event:{id}")).await;
    assert_eq!(entries.iter().filter(|entry| entry["action"] == "event.undo").count(), 3);
    assert_eq!(entries[0]["after"]["names"]["room"], "B12");
}

#[tokio::test]
async fn a_creation_is_undone_by_a_removal_and_an_undo_by_another() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12"})).await;
    assert_eq!(app.undo(&id(&made)).await.status, 204);
    assert_eq!(app.items("/api/v1/events").await, Vec::<Value>::new());
    let again = app.undo(&id(&made)).await.json(200);
    assert_eq!(content(&again), content(&made));
    assert!(again["sequence"].as_u64() > made["sequence"].as_u64());
    app.undo("e_none").await.json(404);
}

#[tokio::test]
async fn what_stands_in_the_way_of_an_undo_is_told() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12"})).await;
    app.patch_event(&id(&made), json!({"room": "C1"})).await.json(200);
    let other = app.add_event("08:00", json!({"room": "B12"})).await;
    let refused = app.undo(&id(&made)).await.json(409);
    assert_eq!(id(&refused["conflicts"][0]), id(&other));
    let path = format!("/api/v1/events/{}/undo?allow_conflicts=true", id(&made));
    assert_eq!(app.cli("POST", &path, json!({})).await.json(200)["room"], "B12");
    app.patch_event(&id(&made), json!({"room": "C1"})).await.json(200);
    app.cli("DELETE", "/api/v1/rooms/b12?force=true", Value::Null).await.text(204);
    let refused = app.undo(&id(&made)).await.json(409);
    assert!(text(&refused, "detail").contains("room: was removed"), "{refused}");
}

#[tokio::test]
async fn a_series_is_undone_whole_or_says_why_not() {
    let app = App::test().with_school().await;
    let weekly = json!({"room": "B12", "repeat": {"every": "week", "until": "2026-12-07"}});
    let made = app.add_event("08:00", weekly).await;
    let items = made["items"].as_array().unwrap().clone();
    let [first, second, third] = ids(&items).try_into().unwrap();
    app.cli("DELETE", &format!("/api/v1/events/{second}?scope=following"), Value::Null).await.text(204);
    let undone = app.undo(&third).await.json(200);
    assert_eq!(ids(undone["items"].as_array().unwrap()), [second.clone(), third.clone()]);
    app.patch_event(&format!("{first}?scope=all"), json!({"subject": "Analyse"})).await.json(200);
    app.patch_event(&second, json!({"notes": "x"})).await.json(200);
    let refused = app.undo(&first).await.json(409);
    assert!(text(&refused, "detail").contains(&format!("{second} was changed since")), "{refused}");
    app.undo(&second).await.json(200);
    app.undo(&second).await.json(200);
    let now = app.items("/api/v1/events").await;
    assert!(now.iter().all(|event| event["subject"] == "Analyse"));
}

#[tokio::test]
async fn a_made_series_is_undone_at_once() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"repeat": {"every": "week", "until": "2026-12-07"}})).await;
    assert_eq!(app.undo(&id(&made["items"][1])).await.status, 204);
    assert_eq!(app.items("/api/v1/events").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_was_renamed_in_the_meantime_comes_back_under_its_new_name() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12", "cohorts": ["a"]})).await;
    app.cli("DELETE", &format!("/api/v1/events/{}", id(&made)), Value::Null).await.text(204);
    app.cli("PATCH", "/api/v1/rooms/b12", json!({"name": "Grand amphi"})).await.json(200);
    app.cli("PATCH", "/api/v1/cohorts/a", json!({"slug": "a-2027"})).await.json(200);
    let undone = app.undo(&id(&made)).await.json(200);
    assert_eq!((text(&undone, "room"), &undone["cohorts"]), ("Grand amphi".into(), &json!(["a-2027"])));
}

#[tokio::test]
async fn a_change_that_has_faded_is_not_taken_back_and_that_is_why() {
    let app = App::test().with_school().await;
    let more = json!({"room": "B12", "notes": "ask marie@example.org"});
    let id = id(&app.add_event("08:00", more).await);
    app.patch_event(&id, json!({"notes": "ask nobody"})).await.json(200);
    app.later(TimeDelta::days(366));
    carillon::audit::fade(&app.slices.app).await.unwrap();
    let refused = app.undo(&id).await.text(409);
    assert!(refused.contains("gone by now from what the audit holds"), "{refused}");
    assert_eq!(app.event(&id).await["notes"], "ask nobody");
}
