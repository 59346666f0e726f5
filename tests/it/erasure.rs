//! Whose what is: a login that is made anew, tokens that bear somebody's name, what is handed out of whom, and what is left
//! when somebody is erased.

use carillon::actor::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, text};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A cohort, and `ada`, `teo` and `sam`.
async fn school() -> App {
    let app = App::test();
    app.add_cohort("2A-SR", "token").await;
    app.add_user("ada", Role::Admin, &[]).await;
    app.add_user("teo", Role::Teacher, &["2a-sr"]).await;
    app.add_user("sam", Role::Student, &["2a-sr"]).await;
    app
}

async fn own_token(app: &App, login: &str, name: &str) -> Value {
    let key = format!("Bearer {}", app.sign_in(login).await);
    let body = json!({"name": name}).to_string();
    app.ask("POST", "/api/v1/me/tokens", &[("authorization", &key), JSON], &body).await.json(201)
}

async fn own(app: &App, login: &str, what: &str) -> Answer {
    let key = format!("Bearer {}", app.sign_in(login).await);
    app.get_with(&format!("/api/v1/me/{what}"), &[("authorization", &key)]).await
}

async fn erase(app: &App, login: &str) -> Answer {
    app.cli("POST", &format!("/api/v1/users/{login}/erase"), json!({"login": login})).await
}

async fn told(app: &App) -> String {
    let mut told = String::new();
    for path in ["audit?limit=1000", "users", "tokens"] {
        told += &app.cli("GET", &format!("/api/v1/{path}"), Value::Null).await.text(200).to_lowercase();
    }
    told
}

#[tokio::test]
async fn whoever_has_a_login_that_somebody_had_before_inherits_nothing_of_them() {
    let app = school().await;
    app.cli("PATCH", "/api/v1/users/sam", json!({"name": "Samuel Before"})).await.json(200);
    own_token(&app, "sam", "Samuel's phone").await;
    app.cli("DELETE", "/api/v1/users/sam", Value::Null).await.text(204);
    app.later(TimeDelta::minutes(1));
    app.add_user("sam", Role::Student, &["2a-sr"]).await;
    let held = own(&app, "sam", "data").await;
    assert!(!held.text(200).contains("Samuel"), "{}", held.text(200));
    let held = held.json(200);
    let actions: Vec<_> = held["audit"].as_array().unwrap().iter().map(|entry| text(entry, "action")).collect();
    assert_eq!((actions, &held["tokens"]), (vec!["user.create".to_owned()], &json!([])));
    assert_eq!(own(&app, "sam", "tokens").await.json(200)["items"], json!([]));
}

#[tokio::test]
async fn somebody_who_was_removed_is_erased_as_well() {
    let app = school().await;
    let change = json!({"name": "Samuel Before", "email": "samuel@example.org"});
    app.cli("PATCH", "/api/v1/users/sam", change).await.json(200);
    own_token(&app, "sam", "Samuel's phone").await;
    app.cli("DELETE", "/api/v1/users/sam", Value::Null).await.text(204);
    let husk = erase(&app, "sam").await.json(200);
    assert!(text(&husk, "login").starts_with("erased-"));
    let told = told(&app).await;
    assert!(!told.contains("sam"), "{told}");
    assert_eq!(erase(&app, "sam").await.status, 404, "nobody is left");
    assert_eq!(erase(&app, "never").await.status, 404);
}

#[tokio::test]
async fn a_token_that_somebody_else_calls_so_is_not_theirs() {
    let app = school().await;
    let made = own_token(&app, "teo", "sam").await;
    let held = own(&app, "sam", "data").await.json(200);
    assert_eq!(held["tokens"], json!([]));
    assert!(!held["audit"].to_string().contains("token.create"), "{held}");
    erase(&app, "sam").await.json(200);
    let token = app.cli("GET", &format!("/api/v1/tokens/{}", text(&made, "id")), Value::Null).await.json(200);
    assert_eq!((&token["revoked_at"], &token["name"]), (&Value::Null, &json!("sam")));
}

