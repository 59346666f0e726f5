//! The form of an event: to make one, or to change one or more of a series; with what is in the way, and the free rooms.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::desk::{bound_to, may_allow};
use super::differences::{Difference, called};
use super::obstacles::{Obstacles, room_label};
use super::read::{changes_only, request_of};
use crate::error::FieldError;
use crate::http::{Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::store::Read;
use crate::timetable::events::rules::{Scope, Target, plan_changes, plan_events};
use crate::timetable::rooms::rooms_without;
use crate::timetable::{Conflict, Event, EventRequest, Names, Room, Scene, Timetable, TimetableError};

/// One showing of the form.
pub struct Sheet {
    /// What it is about.
    pub of: Of,
    /// What is typed.
    pub typed: Typed,
    /// What is wrong with it.
    pub mistakes: Mistakes,
    /// What is in its way.
    pub conflicts: Vec<Conflict>,
    /// What somebody else has changed meanwhile: theirs, and what is typed here.
    pub overtaken: Option<Vec<Difference>>,
}

/// What a form is about.
pub enum Of {
    /// An event that is to be made.
    New,
    /// One that is there.
    Event(Box<Event>),
}

/// The rooms at the time that is typed.
struct Rooms {
    free: Vec<Arc<Room>>,
    /// So many would sit.
    students: usize,
}

impl Sheet {
    /// A form, first shown.
    pub fn new(of: Of, typed: Typed) -> Self {
        Self { of, typed, mistakes: Mistakes::none(), conflicts: Vec::new(), overtaken: None }
    }

    /// The form again, by what a rule has said. What is no matter of a form is a problem.
    pub fn refused(of: Of, typed: Typed, error: TimetableError, visit: &Visit) -> Result<Self, PageProblem> {
        let sheet = Self::new(of, typed);
        match error {
            TimetableError::Clash(conflicts) => Ok(Self { conflicts, ..sheet }),
            error => Ok(Self { mistakes: Mistakes::of(error, |bad| said(bad, visit))?, ..sheet }),
        }
    }

    /// The page.
    pub async fn answer(self, timetable: &Timetable, visit: &Visit) -> Result<Response, PageProblem> {
        let (names, rooms) = (timetable.names(), self.rooms(timetable, visit).await?);
        let obstacles = (!self.conflicts.is_empty()).then(|| Obstacles {
            conflicts: self.conflicts.clone(),
            rooms: rooms.as_ref().map(Rooms::large_enough).unwrap_or_default(),
        });
        let mistakes = obstacles.as_ref().map_or_else(|| self.mistakes.clone(), |found| found.mistakes(visit));
        let form = Form::new(visit.words, &self.typed, &mistakes);
        let drawn = Drawn { visit, names: &names, form: &form, sheet: &self };
        let page = visit.page(self.title(visit), drawn.page(obstacles.as_ref(), rooms.as_ref()));
        let mut response = form.answer(page);
        if self.overtaken.is_some() {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
        }
        Ok(response)
    }

    fn title(&self, visit: &Visit) -> &'static str {
        match self.of {
            Of::New => visit.words.edit.new_event,
            Of::Event(_) => visit.words.edit.change_event,
        }
    }

    /// Where the form is posted to.
    fn action(&self) -> String {
        match &self.of {
            Of::New => "/events/new".to_owned(),
            Of::Event(event) => format!("/events/{}/edit", event.id),
        }
    }

    /// The rooms at what is typed, where that can be read.
    async fn rooms(&self, timetable: &Timetable, visit: &Visit) -> Result<Option<Rooms>, PageProblem> {
        let mut mistakes = Mistakes::none();
        // Whatever it is called, a room is free or not.
        let typed = if self.typed.text("subject").is_empty() {
            self.typed.clone().set("subject", "?")
        } else {
            self.typed.clone()
        };
        let request = request_of(&typed, visit, &mut mistakes);
        if mistakes.any() {
            return Ok(None);
        }
        let target = match &self.of {
            Of::New => None,
            Of::Event(event) => Some((event.clone(), scope_of(&self.typed))),
        };
        let look = move |tx: &_, scene: &_| Ok(rooms_at(tx, scene, request, target));
        let found = timetable.look(&visit.caller, look).await?;
        Ok(found.ok())
    }
}

/// How many events of a series a form speaks of.
pub fn scope_of(typed: &Typed) -> Scope {
    match typed.raw("scope") {
        "following" => Scope::Following,
        "all" => Scope::All,
        _ => Scope::This,
    }
}

