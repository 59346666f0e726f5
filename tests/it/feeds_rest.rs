//! `/api/v1/feeds`: what is asked wrongly is told by field, and what is absent stays.

use serde_json::{Value, json};

use crate::app::{App, calendar, days, text};
use crate::upstream::Upstream;

const URL: &str = "https://planning.example.org/sr.ics";

#[tokio::test]
async fn each_bad_field_of_a_feed_is_named() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    app.add_feed("taken", "2a-sr", URL).await;
    let good = json!({"slug": "sr", "cohort": "2a-sr", "url": URL});
    let login = |value: Value| ("login", value);
    let rows = [
        ("slug", json!("taken"), 409, "slug"),
        ("slug", json!("TAKEN"), 409, "slug"),
        ("slug", json!("!!"), 400, "slug"),
        ("slug", json!("all"), 422, "slug"),
        ("slug", Value::Null, 400, "slug"),
        ("cohort", json!("none"), 422, "cohort"),
        ("cohort", Value::Null, 400, "cohort"),
        ("url", json!("ftp://example.org/a.ics"), 400, "url"),
        ("url", json!("file:///etc/passwd"), 400, "url"),
        ("url", json!("not an address"), 400, "url"),
        ("url", json!(""), 400, "url"),
        ("url", json!("https://u:p@example.org/"), 400, "url"),
        ("url", Value::Null, 400, "url"),
        ("interval", json!(5), 400, "interval"),
        ("interval", json!(59), 400, "interval"),
        ("interval", json!(604_801), 400, "interval"),
        ("interval", json!(-1), 400, "interval"),
        ("interval", json!("300"), 400, "interval"),
        ("interval", json!(4_294_967_296_u64), 400, "interval"),
        ("uid", json!("random"), 400, "uid"),
        ("stamps", json!(["place", "when"]), 400, "stamps[1]"),
        ("paused", json!("yes"), 400, "paused"),
        ("colour", json!("red"), 400, "colour"),
        ("login", json!({"username": "u"}), 400, "login.url"),
        login(json!({"url": URL, "username": "u"})).with(400, "login.password"),
        login(json!({"url": "x", "username": "u", "password": "p"})).with(400, "login.url"),
        login(json!({"url": URL, "username": "", "password": "p"})).with(400, "login.username"),
        login(json!({"url": URL, "username": "u", "password": "p", "colour": 1})).with(400, "login.colour"),
        ("basic", json!({"user": "u"}), 400, "basic.password"),
        ("headers", json!({"Host": "x"}), 400, "headers"),
        ("headers", json!({"X-A": "a\r\nB: c"}), 400, "headers"),
        ("headers", json!({"X A": "a"}), 400, "headers"),
        ("user_agent", json!("a\nb"), 400, "headers"),
    ];
    let before = app.commits();
    for (field, value, status, told) in rows {
        let mut feed = good.clone();
        feed[field] = value.clone();
        let answer = app.cli("POST", "/api/v1/feeds", feed).await;
        assert_eq!(answer.bad_fields(status), [told], "{field}: {value}");
    }
    assert_eq!(app.commits(), before, "nothing was kept of them");
    app.cli("POST", "/api/v1/feeds", good).await.json(201);
}

trait With {
    fn with(self, status: u16, told: &'static str) -> (&'static str, Value, u16, &'static str);
}

impl With for (&'static str, Value) {
    fn with(self, status: u16, told: &'static str) -> (&'static str, Value, u16, &'static str) {
        (self.0, self.1, status, told)
    }
}

#[tokio::test]
async fn a_new_feed_has_the_defaults_and_the_shape_of_the_contract() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    let made = app.add_feed("SR du lundi", "2A-SR", "webcal://planning.example.org/a.ics").await;
    assert_eq!(text(&made, "slug"), "sr-du-lundi");
    assert_eq!(text(&made, "cohort"), "2a-sr");
    assert_eq!(text(&made, "url"), "https://planning.example.org/a.ics");
    assert_eq!(
        (&made["interval"], &made["uid"], &made["stamps"]),
        (&json!(300), &json!("keep"), &json!(["place", "fetched"]))
    );
    assert_eq!((&made["paused"], &made["login"]), (&json!(false), &Value::Null));
    let status = &made["status"];
    assert_eq!((text(status, "state"), &status["events"]), ("never".into(), &json!(0)));
    for field in ["last_success", "last_attempt", "last_error", "next_attempt"] {
        assert!(status.get(field).is_some_and(Value::is_null), "{field}");
    }
}

