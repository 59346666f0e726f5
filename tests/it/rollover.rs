//! A year's roll-over through the router: what goes and what stays, a dry run, twice, and taken back.

use carillon::timekeeping::Witnesses;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Answer, App, NOW, at, text};
use crate::timetable_school::{id, ids};

impl App {
    /// An event of the last year: on a day of May 2026.
    pub async fn add_old(&self, day: u32, more: Value) -> Value {
        let mut event = json!({"start": format!("2026-05-{day:02}T08:00"), "end": format!("2026-05-{day:02}T10:00")});
        for (field, value) in more.as_object().unwrap() {
            event[field] = value.clone();
        }
        self.add_event("08:00", event).await
    }

    pub async fn roll_over(&self, wanted: Value) -> Answer {
        self.cli("POST", "/api/v1/rollovers", wanted).await
    }

    pub async fn undo_rollover(&self, done: &Value) -> Answer {
        self.cli("POST", &format!("/api/v1/rollovers/{}/undo", id(done)), json!({})).await
    }
}

/// A school with events of `a`: one that ended, one shared with `b` that ended, one to come; and a token's calendar.
async fn school() -> (App, [Value; 3], String) {
    let app = App::test().with_school().await;
    let old = app.add_old(4, json!({"cohorts": ["a"], "room": "B12", "teacher": "teo", "subject": "Old"})).await;
    let shared = app.add_old(5, json!({"cohorts": ["a", "b"], "subject": "Shared"})).await;
    let coming = app.add_event("08:00", json!({"cohorts": ["a"], "subject": "Coming"})).await;
    let calendar = format!("/s/{}/a.ics", app.secret("zoe", json!(["a"])).await);
    (app, [old, shared, coming], calendar)
}

