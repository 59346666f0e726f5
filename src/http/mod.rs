//! What every face of the web needs: problem answers, extractors, lists, validators, the shell and the forms of pages. Knows
//! no school.
//!
//! A page with a form, whole; its address answers GET with the form and POST with what it does, so that whoever is asked
//! to sign in between the two comes back to the form:
//!
//! ```ignore
//! async fn show_room(visit: Visit) -> Result<Response, PageProblem> {
//!     visit.caller.actor.must(Deed::ChangeTimetable)?;
//!     Ok(room_page(&visit, &Typed::new().with("capacity", 30), &Mistakes::none()))
//! }
//!
//! async fn submit_room(State(rooms): State<Rooms>, visit: Visit, typed: Typed) -> Result<Response, PageProblem> {
//!     let words = visit.words;
//!     let mut mistakes = Mistakes::none();
//!     let capacity = typed.read("capacity", words.rooms.bad_capacity, &mut mistakes, |text| text.parse().ok());
//!     if mistakes.any() {
//!         return Ok(room_page(&visit, &typed, &mistakes));
//!     }
//!     let new = CreateRoomRequest { name: typed.text("name"), kind: typed.filled("kind"), capacity, .. };
//!     match rooms.create(&visit.caller, new).await {
//!         Ok(room) => Ok(visit.then("/rooms", Notice::RoomAdded).about(room.slug.as_str()).into_response()),
//!         Err(error) => {
//!             let said = |bad: &FieldError| (bad.field == "name").then(|| Mistake::at("name", words.rooms.bad_name));
//!             Ok(room_page(&visit, &typed, &Mistakes::of(error, said)?))
//!         }
//!     }
//! }
//!
//! fn room_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
//!     let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
//!     form.answer(visit.page(words.rooms.add, html! {
//!         h1 { (words.rooms.add) }
//!         form .narrow method="post" action="/rooms/add" {
//!             (form.summary())
//!             (form.field(&Field::text("name", words.rooms.name).hint(words.rooms.name_hint)))
//!             (form.field(&Field::number("capacity", words.rooms.capacity).between(1, 5000).optional()))
//!             (form.submit(words.rooms.add))
//!         }
//!     }))
//! }
//! ```

pub mod assets;
pub mod caching;
pub mod extract;
pub mod form;
pub mod list;
pub mod page;
pub mod percent;
pub mod precondition;
pub mod problem;
pub mod qr;
pub mod session;
pub mod upload;
pub mod visit;

pub use extract::{Json, Path, Query};
pub use form::{Field, Form, Mistake, Mistakes, Typed};
pub use list::{Listing, Page};
pub use page::trouble::PageProblem;
pub use page::{Confirm, Then};
pub use precondition::{IfMatch, Tag, Tagged};
pub use problem::Problem;

pub use visit::Visit;