#[tokio::test]
async fn what_a_change_leaves_out_stays_and_null_takes_away() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    let feed = json!({
        "slug": "sr", "cohort": "2a-sr", "url": URL, "user_agent": "Browser", "interval": 600,
        "login": {"url": URL, "username": "u", "password": "p", "extra": {"a": "b"}},
        "basic": {"user": "robot", "password": "p"}, "headers": {"X-A": "1"},
    });
    let made = app.cli("POST", "/api/v1/feeds", feed).await.json(201);
    let patch = async |patch: Value| app.cli("PATCH", "/api/v1/feeds/SR", patch).await.json(200);
    let before = app.commits();
    assert_eq!(patch(json!({})).await, made);
    assert_eq!(patch(json!({"interval": 600, "paused": false})).await, made);
    assert_eq!(app.commits(), before, "a change that changes nothing is not written");
    let other = patch(json!({"interval": 900})).await;
    assert_eq!(
        (&other["login"], &other["basic"], &other["headers"]),
        (&made["login"], &made["basic"], &made["headers"])
    );
    // The password stays where a login comes without one.
    let renamed = patch(json!({"login": {"url": URL, "username": "v"}})).await;
    assert_eq!(renamed["login"]["username"], "v");
    let bare = patch(json!({"login": null, "basic": null, "user_agent": null, "headers": {}})).await;
    assert_eq!((&bare["login"], &bare["basic"], &bare["user_agent"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(bare["headers"], json!([]));
    let refused = app.cli("PATCH", "/api/v1/feeds/sr", json!({"login": {"url": URL, "username": "v"}})).await;
    assert_eq!(refused.bad_fields(400), ["login.password"], "there is none to keep any more");
    assert_eq!(app.cli("PATCH", "/api/v1/feeds/sr", json!({"slug": "new"})).await.bad_fields(400), ["slug"]);
}

#[tokio::test]
async fn an_unknown_feed_is_404_whatever_is_asked_of_it() {
    let app = App::test();
    for (method, path) in [
        ("GET", "/api/v1/feeds/none"),
        ("PATCH", "/api/v1/feeds/none"),
        ("DELETE", "/api/v1/feeds/none"),
        ("POST", "/api/v1/feeds/none/refresh"),
        ("POST", "/api/v1/feeds/none/approve"),
        ("GET", "/api/v1/feeds/none/fetches"),
        ("GET", "/api/v1/feeds/none/changes"),
    ] {
        let body = if method == "GET" { Value::Null } else { json!({}) };
        let problem = app.cli(method, path, body).await.json(404);
        assert!(text(&problem, "detail").contains("none"), "{problem}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_approve_where_nothing_is_held() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    let problem = app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(409);
    assert!(text(&problem, "detail").contains("nothing that waits"), "{problem}");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    for slug in ["b", "a", "d", "e"] {
        app.add_feed(slug, "2a-sr", URL).await;
    }
    let mut slugs = Vec::new();
    let mut path = "/api/v1/feeds?limit=3".to_owned();
    loop {
        let page = app.cli("GET", &path, Value::Null).await.json(200);
        slugs.extend(page["items"].as_array().unwrap().iter().map(|feed| text(feed, "slug")));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/feeds?limit=3&after={next}");
    }
    assert_eq!(slugs, ["a", "b", "d", "e"]);
    for limit in ["0", "1001", "x", "-1"] {
        let answer = app.cli("GET", &format!("/api/v1/feeds?limit={limit}"), Value::Null).await;
        assert_eq!(answer.bad_fields(400), ["limit"], "{limit}");
    }
    let unknown = app.cli("GET", "/api/v1/feeds?colour=red", Value::Null).await;
    assert_eq!(unknown.bad_fields(400), ["colour"]);
}

#[tokio::test]
async fn a_refresh_that_fails_says_why_in_plain_words() {
    let app = App::test();
    app.add_cohort("2A-SR", "public").await;
    let site = Upstream::start();
    app.add_feed("gone", "2a-sr", &site.url("/gone.ics?key=s3cret")).await;
    app.add_feed("down", "2a-sr", "http://127.0.0.1:9/x.ics").await;
    let gone = text(&app.refresh("gone").await.json(502), "detail");
    assert!(
        gone.contains("feed gone: nothing is at") && gone.contains("/gone.ics") && !gone.contains("s3cret"),
        "{gone}"
    );
    assert_eq!(app.feed("gone").await["status"]["last_error_class"], "moved");
    let down = text(&app.refresh("down").await.json(502), "detail");
    assert!(down.starts_with("feed down: ") && !down.contains('\n'), "{down}");
    assert_eq!((app.state("gone").await, app.state("down").await), ("never".into(), "never".into()));
}
