//! What a rule sees around an event while it is changed: who does it, when, what things are called, what feeds bring.

use chrono::{DateTime, Utc};

use super::feed_events::FeedEvents;
use super::{Names, Timetable, TimetableError};
use crate::actor::Caller;
use crate::store::{Read, StoreError, WriteTx};

/// The surroundings of one change. Made inside its transaction, when nobody else can change anything.
pub struct Scene {
    /// Who does it.
    pub caller: Caller,
    /// When, in whole seconds.
    pub now: DateTime<Utc>,
    /// The time that no unvouched jump moves: what versions are stamped with.
    pub steady: DateTime<Utc>,
    /// What things are called.
    pub names: Names,
    /// Stands behind the `@` of a new UID.
    pub instance_id: String,
    pub(super) feeds: FeedEvents,
}

impl Timetable {
    /// The surroundings of a change in somebody's transaction.
    pub fn scene(&self, tx: &impl Read, caller: &Caller) -> Result<Scene, StoreError> {
        Ok(Scene {
            caller: caller.clone(),
            now: self.app.clock.now_secs(),
            steady: self.app.clock.steady(),
            names: self.names(),
            instance_id: self.app.settings().instance_id.clone(),
            feeds: self.feed_events(tx)?,
        })
    }

    /// Changes something in a transaction of its own. What feeds bring is looked at before: a feed that has to be read
    /// anew keeps no writer waiting.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        caller: Caller,
        change: impl FnOnce(&mut WriteTx, &Scene) -> Result<T, TimetableError> + Send + 'static,
    ) -> Result<T, TimetableError> {
        let timetable = self.clone();
        self.app.store.read(move |tx| timetable.feed_events(tx).map(drop)).await?;
        let timetable = self.clone();
        self.app.store.write(move |tx| change(tx, &timetable.scene(tx, &caller)?)).await
    }
}
