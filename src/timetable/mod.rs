//! The timetable that staff run. Here: what a file says of it, read.

pub mod import;
mod when;
