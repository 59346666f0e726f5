//! What a roll-over answers: what went, what stayed and why, and what a year's end leaves to do.

use std::sync::Arc;

use serde::Serialize;

use super::plan::{Tally, Wanted};
use super::rules::{Done, Run};
use crate::clock::local;
use crate::cohorts::Cohort;
use crate::timetable::{Names, Timetable};

/// The whole of it, of a dry run too.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RolloverResponse {
    /// What undoes it; null of a dry run, or where nothing was archived.
    id: Option<String>,
    dry_run: bool,
    /// What had ended by then was archived.
    before: String,
    /// How many events were archived; one of several cohorts counts once.
    archived: usize,
    cohorts: Vec<CohortRollover>,
    warnings: Vec<String>,
}

/// What became of a cohort's events, and what it keeps.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CohortRollover {
    cohort: String,
    archived: usize,
    left: Vec<LeftEvents>,
    /// How many students are still in it.
    students: usize,
    /// The slugs of its feeds, which go on.
    feeds: Vec<String>,
    /// How many live tokens name it, which go on.
    tokens: usize,
}

/// Events that stay on the timetable.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeftEvents {
    why: WhyLeft,
    events: usize,
    /// The slugs of the other cohorts, where they are shared.
    with: Vec<String>,
}

/// Why events stay.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum WhyLeft {
    /// They had not ended.
    NotEnded,
    /// They are of another cohort too, that is not named.
    Shared,
}

impl Timetable {
    /// A roll-over as it is told.
    pub(super) fn rollover_response(&self, done: Done, (wanted, run): (&Wanted, Run)) -> RolloverResponse {
        let names = self.names();
        let found = done.plan.tallies.iter().filter_map(|(id, tally)| Some((names.cohorts.by_id(id)?, tally)));
        let mut cohorts: Vec<_> = found.map(|(cohort, tally)| self.cohort_rollover(cohort, tally, &names)).collect();
        cohorts.sort_by(|a, b| a.cohort.cmp(&b.cohort));
        RolloverResponse {
            id: done.id,
            dry_run: run == Run::Dry,
            before: local(wanted.before, names.zone),
            archived: done.plan.going.len(),
            warnings: cohorts.iter().flat_map(CohortRollover::warnings).collect(),
            cohorts,
        }
    }

    fn cohort_rollover(&self, cohort: &Arc<Cohort>, tally: &Tally, names: &Names) -> CohortRollover {
        let with: Vec<_> = tally.shared_with.iter().cloned().collect();
        let left = [(WhyLeft::NotEnded, tally.not_ended, vec![]), (WhyLeft::Shared, tally.shared, with)];
        let left = left.into_iter().filter(|(_, events, _)| *events > 0);
        let keyring = self.accounts.keyring();
        let opens = keyring.all().filter(|token| token.is_live(&self.app.clock) && token.scope.lists(&cohort.id));
        CohortRollover {
            cohort: cohort.slug.to_string(),
            archived: tally.archived,
            left: left
                .map(|(why, events, with)| LeftEvents { why, events, with: names.cohorts.slugs(&with) })
                .collect(),
            students: names.people.count_students(std::slice::from_ref(&cohort.id)),
            feeds: self.feeds.of_cohort(&cohort.id).iter().map(|feed| feed.slug.to_string()).collect(),
            tokens: opens.count(),
        }
    }
}

impl CohortRollover {
    /// What somebody should look at before the year begins.
    fn warnings(&self) -> Vec<String> {
        let Self { cohort, students, .. } = self;
        let shared = self.left.iter().filter(|left| matches!(left.why, WhyLeft::Shared)).map(|left| {
            let with = left.with.join(", ");
            format!("{cohort}: {} that ended stay: of {with} too, not named here", counted(left.events, "event"))
        });
        let students = (*students > 0).then(|| {
            let still = counted(*students, "student");
            format!("{cohort}: {still} still in it; to move them on: user import FILE, a table of login and cohort")
        });
        shared.chain(students).collect()
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
