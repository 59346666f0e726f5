//! The REST interface as programs use it: who may ask what, how bad input is told, what the audit remembers.

use std::time::Duration;

use carillon::actor::Role;
use carillon::net::Plane;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, PUBLIC_URL, at, calendar, days, peer, request, text};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Headers of a request.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn everybody(app: &App) {
    app.add_cohort("Own", "token").await;
    app.add_cohort("Other", "token").await;
    let roles = [("ada", Role::Admin), ("pla", Role::Planner), ("teo", Role::Teacher), ("sam", Role::Student)];
    for (login, role) in roles {
        app.add_user(login, role, &["own"]).await;
    }
}

/// Method, path, body, the status for each caller, and what must not stand in an answer to any but the administrator.
type Row = (&'static str, &'static str, &'static str, [u16; 6], &'static str);

/// The statuses are for nobody, a subscriber token, a student, a teacher, a planner, an administrator.
const MATRIX: &[Row] = &[
    ("GET", "/api/v1/auth/me", "", [401, 401, 200, 200, 200, 200], "argon2"),
    ("GET", "/api/v1/users", "", [401, 401, 403, 403, 403, 200], "sam"),
    ("GET", "/api/v1/users/sam", "", [401, 401, 403, 403, 403, 200], "sam"),
    ("POST", "/api/v1/users", "{\"login\":\"sam\",\"name\":\"x\"}", [401, 401, 403, 403, 403, 409], "created_at"),
    ("POST", "/api/v1/users", "rubbish", [401, 401, 400, 400, 400, 400], "sam"),
    ("PATCH", "/api/v1/users/sam", "{\"roles\":[\"admin\"]}", [401, 401, 403, 403, 403, 200], "sam"),
    ("PATCH", "/api/v1/users/sam", "{\"roles\":[\"student\"]}", [401, 401, 403, 403, 403, 200], "sam"),
    ("DELETE", "/api/v1/users/none", "", [401, 401, 403, 403, 403, 404], "sam"),
    ("GET", "/api/v1/cohorts", "", [401, 401, 200, 200, 200, 200], ""),
    ("GET", "/api/v1/cohorts/own", "", [401, 401, 200, 200, 200, 200], ""),
    ("GET", "/api/v1/cohorts/other", "", [401, 401, 404, 200, 200, 200], ""),
    ("POST", "/api/v1/cohorts", "{\"name\":\"own\"}", [401, 401, 403, 403, 409, 409], ""),
    ("PATCH", "/api/v1/cohorts/own", "{}", [401, 401, 403, 403, 200, 200], ""),
    ("DELETE", "/api/v1/cohorts/own", "", [401, 401, 403, 403, 409, 409], ""),
    ("GET", "/api/v1/tokens", "", [401, 401, 403, 403, 403, 200], "t_"),
    ("POST", "/api/v1/tokens", "{\"name\":\"t\"}", [401, 401, 403, 403, 403, 409], "t_"),
    ("PATCH", "/api/v1/tokens/t", "{}", [401, 401, 403, 403, 403, 200], "t_"),
    ("POST", "/api/v1/tokens/none/rotate", "{}", [401, 401, 403, 403, 403, 404], "t_"),
    ("DELETE", "/api/v1/tokens/none", "", [401, 401, 403, 403, 403, 404], "t_"),
    ("GET", "/api/v1/master-token", "", [401, 401, 403, 403, 403, 200], "present"),
    ("DELETE", "/api/v1/master-token", "", [401, 401, 403, 403, 403, 404], ""),
    ("GET", "/api/v1/me/tokens", "", [401, 401, 200, 200, 200, 200], "t_"),
    ("GET", "/api/v1/audit", "", [401, 401, 403, 403, 403, 200], "cohort"),
    ("GET", "/api/v1/audit.csv", "", [401, 401, 403, 403, 403, 200], "cohort"),
    ("DELETE", "/api/v1/audit", "", [401, 401, 405, 405, 405, 405], "cohort"),
    ("POST", "/api/v1/users/import", "{}", [401, 401, 403, 403, 403, 415], "sam"),
    ("GET", "/api/v1/users/ada/data", "", [401, 401, 403, 403, 403, 200], "ada"),
    ("POST", "/api/v1/users/none/erase", "{\"login\":\"none\"}", [401, 401, 403, 403, 403, 404], "sam"),
    ("POST", "/api/v1/tokens/batch", "{\"cohort\":\"none\"}", [401, 401, 403, 403, 403, 422], "t_"),
    ("GET", "/api/v1/me/data", "", [401, 401, 200, 200, 200, 200], "argon2"),
    ("POST", "/api/v1/me/password", "{}", [401, 401, 400, 400, 400, 400], "argon2"),
    ("POST", "/api/v1/invitations", "{\"logins\":[\"none\"]}", [401, 401, 403, 403, 403, 404], "setup"),
    ("POST", "/api/v1/invitations", "{\"logins\":[\"ada\"]}", [401, 401, 403, 403, 403, 201], "setup"),
    ("GET", "/calendars/teachers/teo.ics", "", [401, 403, 403, 200, 200, 200], ""),
    ("GET", "/api/v1/feeds", "", [401, 401, 403, 403, 403, 200], "items"),
    ("POST", "/api/v1/events/import", "{}", [401, 401, 403, 403, 415, 415], "sam"),
    ("GET", "/api/v1/events.csv", "", [401, 401, 200, 200, 200, 200], ""),
    ("GET", "/api/v1/events.ics", "", [401, 401, 200, 200, 200, 200], ""),
    ("GET", "/api/v1/rollovers", "", [401, 401, 403, 403, 200, 200], ""),
    ("POST", "/api/v1/rollovers", "{\"cohorts\":[]}", [401, 401, 403, 403, 400, 400], ""),
    ("POST", "/api/v1/rollovers/none/undo", "", [401, 401, 403, 403, 404, 404], ""),
    ("POST", "/api/v1/import/webcafe", "{}", [401, 401, 403, 403, 403, 400], "sam"),
    ("POST", "/api/v1/import/ipp", "{}", [401, 401, 400, 400, 400, 400], ""),
    ("GET", "/metrics", "", [401, 401, 403, 403, 403, 200], "carillon_"),
    ("GET", "/api/v1/version", "", [200, 200, 200, 200, 200, 200], ""),
    ("GET", "/health", "", [200, 200, 200, 200, 200, 200], ""),
    ("POST", "/api/v1/auth/token", "{}", [415, 415, 415, 415, 415, 415], "access_token"),
    ("GET", "/api/v1/certificate", "", [401, 401, 403, 403, 403, 200], "mode"),
    ("POST", "/api/v1/certificate/renew", "", [401, 401, 403, 403, 403, 404], "mode"),
    ("GET", "/api/v1/certificate/authority", "", [401, 401, 403, 403, 403, 404], "mode"),
    ("GET", "/api/v1/backup", "", [401, 401, 403, 403, 403, 200], "carillon backup"),
    ("GET", "/api/v1/backup?keys=true", "", [401, 401, 403, 403, 403, 403], "carillon backup"),
    ("GET", "/api/v1/backup/last", "", [401, 401, 403, 403, 403, 200], "place"),
    ("PUT", "/api/v1/backup/last", "{}", [401, 401, 403, 403, 403, 400], "place"),
    ("GET", "/api/v1/clashes", "", [401, 401, 403, 200, 200, 200], ""),
    ("GET", "/api/v1/teachers", "", [401, 401, 403, 200, 200, 200], "email"),
    ("GET", "/api/v1/events", "", [401, 401, 200, 200, 200, 200], ""),
    ("GET", "/api/v1/events/none", "", [401, 401, 404, 404, 404, 404], ""),
    ("POST", "/api/v1/events", "{}", [401, 401, 403, 400, 400, 400], ""),
    ("PATCH", "/api/v1/events/none", "{}", [401, 401, 403, 404, 404, 404], ""),
    ("DELETE", "/api/v1/events/none", "", [401, 401, 403, 404, 404, 404], ""),
    ("POST", "/api/v1/events/none/undo", "", [401, 401, 403, 404, 404, 404], ""),
    ("GET", "/api/v1/rooms", "", [401, 401, 403, 200, 200, 200], ""),
    ("GET", "/api/v1/rooms/none", "", [401, 401, 403, 404, 404, 404], ""),
    ("GET", "/api/v1/rooms/free", "", [401, 401, 403, 400, 400, 400], ""),
    ("POST", "/api/v1/rooms", "{}", [401, 401, 403, 403, 400, 400], ""),
    ("PATCH", "/api/v1/rooms/none", "{}", [401, 401, 403, 403, 404, 404], ""),
    ("DELETE", "/api/v1/rooms/none", "", [401, 401, 403, 403, 404, 404], ""),
    ("GET", "/api/v1/tokens/t", "", [401, 401, 403, 403, 403, 200], "t_"),
    ("POST", "/api/v1/me/tokens", "{}", [401, 401, 400, 400, 400, 400], "t_"),
    ("DELETE", "/api/v1/me/tokens/t", "", [401, 401, 404, 404, 404, 404], "t_"),
    ("POST", "/api/v1/feeds", "{}", [401, 401, 403, 403, 403, 400], ""),
    ("GET", "/api/v1/feeds/none", "", [401, 401, 403, 403, 403, 404], ""),
    ("PATCH", "/api/v1/feeds/none", "{}", [401, 401, 403, 403, 403, 404], ""),
    ("DELETE", "/api/v1/feeds/none", "", [401, 401, 403, 403, 403, 404], ""),
    ("POST", "/api/v1/feeds/none/refresh", "", [401, 401, 403, 403, 403, 404], ""),
    ("POST", "/api/v1/feeds/none/approve", "", [401, 401, 403, 403, 403, 404], ""),
    ("GET", "/api/v1/feeds/none/fetches", "", [401, 401, 403, 403, 403, 404], ""),
    ("GET", "/api/v1/feeds/none/changes", "", [401, 401, 403, 403, 403, 404], ""),
    ("GET", "/api/ics/own", "", [401, 200, 200, 200, 200, 200], ""),
    ("GET", "/api/csv", "", [400, 400, 400, 400, 400, 400], ""),
    ("GET", "/ready", "", [200, 200, 200, 200, 200, 200], "store"),
    ("GET", "/api/v1/none", "", [404, 404, 404, 404, 404, 404], ""),
    ("PUT", "/api/v1/users", "{}", [401, 401, 405, 405, 405, 405], "sam"),
];

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let app = App::test();
    everybody(&app).await;
    let mut keys = vec![("nobody", String::new()), ("token", format!("Bearer {}", app.secret("t", Value::Null).await))];
    for login in ["sam", "teo", "pla", "ada"] {
        keys.push((login, format!("Bearer {}", app.sign_in(login).await)));
    }
    let mut wrong = Vec::new();
    for (method, path, body, statuses, must_not) in MATRIX {
        for ((who, key), status) in keys.iter().zip(statuses) {
            let mut headers = vec![JSON];
            if !key.is_empty() {
                headers.push(("authorization", key));
            }
            let answer = app.ask(method, path, &headers, body).await;
            let told = String::from_utf8_lossy(&answer.bytes).into_owned();
            let leaks = *who != "ada" && !must_not.is_empty() && told.contains(must_not);
            let problem = answer.status >= 400 && answer.status != 405;
            let holds = answer.status == *status
                && (!leaks || answer.status == 200 && path.ends_with("/me"))
                && (!problem || answer.header("content-type") == "application/problem+json")
                && (answer.status == 401) == (answer.header("www-authenticate") == "Bearer")
                && (path.ends_with("/none") || !told.contains("nothing at this address"));
            if !holds {
                wrong.push(format!("{who}: {method} {path}: {status} wanted, {}: {told}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A route that is added gets a row above: who may, and what must not be told.
#[test]
fn the_matrix_has_a_row_for_each_operation_of_the_document() {
    let document = json!(carillon::openapi::document());
    let fits = |template: &str, path: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        let same = |(named, given): (&&str, &&str)| named.starts_with('{') || named == given;
        template.len() == path.len() && template.iter().zip(&path).all(same)
    };
    let mut missing = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let row = |row: &&Row| row.0.eq_ignore_ascii_case(method) && fits(template, row.1);
            if !MATRIX.iter().any(|found| row(&found)) {
                missing.push(format!("{method} {template}"));
            }
        }
    }
    assert!(missing.is_empty(), "without a row: {missing:#?}");
}

#[tokio::test]
async fn a_student_sees_their_own_cohorts_and_the_public_ones() {
    let app = App::test();
    everybody(&app).await;
    let list = async |login: &str| {
        let key = format!("Bearer {}", app.sign_in(login).await);
        let page = app.get_with("/api/v1/cohorts", &[("authorization", &key)]).await.json(200);
        page["items"].as_array().unwrap().iter().map(|cohort| text(cohort, "slug")).collect::<Vec<_>>()
    };
    app.add_cohort("Pub", "public").await;
    assert_eq!(list("sam").await, ["own", "pub"]);
    assert_eq!(list("teo").await, ["other", "own", "pub"]);
    app.by("sam", "GET", "/api/v1/cohorts/pub", Value::Null).await.json(200);
    app.by("sam", "GET", "/api/v1/cohorts/other", Value::Null).await.json(404);
}

#[tokio::test]
async fn an_access_token_lives_for_half_an_hour_and_dies_with_the_password() {
    let app = App::test();
    everybody(&app).await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let me = async || app.get_with("/api/v1/auth/me", &[("authorization", &key)]).await.status;
    app.later(TimeDelta::seconds(1799));
    assert_eq!(me().await, 200);
    app.later(TimeDelta::seconds(1));
    assert_eq!(me().await, 401);
    for change in [json!({"password": "another good one"}), json!({"disabled": true})] {
        app.cli("PATCH", "/api/v1/users/sam", json!({"disabled": false, "password": PASSWORD})).await.json(200);
        let key = format!("Bearer {}", app.sign_in("sam").await);
        app.cli("PATCH", "/api/v1/users/sam", change).await.json(200);
        assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &key)]).await.status, 401);
    }
}

