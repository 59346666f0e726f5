//! Who gets what: role × route → status, and what no answer holds.

use super::*;

/// Statuses for: administrator, planner, teacher, student, subscriber token, master token, nobody.
const MATRIX: &[(&str, &str, &str, [u16; 7])] = &[
    ("GET", "/api/v1/users", "", [200, 403, 403, 403, 401, 403, 401]),
    ("GET", "/api/v1/users/sam", "", [200, 403, 403, 403, 401, 403, 401]),
    ("POST", "/api/v1/users", r#"{"login":"new","name":"New"}"#, [201, 403, 403, 403, 401, 403, 401]),
    ("PATCH", "/api/v1/users/sam", r#"{"name":"Sam"}"#, [200, 403, 403, 403, 401, 403, 401]),
    ("DELETE", "/api/v1/users/sam", "", [204, 403, 403, 403, 401, 403, 401]),
    ("GET", "/api/v1/tokens", "", [200, 403, 403, 403, 401, 403, 401]),
    ("GET", "/api/v1/tokens/phone", "", [200, 403, 403, 403, 401, 403, 401]),
    ("POST", "/api/v1/tokens", r#"{"name":"new"}"#, [201, 403, 403, 403, 401, 403, 401]),
    ("PATCH", "/api/v1/tokens/phone", r#"{"cohorts":["m2"]}"#, [200, 403, 403, 403, 401, 403, 401]),
    ("POST", "/api/v1/tokens/phone/rotate", "", [200, 403, 403, 403, 401, 403, 401]),
    ("DELETE", "/api/v1/tokens/phone", "", [204, 403, 403, 403, 401, 403, 401]),
    ("GET", "/api/v1/me/tokens", "", [200, 200, 200, 200, 401, 403, 401]),
    ("POST", "/api/v1/me/tokens", r#"{"name":"new","cohorts":["2a-sr"]}"#, [201, 201, 201, 201, 401, 403, 401]),
    ("POST", "/api/v1/me/tokens", r#"{"name":"new","cohorts":["m2"]}"#, [201, 201, 201, 403, 401, 403, 401]),
    ("DELETE", "/api/v1/me/tokens/phone", "", [404, 404, 404, 404, 401, 403, 401]),
    ("GET", "/api/v1/auth/me", "", [200, 200, 200, 200, 401, 403, 401]),
];

#[tokio::test]
async fn each_role_gets_its_status_on_each_route() {
    let school = School::with_people().await;
    school.add("pia", "planner").await;
    let mut wrong = Vec::new();
    for (method, path, body, statuses) in MATRIX {
        for (actor, expected) in everybody(&school).into_iter().zip(statuses) {
            // Each starts from the same state: what an earlier one has made or removed is made anew.
            for path in ["/api/v1/users/new", "/api/v1/tokens/new", "/api/v1/tokens/phone"] {
                school.cli("DELETE", path, Value::Null).await;
            }
            if school.accounts.people().find("sam").is_none() {
                school.add("sam", "student").await;
            }
            school.create_token(json!({"name": "phone"})).await;
            let body = serde_json::from_str(body).unwrap_or_default();
            let status = school.call(actor.clone(), method, path, body).await.status;
            if status != *expected {
                wrong.push(format!("{method} {path} by {}: {status}, not {expected}", actor.audit_name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn everybody(school: &School) -> [Actor; 7] {
    let [admin, planner, teacher, student] = ["ada", "pia", "teo", "sam"].map(|login| school.user(login));
    let subscriber = Actor::Subscriber { id: "t_x".into(), cohorts: None, teacher: None };
    [admin, planner, teacher, student, subscriber, Actor::Master, Actor::Nobody]
}

#[tokio::test]
async fn no_answer_and_no_audit_entry_holds_a_hash_or_a_secret() {
    let school = School::with_people().await;
    let made = school.create_token(json!({"name": "phone"})).await;
    let secret_text = text(&made, "token").to_owned();
    let (_, random) = secret_text.split_once('_').unwrap();
    let fingerprint = crate::secret::Fingerprint::of(&secret_text).to_text();
    let ada = school.user("ada");
    school.call(ada.clone(), "PATCH", "/api/v1/users/sam", json!({"password": "another horse"})).await.ok(200);
    let paths = ["users", "users/ada", "tokens", "tokens/phone", "me/tokens", "auth/me"];
    let mut texts = vec![serde_json::to_string(&school.audit()).unwrap()];
    for path in paths {
        texts.push(school.call(ada.clone(), "GET", &format!("/api/v1/{path}"), Value::Null).await.text);
    }
    for text in texts {
        let leaks =
            ["argon2", "password_hash", "fingerprint", "auth_epoch", PASSWORD, "another horse", random, &fingerprint];
        for leak in leaks {
            assert!(!text.contains(leak), "{leak} in {text}");
        }
    }
}

#[tokio::test]
async fn bad_json_is_400_and_names_the_field() {
    let school = School::with_people().await;
    let cases = [
        ("/api/v1/users", json!({"login": "x", "name": "X", "role": "admin"}), "role"),
        ("/api/v1/users", json!({"login": "x", "name": "X", "roles": ["king"]}), "roles[0]"),
        ("/api/v1/users", json!({"login": "x y", "name": "X"}), "login"),
        ("/api/v1/users", json!({"login": "x", "name": " "}), "name"),
        ("/api/v1/users", json!({"login": "x", "name": "X", "email": "x"}), "email"),
        ("/api/v1/users", json!({"login": "x", "name": "X", "password": "short"}), "password"),
        ("/api/v1/users", json!({"name": "X"}), "login"),
        ("/api/v1/tokens", json!({"name": ""}), "name"),
        ("/api/v1/tokens", json!({"name": "x", "expires_at": "soon"}), "expires_at"),
    ];
    for (path, body, field) in cases {
        let answer = school.cli("POST", path, body.clone()).await;
        assert_eq!((answer.status, answer.bad_field()), (400, field), "{body}");
    }
}

#[tokio::test]
async fn an_unknown_cohort_is_422_and_names_cohorts() {
    let school = School::with_people().await;
    for (path, body) in [
        ("/api/v1/users", json!({"login": "x", "name": "X", "cohorts": ["2a-sr", "nope"]})),
        ("/api/v1/tokens", json!({"name": "x", "cohorts": ["nope"]})),
        ("/api/v1/tokens", json!({"name": "x", "cohorts": []})),
    ] {
        let answer = school.cli("POST", path, body.clone()).await;
        assert_eq!((answer.status, answer.bad_field()), (422, "cohorts"), "{body}");
    }
}

#[tokio::test]
async fn what_hangs_on_a_cohort_is_named() {
    let school = School::with_people().await;
    school.create_token(json!({"name": "phone", "cohorts": ["2a-sr"]})).await;
    school.create_token(json!({"name": "wide"})).await;
    let hanging = school.accounts.hanging_on(&school.cohort("2a-sr"));
    assert_eq!(hanging, ["user ada", "user sam", "user teo", "token \"phone\""]);
    assert!(school.accounts.hanging_on(&school.cohort("m2")).is_empty());
}
