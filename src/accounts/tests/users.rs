//! Making, changing and removing users.

use super::*;

#[tokio::test]
async fn a_user_goes_out_as_the_contract_says() {
    let school = School::new();
    let new = json!({"login": "Marie", "name": " Marie C. ", "roles": ["student", "student"], "cohorts": ["2A-SR"]});
    let made = school.cli("POST", "/api/v1/users", new).await.ok(201);
    let expected = json!({
        "login": "marie", "name": "Marie C.", "email": null, "roles": ["student"], "cohorts": ["2a-sr"],
        "disabled": false, "created_at": "2026-11-21T11:00:00+01:00",
    });
    assert_eq!(made, expected);
    assert_eq!(school.cli("GET", "/api/v1/users/MARIE", Value::Null).await.ok(200), expected);
}

#[tokio::test]
async fn a_login_or_an_email_that_is_taken_is_409() {
    let school = School::with_people().await;
    let login = school.cli("POST", "/api/v1/users", json!({"login": "SAM", "name": "S"})).await;
    assert_eq!((login.status, login.bad_field()), (409, "login"));
    let email = json!({"login": "sam2", "name": "S", "email": "Sam@Example.org"});
    let email = school.cli("POST", "/api/v1/users", email).await;
    assert_eq!((email.status, email.bad_field()), (409, "email"));
    let own = school.cli("PATCH", "/api/v1/users/sam", json!({"email": "SAM@example.org"})).await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn a_change_leaves_the_rest_as_it_is() {
    let school = School::with_people().await;
    let after = school.cli("PATCH", "/api/v1/users/sam", json!({"email": null, "cohorts": ["m2"]})).await.ok(200);
    assert_eq!(
        (&after["email"], &after["cohorts"], &after["roles"]),
        (&Value::Null, &json!(["m2"]), &json!(["student"]))
    );
}

#[tokio::test]
async fn nobody_changes_their_own_roles() {
    let school = School::with_people().await;
    school.add("eve", "admin").await;
    let path = "/api/v1/users/ada";
    for roles in [json!(["admin", "planner"]), json!(["planner"])] {
        assert_eq!(school.call(school.user("ada"), "PATCH", path, json!({"roles": roles})).await.status, 403);
    }
    let same = json!({"roles": ["admin"], "name": "Ada L."});
    school.call(school.user("ada"), "PATCH", path, same).await.ok(200);
    school.call(school.user("eve"), "PATCH", path, json!({"roles": ["planner"]})).await.ok(200);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let school = School::with_people().await;
    let path = "/api/v1/users/ada";
    let attempts =
        [("PATCH", json!({"disabled": true})), ("PATCH", json!({"roles": ["student"]})), ("DELETE", Value::Null)];
    for (method, body) in attempts.clone() {
        assert_eq!(school.cli(method, path, body.clone()).await.status, 409, "{method} {body}");
    }
    school.add("eve", "admin").await;
    school.cli("PATCH", "/api/v1/users/eve", json!({"disabled": true})).await.ok(200);
    assert_eq!(school.cli("DELETE", path, Value::Null).await.status, 409, "a disabled one does not count");
    school.cli("PATCH", "/api/v1/users/eve", json!({"disabled": false})).await.ok(200);
    assert_eq!(school.cli("DELETE", path, Value::Null).await.status, 204);
}

#[tokio::test]
async fn each_change_is_one_audit_entry_and_no_change_is_none() {
    let school = School::with_people().await;
    let before = school.audit().len();
    let commits = school.accounts.app.store.commits();
    school.cli("PATCH", "/api/v1/users/sam", json!({"name": "sam"})).await.ok(200);
    assert_eq!((school.accounts.app.store.commits(), school.audit().len()), (commits, before));
    school.cli("PATCH", "/api/v1/users/sam", json!({"name": "Sam"})).await.ok(200);
    school.cli("PATCH", "/api/v1/users/sam", json!({"password": "another horse"})).await.ok(200);
    school.cli("DELETE", "/api/v1/users/sam", Value::Null).await;
    assert_eq!(school.actions_since(before), ["user.update", "user.password", "user.remove"]);
    let entry = school.audit().into_iter().nth(before).unwrap();
    assert_eq!((entry.actor.as_str(), entry.object.as_str()), ("cli:pi", "user:sam"));
    assert_eq!((&entry.before.unwrap()["name"], &entry.after.unwrap()["cohorts"]), (&json!("sam"), &json!(["2a-sr"])));
}

#[tokio::test]
async fn a_list_of_users_is_sorted_and_walked() {
    let school = School::with_people().await;
    let page = school.cli("GET", "/api/v1/users?limit=2", Value::Null).await.ok(200);
    assert_eq!((text(&page["items"][0], "login"), text(&page, "next")), ("ada", "sam"));
    let page = school.cli("GET", "/api/v1/users?after=sam", Value::Null).await.ok(200);
    assert_eq!((text(&page["items"][0], "login"), &page["next"]), ("teo", &Value::Null));
}

#[tokio::test]
async fn a_login_made_anew_inherits_no_session() {
    let school = School::with_people().await;
    let token = school.access_token("sam").await;
    let cookie = school.accounts.start_session(&school.record("sam")).await.unwrap();
    school.cli("DELETE", "/api/v1/users/sam", Value::Null).await;
    school.add("sam", "admin").await;
    assert_eq!((school.accounts.bearer(&token), school.accounts.session(&cookie)), (None, None));
}
