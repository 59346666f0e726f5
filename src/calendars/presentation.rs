//! How calendars are written: in which language, for which zone, by which version of the renderer. Where that changes,
//! each calendar has changed, and says so by its date.

use super::Calendars;
use crate::cohorts::touch;
use crate::settings;
use crate::store::StoreError;
use crate::timetable::touch_teacher;

/// Grows when a release writes the same content in another way.
const RENDERING: u32 = 3;

impl Calendars {
    /// Compares how calendars are written now with how they were; where that differs, all of them get a new version.
    /// Asked at the start, and when the configuration was read again.
    pub fn note_presentation(&self) -> Result<(), StoreError> {
        let app = &self.feeds.app;
        let present = format!("{RENDERING} {:?} {}", app.config().language, app.zone());
        let (cohorts, people) = (self.feeds.cohorts.directory(), self.accounts.people());
        let mut teachers = people.all().filter(|user| user.teaches());
        app.store.write_now(|tx| {
            if settings::get(tx)?.presentation == present {
                return Ok(());
            }
            settings::update(tx, |settings| settings.presentation = present)?;
            cohorts.all().iter().try_for_each(|cohort| touch(tx, &cohort.id, app.clock.steady()))?;
            teachers.try_for_each(|user| touch_teacher(tx, user.login.as_str(), app.clock.steady()))
        })
    }
}
