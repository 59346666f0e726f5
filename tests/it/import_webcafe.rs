//! Moving over from WebCafé, through the router.

use serde_json::{Value, json};

use crate::app::{App, PASSWORD, text};
use crate::import_events::{form, send_form};

const PROMO: &str = "promo_id,promo_name\n3,2A SR\n4,M2\n";
const ROOMS: &str = "classroom_id,location,capacity,type\n12,B12,30,amphi\n13,C1,,\n";
const EVENTS: &str = "event_id,start,end,matiere,type_cours,infos_sup,classroom_id,user_id,promo_id\n\
    1,2026-11-23 08:00:00,2026-11-23 10:00:00,Algèbre,CM,n,12,1,3\n\
    2,2026-11-23 09:00:00,2026-11-23 11:00:00,Clash,CM,,12,1,3\n\
    3,2026-11-24 08:00:00,2026-11-24 10:00:00,Analyse,,,,2,4\n";

fn users() -> String {
    let hash = phc();
    format!(
        "id,login,email,nom,prenom,hpwd,birthday,promo_id,teacher,superuser,noteKfet\n\
         1,Durand,d@example.org,Durand,Éva,\"{hash}\",1990-01-01,,1,1,12.5\n\
         2,sam,no-mail,Martin,Sam,,,3,0,0,\n\
         3,bob,D@example.org,,,,,9,0,0,\n"
    )
}

/// A hash of [`PASSWORD`] as another system makes it: with other costs than ours.
fn phc() -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
    let hash: argon2::password_hash::phc::PasswordHash =
        argon.hash_password_with_salt(PASSWORD.as_bytes(), b"0123456789abcdef").unwrap();
    hash.to_string()
}

fn files(users: &str, events: &str) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("users", "users.csv", users.as_bytes().to_vec()),
        ("events", "events.csv", events.as_bytes().to_vec()),
        ("classroom", "classroom.csv", ROOMS.as_bytes().to_vec()),
        ("promo", "promo.csv", PROMO.as_bytes().to_vec()),
    ]
}

fn body(users: &str, events: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let files = files(users, events);
    let files: Vec<_> = files.iter().map(|(field, name, bytes)| (*field, *name, bytes.as_slice())).collect();
    form(&files, fields)
}

const PATH: &str = "/api/v1/import/webcafe";

#[tokio::test]
async fn a_department_moves_over_once() {
    let app = App::test();
    let commits = app.commits();
    let dry = send_form(&app, PATH, body(&users(), EVENTS, &[("dry_run", "1")])).await.json(200);
    assert_eq!(app.commits(), commits);
    let told = send_form(&app, PATH, body(&users(), EVENTS, &[])).await.json(200);
    assert_eq!(told, dry);
    let counts = ["cohorts", "rooms", "users", "created", "updated", "unchanged"].map(|name| told[name].clone());
    assert_eq!(counts, [2, 2, 3, 3, 0, 0].map(Value::from));
    let user = async |login: &str| app.cli("GET", &format!("/api/v1/users/{login}"), Value::Null).await.json(200);
    let durand = user("durand").await;
    assert_eq!((text(&durand, "name"), &durand["roles"]), ("Éva Durand".into(), &json!(["teacher"])));
    let sam = user("sam").await;
    assert_eq!((&sam["email"], &sam["roles"], &sam["cohorts"]), (&Value::Null, &json!(["student"]), &json!(["2a-sr"])));
    assert_eq!((&user("bob").await["name"], &user("bob").await["email"]), (&json!("bob"), &Value::Null));
    app.sign_in("durand").await;
    let events = app.items("/api/v1/events").await;
    assert_eq!((text(&events[0], "room"), text(&events[0], "teacher")), ("B12".into(), "durand".into()));
    assert_eq!((&events[2]["teacher"], &events[2]["cohorts"]), (&Value::Null, &json!(["m2"])));
    let warnings: Vec<_> = told["warnings"].as_array().unwrap().iter().map(|told| told.as_str().unwrap()).collect();
    for part in [
        "superuser",
        "sam\" is no address",
        "bob\" belongs to",
        "new password",
        "row 4: the user 2 is no teacher",
        "promo.csv does not have",
    ] {
        assert!(warnings.iter().any(|warning| warning.contains(part)), "{part}: {warnings:#?}");
    }
    let (commits, again) = (app.commits(), send_form(&app, PATH, body(&users(), EVENTS, &[])).await.json(200));
    let counts = ["cohorts", "rooms", "users", "created", "updated", "unchanged"].map(|name| again[name].clone());
    assert_eq!((counts, app.commits()), ([0, 0, 0, 0, 0, 3].map(Value::from), commits));
    let audit = app.cli("GET", "/api/v1/audit.csv", Value::Null).await.text(200);
    assert!(audit.contains("import.webcafe") && !audit.contains("argon2"), "{audit}");
}

#[tokio::test]
async fn what_is_bad_of_any_file_is_told_and_nothing_moves() {
    let app = App::test();
    let commits = app.commits();
    let users = users().replace("2,sam", "2,s a m").replace("3,bob", "3,DURAND");
    let answer = send_form(&app, PATH, body(&users, EVENTS, &[])).await;
    let fields = answer.bad_fields(422);
    assert_eq!(fields, ["users.csv: login", "users.csv: login"]);
    let events = EVENTS.replace(",12,1,3", ",99,1,3");
    assert_eq!(send_form(&app, PATH, body(&users, &events, &[])).await.bad_fields(422).len(), 4);
    let missing = form(&[("users", "users.csv", b"")], &[]);
    assert_eq!(send_form(&app, PATH, missing).await.status, 400);
    assert_eq!(app.commits(), commits);
}

#[tokio::test]
async fn only_an_administrator_moves_a_department() {
    let app = App::test();
    app.add_user("pla", carillon::actor::Role::Planner, &[]).await;
    assert_eq!(app.by("pla", "POST", PATH, json!({})).await.status, 403);
    assert_eq!(app.ask("POST", PATH, &[], "").await.status, 401);
}
