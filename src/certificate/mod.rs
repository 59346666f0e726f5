//! The faces of the certificate: what serves, until when, what comes next; to renew it by hand; and the authority of our
//! own, for devices that are to trust it. For administrators alone.
//!
//! What a certificate is, and how one is had, is `tls`' business.

mod api;
pub mod commands;

pub use api::{CertificateSummary, routes};
