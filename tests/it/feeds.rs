//! Feeds through their whole path: fetched, compared, kept, told of.

use std::time::Duration;

use carillon::actor::Role;
use carillon::feeds::Unwritten;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, NOW, PASSWORD, at, calendar, days, event, event_lines, logical, text, value};
use crate::upstream::{Reply, Upstream};

#[tokio::test]
async fn a_fetch_that_finds_nothing_new_asks_conditionally_and_writes_nothing() {
    let site = Upstream::start();
    let body = calendar(&days(3));
    site.answers_by(move |seen| match (seen.header("if-none-match"), seen.header("if-modified-since")) {
        ("\"v1\"", "Sat, 21 Nov 2026 09:00:00 GMT") => Reply::new(304, "text/calendar", ""),
        _ => Reply::ics(body.clone()).header("ETag", "\"v1\"").header("Last-Modified", "Sat, 21 Nov 2026 09:00:00 GMT"),
    });
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    app.add_feed("sr", "2a-sr", &site.url("/sr.ics?group=3")).await;
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "published");
    let (before, commits) = (app.ics().await, app.commits());
    for _ in 0..3 {
        app.later(TimeDelta::minutes(5));
        assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    }
    assert_eq!((app.ics().await, app.commits()), (before, commits));
    let seen = site.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen[1..].iter().all(|seen| seen.header("if-none-match") == "\"v1\"" && seen.target == "/sr.ics?group=3"));
    let status = app.feed("sr").await["status"].clone();
    assert_eq!(at(&text(&status, "last_success")), app.clock.now());
    assert_eq!(text(&status, "state"), "fresh");
}

#[tokio::test]
async fn another_address_is_asked_without_the_validators_of_the_last() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    site.answers(Reply::ics(calendar(&days(4))).header("ETag", "\"v1\""));
    app.refresh("sr").await.json(200);
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"url": site.url("/new.ics")})).await.json(200);
    app.refresh("sr").await.json(200);
    assert_eq!(site.seen().last().unwrap().header("if-none-match"), "");
}

#[tokio::test]
async fn derived_uids_outlive_a_site_that_draws_them_anew() {
    let app = App::test();
    let site = Upstream::start();
    app.add_cohort("2A-SR", "public").await;
    let feed = json!({"slug": "sr", "cohort": "2a-sr", "url": site.url("/"), "uid": "derive"});
    app.cli("POST", "/api/v1/feeds", feed).await.json(201);
    let round = |nth: usize, start: &str, room: &str| {
        let events = [
            event(&format!("{nth}-a"), start, &["SUMMARY:Réseaux", &format!("LOCATION:{room}")]),
            event(&format!("{nth}-b"), "2026-11-25T09:00:00Z", &["SUMMARY:Maths"]),
            event(&format!("{nth}-c"), "2026-11-25T09:00:00Z", &["SUMMARY:Maths"]),
        ];
        Reply::ics(calendar(&events))
    };
    let uids = async || {
        let served = logical(&app.ics().await);
        served.iter().filter_map(|line| line.strip_prefix("UID:").map(str::to_owned)).collect::<Vec<_>>()
    };
    site.answers(round(1, "2026-11-24T09:00:00Z", "2Z34"));
    app.refresh("sr").await.json(200);
    let first = uids().await;
    assert_eq!(first.len(), 3);
    let commits = app.commits();
    site.answers(round(2, "2026-11-24T09:00:00Z", "2Z34"));
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    assert_eq!((uids().await, app.commits()), (first.clone(), commits));
    for (nth, start, room) in
        [(3, "2026-11-24T09:00:00Z", "1A01"), (4, "2026-11-24T14:00:00Z", "1A01"), (5, "2026-11-30T09:00:00Z", "1A02")]
    {
        app.later(TimeDelta::minutes(5));
        site.answers(round(nth, start, room));
        assert_eq!(app.refresh("sr").await.json(200)["outcome"], "published");
        let mut now = uids().await;
        let mut before = first.clone();
        now.sort();
        before.sort();
        assert_eq!(now, before, "round {nth}");
    }
    let sequence = value(&event_lines(&app.ics().await, &first[0]), "SEQUENCE");
    assert_eq!(sequence.as_deref(), Some("3"));
    site.answers(round(6, "2026-12-31T09:00:00Z", "1A02"));
    app.refresh("sr").await.json(200);
    assert!(!uids().await.contains(&first[0]), "a month away it is another event");
}

