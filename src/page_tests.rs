//! The pages through the real router: who sees which, in which language, and what must never stand in one.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::actor::Caller;
use crate::assemble::{Outside, build};
use crate::clock::Clock;
use crate::config::{ClockTrust, Config};
use crate::fetch::upstream::{Reply, Upstream};
use crate::router::{Slices, router};
use crate::seal::Sealer;
use crate::store::Store;
use crate::timekeeping::Witnesses;

const PASSWORD: &str = "correct horse battery";
const HOSTILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART:20261123T080000Z\r\nDTEND:20261123T100000Z\r\nSUMMARY:<script>alert(1)</script> \"q\" ' \u{202e}abc 🎉\r\n\
    LOCATION:<img src=x onerror=1>\r\nDESCRIPTION:</p><script>2</script>\\nline\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n\
    DTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261121\r\nDTEND;VALUE=DATE:20261124\r\nSUMMARY:Stage\r\n\
    STATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A school with an open and a closed cohort, on Saturday 2026-11-21 at 10:00 UTC.
struct School {
    slices: Slices,
    router: Router,
    clock: Clock,
    _dir: tempfile::TempDir,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl School {
    /// With people of every role, and an upstream whose calendar is hostile.
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let mut config = Config::built_in(dir.path()).unwrap();
        config.public_url = Some("https://cafe.example.org".parse().unwrap());
        config.clock = ClockTrust::Always;
        let store = Store::in_memory().unwrap();
        let outside = Outside { clock: clock.clone(), witnesses: Witnesses::none(), pause: Duration::ZERO };
        let slices = build(config, store, Sealer::ephemeral().unwrap(), outside).unwrap();
        Self { router: router(&slices), slices, clock, _dir: dir }
    }

    async fn with_people() -> Self {
        let school = Self::new().await;
        school.cli("/api/v1/cohorts", json!({"slug": "open", "name": "Open <b>", "visibility": "public"})).await;
        school.cli("/api/v1/cohorts", json!({"slug": "closed", "name": "Closed"})).await;
        school.cli("/api/v1/cohorts", json!({"slug": "other", "name": "Other"})).await;
        for role in ["admin", "planner", "teacher", "student"] {
            let user =
                json!({"login": role, "name": role, "roles": [role], "cohorts": ["closed"], "password": PASSWORD});
            school.cli("/api/v1/users", user).await;
        }
        school
    }

    async fn with_feed(body: &'static str) -> (Self, Upstream) {
        let school = Self::with_people().await;
        let upstream = Upstream::start(move |_| Reply::new(200, "text/calendar", body)).await;
        let url = upstream.url("/x.ics?secret=key");
        school.cli("/api/v1/feeds", json!({"slug": "site", "cohort": "open", "url": url})).await;
        (school, upstream)
    }

