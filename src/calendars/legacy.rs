//! The addresses of the proxy that Carillon replaces, as phones hold them: `GET /{section}?token=`, and the list of
//! sections.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::api::{CalendarQuery, no_good_key};
use super::key::Shown;
use super::{Calendar, Calendars, Format};
use crate::actor::{Actor, Caller};
use crate::http::page::trouble::wants_page;
use crate::http::{Path, Problem, Query};
use crate::net::{Peer, Plane};

/// `GET /{section}?token=`. Any other address of one segment ends here too; a browser is told that there is nothing.
pub async fn get_section(
    State(calendars): State<Calendars>,
    caller: Caller,
    Path(section): Path<String>,
    Query(query): Query<CalendarQuery>,
    peer: Option<axum::Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shown = Shown::of(&headers, query.token.as_deref());
    if matches!(shown, Shown::Nothing) && wants_page(&headers) {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let holder = calendars.holder(shown, caller.ip);
    if holder == Actor::Nobody
        || (peer.is_some_and(|peer| calendars.is_plain(&peer)) && !calendars.is_imported(&holder))
    {
        return Err(no_good_key());
    }
    let directory = calendars.feeds.cohorts.directory();
    let cohort = directory.find(&section).ok_or_else(|| Problem::not_found("section", &section))?;
    if !Calendars::may_read(&holder, cohort) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this key does not open this calendar"));
    }
    calendars.hand_out(&Calendar::of(cohort), Format::Ics, &headers).await
}

impl Calendars {
    /// Is this a port on which only phones of old are served: an extra one, or the plain one beside HTTPS?
    fn is_plain(&self, peer: &Peer) -> bool {
        match peer.plane {
            Plane::HttpExtra => true,
            Plane::Http => self.feeds.app.config().listen.https.is_some(),
            Plane::Https | Plane::Control => false,
        }
    }

    /// Was this key brought in from the replaced proxy?
    pub fn is_imported(&self, holder: &Actor) -> bool {
        matches!(holder, Actor::Subscriber { id, .. } if self.accounts.is_imported(id))
    }

    /// `{"sections":[…]}`: the public cohorts by name; with a good key each that it opens.
    pub fn sections(&self, headers: &HeaderMap, token: Option<&str>, caller: &Caller) -> Value {
        let holder = self.holder(Shown::of(headers, token), caller.ip);
        let directory = self.feeds.cohorts.directory();
        let seen = directory.all().iter().filter(|cohort| Self::may_read(&holder, cohort));
        json!({"sections": seen.map(|cohort| cohort.name.as_str()).collect::<Vec<_>>()})
    }
}
