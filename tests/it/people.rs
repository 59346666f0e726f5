//! People by the REST interface: changes that overtake each other, passwords, imports, tokens for a whole cohort, what is
//! held of somebody, and how they are forgotten.

use carillon::actor::Role;
use carillon::net::Plane;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, PUBLIC_URL, calendar, days, peer, request, text};

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

#[tokio::test]
async fn nothing_is_removed_that_somebody_has_changed_meanwhile() {
    let app = App::test();
    for cohort in ["Own", "Fed"] {
        app.add_cohort(cohort, "token").await;
    }
    app.add_user("ada", Role::Admin, &[]).await;
    app.add_user("sam", Role::Student, &[]).await;
    app.add_token("phone", Value::Null).await;
    app.add_feed("site", "fed", "https://site.example.org/x.ics").await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let rows = [
        ("/api/v1/users/sam", "{\"name\":\"Sam\"}"),
        ("/api/v1/cohorts/own", "{\"name\":\"Ours\"}"),
        ("/api/v1/tokens/phone", "{\"expires_at\":\"2027-01-01\"}"),
        ("/api/v1/feeds/site", "{\"interval\":600}"),
    ];
    for (path, change) in rows {
        let tag = app.get_with(path, &[("authorization", &key)]).await.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: {tag}");
        let old = [("authorization", key.as_str()), JSON, ("if-match", tag.as_str())];
        let changed = app.ask("PATCH", path, &old, change).await;
        assert_eq!(changed.status, 200, "{path}");
        let commits = app.commits();
        for (method, body) in [("PATCH", "{}"), ("DELETE", "")] {
            assert!(app.ask(method, path, &old, body).await.bad_fields(412).is_empty(), "{method} {path}");
        }
        assert_eq!(app.commits(), commits, "{path}");
        let new = [("authorization", key.as_str()), ("if-match", changed.header("etag"))];
        app.ask("DELETE", path, &new, "").await.text(204);
    }
}

#[tokio::test]
async fn a_feed_that_is_fetched_overtakes_nobody() {
    let (app, _site) = App::test().with_feed(&calendar(&days(2))).await;
    let tag = async || app.cli("GET", "/api/v1/feeds/sr", Value::Null).await.header("etag").to_owned();
    let before = tag().await;
    app.later(chrono::TimeDelta::minutes(5));
    app.refresh("sr").await.json(200);
    assert_eq!(tag().await, before);
}

const CSV: (&str, &str) = ("content-type", "text/csv");

/// Sends a table as an administrator, or as somebody else.
async fn import(app: &App, login: &str, query: &str, csv: &[u8]) -> Answer {
    let key = format!("Bearer {}", app.sign_in(login).await);
    let mut request = request("POST", &format!("/api/v1/users/import{query}"), &[("authorization", &key), CSV], "");
    *request.body_mut() = axum::body::Body::from(csv.to_vec());
    request.extensions_mut().insert(peer("203.0.113.9:40000", Plane::Https));
    app.send(request).await
}

async fn department() -> App {
    let app = App::test();
    app.add_cohort("2A-SR", "token").await;
    app.cli("POST", "/api/v1/cohorts", json!({"slug": "m2", "name": "M2, Énergie"})).await.json(201);
    app.add_user("ada", Role::Admin, &[]).await;
    app
}

async fn user(app: &App, login: &str) -> Value {
    app.cli("GET", &format!("/api/v1/users/{login}"), Value::Null).await.json(200)
}

const TABLE: &str = "\u{feff}Identifiant;Nom;Prénom;Courriel;Rôle;Promo;Téléphone\r\n\
    Zoe;Durand;Zoé;zoe@example.org;étudiante;2A-SR;06\r\n\
    ;;;;;;\r\n\
    max;Martin;Max;;enseignant, planificateur;M2, Énergie;\r\n";