#[tokio::test]
async fn a_wrong_sign_in_tells_nothing_and_writes_nothing() {
    let app = App::test();
    everybody(&app).await;
    app.cli("PATCH", "/api/v1/users/teo", json!({"disabled": true})).await.json(200);
    let before = app.commits();
    let mut answers = Vec::new();
    for form in
        ["username=sam&password=wrong", "username=none&password=wrong", "username=teo&password=correct+horse+battery"]
    {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = app.ask("POST", "/api/v1/auth/token", &headers, form).await;
        answers.push((answer.status, answer.bytes, answer.headers));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 401), "{answers:?}");
    assert_eq!(app.commits(), before);
    for (content_type, body, status) in [
        ("application/json", "{}", 415),
        ("application/x-www-form-urlencoded", "username=sam", 400),
        ("application/x-www-form-urlencoded", "username=sam&password=x&colour=red", 400),
    ] {
        let answer = app.ask("POST", "/api/v1/auth/token", &[("content-type", content_type)], body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn bad_bodies_are_told_by_what_is_wrong_with_them() {
    let app = App::test();
    everybody(&app).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let send = async |content_type: &str, body: &str| {
        let headers = [("authorization", key.as_str()), ("content-type", content_type)];
        app.ask("POST", "/api/v1/cohorts", &headers, body).await
    };
    let rows: &[(&str, &str, u16, &[&str])] = &[
        ("application/json", "{\"name\":\"A\",\"colour\":1}", 400, &["colour"]),
        ("application/json", "{}", 400, &["name"]),
        ("application/json", "{\"name\":1}", 400, &["name"]),
        ("application/json", "{\"name\":\"A\",\"visibility\":\"open\"}", 400, &["visibility"]),
        ("application/json", "{\"name\":\"\"}", 400, &["name"]),
        ("application/json", "{\"name\":\"a\\u0007\"}", 400, &["name"]),
        ("application/json", "{\"name\":\"!!!\"}", 400, &["slug"]),
        ("application/json", "{\"name\":\"Rooms\"}", 422, &["slug"]),
        ("application/json", "{\"name\":\"A\",\"slug\":\"ALL\"}", 422, &["slug"]),
        ("application/json", "{\"name\":\"OWN\"}", 409, &["slug"]),
        ("application/json", "{\"name\":\"A\"} more", 400, &[]),
        ("application/json", "[]", 400, &[]),
        ("application/json", "rubbish", 400, &[]),
        ("application/json", "", 400, &[]),
        ("text/plain", "{\"name\":\"A\"}", 415, &[]),
        ("", "{\"name\":\"A\"}", 415, &[]),
        ("application/x-www-form-urlencoded", "name=A", 415, &[]),
    ];
    let before = app.commits();
    for (content_type, body, status, fields) in rows {
        let answer = send(content_type, body).await;
        assert_eq!(answer.bad_fields(*status), *fields, "{body}");
    }
    let large = format!("{{\"name\":\"{}\"}}", "A".repeat(1024 * 1024));
    assert_eq!(send("application/json", &large).await.bad_fields(413), Vec::<String>::new());
    assert_eq!(app.commits(), before);
    let made = send("application/json; charset=utf-8", "{\"name\":\"2A SR é\"}").await.json(201);
    assert_eq!((text(&made, "slug"), text(&made, "name")), ("2a-sr-e".into(), "2A SR é".into()));
    let urls = json!({"ics": format!("{PUBLIC_URL}/calendars/2a-sr-e.ics"), "csv": format!("{PUBLIC_URL}/calendars/2a-sr-e.csv"),
                      "page": format!("{PUBLIC_URL}/c/2a-sr-e")});
    assert_eq!(made["urls"], urls);
}

#[tokio::test]
async fn a_cohort_goes_only_with_what_hangs_on_it() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    app.add_user("sam", Role::Student, &["2a-sr"]).await;
    let token = app.secret("zoe", json!(["2a-sr"])).await;
    let refused = app.cli("DELETE", "/api/v1/cohorts/2A-SR", Value::Null).await.json(409);
    for name in ["feed sr", "user sam", "token \"zoe\"", "--force"] {
        assert!(text(&refused, "detail").contains(name), "{refused}");
    }
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 200);
    app.cli("DELETE", "/api/v1/cohorts/2a-sr?force=yes", Value::Null).await.json(400);
    app.cli("DELETE", "/api/v1/cohorts/2a-sr?force=true", Value::Null).await.text(204);
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 401);
    assert_eq!(app.get(&format!("/s/{token}/2a-sr.ics")).await.status, 404);
    app.cli("GET", "/api/v1/feeds/sr", Value::Null).await.json(404);
    // The same name again inherits nothing: not the feed, not who belonged to it, not what opened it.
    app.add_cohort("2A-SR", "token").await;
    assert_eq!(app.get(&format!("/s/{token}/2a-sr.ics")).await.status, 403);
    let sam = app.cli("GET", "/api/v1/users/sam", Value::Null).await.json(200);
    assert_eq!(sam["cohorts"], json!([]));
}

