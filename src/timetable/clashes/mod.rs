//! Clashes: one room, teacher or cohort at two things at once, and more students than seats.
//!
//! An end is no clash with a start; what is cancelled clashes with nothing; a feed's event that keeps nobody busy
//! (TRANSP:TRANSPARENT, or no length) neither. Two feeds' events are their upstreams' matter and are not compared.

mod api;
pub mod commands;
mod find;
mod report;
mod rows;

pub(super) use api::routes;
pub(super) use find::find_conflicts;
pub(super) use rows::{ChangedRow, RowClashes, find_row_clashes};

use serde::Serialize;

use super::events::EventResponse;

/// What two events have in common, or an event and its room have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// One room.
    Room,
    /// One teacher.
    Teacher,
    /// A cohort.
    Cohort,
    /// More students than seats.
    Seats,
}

/// Something in the way of an event.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    /// Why it is in the way.
    pub why: Vec<Why>,
    /// The event in the way; for seats the one that has too few.
    #[serde(flatten)]
    pub event: Party,
    /// Students and seats, where there are too few of these.
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    pub seats: Option<Seats>,
}

/// An event as a clash tells it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Party {
    /// `e_…`, or `f_…` of a feed.
    pub id: String,
    /// When it begins, in the site's zone.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// What it is.
    pub subject: String,
    /// The room's name, or what a feed says.
    pub room: Option<String>,
    /// The teacher's login.
    pub teacher: Option<String>,
    /// The slugs of its cohorts.
    pub cohorts: Vec<String>,
    /// The feed that it is of.
    pub source: Option<String>,
}

/// How many would sit, and how many can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seats {
    /// How many would sit.
    pub students: usize,
    /// How many can.
    pub capacity: u32,
}

impl Conflict {
    /// The id of the event in the way.
    pub(super) fn event_id(&self) -> &str {
        &self.event.id
    }

    /// The subject of the event in the way.
    pub fn subject(&self) -> &str {
        &self.event.subject
    }

    /// Are there too few seats, and nothing else?
    pub(super) fn is_of_seats(&self) -> bool {
        self.seats.is_some()
    }

    /// The field of an event that it is about.
    pub(super) fn field(&self) -> &'static str {
        self.why.first().map_or("start", |why| why.field())
    }

    /// In a few words, for a line.
    pub fn told(&self) -> String {
        let Party { id, start, subject, .. } = &self.event;
        if let Some(Seats { students, capacity }) = self.seats {
            let room = self.event.room.as_deref().unwrap_or_default();
            return format!("{room:?} has {capacity} seats for {students} students ({start})");
        }
        let subject: String = subject.chars().take(40).collect();
        let why: Vec<_> = self.why.iter().map(|why| why.as_str()).collect();
        format!("same {}: {id} {start} {subject:?}", why.join(" and "))
    }
}

impl Why {
    fn field(self) -> &'static str {
        match self {
            Self::Room | Self::Seats => "room",
            Self::Teacher => "teacher",
            Self::Cohort => "cohort",
        }
    }

    /// As the interfaces write it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Teacher => "teacher",
            Self::Cohort => "cohort",
            Self::Seats => "seats",
        }
    }
}

impl From<EventResponse> for Party {
    fn from(event: EventResponse) -> Self {
        let EventResponse { id, start, end, subject, room, teacher, cohorts, source, .. } = event;
        Self { id, start, end, subject, room, teacher, cohorts, source }
    }
}
