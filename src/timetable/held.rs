//! `GET /api/v1/users/{login}/data` and `GET /api/v1/me/data`: everything that is held of somebody, to be handed to them.
//!
//! Here and not below, because accounts know of no events. No hash and no secret is in it, and of others no more than
//! who they are.

use axum::Json as Out;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::archive::archived_of;
use super::{EventResponse, Timetable, Whose, events_of};
use crate::accounts::{Login, UserDataResponse, own_login};
use crate::actor::{Caller, Deed};
use crate::http::{Path, Problem};
use crate::store::StoreError;

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// The routes of what is held of people.
pub fn routes() -> OpenApiRouter<Timetable> {
    OpenApiRouter::new().routes(routes!(get_user_data)).routes(routes!(get_own_data))
}

/// Everything that is held of somebody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HeldResponse {
    #[serde(flatten)]
    data: UserDataResponse,
    /// The events that they teach, archived ones first.
    events: Vec<EventResponse>,
}

impl Timetable {
    async fn held_of(&self, caller: &Caller, login: Login) -> Result<HeldResponse, Problem> {
        let data = self.accounts.data_of(caller, &login).await?;
        let (names, whose) = (self.names(), login);
        let read = move |tx: &_| {
            let teacher = Whose::Teacher(whose.as_str());
            let archived = archived_of(tx, teacher, None)?.into_iter().map(|archived| archived.event);
            let events = archived.chain(events_of(tx, teacher, None)?);
            Ok::<_, StoreError>(events.map(|event| EventResponse::new(&event, &names)).collect())
        };
        Ok(HeldResponse { data, events: self.app.store.read(read).await? })
    }
}

/// Hands out all that is held of somebody.
#[utoipa::path(
    get, path = "/api/v1/users/{login}/data",
    responses((status = 200, body = HeldResponse), (status = 429)),
)]
async fn get_user_data(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(login): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    caller.actor.must(Deed::Administer)?;
    let login = timetable.accounts.login_of(&login)?;
    Ok((NO_STORE, Out(timetable.held_of(&caller, login).await?)))
}

/// Hands out all that is held of the caller.
#[utoipa::path(
    get, path = "/api/v1/me/data",
    responses((status = 200, body = HeldResponse), (status = 404), (status = 429)),
)]
async fn get_own_data(State(timetable): State<Timetable>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let login = own_login(&caller)?;
    Ok((NO_STORE, Out(timetable.held_of(&caller, login).await?)))
}