#[tokio::test]
async fn a_public_cohort_that_closes_is_closed_at_once() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    app.ics().await;
    app.cli("PATCH", "/api/v1/cohorts/2a-sr", json!({"visibility": "token"})).await.json(200);
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 401);
}

#[tokio::test]
async fn a_token_is_shown_once_and_its_name_is_taken_while_it_lives() {
    let app = App::test();
    everybody(&app).await;
    let made = app.add_token("Zoé D'Été", json!(["own"])).await;
    let secret = text(&made, "token");
    let (name, key) = secret.rsplit_once('_').filter(|(_, key)| !key.is_empty()).unwrap_or(("", ""));
    // base64url has `_` too: the key is what stands behind the name.
    assert!(secret.starts_with("zoe-d-ete_") && secret.len() == "zoe-d-ete_".len() + 43, "{secret} {name} {key}");
    let base = format!("{PUBLIC_URL}/s/{secret}");
    assert_eq!(made["urls"], json!([format!("{base}/own.ics"), format!("{base}.ics")]));
    assert_eq!((text(&made, "scope"), &made["cohorts"]), ("cohorts".into(), &json!(["own"])));
    let path = format!("/api/v1/tokens/{}", text(&made, "id"));
    let shown = app.cli("GET", &path, Value::Null).await;
    assert!(!shown.text(200).contains(&secret) && shown.json(200).get("urls").is_none());
    assert_eq!(app.cli("POST", "/api/v1/tokens", json!({"name": "zoé d'été"})).await.bad_fields(409), ["name"]);
    app.cli("DELETE", &path, Value::Null).await.text(204);
    app.add_token("Zoé D'Été", Value::Null).await;
    for (new, status, field) in [
        (json!({"name": "a", "cohorts": ["none"]}), 422, "cohorts"),
        (json!({"name": "a", "cohorts": []}), 422, "cohorts"),
        (json!({"name": "a", "expires_at": "2026-11-20"}), 422, "expires_at"),
        (json!({"name": "a", "expires_at": "soon"}), 400, "expires_at"),
        (json!({"name": ""}), 400, "name"),
        (json!({"name": "a", "scope": "all"}), 400, "scope"),
    ] {
        assert_eq!(app.cli("POST", "/api/v1/tokens", new.clone()).await.bad_fields(status), [field], "{new}");
    }
    let audit = app.cli("GET", "/api/v1/audit", Value::Null).await.text(200);
    assert!(!audit.contains(&secret) && !audit.contains(&secret[10..]));
}