#[tokio::test]
async fn a_table_makes_people_once() {
    let app = department().await;
    let dry = import(&app, "ada", "?dry_run=true", TABLE.as_bytes()).await.json(200);
    assert_eq!(app.cli("GET", "/api/v1/users/zoe", Value::Null).await.status, 404, "a dry run writes nothing");
    let told = import(&app, "ada", "", TABLE.as_bytes()).await.json(200);
    assert_eq!(told, dry);
    assert_eq!((&told["created"], &told["updated"], &told["unchanged"]), (&json!(2), &json!(0), &json!(0)));
    assert_eq!(told["warnings"], json!(["the column \"Téléphone\" is not read"]));
    let rows = told["rows"].as_array().unwrap();
    assert_eq!((&rows[0]["row"], &rows[1]["row"], &rows[0]["fate"]), (&json!(2), &json!(4), &json!("created")));
    assert_eq!(rows[0]["user"], user(&app, "zoe").await);
    let max = user(&app, "max").await;
    assert_eq!((&max["name"], &max["email"]), (&json!("Max Martin"), &Value::Null));
    assert_eq!((&max["roles"], &max["cohorts"]), (&json!(["planner", "teacher"]), &json!(["m2"])));
    let (commits, again) = (app.commits(), import(&app, "ada", "", TABLE.as_bytes()).await.json(200));
    assert_eq!((&again["unchanged"], app.commits()), (&json!(2), commits));
    let audit = app.cli("GET", "/api/v1/audit?action=user.create&actor=user:ada", Value::Null).await.json(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cell_takes_the_place_of_what_was_and_an_empty_one_leaves_it() {
    let app = department().await;
    import(&app, "ada", "", TABLE.as_bytes()).await.json(200);
    app.add_user("sam", Role::Student, &["2a-sr"]).await;
    let told = import(&app, "ada", "", b"login,email,cohort,role\nZOE,,m2,\nmax,m@example.org,,").await.json(200);
    assert_eq!((&told["updated"], &told["unchanged"]), (&json!(2), &json!(0)));
    let zoe = user(&app, "zoe").await;
    assert_eq!((&zoe["email"], &zoe["cohorts"]), (&json!("zoe@example.org"), &json!(["m2"])));
    assert_eq!(user(&app, "max").await["roles"], json!(["planner", "teacher"]));
    assert_eq!(user(&app, "sam").await["cohorts"], json!(["2a-sr"]), "whoever is not named stays as they are");
}

#[tokio::test]
async fn each_bad_row_is_named_and_nothing_is_imported() {
    let app = department().await;
    app.add_user("sam", Role::Student, &[]).await;
    app.cli("PATCH", "/api/v1/users/sam", json!({"email": "sam@example.org"})).await.json(200);
    let commits = app.commits();
    let table = "login,name,email,role,cohort\n\
        good,Good,,student,2a-sr\n\
        a b,Bad login,,,\n\
        \n\
        ,No login,,,\n\
        noname,,,,\n\
        king,King,,king,\n\
        lost,Lost,,,nowhere\n\
        mail,Mail,not-a-mail,,\n\
        taken,Taken,SAM@example.org,,\n\
        good,Again,,,\n\
        ada,,,student,\n\
        erased-me,Erased,,,\n";
    let answer = import(&app, "ada", "", table.as_bytes()).await.json(422);
    let told: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|e| (e["row"].clone(), text(e, "field"))).collect();
    let expected = [
        (3, "login"),
        (5, "login"),
        (6, "name"),
        (7, "role"),
        (8, "cohort"),
        (9, "email"),
        (10, "email"),
        (11, "login"),
        (12, "roles"),
        (13, "login"),
    ];
    assert_eq!(told, expected.map(|(row, field)| (json!(row), field.to_owned())));
    assert_eq!(app.commits(), commits);
    assert_eq!(app.cli("GET", "/api/v1/users/good", Value::Null).await.status, 404);
}

#[tokio::test]
async fn no_import_takes_the_last_administrator_or_gives_a_password() {
    let app = department().await;
    import(&app, "ada", "", b"login,name,role\neve,Eve,admin").await.json(200);
    assert_eq!(app.cli("PATCH", "/api/v1/users/eve", json!({"disabled": true})).await.status, 200);
    let table = json!("login,role\nada,student");
    let mut request = request("POST", "/api/v1/users/import", &[CSV], table.as_str().unwrap());
    request.extensions_mut().insert(carillon::actor::Caller::cli("pi"));
    assert_eq!(app.send(request).await.status, 409);
    assert_eq!(
        import(&app, "ada", "", b"login,password\nada,x").await.json(200)["warnings"][0],
        "the column \"password\" is not read"
    );
}

#[tokio::test]
async fn a_table_comes_in_any_dress() {
    let app = department().await;
    let latin = b"Identifiant\tNom\nzoe\tZo\xE9 \x80".to_vec();
    assert_eq!(import(&app, "ada", "", &latin).await.json(200)["rows"][0]["user"]["name"], "Zoé €");
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let form = |fields: &str| {
        format!(
            "{fields}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.csv\"\r\n\r\nlogin,name\nmax,=1+1 \u{202e}🎉\r\n--x--\r\n"
        )
    };
    let field = |name: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\ntrue\r\n");
    let headers = [("authorization", key.as_str()), ("content-type", "multipart/form-data; boundary=x")];
    let send = async |fields: &str| app.ask("POST", "/api/v1/users/import", &headers, &form(fields)).await;
    assert_eq!(send(&field("dry_run")).await.json(200)["created"], 1);
    assert_eq!(send(&field("colour")).await.bad_fields(400), ["colour"]);
    assert_eq!(send("").await.json(200)["rows"][0]["user"]["name"], "=1+1 \u{202e}🎉");
    let rows: &[(&str, &str, u16)] = &[
        ("application/json", "{}", 415),
        ("text/csv", "", 422),
        ("text/csv", "name\nx", 422),
        ("text/csv", "login\n\"x", 422),
        ("multipart/form-data; boundary=x", "--x--\r\n", 400),
        ("multipart/form-data", "--x--\r\n", 400),
    ];
    for (kind, body, status) in rows {
        let headers = [("authorization", key.as_str()), ("content-type", *kind)];
        let answer = app.ask("POST", "/api/v1/users/import", &headers, body).await;
        assert_eq!(answer.status, *status, "{kind} {body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let headers = [("authorization", key.as_str()), CSV];
    let large = "x".repeat(8 * 1024 * 1024 + 1);
    assert_eq!(app.ask("POST", "/api/v1/users/import", &headers, &large).await.status, 413);
    assert_eq!(app.ask("POST", "/api/v1/users/import?dry_run=perhaps", &headers, "login").await.status, 400);
}

#[tokio::test]
async fn a_planner_imports_nobody_and_is_told_before_the_file_is_read() {
    let app = department().await;
    app.add_user("pla", Role::Planner, &[]).await;
    assert_eq!(import(&app, "pla", "", b"rubbish \"").await.status, 403);
    assert_eq!(app.ask("POST", "/api/v1/users/import", &[CSV], "login").await.status, 401);
}

#[tokio::test]
async fn each_student_of_a_cohort_gets_a_token_who_has_none() {
    let app = department().await;
    let people: [(&str, Role, &[&str]); 5] = [
        ("sam", Role::Student, &["2a-sr"]),
        ("zoe", Role::Student, &["2a-sr", "m2"]),
        ("old", Role::Student, &["2a-sr"]),
        ("max", Role::Student, &["m2"]),
        ("teo", Role::Teacher, &["2a-sr"]),
    ];
    for (login, role, cohorts) in people {
        app.add_user(login, role, cohorts).await;
    }
    app.cli("PATCH", "/api/v1/users/old", json!({"disabled": true})).await.json(200);
    let batch = async || app.cli("POST", "/api/v1/tokens/batch", json!({"cohort": "2A-SR"})).await;
    let answer = batch().await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json(201)["items"].as_array().unwrap().clone();
    assert_eq!(made.iter().map(|token| text(token, "name")).collect::<Vec<_>>(), ["sam", "zoe"]);
    let urls = json!([
        format!("{PUBLIC_URL}/s/{}/2a-sr.ics", text(&made[0], "token")),
        format!("{PUBLIC_URL}/s/{}.ics", text(&made[0], "token"))
    ]);
    assert_eq!((&made[0]["urls"], &made[0]["cohorts"]), (&urls, &json!(["2a-sr"])));
    let commits = app.commits();
    assert_eq!(batch().await.json(201)["items"], json!([]));
    assert_eq!(app.commits(), commits);
    // It is theirs: they see it, may revoke it, and get another.
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let own = app.get_with("/api/v1/me/tokens", &[("authorization", &key)]).await.json(200);
    assert_eq!(own["items"][0]["id"], made[0]["id"]);
    app.cli("DELETE", "/api/v1/tokens/sam", Value::Null).await.text(204);
    assert_eq!(batch().await.json(201)["items"].as_array().unwrap().len(), 1);
    app.cli("DELETE", "/api/v1/users/zoe", Value::Null).await.text(204);
    assert_eq!(app.get(&format!("/s/{}.ics", text(&made[1], "token"))).await.status, 401);
}

#[tokio::test]
async fn tokens_of_a_list_are_made_together_or_not_at_all() {
    let app = department().await;
    app.secret("Taken", json!(["2a-sr"])).await;
    let commits = app.commits();
    let rows = [
        (json!({"cohort": "2a-sr", "names": ["a", "taken", "b", "A"]}), 409, vec!["names[1]", "names[3]"]),
        (json!({"cohort": "2a-sr", "names": ["a", " "]}), 400, vec!["name"]),
        (json!({"cohort": "2a-sr", "names": []}), 422, vec!["names"]),
        (json!({"cohort": "none", "names": ["a"]}), 422, vec!["cohort"]),
        (json!({"cohort": "2a-sr", "names": ["a"], "expires_at": "2020-01-01"}), 422, vec!["expires_at"]),
        (json!({"names": ["a"]}), 400, vec!["cohort"]),
        (json!({"cohort": "2a-sr", "scope": "all"}), 400, vec!["scope"]),
    ];
    for (body, status, fields) in rows {
        assert_eq!(app.cli("POST", "/api/v1/tokens/batch", body.clone()).await.bad_fields(status), fields, "{body}");
    }
    assert_eq!(app.commits(), commits);
    let body = json!({"cohort": "2a-sr", "names": ["Zoé", "Max"], "expires_at": "2027-08-31"});
    let made = app.cli("POST", "/api/v1/tokens/batch", body).await.json(201);
    assert!(text(&made["items"][0], "token").starts_with("zoe_"));
    assert!(text(&made["items"][1], "expires_at").starts_with("2027-08-31T23:59:59"));
    assert_eq!(app.commits(), commits + 1);
    let audit = app.cli("GET", "/api/v1/audit", Value::Null).await.text(200);
    assert!(!audit.contains(&text(&made["items"][0], "token")[4..]));
}

/// Somebody with a past: a token of their own, a session, changes by and about them.
async fn marie(app: &App) -> (String, String) {
    let new = json!({"login": "marie.curie", "name": "Marie Curie", "email": "marie@example.org",
                     "roles": ["planner"], "cohorts": ["2a-sr"], "password": PASSWORD});
    app.cli("POST", "/api/v1/users", new).await.json(201);
    app.cli("PATCH", "/api/v1/users/marie.curie", json!({"name": "M. Curie"})).await.json(200);
    let key = format!("Bearer {}", app.sign_in("marie.curie").await);
    let headers = [("authorization", key.as_str()), JSON];
    let own = app.ask("POST", "/api/v1/me/tokens", &headers, "{\"name\":\"Marie's phone\"}").await.json(201);
    app.ask("PATCH", "/api/v1/cohorts/m2", &headers, "{\"name\":\"M2\"}").await.json(200);
    app.secret("Marie.Curie", json!(["2a-sr"])).await;
    (key, text(&own, "token"))
}

#[tokio::test]
async fn somebody_gets_everything_that_is_held_of_them_and_no_secret() {
    let app = department().await;
    let (key, secret) = marie(&app).await;
    let accounts = &app.slices.accounts;
    let cookie = accounts.start_session(accounts.people().find("marie.curie").unwrap()).await.unwrap();
    let answer = app.get_with("/api/v1/me/data", &[("authorization", &key)]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let held = answer.json(200);
    assert_eq!(app.cli("GET", "/api/v1/users/Marie.Curie/data", Value::Null).await.json(200), held);
    assert_eq!(held["user"], user(&app, "marie.curie").await);
    assert_eq!(held["tokens"].as_array().unwrap().len(), 2);
    assert_eq!(
        held["sessions"],
        json!([{"created_at": "2026-11-21T11:00:00+01:00", "expires_at": "2026-12-05T11:00:00+01:00"}])
    );
    let actions: Vec<_> = held["audit"].as_array().unwrap().iter().map(|entry| text(entry, "action")).collect();
    assert_eq!(actions, ["token.create", "cohort.update", "token.create", "user.update", "user.create"]);
    for leak in ["argon2", "epoch", "fingerprint", &secret, &cookie, PASSWORD] {
        assert!(!answer.text(200).contains(leak), "{leak}");
    }
}

#[tokio::test]
async fn a_teacher_gets_the_events_that_they_teach_and_no_others() {
    let app = App::test().with_school().await;
    let theirs = app.add_event("08:00", json!({"cohorts": ["a"], "teacher": "teo", "room": "B12"})).await;
    app.add_event("10:00", json!({"cohorts": ["a"], "teacher": "tia"})).await;
    let held = app.by("teo", "GET", "/api/v1/me/data", Value::Null).await.json(200);
    assert_eq!((&held["user"]["login"], &held["events"]), (&json!("teo"), &json!([theirs])));
    assert_eq!(app.cli("GET", "/api/v1/users/teo/data", Value::Null).await.json(200)["events"], json!([theirs]));
    assert_eq!(app.by("sam", "GET", "/api/v1/me/data", Value::Null).await.json(200)["events"], json!([]));
}

#[tokio::test]
async fn where_somebody_else_acted_from_is_not_handed_out() {
    let app = department().await;
    let ada = format!("Bearer {}", app.sign_in("ada").await);
    marie(&app).await;
    app.ask("PATCH", "/api/v1/users/marie.curie", &[("authorization", &ada), JSON], "{\"roles\":[\"teacher\"]}")
        .await
        .json(200);
    let held = app.cli("GET", "/api/v1/users/marie.curie/data", Value::Null).await.json(200);
    let ips: Vec<_> = held["audit"].as_array().unwrap().iter().map(|e| (text(e, "actor"), e["ip"].is_null())).collect();
    assert!(ips.contains(&("user:ada".into(), true)) && ips.contains(&("user:marie.curie".into(), false)), "{ips:?}");
}

#[tokio::test]
async fn whoever_is_erased_is_forgotten_everywhere_and_what_they_did_stays() {
    let app = department().await;
    let (key, secret) = marie(&app).await;
    let renamed = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = renamed.clone();
    app.slices.accounts.on_renaming(Box::new(move |_, from, to| {
        seen.lock().unwrap().push((from.to_string(), to.to_string()));
        Ok(())
    }));
    let entries = async || app.cli("GET", "/api/v1/audit?limit=1000", Value::Null).await;
    let before = entries().await.json(200)["items"].as_array().unwrap().len();
    let erase = async |login: &str| app.cli("POST", "/api/v1/users/marie.curie/erase", json!({"login": login})).await;
    assert_eq!(erase("marie").await.bad_fields(422), ["login"]);
    let husk = erase("Marie.Curie").await.json(200);
    let login = text(&husk, "login");
    assert!(login.starts_with("erased-"), "{login}");
    assert_eq!((&husk["name"], &husk["email"], &husk["disabled"]), (&json!("–"), &Value::Null, &json!(true)));
    assert_eq!(*renamed.lock().unwrap(), [("marie.curie".to_owned(), login.clone())]);
    let audit = entries().await;
    assert_eq!(audit.json(200)["items"].as_array().unwrap().len(), before + 3, "two tokens revoked, one person erased");
    let told = [
        audit,
        app.cli("GET", "/api/v1/users", Value::Null).await,
        app.cli("GET", "/api/v1/tokens", Value::Null).await,
    ];
    for answer in told {
        let told = answer.text(200).to_lowercase();
        for who in ["marie", "curie"] {
            assert!(!told.contains(who), "{who} in {told}");
        }
    }
    let done = app.cli("GET", &format!("/api/v1/audit?actor=user:{login}"), Value::Null).await.json(200);
    assert_eq!((&done["items"][0]["action"], &done["items"][0]["ip"]), (&json!("cohort.update"), &Value::Null));
    assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &key)]).await.status, 401);
    assert_eq!(app.get(&format!("/s/{secret}.ics")).await.status, 401);
    assert_eq!(app.cli("GET", "/api/v1/users/marie.curie", Value::Null).await.status, 404);
}

#[tokio::test]
async fn what_is_left_of_a_person_changes_no_more_and_the_last_administrator_is_not_erased() {
    let app = department().await;
    marie(&app).await;
    assert_eq!(app.cli("POST", "/api/v1/users/ada/erase", json!({"login": "ada"})).await.status, 409);
    let husk = app.cli("POST", "/api/v1/users/marie.curie/erase", json!({"login": "marie.curie"})).await.json(200);
    let path = format!("/api/v1/users/{}", text(&husk, "login"));
    assert_eq!(app.cli("PATCH", &path, json!({"disabled": false})).await.status, 409);
    assert_eq!(app.cli("POST", &format!("{path}/erase"), json!({"login": husk["login"]})).await.status, 409);
    let new = json!({"login": "erased-again", "name": "x"});
    assert_eq!(app.cli("POST", "/api/v1/users", new).await.bad_fields(422), ["login"]);
}
