//! `carillon room …`, `carillon event …`, `carillon clashes`, and the timetable's parts of `carillon import` and `export`

pub use super::clashes::commands::{ClashesCommand, run_clashes};
pub use super::events::commands::{EventCommand, run_event};
pub use super::import::commands::{
    ExportCommand, ImportEvents, ImportWebCafe, run_export, run_import_events, run_import_webcafe,
};
pub use super::rooms::commands::{RoomCommand, run_room};

/// The query of what is asked for; empty where nothing is.
pub(super) fn query_of(pairs: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}
