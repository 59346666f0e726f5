//! `carillon user …` and `carillon token …`

pub use super::tokens::{TokenCommand, run_token};
pub use super::users::{UserCommand, run_user};
