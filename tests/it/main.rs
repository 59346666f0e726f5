//! The appliance from outside: through its router, with a clock in the test's hand and a planning site on loopback; and
//! its commands through the real binary, in a temporary folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

mod acme;
mod acme_advice;
mod acme_mended;
mod acme_refused;
mod acme_rig;
mod acme_served;
mod app;
mod architecture;
mod audit;
mod bad_calendars;
mod browser;
mod check;
mod clock;
mod commands;
<<<<<<< HEAD
mod export_calendar;
=======
mod erasure;
>>>>>>> 19af6f579a5841ede9c12566f9274a496d1d6875
mod feeds;
mod feeds_guarded;
mod feeds_rest;
mod go_between;
mod handed;
mod https;
mod import_commands;
mod import_events;
mod import_webcafe;
mod ipp;
mod openapi;
mod own_events;
mod package;
mod pebble;
mod people;
mod plain;
mod process;
mod rendering;
mod rest;
mod rollover;
mod rollover_kept;
mod sign_in;
mod stale;
mod subscribers;
mod supervised;
mod timetable_clashes;
mod timetable_commands;
mod timetable_events;
mod timetable_rights;
mod timetable_rooms;
mod timetable_school;
mod timetable_series;
mod timetable_undo;
mod upstream;
