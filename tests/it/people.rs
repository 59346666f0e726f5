//! People by the REST interface: changes that overtake each other, passwords, imports, tokens for a whole cohort, what is
//! held of somebody, and how they are forgotten.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::App;

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn whoever_was_slower_is_told_so_and_changes_nothing() {
    let app = App::test();
    app.add_cohort("Own", "token").await;
    app.add_user("ada", Role::Admin, &[]).await;
    app.add_user("sam", Role::Student, &["own"]).await;
    app.add_token("phone", json!(["own"])).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let rows = [
        ("/api/v1/users/sam", "{\"name\":\"Sam\"}", "{\"name\":\"Samuel\"}"),
        ("/api/v1/cohorts/own", "{\"name\":\"Ours\"}", "{\"name\":\"Theirs\"}"),
        ("/api/v1/tokens/phone", "{\"cohorts\":null}", "{\"cohorts\":[]}"),
    ];
    for (path, first, second) in rows {
        let tag = app.get_with(path, &[("authorization", &key)]).await.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 10, "{path}: {tag}");
        let headers = [("authorization", key.as_str()), JSON, ("if-match", tag.as_str())];
        let after = app.ask("PATCH", path, &headers, first).await;
        let (body, newer) = (after.json(200), after.header("etag").to_owned());
        assert_ne!(newer, tag, "{path}");
        let commits = app.commits();
        assert!(app.ask("PATCH", path, &headers, second).await.bad_fields(412).is_empty(), "{path}");
        assert_eq!(app.commits(), commits);
        assert_eq!(app.cli("GET", path, Value::Null).await.json(200), body, "{path}");
        let headers = [("authorization", key.as_str()), JSON, ("if-match", newer.as_str())];
        app.ask("PATCH", path, &headers, second).await.json(200);
    }
}
