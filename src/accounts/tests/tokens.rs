//! Subscriber tokens: what they open, and when they stop.

use chrono::TimeDelta;

use super::*;

fn scope(school: &School, slug: &str) -> Option<Vec<String>> {
    Some(vec![school.cohort(slug)])
}

fn opened(school: &School, token: &str) -> Option<Vec<String>> {
    match school.accounts.subscriber(token) {
        Ok(Actor::Subscriber { cohorts, .. }) => cohorts,
        other => panic!("{other:?}"),
    }
}

fn dead(made: &Value) -> Result<Actor, DeadKey> {
    Err(DeadKey::Dead { id: text(made, "id").to_owned() })
}

#[tokio::test]
async fn a_token_goes_out_with_its_secret_once() {
    let school = School::new();
    let new = json!({"name": " Éloïse ", "cohorts": ["M2", "2a-sr"], "expires_at": "2027-08-31"});
    let answer = school.cli("POST", "/api/v1/tokens", new).await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let made = answer.ok(201);
    let (id, token) = (text(&made, "id"), text(&made, "token"));
    let base = format!("https://cafe.example.org/s/{token}");
    assert!(token.starts_with("eloise_") && token.len() == 7 + 43);
    assert_eq!(made["urls"], json!([format!("{base}/2a-sr.ics"), format!("{base}/m2.ics"), format!("{base}.ics")]));
    let shown = json!({
        "id": id, "name": "Éloïse", "scope": "cohorts", "cohorts": ["2a-sr", "m2"],
        "created_at": "2026-11-21T11:00:00+01:00", "expires_at": "2027-08-31T23:59:59+02:00",
        "revoked_at": null, "last_used_at": null,
    });
    assert_eq!(school.cli("GET", &format!("/api/v1/tokens/{id}"), Value::Null).await.ok(200), shown);
    assert_eq!(school.cli("GET", "/api/v1/tokens/%C3%A9LO%C3%8FSE", Value::Null).await.ok(200), shown);
    assert_eq!(school.cli("GET", "/api/v1/tokens", Value::Null).await.ok(200)["items"], json!([shown]));
}

#[tokio::test]
async fn a_token_opens_its_scope() {
    let school = School::new();
    let narrow = school.create_token(json!({"name": "narrow", "cohorts": ["2a-sr"]})).await;
    let wide = school.create_token(json!({"name": "wide", "cohorts": null})).await;
    assert_eq!(opened(&school, text(&narrow, "token")), scope(&school, "2a-sr"));
    assert_eq!(opened(&school, text(&wide, "token")), None);
    assert_eq!(wide["urls"].as_array().unwrap().len(), 3);
    assert_eq!(school.accounts.subscriber("wide_nonsense"), Err(DeadKey::Unknown));
    assert_eq!(school.accounts.bearer(text(&wide, "token")), None, "a subscriber token signs nobody in");
}

#[tokio::test]
async fn a_token_expires_by_the_clock() {
    let school = School::new();
    let made = school.create_token(json!({"name": "phone", "expires_at": "2026-11-21T12:00:00+01:00"})).await;
    school.clock.advance(TimeDelta::minutes(60) - TimeDelta::seconds(1));
    assert!(school.accounts.subscriber(text(&made, "token")).is_ok());
    school.clock.advance(TimeDelta::seconds(1));
    assert_eq!(school.accounts.subscriber(text(&made, "token")), dead(&made));
    let id = text(&made, "id");
    let rotated = school.cli("POST", &format!("/api/v1/tokens/{id}/rotate"), Value::Null).await;
    assert_eq!(rotated.status, 409);
    school.cli("PATCH", &format!("/api/v1/tokens/{id}"), json!({"expires_at": null})).await.ok(200);
    assert!(school.accounts.subscriber(text(&made, "token")).is_ok());
    let past = school.cli("POST", "/api/v1/tokens", json!({"name": "x", "expires_at": "2026-11-20"})).await;
    assert_eq!((past.status, past.bad_field()), (422, "expires_at"));
}

