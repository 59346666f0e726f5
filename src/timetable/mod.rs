//! The timetable that staff run: rooms, events and weekly series of our own, what clashes with what, undo, and the
//! roll-over of a year.
//!
//! Own events are not held in memory: a record each, and one table that has them in the order of their starts, for each
//! cohort, room, teacher and for all. It stands above feeds, because a clash counts their events too; of them it keeps
//! times and places in memory and nothing else. A feed's event is read here and never changed.

mod archive;
mod cancelled;
mod carry;
mod changes;
mod clashes;
pub mod commands;
mod error;
mod events;
mod feed_events;
mod flaws;
mod hanging;
mod held;
mod import;
mod names;
mod removal;
mod renamed;
mod rollover;
mod rooms;
mod scene;
mod series;
mod shown;
mod table;
mod tables;
mod teachers;
mod topics;
mod when;
mod written;

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;

pub use carry::carry_over;
pub use clashes::{Conflict, Why};
pub use error::TimetableError;
pub use events::{Conflicts, Draft, Event, EventRequest, EventResponse, Status, events_of};
pub use flaws::Flaws;
pub use names::Names;
pub use rooms::{Room, RoomBook};
pub use scene::Scene;
pub use shown::{Clash, ShownEvent, list_shown};
pub use table::{TABLE_HEADER, cancelled_mark, table_row};
pub use tables::Whose;
pub use topics::{ALL, room_topic, teacher_topic, touch_teacher};
pub use when::{Edge, first_moment, read_instant};

use crate::accounts::Accounts;
use crate::app::App;
use crate::feeds::Feeds;
use crate::store::{ReadTx, StoreError, View};
use feed_events::Indexes;
use tables::has_events;

/// The timetable of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Timetable {
    /// The floor.
    pub app: App,
    accounts: Accounts,
    feeds: Feeds,
    rooms: View<RoomBook>,
    importing: import::Turn,
    held_files: import::HeldFiles,
    indexes: Arc<Indexes>,
}

impl Timetable {
    /// Reads the rooms; events stay in the database.
    pub fn open(accounts: Accounts, feeds: Feeds) -> Result<Self, StoreError> {
        let app = accounts.app.clone();
        let rooms = rooms::view(&app.store)?;
        let timetable = Self {
            app,
            accounts,
            feeds,
            rooms,
            importing: import::Turn::default(),
            held_files: import::HeldFiles::default(),
            indexes: Arc::default(),
        };
        let clock = timetable.app.clock.clone();
        timetable.accounts.on_renaming(Box::new(move |tx, from, to| renamed::rename_teacher(tx, &clock, [from, to])));
        Ok(timetable)
    }

    /// Those of these cohorts that have an event of their own, whenever it is.
    pub async fn with_own_events(&self, cohort_ids: Vec<String>) -> Result<HashSet<String>, StoreError> {
        if cohort_ids.is_empty() {
            return Ok(HashSet::new());
        }
        let read = move |tx: &ReadTx| {
            let has_one = |id: &String| has_events(tx, Whose::Cohort(id)).map(|has| has.then(|| id.clone()));
            let found = cohort_ids.iter().map(has_one).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(found.into_iter().flatten().collect())
        };
        self.app.store.read(read).await
    }

    /// Rooms, cohorts and people as they are now, from memory.
    pub fn names(&self) -> Names {
        Names {
            rooms: self.rooms.load(),
            cohorts: self.accounts.cohorts.directory(),
            people: self.accounts.people(),
            zone: self.app.zone(),
        }
    }
}

impl FromRef<Timetable> for App {
    fn from_ref(timetable: &Timetable) -> Self {
        timetable.app.clone()
    }
}

/// The routes of the timetable.
pub fn routes() -> OpenApiRouter<Timetable> {
    let events = events::routes().merge(clashes::routes());
    events
        .merge(rooms::routes())
        .merge(import::routes())
        .merge(changes::routes())
        .merge(teachers::routes())
        .merge(removal::routes())
        .merge(held::routes())
        .merge(rollover::routes())
}
