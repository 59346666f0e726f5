//! The pages that show a timetable: a cohort's, a room's, a teacher's, and everything that somebody may see.
//!
//! Each asks the table of rights as the calendar of the same does, then opens a board.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{DateTime, Datelike, Days, Utc};
use maud::{Markup, html};

use super::freshness::stale_sources;
use super::subscribe;
use crate::actor::{Actor, Deed, Denied, Reach};
use crate::calendars::own::whose;
use crate::calendars::views::{Asked, Board, Said, View, ViewQuery};
use crate::calendars::{Calendar, Calendars};
use crate::http::{PageProblem, Visit};
use crate::store::StoreError;
use crate::timetable::{ShownEvent, list_shown};

/// `GET /c/{slug}`
pub(super) async fn show_cohort(
    State(calendars): State<Calendars>,
    visit: Visit,
    Path(slug): Path<String>,
    Query(query): Query<ViewQuery>,
) -> Result<Response, PageProblem> {
    let cohort = calendars.readable(&visit, &slug)?;
    let new_event = vec![("cohort", cohort.slug.to_string())];
    let path = format!("/c/{}", cohort.slug);
    let board = calendars.board(&visit, Calendar::of(&cohort), (&cohort.name, path), query).await?;
    let board = Board { new_event: new_event_of(&visit, new_event), ..board };
    let freshness = calendars.freshness(&[&cohort], visit.now).await?;
    let head = html! {
        @for fresh in freshness { (fresh.line(&visit)) }
        a .button.jump href="#subscribe" { (visit.words.subscribe.title) }
    };
    Ok(page(&board, &head, &subscribe::section(&cohort, &visit)))
}

/// `GET /rooms/{slug}`
pub(super) async fn show_room(
    State(calendars): State<Calendars>,
    visit: Visit,
    Path(slug): Path<String>,
    Query(query): Query<ViewQuery>,
) -> Result<Response, PageProblem> {
    let calendar = calendars.of_room(&visit.caller.actor, &slug)?;
    let names = calendars.timetable.names();
    let room = names.rooms.find(&slug).ok_or(Denied::NotAllowed)?;
    let new_event = vec![("room", room.slug.to_string())];
    let board = calendars.board(&visit, calendar, (&room.name, format!("/rooms/{}", room.slug)), query).await?;
    let board = Board { new_event: new_event_of(&visit, new_event), ..board };
    let facts = [room.kind.clone(), room.capacity.map(|seats| visit.words.seats(seats)).unwrap_or_default()];
    let facts = facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ");
    let head = html! { p .muted { (facts) } (stale_sources(&calendars, &board.events, &visit)) };
    Ok(page(&board, &head, &html! {}))
}

/// `GET /teachers/{login}`
pub(super) async fn show_teacher(
    State(calendars): State<Calendars>,
    visit: Visit,
    Path(login): Path<String>,
    Query(query): Query<ViewQuery>,
) -> Result<Response, PageProblem> {
    let calendar = calendars.of_teacher(&visit.caller.actor, &login)?;
    let names = calendars.timetable.names();
    let user = names.teacher(&login).ok_or(Denied::NotAllowed)?;
    let new_event = vec![("teacher", user.login.to_string())];
    let board = calendars.board(&visit, calendar, (&user.name, format!("/teachers/{}", user.login)), query).await?;
    let board = Board { new_event: may_make(&visit).then_some(new_event), ..board };
    Ok(page(&board, &html! {}, &html! {}))
}

/// `GET /week`: everything for staff, a student's cohorts for a student.
pub(super) async fn show_everything(
    State(calendars): State<Calendars>,
    visit: Visit,
    Query(query): Query<ViewQuery>,
) -> Result<Response, PageProblem> {
    let calendar = match (visit.caller.actor.reach(Deed::ReadTimetable), &visit.caller.actor) {
        (Reach::All, _) => Calendar::All,
        (Reach::Own, Actor::User { cohorts, .. }) => Calendar::Cohorts(cohorts.clone()),
        _ => return Err(visit.caller.actor.must(Deed::ReadTimetable).err().unwrap_or(Denied::NotAllowed).into()),
    };
    let title = if calendar == Calendar::All { visit.words.views.everything } else { visit.words.views.my_week };
    let board = calendars.board(&visit, calendar, (title, "/week".to_owned()), query).await?;
    let board = Board { new_event: new_event_of(&visit, Vec::new()), ..board };
    let head = stale_sources(&calendars, &board.events, &visit);
    Ok(page(&board, &head, &html! {}))
}

fn page(board: &Board<'_>, head: &Markup, below: &Markup) -> Response {
    let main = html! {
        div .title { h1 { bdi { (board.title) } } (head) }
        (board.draw())
        (below)
    };
    board.visit.page(board.title, main)
}

fn may_make(visit: &Visit) -> bool {
    visit.caller.actor.reach(Deed::ChangeEvents) > Reach::Nothing
}

/// What a new event is of; a teacher makes their own.
fn new_event_of(visit: &Visit, mut fields: Vec<(&'static str, String)>) -> Option<Vec<(&'static str, String)>> {
    if visit.caller.actor.reach(Deed::ChangeEvents) == Reach::Own {
        fields.extend(visit.login().map(|login| ("teacher", login.to_owned())));
    }
    may_make(visit).then_some(fields)
}

impl Calendars {
    /// The board of a calendar that the visitor may see, by its title and the path of its page.
    async fn board<'v>(
        &self,
        visit: &'v Visit,
        calendar: Calendar,
        (title, path): (&'v str, String),
        query: ViewQuery,
    ) -> Result<Board<'v>, StoreError> {
        let mut asked = Asked::read(query, visit.today());
        let mut events = self.shown(visit, &calendar, &asked).await?;
        if is_over(&asked, &events, visit.now)
            && let Some(monday) = asked.date.checked_add_days(Days::new(7))
        {
            asked.date = monday;
            events = self.shown(visit, &calendar, &asked).await?;
        }
        let names = self.timetable.names();
        Ok(Board { calendar, title, path, asked, events, names, visit, new_event: None })
    }

    async fn shown(&self, visit: &Visit, calendar: &Calendar, asked: &Asked) -> Result<Vec<ShownEvent>, StoreError> {
        let (timetable, caller, calendar) = (self.timetable.clone(), visit.caller.clone(), calendar.clone());
        let range = asked.period().range(visit.app.zone());
        let list = move |tx: &_| list_shown(tx, &timetable.scene(tx, &caller)?, &whose(&calendar), range);
        self.feeds.app.store.read(list).await
    }
}

/// On a week's end, when nothing more is on, whoever asks for no day means the week that comes.
fn is_over(asked: &Asked, events: &[ShownEvent], now: DateTime<Utc>) -> bool {
    let at_the_end = asked.date.weekday().num_days_from_monday() >= 5;
    asked.view == View::Week && asked.said == Said::Nothing && at_the_end && events.iter().all(|event| event.end <= now)
}
