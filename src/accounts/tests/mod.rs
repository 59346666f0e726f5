//! Tests of the slice through its router, with a store in memory and a clock in the test's hand.

mod access;
mod commands;
mod sign_in;
mod tokens;
mod users;

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use chrono::DateTime;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::actor::{Caller, Role};
use crate::audit::{ENTRIES, Entry};
use crate::clock::Clock;
use crate::cohorts::{CreateCohortRequest, Visibility, create_cohort};
use crate::config::{ClockTrust, Config};
use crate::feeds::Feeds;
use crate::feeds::site::Sites;
use crate::fetch::{FetchConfig, Fetcher};
use crate::seal::Sealer;
use crate::secret::Secret;
use crate::store::{Read, Store, StoreError};
use crate::timekeeping::Witnesses;
use crate::timetable::{self, Timetable};

const PASSWORD: &str = "correct horse";

/// An appliance with two cohorts, `2a-sr` and `m2`, on 2026-11-21 at 10:00 UTC.
struct School {
    accounts: Accounts,
    /// Removes users, with what hangs on them.
    timetable: Timetable,
    clock: Clock,
    dir: tempfile::TempDir,
}

/// An answer, read.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
    json: Value,
}

impl School {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse::<DateTime<chrono::Utc>>().unwrap());
        let mut config = Config::built_in(dir.path()).unwrap();
        config.public_url = Some("https://cafe.example.org".parse().unwrap());
        config.clock = ClockTrust::Always;
        let fetcher = Fetcher::new(FetchConfig::default()).unwrap();
        let store = Store::in_memory().unwrap();
        let app = App::new(fetcher, config, store, clock.clone(), Witnesses::none()).unwrap();
        for name in ["2A-SR", "M2"] {
            let new = CreateCohortRequest { slug: None, name: name.into(), visibility: Visibility::Token };
            app.store.write_now(|tx| create_cohort(tx, &Caller::cli("test"), &clock, &new)).unwrap();
        }
        let cohorts = Cohorts::open(app.clone()).unwrap();
        let sites = Sites::new(Arc::clone(&app.fetcher), Duration::ZERO);
        let accounts = Accounts::open(app, cohorts).unwrap();
        let feeds = Feeds::open(accounts.clone(), Sealer::ephemeral().unwrap(), sites).unwrap();
        Self { timetable: Timetable::open(accounts.clone(), feeds).unwrap(), accounts, clock, dir }
    }

    /// With an administrator `ada`, and `teo` and `sam`, a teacher and a student of `2a-sr`; all with [`PASSWORD`].
    async fn with_people() -> Self {
        let school = Self::new();
        for (login, role) in [("ada", "admin"), ("teo", "teacher"), ("sam", "student")] {
            school.add(login, role).await;
        }
        school
    }

    async fn add(&self, login: &str, role: &str) -> Value {
        let new = json!({
            "login": login, "name": login, "email": format!("{login}@example.org"), "roles": [role],
            "cohorts": ["2A-SR"], "password": PASSWORD,
        });
        self.cli("POST", "/api/v1/users", new).await.ok(201)
    }

    fn cohort(&self, slug: &str) -> String {
        self.accounts.cohorts.directory().find(slug).unwrap().id.clone()
    }

    /// A user as the router's middleware would find them.
    fn user(&self, login: &str) -> Actor {
        self.accounts.people().find(login).unwrap().actor()
    }

    fn record(&self, login: &str) -> Arc<User> {
        Arc::clone(self.accounts.people().find(login).unwrap())
    }

    async fn cli(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call(Actor::Cli("pi".into()), method, path, body).await
    }

    async fn call(&self, actor: Actor, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(actor, method, path, &[("content-type", "application/json")], body).await
    }

    async fn send(&self, actor: Actor, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(Method::try_from(method).unwrap()).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        let ip = Some("192.0.2.7".parse().unwrap());
        request.extensions_mut().insert(Caller::new(actor, ip));
        let response = self.routes().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, json }
    }

    fn routes(&self) -> axum::Router {
        let accounts = routes().with_state(self.accounts.clone());
        accounts.merge(timetable::routes().with_state(self.timetable.clone())).into()
    }

    async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let form = [("username", username), ("password", password), ("grant_type", "password")];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Actor::Nobody, "POST", "/api/v1/auth/token", &headers, form).await
    }

    /// The access token of somebody with [`PASSWORD`].
    async fn access_token(&self, login: &str) -> String {
        let signed_in = self.sign_in(login, PASSWORD).await.ok(200);
        signed_in["access_token"].as_str().unwrap().to_owned()
    }

    async fn create_token(&self, body: Value) -> Value {
        self.cli("POST", "/api/v1/tokens", body).await.ok(201)
    }

    fn audit(&self) -> Vec<Entry> {
        self.accounts.app.store.read_now::<_, StoreError>(|tx| tx.list(&ENTRIES)).unwrap()
    }

    /// The actions of the audit since so many entries.
    fn actions_since(&self, skip: usize) -> Vec<String> {
        self.audit().into_iter().skip(skip).map(|entry| entry.action).collect()
    }
}

impl Answer {
    /// The body, if this is the status.
    fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// The field that the first error names.
    fn bad_field(&self) -> &str {
        self.json["errors"][0]["field"].as_str().unwrap_or_default()
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn new_admin(login: &str) -> CreateUserRequest {
    serde_json::from_value(json!({"login": login, "name": "Ada", "password": PASSWORD})).unwrap()
}
