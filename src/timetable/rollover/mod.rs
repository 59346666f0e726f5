//! A year's roll-over: what has ended of some cohorts goes into the archive, and the cohorts stay as they are, with their
//! addresses, tokens and feeds.
//!
//! One transaction and one entry of the audit each, however many events it is of. An event goes when each of its cohorts
//! is named, so that nobody loses what is theirs too; and all that went comes back as it was when it is undone.

mod answer;
mod api;
mod pages;
mod plan;
mod rules;
mod undo;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use utoipa_axum::router::OpenApiRouter;

use crate::store::Table;
use crate::timetable::Timetable;

/// The routes of roll-overs.
pub(super) fn routes() -> OpenApiRouter<Timetable> {
    api::routes().merge(pages::routes().into())
}

const ROLLOVERS: Table<Rollover> = Table::new("rollovers");

/// A roll-over that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rollover {
    /// `y_…`.
    id: String,
    /// When it was done.
    #[serde(with = "chrono::serde::ts_seconds")]
    at: DateTime<Utc>,
    /// What had ended by then was archived.
    #[serde(with = "chrono::serde::ts_seconds")]
    before: DateTime<Utc>,
    /// The ids of the cohorts that were named.
    cohorts: Vec<String>,
}
