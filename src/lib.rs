//! Carillon: the timetable appliance. See ARCHITECTURE.md for the map.

pub mod actor;
pub mod clock;
pub mod error;
pub mod id;
pub mod secret;
pub mod store;
