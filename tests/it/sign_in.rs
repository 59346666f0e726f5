//! Signing in while somebody guesses: who waits, who does not, and what a new password ends.

use carillon::actor::Role;
use carillon::net::Plane;
use chrono::TimeDelta;

use crate::app::{Answer, App, PASSWORD, peer, request};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Tries a password from an address: by the interface for programs.
async fn sign_in(app: &App, ip: &str, login: &str, password: &str) -> Answer {
    let form = format!("username={login}&password={}", password.replace(' ', "+"));
    let mut request = request("POST", "/api/v1/auth/token", &[FORM], &form);
    request.extensions_mut().insert(peer(&format!("{ip}:4711"), Plane::Https));
    app.send(request).await
}

/// The same by the page, with a cookie.
async fn sign_in_by_page(app: &App, login: &str, password: &str, cookie: &str) -> Answer {
    let form = format!("login={login}&password={}&next=/", password.replace(' ', "+"));
    let headers = [FORM, ("sec-fetch-site", "same-origin"), ("cookie", cookie)];
    app.ask("POST", "/login", &headers, &form).await
}

async fn school() -> App {
    let app = App::test();
    for login in ["sam", "ada"] {
        app.add_user(login, Role::Teacher, &[]).await;
    }
    app
}

/// Guesses until it is told to wait.
async fn guess(app: &App, ip: &str, login: &str) -> Answer {
    for _ in 0..20 {
        let answer = sign_in(app, ip, login, "a wrong guess").await;
        if answer.status == 429 {
            return answer;
        }
        assert_eq!(answer.status, 401);
    }
    panic!("nobody is slowed down");
}

#[tokio::test]
async fn whoever_guesses_is_told_when_to_come_again() {
    let app = school().await;
    let told = guess(&app, "203.0.113.9", "sam").await;
    assert_eq!((told.header("retry-after"), told.header("content-type")), ("2", "application/problem+json"));
    assert_eq!(sign_in(&app, "203.0.113.9", "sam", PASSWORD).await.status, 429, "a right password waits as well");
    app.later(TimeDelta::seconds(2));
    assert_eq!(sign_in(&app, "203.0.113.9", "sam", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_unknown_login_is_slowed_down_as_a_known_one() {
    let app = school().await;
    let (known, unknown) = (guess(&app, "203.0.113.9", "sam").await, guess(&app, "203.0.113.9", "nobody").await);
    assert_eq!((known.bytes, known.headers), (unknown.bytes, unknown.headers));
}

#[tokio::test]
async fn a_stranger_keeps_nobody_out() {
    let app = school().await;
    guess(&app, "203.0.113.9", "sam").await;
    assert_eq!(sign_in(&app, "198.51.100.1", "sam", PASSWORD).await.status, 200, "another address");
    assert_eq!(sign_in(&app, "203.0.113.9", "ada", PASSWORD).await.status, 200, "another name");
}

#[tokio::test]
async fn a_device_that_has_signed_in_gets_in_from_the_address_of_whoever_guesses() {
    let app = school().await;
    let first = sign_in_by_page(&app, "sam", PASSWORD, "").await;
    let cookies: Vec<_> = first.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-carillon-device=")).unwrap();
    assert!(device.contains("HttpOnly") && device.contains("Secure") && device.contains("SameSite=Strict"));
    let device = device.split(';').next().unwrap();
    app.later(TimeDelta::hours(1));
    guess(&app, "203.0.113.9", "sam").await;
    assert_eq!(sign_in_by_page(&app, "sam", PASSWORD, "").await.status, 429);
    assert_eq!(sign_in_by_page(&app, "sam", PASSWORD, &format!("{device}x")).await.status, 429, "a mark of one's own");
    assert_eq!(sign_in_by_page(&app, "sam", PASSWORD, device).await.status, 303);
    guess(&app, "203.0.113.9", "ada").await;
    assert_eq!(sign_in_by_page(&app, "ada", PASSWORD, device).await.status, 429, "sam's device, not ada's");
    assert_eq!(app.get_with("/api/v1/auth/me", &[("cookie", device)]).await.status, 401, "it opens nothing");
}

#[tokio::test]
async fn the_page_says_how_long_to_wait_in_the_readers_language() {
    let app = school().await;
    guess(&app, "203.0.113.9", "sam").await;
    let page = sign_in_by_page(&app, "sam", PASSWORD, "").await;
    assert_eq!(page.header("retry-after"), "2");
    assert!(page.text(429).contains("attendez 2 secondes"));
}

const JSON: (&str, &str) = ("content-type", "application/json");
const NEW: &str = "another good one";

async fn change_password(app: &App, key: &str, present: &str) -> Answer {
    let body = serde_json::json!({"present_password": present, "new_password": NEW}).to_string();
    app.ask("POST", "/api/v1/me/password", &[("authorization", key), JSON], &body).await
}

#[tokio::test]
async fn whoever_knows_the_present_password_chooses_another_and_is_signed_out_everywhere() {
    let app = school().await;
    let [key, elsewhere] = [app.sign_in("sam").await, app.sign_in("sam").await].map(|token| format!("Bearer {token}"));
    let page = sign_in_by_page(&app, "sam", PASSWORD, "").await;
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    app.later(TimeDelta::minutes(1));
    assert_eq!(app.get_with("/api/v1/auth/me", &[("cookie", &cookie)]).await.status, 200);
    assert_eq!(change_password(&app, &key, "not this one").await.bad_fields(403), ["present_password"]);
    assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &key)]).await.status, 200);
    change_password(&app, &key, PASSWORD).await.text(204);
    for header in [("authorization", key.as_str()), ("authorization", elsewhere.as_str()), ("cookie", cookie.as_str())]
    {
        assert_eq!(app.get_with("/api/v1/auth/me", &[header]).await.status, 401, "{}", header.0);
    }
    assert_eq!(sign_in(&app, "203.0.113.9", "sam", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&app, "203.0.113.9", "sam", NEW).await.status, 200);
    let audit = app.cli("GET", "/api/v1/audit?action=user.password", serde_json::Value::Null).await;
    assert_eq!(audit.json(200)["items"][0]["actor"], "user:sam");
    assert!(!audit.text(200).contains(NEW) && !audit.text(200).contains("argon2"));
}

