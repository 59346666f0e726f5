//! Rooms through the router: names and aliases, seats, who is in them, which are free.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, calendar, event, text};
use crate::timetable_school::{id, ids};

#[tokio::test]
async fn a_room_is_found_by_slug_name_and_alias() {
    let app = App::test().with_school().await;
    let room = json!({"slug": "b12", "name": "B12", "kind": "amphi", "capacity": 30, "aliases": ["Amphi Ada"]});
    for name in ["b12", "B12", "amphi-ada", "AMPHI%20ADA"] {
        assert_eq!(app.cli("GET", &format!("/api/v1/rooms/{name}"), Value::Null).await.json(200), room, "{name}");
    }
    app.cli("GET", "/api/v1/rooms/none", Value::Null).await.json(404);
    assert_eq!(app.items("/api/v1/rooms").await.len(), 2);
}

#[tokio::test]
async fn a_renamed_room_keeps_its_events_and_its_old_slug() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12"})).await;
    let renamed = app.cli("PATCH", "/api/v1/rooms/b12", json!({"name": "Grand amphi"})).await.json(200);
    assert_eq!((text(&renamed, "slug"), &renamed["aliases"]), ("grand-amphi".into(), &json!(["Amphi Ada", "b12"])));
    let shown = app.event(&id(&made)).await;
    assert_eq!(text(&shown, "room"), "Grand amphi");
    assert!(shown["sequence"].as_u64() > made["sequence"].as_u64(), "phones take only what has grown");
    assert_eq!(app.items("/api/v1/events?room=b12").await, [shown]);
    let cleared =
        app.cli("PATCH", "/api/v1/rooms/grand-amphi", json!({"aliases": [], "capacity": null, "kind": null})).await;
    assert_eq!(
        cleared.json(200),
        json!({"slug": "grand-amphi", "name": "Grand amphi", "kind": "", "capacity": null, "aliases": []})
    );
}

#[tokio::test]
async fn what_cannot_be_a_room_is_told() {
    let app = App::test().with_school().await;
    let rows = [
        (json!({}), 400, vec!["name"]),
        (json!({"name": " ", "capacity": 0}), 400, vec!["capacity", "name"]),
        (json!({"name": "D1", "capacity": 0}), 422, vec!["capacity"]),
        (json!({"name": "D1", "capacity": -1}), 400, vec!["capacity"]),
        (json!({"name": "D1", "seats": 3}), 400, vec!["seats"]),
        (json!({"name": "D1", "kind": "k".repeat(41)}), 400, vec!["kind"]),
        (json!({"name": "D1", "aliases": ["ok", "!!"]}), 400, vec!["aliases[1]"]),
        (json!({"name": "Free"}), 422, vec!["name"]),
        (json!({"name": "all"}), 422, vec!["name"]),
        (json!({"name": "!!!"}), 400, vec!["name"]),
        (json!({"name": "b 12"}), 201, vec![]),
        (json!({"name": "b12"}), 409, vec!["name"]),
        (json!({"name": "AMPHI ADA"}), 409, vec!["name"]),
        (json!({"name": "D1", "aliases": ["B12"]}), 409, vec!["aliases"]),
        (json!({"name": "D1", "aliases": ["amphi_ada"]}), 409, vec!["aliases"]),
    ];
    for (body, status, fields) in rows {
        let answer = app.cli("POST", "/api/v1/rooms", body.clone()).await;
        assert_eq!(answer.status, status, "{body}");
        if status >= 400 {
            assert_eq!(answer.bad_fields(status), fields, "{body}");
        }
    }
    assert_eq!(app.cli("PATCH", "/api/v1/rooms/c1", json!({"name": "B12"})).await.bad_fields(409), ["name"]);
    assert_eq!(
        app.cli("PATCH", "/api/v1/rooms/c1", json!({"name": "c1", "aliases": ["C1", "c-1"]})).await.json(200)["aliases"],
        json!(["c-1"])
    );
}

#[tokio::test]
async fn a_room_with_events_goes_only_by_force() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", json!({"room": "B12", "cohorts": ["a"]})).await;
    let refused = app.cli("DELETE", "/api/v1/rooms/B12", Value::Null).await.json(409);
    assert!(text(&refused, "detail").contains(&id(&made)) && text(&refused, "detail").contains("--force"), "{refused}");
    app.cli("DELETE", "/api/v1/rooms/B12?force=true", Value::Null).await.text(204);
    let left = app.event(&id(&made)).await;
    assert_eq!(left["room"], Value::Null);
    assert!(left["sequence"].as_u64() > made["sequence"].as_u64());
    app.cli("DELETE", "/api/v1/rooms/c1", Value::Null).await.text(204);
    app.cli("DELETE", "/api/v1/rooms/c1", Value::Null).await.json(404);
}

