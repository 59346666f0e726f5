//! `/admin/users`: who is here, added, changed, kept out, given another password, erased. Removal stands with the
//! timetable, which knows whose events would lose their teacher.

mod add;
mod edit;
mod fields;
mod keep_out;
mod list;
mod password;

use axum::Router;
use axum::routing::get;

use crate::accounts::Accounts;

/// The routes.
pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/admin/users", get(list::show_users))
        .route("/admin/users/add", get(add::show_new_user).post(add::submit_new_user))
        .route("/admin/users/{login}/edit", get(edit::show_user).post(edit::submit_user))
        .route("/admin/users/{login}/password", get(password::show_reset).post(password::submit_reset))
        .route("/admin/users/{login}/disable", get(keep_out::show_disabling).post(keep_out::submit_disabling))
        .route("/admin/users/{login}/enable", axum::routing::post(keep_out::submit_enabling))
        .route("/admin/users/{login}/erase", get(keep_out::show_erasure).post(keep_out::submit_erasure))
}