fn rooms_at(
    tx: &impl Read,
    scene: &Scene,
    request: EventRequest,
    target: Option<(Box<Event>, Scope)>,
) -> Result<Rooms, TimetableError> {
    let (spans, leaving, cohorts) = match target {
        None => {
            let planned = plan_events(&scene.names, &request)?;
            let cohorts = planned.first().map(|draft| draft.cohorts.clone()).unwrap_or_default();
            (planned.iter().map(|draft| (draft.start, draft.end)).collect(), Vec::new(), cohorts)
        }
        Some((event, scope)) => {
            let request = changes_only(request, &event, &scene.names);
            let target = Target { id: event.id, scope, seen: IfMatch::default() };
            let planned: Vec<Event> =
                plan_changes(tx, scene, &target, &request)?.into_iter().filter_map(|(_, after)| after).collect();
            let cohorts = planned.first().map(|event| event.cohorts.clone()).unwrap_or_default();
            let spans: Vec<(DateTime<Utc>, DateTime<Utc>)> =
                planned.iter().map(|event| (event.start, event.end)).collect();
            (spans, planned.into_iter().map(|event| event.id).collect(), cohorts)
        }
    };
    let free = rooms_without(tx, scene, &spans, &leaving)?;
    Ok(Rooms { free, students: scene.names.people.count_students(&cohorts) })
}

impl Rooms {
    fn is_free(&self, room: &Room) -> bool {
        self.free.iter().any(|free| free.id == room.id)
    }

    /// The free ones with enough seats, the smallest first; one whose seats nobody has counted may do.
    fn large_enough(&self) -> Vec<Arc<Room>> {
        let seats = |room: &Room| room.capacity.map_or(usize::MAX, |seats| seats as usize);
        let mut rooms: Vec<_> = self.free.iter().filter(|room| seats(room) >= self.students).cloned().collect();
        rooms.sort_by_key(|room| seats(room));
        rooms
    }
}

/// What the page says of a field that a rule has refused.
fn said(bad: &FieldError, visit: &Visit) -> Option<Mistake> {
    let words = visit.words;
    match bad.field.as_str() {
        "subject" => Some(Mistake::at("subject", words.edit.bad_subject)),
        "kind" => Some(Mistake::at("kind", words.edit.bad_kind)),
        "notes" => Some(Mistake::at("notes", words.edit.bad_notes)),
        "room" => Some(Mistake::at("room", words.edit.room_is_gone)),
        "teacher" => Some(Mistake::at("teacher", words.edit.teacher_is_gone)),
        "cohorts" => Some(Mistake::at("cohorts", words.edit.cohort_is_gone)),
        "start" | "end" if bad.message.contains("does not exist") => {
            Some(Mistake::at(&bad.field, words.edit.skipped_time))
        }
        "start" | "end" if bad.message.contains("comes twice") => {
            Some(Mistake::at(&bad.field, words.edit.doubled_time))
        }
        "end" => Some(Mistake::at("end", words.edit.bad_length)),
        "repeat.until" => Some(Mistake::at("until", words.edit.bad_until)),
        field if field.starts_with("repeat.except") => Some(Mistake::at("except", words.edit.bad_except)),
        "repeat" => Some(Mistake::at("except", words.edit.skipped_week)),
        _ => None,
    }
}

/// The form, being drawn.
struct Drawn<'a> {
    visit: &'a Visit,
    names: &'a Names,
    form: &'a Form<'a>,
    sheet: &'a Sheet,
}