#[tokio::test]
async fn what_changed_is_listed_newest_first_and_the_first_content_is_no_change() {
    let (app, site) = App::test().with_feed(&calendar(&days(4))).await;
    let changes = async || app.cli("GET", "/api/v1/feeds/sr/changes", Value::Null).await.json(200)["items"].clone();
    assert_eq!(changes().await, json!([]));
    let mut events = days(4);
    events.remove(0);
    events[0] = event("e2@site", "2026-11-23T14:00:00Z", &["SUMMARY:Cours 2"]);
    events[1] = events[1].replace("SUMMARY:Cours 3", "SUMMARY:Examen\r\nLOCATION:Amphi");
    events.push(event("new@site", "2026-12-01T09:00:00Z", &["SUMMARY:Neuf"]));
    app.later(TimeDelta::minutes(5));
    site.answers(Reply::ics(calendar(&events)));
    assert_eq!(app.refresh("sr").await.json(200)["changes"], 5);
    let listed = changes().await;
    let mut kinds: Vec<_> = listed.as_array().unwrap().iter().map(|change| text(change, "kind")).collect();
    kinds.sort();
    assert_eq!(kinds, ["added", "moved", "removed", "room", "title"]);
    let moved = listed.as_array().unwrap().iter().find(|change| change["kind"] == "moved").unwrap();
    assert_eq!(moved["start"], "2026-11-23T15:00:00+01:00");
    assert_eq!(moved["after"], "2026-11-23T14:00:00Z/2026-11-23T15:30:00Z");
    let page = app.cli("GET", "/api/v1/feeds/sr/changes?limit=2", Value::Null).await.json(200);
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_string()), (2, true));
    // Ninety days later they are gone with the next change.
    app.later(TimeDelta::days(91));
    site.answers(Reply::ics(calendar(&[event("new@site", "2027-12-01T09:00:00Z", &["SUMMARY:Plus tard"])])));
    app.refresh("sr").await;
    app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await;
    assert!(changes().await.as_array().unwrap().iter().all(|change| change["kind"] != "room"));
}

#[tokio::test]
async fn the_last_two_hundred_fetches_are_told_newest_first_and_survive_a_stop() {
    let app = App::on_disk();
    let (app, site) = app.with_feed(&calendar(&days(2))).await;
    for round in 0..205 {
        app.later(TimeDelta::minutes(5));
        if round == 204 {
            site.answers(Reply::new(500, "text/html", "Oups"));
        }
        app.refresh("sr").await;
    }
    let page = app.cli("GET", "/api/v1/feeds/sr/fetches?limit=150", Value::Null).await.json(200);
    let next = text(&page, "next");
    let rest = app.cli("GET", &format!("/api/v1/feeds/sr/fetches?limit=150&after={next}"), Value::Null).await.json(200);
    assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (150, 50));
    let newest = &page["items"][0];
    assert_eq!((text(newest, "outcome"), text(newest, "class")), ("failed".into(), "network".into()));
    assert_eq!(page["items"][1]["outcome"], "unchanged");
    assert!(page["items"][1]["bytes"].as_u64().unwrap() > 100);
    for after in ["x", "-1", "18446744073709551615"] {
        let answer = app.cli("GET", &format!("/api/v1/feeds/sr/fetches?limit=10&after={after}"), Value::Null).await;
        assert!([200, 400].contains(&answer.status), "{after}: {}", answer.status);
        let answer = app.cli("GET", &format!("/api/v1/feeds/sr/changes?limit=10&after={after}"), Value::Null).await;
        assert!([200, 400].contains(&answer.status), "{after}: {}", answer.status);
    }
    app.slices.feeds.flush_states(Unwritten::News, |_| Ok(())).unwrap();
    let app = app.restarted();
    let again = app.cli("GET", "/api/v1/feeds/sr/fetches?limit=1000", Value::Null).await.json(200);
    assert_eq!(again["items"].as_array().unwrap().len(), 200);
    assert_eq!(app.state("sr").await, "failing");
}

