//! Whether the clock is trusted: a pure decision on what is known, and its reason in plain words.

use chrono::{DateTime, TimeDelta, Utc};

use super::Machine;
use super::answers::Said;
use crate::clock::JUMP;
use crate::config::ClockTrust;

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is believed.
    Trusted(By),
    /// It is not.
    Untrusted(Why),
}

/// Who vouches for the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The kernel.
    Kernel,
    /// systemd-timesyncd.
    Timesyncd,
    /// The `Date` of two answers.
    Answers,
    /// `[clock] trust = "always"`.
    Configuration,
}

/// Why the clock is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `[clock] trust = "never"`.
    Configuration,
    /// Nobody vouches for it.
    Unvouched,
    /// Somebody who was asked says another time.
    Contradicted,
    /// It shows a time before this one, which has passed: the last known, or the build's.
    Behind(DateTime<Utc>),
}

impl Standing {
    /// Is it believed?
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Trusted(_))
    }
}

impl By {
    /// As the interfaces write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Timesyncd => "timesyncd",
            Self::Answers => "answers",
            Self::Configuration => "configuration",
        }
    }
}

impl Why {
    /// What is wrong and what to do, in one line.
    pub fn line(self) -> String {
        match self {
            Self::Configuration => {
                "the configuration says [clock] trust = \"never\": with \"auto\" it is judged".to_owned()
            }
            Self::Unvouched => {
                "no time server and no two hosts on the internet vouch for it: let this box reach one (NTP), or set \
                 [clock] trust = \"always\" if you see to its clock yourself"
                    .to_owned()
            }
            Self::Contradicted => {
                "hosts on the internet say another time: let this box reach a time server (NTP), or set its clock"
                    .to_owned()
            }
            Self::Behind(at) => format!(
                "it shows a time before {}, which has passed: let this box reach a time server (NTP), or set its clock; \
                 if that time is the wrong one, [clock] trust = \"always\" forgets it",
                at.format("%Y-%m-%d %H:%M UTC")
            ),
        }
    }
}

/// What is known when the clock is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub(super) trust: ClockTrust,
    /// What the clock shows.
    pub(super) wall: DateTime<Utc>,
    /// The last time known, or the build's, whichever is later.
    pub(super) not_before: DateTime<Utc>,
    pub(super) machine: Machine,
    /// What the clock showed after its last jump.
    pub(super) jumped_to: Option<DateTime<Utc>>,
    pub(super) said: Said,
}

impl Evidence {
    pub(super) fn judge(&self) -> Standing {
        match self.trust {
            ClockTrust::Always => Standing::Trusted(By::Configuration),
            ClockTrust::Never => Standing::Untrusted(Why::Configuration),
            // As much is a correction, and no wrong clock.
            ClockTrust::Auto if self.wall + JUMP < self.not_before => Standing::Untrusted(Why::Behind(self.not_before)),
            ClockTrust::Auto => self.voucher().map_or_else(|| Standing::Untrusted(self.doubt()), Standing::Trusted),
        }
    }

    fn voucher(&self) -> Option<By> {
        match () {
            () if self.machine.kernel => Some(By::Kernel),
            () if self.machine.timesyncd.is_some_and(|at| self.is_of_this_clock(at)) => Some(By::Timesyncd),
            () if self.said == Said::Same => Some(By::Answers),
            () => None,
        }
    }

    /// timesyncd's word is of the clock as it was then: a jump since takes it away. It touches its file just after it has set
    /// the clock, which may be a moment before that jump is noticed.
    fn is_of_this_clock(&self, at: DateTime<Utc>) -> bool {
        self.jumped_to.is_none_or(|jumped| at >= jumped - JUMP) && at <= self.wall + JUMP
    }

    fn doubt(&self) -> Why {
        if self.said == Said::Another { Why::Contradicted } else { Why::Unvouched }
    }
}

/// Does a `Date` that came just now say what the clock says?
pub(super) fn agrees(date: DateTime<Utc>, wall: DateTime<Utc>) -> bool {
    (date - wall).abs() <= TimeDelta::minutes(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn evidence() -> Evidence {
        Evidence {
            trust: ClockTrust::Auto,
            wall: at("2026-11-21T10:00:00Z"),
            not_before: at("2026-11-20T10:00:00Z"),
            machine: Machine::default(),
            jumped_to: None,
            said: Said::Nothing,
        }
    }

    const KERNEL: Machine = Machine { kernel: true, timesyncd: None };

    #[test]
    fn each_witness_is_enough_and_none_is_not() {
        let timesyncd = Machine { kernel: false, timesyncd: Some(at("2026-11-21T09:00:00Z")) };
        let rows = [
            (Machine::default(), Said::Nothing, Standing::Untrusted(Why::Unvouched)),
            (Machine::default(), Said::Another, Standing::Untrusted(Why::Contradicted)),
            (Machine::default(), Said::Same, Standing::Trusted(By::Answers)),
            (timesyncd, Said::Nothing, Standing::Trusted(By::Timesyncd)),
            (KERNEL, Said::Another, Standing::Trusted(By::Kernel)),
        ];
        for (machine, said, expected) in rows {
            assert_eq!(Evidence { machine, said, ..evidence() }.judge(), expected, "{machine:?} {said:?}");
        }
    }

    #[test]
    fn no_witness_counts_before_a_time_that_has_passed() {
        let not_before = at("2026-11-21T10:01:00Z");
        let judged = |not_before| Evidence { machine: KERNEL, said: Said::Same, not_before, ..evidence() }.judge();
        assert_eq!(judged(not_before), Standing::Trusted(By::Kernel), "a correction of a minute");
        let later = not_before + TimeDelta::seconds(1);
        assert_eq!(judged(later), Standing::Untrusted(Why::Behind(later)));
    }

    #[test]
    fn the_configuration_has_the_last_word() {
        let behind = Evidence { trust: ClockTrust::Always, wall: DateTime::UNIX_EPOCH, ..evidence() };
        assert_eq!(behind.judge(), Standing::Trusted(By::Configuration));
        let never = Evidence { trust: ClockTrust::Never, machine: KERNEL, ..evidence() };
        assert_eq!(never.judge(), Standing::Untrusted(Why::Configuration));
    }

    #[test]
    fn what_timesyncd_said_before_a_jump_counts_no_more() {
        let rows = [
            ("2026-11-21T09:00:00Z", Some("2026-11-21T09:00:01Z"), true),
            ("2026-11-21T08:00:00Z", Some("2026-11-21T09:00:01Z"), false),
            ("2026-11-21T11:00:00Z", Some("2026-11-21T09:00:01Z"), false), // set back since
            ("2026-11-21T11:00:00Z", None, false),
            ("2026-11-01T11:00:00Z", None, true),
        ];
        for (said, jumped_to, trusted) in rows {
            let machine = Machine { kernel: false, timesyncd: Some(at(said)) };
            let judged = Evidence { machine, jumped_to: jumped_to.map(at), ..evidence() }.judge();
            assert_eq!(judged.is_trusted(), trusted, "{said} {jumped_to:?}");
        }
    }

    #[test]
    fn ten_minutes_are_near_enough() {
        let wall = at("2026-11-21T10:00:00Z");
        for (date, near) in [
            ("2026-11-21T10:10:00Z", true),
            ("2026-11-21T09:50:00Z", true),
            ("2026-11-21T10:10:01Z", false),
            ("2026-11-21T09:49:59Z", false),
        ] {
            assert_eq!(agrees(at(date), wall), near, "{date}");
        }
    }
}