#[tokio::test]
async fn the_audit_tells_who_did_what_from_where() {
    let app = App::test();
    everybody(&app).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    app.later(TimeDelta::minutes(1));
    let since = app.clock.now();
    let headers = [("authorization", key.as_str()), JSON];
    app.ask("PATCH", "/api/v1/cohorts/own", &headers, "{\"slug\":\"mine\"}").await.json(200);
    app.ask("PATCH", "/api/v1/cohorts/mine", &headers, "{\"slug\":\"mine\"}").await.json(200);
    app.ask("PATCH", "/api/v1/users/sam", &headers, "{\"password\":\"an0ther-secret\"}").await.json(200);
    let audit = async |query: &str| {
        let page = app.cli("GET", &format!("/api/v1/audit{query}"), Value::Null).await.json(200);
        page["items"].as_array().unwrap().clone()
    };
    let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let entries = audit(&format!("?from={since}")).await;
    assert_eq!(entries.len(), 2, "what changes nothing is no entry: {entries:?}");
    assert_eq!((text(&entries[0], "action"), text(&entries[0], "object")), ("user.password".into(), "user:sam".into()));
    let renamed = &entries[1];
    assert_eq!((text(renamed, "actor"), text(renamed, "ip")), ("user:ada".into(), "203.0.113.9".into()));
    assert_eq!((text(renamed, "action"), text(renamed, "object")), ("cohort.update".into(), "cohort:own".into()));
    assert_eq!((&renamed["before"]["slug"], &renamed["after"]["slug"]), (&json!("own"), &json!("mine")));
    assert_eq!(renamed["after"]["aliases"], json!(["own"]));
    assert_eq!(text(renamed, "at"), "2026-11-21T11:01:00+01:00");
    assert_eq!(audit(&format!("?to={since}&actor=user:ada")).await.len(), 0);
    assert_eq!(audit("?actor=user:ada&action=cohort.update").await.len(), 1);
    assert_eq!(audit("?object=user:sam").await.len(), 2);
    assert_eq!(audit("?from=2026-11-21T11:01:00%2B01:00").await.len(), 2);
    let mut walked = Vec::new();
    let mut path = "/api/v1/audit?limit=2".to_owned();
    loop {
        let page = app.cli("GET", &path, Value::Null).await.json(200);
        walked.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/audit?limit=2&after={next}");
    }
    assert_eq!(walked.len(), audit("?limit=1000").await.len());
    for bad in ["?from=yesterday", "?after=x", "?limit=0", "?colour=red"] {
        app.cli("GET", &format!("/api/v1/audit{bad}"), Value::Null).await.json(400);
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert!([404, 405].contains(&app.cli(method, "/api/v1/audit", json!({})).await.status));
    }
}

