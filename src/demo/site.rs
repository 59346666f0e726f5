//! A planning site of the kind that schools have: PHP manners, a login form, calendars that differ at every fetch.
//!
//! Answers for behaving badly in known ways: the login page comes with status 200, sessions run out, DTSTAMP is now,
//! events come in another order each time, lines are folded in odd places. It keeps its sessions in memory, asks its
//! caller for the time, and is no model for a site that has anything to protect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::disorder;
use super::school::{Cohort, School};

const LOGIN: &str = "/planning/login.php";
const INDEX: &str = "/planning/index.php";

/// Whom the site lets in, and for how long.
#[derive(Clone)]
pub struct SignIn {
    /// What the form's `Username` must be.
    pub username: String,
    /// What the form's `Password` must be.
    pub password: String,
    /// How long a session lasts after the sign-in, used or not.
    pub session_minutes: i64,
}

/// The site as a router: `/planning/`, `/planning/login.php`, `/planning/index.php?url=ics/<file>`.
pub fn planning_site(
    sign_in: SignIn,
    school: School,
    clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
) -> Router {
    let site = Site { sign_in, school, clock: Box::new(clock), memory: Mutex::new(Memory::default()) };
    Router::new()
        .route("/planning/", get(show_entrance))
        .route(LOGIN, get(show_login).post(submit_login))
        .route(INDEX, get(show_index))
        .with_state(Arc::new(site))
}

struct Site {
    sign_in: SignIn,
    school: School,
    clock: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// `PHPSESSID` to what the site knows of it.
    sessions: HashMap<String, Session>,
    sessions_made: u64,
    calendars_served: u64,
}

struct Session {
    csrf: String,
    /// `None` until the sign-in.
    signed_in_until: Option<DateTime<Utc>>,
}

impl Site {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_signed_in(&self, headers: &HeaderMap) -> bool {
        let now = (self.clock)();
        let memory = self.memory();
        let session = session_id(headers).and_then(|id| memory.sessions.get(id));
        session.and_then(|session| session.signed_in_until).is_some_and(|until| now < until)
    }

    /// A new session; its names follow from the password, the time and a count, so nothing is drawn at random.
    fn open_session(&self, signed_in_until: Option<DateTime<Utc>>) -> (String, String) {
        let now = (self.clock)().timestamp_micros();
        let mut memory = self.memory();
        memory.sessions_made += 1;
        let name = |purpose: &str| {
            let seed = format!("{purpose} {} {now} {}", memory.sessions_made, self.sign_in.password);
            URL_SAFE_NO_PAD.encode(digest(&SHA256, seed.as_bytes()))
        };
        let (id, csrf) = (name("session"), name("csrf"));
        let session = Session { csrf: csrf.clone(), signed_in_until };
        memory.sessions.insert(id.clone(), session);
        (id, csrf)
    }

    /// Whether the form came from a page of this site and names the right person.
    fn accepts(&self, headers: &HeaderMap, form: &LoginForm) -> bool {
        let memory = self.memory();
        let session = session_id(headers).and_then(|id| memory.sessions.get(id));
        session.is_some_and(|session| session.csrf == form.csrf)
            && form.username == self.sign_in.username
            && form.password == self.sign_in.password
    }

    fn count_calendar(&self) -> u64 {
        let mut memory = self.memory();
        memory.calendars_served += 1;
        memory.calendars_served
    }
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|pair| pair.trim().strip_prefix("PHPSESSID="))
}

async fn show_entrance(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    redirect(if site.is_signed_in(&headers) { INDEX } else { LOGIN })
}

async fn show_login(State(site): State<Arc<Site>>) -> Response {
    login_page(&site, "")
}

#[derive(Deserialize)]
struct LoginForm {
    #[serde(rename = "Username", default)]
    username: String,
    #[serde(rename = "Password", default)]
    password: String,
    #[serde(default)]
    csrf: String,
}

async fn submit_login(State(site): State<Arc<Site>>, headers: HeaderMap, Form(form): Form<LoginForm>) -> Response {
    if !site.accepts(&headers, &form) {
        return login_page(&site, "Identifiant ou mot de passe incorrect.");
    }
    let until = (site.clock)() + TimeDelta::minutes(site.sign_in.session_minutes);
    let (id, _) = site.open_session(Some(until));
    with_session(redirect(INDEX), &id)
}

#[derive(Deserialize)]
struct IndexQuery {
    url: Option<String>,
}

