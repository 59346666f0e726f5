//! What the machine itself says of its clock: the kernel, and systemd-timesyncd. Reads, and sets nothing.

use std::fs;

use chrono::{DateTime, Utc};

/// Touched by timesyncd each time that it has heard a time server.
const TIMESYNCD: &str = "/run/systemd/timesync/synchronized";

/// The machine's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The kernel calls its clock synchronised: chrony, ntpd, timesyncd or a hypervisor sees to it.
    pub kernel: bool,
    /// When timesyncd last said so, by this same clock. It stands where the kernel cannot be asked, in a container.
    pub timesyncd: Option<DateTime<Utc>>,
}

impl Machine {
    /// Asks this machine. Takes microseconds.
    pub fn ask() -> Self {
        let touched = fs::metadata(TIMESYNCD).and_then(|file| file.modified()).ok();
        Self { kernel: kernel_is_synchronised(), timesyncd: touched.map(DateTime::from) }
    }
}

/// adjtimex(2). Setting the time by hand makes the kernel take its word back, and so do some hours without a time server.
#[allow(unsafe_code)] // no crate wraps the reading of this flag: nix and rustix do not know it, clock-steering sets alone
fn kernel_is_synchronised() -> bool {
    // SAFETY: `timex` is made of integers alone, for which zero is a value; with `modes` 0 adjtimex changes nothing and
    // fills the struct that it is given, which lives until after the call.
    let (state, status) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex.status)
    };
    state != -1 && state != libc::TIME_ERROR && status & libc::STA_UNSYNC == 0
}
