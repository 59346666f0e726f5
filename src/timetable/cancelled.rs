//! Cancelled events are shown for a while; that it is over is a change of each calendar that showed them.
//!
//! Told once for each event, on the day after: so a calendar changes at most once a day by this, and where nothing was
//! cancelled nothing is written.

use chrono::{DateTime, Utc};

use super::tables::{cancelled_while, delete_cancellation, find_event};
use super::{Event, Timetable, topics};
use crate::store::StoreError;

impl Timetable {
    /// Says to whoever showed them that some cancelled events are shown no more.
    pub fn let_cancelled_go(&self) -> Result<(), StoreError> {
        // What versions are stamped with: a calendar asks at the time of its version what is shown.
        let (steady, zone) = (self.app.clock.steady(), self.app.zone());
        let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let ended = |cancelled_at| date(Event::shown_until(cancelled_at)) < date(steady);
        if self.app.store.read_now(|tx| cancelled_while(tx, ended))?.is_empty() {
            return Ok(());
        }
        self.app.store.write_now(|tx| {
            let mut events = Vec::new();
            for (key, id) in cancelled_while(tx, ended)? {
                events.extend(find_event(tx, &id)?);
                delete_cancellation(tx, &key)?;
            }
            topics::touch(tx, events.iter(), steady)
        })
    }
}