impl Drawn<'_> {
    fn page(&self, obstacles: Option<&Obstacles>, rooms: Option<&Rooms>) -> Markup {
        let (words, form, sheet) = (self.visit.words, self.form, self.sheet);
        let back = match &sheet.of {
            Of::New => "/".to_owned(),
            Of::Event(event) => format!("/events/{}", event.id),
        };
        html! {
            h1 { (sheet.title(self.visit)) }
            @if let Some(theirs) = &sheet.overtaken { (self.overtaken(theirs, &back)) }
            form .wide method="post" action=(sheet.action()) {
                // What the Enter key presses: not the first of the rooms below.
                button .unseen type="submit" tabindex="-1" aria-hidden="true" {}
                (form.summary())
                @if let Some(found) = obstacles { (found.draw(self.visit, self.names)) }
                @if obstacles.is_some() && may_allow(&self.visit.caller) {
                    (form.field(&Field::tick("allow_conflicts", words.edit.allow_conflicts)))
                }
                (form.hidden("seen"))
                (self.fields(rooms))
                div .actions {
                    (form.button(if matches!(sheet.of, Of::New) { words.edit.make } else { words.edit.save }))
                    a .button.quiet href=(back) { (words.form.cancel) }
                }
            }
        }
    }

    fn fields(&self, rooms: Option<&Rooms>) -> Markup {
        let (words, form) = (self.visit.words, self.form);
        let kinds = words.edit.kinds.split(", ");
        html! {
            (form.field(&Field::text("subject", words.edit.subject).at_most(10_000).focused()))
            div .beside {
                (form.field(&Field::date("date", words.edit.date)))
                (form.field(&Field::time("start", words.edit.start)))
                (form.field(&Field::time("end", words.edit.end)))
            }
            (self.folded("end_date", words.edit.another_day, html! {
                (form.field(&Field::date("end_date", words.edit.end_date).optional()))
            }))
            (form.field(&self.room_field(rooms)))
            @if bound_to(&self.visit.caller).is_none() { (form.field(&self.teacher_field())) }
            (form.field(&self.cohorts_field()))
            div .beside {
                (form.field(&Field::text("kind", words.edit.kind).at_most(40).suggesting(kinds).optional()))
                (form.field(&self.status_field()))
            }
            (form.field(&Field::area("notes", words.edit.notes, 3).hint(words.edit.notes_hint).at_most(10_000).optional()))
            (self.series())
        }
    }

    /// What few need is folded, unless there is something in it.
    fn folded(&self, field: &str, label: &str, inside: Markup) -> Markup {
        let open = !self.sheet.typed.raw(field).is_empty() || self.form.is_bad(field);
        html! { details open[open] { summary { (label) } (inside) } }
    }

    fn series(&self) -> Markup {
        let (words, form) = (self.visit.words, self.form);
        match &self.sheet.of {
            Of::New => self.folded(
                "until",
                words.edit.weekly,
                html! {
                    div .beside {
                        (form.field(&Field::date("until", words.edit.until).optional()))
                        (form.field(&Field::text("except", words.edit.except).hint(words.edit.except_hint).optional()))
                    }
                },
            ),
            Of::Event(event) if event.series.is_some() => form.field(&scope_field(self.visit)),
            Of::Event(_) => html! {},
        }
    }

    fn room_field(&self, rooms: Option<&Rooms>) -> Field {
        let words = self.visit.words;
        let label = |room: &Room| {
            let told = rooms.map(|rooms| if rooms.is_free(room) { words.edit.is_free } else { words.edit.is_not_free });
            [Some(room_label(self.visit, room).as_str()), told].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        };
        let all = self.names.rooms.all().iter().map(|room| (room.slug.to_string(), label(room)));
        let none = (String::new(), words.edit.no_room.to_owned());
        Field::select("room", words.edit.room, std::iter::once(none).chain(all)).optional()
    }

    fn teacher_field(&self) -> Field {
        let (words, names) = (self.visit.words, self.names);
        let present = self.sheet.typed.raw("teacher");
        let teachers = names.people.all().filter(|user| {
            let may_teach = !user.disabled && names.teacher(user.login.as_str()).is_some();
            may_teach || user.login.as_str() == present
        });
        let mut all: Vec<_> = teachers.map(|user| (user.login.to_string(), user.name.clone())).collect();
        if !present.is_empty() && names.people.find(present).is_none() {
            all.push((present.to_owned(), called(names, present)));
        }
        let none = (String::new(), words.edit.no_teacher.to_owned());
        Field::select("teacher", words.edit.teacher, std::iter::once(none).chain(all)).optional()
    }

    fn cohorts_field(&self) -> Field {
        let all = self.names.cohorts.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
        Field::checkboxes("cohorts", self.visit.words.edit.cohorts, all)
    }

    fn status_field(&self) -> Field {
        let words = self.visit.words;
        let all = [
            ("confirmed", words.edit.confirmed),
            ("tentative", words.edit.tentative),
            ("cancelled", words.edit.cancelled),
        ];
        Field::select("status", words.edit.status, all)
    }

    /// What somebody else has done, beside what is typed here.
    fn overtaken(&self, theirs: &[Difference], event: &str) -> Markup {
        let words = self.visit.words;
        html! {
            section .note.warn aria-labelledby="overtaken" role="alert" {
                h2 #overtaken { (words.trouble.outdated) }
                p { (words.edit.overtaken) }
                @if theirs.is_empty() { p { (words.edit.overtaken_alike) } } @else {
                    table .rows {
                        thead { tr { th { (words.edit.field) } th { (words.edit.theirs) } th { (words.edit.yours) } } }
                        tbody {
                            @for one in theirs {
                                tr {
                                    td { (one.label) }
                                    td data-label=(words.edit.theirs) { (or_dash(&one.before)) }
                                    td data-label=(words.edit.yours) { (or_dash(&one.after)) }
                                }
                            }
                        }
                    }
                }
                p { a href=(event) { (words.edit.leave_theirs) } }
            }
        }
    }
}

/// Of which events of a series a change is.
pub fn scope_field(visit: &Visit) -> Field {
    let words = visit.words;
    let all = [
        ("this", words.edit.this_one),
        ("following", words.edit.this_and_following),
        ("all", words.edit.all_of_series),
    ];
    Field::radios("scope", words.edit.scope, all)
}

/// A text as a value of a table.
pub fn or_dash(text: &str) -> Markup {
    html! { @if text.is_empty() { "–" } @else { bdi .lines { (text) } } }
}
