//! Cohorts: the groups that share a timetable, and the names that find them.
//!
//! A cohort is renamed without a phone noticing: its old slugs stay as aliases for ever. It stands below accounts and
//! feeds, since both speak of cohorts and neither of the other.

mod api;
pub mod commands;
mod directory;
mod pages;
mod rules;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;

pub use directory::Directory;
pub use rules::{CohortError, CreateCohortRequest, create_cohort, remove_cohort, update_cohort};

use crate::app::App;
use crate::id::Slug;
use crate::store::{Read, ReadTx, StoreError, Table, View, WriteTx};

const COHORTS: Table<Cohort> = Table::new("cohorts");

/// Who may see a cohort's calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever has a key that opens it.
    #[default]
    Token,
    /// Everybody.
    Public,
}

/// A group that shares a timetable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// Never changes; feeds, tokens and users point at it.
    pub id: String,
    /// The present name in addresses.
    pub slug: Slug,
    /// The name as it was given.
    pub name: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Earlier slugs: they answer for ever.
    pub aliases: Vec<Slug>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Cohort {
    /// Is it open to everybody?
    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public
    }

    /// The topic under which the version of its calendar is kept.
    pub fn topic(id: &str) -> String {
        format!("cohort:{id}")
    }
}

/// The cohorts of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Cohorts {
    /// The floor.
    pub app: App,
    directory: View<Directory>,
}

impl Cohorts {
    /// Reads them.
    pub fn open(app: App) -> Result<Self, StoreError> {
        let directory = app.store.view(&[COHORTS.name], Directory::load::<ReadTx>)?;
        Ok(Self { app, directory })
    }

    /// All of them, as they are now, from memory.
    pub fn directory(&self) -> std::sync::Arc<Directory> {
        self.directory.load()
    }
}

/// The routes of cohorts.
pub fn routes() -> OpenApiRouter<Cohorts> {
    api::routes().merge(pages::routes().into())
}

/// The topic of which cohorts the calendars of several cohorts are made of.
pub const SCOPES: &str = "scopes";

/// The topic of what cohorts are called in tables.
pub const SLUGS: &str = "cohort-slugs";

/// The topic of every change of any calendar. Its time is the date of calendars of several cohorts: the latest of theirs
/// would stand still when two change in one second, or when a slow fetch is dated before a quick one.
pub const CALENDARS: &str = "calendars";

/// Says that somebody's calendar of several cohorts may have lost one: it must not look older than it was.
pub fn touch_scopes(tx: &mut WriteTx, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.bump(SCOPES, now)?;
    tx.bump(CALENDARS, now)
}

/// Says that what this cohort's subscribers get has changed.
pub fn touch(tx: &mut WriteTx, cohort_id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.bump(&Cohort::topic(cohort_id), now)?;
    tx.bump(CALENDARS, now)
}

/// The slugs of these ids inside a transaction, sorted: what an audit entry calls them. An id that is gone is left out.
pub fn slugs_of(tx: &impl Read, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let found = ids.iter().map(|id| tx.find(&COHORTS, id.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    let mut slugs: Vec<_> = found.into_iter().flatten().map(|cohort| cohort.slug.to_string()).collect();
    slugs.sort();
    Ok(slugs)
}
