//! Cohorts, what hangs on them, and the end of a year.

use crate::words::Words;

impl Words {
    /// `3 cohortes`.
    pub fn cohorts(&self, count: usize) -> String {
        self.counted(count, self.pick(["cohorte", "cohortes"], ["cohort", "cohorts"]))
    }

    /// `2 plannings suivis`.
    pub fn feeds(&self, count: usize) -> String {
        self.counted(count, self.pick(["planning suivi", "plannings suivis"], ["planning site", "planning sites"]))
    }

    /// `12 événements archivés`.
    pub fn archived(&self, count: usize) -> String {
        self.counted(
            count,
            self.pick(["événement archivé", "événements archivés"], ["archived event", "archived events"]),
        )
    }

    /// Earlier names of a cohort in addresses.
    pub fn old_slugs(&self, slugs: &str) -> String {
        self.pick(format!("(aussi {slugs})"), format!("(also {slugs})"))
    }

    /// What becomes of a teacher's events.
    pub fn lose_teacher(&self, count: usize) -> String {
        let events = self.events(count);
        self.pick(format!("{events} resteront sans enseignant."), format!("{events} will be left without a teacher."))
    }

    /// Which events a roll-over is of.
    pub fn before_day(&self, day: &str) -> String {
        self.pick(format!("terminés avant le {day}"), format!("that ended before {day}"))
    }

    /// Of a cohort's events, those that go.
    pub fn go(&self, count: usize) -> String {
        let events = self.events(count);
        self.pick(format!("{events} à archiver"), format!("{events} to archive"))
    }

    /// Those that stay because they have not ended.
    pub fn stay_coming(&self, count: usize) -> String {
        self.pick(format!("{count} pas encore terminés restent"), format!("{count} that had not ended stay"))
    }

    /// Those that stay because another cohort has them too.
    pub fn stay_shared(&self, count: usize, with: &str) -> String {
        self.pick(format!("{count} partagés avec {with} restent"), format!("{count} shared with {with} stay"))
    }

    /// Students who belong to a cohort still.
    pub fn still_in(&self, count: usize) -> String {
        let students = self.students(count);
        self.pick(format!("encore inscrits\u{a0}: {students}"), format!("still in it: {students}"))
    }
}
