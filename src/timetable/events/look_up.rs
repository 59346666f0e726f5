//! `GET /api/v1/events` and one of them: our own and feeds', as far as the caller may see.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::list::{Filter, list_events as list};
use super::response::{EventResponse, feed_response};
use super::rights::{may_read, must_read};
use crate::actor::Caller;
use crate::cohorts::Cohort;
use crate::http::{Json, Listing, Page, Path, Problem, Query, Tag, Tagged};
use crate::store::ReadTx;
use crate::timetable::archive::find_on;
use crate::timetable::feed_events::read_texts;
use crate::timetable::tables::{Shelf, find_event};
use crate::timetable::when::{Edge, read_edge};
use crate::timetable::{Flaws, Scene, Timetable, TimetableError};

/// What may be asked of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// A cohort, by slug or alias.
    cohort: Option<String>,
    /// A room, by name, slug or alias.
    room: Option<String>,
    /// A teacher, by login.
    teacher: Option<String>,
    series: Option<String>,
    subject: Option<String>,
    kind: Option<String>,
    /// What ends after this day or instant.
    from: Option<String>,
    to: Option<String>,
    /// Those that a roll-over has archived, instead of those on the timetable.
    #[serde(default)]
    archived: bool,
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The cursor of the last answer.
    after: Option<String>,
}

impl EventQuery {
    /// Does it ask for one page?
    pub fn is_of_a_page(&self) -> bool {
        self.limit.is_some() || self.after.is_some()
    }
}

/// Lists events, our own and feeds', by their starts.
#[utoipa::path(get, path = "/api/v1/events", params(EventQuery), responses((status = 200, body = Page<EventResponse>), (status = 422)))]
pub async fn list_events(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(query): Query<EventQuery>,
) -> Result<Json<Page<EventResponse>>, Problem> {
    must_read(&caller)?;
    let limit = Listing { limit: query.limit, after: None }.limit()?;
    let filter = timetable.filter_of(&caller, query)?;
    let read = timetable.clone();
    let listed = move |tx: &_| list(tx, &read.scene(tx, &caller)?, &filter, limit + 1);
    let mut items = timetable.app.store.read(listed).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).and_then(cursor_of);
    Ok(Json(Page { items, next }))
}

/// A place in a list: seconds and an id.
fn cursor_of(event: &EventResponse) -> Option<String> {
    let start = DateTime::parse_from_rfc3339(&event.start).ok()?;
    Some(format!("{}.{}", start.timestamp(), event.id))
}

fn read_cursor(text: &str) -> Option<(DateTime<Utc>, String)> {
    let (start, id) = text.split_once('.')?;
    Some((DateTime::from_timestamp(start.parse().ok()?, 0)?, id.to_owned()))
}

impl Timetable {
    pub(in crate::timetable) fn filter_of(&self, caller: &Caller, query: EventQuery) -> Result<Filter, TimetableError> {
        let (names, mut flaws) = (self.names(), Flaws::default());
        let unknown =
            |flaws: &mut Flaws, field, name: &str| flaws.senseless(field, format!("there is no {field} {name:?}"));
        // To a student a cohort that is not theirs is as if it were not there.
        let seen = |cohort: &&std::sync::Arc<Cohort>| may_read(caller, std::slice::from_ref(&cohort.id));
        let cohort = query.cohort.map(|name| {
            let found = names.cohorts.find(&name).filter(seen);
            found
                .map(|cohort| cohort.id.clone())
                .ok_or_else(|| unknown(&mut flaws, "cohort", &name))
                .unwrap_or_default()
        });
        let room = query.room.map(|name| {
            let found = names.rooms.find(&name);
            found.map(|room| room.id.clone()).ok_or_else(|| unknown(&mut flaws, "room", &name)).unwrap_or_default()
        });
        let teacher = query.teacher.map(|name| {
            let found = names.people.find(&name);
            found
                .map(|user| user.login.to_string())
                .ok_or_else(|| unknown(&mut flaws, "teacher", &name))
                .unwrap_or_default()
        });
        let mut edge = |field, text: &Option<String>, edge| {
            text.as_deref().and_then(|text| read_edge(&mut flaws, field, text, (names.zone, edge)))
        };
        let (from, to) = (edge("from", &query.from, Edge::Begin), edge("to", &query.to, Edge::End));
        let after = query.after.as_deref().map(read_cursor);
        if after == Some(None) {
            flaws.malformed("after", "the `next` of the last answer");
        }
        flaws.check()?;
        Ok(Filter {
            cohort,
            room,
            teacher,
            series: query.series,
            subject: query.subject.map(|subject| subject.to_lowercase()),
            kind: query.kind.map(|kind| kind.trim().to_lowercase()),
            from: from.unwrap_or(DateTime::<Utc>::MIN_UTC),
            to: to.unwrap_or(DateTime::<Utc>::MAX_UTC),
            shelf: if query.archived { Shelf::Archive } else { Shelf::Timetable },
            after: after.flatten(),
        })
    }
}

/// Tells of an event, our own or a feed's; of an archived one too.
#[utoipa::path(get, path = "/api/v1/events/{id}", responses((status = 200, body = EventResponse)))]
pub async fn get_event(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged<EventResponse>, Problem> {
    must_read(&caller)?;
    let read = timetable.clone();
    let found = timetable.app.store.read(move |tx| find_response(tx, &read.scene(tx, &caller)?, &id)).await?;
    Ok(found)
}

/// An event as it goes out, if the caller may see it; an archived one too.
pub(super) fn find_response(tx: &ReadTx, scene: &Scene, id: &str) -> Result<Tagged<EventResponse>, TimetableError> {
    let unknown = || TimetableError::UnknownEvent(id.to_owned());
    if let Some(event) = scene.feeds.find(id) {
        if !may_read(&scene.caller, std::slice::from_ref(&event.feed.cohort_id)) {
            return Err(unknown());
        }
        let text = read_texts(tx, &[event])?.pop().unwrap_or_default();
        let response = feed_response(&event, text, &scene.names);
        return Ok(Tagged(Tag::of(&response), response));
    }
    let found = match find_event(tx, id)? {
        None => find_on(tx, Shelf::Archive, id)?,
        found => found,
    };
    let event = found.filter(|event| may_read(&scene.caller, &event.cohorts)).ok_or_else(unknown)?;
    Ok(Tagged(Tag::of(&event), EventResponse::seen(&event, scene)))
}
