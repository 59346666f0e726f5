//! HTTPS: which certificate is shown, where it comes from, and how TLS is spoken.
//!
//! [`Certificates`] is the service: it always has something to show, keeps it from lapsing, and says what is wrong. Where
//! a certificate comes from is a source of its own: `files`, `own` (self-signed) or `acme`. No key and nothing of an
//! account leaves this folder.

pub mod acme;
mod certificates;
mod challenges;
mod error;
mod files;
mod issue;
mod open;
mod own;
mod pair;
mod restore;
mod server;
mod showcase;
mod status;
#[cfg(test)]
mod tests;
mod watch;

pub use certificates::{Certificates, Renewed};
pub use challenges::Challenges;
pub use error::TlsError;
pub use files::FilesError;
pub use open::{authority_client, check};
pub use own::KEYS as OWN_KEYS;
pub use pair::{Leaf, Pair, PairError};
pub use restore::{PRIVATE_KEYS, carry_over};
pub use server::{ACME_TLS, provider, server_config};
pub use showcase::Showcase;
pub use status::{Failure, Next, Origin, Status, Trouble, TroubleKind};
