//! The pages of calendars: the front page, what is on in a cohort, in a room, with a teacher; a cohort's download and a
//! personal address.

mod boards;
mod freshness;
mod subscribe;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::api::CalendarQuery;
use super::{Calendar, Calendars, Format};
use crate::accounts::{AccountError, CreateOwnTokenRequest};
use crate::actor::{Actor, Deed, Denied, Reach};
use crate::app::App;
use crate::cohorts::Cohort;
use crate::http::page::trouble::wants_page;
use crate::http::{Json, PageProblem, Problem, Visit};
use freshness::Freshness;

/// The routes.
pub(super) fn routes() -> Router<Calendars> {
    Router::new()
        .route("/", get(show_front))
        .route("/week", get(boards::show_everything))
        .route("/c/{slug}", get(boards::show_cohort))
        .route("/rooms/{slug}", get(boards::show_room))
        .route("/teachers/{login}", get(boards::show_teacher))
        .route("/c/{slug}/calendar.ics", get(download_calendar))
        .route("/c/{slug}/address", post(submit_address))
}

impl FromRef<Calendars> for App {
    fn from_ref(calendars: &Calendars) -> Self {
        calendars.feeds.app.clone()
    }
}

/// The front page; the list of sections for programs that the replaced proxy had.
async fn show_front(
    State(calendars): State<Calendars>,
    visit: Visit,
    Query(query): Query<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let token = query.token.as_deref();
    if token.is_some() || headers.contains_key(header::AUTHORIZATION) || wants_json(&headers) {
        return Ok(Json(calendars.sections(&headers, token, &visit.caller)).into_response());
    }
    front_page(&calendars, &visit).await
}

/// Is JSON asked for by its name, and HTML not? `*/*` asks for a page.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !wants_page(headers)
}

async fn front_page(calendars: &Calendars, visit: &Visit) -> Result<Response, PageProblem> {
    let words = visit.words;
    let directory = calendars.feeds.cohorts.directory();
    let may_read = |cohort: &&Cohort| Calendars::may_read(&visit.caller.actor, cohort);
    let open: Vec<&Cohort> = directory.all().iter().map(Arc::as_ref).filter(may_read).collect();
    let freshness = calendars.freshness(&open, visit.now).await?;
    Ok(visit.page(
        "Carillon",
        html! {
            h1 { (words.front.title) }
            p .lead { (words.front.text) }
            @if calendars.accounts.needs_setup() { p .note.warn { (words.front.not_set_up) } }
            section aria-labelledby="calendars" {
                h2 #calendars { (words.front.calendars) }
                @if open.is_empty() { p { (if visit.login().is_some() { words.front.none_yours } else { words.front.none_public }) } }
                ul .cohorts { @for (cohort, fresh) in open.iter().zip(freshness) { (entry(cohort, fresh, visit)) } }
            }
            (further(calendars, visit))
            @if visit.login().is_none() {
                p .muted { (words.front.more_inside) " " a href="/login" { (words.shell.sign_in) } "." }
            }
        },
    ))
}

/// What else there is to look at: one's own classes, and the rooms.
fn further(calendars: &Calendars, visit: &Visit) -> Markup {
    let (words, names) = (visit.words, calendars.timetable.names());
    let own = visit.login().filter(|login| names.teacher(login).is_some());
    let sees_rooms = visit.caller.actor.reach(Deed::ReadTimetable) == Reach::All && !names.rooms.all().is_empty();
    html! {
        @if let Some(login) = own { p .actions { a .button href=(format!("/teachers/{login}")) { (words.views.my_lessons) } } }
        @if sees_rooms {
            section aria-labelledby="rooms" {
                h2 #rooms { (words.views.rooms) }
                ul .rooms { @for room in names.rooms.all() { li { a href=(format!("/rooms/{}", room.slug)) { bdi { (room.name) } } } } }
            }
        }
    }
}

fn entry(cohort: &Cohort, fresh: Freshness, visit: &Visit) -> Markup {
    html! {
        li {
            a href=(format!("/c/{}", cohort.slug)) { (cohort.name) }
            @if !cohort.is_public() { " " span .tag { (visit.words.front.closed) } }
            (fresh.line(visit))
        }
    }
}

/// A page's own download: the cookie of a session opens no address that phones hold.
async fn download_calendar(
    State(calendars): State<Calendars>,
    visit: Visit,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let cohort = calendars.readable(&visit, &slug)?;
    let mut response = calendars.hand_out(&Calendar::of(&cohort), Format::Ics, &headers).await?;
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{}.ics\"", cohort.slug));
    response.headers_mut().extend(disposition.ok().map(|value| (header::CONTENT_DISPOSITION, value)));
    Ok(response)
}

/// Makes a personal address and shows it, once. Answered without a redirect: nothing but this answer ever knows it.
async fn submit_address(
    State(calendars): State<Calendars>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let cohort = calendars.readable(&visit, &slug)?;
    let name = calendars.free_token_name(&visit, &cohort).ok_or(Denied::SignIn)?;
    let new = CreateOwnTokenRequest { name, cohorts: Some(vec![cohort.slug.to_string()]) };
    match calendars.accounts.create_own_token(visit.caller.clone(), new).await {
        Ok(issued) => {
            let urls = calendars.accounts.urls(&issued);
            let address = urls.first().map(String::as_str).unwrap_or_default();
            Ok(subscribe::address_page(&cohort, address, &visit))
        }
        Err(AccountError::TooManyOwnTokens(_)) => {
            Ok((StatusCode::CONFLICT, subscribe::too_many_page(&cohort, &visit)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// May they make an address for themselves?
fn may_have_address(visit: &Visit) -> bool {
    visit.login().is_some() && visit.caller.actor.reach(Deed::OwnTokens) > Reach::Nothing
}

impl Calendars {
    /// The cohort of a page, if whoever looks may read it. To a stranger, closed and unknown ones are alike: they are
    /// asked to sign in.
    fn readable(&self, visit: &Visit, slug: &str) -> Result<Arc<Cohort>, Problem> {
        let actor = &visit.caller.actor;
        let found = self.feeds.cohorts.directory().find(slug).cloned();
        match found {
            Some(cohort) if Self::may_read(actor, &cohort) => Ok(cohort),
            _ if *actor == Actor::Nobody => Err(Denied::SignIn.into()),
            Some(_) => Err(Denied::NotAllowed.into()),
            None => Err(Problem::not_found("cohort", slug)),
        }
    }

    /// A name for one more token of somebody's own: names are unique among all live tokens.
    fn free_token_name(&self, visit: &Visit, cohort: &Cohort) -> Option<String> {
        let (login, keyring) = (visit.login()?, self.accounts.keyring());
        let names = (1..).map(|number| format!("{login} {} {number}", cohort.slug));
        names.take(1000).find(|name| keyring.find(name, &visit.app.clock).is_none())
    }
}