#[tokio::test]
async fn somebody_who_was_slower_is_told_of_rooms_too() {
    let app = App::test().with_school().await;
    let tag = app.cli("GET", "/api/v1/rooms/c1", Value::Null).await.header("etag").to_owned();
    app.cli("PATCH", "/api/v1/rooms/c1", json!({"capacity": 3})).await.json(200);
    for (method, body) in [("PATCH", "{\"capacity\":4}"), ("DELETE", "")] {
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        let mut request = crate::app::request(method, "/api/v1/rooms/c1", &headers, body);
        request.extensions_mut().insert(carillon::actor::Caller::cli("pi"));
        assert_eq!(app.send(request).await.status, 412, "{method}");
    }
}

#[tokio::test]
async fn a_room_is_free_where_nothing_takes_place_in_it() {
    let feed = [event("one@site", "2026-11-23T13:00:00Z", &["LOCATION:amphi ada"])];
    let (app, _site) = App::test().with_school().await.with_feed(&calendar(&feed)).await;
    app.add_event("10:00", json!({"room": "B12"})).await;
    app.add_event("10:00", json!({"room": "C1", "status": "cancelled"})).await;
    let free = async |from: &str, to: &str, more: &str| {
        let items = app.items(&format!("/api/v1/rooms/free?from=2026-11-23T{from}&to=2026-11-23T{to}{more}")).await;
        items.iter().map(|room| text(room, "slug")).collect::<Vec<_>>().join(" ")
    };
    for (from, to, more, rooms) in [
        ("08:00", "10:00", "", "b12 c1"),
        ("08:00", "10:01", "", "c1"),
        ("11:30", "14:00", "", "b12 c1"),
        ("14:15", "14:20", "", "c1"),
        ("08:00", "10:00", "&capacity=3", "b12"),
        ("08:00", "10:00", "&capacity=31", ""),
        ("08:00", "10:00", "&limit=1", "b12"),
    ] {
        assert_eq!(free(from, to, more).await, rooms, "{from} {to} {more}");
    }
    for (query, status, fields) in [
        ("", 400, vec!["from", "to"]),
        ("from=x&to=2026-11-23", 400, vec!["from"]),
        ("from=2026-11-24&to=2026-11-22", 422, vec!["to"]),
        ("from=2026-11-23&to=2026-11-23&capacity=many", 400, vec!["capacity"]),
    ] {
        let answer = app.cli("GET", &format!("/api/v1/rooms/free?{query}"), Value::Null).await;
        assert_eq!(answer.bad_fields(status), fields, "{query}");
    }
}

#[tokio::test]
async fn a_cohort_or_a_teacher_with_events_goes_only_by_force() {
    let app = App::test().with_school().await;
    let both = app.add_event("08:00", json!({"cohorts": ["a", "b"], "teacher": "teo"})).await;
    let alone = app.add_event("10:00", json!({"cohorts": ["a"], "teacher": "tia"})).await;
    for path in ["/api/v1/users/teo", "/api/v1/cohorts/a"] {
        let refused = app.cli("DELETE", path, Value::Null).await.json(409);
        assert!(
            text(&refused, "detail").contains(&id(&both)) && text(&refused, "detail").contains("--force"),
            "{refused}"
        );
    }
    app.later(TimeDelta::minutes(1));
    app.cli("DELETE", "/api/v1/users/teo?force=true", Value::Null).await.text(204);
    assert_eq!(app.event(&id(&both)).await["teacher"], Value::Null);
    app.cli("DELETE", "/api/v1/cohorts/a?force=true", Value::Null).await.text(204);
    assert_eq!(app.event(&id(&both)).await["cohorts"], json!(["b"]));
    assert_eq!(app.cli("GET", &format!("/api/v1/events/{}", id(&alone)), Value::Null).await.status, 404);
    assert_eq!(ids(&app.items("/api/v1/events").await), [id(&both)]);
    app.cli("DELETE", "/api/v1/users/sam", Value::Null).await.text(204);
}