#[tokio::test]
async fn a_failing_site_is_tried_ever_more_seldom_and_is_fresh_again_at_once() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    let wait = async || {
        let status = app.feed("sr").await["status"].clone();
        (at(&text(&status, "next_attempt")) - app.clock.now()).num_seconds()
    };
    assert!((285..=315).contains(&wait().await));
    site.answers(Reply::new(503, "text/html", "Oups"));
    for expected in [600, 1200, 2400, 3600, 3600] {
        app.refresh("sr").await.json(502);
        let wait = wait().await;
        assert!((expected * 95 / 100..=expected * 105 / 100).contains(&wait), "{wait} for {expected}");
    }
    site.answers(Reply::new(429, "text/html", "Oups").header("Retry-After", "7200"));
    let answer = app.refresh("sr").await;
    assert_eq!((answer.status, answer.header("retry-after")), (502, "7200"));
    assert_eq!(wait().await, 7200);
    assert_eq!(app.state("sr").await, "failing");
    site.answers(Reply::ics(calendar(&days(2))));
    app.refresh("sr").await.json(200);
    assert!((285..=315).contains(&wait().await));
    assert_eq!(app.state("sr").await, "fresh");
}

/// Waits until something is so; the timer fetches in tasks of its own.
async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timer_fetches_what_is_due_and_leaves_paused_feeds_alone() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    app.slices.feeds.fetch_due();
    app.later(TimeDelta::seconds(284));
    app.slices.feeds.fetch_due();
    assert_eq!(site.seen().len(), 1, "not yet");
    app.later(TimeDelta::seconds(32));
    app.slices.feeds.fetch_due();
    app.slices.feeds.fetch_due();
    until(|| site.seen().len() == 2).await;
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"paused": true})).await.json(200);
    let paused = app.feed("sr").await;
    assert_eq!((text(&paused["status"], "state"), &paused["status"]["next_attempt"]), ("paused".into(), &Value::Null));
    app.later(TimeDelta::hours(2));
    app.slices.feeds.fetch_due();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(site.seen().len(), 2, "a paused feed is not fetched");
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 200, "and goes on being served");
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"paused": false})).await.json(200);
    app.slices.feeds.fetch_due();
    until(|| site.seen().len() == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_makes_no_feed_wait() {
    for back in [TimeDelta::hours(3), TimeDelta::days(3), TimeDelta::days(3000)] {
        let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
        app.later(-back);
        app.slices.feeds.fetch_due();
        until(|| site.seen().len() == 2).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        app.slices.feeds.fetch_due();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(site.seen().len(), 2, "once, and then on the timer");
    }
}

#[tokio::test]
async fn another_rule_for_uids_counts_from_the_next_fetch_on() {
    let (app, site) = App::test().with_feed(&calendar(&[event("1-a", "2026-11-24T09:00:00Z", &["SUMMARY:A"])])).await;
    let set = async |rule: &str| app.cli("PATCH", "/api/v1/feeds/sr", json!({"uid": rule})).await.json(200);
    set("derive").await;
    site.answers(Reply::ics(calendar(&[event("2-a", "2026-11-24T09:00:00Z", &["SUMMARY:A"])])));
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    assert!(app.ics().await.contains("UID:1-a"));
    set("keep").await;
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "published");
    assert!(app.ics().await.contains("UID:2-a"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_feed_does_not_wait_out_its_old_interval() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"interval": 604_800})).await.json(200);
    app.refresh("sr").await.json(200);
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"interval": 60})).await.json(200);
    app.later(TimeDelta::seconds(90));
    let before = site.seen().len();
    app.slices.feeds.fetch_due();
    until(|| site.seen().len() > before).await;
    // A password that was mended is tried at once, not when the back-off ends.
    site.answers(Reply::new(401, "text/html", "Non"));
    for _ in 0..5 {
        app.refresh("sr").await.json(502);
    }
    let basic = json!({"basic": {"user": "u", "password": "right"}});
    app.cli("PATCH", "/api/v1/feeds/sr", basic).await.json(200);
    let before = site.seen().len();
    app.later(TimeDelta::seconds(1));
    app.slices.feeds.fetch_due();
    until(|| site.seen().len() > before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_removed_while_it_is_fetched_leaves_nothing_behind() {
    let site = Upstream::start();
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    app.add_feed("sr", "2a-sr", &site.url("/old.ics")).await;
    site.answers(Reply::ics(calendar(&days(30))).after(Duration::from_millis(300)));
    let feeds = app.slices.feeds.clone();
    let feed = feeds.get("sr").unwrap();
    let fetching = tokio::spawn(async move { feeds.refresh(&feed).await });
    until(|| !site.seen().is_empty()).await;
    app.cli("DELETE", "/api/v1/feeds/sr", Value::Null).await.text(204);
    drop(fetching.await.unwrap());
    app.add_feed("sr", "2a-sr", &site.url("/new.ics")).await;
    assert_eq!(app.state("sr").await, "never");
    app.get("/calendars/2a-sr.ics").await.text(503);
    site.answers(Reply::ics(calendar(&[event("new@site", "2026-11-24T09:00:00Z", &[])])));
    let done = app.refresh("sr").await;
    assert_eq!(done.json(200)["outcome"], "published", "there is nothing that it could have lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_moves_while_it_is_fetched_shows_its_news_in_the_new_cohort() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    app.add_cohort("M2", "public").await;
    site.answers(Reply::ics(calendar(&days(3))).after(Duration::from_millis(300)));
    let before = site.seen().len();
    let feeds = app.slices.feeds.clone();
    let feed = feeds.get("sr").unwrap();
    let fetching = tokio::spawn(async move { feeds.refresh(&feed).await });
    until(|| site.seen().len() > before).await;
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"cohort": "m2"})).await.json(200);
    let first = app.get("/calendars/m2.ics").await.text(200);
    assert_eq!(first.matches("BEGIN:VEVENT").count(), 2);
    fetching.await.unwrap().unwrap();
    assert_eq!(app.get("/calendars/m2.ics").await.text(200).matches("BEGIN:VEVENT").count(), 3);
}

