//! The pages of rooms, for staff: which there are and which are free, and for planners to add, change and remove one.

mod change;
mod list;
mod remove;

use axum::Router;
use axum::routing::get;

use crate::timetable::Timetable;

/// The routes.
pub(super) fn routes() -> Router<Timetable> {
    Router::new()
        .route("/rooms", get(list::show_rooms))
        .route("/rooms/add", get(change::show_new_room).post(change::submit_new_room))
        .route("/rooms/{slug}/edit", get(change::show_room_form).post(change::submit_room))
        .route("/rooms/{slug}/remove", get(remove::show_room_removal).post(remove::submit_room_removal))
}
