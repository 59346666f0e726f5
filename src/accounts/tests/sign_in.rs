//! Passwords, access tokens, sessions and the set-up link.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use super::*;
use crate::accounts::sign_in::count_sessions;

#[tokio::test]
async fn a_right_password_gives_an_access_token_of_half_an_hour() {
    let school = School::with_people().await;
    for name in ["sam", "SAM", "Sam@example.org"] {
        let answer = school.sign_in(name, PASSWORD).await;
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        let signed_in = answer.ok(200);
        assert_eq!((text(&signed_in, "token_type"), &signed_in["expires_in"]), ("bearer", &json!(1800)));
    }
    let token = school.access_token("sam").await;
    assert_eq!(school.accounts.bearer(&token), Some(school.user("sam")));
    school.clock.advance(TimeDelta::seconds(1799));
    assert!(school.accounts.bearer(&token).is_some());
    school.clock.advance(TimeDelta::seconds(1));
    assert_eq!(school.accounts.bearer(&token), None);
}

#[tokio::test]
async fn a_wrong_login_a_wrong_password_and_a_disabled_user_get_one_answer() {
    let school = School::with_people().await;
    school.cli("PATCH", "/api/v1/users/teo", json!({"disabled": true})).await.ok(200);
    school.cli("POST", "/api/v1/users", json!({"login": "none", "name": "N"})).await.ok(201);
    let tries = [("nobody", PASSWORD), ("sam", "wrong password"), ("teo", PASSWORD), ("none", PASSWORD), ("sam", "")];
    let mut answers = Vec::new();
    for (login, password) in tries {
        let answer = school.sign_in(login, password).await;
        assert_eq!((answer.status, &answer.headers[header::WWW_AUTHENTICATE]), (401, &"Bearer".parse().unwrap()));
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn a_sign_in_writes_nothing_and_a_failed_one_neither() {
    let school = School::with_people().await;
    let commits = school.accounts.app.store.commits();
    school.access_token("sam").await;
    school.sign_in("sam", "wrong password").await;
    assert_eq!(school.accounts.app.store.commits(), commits);
}

#[tokio::test]
async fn a_form_without_a_password_is_400_and_another_type_415() {
    let school = School::with_people().await;
    let path = "/api/v1/auth/token";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = school.send(Actor::Nobody, "POST", path, &form, "username=sam".into()).await;
    assert_eq!((answer.status, answer.bad_field()), (400, "password"));
    let answer = school.call(Actor::Nobody, "POST", path, json!({"username": "sam", "password": PASSWORD})).await;
    assert_eq!(answer.status, 415);
    assert!(!answer.text.contains(PASSWORD));
}

#[tokio::test]
async fn a_bearer_has_the_roles_of_this_moment() {
    let school = School::with_people().await;
    let token = school.access_token("sam").await;
    let change = json!({"roles": ["planner"], "cohorts": ["m2"]});
    school.cli("PATCH", "/api/v1/users/sam", change).await.ok(200);
    let Some(Actor::User { roles, cohorts, .. }) = school.accounts.bearer(&token) else { panic!("signed out") };
    assert_eq!((roles, cohorts), (vec![Role::Planner], vec![school.cohort("m2")]));
}

#[tokio::test]
async fn disabling_and_a_new_password_sign_out_everywhere() {
    for change in [json!({"disabled": true}), json!({"password": "another horse"})] {
        let school = School::with_people().await;
        let token = school.access_token("sam").await;
        let cookie = school.accounts.start_session(&school.record("sam")).await.unwrap();
        assert!(school.accounts.bearer(&token).is_some() && school.accounts.session(&cookie).is_some());
        school.cli("PATCH", "/api/v1/users/sam", change.clone()).await.ok(200);
        assert_eq!((school.accounts.bearer(&token), school.accounts.session(&cookie)), (None, None), "{change}");
        school.cli("PATCH", "/api/v1/users/sam", json!({"disabled": false})).await.ok(200);
        assert_eq!((school.accounts.bearer(&token), school.accounts.session(&cookie)), (None, None), "{change}");
    }
}

#[tokio::test]
async fn a_session_ends_after_fourteen_days_and_goes_with_a_later_sign_in() {
    let school = School::with_people().await;
    let [sam, teo] = ["sam", "teo"].map(|login| school.record(login));
    let cookie = school.accounts.start_session(&sam).await.unwrap();
    assert_eq!(cookie.len(), 43);
    school.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    assert_eq!(school.accounts.session(&cookie), Some(school.user("sam")));
    school.clock.advance(TimeDelta::seconds(1));
    assert_eq!(school.accounts.session(&cookie), None);
    assert_eq!(count_sessions(&school.accounts.app.store), 1);
    let other = school.accounts.start_session(&teo).await.unwrap();
    assert_eq!(count_sessions(&school.accounts.app.store), 1);
    school.accounts.end_session(&other).await.unwrap();
    school.accounts.end_session("nonsense").await.unwrap();
    assert_eq!((school.accounts.session(&other), count_sessions(&school.accounts.app.store)), (None, 0));
}

#[tokio::test]
async fn no_session_and_no_access_token_for_somebody_disabled() {
    let school = School::with_people().await;
    school.cli("PATCH", "/api/v1/users/sam", json!({"disabled": true})).await.ok(200);
    let sam = school.record("sam");
    assert!(matches!(school.accounts.start_session(&sam).await, Err(AccountError::BadSignIn)));
    assert!(matches!(school.accounts.issue_access_token(&sam), Err(AccountError::BadSignIn)));
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_429_with_a_time_to_wait() {
    let school = School::with_people().await;
    let sign_ins = (0..60).map(|_| {
        let accounts = school.accounts.clone();
        tokio::spawn(async move { accounts.sign_in("nobody", &secret(PASSWORD), &Origin::default()).await })
    });
    let mut busy = 0;
    for sign_in in sign_ins.collect::<Vec<_>>() {
        let problem = crate::http::Problem::from(sign_in.await.unwrap().unwrap_err());
        if problem.status == 429 {
            let response = axum::response::IntoResponse::into_response(problem);
            assert_eq!(response.headers()[header::RETRY_AFTER], "5");
            busy += 1;
        }
    }
    assert_eq!(busy, 60 - 34);
}

fn key_of(link: &str) -> &str {
    link.strip_prefix("https://cafe.example.org/setup#").unwrap()
}

#[tokio::test]
async fn the_set_up_link_makes_one_administrator_once() {
    let school = School::new();
    assert!(school.accounts.needs_setup());
    let link = school.accounts.offer_setup().unwrap().unwrap();
    let file = school.dir.path().join("setup-link");
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), link);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let wrong = school.accounts.setup("wrong", new_admin("ada"), None).await;
    assert!(matches!(wrong, Err(AccountError::BadSetupKey)));
    let ada = school.accounts.setup(key_of(&link), new_admin("ada"), None).await.unwrap();
    assert_eq!((ada.roles.as_slice(), school.accounts.needs_setup()), (&[Role::Admin][..], false));
    assert!(!file.exists());
    let again = school.accounts.setup(key_of(&link), new_admin("eve"), None).await;
    assert!(matches!(again, Err(AccountError::BadSetupKey)));
    assert_eq!(school.accounts.offer_setup().unwrap(), None);
    assert_eq!(school.audit().last().map(|e| (e.action.as_str(), e.actor.as_str())), Some(("user.setup", "user:ada")));
    assert!(school.sign_in("ada", PASSWORD).await.status == 200);
}

#[tokio::test]
async fn two_with_the_same_link_make_one_administrator() {
    let school = School::new();
    let link = school.accounts.offer_setup().unwrap().unwrap();
    let (one, other) = tokio::join!(
        school.accounts.setup(key_of(&link), new_admin("ada"), None),
        school.accounts.setup(key_of(&link), new_admin("eve"), None),
    );
    assert!(one.is_ok() != other.is_ok());
    assert_eq!(school.accounts.people().all().count(), 1);
}

#[tokio::test]
async fn a_set_up_link_dies_after_a_day_and_with_each_start() {
    let school = School::new();
    let first = school.accounts.offer_setup().unwrap().unwrap();
    let second = school.accounts.offer_setup().unwrap().unwrap();
    assert!(school.accounts.setup(key_of(&first), new_admin("ada"), None).await.is_err());
    school.clock.advance(TimeDelta::hours(24));
    assert!(school.accounts.setup(key_of(&second), new_admin("ada"), None).await.is_err());
    let third = school.accounts.offer_setup().unwrap().unwrap();
    assert!(school.accounts.setup(key_of(&third), new_admin("ada"), None).await.is_ok());
}

#[tokio::test]
async fn any_administrator_ends_the_set_up() {
    let school = School::new();
    let link = school.accounts.offer_setup().unwrap().unwrap();
    school.add("sam", "student").await;
    assert!(school.dir.path().join("setup-link").exists());
    school.cli("PATCH", "/api/v1/users/sam", json!({"roles": ["admin"]})).await.ok(200);
    assert!(!school.dir.path().join("setup-link").exists());
    assert!(school.accounts.setup(key_of(&link), new_admin("eve"), None).await.is_err());
}

#[tokio::test]
async fn a_set_up_with_a_weak_password_leaves_the_link_alive() {
    let school = School::new();
    let link = school.accounts.offer_setup().unwrap().unwrap();
    let weak = CreateUserRequest { password: Some(secret("short")), ..new_admin("ada") };
    let without = CreateUserRequest { password: None, ..new_admin("ada") };
    for new in [weak, without] {
        let refused = school.accounts.setup(key_of(&link), new, None).await;
        assert!(matches!(refused, Err(AccountError::Bad(field)) if field.field == "password"));
    }
    assert!(school.accounts.setup(key_of(&link), new_admin("ada"), None).await.is_ok());
}

#[tokio::test]
async fn a_password_that_was_changed_while_it_was_checked_opens_nothing() {
    let school = School::with_people().await;
    let sam = school.accounts.sign_in("sam", &secret(PASSWORD), &Origin::default()).await.unwrap();
    school.cli("PATCH", "/api/v1/users/sam", json!({"password": "another horse"})).await.ok(200);
    assert!(matches!(school.accounts.start_session(&sam).await, Err(AccountError::BadSignIn)));
    assert!(matches!(school.accounts.issue_access_token(&sam), Err(AccountError::BadSignIn)));
    assert_eq!(count_sessions(&school.accounts.app.store), 0);
}

#[tokio::test]
async fn of_too_many_sessions_the_oldest_ends() {
    let school = School::with_people().await;
    let (sam, teo) = (school.record("sam"), school.record("teo"));
    let of_teo = school.accounts.start_session(&teo).await.unwrap();
    let mut cookies = Vec::new();
    for _ in 0..21 {
        school.clock.advance(TimeDelta::seconds(1));
        cookies.push(school.accounts.start_session(&sam).await.unwrap());
    }
    let alive: Vec<bool> = cookies.iter().map(|cookie| school.accounts.session(cookie).is_some()).collect();
    assert_eq!((alive[0], alive[1..].iter().all(|alive| *alive)), (false, true));
    assert!(school.accounts.session(&of_teo).is_some());
}

#[tokio::test]
async fn whoever_is_demoted_or_disabled_meanwhile_changes_nothing() {
    for (change, told) in [(json!({"roles": ["teacher"]}), 403), (json!({"disabled": true}), 401)] {
        let school = School::with_people().await;
        school.add("eve", "admin").await;
        let token = school.access_token("ada").await;
        let caller = school.accounts.caller(school.accounts.holder_of_token(&token), None);
        assert_eq!(caller.actor, school.user("ada"));
        school.cli("PATCH", "/api/v1/users/ada", change).await.ok(200);
        let made = school.accounts.create_user(caller, new_admin("mallory")).await;
        assert_eq!(crate::http::Problem::from(made.unwrap_err()).status, told);
        assert!(school.accounts.people().find("mallory").is_none());
    }
}