#[tokio::test]
async fn a_forwarded_address_is_believed_from_a_trusted_proxy_alone() {
    let app = App::configured(|config| {
        config.server.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()];
    });
    everybody(&app).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let rows = [
        ("203.0.113.9:1", "198.51.100.1", "203.0.113.9"),
        ("192.0.2.1:1", "198.51.100.1", "198.51.100.1"),
        ("192.0.2.1:1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.1:1", "10.0.0.1, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
        ("192.0.2.1:1", "rubbish", "192.0.2.1"),
        ("192.0.2.1:1", "10.0.0.1, rubbish", "192.0.2.1"),
        ("192.0.2.1:1", "10.0.0.1, 198.51.100.1:4711", "198.51.100.1"),
        ("192.0.2.1:1", "10.0.0.1, [2001:db8::1]:4711", "2001:db8::1"),
        ("192.0.2.1:1", "10.0.0.1, unknown, 192.0.2.7", "192.0.2.1"),
        ("192.0.2.1:1", "", "192.0.2.1"),
    ];
    for (nth, (from, forwarded, expected)) in rows.into_iter().enumerate() {
        let body = format!("{{\"name\":\"n{nth}\"}}");
        let headers = [("authorization", key.as_str()), JSON, ("x-forwarded-for", forwarded)];
        let mut request = request("POST", "/api/v1/cohorts", &headers, &body);
        request.extensions_mut().insert(peer(from, Plane::Https));
        app.send(request).await.json(201);
        let audit = app.cli("GET", "/api/v1/audit?limit=1", Value::Null).await.json(200);
        assert_eq!(text(&audit["items"][0], "ip"), expected, "{forwarded} by {from}");
    }
}

