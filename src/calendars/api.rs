//! The addresses that phones hold: `/s/{token}/…` and `/calendars/…`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::cache::Head;
use super::key::Shown;
use super::{Calendar, Calendars, Format, legacy};
use crate::actor::{Actor, Caller, Deed, Reach};
use crate::cohorts::Cohort;
use crate::http::caching::{accepts_gzip, not_modified};
use crate::http::{Path, Problem, Query};

const STALE: HeaderName = HeaderName::from_static("x-carillon-stale");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The routes of calendars.
pub fn routes() -> Router<Calendars> {
    Router::new()
        .route("/s/{token}", get(get_everything))
        .route("/s/{token}/{*calendar}", get(get_subscribed_calendar))
        .route("/calendars/{*calendar}", get(get_calendar))
        .route("/{section}", get(legacy::get_section))
}

/// The query of a calendar. Clients and link checkers add their own: what is not known is left alone.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// The key, where it stands nowhere else.
    pub token: Option<String>,
    /// `excel`: a byte-order mark and semicolons.
    #[serde(rename = "for")]
    pub dialect: Option<String>,
}

async fn get_subscribed_calendar(
    State(calendars): State<Calendars>,
    caller: Caller,
    Path((token, file)): Path<(String, String)>,
    Query(query): Query<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let holder = calendars.holder(Shown::Token(&token), caller.ip);
    if holder == Actor::Nobody {
        return Err(no_good_key());
    }
    let (calendar, format) = calendars.wanted(&holder, &file, &query)?;
    calendars.hand_out(&calendar, format, &headers).await
}

async fn get_calendar(
    State(calendars): State<Calendars>,
    caller: Caller,
    Path(file): Path<String>,
    Query(query): Query<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let holder = calendars.holder(Shown::of(&headers, query.token.as_deref()), caller.ip);
    let (calendar, format) = calendars.wanted(&holder, &file, &query)?;
    calendars.hand_out(&calendar, format, &headers).await
}

async fn get_everything(
    State(calendars): State<Calendars>,
    caller: Caller,
    Path(file): Path<String>,
    Query(query): Query<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let named = parsed(&file, &query);
    let token = named.map_or(file.as_str(), |(token, _)| token);
    let Actor::Subscriber { cohorts, .. } = calendars.holder(Shown::Token(token), caller.ip) else {
        return Err(no_good_key());
    };
    let told = "this key is good, and what stands behind it is no calendar: end the address in .ics or .csv";
    let (_, format) = named.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, told))?;
    let directory = calendars.feeds.cohorts.directory();
    let opens = |cohort: &&Arc<Cohort>| cohorts.as_ref().is_none_or(|ids| ids.contains(&cohort.id));
    let ids: Vec<_> = directory.all().iter().filter(opens).map(|cohort| cohort.id.clone()).collect();
    // A list that was emptied opens nothing: an empty calendar would wipe the phone.
    if cohorts.is_some() && ids.is_empty() {
        return Err(not_opened());
    }
    calendars.hand_out(&Calendar::Cohorts(ids), format, &headers).await
}

/// `m2-fesup.ics` is a name and a form.
fn parsed<'a>(file: &'a str, query: &CalendarQuery) -> Option<(&'a str, Format)> {
    match file.rsplit_once('.')? {
        (name, "ics") => Some((name, Format::Ics)),
        (name, "csv") => Some((name, Format::csv(query.dialect.as_deref()))),
        _ => None,
    }
}

/// 401: closed and unknown calendars alike, so that nobody learns which there are.
pub fn no_good_key() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "this calendar needs a key, and this is not a good one")
}

fn not_opened() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "this key does not open this calendar")
}

/// What is not there, told to whoever has a good key.
fn unknown(holder: &Actor, name: &str) -> Problem {
    match holder {
        Actor::Nobody => no_good_key(),
        _ => Problem::not_found("calendar", name),
    }
}

/// A calendar that is there, if this holder may have it.
fn opened(holder: &Actor, may: bool, calendar: Calendar) -> Result<Calendar, Problem> {
    match (may, holder) {
        (true, _) => Ok(calendar),
        (false, Actor::Nobody) => Err(no_good_key()),
        (false, _) => Err(not_opened()),
    }
}

impl Calendars {
    /// The calendar that a file name means, if this holder may have it.
    fn wanted(&self, holder: &Actor, file: &str, query: &CalendarQuery) -> Result<(Calendar, Format), Problem> {
        let (name, format) = parsed(file, query).ok_or_else(|| unknown(holder, file))?;
        let calendar = match name.split_once('/') {
            None if name == "all" => opened(holder, holder.reach(Deed::ReadWideCalendar) == Reach::All, Calendar::All),
            None => self.of_cohort(holder, name),
            Some(("rooms", room)) => self.of_room(holder, room),
            Some(("teachers", login)) => self.of_teacher(holder, login),
            Some(_) => Err(unknown(holder, file)),
        };
        calendar.map(|calendar| (calendar, format))
    }

    /// A cohort's, by any name of it.
    pub(super) fn of_cohort(&self, holder: &Actor, name: &str) -> Result<Calendar, Problem> {
        let directory = self.feeds.cohorts.directory();
        let cohort = directory.find(name).ok_or_else(|| unknown(holder, name))?;
        opened(holder, Self::may_read(holder, cohort), Calendar::of(cohort))
    }

    /// A room's, by any name of it.
    pub(super) fn of_room(&self, holder: &Actor, name: &str) -> Result<Calendar, Problem> {
        let names = self.timetable.names();
        let room = names.rooms.find(name).ok_or_else(|| unknown(holder, name))?;
        opened(holder, holder.reach(Deed::ReadTimetable) == Reach::All, Calendar::Room(room.id.clone()))
    }

    /// A teacher's, by their login.
    pub(super) fn of_teacher(&self, holder: &Actor, login: &str) -> Result<Calendar, Problem> {
        let names = self.timetable.names();
        let login = names.teacher(login).map(|user| user.login.to_string()).ok_or_else(|| unknown(holder, login))?;
        opened(holder, holder.may_read_teacher(&login), Calendar::Teacher(login))
    }

    /// The answer: 304 where the client has it, else the bytes, compressed where it takes that.
    pub async fn hand_out(
        &self,
        calendar: &Calendar,
        format: Format,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let gzip = accepts_gzip(headers);
        let ready = self.ready(calendar, format).await?;
        let head = &ready.head;
        let mut response = match not_modified(headers, head.tags.each_ref().map(String::as_str), head.last_modified) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false if gzip => compressed(with_body(head, ready.gzip.clone())),
            false => with_body(head, self.plain(Arc::clone(&ready), calendar, format).await?),
        };
        add_headers(response.headers_mut(), head, gzip);
        if let Some(since) = head.stale_since {
            let secs = (self.feeds.app.clock.now() - since).num_seconds().max(0);
            response.headers_mut().insert(STALE, HeaderValue::from(secs));
        }
        Ok(response)
    }
}

/// The bytes are shared, not copied.
fn with_body(head: &Head, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, head.content_type.clone());
    headers.insert(header::CONTENT_DISPOSITION, head.disposition.clone());
    response
}

fn compressed(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

fn add_headers(headers: &mut HeaderMap, head: &Head, gzip: bool) {
    let [plain, compressed] = &head.tag_values;
    headers.insert(header::ETAG, if gzip { compressed } else { plain }.clone());
    headers.insert(header::LAST_MODIFIED, head.last_modified_value.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300, must-revalidate"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
}
