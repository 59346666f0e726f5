//! Who may do what with the timetable: each role at each route, and a teacher's own events.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::{App, calendar, event, text};
use crate::timetable_school::{id, ids, lesson};

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let app = App::test().with_school().await;
    app.add_user("ada", Role::Admin, &[]).await;
    let of_b = app.add_event("08:00", json!({"subject": "Secret", "cohorts": ["b"], "teacher": "tia"})).await;
    let of_a = app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo"})).await;
    let mut keys = vec![("nobody", String::new()), ("token", format!("Bearer {}", app.secret("t", Value::Null).await))];
    for login in ["sam", "teo", "pla", "ada"] {
        keys.push((login, format!("Bearer {}", app.sign_in(login).await)));
    }
    let (of_a, of_b) = (format!("/api/v1/events/{}", id(&of_a)), format!("/api/v1/events/{}", id(&of_b)));
    let (undo_a, undo_b) = (format!("{of_a}/undo"), format!("{of_b}/undo"));
    let free = "/api/v1/rooms/free?from=2026-11-23T08:00&to=2026-11-23T09:00";
    let bad = "{\"subject\":\"\"}";
    let new_b = lesson("20:00", json!({"teacher": "tia", "subject": ""})).to_string();
    // Method, path, body, then nobody, a subscriber token, student, teacher, planner, administrator. A change that cannot
    // be, 400, has passed the table.
    let rows: &[(&str, &str, &str, [u16; 6])] = &[
        ("GET", "/api/v1/rooms", "", [401, 401, 403, 200, 200, 200]),
        ("GET", "/api/v1/rooms/b12", "", [401, 401, 403, 200, 200, 200]),
        ("GET", free, "", [401, 401, 403, 200, 200, 200]),
        ("POST", "/api/v1/rooms", "{}", [401, 401, 403, 403, 400, 400]),
        ("PATCH", "/api/v1/rooms/b12", "{}", [401, 401, 403, 403, 200, 200]),
        ("DELETE", "/api/v1/rooms/none", "", [401, 401, 403, 403, 404, 404]),
        ("GET", "/api/v1/teachers", "", [401, 401, 403, 200, 200, 200]),
        ("GET", "/api/v1/clashes", "", [401, 401, 403, 200, 200, 200]),
        ("GET", "/api/v1/events", "", [401, 401, 200, 200, 200, 200]),
        ("GET", "/api/v1/events?cohort=b", "", [401, 401, 422, 200, 200, 200]),
        ("GET", &of_a, "", [401, 401, 200, 200, 200, 200]),
        ("GET", &of_b, "", [401, 401, 404, 200, 200, 200]),
        ("POST", "/api/v1/events", bad, [401, 401, 403, 400, 400, 400]),
        ("POST", "/api/v1/events", &new_b, [401, 401, 403, 400, 400, 400]),
        ("POST", "/api/v1/events", "{\"allow_conflicts\":true}", [401, 401, 403, 403, 400, 400]),
        ("PATCH", &of_a, "{}", [401, 401, 403, 200, 200, 200]),
        ("PATCH", &of_b, "{}", [401, 401, 403, 403, 200, 200]),
        (
            "PATCH",
            &of_a,
            "{\"teacher\":\"tia\",\"start\":\"2026-11-23T06:00\",\"end\":\"2026-11-23T07:00\"}",
            [401, 401, 403, 403, 200, 200],
        ),
        ("PATCH", &of_a, "{\"teacher\":\"teo\",\"allow_conflicts\":true}", [401, 401, 403, 403, 200, 200]),
        ("PATCH", "/api/v1/events/e_none", "{}", [401, 401, 403, 404, 404, 404]),
        ("DELETE", &of_b, "", [401, 401, 403, 403, 204, 404]),
        ("POST", &undo_b, "{}", [401, 401, 403, 403, 200, 204]),
        ("POST", &undo_a, "{}", [401, 401, 403, 403, 200, 200]),
        ("POST", "/api/v1/events/e_none/undo", "{}", [401, 401, 403, 404, 404, 404]),
        ("DELETE", "/api/v1/events/e_none", "", [401, 401, 403, 404, 404, 404]),
    ];
    for (method, path, body, statuses) in rows {
        for ((who, key), status) in keys.iter().zip(statuses) {
            let mut headers = vec![("content-type", "application/json")];
            if !key.is_empty() {
                headers.push(("authorization", key));
            }
            let answer = app.ask(method, path, &headers, body).await;
            let told = String::from_utf8_lossy(&answer.bytes).into_owned();
            assert_eq!(answer.status, *status, "{who}: {method} {path} {body}: {told}");
            let outside = ["nobody", "token", "sam"].contains(who);
            assert!(!outside || !told.contains("Secret") && !told.contains("tia"), "{who}: {method} {path}: {told}");
        }
    }
}