#[tokio::test]
async fn a_change_by_cookie_comes_from_our_own_page_or_not_at_all() {
    let app = App::test();
    everybody(&app).await;
    let accounts = &app.slices.accounts;
    let login = accounts
        .sign_in("ada", &carillon::secret::Secret::new(PASSWORD.to_owned()), &carillon::accounts::Origin::default())
        .await
        .unwrap();
    let cookie = format!("x=y; __Host-carillon={}", accounts.start_session(&login).await.unwrap());
    let rows: &[(Headers<'_>, u16)] = &[
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", PUBLIC_URL)], 403),
        (&[("origin", PUBLIC_URL)], 200),
        (&[("origin", "https://evil.example.org")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "http://localhost"), ("host", "localhost")], 403),
        (&[], 403),
    ];
    for (headers, status) in rows {
        let headers = [&[("cookie", cookie.as_str()), JSON][..], headers].concat();
        let answer = app.ask("PATCH", "/api/v1/cohorts/own", &headers, "{\"visibility\":\"token\"}").await;
        assert_eq!(answer.status, *status, "{headers:?}");
        let read = app.ask("GET", "/api/v1/users", &headers, "").await;
        assert_eq!(read.status, 200, "to read is no change: {headers:?}");
    }
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let headers = [("authorization", key.as_str()), JSON, ("sec-fetch-site", "cross-site")];
    app.ask("PATCH", "/api/v1/cohorts/own", &headers, "{}").await.json(200);
    // A cookie does not help a wrong key, nor the other way round.
    let headers = [("authorization", "Bearer rubbish"), ("cookie", cookie.as_str())];
    assert_eq!(app.ask("GET", "/api/v1/users", &headers, "").await.status, 401);
}