async fn show_index(State(site): State<Arc<Site>>, headers: HeaderMap, Query(query): Query<IndexQuery>) -> Response {
    if !site.is_signed_in(&headers) {
        return login_page(&site, "");
    }
    let Some(url) = query.url else {
        return page("Plannings", list(&site.school));
    };
    match url.strip_prefix("ics/").and_then(|file| site.school.find(file)) {
        Some(cohort) => calendar(cohort, (site.clock)(), site.count_calendar()),
        None => (StatusCode::NOT_FOUND, page("Erreur", html! { p { "Planning introuvable." } })).into_response(),
    }
}

fn redirect(to: &'static str) -> Response {
    (StatusCode::FOUND, [(LOCATION, to)]).into_response()
}

fn with_session(mut response: Response, id: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(&format!("PHPSESSID={id}; path=/; HttpOnly")) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The login page with a session of its own; like its models it comes with status 200, whatever was asked for.
fn login_page(site: &Site, complaint: &str) -> Response {
    let (id, csrf) = site.open_session(None);
    let form = html! {
        @if !complaint.is_empty() { p.erreur { (complaint) } }
        form name="login" method="post" action="login.php" {
            input type="hidden" name="url" value="";
            input type="hidden" name="login" value="";
            input type="hidden" name="csrf" value=(csrf);
            label { "Identifiant " input type="text" name="Username"; }
            label { "Mot de passe " input type="password" name="Password"; }
            input type="submit" value="Connexion";
        }
    };
    with_session(page("Connexion", form), &id)
}

fn list(school: &School) -> Markup {
    html! {
        ul {
            @for cohort in school.cohorts() {
                li { a href=(format!("index.php?url=ics/{}", cohort.file)) { (cohort.name) " : " (cohort.title) } }
            }
        }
    }
}

fn page(title: &str, content: Markup) -> Response {
    let text = html! {
        (DOCTYPE)
        html lang="fr" {
            head { meta charset="utf-8"; title { (title) " - Service des emplois du temps" } }
            body { h1 { (title) } (content) }
        }
    };
    let headers = [(CONTENT_TYPE, "text/html; charset=UTF-8"), (CACHE_CONTROL, NO_STORE)];
    (headers, text.into_string()).into_response()
}

/// What PHP's session module sends with every page.
const NO_STORE: &str = "no-store, no-cache, must-revalidate";

fn calendar(cohort: &Cohort, now: DateTime<Utc>, nth: u64) -> Response {
    let (charset, body) = disorder::calendar(cohort, now, nth);
    let content_type = format!("text/calendar; charset={charset}");
    let headers = [(CONTENT_TYPE, content_type.as_str()), (CACHE_CONTROL, NO_STORE)];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use axum::body::Body;
    use axum::http::Request;
    use chrono::TimeZone;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::super::school::Quirk;
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    /// The site with a clock in the test's hand, and a browser's cookie.
    struct Visit {
        site: Router,
        minutes: Arc<AtomicI64>,
        cookie: String,
    }

    struct Answer {
        status: u16,
        headers: HeaderMap,
        body: Vec<u8>,
    }

    impl Answer {
        fn text(&self) -> String {
            String::from_utf8_lossy(&self.body).into_owned()
        }

        fn header(&self, name: &str) -> &str {
            self.headers.get(name).map_or("", |value| value.to_str().unwrap())
        }

        fn is_login_page(&self) -> bool {
            self.status == 200 && self.text().contains("name=\"Password\"")
        }

        fn csrf(&self) -> String {
            let text = self.text();
            let (_, rest) = text.split_once("name=\"csrf\" value=\"").unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        }
    }

    impl Visit {
        fn new() -> Self {
            let minutes = Arc::new(AtomicI64::new(0));
            let clock = {
                let minutes = Arc::clone(&minutes);
                let start = Utc.with_ymd_and_hms(2026, 11, 21, 5, 45, 0).unwrap();
                move || start + TimeDelta::minutes(minutes.load(Ordering::Relaxed))
            };
            let sign_in =
                SignIn { username: "planning".to_owned(), password: "s3cret & é".to_owned(), session_minutes: 20 };
            let site = planning_site(sign_in, School::sample(), clock);
            Self { site, minutes, cookie: String::new() }
        }

        async fn send(&mut self, method: &str, path: &str, body: String) -> Answer {
            let request = Request::builder().method(method).uri(path);
            let request = request.header("cookie", &self.cookie).header("content-type", FORM);
            let response = self.site.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
            if let Some(cookie) = response.headers().get(SET_COOKIE) {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                self.cookie = pair.to_owned();
            }
            Answer {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: response.into_body().collect().await.unwrap().to_bytes().to_vec(),
            }
        }

        async fn get(&mut self, path: &str) -> Answer {
            self.send("GET", path, String::new()).await
        }

        async fn sign_in(&mut self, password: &str, csrf: Option<&str>) -> Answer {
            let page = self.get(LOGIN).await;
            let csrf = csrf.map_or_else(|| page.csrf(), str::to_owned);
            let fields =
                [("Username", "planning"), ("Password", password), ("url", ""), ("login", ""), ("csrf", &csrf)];
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            self.send("POST", LOGIN, body).await
        }

        async fn signed_in() -> Self {
            let mut visit = Self::new();
            assert_eq!(visit.sign_in("s3cret & é", None).await.status, 302);
            visit
        }
    }

    #[tokio::test]
    async fn without_a_session_the_entrance_sends_to_the_login_page() {
        let answer = Visit::new().get("/planning/").await;
        assert_eq!((answer.status, answer.header("location")), (302, LOGIN));
    }

    #[tokio::test]
    async fn without_a_session_a_calendar_is_a_login_page_with_status_200() {
        let answer = Visit::new().get("/planning/index.php?url=ics/2A_SR").await;
        assert!(answer.is_login_page());
        assert_eq!(answer.header("content-type"), "text/html; charset=UTF-8");
    }

    #[tokio::test]
    async fn the_right_password_opens_the_calendars() {
        let mut visit = Visit::new();
        let answer = visit.sign_in("s3cret & é", None).await;
        assert_eq!((answer.status, answer.header("location")), (302, INDEX));
        let answer = visit.get("/planning/index.php?url=ics/1A_TC").await;
        assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
        assert!(answer.text().starts_with("BEGIN:VCALENDAR\n"));
    }

    #[tokio::test]
    async fn a_wrong_password_is_the_login_page_again() {
        let mut visit = Visit::new();
        assert!(visit.sign_in("secret", None).await.is_login_page());
        assert!(visit.get("/planning/index.php?url=ics/2A_SR").await.is_login_page());
    }

    #[tokio::test]
    async fn a_form_without_the_hidden_value_is_the_login_page_again() {
        assert!(Visit::new().sign_in("s3cret & é", Some("")).await.is_login_page());
    }

    #[tokio::test]
    async fn a_session_ends_after_its_minutes() {
        let mut visit = Visit::signed_in().await;
        visit.minutes.store(19, Ordering::Relaxed);
        assert!(!visit.get("/planning/index.php?url=ics/2A_SR").await.is_login_page());
        visit.minutes.store(20, Ordering::Relaxed);
        assert!(visit.get("/planning/index.php?url=ics/2A_SR").await.is_login_page());
    }

    #[tokio::test]
    async fn a_page_without_a_calendar_lists_them_and_an_unknown_one_is_404() {
        let mut visit = Visit::signed_in().await;
        assert!(visit.get(INDEX).await.text().contains("index.php?url=ics/M2_FESup"));
        assert_eq!(visit.get("/planning/index.php?url=ics/XYZ").await.status, 404);
    }

    fn decoded(cohort: &Cohort, answer: &Answer) -> String {
        if cohort.quirk == Quirk::Windows1252 {
            assert_eq!(answer.header("content-type"), "text/calendar; charset=windows-1252");
            assert!(std::str::from_utf8(&answer.body).is_err());
        }
        let end: &[u8] = if cohort.quirk == Quirk::BareLineFeeds { b"\n" } else { b"\r\n" };
        let mut body = answer.body.clone();
        for blank in [b' ', b'\t'] {
            let fold = [end, &[blank]].concat();
            while let Some(at) = body.windows(fold.len()).position(|window| window == fold) {
                body.drain(at..at + fold.len());
            }
        }
        match cohort.quirk {
            Quirk::Windows1252 => encoding_rs::WINDOWS_1252.decode(&body).0.into_owned(),
            _ => String::from_utf8(body).unwrap(),
        }
    }

    #[tokio::test]
    async fn every_fetch_has_other_bytes_and_the_same_lines() {
        let mut visit = Visit::signed_in().await;
        for cohort in School::sample().cohorts() {
            let path = format!("/planning/index.php?url=ics/{}", cohort.file);
            let (first, second) = (visit.get(&path).await, visit.get(&path).await);
            assert_ne!(first.body, second.body);
            let sorted = |answer: &Answer| {
                let text = decoded(cohort, answer);
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&first), sorted(&second));
            let now = Utc.with_ymd_and_hms(2026, 11, 21, 5, 45, 0).unwrap();
            let careful = School::sample().ics(cohort.slug, now).unwrap();
            let mut careful: Vec<String> = careful.replace("\r\n ", "").lines().map(str::to_owned).collect();
            careful.sort();
            assert_eq!(sorted(&first), careful);
        }
    }

    #[tokio::test]
    async fn one_calendar_folds_inside_a_character() {
        let mut visit = Visit::signed_in().await;
        let body = visit.get("/planning/index.php?url=ics/M2_FESup").await.body;
        assert!(std::str::from_utf8(&body).is_err());
    }
}
