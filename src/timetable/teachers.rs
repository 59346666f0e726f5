//! `GET /api/v1/teachers`: whom an event can name as its teacher.

use axum::extract::State;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Timetable;
use crate::actor::{Caller, Deed};
use crate::http::{Json, Listing, Page, Problem, Query};

/// The routes of teachers.
pub fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(list_teachers))
}

/// A teacher as they go out: nothing but who they are.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct TeacherResponse {
    login: String,
    name: String,
}

/// Lists whom an event can name as its teacher.
#[utoipa::path(get, path = "/api/v1/teachers", params(Listing), responses((status = 200, body = Page<TeacherResponse>)))]
async fn list_teachers(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<TeacherResponse>>, Problem> {
    caller.actor.must(Deed::ListTeachers)?;
    let people = timetable.accounts.people();
    let teachers = people.all().filter(|user| !user.disabled && user.teaches());
    let all = teachers.map(|user| TeacherResponse { login: user.login.to_string(), name: user.name.clone() });
    Ok(Json(listing.page(all, |teacher| teacher.login.clone())?))
}
