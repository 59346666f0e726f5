//! What clashes with what, how it is told, and the report.

use serde_json::{Value, json};

use crate::app::{App, calendar, event, text};
use crate::timetable_school::{id, ids};

#[tokio::test]
async fn one_room_teacher_or_cohort_is_at_one_thing_at_a_time() {
    let app = App::test().with_school().await;
    let there = app.add_event("10:00", json!({"room": "B12", "teacher": "teo", "cohorts": ["a"]})).await;
    let rows: [(&str, Value, &[&str]); 12] = [
        ("10:00", json!({"room": "B12"}), &["room"]),
        ("10:00", json!({"teacher": "teo"}), &["teacher"]),
        ("10:00", json!({"cohorts": ["b", "a"]}), &["cohort"]),
        ("09:00", json!({"room": "Amphi Ada", "teacher": "teo", "cohorts": ["a"]}), &["room", "teacher", "cohort"]),
        ("11:29", json!({"room": "B12"}), &["room"]),
        ("10:30", json!({"start": "2026-11-23T10:30", "end": "2026-11-23T10:31", "room": "B12"}), &["room"]),
        ("08:00", json!({"end": "2026-11-29T08:00", "teacher": "teo"}), &["teacher"]),
        ("11:30", json!({"room": "B12", "teacher": "teo", "cohorts": ["a"]}), &[]),
        ("08:30", json!({"room": "B12", "teacher": "teo", "cohorts": ["a"]}), &[]),
        ("10:00", json!({"room": "C1", "teacher": "tia", "cohorts": ["b"]}), &[]),
        ("10:00", json!({}), &[]),
        ("10:00", json!({"room": "B12", "status": "cancelled"}), &[]),
    ];
    for (start, more, why) in rows {
        let answer = app.post_event(start, more.clone()).await;
        if why.is_empty() {
            let path = format!("/api/v1/events/{}", id(&answer.json(201)));
            app.cli("DELETE", &path, Value::Null).await.text(204);
            continue;
        }
        let problem = answer.json(409);
        assert_eq!(problem["conflicts"][0]["why"], json!(why), "{start} {more}: {problem}");
        for field in ["id", "start", "end", "subject", "room", "teacher", "cohorts"] {
            assert_eq!(problem["conflicts"][0][field], there[field], "{field}");
        }
        assert_eq!(problem["conflicts"].as_array().unwrap().len(), 1);
        assert!(text(&problem, "detail").contains(&id(&there)), "{problem}");
    }
    assert_eq!(app.items("/api/v1/events").await, [there]);
}

#[tokio::test]
async fn a_refused_event_leaves_nothing_behind() {
    let app = App::test().with_school().await;
    app.add_event("10:00", json!({"room": "B12"})).await;
    let before = app.commits();
    app.post_event("10:00", json!({"room": "B12"})).await.json(409);
    assert_eq!(app.commits(), before);
    let audit = app.items("/api/v1/audit?action=event.create").await;
    assert_eq!(audit.len(), 1);
}

#[tokio::test]
async fn a_feeds_event_stands_in_the_way_by_its_cohort_and_its_place() {
    let feed = [
        event("one@site", "2026-11-23T09:00:00Z", &["SUMMARY:Réseaux", "LOCATION:AMPHI  ada"]),
        event("two@site", "2026-11-24T09:00:00Z", &["SUMMARY:Deux salles", "LOCATION:Z9\\, B12"]),
        event("off@site", "2026-11-25T09:00:00Z", &["SUMMARY:Annulé", "LOCATION:B12", "STATUS:CANCELLED"]),
        event("free@site", "2026-11-26T09:00:00Z", &["SUMMARY:Libre", "LOCATION:B12", "TRANSP:TRANSPARENT"]),
        event(
            "week@site",
            "2026-12-07T09:00:00Z",
            &["SUMMARY:Chaque semaine", "LOCATION:B12", "RRULE:FREQ=WEEKLY;COUNT=3"],
        ),
    ];
    let (app, _site) = App::test().with_school().await.with_feed(&calendar(&feed)).await;
    let on = |day: &str| json!({"start": format!("2026-{day}T10:30"), "end": format!("2026-{day}T11:00")});
    let with = |mut event: Value, more: Value| {
        more.as_object().unwrap().iter().for_each(|(field, value)| event[field] = value.clone());
        event
    };
    let rows = [
        (with(on("11-23"), json!({"room": "B12"})), Some("room")),
        (with(on("11-23"), json!({"cohorts": ["2a-sr"]})), Some("cohort")),
        (with(on("11-23"), json!({"cohorts": ["a"], "room": "C1"})), None),
        (with(on("11-24"), json!({"room": "B12"})), Some("room")),
        (with(on("11-25"), json!({"room": "B12", "cohorts": ["2a-sr"]})), None),
        (with(on("11-26"), json!({"room": "B12", "cohorts": ["2a-sr"]})), None),
        (with(on("12-14"), json!({"room": "B12"})), Some("room")),
        (with(on("12-28"), json!({"room": "B12"})), None),
    ];
    for (more, why) in rows {
        let answer = app.post_event("08:00", more.clone()).await;
        let Some(why) = why else {
            assert_eq!(answer.status, 201, "{more}");
            continue;
        };
        let problem = answer.json(409);
        let conflict = &problem["conflicts"][0];
        assert_eq!((conflict["why"][0].as_str(), text(conflict, "source")), (Some(why), "sr".into()), "{more}");
        assert!(id(conflict).starts_with("f_") && conflict["subject"].is_string(), "{problem}");
    }
}