#[tokio::test]
async fn a_feed_that_moves_takes_its_events_along_at_once() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    app.add_cohort("M2", "public").await;
    let count = async |slug: &str| {
        let answer = app.get(&format!("/calendars/{slug}.ics")).await;
        (answer.text(200).matches("BEGIN:VEVENT").count(), answer.header("etag").to_owned())
    };
    let (old, new) = (count("2a-sr").await, count("m2").await);
    assert_eq!((old.0, new.0), (2, 0));
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"cohort": "M2"})).await.json(200);
    assert_eq!((count("2a-sr").await.0, count("m2").await.0), (0, 2));
    app.cli("DELETE", "/api/v1/feeds/sr", Value::Null).await.text(204);
    assert_eq!(count("m2").await, new);
    app.cli("GET", "/api/v1/feeds/sr", Value::Null).await.json(404);
}

#[tokio::test]
async fn a_login_page_with_status_200_is_a_failed_sign_in() {
    let page = "<html><form method=post><input name=u><input type=password name=p></form></html>";
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    let before = app.ics().await;
    site.answers(Reply::html(page));
    let refused = app.refresh("sr").await.json(502);
    assert!(text(&refused, "detail").contains("sign-in"), "{refused}");
    let feed = app.feed("sr").await;
    assert_eq!(
        (text(&feed["status"], "state"), text(&feed["status"], "last_error_class")),
        ("failing".into(), "sign_in".into())
    );
    assert_eq!(app.ics().await, before);
}

