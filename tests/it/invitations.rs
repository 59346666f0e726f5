//! Links by which people choose their password: made by an administrator, good once, and dead as soon as they should be.

use carillon::actor::Role;
use carillon::net::Plane;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, PUBLIC_URL, peer, request, text};
use crate::import_events::{form, send_form};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const CHOSEN: &str = "chosen by myself";

/// A method, a path and a body.
type Change = (&'static str, &'static str, Value);

/// An administrator `ada`, and `sam`, who has no password.
async fn school() -> App {
    let app = App::test();
    app.add_cohort("A", "token").await;
    app.add_user("ada", Role::Admin, &[]).await;
    let sam = json!({"login": "sam", "name": "Sam", "roles": ["student"], "cohorts": ["a"]});
    app.cli("POST", "/api/v1/users", sam).await.json(201);
    app
}

async fn invite(app: &App, logins: &[&str]) -> Answer {
    app.by("ada", "POST", "/api/v1/invitations", json!({"logins": logins})).await
}

fn key_of(invitation: &Value) -> String {
    let url = text(invitation, "url");
    url.strip_prefix(&format!("{PUBLIC_URL}/setup/password#")).unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// The key of a new link.
async fn key(app: &App, login: &str) -> String {
    key_of(&invite(app, &[login]).await.json(201)["items"][0])
}

/// Sends the page's form from an address.
async fn choose_from(app: &App, ip: &str, key: &str, password: &str) -> Answer {
    let body = format!("key={key}&password={}", password.replace(' ', "+"));
    let headers = [FORM, ("sec-fetch-site", "same-origin"), ("accept", "text/html"), ("accept-language", "en")];
    let mut request = request("POST", "/setup/password", &headers, &body);
    request.extensions_mut().insert(peer(&format!("{ip}:4711"), Plane::Https));
    app.send(request).await
}

async fn choose(app: &App, key: &str, password: &str) -> Answer {
    choose_from(app, "203.0.113.9", key, password).await
}

async fn sign_in_status(app: &App, login: &str, password: &str) -> u16 {
    let body = format!("username={login}&password={}", password.replace(' ', "+"));
    app.ask("POST", "/api/v1/auth/token", &[FORM], &body).await.status
}

#[tokio::test]
async fn somebody_without_a_password_chooses_one_and_is_signed_in() {
    let app = school().await;
    let answer = invite(&app, &["SAM"]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let invitation = answer.json(201)["items"][0].clone();
    assert_eq!((text(&invitation, "login"), key_of(&invitation).len()), ("sam".into(), 43));
    assert_eq!(text(&invitation, "expires_at"), "2026-11-28T11:00:00+01:00");
    let page = app.get_with("/setup/password", &[("accept", "text/html")]).await.text(200);
    assert!(page.contains("data-script=\"from-fragment\"") && page.contains("autocomplete=\"new-password\""), "{page}");
    let done = choose(&app, &key_of(&invitation), CHOSEN).await;
    assert_eq!((done.status, done.header("location")), (303, "/"));
    assert!(done.header("set-cookie").starts_with("__Host-carillon="));
    assert_eq!(sign_in_status(&app, "sam", CHOSEN).await, 200);
    let held = app.cli("GET", "/api/v1/audit?action=user.password", Value::Null).await.json(200);
    assert_eq!(text(&held["items"][0], "actor"), "user:sam");
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_and_ends_each_session() {
    let app = school().await;
    app.cli("PATCH", "/api/v1/users/sam", json!({"password": PASSWORD})).await.json(200);
    let bearer = format!("Bearer {}", app.sign_in("sam").await);
    let accounts = &app.slices.accounts;
    let cookie = accounts.start_session(accounts.people().find("sam").unwrap()).await.unwrap();
    let key = key(&app, "sam").await;
    let me = async || app.get_with("/api/v1/auth/me", &[("authorization", &bearer)]).await.status;
    assert_eq!(me().await, 200, "until it is used, nothing changes");
    assert_eq!(choose(&app, &key, CHOSEN).await.status, 303);
    assert_eq!((me().await, app.slices.accounts.session(&cookie)), (401, None));
    assert_eq!((sign_in_status(&app, "sam", PASSWORD).await, sign_in_status(&app, "sam", CHOSEN).await), (401, 200));
}

#[tokio::test]
async fn a_link_dies_as_soon_as_it_should() {
    let again = json!({"login": "sam", "name": "Sam", "roles": ["student"]});
    let patch = |body: Value| vec![("PATCH", "/api/v1/users/sam", body)];
    let rows: [(&str, Vec<Change>, TimeDelta); 6] = [
        ("a newer one", vec![("POST", "/api/v1/invitations", json!({"logins": ["sam"]}))], TimeDelta::zero()),
        ("time", vec![], TimeDelta::days(7)),
        ("disabled", patch(json!({"disabled": true})), TimeDelta::zero()),
        (
            "enabled again",
            [patch(json!({"disabled": true})), patch(json!({"disabled": false}))].concat(),
            TimeDelta::zero(),
        ),
        ("another password", patch(json!({"password": PASSWORD})), TimeDelta::zero()),
        (
            "removed and made anew",
            vec![("DELETE", "/api/v1/users/sam", Value::Null), ("POST", "/api/v1/users", again)],
            TimeDelta::zero(),
        ),
    ];
    for (why, changes, later) in rows {
        let app = school().await;
        let key = key(&app, "sam").await;
        for (method, path, body) in changes {
            assert!(app.cli(method, path, body).await.status < 300, "{why}");
        }
        app.later(later);
        let commits = app.commits();
        let refused = choose(&app, &key, CHOSEN).await;
        assert!(refused.text(422).contains("This link is wrong, used or too old"), "{why}");
        assert_eq!((sign_in_status(&app, "sam", CHOSEN).await, app.commits()), (401, commits), "{why}");
    }
}

#[tokio::test]
async fn a_link_is_good_until_the_last_second_and_once() {
    let app = school().await;
    let key = key(&app, "sam").await;
    app.later(TimeDelta::days(7) - TimeDelta::seconds(1));
    let weak = choose(&app, &key, "short").await.text(422);
    assert!(weak.contains("Choose at least 10") && weak.contains(&key) && !weak.contains("short"), "{weak}");
    assert_eq!(choose(&app, &format!("+{key}+"), CHOSEN).await.status, 303, "blanks that were copied along");
    assert_eq!(choose(&app, &key, "something else").await.status, 422);
    assert_eq!(sign_in_status(&app, "sam", CHOSEN).await, 200);
}

#[tokio::test]
async fn whoever_guesses_keys_waits_and_nobody_elsewhere() {
    let app = school().await;
    let key = key(&app, "sam").await;
    let mut slowed = None;
    for number in 0..100 {
        let answer = choose_from(&app, "198.51.100.1", &format!("guess{number}"), CHOSEN).await;
        if answer.status == 429 {
            slowed = Some((number, answer));
            break;
        }
        assert_eq!(answer.status, 422);
    }
    let (number, told) = slowed.unwrap();
    assert_eq!((number, told.header("retry-after")), (60, "5"));
    assert_eq!(choose_from(&app, "198.51.100.2", &key, CHOSEN).await.status, 303);
}

#[tokio::test]
async fn all_are_invited_or_nobody() {
    let app = school().await;
    for login in ["off", "gone"] {
        app.cli("POST", "/api/v1/users", json!({"login": login, "name": login})).await.json(201);
    }
    app.cli("PATCH", "/api/v1/users/off", json!({"disabled": true})).await.json(200);
    let husk = app.cli("POST", "/api/v1/users/gone/erase", json!({"login": "gone"})).await.json(200);
    let husk = text(&husk, "login");
    let commits = app.commits();
    let rows: [(&[&str], u16); 4] =
        [(&["sam", "none"], 404), (&["sam", "off"], 409), (&["sam", &husk], 409), (&[], 422)];
    for (logins, status) in rows {
        assert_eq!(invite(&app, logins).await.status, status, "{logins:?}");
    }
    assert_eq!(app.commits(), commits);
    let both = invite(&app, &["sam", "ada", "Sam"]).await.json(201);
    assert_eq!(both["items"].as_array().unwrap().len(), 2);
    assert_eq!(app.commits(), commits + 1);
}

#[tokio::test]
async fn no_key_is_told_twice() {
    let app = school().await;
    let key = key(&app, "sam").await;
    let held = app.cli("GET", "/api/v1/users/sam/data", Value::Null).await;
    let span = json!({"created_at": "2026-11-21T11:00:00+01:00", "expires_at": "2026-11-28T11:00:00+01:00"});
    assert_eq!(held.json(200)["invitation"], span);
    let audit = app.cli("GET", "/api/v1/audit", Value::Null).await;
    assert!(audit.text(200).contains("user.invite"));
    let hash = carillon::secret::Fingerprint::of(&key).to_text();
    for answer in [held, audit, app.cli("GET", "/api/v1/users", Value::Null).await] {
        let told = answer.text(200);
        assert!(!told.contains(&key) && !told.contains(&hash), "{told}");
    }
    app.cli("POST", "/api/v1/users/sam/erase", json!({"login": "sam"})).await.json(200);
    assert_eq!(choose(&app, &key, CHOSEN).await.status, 422);
}

#[tokio::test]
async fn an_import_hands_out_links_for_those_whom_it_makes() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let import = async |query: &str, table: &str| {
        let headers = [("authorization", key.as_str()), ("content-type", "text/csv")];
        app.ask("POST", &format!("/api/v1/users/import{query}"), &headers, table).await
    };
    let table = "login,name,role\nzoe,Zoé,student\nsam,Samuel,student\n";
    assert_eq!(import("?dry_run=true&invite=true", table).await.json(200)["invitations"], json!([]));
    assert_eq!(app.cli("GET", "/api/v1/users/zoe", Value::Null).await.status, 404);
    let answer = import("?invite=true", table).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json(200)["invitations"].clone();
    assert_eq!((made.as_array().unwrap().len(), text(&made[0], "login")), (1, "zoe".into()));
    assert_eq!(choose(&app, &key_of(&made[0]), CHOSEN).await.status, 303);
    assert_eq!(import("", "login,name\nmax,Max\n").await.json(200)["invitations"], json!([]));
}

#[tokio::test]
async fn who_comes_from_the_old_site_without_a_password_gets_a_link() {
    let app = school().await;
    let users =
        b"id,login,email,nom,prenom,hpwd,birthday,promo_id,teacher,superuser,noteKfet\n2,eva,,Martin,Eva,,,,0,0,\n";
    let files: [(&str, &str, &[u8]); 4] = [
        ("users", "users.csv", users),
        ("events", "events.csv", b"event_id,start,end,matiere,type_cours,infos_sup,classroom_id,user_id,promo_id\n"),
        ("classroom", "classroom.csv", b"classroom_id,location,capacity,type\n"),
        ("promo", "promo.csv", b"promo_id,promo_name\n"),
    ];
    let path = "/api/v1/import/webcafe";
    let dry = send_form(&app, path, form(&files, &[("dry_run", "1"), ("invite", "1")])).await.json(200);
    assert_eq!((&dry["users"], &dry["invitations"]), (&json!(1), &json!([])));
    let told = send_form(&app, path, form(&files, &[("invite", "1")])).await.json(200);
    let key = key_of(&told["invitations"][0]);
    let audit = app.cli("GET", "/api/v1/audit", Value::Null).await.text(200);
    assert!(audit.contains("import.webcafe") && !audit.contains(&key), "{audit}");
    assert_eq!(choose(&app, &key, CHOSEN).await.status, 303);
    assert_eq!(sign_in_status(&app, "eva", CHOSEN).await, 200);
    let again = send_form(&app, path, form(&files, &[("invite", "1")])).await.json(200);
    assert_eq!(again["invitations"], json!([]), "whoever is here already gets none");
}
