//! `/events/new`: an event, or a weekly series.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::Deserialize;

use super::desk::bound_to;
use super::read::{request_of, settled};
use super::sheet::{Of, Sheet};
use crate::http::{Mistakes, PageProblem, Query, Typed, Visit};
use crate::timetable::Timetable;
use crate::timetable::events::rights::must_change_some;
use crate::timetable::events::rules::create_events;
use crate::words::Notice;

/// How long an event is, where nobody says.
const USUAL_MINUTES: i64 = 90;

/// What the form begins with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewEventQuery {
    cohort: Option<String>,
    room: Option<String>,
    teacher: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

/// The form, with what the address says.
pub async fn show_new_event(
    State(timetable): State<Timetable>,
    visit: Visit,
    Query(query): Query<NewEventQuery>,
) -> Result<Response, PageProblem> {
    must_change_some(&visit.caller)?;
    let typed = first_typed(&timetable, &visit, &query);
    Sheet::new(Of::New, typed).answer(&timetable, &visit).await
}

/// What is asked for by the address, as far as it is something.
fn first_typed(timetable: &Timetable, visit: &Visit, query: &NewEventQuery) -> Typed {
    let names = timetable.names();
    let room = query.room.as_deref().and_then(|name| names.rooms.find(name)).map(|room| room.slug.to_string());
    let cohort =
        query.cohort.as_deref().and_then(|name| names.cohorts.find(name)).map(|cohort| cohort.slug.to_string());
    let teacher = bound_to(&visit.caller).or(query.teacher.as_deref()).and_then(|login| names.teacher(login));
    let mut typed = Typed::new().with("scope", "this").with("status", "confirmed");
    typed = room.into_iter().fold(typed, |typed, room| typed.with("room", room));
    typed = cohort.into_iter().fold(typed, |typed, cohort| typed.with("cohorts", cohort));
    typed = teacher.into_iter().fold(typed, |typed, user| typed.with("teacher", user.login.as_str()));
    let Some(start) = query.start.as_deref().and_then(|text| wall(text, visit)) else {
        let day = query.start.as_deref().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        return day.into_iter().fold(typed, |typed, day| typed.with("date", day));
    };
    let end = query.end.as_deref().and_then(|text| wall(text, visit)).filter(|end| *end > start);
    let end = end.unwrap_or(start + TimeDelta::minutes(USUAL_MINUTES));
    let typed = typed.with("date", start.date()).with("start", start.format("%H:%M")).with("end", end.format("%H:%M"));
    if end.date() == start.date() { typed } else { typed.with("end_date", end.date()) }
}

/// A time on the wall here, with or without an offset.
fn wall(text: &str, visit: &Visit) -> Option<NaiveDateTime> {
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let plain = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let years = |at: &NaiveDateTime| (1970..2999).contains(&chrono::Datelike::year(at));
    let there =
        || Some(chrono::DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&visit.app.zone()).naive_local());
    plain.or_else(there).filter(years)
}

/// Makes the event or the series, or shows the form again.
pub async fn submit_new_event(
    State(timetable): State<Timetable>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    must_change_some(&visit.caller)?;
    let typed = settled(&typed);
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, &visit, &mut mistakes);
    if mistakes.any() {
        return Sheet { mistakes, ..Sheet::new(Of::New, typed) }.answer(&timetable, &visit).await;
    }
    let made = timetable.change(visit.caller.clone(), move |tx, scene| create_events(tx, scene, &request)).await;
    let (series, events) = match made {
        Ok(made) => made,
        Err(error) => return Sheet::refused(Of::New, typed, error, &visit)?.answer(&timetable, &visit).await,
    };
    let notice = if series.is_some() { Notice::SeriesMade } else { Notice::EventMade };
    let path = events.first().map_or("/".to_owned(), |event| format!("/events/{}", event.id));
    Ok(visit.then(&path, notice).undo(&format!("{path}/undo")).into_response())
}
