//! Carillon: the timetable appliance. See ARCHITECTURE.md for the map.

pub mod actor;
pub mod app;
pub mod audit;
pub mod clock;
pub mod cohorts;
pub mod config;
pub mod control;
pub mod error;
pub mod feeds;
pub mod fetch;
pub mod http;
pub mod ical;
pub mod id;
pub mod logs;
pub mod net;
pub mod seal;
pub mod secret;
pub mod settings;
pub mod store;