#[tokio::test]
async fn a_token_that_an_administrator_called_by_the_name_of_somebody_goes_with_them() {
    let app = school().await;
    for login in ["sam", "ann", "bea"] {
        let name = if login == "sam" { "Marie Curie" } else { "Ann Other" };
        let new = json!({"login": login, "name": name, "roles": ["student"]});
        let path = format!("/api/v1/users/{login}");
        match login {
            "sam" => app.cli("PATCH", &path, json!({"name": name})).await.json(200),
            _ => app.cli("POST", "/api/v1/users", new).await.json(201),
        };
    }
    app.add_token("marie curie", Value::Null).await;
    let shared = app.secret("Ann Other", json!(["2a-sr"])).await;
    erase(&app, "sam").await.json(200);
    let told = told(&app).await;
    assert!(!told.contains("curie"), "{told}");
    erase(&app, "ann").await.json(200);
    let left = app.get(&format!("/s/{shared}.ics")).await.status;
    assert_ne!(left, 401, "two have that name, and whose token it is nobody can tell");
}

#[tokio::test]
async fn whoever_is_erased_takes_no_other_thing_of_their_name_along() {
    let app = school().await;
    let new = json!({"login": "m2", "name": "Anglais", "roles": ["teacher"], "password": PASSWORD});
    app.cli("POST", "/api/v1/users", new).await.json(201);
    app.add_cohort("M2", "token").await;
    let event = json!({"subject": "Anglais", "teacher": "m2", "cohorts": ["2a-sr"],
                       "start": "2026-11-23T08:00:00+01:00", "end": "2026-11-23T09:00:00+01:00"});
    app.cli("POST", "/api/v1/events", event).await.json(201);
    let held = own(&app, "m2", "data").await.json(200);
    let objects: Vec<_> = held["audit"].as_array().unwrap().iter().map(|entry| text(entry, "object")).collect();
    assert!(!objects.iter().any(|object| object.starts_with("cohort:")), "{objects:?}");
    assert!(objects.iter().any(|object| object.starts_with("event:")), "{objects:?}");
    erase(&app, "m2").await.json(200);
    let audit = app.cli("GET", "/api/v1/audit?limit=1000", Value::Null).await.json(200);
    let of = |object: &str| {
        let found = audit["items"].as_array().unwrap().iter().find(|e| text(e, "object").starts_with(object));
        found.unwrap()["after"].clone()
    };
    assert_eq!(of("cohort:m2")["name"], "M2");
    assert_eq!(of("event:")["subject"], "Anglais");
    assert!(text(&of("event:"), "teacher").starts_with("erased-"));
    let version = app.slices.app.store.version("teacher:m2");
    assert_eq!(version.number, 0, "what is kept of calendars names them no more");
}

#[tokio::test]
async fn of_others_whom_somebody_changed_their_data_says_nothing() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let body = json!({"email": "sam@example.org"}).to_string();
    app.ask("PATCH", "/api/v1/users/sam", &[("authorization", &key), JSON], &body).await.json(200);
    let held = own(&app, "ada", "data").await;
    assert!(held.text(200).contains("user.update") && !held.text(200).contains("sam@example.org"));
    let of_sam = own(&app, "sam", "data").await;
    assert!(of_sam.json(200)["audit"].to_string().contains("sam@example.org"));
}

#[tokio::test]
async fn nobody_has_the_whole_audit_read_again_and_again() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let data = async || app.get_with("/api/v1/me/data", &[("authorization", &key)]).await;
    for _ in 0..5 {
        data().await.json(200);
    }
    let refused = data().await;
    assert_eq!(refused.header("retry-after"), "300");
    assert!(refused.text(429).contains("your data"), "{}", refused.text(429));
    own(&app, "teo", "data").await.json(200);
    app.cli("GET", "/api/v1/users/sam/data", Value::Null).await.json(200);
    app.later(TimeDelta::minutes(5));
    let key = format!("Bearer {}", app.sign_in("sam").await);
    app.get_with("/api/v1/me/data", &[("authorization", &key)]).await.json(200);
}

#[tokio::test]
async fn of_two_who_remove_one_thing_at_once_the_second_finds_nothing() {
    let app = school().await;
    app.add_cohort("Twice", "token").await;
    app.cli("POST", "/api/v1/rooms", json!({"name": "B12"})).await.json(201);
    app.add_feed("up", "2a-sr", "https://site.example/up.ics").await;
    for path in ["/api/v1/cohorts/twice", "/api/v1/rooms/b12", "/api/v1/feeds/up"] {
        let delete = async || app.cli("DELETE", path, Value::Null).await.status;
        let mut statuses = [0; 2];
        (statuses[0], statuses[1]) = tokio::join!(delete(), delete());
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404], "{path}");
    }
}
