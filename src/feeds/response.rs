//! Feeds, their fetches and their changes as they go out: times as they are here, and no secret.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::feed::FormLogin;
use super::snapshot::Coming;
use super::tables::StoredChange;
use super::{Change, ChangeKind, FailureClass, Feed, FeedState, Feeds, FetchOutcome, FetchRecord, Stamp, UidRule};
use crate::clock::local;

/// A feed as it goes out: no secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FeedResponse {
    slug: String,
    cohort: Option<String>,
    url: String,
    interval: u32,
    uid: UidRule,
    login: Option<LoginResponse>,
    basic: Option<BasicResponse>,
    headers: Vec<String>,
    user_agent: Option<String>,
    stamps: Vec<Stamp>,
    allow_empty: bool,
    paused: bool,
    status: StatusResponse,
}

/// How a feed is doing, as it goes out.
#[derive(Serialize, utoipa::ToSchema)]
struct StatusResponse {
    state: &'static str,
    last_success: Option<String>,
    last_attempt: Option<String>,
    last_error: Option<String>,
    last_error_class: Option<&'static str>,
    events: usize,
    next_attempt: Option<String>,
    held: Option<HeldResponse>,
}

/// How the site is signed in at, without the password.
#[derive(Serialize, utoipa::ToSchema)]
struct LoginResponse {
    url: String,
    username: String,
    username_field: Option<String>,
    password_field: Option<String>,
    extra: BTreeMap<String, String>,
}

/// Basic authentication, without the password.
#[derive(Serialize, utoipa::ToSchema)]
struct BasicResponse {
    user: String,
}

/// The snapshot that waits for somebody's word.
#[derive(Serialize, utoipa::ToSchema)]
struct HeldResponse {
    since: String,
    /// Fetches in a row that say the same.
    agreeing: u32,
    coming: Coming,
}

/// What came of a fetch that somebody asked for.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RefreshResponse {
    /// `published` or `unchanged`.
    pub outcome: &'static str,
    /// How many events differ.
    pub changes: usize,
    /// The feed, after it.
    pub feed: FeedResponse,
}

/// A fetch as it goes out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FetchResponse {
    at: String,
    duration_ms: u64,
    bytes: usize,
    outcome: FetchOutcome,
    class: Option<FailureClass>,
    detail: Option<String>,
}

/// A difference that a fetch brought, as it goes out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ChangeResponse {
    at: String,
    kind: ChangeKind,
    uid: String,
    summary: String,
    start: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl FeedResponse {
    /// A feed, and how it is doing now.
    pub fn new(feeds: &Feeds, feed: &Feed) -> Self {
        let cohort = feeds.cohorts.directory().by_id(&feed.cohort_id).map(|cohort| cohort.slug.to_string());
        let login = feed.login.as_ref().map(|login| {
            let FormLogin { url, username, username_field, password_field, extra, .. } = login.clone();
            let extra = extra.into_iter().collect();
            LoginResponse { url: url.to_string(), username, username_field, password_field, extra }
        });
        Self {
            slug: feed.slug.to_string(),
            cohort,
            url: feed.url.to_string(),
            interval: feed.interval_secs,
            uid: feed.uid,
            login,
            basic: feed.basic.as_ref().map(|basic| BasicResponse { user: basic.user.clone() }),
            headers: feed.headers.iter().map(|(name, _)| name.clone()).collect(),
            user_agent: feed.user_agent.clone(),
            stamps: feed.stamps.clone(),
            allow_empty: feed.allow_empty,
            paused: feed.paused,
            status: StatusResponse::new(feeds, feed, &feeds.state(feed.slug.as_str())),
        }
    }
}

impl StatusResponse {
    fn new(feeds: &Feeds, feed: &Feed, state: &FeedState) -> Self {
        let time = |at: Option<DateTime<Utc>>| at.map(|at| local(at, feeds.app.zone()));
        let held = state.held.as_ref().map(|held| HeldResponse {
            since: local(held.since, feeds.app.zone()),
            agreeing: held.agreeing,
            coming: held.coming,
        });
        Self {
            state: state.word(feed, feeds.app.clock.now()).as_str(),
            last_success: time(state.last_success),
            last_attempt: time(state.last_attempt),
            last_error: state.last_error.as_ref().map(|error| error.detail.clone()),
            last_error_class: state.last_error.as_ref().map(|error| error.class.as_str()),
            events: state.events,
            next_attempt: time(state.next_attempt.filter(|_| !feed.paused)),
            held,
        }
    }
}

impl FetchResponse {
    /// A fetch with its time as it is here.
    pub fn new(fetch: &FetchRecord, zone: Tz) -> Self {
        let FetchRecord { at, duration_ms, bytes, outcome, class, detail } = fetch.clone();
        Self { at: local(at, zone), duration_ms, bytes, outcome, class, detail }
    }
}

impl ChangeResponse {
    /// A change with its times as they are here.
    pub fn new(StoredChange { at, change }: StoredChange, zone: Tz) -> Self {
        let Change { kind, uid, summary, start, before, after } = change;
        let start = start.map(|at| local(at, zone));
        Self { at: local(at, zone), kind, uid, summary, start, before, after }
    }
}
