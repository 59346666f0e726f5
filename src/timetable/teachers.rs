//! `GET /api/v1/teachers`: whom an event can name as its teacher.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;

use super::Timetable;
use crate::actor::{Caller, Deed, Role};
use crate::http::{Json, Listing, Page, Problem, Query};

/// The routes of teachers.
pub fn routes(timetable: Timetable) -> Router {
    Router::new().route("/api/v1/teachers", get(list_teachers)).with_state(timetable)
}

/// A teacher as they go out: nothing but who they are.
#[derive(Clone, Debug, Serialize)]
struct TeacherResponse {
    login: String,
    name: String,
}

async fn list_teachers(
    State(timetable): State<Timetable>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<TeacherResponse>>, Problem> {
    caller.actor.must(Deed::ListTeachers)?;
    let people = timetable.accounts.people();
    let teachers = people.all().filter(|user| !user.disabled && user.roles.contains(&Role::Teacher));
    let all = teachers.map(|user| TeacherResponse { login: user.login.to_string(), name: user.name.clone() });
    Ok(Json(listing.page(all, |teacher| teacher.login.clone())?))
}
