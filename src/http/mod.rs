//! What every face of the web needs: problem answers, extractors, lists, validators. Knows no school.

pub mod caching;
pub mod extract;
pub mod list;
pub mod percent;
pub mod problem;
pub mod session;

pub use extract::{Json, Path, Query};
pub use list::{Listing, Page};
pub use problem::Problem;