#[tokio::test]
async fn secrets_of_a_feed_stand_in_no_answer_no_audit_and_not_in_the_file() {
    let app = App::on_disk();
    app.add_cohort("2A-SR", "public").await;
    let site = Upstream::start();
    site.answers(Reply::new(500, "text/plain", "no"));
    let secrets = ["s3cret-form-pass", "s3cret-basic-pass", "s3cret-header", "s3cret-in-query", "s3cret-rotated"];
    let feed = json!({
        "slug": "sr", "cohort": "2a-sr", "url": site.url(&format!("/a.ics?key={}", secrets[3])),
        "login": {"url": site.url("/login"), "username": "marie", "password": secrets[0]},
        "basic": {"user": "robot", "password": secrets[1]},
        "headers": {"X-Key": secrets[2]},
    });
    let made = app.cli("POST", "/api/v1/feeds", feed).await.text(201);
    let refreshed = app.refresh("sr").await.text(502);
    let patch = json!({"login": {"url": site.url("/login"), "username": "marie", "password": secrets[4]}});
    let patched = app.cli("PATCH", "/api/v1/feeds/sr", patch).await.text(200);
    let shown = app.cli("GET", "/api/v1/feeds/sr", Value::Null).await.text(200);
    let fetches = app.cli("GET", "/api/v1/feeds/sr/fetches", Value::Null).await.text(200);
    let audit = app.cli("GET", "/api/v1/audit", Value::Null).await.text(200);
    for secret in secrets {
        // The address is shown whole to the administrator who wrote it, and nowhere else.
        if secret != secrets[3] {
            assert!(![&made, &patched, &shown].iter().any(|text| text.contains(secret)), "{secret}");
        }
        assert!(![&refreshed, &fetches, &audit].iter().any(|text| text.contains(secret)), "{secret}: {audit}");
    }
    let file = std::fs::read(app.dir.path().join("carillon.redb")).unwrap();
    for secret in [secrets[0], secrets[1], secrets[2], secrets[4], PASSWORD] {
        assert!(
            !file.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "{secret} lies open in the file"
        );
    }
    assert_eq!(site.seen()[0].header("x-key"), secrets[2], "and yet they are sent");
}

#[tokio::test]
async fn feeds_are_for_administrators() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    app.add_user("pla", Role::Planner, &[]).await;
    let key = format!("Bearer {}", app.sign_in("pla").await);
    let token = format!("Bearer {}", app.secret("t", Value::Null).await);
    let routes = [
        ("GET", "/api/v1/feeds", ""),
        ("POST", "/api/v1/feeds", "{}"),
        ("GET", "/api/v1/feeds/sr", ""),
        ("GET", "/api/v1/feeds/none", ""),
        ("PATCH", "/api/v1/feeds/sr", "{}"),
        ("DELETE", "/api/v1/feeds/sr", ""),
        ("POST", "/api/v1/feeds/sr/refresh", ""),
        ("POST", "/api/v1/feeds/sr/approve", ""),
        ("GET", "/api/v1/feeds/sr/fetches", ""),
        ("GET", "/api/v1/feeds/sr/changes", ""),
    ];
    for (method, path, body) in routes {
        for (key, status) in [(Some(&key), 403), (Some(&token), 401), (None, 401)] {
            let mut headers: Vec<_> = key.iter().map(|key| ("authorization", key.as_str())).collect();
            headers.push(("content-type", "application/json"));
            let answer = app.ask(method, path, &headers, body).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert!(!String::from_utf8_lossy(&answer.bytes).contains("127.0.0.1"), "{method} {path} tells the address");
        }
    }
    assert_eq!(app.state("sr").await, "fresh");
}