#[tokio::test]
async fn what_ended_last_year_goes_and_the_cohort_stays() {
    let (app, [old, shared, coming], calendar) = school().await;
    assert!(app.get(&calendar).await.text(200).contains("SUMMARY:Old"));
    let done = app.roll_over(json!({"cohorts": ["A"]})).await.json(200);
    assert_eq!((&done["archived"], &done["dry_run"]), (&json!(1), &json!(false)));
    assert_eq!(text(&done, "before"), "2026-08-01T00:00:00+02:00");
    let left = json!([{"why": "not_ended", "events": 1, "with": []}, {"why": "shared", "events": 1, "with": ["b"]}]);
    let cohort = json!({"cohort": "a", "archived": 1, "left": left, "students": 2, "feeds": [], "tokens": 1});
    assert_eq!(done["cohorts"], json!([cohort]));
    let warnings = done["warnings"].to_string();
    assert!(warnings.contains("of b too") && warnings.contains("2 students") && warnings.contains("user import"));
    assert_eq!(ids(&app.items("/api/v1/events").await), [id(&shared), id(&coming)]);
    let shown = app.get(&calendar).await.text(200);
    assert!(!shown.contains("SUMMARY:Old") && shown.contains("SUMMARY:Shared") && shown.contains("SUMMARY:Coming"));
    for list in ["room=B12", "teacher=teo"] {
        assert_eq!(app.items(&format!("/api/v1/events?{list}")).await, Vec::<Value>::new(), "{list}");
    }
    for list in ["", "&cohort=a", "&room=B12", "&teacher=teo", "&from=2026-05-01&to=2026-05-31", "&subject=old"] {
        assert_eq!(app.items(&format!("/api/v1/events?archived=true{list}")).await, [old.clone()], "{list}");
    }
    assert_eq!(app.event(&id(&old)).await, old);
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_changes_nothing() {
    let (app, _, calendar) = school().await;
    let (shown, commits) = (app.get(&calendar).await.text(200), app.commits());
    let mut dry = app.roll_over(json!({"cohorts": ["a"], "dry_run": true})).await.json(200);
    assert_eq!((app.commits(), &app.get(&calendar).await.text(200)), (commits, &shown));
    let mut done = app.roll_over(json!({"cohorts": ["a"]})).await.json(200);
    assert_eq!((&dry["id"], &dry["dry_run"]), (&Value::Null, &json!(true)));
    for answer in [&mut dry, &mut done] {
        answer.as_object_mut().unwrap().retain(|field, _| !["id", "dry_run"].contains(&field.as_str()));
    }
    assert_eq!(dry, done);
}

#[tokio::test]
async fn a_second_run_archives_and_writes_nothing() {
    let (app, _, _) = school().await;
    app.roll_over(json!({"cohorts": ["a"]})).await.json(200);
    let commits = app.commits();
    let again = app.roll_over(json!({"cohorts": ["a"]})).await.json(200);
    assert_eq!((&again["archived"], &again["id"], app.commits()), (&json!(0), &Value::Null, commits));
}

#[tokio::test]
async fn an_event_of_two_cohorts_goes_with_both_and_counts_once() {
    let (app, [_, shared, coming], _) = school().await;
    let done = app.roll_over(json!({"cohorts": ["a", "b", "A"]})).await.json(200);
    let counts: Vec<_> = done["cohorts"].as_array().unwrap().iter().map(|cohort| cohort["archived"].clone()).collect();
    assert_eq!((&done["archived"], counts), (&json!(2), vec![json!(2), json!(1)]));
    assert_eq!(ids(&app.items("/api/v1/events").await), [id(&coming)]);
    assert_eq!(ids(&app.items("/api/v1/events?archived=true&cohort=b").await), [id(&shared)]);
}

#[tokio::test]
async fn a_roll_over_is_undone_whole_and_each_event_is_as_it_was() {
    let (app, [old, _, _], calendar) = school().await;
    app.patch_event(&id(&old), json!({"status": "cancelled", "notes": "a\r\nb"})).await.json(200);
    let (events, shown) = (app.items("/api/v1/events").await, app.get(&calendar).await.text(200));
    app.later(TimeDelta::days(1));
    let done = app.roll_over(json!({"cohorts": ["a", "b"]})).await.json(200);
    app.later(TimeDelta::days(1));
    let listed = app.items("/api/v1/rollovers").await;
    assert_eq!(
        (id(&listed[0]), &listed[0]["archived"], &listed[0]["cohorts"]),
        (id(&done), &json!(2), &json!(["a", "b"]))
    );
    let undone = app.undo_rollover(&done).await.json(200);
    assert_eq!(undone, json!({"id": done["id"], "restored": 2}));
    assert_eq!(app.items("/api/v1/events").await, events);
    assert_eq!(app.get(&calendar).await.text(200), shown);
    assert_eq!(app.items("/api/v1/events?archived=true").await, Vec::<Value>::new());
    app.undo_rollover(&done).await.json(404);
    assert_eq!(app.items("/api/v1/rollovers").await, Vec::<Value>::new());
    let path = format!("/api/v1/events/{}/undo", id(&old));
    assert_eq!(app.cli("POST", &path, json!({})).await.json(200)["status"], "confirmed");
}

#[tokio::test]
async fn thousands_of_events_are_one_entry_of_the_audit() {
    let app = App::test().with_school().await;
    let start = |n: i64| (at("2025-09-01T08:00:00Z") + TimeDelta::hours(3 * n)).to_rfc3339();
    let rows: String =
        (0..2000).map(|n| format!("{},{},n{n},a\n", start(n), start(n).replace(":00:00+", ":30:00+"))).collect();
    let table = format!("start,end,subject,cohort\n{rows}");
    let mut request = crate::app::request("POST", "/api/v1/events/import", &[("content-type", "text/csv")], &table);
    request.extensions_mut().insert(carillon::actor::Caller::cli("pi"));
    assert_eq!(app.send(request).await.json(200)["created"], 2000);
    let newest = async || app.items("/api/v1/audit?limit=1").await[0].clone();
    let before = newest().await["id"].as_u64().unwrap();
    let done = app.roll_over(json!({"cohorts": ["a"]})).await.json(200);
    assert_eq!(done["archived"], 2000);
    let entry = newest().await;
    assert_eq!((entry["id"].as_u64(), text(&entry, "action")), (Some(before + 1), "cohort.rollover".into()));
    assert_eq!(entry["after"], json!({"ended_before": "2026-08-01T00:00:00+02:00", "cohorts": ["a"], "events": 2000}));
    assert_eq!(app.undo_rollover(&done).await.json(200)["restored"], 2000);
    let entry = newest().await;
    assert_eq!((entry["id"].as_u64(), text(&entry, "action")), (Some(before + 2), "cohort.rollover_undo".into()));
    assert_eq!(text(&entry, "object"), format!("rollover:{}", id(&done)));
}

#[tokio::test]
async fn only_the_past_of_known_cohorts_is_archived() {
    let (app, _, _) = school().await;
    let rows = [
        (json!({"cohorts": ["a"], "before": "2026-11-22"}), 422, "before"),
        (json!({"cohorts": ["a"], "before": "2026-11-21T11:00:01+01:00"}), 422, "before"),
        (json!({"cohorts": ["a"], "before": "soon"}), 400, "before"),
        (json!({"cohorts": ["a", "none"]}), 422, "cohorts"),
        (json!({"cohorts": []}), 400, "cohorts"),
        (json!({"cohorts": ["a"], "force": true}), 400, "force"),
    ];
    for (wanted, status, field) in rows {
        assert_eq!(app.roll_over(wanted.clone()).await.bad_fields(status), [field], "{wanted}");
    }
    let refused = app.roll_over(json!({"cohorts": ["a"], "before": "2026-11-22"})).await.json(422);
    assert!(text(&refused["errors"][0], "message").contains("2026-11-21 at the latest"), "{refused}");
    let early = app.roll_over(json!({"cohorts": ["a"], "before": "2026-05-04T09:59:59+02:00"})).await.json(200);
    assert_eq!(early["archived"], 0, "it ended a second later");
    assert_eq!(app.roll_over(json!({"cohorts": ["a"], "before": "2026-11-21"})).await.json(200)["archived"], 1);
}

#[tokio::test]
async fn a_clock_that_nobody_vouches_for_does_not_say_which_year_is_over() {
    let app = App::judged(at(NOW), Witnesses::none());
    app.clock.doubt(&app.clock.reading());
    app.add_cohort("A", "token").await;
    assert_eq!(app.roll_over(json!({"cohorts": ["a"]})).await.bad_fields(422), ["before"]);
    app.roll_over(json!({"cohorts": ["a"], "before": "2026-08-01"})).await.json(200);
}