#[tokio::test]
async fn another_origin_may_read_where_the_configuration_says_so() {
    let app = App::configured(|config| config.server.cors_origins = vec!["https://app.example.org".to_owned()]);
    for (origin, allowed) in [("https://app.example.org", true), ("https://evil.example.org", false)] {
        let answer = app.get_with("/api/v1/version", &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin") == origin, allowed);
        let ask = [("origin", origin), ("access-control-request-method", "POST")];
        let preflight = app.ask("OPTIONS", "/api/v1/cohorts", &ask, "").await;
        assert!(!preflight.header("access-control-allow-methods").contains("POST"));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn ready_shows_its_details_to_the_machine_itself_and_to_administrators() {
    let (app, site) = App::test().with_feed(&calendar(&days(2))).await;
    everybody(&app).await;
    let ada = format!("Bearer {}", app.sign_in("ada").await);
    let sam = format!("Bearer {}", app.sign_in("sam").await);
    let rows: &[(&str, Headers<'_>, bool)] = &[
        ("127.0.0.1:1", &[], true),
        ("[::1]:1", &[], true),
        ("127.0.0.1:1", &[("x-forwarded-for", "203.0.113.9")], false),
        ("127.0.0.1:1", &[("forwarded", "for=203.0.113.9")], false),
        ("203.0.113.9:1", &[], false),
        ("203.0.113.9:1", &[("authorization", &sam)], false),
        ("203.0.113.9:1", &[("authorization", &ada)], true),
    ];
    for (from, headers, details) in rows {
        for path in ["/ready", "/metrics"] {
            let mut request = request("GET", path, headers, "");
            request.extensions_mut().insert(peer(from, Plane::Https));
            let answer = app.send(request).await;
            let told = String::from_utf8_lossy(&answer.bytes).into_owned();
            assert_eq!(told.contains("sr"), *details, "{from} {headers:?}: {told}");
        }
    }
    // One failed poll is the next one's business; a calendar that is a day old is not.
    site.answers(crate::upstream::Reply::new(500, "text/html", "Oups"));
    app.refresh("sr").await.json(502);
    assert_eq!(app.get("/ready").await.status, 200);
    app.clock.advance(TimeDelta::hours(25));
    assert_eq!((app.get("/ready").await.status, app.get("/health").await.status), (503, 200));
    assert_eq!(app.get("/health").await.json(200), json!({"status": "ok"}));
    assert_eq!(text(&app.get("/api/v1/version").await.json(200), "version"), env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn users_have_the_shape_of_the_contract_and_guard_the_last_administrator() {
    let app = App::test();
    everybody(&app).await;
    let sam = app.cli("GET", "/api/v1/users/SAM", Value::Null).await.json(200);
    let mut fields: Vec<_> = sam.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["cohorts", "created_at", "disabled", "email", "login", "name", "roles"]);
    assert_eq!(at(&text(&sam, "created_at")), app.clock.now());
    for change in [json!({"disabled": true}), json!({"roles": ["planner"]})] {
        assert_eq!(app.cli("PATCH", "/api/v1/users/ada", change).await.status, 409);
    }
    assert_eq!(app.cli("DELETE", "/api/v1/users/ada", Value::Null).await.status, 409);
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let headers = [("authorization", key.as_str()), JSON];
    let own = app.ask("PATCH", "/api/v1/users/ada", &headers, "{\"roles\":[\"admin\",\"planner\"]}").await;
    assert_eq!(own.status, 403, "nobody gives themselves a role");
    for (new, status, field) in [
        (json!({"login": "SAM", "name": "x"}), 409, "login"),
        (json!({"login": "a b", "name": "x"}), 400, "login"),
        (json!({"login": "x", "name": ""}), 400, "name"),
        (json!({"login": "x", "name": "x", "email": "x"}), 400, "email"),
        (json!({"login": "x", "name": "x", "roles": ["root"]}), 400, "roles[0]"),
        (json!({"login": "x", "name": "x", "cohorts": ["none"]}), 422, "cohorts"),
        (json!({"login": "x", "name": "x", "password": "short"}), 400, "password"),
        (json!({"login": "x", "name": "x", "admin": true}), 400, "admin"),
    ] {
        let answer = app.cli("POST", "/api/v1/users", new.clone()).await;
        assert!([status, 422].contains(&answer.status), "{new}: {}", answer.status);
        assert_eq!(answer.bad_fields(answer.status), [field], "{new}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("short\""), "no password comes back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_keeps_no_phone_waiting() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    everybody(&app).await;
    app.ics().await;
    let app = std::sync::Arc::new(app);
    let flood: Vec<_> = (0..16)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move {
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                app.ask("POST", "/api/v1/auth/token", &headers, "username=sam&password=wrong").await.status
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let start = std::time::Instant::now();
    app.ics().await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for attempt in flood {
        let status = attempt.await.unwrap();
        assert!([401, 429].contains(&status), "{status}");
    }
}

#[tokio::test]
async fn every_error_is_a_problem_whatever_the_address() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    everybody(&app).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let long = format!("/calendars/{}.ics", "a".repeat(5000));
    let rows = [
        ("GET", "/none/at/all"),
        ("GET", "/api/v1/none"),
        ("PUT", "/api/v1/users"),
        ("POST", "/health"),
        ("DELETE", "/calendars/2a-sr.ics"),
        ("POST", "/s/x/2a-sr.ics"),
        ("GET", "/s/x/%FF.ics"),
        ("GET", "/s/%FF/2a-sr.ics"),
        ("GET", "/s/%FF.ics"),
        ("GET", "/calendars/%FF.ics"),
        ("GET", "/calendars/%00.ics"),
        ("GET", "/calendars/..%2f..%2fetc%2fpasswd"),
        ("GET", "/calendars/2a-sr.ics/x"),
        ("GET", "/calendars/.ics"),
        ("GET", "/calendars/2a-sr"),
        ("GET", "/s/x/"),
        ("GET", "/%FF?token=x"),
        ("GET", "/api/v1/feeds/%FF"),
        ("GET", "/api/v1/cohorts/%FF"),
        ("GET", "/api/v1/tokens/%FF"),
        ("GET", "/api/v1/users/%FF"),
        ("GET", &long),
    ];
    for (method, path) in rows {
        let answer = app.ask(method, path, &[("authorization", &key), JSON], "").await;
        assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}: {}", answer.status);
        assert_eq!(answer.json(answer.status)["status"], answer.status, "{method} {path}");
    }
    assert_ne!(app.ask("PUT", "/api/v1/users", &[("authorization", &key)], "").await.header("allow"), "");
}

#[tokio::test]
async fn the_root_lists_the_sections_of_old_where_it_is_served() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    everybody(&app).await;
    let headers = [("accept", "application/json")];
    if app.get_with("/", &headers).await.status == 404 {
        return;
    }
    let token = app.secret("one", json!(["own"])).await;
    assert_eq!(app.get_with("/", &headers).await.json(200), json!({"sections": ["2A-SR"]}));
    let seen = app.get_with(&format!("/?token={token}"), &headers).await.json(200);
    assert_eq!(seen, json!({"sections": ["2A-SR", "Own"]}));
}

#[tokio::test]
async fn a_cohort_may_take_its_old_name_back_and_nobody_elses() {
    let app = App::test();
    everybody(&app).await;
    let rename =
        async |from: &str, to: &str| app.cli("PATCH", &format!("/api/v1/cohorts/{from}"), json!({"slug": to})).await;
    assert_eq!(rename("own", "new").await.json(200)["aliases"], json!(["own"]));
    assert_eq!(rename("other", "OWN").await.bad_fields(409), ["slug"]);
    let back = rename("new", "own").await.json(200);
    assert_eq!((text(&back, "slug"), &back["aliases"]), ("own".into(), &json!(["new"])));
    assert_eq!(rename("own", "api").await.bad_fields(422), ["slug"]);
    assert_eq!(app.cli("GET", "/api/v1/cohorts/NEW", Value::Null).await.json(200)["slug"], "own");
}

#[tokio::test]
async fn a_stranger_sends_little_whatever_the_route_takes() {
    let app = App::test();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let (fits, large) = ("x".repeat(15 * 1024), "x".repeat(17 * 1024));
    for path in ["/login", "/setup", "/api/v1/auth/token"] {
        assert_ne!(app.ask("POST", path, &form, &fits).await.status, 413, "{path}");
        assert_eq!(app.ask("POST", path, &form, &large).await.status, 413, "{path}");
        let mut unmeasured = request("POST", path, &form, "");
        *unmeasured.body_mut() = unmeasured_body(large.clone());
        assert_eq!(app.send(unmeasured).await.status, 413, "{path}");
    }
}

/// A body that does not tell its size beforehand.
fn unmeasured_body(text: String) -> axum::body::Body {
    use http_body_util::BodyExt;
    axum::body::Body::new(axum::body::Body::from(text).map_frame(|frame| frame).with_trailers(async { None }))
}