    async fn cli(&self, path: &str, body: Value) {
        let mut request = Request::post(path).header("content-type", "application/json");
        request.extensions_mut().unwrap().insert(Caller::cli("pi"));
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let addr = "192.0.2.7:4000".parse().unwrap();
        let peer = crate::net::Peer { addr, tls: true, plane: crate::net::Plane::Https };
        request.extensions_mut().unwrap().insert(peer);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, &[("accept", "text/html"), ("cookie", cookie), ("accept-language", "en")], "").await
    }

    /// As a browser sends a form of our own page.
    async fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let headers =
            [("accept", "text/html"), ("cookie", cookie), ("accept-language", "en"), ("sec-fetch-site", "same-origin")];
        self.send("POST", path, &headers, body).await
    }

    /// The cookie of somebody who has signed in by the form.
    async fn sign_in(&self, login: &str) -> String {
        let form = format!("login={login}&password={}", PASSWORD.replace(' ', "+"));
        let answer = self.post("/login", "", &form).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text);
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-carillon=") && cookie.contains("; Secure"));
        cookie.split(';').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn each_page_opens_for_whom_it_is() {
    let school = School::with_people().await;
    let mut cookies = vec![String::new()];
    for role in ["student", "teacher", "planner", "admin"] {
        cookies.push(school.sign_in(role).await);
    }
    // Nobody, student, teacher, planner, admin.
    let table = [
        ("/", [200; 5]),
        ("/login", [200, 303, 303, 303, 303]),
        ("/c/open", [200; 5]),
        ("/c/OPEN", [200; 5]),
        ("/c/closed", [303, 200, 200, 200, 200]),
        ("/c/other", [303, 403, 200, 200, 200]),
        ("/week", [303, 200, 200, 200, 200]),
        ("/rooms/none", [303, 404, 404, 404, 404]),
        ("/teachers/teacher", [303, 403, 200, 200, 200]),
        ("/c/unknown", [303, 404, 404, 404, 404]),
        ("/c/closed/calendar.ics", [303, 200, 200, 200, 200]),
        ("/admin", [303, 403, 403, 403, 200]),
        ("/setup", [410; 5]),
        ("/setup/password", [200; 5]),
        ("/nothing/here", [404; 5]),
        ("/nothing", [404; 5]),
    ];
    for (path, statuses) in table {
        for (cookie, status) in cookies.iter().zip(statuses) {
            let answer = school.get(path, cookie).await;
            assert_eq!(answer.status, status, "{path}");
            if status != 303 && !path.ends_with(".ics") {
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
                assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
                let caching = if cookie.is_empty() { "no-cache" } else { "no-store" };
                assert_eq!(answer.header("cache-control"), caching, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let (school, _upstream) = School::with_feed(HOSTILE).await;
    let cookie = school.sign_in("admin").await;
    for path in ["/admin/feeds/site/pause", "/admin/feeds/site/refresh", "/c/closed/address", "/logout"] {
        for foreign in [("x-nothing", ""), ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let headers = [("cookie", cookie.as_str()), ("accept", "text/html"), foreign];
            assert_eq!(school.send("POST", path, &headers, "").await.status, 403, "{path} {foreign:?}");
        }
    }
    assert!(!school.slices.feeds.find("site").unwrap().paused);
    assert_eq!(school.get("/admin", &cookie).await.status, 200);
}

#[tokio::test]
async fn signing_in_leads_back_to_where_one_was_and_nowhere_else() {
    let school = School::with_people().await;
    assert_eq!(school.get("/c/closed", "").await.header("location"), "/login?next=%2Fc%2Fclosed");
    let cases = [
        ("%2Fc%2Fclosed", "/c/closed"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
    ];
    for (next, to) in cases {
        let form = format!("login=student&password={}&next={next}", PASSWORD.replace(' ', "+"));
        assert_eq!(school.post("/login", "", &form).await.header("location"), to);
    }
}

#[tokio::test]
async fn a_wrong_password_gets_the_form_again_with_what_was_typed() {
    let school = School::with_people().await;
    let answer = school.post("/login", "", "login=%22%3E%3Cscript%3E&password=my-secret-pw&next=%2Fadmin").await;
    assert_eq!(answer.status, 401);
    assert!(answer.text.contains("value=\"&quot;&gt;&lt;script&gt;\"") && answer.text.contains("value=\"/admin\""));
    assert!(answer.text.contains("role=\"alert\"") && !answer.text.contains("my-secret-pw"));
}

#[tokio::test]
async fn a_session_that_is_over_says_so_and_signing_out_ends_it() {
    let school = School::with_people().await;
    let cookie = school.sign_in("student").await;
    let out = school.post("/logout", &cookie, "").await;
    assert_eq!((out.status, out.header("location")), (303, "/"));
    let cookies: Vec<_> = out.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|set| set.starts_with("__Host-carillon=;") && set.contains("Max-Age=0")), "{cookies:?}");
    assert_eq!(school.get("/c/closed", &cookie).await.status, 303);
    assert!(school.get("/login?next=/c/closed", &cookie).await.text.contains("Your session has ended"));
}

#[tokio::test]
async fn a_session_that_ended_under_a_form_leads_back_to_the_forms_page() {
    let school = School::with_people().await;
    let headers = [
        ("cookie", "__Host-carillon=gone"),
        ("sec-fetch-site", "same-origin"),
        ("referer", "https://cafe.example.org/admin?done=held"),
    ];
    let answer = school.send("POST", "/admin/feeds/x/refresh", &headers, "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login?next=%2Fadmin%3Fdone%3Dheld"));
    let file = "x".repeat(20_000);
    let answer = school
        .send("POST", "/admin/feeds/x/refresh", &[headers.as_slice(), &[("accept", "text/html")]].concat(), &file)
        .await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login?next=%2Fadmin%3Fdone%3Dheld"));
}

#[tokio::test]
async fn what_a_site_writes_is_shown_as_text() {
    let (school, _upstream) = School::with_feed(HOSTILE).await;
    school.cli("/api/v1/feeds/site/refresh", json!({})).await;
    let page = school.get("/c/open?view=list&date=2026-11-21", "").await;
    assert_eq!(page.status, 200);
    for needle in ["&lt;script&gt;alert(1)&lt;/script&gt; &quot;q&quot;", "&lt;img src=x", "🎉", "Open &lt;b&gt;"] {
        assert!(page.text.contains(needle), "{needle}: {}", page.text);
    }
    assert!(!page.text.contains("<script>") && !page.text.contains("<img"));
    assert!(page.text.contains("09:00") && page.text.contains("Monday 23 November") && page.text.contains("cancelled"));
    assert!(page.text.contains("<strong>today</strong>") && page.text.contains("until Monday 23 November"));
    assert!(page.text.contains("webcal://cafe.example.org/calendars/open.ics") && page.text.contains("<svg"));
}

#[tokio::test]
async fn pages_speak_the_browsers_language() {
    let school = School::with_people().await;
    for (accept, lang, text) in [("en", "en", "Sign in"), ("de,fr;q=0.5", "fr", "Se connecter"), ("", "fr", "Se conn")]
    {
        let page = school.send("GET", "/", &[("accept-language", accept)], "").await;
        assert!(page.text.contains(&format!("<html lang=\"{lang}\">")) && page.text.contains(text), "{accept}");
    }
}

#[tokio::test]
async fn programs_get_the_list_of_sections_from_the_front_page() {
    let school = School::with_people().await;
    let json = school.send("GET", "/", &[("accept", "application/json")], "").await;
    assert_eq!(json.text, r#"{"sections":["Open <b>"]}"#);
    assert!(school.send("GET", "/?token=bad", &[("accept", "text/html")], "").await.text.starts_with("{\"sec"));
    assert!(school.send("GET", "/", &[("accept", "*/*")], "").await.text.starts_with("<!DOCTYPE html>"));
    assert!(school.send("GET", "/api/v1/nothing", &[("accept", "text/html")], "").await.text.starts_with('{'));
}

#[tokio::test]
async fn an_administrator_refreshes_pauses_and_resumes_by_forms() {
    let (school, _upstream) = School::with_feed(HOSTILE).await;
    let cookie = school.sign_in("admin").await;
    for (deed, text) in [
        ("refresh", "something new is published"),
        ("refresh", "nothing is new"),
        ("pause", "paused: nothing more"),
        ("resume", "followed again"),
    ] {
        let answer = school.post(&format!("/admin/feeds/site/{deed}"), &cookie, "").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/admin"), "{deed}");
        let notice = answer.header("set-cookie").split(';').next().unwrap();
        let page = school.get("/admin", &format!("{cookie}; {notice}")).await;
        assert!(page.text.contains(text) && page.header("set-cookie").contains("-notice=; "), "{text}");
        assert!(!page.text.contains("secret=key"));
        assert!(!school.get("/admin", &cookie).await.text.contains(text), "{text}");
    }
    assert_eq!(school.post("/admin/feeds/unknown/refresh", &cookie, "").await.status, 404);
    let student = school.sign_in("student").await;
    assert_eq!(school.post("/admin/feeds/site/pause", &student, "").await.status, 403);
}

#[tokio::test]
async fn what_is_held_is_approved_as_it_was_shown() {
    let school = School::with_people().await;
    let (many, clock) = (std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true)), school.clock.clone());
    let flag = many.clone();
    let upstream = Upstream::start(move |_| {
        let count = if flag.load(std::sync::atomic::Ordering::SeqCst) { 20 } else { 1 };
        let events: String = (0..count)
            .map(|n| format!("BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:202612{:02}T080000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n", n + 1))
            .collect();
        Reply::new(200, "text/calendar", format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"))
    })
    .await;
    school.cli("/api/v1/feeds", json!({"slug": "site", "cohort": "open", "url": upstream.url("/x.ics")})).await;
    let cookie = school.sign_in("admin").await;
    school.post("/admin/feeds/site/refresh", &cookie, "").await;
    many.store(false, std::sync::atomic::Ordering::SeqCst);
    clock.advance(chrono::TimeDelta::minutes(5));
    let held = school.post("/admin/feeds/site/refresh", &cookie, "").await;
    assert!(held.header("set-cookie").contains("-notice=FeedHeld|site|;"));
    let page = school.get("/admin", &cookie).await;
    assert!(page.text.contains("only 1 event to come where 20 are published"));
    let page = school.get("/admin/feeds/site/approve", &cookie).await;
    assert!(page.text.contains("19 events will") && page.text.contains("Gone (19)"), "{}", page.text);
    let content = page.text.split("name=\"content\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let other = school.post("/admin/feeds/site/approve", &cookie, "content=1").await;
    assert!(other.header("set-cookie").contains("-notice=FeedOvertaken|site|;"));
    let right = school.post("/admin/feeds/site/approve", &cookie, &format!("content={content}")).await;
    assert!(right.header("set-cookie").contains("-notice=FeedApproved|site|;"));
    assert_eq!(school.slices.feeds.state("site").events, 1);
}

#[tokio::test]
async fn a_personal_address_is_shown_once_and_works() {
    let school = School::with_people().await;
    let cookie = school.sign_in("student").await;
    let page = school.post("/c/closed/address", &cookie, "").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let url = page.text.split("value=\"https://cafe.example.org").nth(1).unwrap().split('"').next().unwrap();
    assert!(url.starts_with("/s/student-closed-1_") && url.ends_with("/closed.ics"), "{}", url.len());
    assert_eq!(school.send("GET", url, &[], "").await.status, 200);
    let secret = url.split('/').nth(2).unwrap();
    assert!(!school.get("/c/closed", &cookie).await.text.contains(secret));
    assert_eq!(school.post("/c/other/address", &cookie, "").await.status, 403);
    assert_eq!(school.post("/c/closed/address", "", "").await.status, 303);
}

#[tokio::test]
async fn the_first_administrator_comes_in_by_the_set_up_page() {
    let school = School::new().await;
    let link = school.slices.accounts.offer_setup().unwrap().unwrap();
    let key = link.split('#').nth(1).unwrap();
    assert_eq!(school.get("/setup", "").await.status, 200);
    let form = |key: &str, password: &str| format!("key={key}&login=ada&name=Ada&email=&password={password}");
    let wrong = school.post("/setup", "", &form("wrong", "long+enough+one")).await;
    assert!(wrong.status == 422 && wrong.text.contains("This key is wrong") && wrong.text.contains("value=\"ada\""));
    let weak = school.post("/setup", "", &form(key, "short")).await;
    assert!(weak.status == 422 && weak.text.contains("at least 10") && !weak.text.contains("value=\"short\""));
    let done = school.post("/setup", "", &form(key, "long+enough+one")).await;
    assert_eq!((done.status, done.header("location")), (303, "/admin"));
    let cookie = done.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(school.get("/admin", &cookie).await.status, 200);
    assert_eq!(school.get("/setup", "").await.status, 410);
}

#[tokio::test]
async fn a_dead_key_in_a_browser_is_a_page_that_does_not_repeat_it() {
    let school = School::with_people().await;
    let page = school.get("/s/some_secret-key-that-was/closed.ics", "").await;
    assert_eq!((page.status, page.header("www-authenticate")), (401, "Bearer"));
    assert!(page.text.contains("This address opens nothing") && !page.text.contains("secret-key"));
}

#[tokio::test]
async fn a_page_is_light_and_its_files_are_kept_for_a_year() {
    let (school, _upstream) = School::with_feed(HOSTILE).await;
    school.cli("/api/v1/feeds/site/refresh", json!({})).await;
    let cookie = school.sign_in("admin").await;
    for path in ["/", "/c/open", "/login", "/admin", "/nothing/here"] {
        let page = school.get(path, if path == "/login" { "" } else { &cookie }).await;
        let mut weight = page.text.len();
        let links: Vec<_> = page.text.split('"').filter(|text| text.starts_with("/assets/")).collect();
        assert_eq!(links.len(), 3, "{path}");
        for link in links {
            let file = school.send("GET", link, &[], "").await;
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
            assert!(!file.text.contains("http://") || link.contains(".svg"), "{link}");
            weight += file.text.len();
        }
        assert!(weight < 60 * 1024, "{path}: {weight}");
        assert!(!page.text.contains("style=\"") && !page.text.contains("onclick"), "{path}");
    }
    let packed = school.send("GET", "/", &[("accept-encoding", "gzip")], "").await;
    assert_eq!(packed.header(header::CONTENT_ENCODING.as_str()), "gzip");
    assert_eq!(school.send("GET", "/assets/style-old.css", &[], "").await.status, 404);
    let robots = school.send("GET", "/robots.txt", &[], "").await.text;
    assert!(robots.starts_with("User-agent: *") && !robots.contains("/s/") && !robots.contains("/calendars"));
}