#[tokio::test]
async fn a_revoked_token_is_dead_at_once_and_for_ever() {
    let school = School::new();
    let made = school.create_token(json!({"name": "phone"})).await;
    let path = format!("/api/v1/tokens/{}", text(&made, "id"));
    let before = school.audit().len();
    for _ in 0..2 {
        assert_eq!(school.cli("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(school.accounts.subscriber(text(&made, "token")), dead(&made));
    }
    assert_eq!(school.actions_since(before), ["token.revoke"]);
    let kept = school.cli("GET", &path, Value::Null).await.ok(200);
    assert_eq!(text(&kept, "revoked_at"), "2026-11-21T11:00:00+01:00");
    assert_eq!(school.cli("PATCH", &path, json!({"expires_at": null})).await.status, 409);
    assert_eq!(school.cli("POST", &format!("{path}/rotate"), Value::Null).await.status, 409);
    assert_eq!(school.cli("DELETE", "/api/v1/tokens/phone", Value::Null).await.status, 404, "a dead one has no name");
}

#[tokio::test]
async fn a_rotation_keeps_the_id_and_kills_the_old_secret() {
    let school = School::new();
    let made = school.create_token(json!({"name": "phone", "cohorts": ["m2"]})).await;
    let rotated = school.cli("POST", "/api/v1/tokens/Phone/rotate", Value::Null).await.ok(200);
    assert_eq!(rotated["id"], made["id"]);
    assert_eq!(rotated["urls"].as_array().unwrap().len(), 2);
    assert_eq!(school.accounts.subscriber(text(&made, "token")), Err(DeadKey::Unknown));
    assert_eq!(opened(&school, text(&rotated, "token")), scope(&school, "m2"));
}

#[tokio::test]
async fn a_name_is_unique_among_live_tokens() {
    let school = School::new();
    school.create_token(json!({"name": "Phone", "expires_at": "2026-11-21"})).await;
    let taken = school.cli("POST", "/api/v1/tokens", json!({"name": " pHONE"})).await;
    assert_eq!((taken.status, taken.bad_field()), (409, "name"));
    assert!(taken.text.contains("Phone"));
    school.clock.advance(TimeDelta::days(1));
    let second = school.create_token(json!({"name": "phone"})).await;
    school.cli("DELETE", "/api/v1/tokens/phone", Value::Null).await;
    let third = school.create_token(json!({"name": "phone"})).await;
    assert_ne!(second["id"], third["id"]);
    let list = school.cli("GET", "/api/v1/tokens", Value::Null).await.ok(200);
    let first = list["items"].as_array().unwrap().iter().find(|token| !token["expires_at"].is_null()).unwrap();
    let revived =
        school.cli("PATCH", &format!("/api/v1/tokens/{}", text(first, "id")), json!({"expires_at": null})).await;
    assert_eq!(revived.status, 409);
}

#[tokio::test]
async fn a_changed_scope_counts_at_once() {
    let school = School::new();
    let made = school.create_token(json!({"name": "phone", "cohorts": ["m2"]})).await;
    for (cohorts, opens) in
        [(json!(["2a-sr"]), scope(&school, "2a-sr")), (json!([]), Some(vec![])), (Value::Null, None)]
    {
        school.cli("PATCH", "/api/v1/tokens/phone", json!({"cohorts": cohorts})).await.ok(200);
        assert_eq!(opened(&school, text(&made, "token")), opens);
    }
}

#[tokio::test]
async fn uses_are_written_in_one_commit_and_none_without_one() {
    let school = School::new();
    let tokens = [school.create_token(json!({"name": "a"})).await, school.create_token(json!({"name": "b"})).await];
    let store = school.accounts.app.store.clone();
    let (commits, keyring) = (store.commits(), school.accounts.keyring());
    assert_eq!((school.accounts.flush_uses().await.unwrap(), store.commits()), (0, commits));
    for made in tokens.iter().chain(&tokens) {
        school.accounts.subscriber(text(made, "token")).unwrap();
    }
    assert_eq!(store.commits(), commits);
    let listed = school.cli("GET", "/api/v1/tokens/a", Value::Null).await.ok(200);
    assert_eq!(text(&listed, "last_used_at"), "2026-11-21T11:00:00+01:00");
    assert_eq!((school.accounts.flush_uses().await.unwrap(), store.commits()), (2, commits + 1));
    assert_eq!((school.accounts.flush_uses().await.unwrap(), store.commits()), (0, commits + 1));
    assert!(Arc::ptr_eq(&keyring, &school.accounts.keyring()), "no view was made anew");
    let opened_again = Accounts::open(school.accounts.app.clone(), school.accounts.cohorts.clone()).unwrap();
    assert_eq!(opened_again.last_used(text(&tokens[0], "id")), Some(school.clock.now()));
}

#[tokio::test]
async fn a_use_survives_a_change_of_the_keyring() {
    let school = School::new();
    let made = school.create_token(json!({"name": "a"})).await;
    school.accounts.subscriber(text(&made, "token")).unwrap();
    school.create_token(json!({"name": "b"})).await;
    assert_eq!(school.accounts.last_used(text(&made, "id")), Some(school.clock.now()));
}

#[tokio::test]
async fn a_dead_token_is_not_used() {
    let school = School::new();
    let made = school.create_token(json!({"name": "a"})).await;
    school.cli("DELETE", "/api/v1/tokens/a", Value::Null).await;
    school.accounts.subscriber(text(&made, "token")).unwrap_err();
    assert_eq!(school.accounts.last_used(text(&made, "id")), None);
}

#[tokio::test]
async fn a_students_own_token_opens_no_more_than_the_student_may_read() {
    let school = School::with_people().await;
    let sam = school.user("sam");
    let made = school.call(sam.clone(), "POST", "/api/v1/me/tokens", json!({"name": "sam's phone"})).await.ok(201);
    let token = text(&made, "token");
    assert_eq!((opened(&school, token), made["cohorts"].clone()), (scope(&school, "2a-sr"), json!(["2a-sr"])));
    let path = "/api/v1/users/sam";
    school.cli("PATCH", path, json!({"cohorts": ["m2"]})).await.ok(200);
    assert_eq!(opened(&school, token), Some(vec![]));
    school.cli("PATCH", path, json!({"cohorts": ["m2", "2a-sr"]})).await.ok(200);
    assert_eq!(opened(&school, token), scope(&school, "2a-sr"));
    school.cli("PATCH", path, json!({"disabled": true})).await.ok(200);
    assert_eq!(school.accounts.subscriber(token), dead(&made));
    school.cli("PATCH", path, json!({"disabled": false})).await.ok(200);
    school.cli("DELETE", path, Value::Null).await;
    assert_eq!(school.accounts.subscriber(token), dead(&made));
    school.add("sam", "student").await;
    assert_eq!(school.accounts.subscriber(token), dead(&made), "somebody else of that login has no part in it");
}

#[tokio::test]
async fn one_sees_and_revokes_ones_own_tokens_alone() {
    let school = School::with_people().await;
    let (sam, teo) = (school.user("sam"), school.user("teo"));
    let made = school.call(sam.clone(), "POST", "/api/v1/me/tokens", json!({"name": "phone"})).await.ok(201);
    let path = format!("/api/v1/me/tokens/{}", text(&made, "id"));
    let seen = school.call(teo.clone(), "GET", "/api/v1/me/tokens", Value::Null).await.ok(200);
    assert_eq!(seen["items"], json!([]));
    assert_eq!(school.call(teo, "DELETE", &path, Value::Null).await.status, 404);
    assert!(school.accounts.subscriber(text(&made, "token")).is_ok());
    assert_eq!(school.call(sam, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(school.accounts.subscriber(text(&made, "token")), dead(&made));
}

#[tokio::test]
async fn a_user_has_at_most_twenty_live_tokens_of_their_own() {
    let school = School::with_people().await;
    for n in 0..20 {
        let new = json!({"name": format!("phone {n}")});
        school.call(school.user("sam"), "POST", "/api/v1/me/tokens", new).await.ok(201);
    }
    let more = school.call(school.user("sam"), "POST", "/api/v1/me/tokens", json!({"name": "one more"})).await;
    assert_eq!(more.status, 409);
}

async fn legacy(school: &School, key: &str, body: &str) -> Answer {
    let headers = [("authorization", key)];
    school.send(Actor::Nobody, "POST", "/admin/create_token", &headers, body.to_owned()).await
}

#[tokio::test]
async fn the_old_proxys_route_makes_a_token_for_the_master_token_alone() {
    let school = School::new();
    assert_eq!(legacy(&school, "Bearer master", r#"{"name":"marie"}"#).await.status, 401, "none was ever set");
    let system = Caller::cli("test");
    let set = |token: &str| {
        let token = secret(token);
        school.accounts.app.store.write_now(|tx| set_master_token(tx, &system, &school.clock, &token)).unwrap();
    };
    set("old");
    set("master");
    let cases = [
        ("Bearer wrong", r#"{"name":"marie"}"#, 401),
        ("Bearer old", r#"{"name":"marie"}"#, 401),
        ("Basic master", r#"{"name":"marie"}"#, 401),
        ("Bearer master", r#"{"name":"marie","more":1}"#, 201),
        ("Bearer master", r#"{"name":"Marie"}"#, 409),
        ("Bearer master", "{}", 400),
        ("Bearer master", r#"{"name":" "}"#, 400),
        ("Bearer master", "rubbish", 400),
    ];
    for (key, body, status) in cases {
        let answer = legacy(&school, key, body).await;
        assert_eq!(answer.status, status, "{key} {body} {}", answer.text);
        if status == 201 {
            assert_eq!((answer.json.as_object().unwrap().len(), text(&answer.json, "name")), (2, "marie"));
            assert_eq!(opened(&school, text(&answer.json, "token")), None);
        }
    }
    assert_eq!(school.accounts.bearer("master"), None, "it opens this one route");
    assert_eq!(school.audit().last().unwrap().actor, "master-token");
}

#[tokio::test]
async fn an_imported_token_opens_as_it_is_and_until_it_is_rotated_by_plain_http() {
    let school = School::new();
    let import = |name: &str, token: &str| {
        let (caller, clock, token) = (Caller::cli("test"), &school.clock, secret(token));
        let store = &school.accounts.app.store;
        store.write_now(|tx| import_subscriber_token(tx, &caller, clock, name, &token, Scope::All))
    };
    let token = import("Marie", "old-proxy-token").unwrap();
    assert!(school.accounts.subscriber("old-proxy-token").is_ok());
    assert!(school.accounts.is_imported(&token.id));
    assert_eq!(import("Marie", "old-proxy-token").unwrap(), token, "a second import changes nothing");
    assert!(matches!(import("marie", "other"), Err(AccountError::TokenNameTaken(_))));
    let rotated = school.cli("POST", "/api/v1/tokens/marie/rotate", Value::Null).await.ok(200);
    assert_eq!(text(&rotated, "id"), token.id);
    assert!(!school.accounts.is_imported(&token.id));
    assert_eq!(school.accounts.subscriber("old-proxy-token"), Err(DeadKey::Unknown));
    let made = school.create_token(json!({"name": "phone"})).await;
    assert!(!school.accounts.is_imported(text(&made, "id")));
}

fn with_master(school: &School, token: &str) {
    let (caller, token) = (Caller::cli("test"), secret(token));
    school.accounts.app.store.write_now(|tx| set_master_token(tx, &caller, &school.clock, &token)).unwrap();
}

#[tokio::test]
async fn whoever_guesses_at_the_master_token_is_slowed_down() {
    let school = School::new();
    with_master(&school, "a master token of old");
    let mut statuses = Vec::new();
    for nth in 0..5 {
        statuses.push(legacy(&school, &format!("Bearer guess {nth}"), "{}").await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 429]);
    let answer = legacy(&school, "Bearer a master token of old", r#"{"name":"marie"}"#).await;
    assert_eq!((answer.status, &answer.headers[header::RETRY_AFTER]), (429, &"2".parse().unwrap()));
    school.clock.advance(TimeDelta::seconds(2));
    assert_eq!(legacy(&school, "Bearer a master token of old", r#"{"name":"marie"}"#).await.status, 201);
}

#[tokio::test]
async fn a_master_token_that_is_withdrawn_makes_nothing_more() {
    let school = School::new();
    with_master(&school, "master");
    assert_eq!(school.cli("GET", "/api/v1/master-token", Value::Null).await.ok(200), json!({"present": true}));
    assert_eq!(school.cli("DELETE", "/api/v1/master-token", Value::Null).await.status, 204);
    assert_eq!(legacy(&school, "Bearer master", r#"{"name":"marie"}"#).await.status, 401);
    assert_eq!(school.cli("GET", "/api/v1/master-token", Value::Null).await.ok(200), json!({"present": false}));
    assert_eq!(school.cli("DELETE", "/api/v1/master-token", Value::Null).await.status, 404);
    let told = school.audit().pop().unwrap();
    assert_eq!((told.action.as_str(), told.actor.as_str()), ("master-token.withdraw", "cli:pi"));
}

#[tokio::test]
async fn nobody_makes_tokens_of_their_own_without_end() {
    let school = School::with_people().await;
    let make = async || school.call(school.user("sam"), "POST", "/api/v1/me/tokens", json!({"name": "loop"})).await;
    for _ in 0..40 {
        let made = make().await.ok(201);
        let path = format!("/api/v1/me/tokens/{}", text(&made, "id"));
        assert_eq!(school.call(school.user("sam"), "DELETE", &path, Value::Null).await.status, 204);
    }
    assert_eq!(make().await.status, 429);
    school.clock.advance(TimeDelta::days(1));
    make().await.ok(201);
}
