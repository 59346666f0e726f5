//! The form of an event: to make one, or to change one or more of a series; with what is in the way, and the free rooms.

use axum::http::StatusCode;
use axum::response::Response;

use super::differences::Difference;
use super::fields::Drawn;
use super::free::{Rooms, rooms_at};
use super::obstacles::Obstacles;
use super::read::request_of;
use crate::error::FieldError;
use crate::http::{Form, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::timetable::events::rules::Scope;
use crate::timetable::{Conflict, Event, Timetable, TimetableError};

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

    /// What the page is called.
    pub fn title(&self, visit: &Visit) -> &'static str {
        match self.of {
            Of::New => visit.words.edit.new_event,
            Of::Event(_) => visit.words.edit.change_event,
        }
    }

    /// Where the form is posted to.
    pub fn action(&self) -> String {
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