#[tokio::test]
async fn the_clock_of_a_feed_is_the_sites_zone() {
    let (app, _site) = App::test().with_feed(&calendar(&days(1))).await;
    let feed = app.feed("sr").await;
    assert_eq!(text(&feed["status"], "last_success"), "2026-11-21T11:00:00+01:00");
    assert_eq!(at(NOW), at(&text(&feed["status"], "last_attempt")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_an_address_that_was_changed_meanwhile_is_dropped() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    site.answers(Reply::ics(calendar(&days(3))).after(Duration::from_millis(300)));
    let before = site.seen().len();
    let feeds = app.slices.feeds.clone();
    let feed = feeds.get("sr").unwrap();
    let fetching = tokio::spawn(async move { feeds.refresh(&feed).await });
    until(|| site.seen().len() > before).await;
    app.cli("PATCH", "/api/v1/feeds/sr", json!({"url": site.url("/mended.ics")})).await.json(200);
    assert!(fetching.await.unwrap().is_err(), "what came is of the old address");
    let feed = app.feed("sr").await;
    assert_eq!(feed["status"]["events"], 2);
    assert_eq!(feed["status"]["next_attempt"], Value::Null, "due at once");
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "published");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_fetch_and_hangs_up_stops_nothing_half_way() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    site.answers(Reply::ics(calendar(&days(3))).after(Duration::from_millis(200)));
    let asked = tokio::time::timeout(Duration::from_millis(50), app.refresh("sr")).await;
    assert!(asked.is_err(), "gone before the answer");
    let events = || app.slices.feeds.state("sr").fetches.len();
    until(|| events() == 2).await;
    assert_eq!(app.feed("sr").await["status"]["events"], 3);
}

#[tokio::test]
async fn a_password_alone_is_renewed_and_the_rest_of_the_sign_in_stays() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    let url = "https://planning.example.org/login.php";
    let login = json!({"url": url, "username": "marie", "password": "old", "username_field": "Username",
                       "extra": {"url": ""}});
    let feed = json!({"slug": "sr", "cohort": "2a-sr", "url": "https://planning.example.org/sr.ics", "login": login});
    let before = app.cli("POST", "/api/v1/feeds", feed).await.json(201);
    let after = app.cli("PATCH", "/api/v1/feeds/sr", json!({"login": {"password": "new"}})).await.json(200);
    assert_eq!(after["login"], before["login"]);
    let audit = app.cli("GET", "/api/v1/audit?action=feed.update", Value::Null).await.json(200);
    let entry = &audit["items"][0];
    assert_ne!(entry["before"]["login"]["password"], entry["after"]["login"]["password"], "{entry}");
    assert!(!entry.to_string().contains("new\""), "{entry}");
}

#[tokio::test]
async fn a_quiet_hour_writes_one_small_record_and_a_power_cut_forgets_no_good_fetch() {
    let app = App::on_disk();
    let (app, _site) = app.with_feed(&calendar(&days(2))).await;
    app.slices.feeds.flush_states(Unwritten::Routine, |_| Ok(())).unwrap();
    app.later(TimeDelta::hours(30));
    app.refresh("sr").await.json(200);
    let before = app.commits();
    app.slices.feeds.flush_states(Unwritten::News, |_| Ok(())).unwrap();
    app.slices.feeds.flush_states(Unwritten::News, |_| Ok(())).unwrap();
    assert_eq!(app.commits(), before + 1);
    let app = app.restarted();
    let status = app.feed("sr").await["status"].clone();
    assert_eq!(at(&text(&status, "last_success")), app.clock.now(), "the record of it");
    assert_eq!(app.slices.feeds.state("sr").fetches.len(), 1, "and not two hundred fetches that found nothing");
}
