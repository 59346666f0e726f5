//! The faces of the certificate: what serves, until when, what comes next; to renew it by hand; and the authority of our
//! own, for devices that are to trust it. For administrators alone.
//!
//! What a certificate is, and how one is had, is `tls`' business.

mod api;
pub mod commands;
mod pages;

use utoipa_axum::router::OpenApiRouter;

pub use api::CertificateSummary;

use crate::app::App;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(pages::routes().into())
}
