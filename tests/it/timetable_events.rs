//! Events of our own through the router: what goes in comes out, what cannot be is told, who is faster wins.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, calendar, event, text};
use crate::timetable_school::{id, ids, lesson};

#[tokio::test]
async fn an_event_comes_out_as_it_went_in() {
    let app = App::test().with_school().await;
    let more =
        json!({"kind": "CM", "notes": "salle\nà côté", "room": "amphi ada", "teacher": "TEO", "cohorts": ["b", "A"]});
    let made = app.add_event("08:00", more).await;
    let minutes = (app.clock.now() - crate::app::at("2020-01-01T00:00:00Z")).num_minutes();
    let expected = json!({
        "id": made["id"], "start": "2026-11-23T08:00:00+01:00", "end": "2026-11-23T09:30:00+01:00",
        "subject": "Algèbre", "kind": "CM", "notes": "salle\nà côté", "room": "B12", "teacher": "teo",
        "cohorts": ["a", "b"], "status": "confirmed", "series": null, "source": null, "sequence": minutes,
        "created_at": "2026-11-21T11:00:00+01:00", "updated_at": "2026-11-21T11:00:00+01:00",
    });
    assert_eq!(made, expected);
    assert!(id(&made).starts_with("e_"));
    assert_eq!(app.event(&id(&made)).await, made);
    assert_eq!(app.items("/api/v1/events").await, [made]);
}

#[tokio::test]
async fn text_goes_in_and_comes_out_unharmed() {
    let app = App::test().with_school().await;
    let texts = [
        "\"quotes\"; semi, comma \\ backslash".to_owned(),
        "=1+1".to_owned(),
        "שלום עולם \u{202e}abc".to_owned(),
        "👩🏽‍🔬 e\u{301} \t tab\nline".to_owned(),
        "  blanks around  ".to_owned(),
        "é".repeat(10_000),
    ];
    for (hour, subject) in texts.iter().enumerate() {
        let more = json!({"subject": subject, "notes": subject});
        let made = app.add_event(&format!("{:02}:00", hour + 1), more).await;
        let shown = app.event(&id(&made)).await;
        assert_eq!((text(&shown, "subject"), text(&shown, "notes")), (subject.clone(), subject.clone()));
    }
    let long = json!({"subject": "é".repeat(10_001), "notes": "x\u{0}", "kind": "k".repeat(41)});
    assert_eq!(app.post_event("08:00", long).await.bad_fields(400), ["subject", "kind", "notes"]);
}

#[tokio::test]
async fn bad_input_names_each_bad_field() {
    let app = App::test().with_school().await;
    let rows = [
        (json!({}), 400, vec!["start", "end", "subject"]),
        (lesson("08:00", json!({"end": "2026-11-23T08:00:00+01:00"})), 422, vec!["end"]),
        (lesson("08:00", json!({"end": "2026-11-22T08:00:00+01:00"})), 422, vec!["end"]),
        (lesson("08:00", json!({"end": "2026-11-30T08:00:01+01:00"})), 422, vec!["end"]),
        (lesson("08:00", json!({"subject": " "})), 400, vec!["subject"]),
        (lesson("08:00", json!({"cohorts": ["none", "a", "nil"]})), 422, vec!["cohorts", "cohorts"]),
        (lesson("08:00", json!({"room": "none", "teacher": "sam"})), 422, vec!["room", "teacher"]),
        (
            lesson("08:00", json!({"start": "soon", "room": "none", "kind": "k".repeat(41)})),
            400,
            vec!["start", "room", "kind"],
        ),
        (lesson("08:00", json!({"colour": "red"})), 400, vec!["colour"]),
        (lesson("08:00", json!({"subject": 1})), 400, vec!["subject"]),
        (lesson("08:00", json!({"status": "gone"})), 400, vec!["status"]),
        (lesson("08:00", json!({"cohorts": "a"})), 400, vec!["cohorts"]),
        (lesson("08:00", json!({"start": "2026-10-25T02:30", "end": "2026-10-25T04:00"})), 422, vec!["start"]),
        (lesson("08:00", json!({"repeat": {"every": "day", "until": "2026-12-01"}})), 400, vec!["repeat.every"]),
        (
            lesson("08:00", json!({"repeat": {"every": "week", "until": "x", "except": ["y"]}})),
            400,
            vec!["repeat.until", "repeat.except[0]"],
        ),
        (lesson("08:00", json!({"repeat": {"every": "week", "until": "2036-01-01"}})), 422, vec!["repeat.until"]),
    ];
    let before = app.commits();
    for (body, status, fields) in rows {
        assert_eq!(app.cli("POST", "/api/v1/events", body.clone()).await.bad_fields(status), fields, "{body}");
    }
    for (query, status, field) in [
        ("cohort=none", 422, "cohort"),
        ("room=none", 422, "room"),
        ("teacher=none", 422, "teacher"),
        ("from=soon", 400, "from"),
        ("after=x", 400, "after"),
        ("limit=0", 400, "limit"),
        ("colour=red", 400, "colour"),
    ] {
        let answer = app.cli("GET", &format!("/api/v1/events?{query}"), Value::Null).await;
        assert_eq!(answer.bad_fields(status), [field], "{query}");
    }
    assert_eq!(app.commits(), before);
}

