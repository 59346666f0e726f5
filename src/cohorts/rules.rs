//! Making, renaming and removing cohorts.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{COHORTS, Cohort, SLUGS, Visibility, touch, touch_scopes};
use crate::actor::{Caller, Deed, Denied};
use crate::audit;
use crate::clock::Clock;
use crate::error::{FieldError, Kind, Refusal};
use crate::http::IfMatch;
use crate::http::precondition::Overtaken;
use crate::id::{RESERVED, Slug, checked_name, fold, random_id};
use crate::store::{Read, StoreError, WriteTx};

/// Why a cohort could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum CohortError {
    /// The table said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody was faster.
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
    /// There is no such cohort.
    #[error("there is no cohort {0:?}")]
    Unknown(String),
    /// The slug, or an alias of that name, belongs to another cohort.
    #[error("the slug {0:?} is taken by the cohort {1:?}")]
    SlugTaken(String, String),
    /// The slug is one of Carillon's own words.
    #[error("the slug {0:?} is reserved: choose another")]
    SlugReserved(String),
    /// A field that cannot be.
    #[error("{}: {}", .0.field, .0.message)]
    Bad(FieldError),
    /// Things still hang on it.
    #[error("the cohort {slug:?} still has {what}: remove them first, or use --force")]
    InUse {
        /// The cohort.
        slug: String,
        /// What hangs on it, by name.
        what: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for CohortError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Overtaken(overtaken) => overtaken.kind(),
            Self::Unknown(_) => Kind::NotFound,
            Self::InUse { .. } | Self::SlugTaken(..) => Kind::Conflict,
            Self::SlugReserved(_) => Kind::Invalid,
            Self::Bad(_) => Kind::Malformed,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::SlugTaken(..) | Self::SlugReserved(_) => vec![FieldError::new("slug", self.to_string())],
            Self::Bad(error) => vec![error.clone()],
            _ => Vec::new(),
        }
    }
}

/// A cohort to be made. Without a slug, one is made from the name.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCohortRequest {
    /// The name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The name that people read.
    pub name: String,
    /// Who may see it.
    #[serde(default)]
    pub visibility: Visibility,
}

/// What may change of a cohort; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCohortRequest {
    /// A new slug: the old one becomes an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A new visibility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// Makes a cohort.
pub fn create_cohort(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    new: &CreateCohortRequest,
) -> Result<Cohort, CohortError> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let name = checked_name(&new.name, 200).map_err(CohortError::Bad)?;
    let slug = free_slug(tx, new.slug.as_deref().unwrap_or(&name), None)?;
    let id = random_id("c_").map_err(|error| StoreError::Io(error.to_string()))?;
    let created_at = clock.now_secs();
    let cohort = Cohort { id, slug, name, visibility: new.visibility, aliases: Vec::new(), created_at };
    tx.put(&COHORTS, cohort.id.as_bytes(), &cohort)?;
    touch(tx, &cohort.id, clock.steady())?;
    note(tx, caller, clock, "cohort.create", [None, Some(&cohort)])?;
    Ok(cohort)
}

/// Changes a cohort that is as the change expects it. A new slug leaves the old one as an alias.
pub fn update_cohort(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    id: &str,
    (patch, if_match): &(UpdateCohortRequest, IfMatch),
) -> Result<Cohort, CohortError> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let before = get_cohort(tx, id)?;
    if_match.must_hold(&before)?;
    let after = patched(tx, &before, patch)?;
    if after != before {
        tx.put(&COHORTS, id.as_bytes(), &after)?;
        touch(tx, id, clock.steady())?;
        if after.slug != before.slug {
            tx.bump(SLUGS, clock.steady())?;
        }
        note(tx, caller, clock, "cohort.update", [Some(&before), Some(&after)])?;
    }
    Ok(after)
}

fn patched(tx: &WriteTx, before: &Cohort, patch: &UpdateCohortRequest) -> Result<Cohort, CohortError> {
    let mut after = before.clone();
    if let Some(name) = &patch.name {
        after.name = checked_name(name, 200).map_err(CohortError::Bad)?;
    }
    if let Some(visibility) = patch.visibility {
        after.visibility = visibility;
    }
    if let Some(slug) = &patch.slug {
        after.slug = free_slug(tx, slug, Some(&before.id))?;
        after.aliases.push(before.slug.clone());
        after.aliases.retain(|alias| *alias != after.slug);
        after.aliases.sort();
        after.aliases.dedup();
    }
    Ok(after)
}

/// Removes a cohort that is as whoever asks knows it. `hanging` names what still hangs on it; where it is not empty the removal is refused.
pub fn remove_cohort(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    id: &str,
    (hanging, if_match): (&[String], &IfMatch),
) -> Result<(), CohortError> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let cohort = get_cohort(tx, id)?;
    if_match.must_hold(&cohort)?;
    if !hanging.is_empty() {
        return Err(CohortError::InUse { slug: cohort.slug.to_string(), what: hanging.join(", ") });
    }
    tx.delete(&COHORTS, id.as_bytes())?;
    touch(tx, id, clock.steady())?;
    touch_scopes(tx, clock.steady())?;
    note(tx, caller, clock, "cohort.remove", [Some(&cohort), None])?;
    Ok(())
}

/// A cohort that was there when it was looked for; somebody may have removed it since.
fn get_cohort(tx: &WriteTx, id: &str) -> Result<Cohort, CohortError> {
    tx.find(&COHORTS, id.as_bytes())?.ok_or_else(|| CohortError::Unknown(id.to_owned()))
}

/// The slug of a name, if nobody else has it as slug or alias.
fn free_slug(tx: &WriteTx, name: &str, own_id: Option<&str>) -> Result<Slug, CohortError> {
    let folded = fold(name);
    if RESERVED.contains(&folded.as_str()) {
        return Err(CohortError::SlugReserved(folded));
    }
    let no_slug = || CohortError::Bad(FieldError::new("slug", "letters or digits: nothing is left of this one"));
    let slug = Slug::from_name(name).ok_or_else(no_slug)?;
    let others = tx.list(&COHORTS)?.into_iter().filter(|c| own_id != Some(c.id.as_str()));
    let holder = others.into_iter().find(|c| c.slug == slug || c.aliases.contains(&slug));
    match holder {
        Some(holder) => Err(CohortError::SlugTaken(slug.to_string(), holder.name)),
        None => Ok(slug),
    }
}

fn note(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    action: &str,
    states: [Option<&Cohort>; 2],
) -> Result<(), StoreError> {
    let slug = states.iter().flatten().next().map(|cohort| cohort.slug.to_string()).unwrap_or_default();
    let shown = states.map(|state| {
        state.map(|c| json!({"slug": c.slug, "name": c.name, "visibility": c.visibility, "aliases": c.aliases}))
    });
    audit::record(tx, caller, clock.now_secs(), (action, format!("cohort:{slug}")), shown)
}
