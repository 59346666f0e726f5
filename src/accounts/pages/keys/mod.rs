//! `/admin/tokens`: every address that was handed out, what it opens and when it was last used; made, rotated and revoked.

mod cards;
mod change;
mod list;

use axum::Router;
use axum::routing::get;

use crate::accounts::Accounts;

/// The routes.
pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/admin/tokens", get(list::show_tokens))
        .route("/admin/tokens/add", get(change::show_new_token).post(change::submit_new_token))
        .route("/admin/tokens/cards", get(cards::show_cards).post(cards::submit_cards))
        .route("/admin/tokens/{id}/rotate", get(change::show_token_rotation).post(change::submit_token_rotation))
        .route("/admin/tokens/{id}/revoke", get(change::show_token_revocation).post(change::submit_token_revocation))
}
