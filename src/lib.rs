//! Carillon: the timetable appliance. See ARCHITECTURE.md for the map.

pub mod accounts;
pub mod actor;
pub mod app;
pub mod assemble;
pub mod audit;
pub mod backup;
pub mod calendars;
pub mod certificate;
pub mod check;
pub mod cli;
pub mod clock;
pub mod cohorts;
pub mod config;
pub mod control;
pub mod demo;
pub mod error;
pub mod feeds;
pub mod fetch;
pub mod health;
pub mod http;
pub mod ical;
pub mod id;
pub mod logs;
pub mod manual;
pub mod net;
pub mod openapi;
pub mod plain;
pub mod router;
pub mod schedule;
pub mod seal;
pub mod secret;
pub mod serve;
pub mod settings;
pub mod sheets;
pub mod store;
pub mod supervisor;
pub mod timekeeping;
pub mod timetable;
pub mod tls;
pub mod words;

#[cfg(test)]
mod page_tests;
