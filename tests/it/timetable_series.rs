//! Weekly series: the hour on the wall, whole or not at all, this one, the following, all.

use serde_json::{Value, json};

use crate::app::{App, text};
use crate::timetable_school::id;

/// Thursdays at eight, over the end of summer time, without the 29th of October.
fn weekly(more: Value) -> Value {
    let mut series = json!({"start": "2026-10-15T08:00", "end": "2026-10-15T10:00",
                            "repeat": {"every": "week", "until": "2026-11-12", "except": ["2026-10-29"]}});
    more.as_object().unwrap().iter().for_each(|(field, value)| series[field] = value.clone());
    series
}

fn times(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| text(event, "start")[5..].replace(":00:00", "")).collect()
}

#[tokio::test]
async fn a_series_keeps_its_hour_when_the_clocks_change() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", weekly(json!({"cohorts": ["a"]}))).await;
    let items = made["items"].as_array().unwrap();
    assert_eq!(times(items), ["10-15T08+02:00", "10-22T08+02:00", "11-05T08+01:00", "11-12T08+01:00"]);
    assert!(text(&made, "series").starts_with("s_"));
    assert!(items.iter().all(|event| event["series"] == made["series"] && text(event, "end")[11..13] == *"10"));
    let listed = app.items(&format!("/api/v1/events?series={}", text(&made, "series"))).await;
    assert_eq!(&listed, items);
}

#[tokio::test]
async fn a_series_is_made_whole_or_not_at_all() {
    let app = App::test().with_school().await;
    let there =
        app.add_event("08:00", json!({"start": "2026-11-05T09:00", "end": "2026-11-05T09:30", "room": "B12"})).await;
    let refused = app.post_event("08:00", weekly(json!({"room": "B12"}))).await.json(409);
    assert_eq!(id(&refused["conflicts"][0]), id(&there));
    assert_eq!(app.items("/api/v1/events").await.len(), 1);
    let made = app.add_event("08:00", weekly(json!({"room": "B12", "allow_conflicts": true}))).await;
    assert_eq!(made["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_change_is_of_this_one_the_following_or_all() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", weekly(json!({"room": "B12"}))).await;
    let second = id(&made["items"][1]);
    let now = async || app.items(&format!("/api/v1/events?series={}", text(&made, "series"))).await;
    let patch =
        async |scope: &str, patch: Value| app.patch_event(&format!("{second}?scope={scope}"), patch).await.json(200);

    assert_eq!(patch("this", json!({"kind": "CM"})).await["kind"], "CM");
    let kinds = |events: &[Value]| events.iter().map(|event| text(event, "kind")).collect::<Vec<_>>();
    assert_eq!(kinds(&now().await), ["", "CM", "", ""]);

    // A day and two hours later on the wall of each, and half an hour longer.
    let moved = patch("following", json!({"start": "2026-10-23T10:00", "end": "2026-10-23T12:30"})).await;
    assert_eq!(moved["items"].as_array().unwrap().len(), 3);
    let expected = ["10-15T08+02:00", "10-23T10+02:00", "11-06T10+01:00", "11-13T10+01:00"];
    assert_eq!(times(&now().await), expected);
    assert!(now().await[1..].iter().all(|event| text(event, "end")[11..16] == *"12:30"));

    let all = patch("all", json!({"room": "C1"})).await;
    assert!(all["items"].as_array().unwrap().iter().all(|event| event["room"] == "C1"));
    assert_eq!(kinds(&now().await), ["", "CM", "", ""]);

    app.cli("DELETE", &format!("/api/v1/events/{second}?scope=following"), Value::Null).await.text(204);
    assert_eq!(times(&now().await), ["10-15T08+02:00"]);
    app.patch_event(&format!("{}?scope=some", id(&made["items"][0])), json!({})).await.bad_fields(400);
}

#[tokio::test]
async fn a_series_that_is_moved_onto_itself_does_not_clash_with_where_it_was() {
    let app = App::test().with_school().await;
    let made = app.add_event("08:00", weekly(json!({"room": "B12", "cohorts": ["a"]}))).await;
    let first = id(&made["items"][0]);
    app.patch_event(&format!("{first}?scope=all"), json!({"start": "2026-10-15T09:00", "end": "2026-10-15T11:00"}))
        .await
        .json(200);
    // A week later: each where the next one was.
    app.patch_event(&format!("{first}?scope=all"), json!({"start": "2026-10-22T09:00", "end": "2026-10-22T11:00"}))
        .await
        .json(200);
    let refused =
        app.patch_event(&first, json!({"start": "2026-10-29T09:00", "end": "2026-10-29T11:00"})).await.json(409);
    assert_eq!(id(&refused["conflicts"][0]), id(&made["items"][1]));
}

#[tokio::test]
async fn a_shift_onto_an_hour_that_does_not_exist_says_where() {
    let app = App::test().with_school().await;
    let series = json!({"start": "2027-03-21T08:00", "end": "2027-03-21T10:00", "repeat": {"every": "week", "until": "2027-03-28"}});
    let made = app.add_event("08:00", series).await;
    let path = format!("{}?scope=all", id(&made["items"][0]));
    let refused = app.patch_event(&path, json!({"start": "2027-03-21T02:30"})).await.json(422);
    let message = text(&refused["errors"][0], "message");
    assert!(message.contains(&id(&made["items"][1])) && message.contains("does not exist"), "{message}");
    assert!(app.items("/api/v1/events").await.iter().all(|event| text(event, "start").contains("T08")));
}