#[tokio::test]
async fn a_time_that_does_not_exist_says_which_it_could_be() {
    let app = App::test().with_school().await;
    let gap = json!({"start": "2027-03-28T02:30", "end": "2027-03-28T04:00"});
    let refused = app.post_event("08:00", gap).await.json(422);
    let message = text(&refused["errors"][0], "message");
    assert!(message.contains("2027-03-28T01:30:00+01:00 or 2027-03-28T03:30:00+02:00"), "{message}");
    let made = app.add_event("08:00", json!({"start": "2027-07-01T08:00", "end": "2027-07-01T10:00"})).await;
    assert_eq!(text(&made, "start"), "2027-07-01T08:00:00+02:00");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_takes_away() {
    let app = App::test().with_school().await;
    let more = json!({"kind": "CM", "notes": "n", "room": "B12", "teacher": "teo", "cohorts": ["a"]});
    let made = app.add_event("08:00", more).await;
    app.later(TimeDelta::minutes(5));
    let patched =
        app.patch_event(&id(&made), json!({"subject": "Analyse", "room": null, "kind": null})).await.json(200);
    assert_eq!(
        (text(&patched, "subject"), &patched["room"], text(&patched, "kind")),
        ("Analyse".into(), &Value::Null, String::new())
    );
    assert_eq!((text(&patched, "notes"), text(&patched, "teacher")), ("n".into(), "teo".into()));
    assert_eq!(patched["sequence"].as_u64(), made["sequence"].as_u64().map(|sequence| sequence + 5));
    assert_eq!(
        (&patched["created_at"], text(&patched, "updated_at")),
        (&made["created_at"], "2026-11-21T11:05:00+01:00".into())
    );
    let before = app.commits();
    assert_eq!(app.patch_event(&id(&made), json!({"subject": "Analyse", "room": null})).await.json(200), patched);
    assert_eq!(app.commits(), before, "a change that changes nothing costs nothing");
    assert_eq!(app.patch_event(&id(&made), json!({"end": "2026-11-23T07:00"})).await.bad_fields(422), ["end"]);
    assert_eq!(
        app.patch_event(&id(&made), json!({"repeat": {"every": "week", "until": "2026-12-01"}})).await.bad_fields(400),
        ["repeat"]
    );
    app.patch_event("e_none", json!({})).await.json(404);
}

#[tokio::test]
async fn somebody_who_was_slower_is_told() {
    let app = App::test().with_school().await;
    let made = app.post_event("08:00", json!({})).await;
    let tag = made.header("etag").to_owned();
    let path = format!("/api/v1/events/{}", id(&made.json(201)));
    assert_eq!(app.cli("GET", &path, Value::Null).await.header("etag"), tag);
    let send = async |method: &str, tag: &str, body: &str| {
        let mut request =
            crate::app::request(method, &path, &[("content-type", "application/json"), ("if-match", tag)], body);
        request.extensions_mut().insert(carillon::actor::Caller::cli("pi"));
        app.send(request).await
    };
    let changed = send("PATCH", &tag, "{\"subject\":\"Analyse\"}").await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(send("PATCH", &tag, "{\"subject\":\"Topologie\"}").await.bad_fields(412), Vec::<String>::new());
    assert_eq!(send("DELETE", &tag, "").await.status, 412);
    assert_eq!(send("PATCH", "*", "{\"subject\":\"Topologie\"}").await.status, 200);
    let present = app.cli("GET", &path, Value::Null).await.header("etag").to_owned();
    assert_eq!(send("DELETE", &present, "").await.status, 204);
    assert_eq!(app.cli("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_list_is_filtered_and_walked_page_by_page() {
    let app = App::test().with_school().await;
    let rows = [
        ("14:00", json!({"subject": "Analyse", "kind": "TD", "cohorts": ["b"], "teacher": "tia"})),
        ("08:00", json!({"kind": "CM", "cohorts": ["a"], "room": "B12", "teacher": "teo"})),
        ("10:00", json!({"kind": "cm", "cohorts": ["a", "b"], "room": "C1", "allow_conflicts": true})),
        ("16:00", json!({"subject": "Algèbre linéaire"})),
    ];
    for (start, more) in rows {
        app.add_event(start, more).await;
    }
    let starts = async |query: &str| {
        let items = app.items(&format!("/api/v1/events?{query}")).await;
        items.iter().map(|event| text(event, "start")[11..16].to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (query, found) in [
        ("", "08:00 10:00 14:00 16:00"),
        ("cohort=A", "08:00 10:00"),
        ("cohort=b", "10:00 14:00"),
        ("room=amphi-ada", "08:00"),
        ("teacher=tia", "14:00"),
        ("cohort=a&room=C1", "10:00"),
        ("kind=CM", "08:00 10:00"),
        ("subject=ALG%C3%88BRE", "08:00 10:00 16:00"),
        ("from=2026-11-23T09:00:00%2B01:00&to=2026-11-23T14:00:00+01:00", "08:00 10:00"),
        ("from=2026-11-23T09:30&to=2026-11-23", "10:00 14:00 16:00"),
        ("from=2026-11-24", ""),
        ("to=2026-11-22", ""),
    ] {
        assert_eq!(starts(query).await, found, "{query}");
    }
    let (mut walked, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.cli("GET", &format!("/api/v1/events?limit=1{after}"), Value::Null).await.json(200);
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(walked, app.items("/api/v1/events").await);
}

#[tokio::test]
async fn a_long_list_is_walked_to_its_end() {
    let app = App::test().with_school().await;
    // More than are looked at at once, at one and the same start, most of which nobody asks for.
    for number in 0..300 {
        let subject = if number % 100 == 99 { "wanted" } else { "other" };
        app.add_event("08:00", json!({"subject": subject})).await;
    }
    assert_eq!(app.items("/api/v1/events?subject=wanted&limit=2").await.len(), 2);
    let all = app.items("/api/v1/events?limit=1000").await;
    assert_eq!(all.len(), 300);
    assert_eq!(app.items("/api/v1/events?subject=wanted").await.len(), 3);
}

#[tokio::test]
async fn feeds_events_stand_among_ours_and_are_not_ours_to_change() {
    let feed = [
        event(
            "one@site",
            "2026-11-23T09:30:00Z",
            &["SUMMARY:Réseaux", "LOCATION:amphi ADA", "CATEGORIES:TP", "DESCRIPTION:a\\nb"],
        ),
        event("two@site", "2026-11-24T09:30:00Z", &["SUMMARY:Loin", "LOCATION:ailleurs", "STATUS:CANCELLED"]),
    ];
    let (app, _site) = App::test().with_school().await.with_feed(&calendar(&feed)).await;
    let early = app.add_event("08:00", json!({"cohorts": ["2a-sr"]})).await;
    let late = app.add_event("14:00", json!({"cohorts": ["2a-sr"]})).await;
    let items = app.items("/api/v1/events?cohort=2a-sr&to=2026-11-23").await;
    assert_eq!((&items[0], &items[2], items.len()), (&early, &late, 3));
    let theirs = &items[1];
    assert!(id(theirs).starts_with("f_"));
    assert_eq!(
        (text(theirs, "source"), text(theirs, "room"), text(theirs, "kind")),
        ("sr".into(), "B12".into(), "TP".into())
    );
    assert_eq!(
        (text(theirs, "notes"), &theirs["cohorts"], &theirs["teacher"]),
        ("a\nb".into(), &json!(["2a-sr"]), &Value::Null)
    );
    assert_eq!(&app.event(&id(theirs)).await, theirs);
    let far = app.items("/api/v1/events?subject=loin").await;
    assert_eq!((text(&far[0], "room"), text(&far[0], "status")), ("ailleurs".into(), "cancelled".into()));
    assert_eq!(ids(&app.items("/api/v1/events?room=b12").await), [id(theirs)]);
    let csv = app.get("/calendars/2a-sr.csv").await.text(200);
    assert!(csv.contains(&format!("{},", id(theirs))), "{csv}");
    for (method, path, body) in [
        ("PATCH", format!("/api/v1/events/{}", id(theirs)), json!({"subject": "x"})),
        ("DELETE", format!("/api/v1/events/{}", id(theirs)), Value::Null),
        ("POST", format!("/api/v1/events/{}/undo", id(theirs)), json!({})),
    ] {
        let refused = app.cli(method, &path, body).await.json(409);
        assert!(text(&refused, "detail").contains("belongs to feed sr"), "{refused}");
    }
}

#[tokio::test]
async fn a_change_bumps_what_it_touches_and_nothing_else() {
    let app = App::test().with_school().await;
    let cohort = |slug: &str| {
        let directory = app.slices.accounts.cohorts.directory();
        format!("cohort:{}", directory.find(slug).unwrap().id)
    };
    let room = |name: &str| format!("room:{}", app.slices.timetable.names().rooms.find(name).unwrap().id);
    let topics =
        [cohort("a"), cohort("b"), room("B12"), room("C1"), "teacher:teo".into(), "teacher:tia".into(), "all".into()];
    let numbers = || topics.clone().map(|topic| app.slices.app.store.version(&topic).number);
    let mut before = numbers();
    let mut bumped = || {
        let now = numbers();
        let changed: Vec<_> =
            topics.iter().zip(now.iter().zip(before)).filter(|(_, (now, before))| **now != *before).collect();
        let names: Vec<_> = changed.iter().map(|(topic, _)| (*topic).clone()).collect();
        before = now;
        names
    };
    let made = app.add_event("08:00", json!({"cohorts": ["a"], "room": "B12", "teacher": "teo"})).await;
    assert_eq!(bumped(), [cohort("a"), room("B12"), "teacher:teo".into(), "all".into()]);
    app.patch_event(&id(&made), json!({"cohorts": ["b"], "room": "C1"})).await.json(200);
    assert_eq!(bumped(), [cohort("a"), cohort("b"), room("B12"), room("C1"), "teacher:teo".into(), "all".into()]);
    app.patch_event(&id(&made), json!({"notes": "x"})).await.json(200);
    assert_eq!(bumped(), [cohort("b"), room("C1"), "teacher:teo".into(), "all".into()]);
    app.cli("PATCH", "/api/v1/rooms/c1", json!({"name": "C2"})).await.json(200);
    assert_eq!(bumped(), [cohort("b"), "room:".to_owned() + &room("C2")[5..], "teacher:teo".into(), "all".into()]);
    app.cli("PATCH", "/api/v1/rooms/b12", json!({"capacity": 40})).await.json(200);
    assert_eq!(bumped(), Vec::<String>::new());
    app.cli("DELETE", &format!("/api/v1/events/{}", id(&made)), Value::Null).await.text(204);
    assert_eq!(bumped(), [cohort("b"), room("C2"), "teacher:teo".into(), "all".into()]);
    app.add_event("08:00", json!({})).await;
    assert_eq!(bumped(), ["all"]);
}

#[tokio::test]
async fn events_are_there_after_a_restart() {
    let app = App::on_disk().with_school().await;
    let made = app.add_event("08:00", json!({"cohorts": ["a"], "room": "B12"})).await;
    let app = app.restarted();
    assert_eq!(app.items("/api/v1/events?room=B12").await, [made]);
    let refused = app.post_event("09:00", json!({"room": "B12"})).await;
    assert_eq!(refused.status, 409);
}