#[tokio::test]
async fn a_teacher_makes_and_moves_events_of_their_own_alone() {
    let app = App::test().with_school().await;
    let theirs = app.by("teo", "POST", "/api/v1/events", lesson("08:00", json!({"teacher": "teo"}))).await.json(201);
    let path = format!("/api/v1/events/{}", id(&theirs));
    let early = json!({"start": "2026-11-23T07:00", "end": "2026-11-23T08:30"});
    app.by("teo", "PATCH", &path, early).await.json(200);
    for more in [json!({}), json!({"teacher": "tia"}), json!({"teacher": null})] {
        let refused = app.by("teo", "POST", "/api/v1/events", lesson("10:00", more)).await.json(403);
        assert!(text(&refused, "detail").contains("\"teo\""), "{refused}");
    }
    for teacher in [json!("tia"), Value::Null] {
        app.by("teo", "PATCH", &path, json!({"teacher": teacher})).await.json(403);
    }
    app.by("tia", "PATCH", &path, json!({"teacher": "tia"})).await.json(403);
    app.by("tia", "DELETE", &path, Value::Null).await.json(403);
    // A clash stays a clash: a teacher cannot say that it was seen.
    app.by("teo", "POST", "/api/v1/events", lesson("08:00", json!({"teacher": "teo"}))).await.json(409);
    let seen = lesson("08:00", json!({"teacher": "teo", "allow_conflicts": true}));
    app.by("teo", "POST", "/api/v1/events", seen.clone()).await.json(403);
    app.by("pla", "POST", "/api/v1/events", seen).await.json(201);
    app.by("tia", "POST", &format!("{path}/undo"), json!({})).await.json(403);
    app.by("teo", "POST", &format!("{path}/undo"), json!({})).await.json(409);
    app.by("teo", "DELETE", &path, Value::Null).await.text(204);
    app.by("teo", "POST", &format!("{path}/undo?allow_conflicts=true"), json!({})).await.json(403);
}

#[tokio::test]
async fn a_series_in_which_somebody_else_teaches_is_not_a_teachers_to_change() {
    let app = App::test().with_school().await;
    let weekly = lesson("08:00", json!({"teacher": "teo", "repeat": {"every": "week", "until": "2026-12-07"}}));
    let made = app.by("teo", "POST", "/api/v1/events", weekly).await.json(201);
    let [first, second, _] = ids(made["items"].as_array().unwrap()).try_into().unwrap();
    app.patch_event(&second, json!({"teacher": "tia"})).await.json(200);
    app.by("teo", "PATCH", &format!("/api/v1/events/{first}?scope=all"), json!({"notes": "x"})).await.json(403);
    app.by("teo", "DELETE", &format!("/api/v1/events/{first}?scope=following"), Value::Null).await.json(403);
    app.by("teo", "PATCH", &format!("/api/v1/events/{first}"), json!({"notes": "x"})).await.json(200);
    assert_eq!(app.items("/api/v1/events").await.iter().filter(|event| event["notes"] == "x").count(), 1);
}

#[tokio::test]
async fn a_student_sees_the_events_of_their_cohorts_alone() {
    let (app, _site) = App::test()
        .with_school()
        .await
        .with_feed(&calendar(&[event("one@site", "2026-11-23T09:00:00Z", &["SUMMARY:Réseaux"])]))
        .await;
    app.add_cohort("D", "token").await;
    app.cli("PATCH", "/api/v1/users/sam", json!({"cohorts": ["a", "d"]})).await.json(200);
    app.cli("PATCH", "/api/v1/users/bob", json!({"cohorts": ["2a-sr"]})).await.json(200);
    let of_a = app.add_event("08:00", json!({"cohorts": ["a", "d", "b", "2a-sr"], "room": "B12"})).await;
    app.add_event("10:00", json!({"cohorts": ["b"]})).await;
    app.add_event("12:00", json!({})).await;
    let of_d = app.add_event("14:00", json!({"cohorts": ["d"]})).await;
    let seen = async |login: &str, query: &str| {
        let page = app.by(login, "GET", &format!("/api/v1/events?{query}"), Value::Null).await.json(200);
        ids(page["items"].as_array().unwrap())
    };
    assert_eq!(seen("sam", "").await, [id(&of_a), id(&of_d)]);
    assert_eq!(seen("sam", "limit=1").await, [id(&of_a)]);
    assert_eq!(seen("sam", "cohort=d").await, [id(&of_a), id(&of_d)]);
    // They learn where it is, though no room is theirs to look up, and not with which closed cohort.
    let one = app.by("sam", "GET", &format!("/api/v1/events/{}", id(&of_a)), Value::Null).await.json(200);
    let listed = app.by("sam", "GET", "/api/v1/events?limit=1", Value::Null).await.json(200);
    assert_eq!((&one["room"], &one["cohorts"]), (&json!("B12"), &json!(["2a-sr", "a", "d"])));
    assert_eq!(listed["items"], json!([one]));
    let table = app.by("sam", "GET", "/api/v1/events.csv?cohort=a", Value::Null).await.text(200);
    assert!(table.contains(",B12,,2a-sr;a;d,"), "{table}");
    let of_feed = seen("bob", "cohort=2a-sr&subject=r%C3%A9seaux").await;
    assert!(of_feed.len() == 1 && of_feed[0].starts_with("f_"));
    app.by("bob", "GET", &format!("/api/v1/events/{}", of_feed[0]), Value::Null).await.json(200);
    app.by("sam", "GET", &format!("/api/v1/events/{}", of_feed[0]), Value::Null).await.json(404);
}

#[tokio::test]
async fn teachers_are_listed_by_login_and_name() {
    let app = App::test().with_school().await;
    app.cli("PATCH", "/api/v1/users/tia", json!({"disabled": true})).await.json(200);
    let page = app.by("teo", "GET", "/api/v1/teachers", Value::Null).await.json(200);
    assert_eq!(page["items"], json!([{"login": "teo", "name": "teo"}]));
}
