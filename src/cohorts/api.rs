//! `/api/v1/cohorts`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rules::UpdateCohortRequest;
use super::{Cohort, Cohorts, CreateCohortRequest, Visibility, rules};
use crate::actor::{Caller, Deed};
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};

/// The routes of cohorts. Removal stands with whoever knows what hangs on a cohort.
pub fn routes() -> OpenApiRouter<Cohorts> {
    OpenApiRouter::new().routes(routes!(list_cohorts, create_cohort)).routes(routes!(get_cohort, update_cohort))
}

/// A cohort as it goes out.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CohortResponse {
    slug: String,
    name: String,
    visibility: Visibility,
    aliases: Vec<String>,
    urls: CohortUrls,
}

/// Where a cohort's calendar and page are.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
struct CohortUrls {
    ics: String,
    csv: String,
    page: String,
}

impl CohortResponse {
    fn new(cohort: &Cohort, public_url: &str) -> Self {
        let slug = cohort.slug.to_string();
        let urls = CohortUrls {
            ics: format!("{public_url}/calendars/{slug}.ics"),
            csv: format!("{public_url}/calendars/{slug}.csv"),
            page: format!("{public_url}/c/{slug}"),
        };
        let aliases = cohort.aliases.iter().map(ToString::to_string).collect();
        Self { slug, name: cohort.name.clone(), visibility: cohort.visibility, aliases, urls }
    }

    fn tagged(cohort: &Cohort, cohorts: &Cohorts) -> Tagged<Self> {
        Tagged(Tag::of(cohort), Self::new(cohort, &cohorts.app.public_url()))
    }
}

/// May the caller see this cohort in a list?
fn may_see(caller: &Caller, cohort: &Cohort) -> bool {
    caller.actor.may_see_cohort(&cohort.id, cohort.is_public())
}

/// Lists the cohorts that the caller may see.
#[utoipa::path(get, path = "/api/v1/cohorts", params(Listing), responses((status = 200, body = Page<CohortResponse>)))]
async fn list_cohorts(
    State(cohorts): State<Cohorts>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<CohortResponse>>, Problem> {
    caller.actor.must_some(Deed::ReadTimetable)?;
    let directory = cohorts.directory();
    let url = cohorts.app.public_url();
    let seen = directory.all().iter().filter(|cohort| may_see(&caller, cohort));
    let all = seen.map(|cohort| CohortResponse::new(cohort, &url));
    Ok(Json(listing.page(all, |cohort| cohort.slug.clone())?))
}

/// Tells of a cohort, by slug or alias.
#[utoipa::path(get, path = "/api/v1/cohorts/{slug}", responses((status = 200, body = CohortResponse)))]
async fn get_cohort(
    State(cohorts): State<Cohorts>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Tagged<CohortResponse>, Problem> {
    caller.actor.must_some(Deed::ReadTimetable)?;
    let directory = cohorts.directory();
    let cohort = directory.find(&slug).filter(|cohort| may_see(&caller, cohort));
    let cohort = cohort.ok_or_else(|| Problem::not_found("cohort", &slug))?;
    Ok(CohortResponse::tagged(cohort, &cohorts))
}

/// Makes a cohort.
#[utoipa::path(post, path = "/api/v1/cohorts", responses((status = 201, body = CohortResponse), (status = 409), (status = 422)))]
async fn create_cohort(
    State(cohorts): State<Cohorts>,
    caller: Caller,
    Json(new): Json<CreateCohortRequest>,
) -> Result<(StatusCode, Tagged<CohortResponse>), Problem> {
    let clock = cohorts.app.clock.clone();
    let made = cohorts.app.store.write(move |tx| rules::create_cohort(tx, &caller, &clock, &new)).await?;
    Ok((StatusCode::CREATED, CohortResponse::tagged(&made, &cohorts)))
}

/// Changes a cohort; a new slug leaves the old one as an alias.
#[utoipa::path(
    patch, path = "/api/v1/cohorts/{slug}", params(IfMatch),
    responses((status = 200, body = CohortResponse), (status = 409), (status = 422)),
)]
async fn update_cohort(
    State(cohorts): State<Cohorts>,
    caller: Caller,
    Path(slug): Path<String>,
    if_match: IfMatch,
    Json(patch): Json<UpdateCohortRequest>,
) -> Result<Tagged<CohortResponse>, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let found = cohorts.directory().find(&slug).cloned();
    let id = found.ok_or_else(|| Problem::not_found("cohort", &slug))?.id.clone();
    let clock = cohorts.app.clock.clone();
    let change = (patch, if_match);
    let after = cohorts.app.store.write(move |tx| rules::update_cohort(tx, &caller, &clock, &id, &change)).await?;
    Ok(CohortResponse::tagged(&after, &cohorts))
}