#[tokio::test]
async fn a_stolen_session_guesses_no_password() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(change_password(&app, &key, "a wrong guess").await.status);
    }
    assert_eq!(statuses, [403, 403, 403, 403, 429]);
}

#[tokio::test]
async fn a_new_password_that_is_too_short_is_told_by_its_own_field() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let body = serde_json::json!({"present_password": PASSWORD, "new_password": "short"}).to_string();
    let answer = app.ask("POST", "/api/v1/me/password", &[("authorization", &key), JSON], &body).await;
    assert_eq!(answer.bad_fields(400), ["new_password"]);
    assert!(!answer.text(400).contains("\"short\""));
    assert_eq!(
        app.cli("POST", "/api/v1/me/password", serde_json::json!({"present_password": "x", "new_password": NEW}))
            .await
            .status,
        403
    );
    assert_eq!(app.ask("POST", "/api/v1/me/password", &[JSON], &body).await.status, 401);
}

#[tokio::test]
async fn an_access_token_carries_no_right_that_was_taken_away() {
    let app = school().await;
    app.add_user("eve", Role::Admin, &[]).await;
    app.add_user("bob", Role::Admin, &[]).await;
    let key = format!("Bearer {}", app.sign_in("eve").await);
    let users = async || app.get_with("/api/v1/users", &[("authorization", &key)]).await.status;
    assert_eq!(users().await, 200);
    app.cli("PATCH", "/api/v1/users/eve", serde_json::json!({"roles": ["student"]})).await.json(200);
    assert_eq!(users().await, 403);
    app.cli("PATCH", "/api/v1/users/eve", serde_json::json!({"disabled": true})).await.json(200);
    assert_eq!(users().await, 401);
}

#[tokio::test]
async fn a_login_and_its_email_are_one_name() {
    let app = school().await;
    app.cli("PATCH", "/api/v1/users/sam", serde_json::json!({"email": "sam@example.org"})).await.json(200);
    guess(&app, "203.0.113.9", "sam").await;
    assert_eq!(sign_in(&app, "203.0.113.9", "Sam@Example.org", "a wrong guess").await.status, 429);
}

#[tokio::test]
async fn whoever_is_signed_in_changes_their_password_whatever_others_try_from_their_address() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    guess(&app, "203.0.113.9", "sam").await;
    change_password(&app, &key, PASSWORD).await.text(204);
}

#[tokio::test]
async fn whoever_guesses_at_a_password_while_signed_in_is_slowed_down() {
    let app = school().await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    for _ in 0..4 {
        change_password(&app, &key, "a wrong guess").await.text(403);
    }
    assert_eq!(change_password(&app, &key, PASSWORD).await.status, 429);
}

/// A body that arrives when something else has been done.
struct Late<F> {
    before: std::pin::Pin<Box<F>>,
    body: Option<&'static str>,
}

impl<F: Future<Output = ()>> axum::body::HttpBody for Late<F> {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        match self.body {
            None => std::task::Poll::Ready(None),
            Some(body) => self.before.as_mut().poll(cx).map(|()| {
                self.body = None;
                Some(Ok(hyper::body::Frame::data(body.into())))
            }),
        }
    }
}

#[tokio::test]
async fn an_administrator_who_is_disabled_while_their_request_arrives_changes_nothing() {
    let app = school().await;
    app.add_user("eve", Role::Admin, &[]).await;
    let key = format!("Bearer {}", app.sign_in("eve").await);
    let mut disable = request("PATCH", "/api/v1/users/eve", &[JSON], "{\"disabled\":true}");
    disable.extensions_mut().insert(carillon::actor::Caller::cli("pi"));
    app.add_user("ada2", Role::Admin, &[]).await;
    let router = carillon::router::router(&app.slices);
    let before = async move {
        assert_eq!(tower::ServiceExt::oneshot(router, disable).await.unwrap().status(), 200);
    };
    let body = Some(r#"{"login":"mallory","name":"M","roles":["admin"]}"#);
    let mut create = request("POST", "/api/v1/users", &[("authorization", &key), JSON], "");
    create.extensions_mut().insert(peer("203.0.113.9:4711", Plane::Https));
    let answer = app.send(create.map(|_| axum::body::Body::new(Late { before: Box::pin(before), body }))).await;
    answer.text(401);
    assert_eq!(app.cli("GET", "/api/v1/users/mallory", serde_json::Value::Null).await.status, 404);
}
