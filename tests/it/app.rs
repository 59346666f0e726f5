//! The appliance in a test's hand: its router, a clock that stands still, and a folder or memory to keep things in.

use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use carillon::actor::{Caller, Role};
use carillon::assemble::{Outside, build};
use carillon::clock::Clock;
use carillon::config::{ClockTrust, Config};
use carillon::net::{Peer, Plane};
use carillon::router::{Slices, router};
use carillon::seal::Sealer;
use carillon::store::Store;
use carillon::timekeeping::Witnesses;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::upstream::{Reply, Upstream};

/// A Saturday, 11:00 in Paris.
pub const NOW: &str = "2026-11-21T10:00:00Z";
pub const PASSWORD: &str = "correct horse battery";
pub const PUBLIC_URL: &str = "https://cafe.example.org";

pub struct App {
    pub slices: Slices,
    pub clock: Clock,
    pub dir: tempfile::TempDir,
    witnesses: Witnesses,
    on_disk: bool,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl App {
    /// In memory, at [`NOW`].
    pub fn test() -> Self {
        Self::configured(|_| {})
    }

    /// The same with another configuration.
    pub fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(tempfile::tempdir().unwrap(), outside(at(NOW), Witnesses::none()), false, change)
    }

    /// In a folder, so that it can be started again.
    pub fn on_disk() -> Self {
        Self::made(tempfile::tempdir().unwrap(), outside(at(NOW), Witnesses::none()), true, |_| {})
    }

    /// In a folder, with a clock that shows `wall` and is judged by these witnesses.
    pub fn judged(wall: DateTime<Utc>, witnesses: Witnesses) -> Self {
        let judge = |config: &mut Config| config.clock = ClockTrust::Auto;
        Self::made(tempfile::tempdir().unwrap(), outside(wall, witnesses), true, judge)
    }

    /// Stops it as a power cut does, and starts it on the same folder.
    pub fn restarted(self) -> Self {
        let wall = self.clock.reading().wall;
        self.booted(wall, |_| {})
    }

    /// The same, with a clock that shows `wall` by then, and another configuration.
    pub fn booted(self, wall: DateTime<Utc>, change: impl FnOnce(&mut Config)) -> Self {
        let Self { slices, dir, witnesses, .. } = self;
        let trust = slices.app.config().clock;
        drop(slices);
        let keep_trust = |config: &mut Config| {
            config.clock = trust;
            change(config);
        };
        Self::made(dir, outside(wall, witnesses), true, keep_trust)
    }

    fn made(dir: tempfile::TempDir, outside: Outside, on_disk: bool, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::built_in(dir.path()).unwrap();
        config.public_url = Some(PUBLIC_URL.parse().unwrap());
        config.fetch.total_secs = 5;
        config.clock = ClockTrust::Always;
        change(&mut config);
        let store = if on_disk { Store::open(dir.path()).unwrap() } else { Store::in_memory().unwrap() };
        let sealer = if on_disk { Sealer::open(dir.path()).unwrap() } else { Sealer::ephemeral().unwrap() };
        let (clock, witnesses) = (outside.clock.clone(), outside.witnesses.clone());
        let slices = build(config, store, sealer, outside).unwrap();
        Self { slices, clock, dir, witnesses, on_disk }
    }