#[tokio::test]
async fn a_feed_that_changes_changes_what_clashes() {
    let (app, site) = App::test()
        .with_school()
        .await
        .with_feed(&calendar(&[event("one@site", "2026-11-23T09:00:00Z", &["LOCATION:B12"])]))
        .await;
    app.post_event("10:00", json!({"room": "B12"})).await.json(409);
    let moved = event("one@site", "2026-11-23T15:00:00Z", &["LOCATION:B12"]);
    site.answers(crate::upstream::Reply::ics(calendar(&[moved])));
    app.refresh("sr").await.json(200);
    app.add_event("10:00", json!({"room": "B12"})).await;
    app.post_event("16:00", json!({"room": "B12"})).await.json(409);
    app.cli("DELETE", "/api/v1/feeds/sr", Value::Null).await.text(204);
    app.add_event("16:00", json!({"room": "B12"})).await;
}

#[tokio::test]
async fn more_students_than_seats_is_a_clash() {
    let app = App::test().with_school().await;
    app.add_event("08:00", json!({"room": "C1", "cohorts": ["a"]})).await;
    let problem = app.post_event("10:00", json!({"room": "C1", "cohorts": ["a", "b"]})).await.json(409);
    let conflict = &problem["conflicts"][0];
    assert_eq!(
        (&conflict["why"], &conflict["students"], &conflict["capacity"]),
        (&json!(["seats"]), &json!(3), &json!(2))
    );
    app.cli("PATCH", "/api/v1/users/bob", json!({"disabled": true})).await.json(200);
    app.add_event("10:00", json!({"room": "C1", "cohorts": ["a", "b"]})).await;
}

#[tokio::test]
async fn an_edit_does_not_clash_with_itself_and_asks_only_for_what_is_new() {
    let app = App::test().with_school().await;
    let first = app.add_event("10:00", json!({"room": "B12"})).await;
    app.patch_event(&id(&first), json!({"end": "2026-11-23T12:00"})).await.json(200);
    let second = app.add_event("11:00", json!({"room": "B12", "allow_conflicts": true})).await;
    // What was allowed once is not asked again for another reason…
    app.patch_event(&id(&second), json!({"notes": "seen"})).await.json(200);
    app.patch_event(&id(&second), json!({"status": "tentative"})).await.json(200);
    // …but a new time is.
    let refused = app.patch_event(&id(&second), json!({"start": "2026-11-23T10:30"})).await.json(409);
    assert_eq!(id(&refused["conflicts"][0]), id(&first));
    app.patch_event(&id(&first), json!({"status": "cancelled"})).await.json(200);
    app.patch_event(&id(&second), json!({"start": "2026-11-23T10:30"})).await.json(200);
    let refused = app.patch_event(&id(&first), json!({"status": "confirmed"})).await.json(409);
    assert_eq!(id(&refused["conflicts"][0]), id(&second));
}

#[tokio::test]
async fn the_report_tells_each_clash_to_come_once() {
    let feed = [event("one@site", "2026-11-23T15:00:00Z", &["SUMMARY:Réseaux", "LOCATION:B12"])];
    let (app, _site) = App::test().with_school().await.with_feed(&calendar(&feed)).await;
    let seen = |more: Value| {
        let mut more = more;
        more["allow_conflicts"] = json!(true);
        more
    };
    let one = app.add_event("08:00", seen(json!({"room": "B12", "teacher": "teo"}))).await;
    let two = app.add_event("09:00", seen(json!({"room": "B12", "teacher": "teo"}))).await;
    let three = app.add_event("10:00", seen(json!({"room": "B12"}))).await;
    let crowded = app.add_event("13:00", seen(json!({"room": "C1", "cohorts": ["a", "b"]}))).await;
    let beside = app.add_event("16:30", seen(json!({"room": "B12"}))).await;
    app.add_event("16:30", seen(json!({"room": "B12", "status": "cancelled"}))).await;
    app.add_event("18:00", json!({"room": "B12"})).await;
    let clashes = app.items("/api/v1/clashes").await;
    let told: Vec<_> =
        clashes.iter().map(|clash| (ids(clash["events"].as_array().unwrap()), clash["why"].clone())).collect();
    let theirs = id(&clashes[3]["events"][1]);
    let expected = [
        (vec![id(&one), id(&two)], json!(["room", "teacher"])),
        (vec![id(&two), id(&three)], json!(["room"])),
        (vec![id(&crowded)], json!(["seats"])),
        (vec![id(&beside), theirs.clone()], json!(["room"])),
    ];
    assert_eq!(told, expected);
    assert!(theirs.starts_with("f_"));
    assert_eq!(
        (text(&clashes[0], "start"), text(&clashes[0], "end")),
        ("2026-11-23T09:00:00+01:00".into(), "2026-11-23T09:30:00+01:00".into())
    );
    assert_eq!(clashes[2]["students"], 3);
    let (mut walked, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.cli("GET", &format!("/api/v1/clashes?limit=1{after}"), Value::Null).await.json(200);
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(walked, clashes);
    assert_eq!(app.items("/api/v1/clashes?from=2026-11-23T09:30&to=2026-11-23T13:00").await.len(), 1);
    assert_eq!(app.items("/api/v1/clashes?from=2026-11-24").await, Vec::<Value>::new());
    app.later(chrono::TimeDelta::days(3));
    assert_eq!(app.items("/api/v1/clashes").await, Vec::<Value>::new());
}
