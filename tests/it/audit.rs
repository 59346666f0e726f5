//! The audit over the years: who finds what in it, how it leaves as a table, and what fades.

use carillon::actor::Role;
use carillon::audit::fade;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, text};

const JSON: (&str, &str) = ("content-type", "application/json");

/// An administrator has made a teacher by the interface.
async fn school() -> App {
    school_of(App::test()).await
}

async fn school_of(app: App) -> App {
    app.add_user("ada", Role::Admin, &[]).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let body = json!({"login": "teo", "name": "Téo", "email": "teo@example.org", "roles": ["teacher"]}).to_string();
    app.ask("POST", "/api/v1/users", &[("authorization", &key), JSON], &body).await.json(201);
    app
}

async fn entries(app: &App, query: &str) -> Vec<Value> {
    let page = app.cli("GET", &format!("/api/v1/audit{query}"), Value::Null).await.json(200);
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_filter_that_ends_in_a_colon_or_a_dot_means_each_of_them() {
    let app = school().await;
    app.add_cohort("Own", "token").await;
    for (query, count) in [
        ("?actor=cli:", 2),
        ("?actor=user:ada", 1),
        ("?action=user.", 2),
        ("?action=user", 0),
        ("?object=cohort:", 1),
        ("?object=user:&actor=cli:", 1),
        ("?from=2026-11-21&to=2026-11-22", 3),
        ("?to=2026-11-21", 0),
    ] {
        assert_eq!(entries(&app, query).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn the_whole_history_leaves_as_a_table() {
    let app = school().await;
    for nth in 0..1100 {
        app.add_cohort(&format!("=c{nth}"), "token").await;
    }
    let answer = app.cli("GET", "/api/v1/audit.csv?object=cohort:", Value::Null).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text(200);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["id", "at", "actor", "ip", "action", "object", "before", "after"]);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][5], &rows[1099][5]), (1100, "cohort:c1099", "cohort:c0"));
    assert_eq!(serde_json::from_str::<Value>(&rows[0][7]).unwrap()["name"], "=c1099");
    let short = app.cli("GET", "/api/v1/audit.csv?object=none:", Value::Null).await.text(200);
    assert_eq!(short, "id,at,actor,ip,action,object,before,after\r\n");
    assert_eq!(app.cli("GET", "/api/v1/audit.csv?limit=3", Value::Null).await.bad_fields(400), ["limit"]);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(app.cli(method, "/api/v1/audit.csv", json!({})).await.status, 405);
        assert_eq!(app.cli(method, "/api/v1/audit", json!({})).await.status, 405);
    }
}

#[tokio::test]
async fn addresses_and_mails_fade_after_a_year_and_the_rest_stays() {
    let app = school().await;
    let before = entries(&app, "?object=user:teo").await;
    assert_eq!(
        (text(&before[0], "ip"), text(&before[0]["after"], "email")),
        ("203.0.113.9".into(), "teo@example.org".into())
    );
    app.later(TimeDelta::days(365));
    assert_eq!(fade(&app.slices.app).await.unwrap(), 0);
    app.add_cohort("Own", "token").await;
    app.later(TimeDelta::seconds(1));
    assert_eq!(fade(&app.slices.app).await.unwrap(), 2);
    let mut expected = before[0].clone();
    expected["ip"] = Value::Null;
    expected["after"]["email"] = json!("…");
    assert_eq!(entries(&app, "?object=user:teo").await, [expected]);
    let commits = app.commits();
    assert_eq!((fade(&app.slices.app).await.unwrap(), app.commits()), (0, commits), "nothing is looked at twice");
}

#[tokio::test]
async fn many_entries_fade_in_small_transactions() {
    let app = school().await;
    for nth in 0..500 {
        app.add_cohort(&format!("c{nth}"), "token").await;
    }
    app.later(TimeDelta::days(366));
    let commits = app.commits();
    assert_eq!(fade(&app.slices.app).await.unwrap(), 502);
    assert_eq!(app.commits(), commits + 3);
}

#[tokio::test]
async fn nothing_fades_where_the_configuration_says_never() {
    let app = school_of(App::configured(|config| config.audit.fade_days = 0)).await;
    app.later(TimeDelta::days(40_000));
    assert_eq!(fade(&app.slices.app).await.unwrap(), 0);
    assert_eq!(entries(&app, "?object=user:teo").await[0]["after"]["email"], "teo@example.org");
}

#[tokio::test]
async fn an_entry_from_a_clock_that_was_ahead_keeps_none_after_it_from_fading() {
    let app = App::test();
    app.clock.jump(TimeDelta::days(4000));
    app.add_cohort("Ahead", "token").await;
    app.clock.jump(TimeDelta::days(-4000));
    let app = school_of(app).await;
    app.later(TimeDelta::days(366));
    assert_eq!(fade(&app.slices.app).await.unwrap(), 3);
    assert_eq!(entries(&app, "?object=user:teo").await[0]["after"]["email"], "…");
}