    pub fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub fn commits(&self) -> u64 {
        self.slices.app.store.commits()
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = router(&self.slices).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    /// Asks from a school's network by HTTPS, with headers.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = request(method, path, headers, body);
        request.extensions_mut().insert(peer("203.0.113.9:40000", Plane::Https));
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, "").await
    }

    /// Calls as the command line of the machine does.
    pub async fn cli(&self, method: &str, path: &str, body: Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = request(method, path, &[("content-type", "application/json")], &text);
        request.extensions_mut().insert(Caller::cli("pi"));
        self.send(request).await
    }

    pub async fn add_cohort(&self, name: &str, visibility: &str) -> Value {
        self.cli("POST", "/api/v1/cohorts", json!({"name": name, "visibility": visibility})).await.json(201)
    }

    pub async fn add_feed(&self, slug: &str, cohort: &str, url: &str) -> Value {
        self.cli("POST", "/api/v1/feeds", json!({"slug": slug, "cohort": cohort, "url": url})).await.json(201)
    }

    /// A token's record with its secret.
    pub async fn add_token(&self, name: &str, cohorts: Value) -> Value {
        self.cli("POST", "/api/v1/tokens", json!({"name": name, "cohorts": cohorts})).await.json(201)
    }

    /// A token's secret.
    pub async fn secret(&self, name: &str, cohorts: Value) -> String {
        text(&self.add_token(name, cohorts).await, "token")
    }

    pub async fn add_user(&self, login: &str, role: Role, cohorts: &[&str]) {
        let new = json!({"login": login, "name": login, "roles": [role], "cohorts": cohorts, "password": PASSWORD});
        self.cli("POST", "/api/v1/users", new).await.json(201);
    }

    /// An access token of somebody with [`PASSWORD`].
    pub async fn sign_in(&self, login: &str) -> String {
        let form = format!("username={login}&password={}", PASSWORD.replace(' ', "+"));
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.ask("POST", "/api/v1/auth/token", &headers, &form).await.json(200);
        text(&answer, "access_token")
    }

    pub async fn refresh(&self, feed: &str) -> Answer {
        self.cli("POST", &format!("/api/v1/feeds/{feed}/refresh"), json!({})).await
    }

    pub async fn feed(&self, slug: &str) -> Value {
        self.cli("GET", &format!("/api/v1/feeds/{slug}"), Value::Null).await.json(200)
    }

    pub async fn state(&self, slug: &str) -> String {
        text(&self.feed(slug).await["status"], "state")
    }

    /// A public cohort `2A-SR` with a feed `sr` that has been fetched.
    pub async fn with_feed(self, calendar: &str) -> (Self, Upstream) {
        let site = Upstream::start();
        site.answers(Reply::ics(calendar));
        self.add_cohort("2A-SR", "public").await;
        self.add_feed("sr", "2a-sr", &site.url("/sr.ics")).await;
        self.refresh("sr").await.json(200);
        (self, site)
    }

    /// What a subscriber of the public cohort gets.
    pub async fn ics(&self) -> String {
        self.get("/calendars/2a-sr.ics").await.text(200)
    }

    pub async fn mark_stale(&self) {
        let (feeds, now) = (self.slices.feeds.clone(), self.clock.now());
        tokio::task::spawn_blocking(move || feeds.mark_stale(now)).await.unwrap().unwrap();
    }

    pub fn is_on_disk(&self) -> bool {
        self.on_disk
    }
}

impl Answer {
    /// The body as text, if this is the status.
    pub fn text(&self, status: u16) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        assert_eq!(self.status, status, "{text}");
        text
    }

    /// The body as JSON, if this is the status.
    pub fn json(&self, status: u16) -> Value {
        let text = self.text(status);
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields that a problem names, after a look at its form.
    pub fn bad_fields(&self, status: u16) -> Vec<String> {
        let problem = self.json(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["type"].is_string());
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| text(error, "field")).collect()
    }
}

fn outside(wall: DateTime<Utc>, witnesses: Witnesses) -> Outside {
    Outside { clock: Clock::manual(wall), witnesses, pause: Duration::ZERO }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

pub fn peer(addr: &str, plane: Plane) -> Peer {
    let addr: SocketAddr = addr.parse().unwrap();
    Peer { addr, tls: plane == Plane::Https, plane }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

pub fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

/// A VCALENDAR of these components, as a site prints it.
pub fn calendar(components: &[String]) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Site//EN\r\n{}END:VCALENDAR\r\n", components.concat())
}

/// An event of an hour and a half, with further lines.
pub fn event(uid: &str, start: &str, more: &[&str]) -> String {
    let start = at(start);
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let more: String = more.iter().map(|line| format!("{line}\r\n")).collect();
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{}\r\nDTEND:{}\r\n{more}END:VEVENT\r\n",
        stamp(start),
        stamp(start + TimeDelta::minutes(90)),
    )
}

/// So many events, one a day from tomorrow on.
pub fn days(count: i64) -> Vec<String> {
    let day = |n| (at(NOW) + TimeDelta::days(n)).to_rfc3339();
    (1..=count).map(|n| event(&format!("e{n}@site"), &day(n), &[&format!("SUMMARY:Cours {n}")])).collect()
}

/// The logical lines of a text.
pub fn logical(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").replace("\r\n\t", "").lines().map(str::to_owned).collect()
}

/// The logical lines of the event of a UID, in what is served.
pub fn event_lines(text: &str, uid: &str) -> Vec<String> {
    let lines = logical(text);
    let wanted = format!("UID:{uid}");
    let mut events = lines.split_inclusive(|line| line == "END:VEVENT");
    let found = events.find(|event| event.contains(&wanted)).unwrap_or_else(|| panic!("no event {uid} in {text}"));
    let begin = found.iter().position(|line| line == "BEGIN:VEVENT").unwrap();
    found[begin..].to_vec()
}

/// The value of a property of an event.
pub fn value(lines: &[String], name: &str) -> Option<String> {
    lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned))
}
