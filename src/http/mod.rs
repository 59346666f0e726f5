//! What every face of the web needs: problem answers, extractors, lists, validators, the shell of pages. Knows no school.

pub mod assets;
pub mod caching;
pub mod extract;
pub mod list;
pub mod page;
pub mod percent;
pub mod precondition;
pub mod problem;
pub mod qr;
pub mod session;
pub mod trouble;
pub mod visit;

pub use extract::{Json, Path, Query};
pub use list::{Listing, Page};
pub use precondition::{IfMatch, Tag, Tagged};
pub use problem::Problem;
pub use trouble::PageProblem;
pub use visit::Visit;
