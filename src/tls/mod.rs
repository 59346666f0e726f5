//! HTTPS: which certificate is shown, where it comes from, and how TLS is spoken.

pub mod acme;
mod challenges;
mod files;
mod pair;
mod server;
mod showcase;

pub use challenges::Challenges;
pub use files::{Certificates, Reload, TlsFilesError};
pub use pair::{Leaf, Pair, PairError};
pub use server::{ACME_TLS, provider, server_config};
pub use showcase::Showcase;
