//! The pages of events: one shown, made, changed, moved, cancelled, removed, taken back.
//!
//! A face over `rules`: what a form says becomes an `EventRequest`, and what a rule refuses becomes the form again, with
//! the events in the way and the rooms that are free. A page hides what would be refused; whether it is, the rules say.

mod change;
mod desk;
mod differences;
mod fields;
mod free;
mod history;
mod make;
mod obstacles;
mod read;
mod remove;
mod sheet;
mod show;
mod undo;

use axum::Router;
use axum::routing::{get, post};

pub(in crate::timetable) use desk::when;

use crate::timetable::Timetable;

/// The routes.
pub(super) fn routes() -> Router<Timetable> {
    Router::new()
        .route("/events/new", get(make::show_new_event).post(make::submit_new_event))
        .route("/events/{id}", get(show::show_event))
        .route("/events/{id}/edit", get(change::show_event_form).post(change::submit_event))
        .route("/events/{id}/move", post(change::submit_move))
        .route("/events/{id}/cancel", get(remove::show_cancellation).post(remove::submit_cancellation))
        .route("/events/{id}/delete", get(remove::show_event_removal).post(remove::submit_event_removal))
        .route("/events/{id}/undo", post(undo::submit_undo))
}
