//! How fast passwords may be tried, in memory.
//!
//! Three bounds. An (address, name) pair waits longer with each failure, at most a minute. An address, an IPv6 one by its
//! /64, has a generous number of failures, since a school shares one; so has a name, wherever the failures come from. Where
//! either has none left, each new pair knocks once and comes back some seconds later, which nobody can keep somebody else
//! from doing. Where a name has signed in before, from an address or with a device's cookie, these two do not count; a
//! device's failures are its own, so whoever shares its address cannot make it wait, and so are those of somebody who is
//! signed in. A try counts from when it begins, and is taken back where it was right: many at once are no way around. What
//! is refused is not remembered, but for its knock.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::password::Guest;
use crate::accounts::buckets::{Bucket, Rate, Remembered, whole_secs};
use crate::secret::Fingerprint;

/// So many failures of a pair cost nothing: fingers slip.
const FREE: u32 = 3;
const LONGEST_WAIT_SECS: i64 = 60;
/// A pair that has rested so long begins anew.
const REST: TimeDelta = TimeDelta::minutes(15);
/// How long a new pair waits before it may try where its address or its name is guessed at.
const KNOCK: TimeDelta = TimeDelta::seconds(5);
/// Failures of an address, whatever the names.
const ADDRESS: Rate = Rate { burst: 60, every: TimeDelta::seconds(2) };
/// Failures of a name, wherever they come from.
const NAME: Rate = Rate { burst: 20, every: TimeDelta::seconds(30) };

/// Where a try comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// An address, or the network that one household has of IPv6.
    Network(IpAddr),
    /// A device that the name has signed in with.
    Device(Fingerprint),
    /// Wherever the name is signed in.
    Themselves,
}

impl Source {
    /// The network of an address.
    pub(super) fn network(ip: IpAddr) -> Self {
        Self::Network(match ip.to_canonical() {
            IpAddr::V6(ip) => prefix(ip, 64),
            ip => ip,
        })
    }
}

/// The network that one site has at most: an address, of IPv6 a /48.
fn site_of(network: IpAddr) -> IpAddr {
    match network {
        IpAddr::V6(ip) => prefix(ip, 48),
        ip => ip,
    }
}

fn prefix(ip: Ipv6Addr, bits: u32) -> IpAddr {
    Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (128 - bits))).into()
}

/// A name at a place.
type Pair = (Source, Fingerprint);

/// A try that was let in. It counts as a failure until something better is said of it.
#[derive(Debug)]
pub(super) struct Try {
    pair: Pair,
    /// Who tries.
    pub(super) guest: Guest,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The password was right.
    Right,
    /// Nobody has looked at the password.
    Unanswered,
}

/// The tries of late. Cheap to ask.
#[derive(Debug, Default)]
pub(in crate::accounts) struct Throttle(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    failures: Remembered<Pair, Failures>,
    /// Pairs that have signed in. No failure of anybody pushes one out.
    good: Remembered<Pair, ()>,
    /// When a pair has knocked.
    knocks: Remembered<Pair, DateTime<Utc>>,
    addresses: Remembered<Source, Bucket>,
    names: Remembered<Fingerprint, Bucket>,
}

/// How often a pair has failed of late.
#[derive(Debug, Default)]
struct Failures {
    count: u32,
    last: DateTime<Utc>,
    not_before: DateTime<Utc>,
}

impl Throttle {
    /// Lets a try of a name in, or says how many seconds to wait.
    pub(super) fn admit(&self, source: Source, name: &str, now: DateTime<Utc>) -> Result<Try, u64> {
        let pair = (source, Fingerprint::of(&name.trim().to_lowercase()));
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guest = ledger.admit(pair, now).map_err(whole_secs)?;
        Ok(Try { pair, guest })
    }

    /// Takes back what a try counted for.
    pub(super) fn settle(&self, tried: &Try, outcome: Outcome, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).settle(tried, outcome, now);
    }
}

impl Ledger {
    fn admit(&mut self, pair: Pair, now: DateTime<Utc>) -> Result<Guest, TimeDelta> {
        none_left(self.failures.find(&pair).map_or(TimeDelta::zero(), |failures| failures.wait(now)))?;
        let guest = self.guest(pair);
        if let Guest::Stranger(_) = guest {
            if self.is_guessed_at(pair, now) {
                none_left(self.knock(pair, now))?;
            }
            self.addresses.of(pair.0, now).take(ADDRESS, now);
            self.names.of(pair.1, now).take(NAME, now);
        }
        self.failures.of(pair, now).add(now);
        Ok(guest)
    }

    fn guest(&self, pair: Pair) -> Guest {
        match pair.0 {
            Source::Network(network) if self.good.find(&pair).is_none() => Guest::Stranger(site_of(network)),
            _ => Guest::Known,
        }
    }

    fn is_guessed_at(&self, (source, name): Pair, now: DateTime<Utc>) -> bool {
        let waits = [
            self.addresses.find(&source).map(|address| address.wait(ADDRESS, now)),
            self.names.find(&name).map(|name| name.wait(NAME, now)),
        ];
        waits.into_iter().flatten().any(|wait| wait > TimeDelta::zero())
    }

    /// How long until the second knock; the knock is used up by the try that it lets in.
    fn knock(&mut self, pair: Pair, now: DateTime<Utc>) -> TimeDelta {
        let since = now - *self.knocks.or_insert(pair, now, now);
        if (TimeDelta::zero()..KNOCK).contains(&since) {
            return KNOCK - since;
        }
        self.knocks.delete(&pair);
        TimeDelta::zero()
    }

    fn settle(&mut self, tried: &Try, outcome: Outcome, now: DateTime<Utc>) {
        let pair = tried.pair;
        if let Guest::Stranger(_) = tried.guest {
            self.addresses.find_mut(&pair.0).into_iter().for_each(|address| address.give_back(ADDRESS));
            self.names.find_mut(&pair.1).into_iter().for_each(|name| name.give_back(NAME));
        }
        match outcome {
            Outcome::Right => {
                self.failures.delete(&pair);
                if let Source::Network(_) = pair.0 {
                    self.good.of(pair, now);
                }
            }
            Outcome::Unanswered => self.failures.find_mut(&pair).into_iter().for_each(Failures::take_back),
        }
    }
}

fn none_left(wait: TimeDelta) -> Result<(), TimeDelta> {
    if wait > TimeDelta::zero() { Err(wait) } else { Ok(()) }
}

impl Failures {
    /// A clock that was set back is a rest too.
    fn are_over(&self, now: DateTime<Utc>) -> bool {
        self.count == 0 || (now - self.last).abs() >= REST
    }

    fn wait(&self, now: DateTime<Utc>) -> TimeDelta {
        if self.are_over(now) { TimeDelta::zero() } else { self.not_before - now }
    }

    fn add(&mut self, now: DateTime<Utc>) {
        self.count = if self.are_over(now) { 1 } else { self.count + 1 };
        self.last = now;
        self.not_before = now + delay(self.count);
    }

    fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
        self.not_before = self.last;
    }
}

/// 2, 4, 8 … 60 seconds, from the failure on that is not free any more.
fn delay(failures: u32) -> TimeDelta {
    let doubled = failures.checked_sub(FREE).map_or(0, |over| 1 << over.min(6));
    TimeDelta::seconds(if failures > FREE { LONGEST_WAIT_SECS.min(doubled) } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::buckets::REMEMBERED;

    struct Test {
        throttle: Throttle,
        now: DateTime<Utc>,
    }

    impl Test {
        fn new() -> Self {
            Self { throttle: Throttle::default(), now: DateTime::from_timestamp(1_000_000_000, 0).unwrap() }
        }

        fn later(&mut self, secs: i64) {
            self.now += TimeDelta::seconds(secs);
        }

        /// A wrong password: the wait, or 0 where it was looked at.
        fn wrong(&self, source: Source, name: &str) -> u64 {
            self.throttle.admit(source, name, self.now).err().unwrap_or(0)
        }

        fn right(&self, source: Source, name: &str) -> u64 {
            match self.throttle.admit(source, name, self.now) {
                Ok(tried) => {
                    self.throttle.settle(&tried, Outcome::Right, self.now);
                    0
                }
                Err(wait) => wait,
            }
        }
    }

    fn ip(nth: u32) -> Source {
        Source::network(IpAddr::from(nth.to_be_bytes()))
    }

    #[test]
    fn a_pair_waits_longer_with_each_failure_and_a_right_password_ends_it() {
        let mut test = Test::new();
        let mut waits = Vec::new();
        for _ in 0..11 {
            assert_eq!(test.wrong(ip(1), "sam"), 0);
            // To ask how long it is costs nothing, for what is refused does not count.
            let pair = (ip(1), Fingerprint::of("sam"));
            let wait = test.throttle.0.lock().unwrap().failures.find(&pair).unwrap().wait(test.now).num_seconds();
            if wait > 0 {
                assert_eq!(test.wrong(ip(1), " SAM "), wait as u64);
            }
            test.later(wait);
            waits.push(wait);
        }
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!((test.right(ip(1), "sam"), test.wrong(ip(1), "sam"), test.wrong(ip(1), "sam")), (0, 0, 0));
    }

    #[test]
    fn one_name_at_one_address_keeps_no_other_waiting() {
        let test = Test::new();
        while test.wrong(ip(1), "sam") == 0 {}
        assert_eq!((test.right(ip(1), "ada"), test.right(ip(2), "sam")), (0, 0));
    }

    #[test]
    fn a_rest_begins_anew() {
        let mut test = Test::new();
        while test.wrong(ip(1), "sam") == 0 {}
        test.later(REST.num_seconds());
        for _ in 0..4 {
            assert_eq!(test.wrong(ip(1), "sam"), 0);
        }
    }

    #[test]
    fn an_address_has_many_failures_and_then_each_name_knocks() {
        let mut test = Test::new();
        assert_eq!(test.right(ip(1), "known"), 0);
        let tried = (0..200).filter(|n| test.wrong(ip(1), &format!("n{n}")) == 0).count();
        assert_eq!(tried, 60);
        assert_eq!(test.wrong(ip(1), "new"), 5);
        assert_eq!(test.right(ip(1), "known"), 0, "who has signed in from there goes on");
        assert_eq!(test.right(ip(2), "new"), 0, "and so does another address");
        test.later(2);
        assert_eq!((test.wrong(ip(1), "another"), test.wrong(ip(1), "newer")), (0, 5), "one more after two seconds");
    }

    #[test]
    fn nobody_keeps_a_new_device_of_the_school_out_by_guessing_all_the_time() {
        let mut test = Test::new();
        (0..200).for_each(|n| assert!(test.wrong(ip(1), &format!("n{n}")) < 60));
        assert_eq!(test.right(ip(1), "new"), 5);
        for second in 0..5 {
            test.later(1);
            (0..50).for_each(|n| assert!(test.wrong(ip(1), &format!("m{second}.{n}")) < 60));
        }
        assert_eq!(test.right(ip(1), "new"), 0);
    }

    #[test]
    fn guesses_that_knock_never_fill_the_bucket_again() {
        let mut test = Test::new();
        (0..20).for_each(|n| assert_eq!(test.wrong(ip(n), "sam"), 0));
        (20..60).for_each(|n| assert_eq!(test.wrong(ip(n), "sam"), 5));
        test.later(5);
        (20..60).for_each(|n| assert_eq!(test.wrong(ip(n), "sam"), 0));
        assert_eq!(test.wrong(ip(99), "sam"), 5);
    }

    #[test]
    fn what_is_refused_pushes_nobody_out_and_no_guess_whoever_has_signed_in() {
        let mut test = Test::new();
        assert_eq!(test.right(ip(1), "known"), 0);
        while test.wrong(ip(1), "sam") == 0 {}
        (0..60).for_each(|n| assert_eq!(test.wrong(ip(2), &format!("n{n}")), 0));
        test.later(1);
        (0..5000).for_each(|n| assert_eq!(test.wrong(ip(2), &format!("m{n}")), 5));
        assert!(test.wrong(ip(1), "sam") > 0, "a pair that waits still does");
        (0..5000).for_each(|n| assert!(test.wrong(ip(10_000 + n), &format!("m{n}")) < 60));
        while test.wrong(ip(1), "other") == 0 {}
        let tried = test.throttle.admit(ip(1), "known", test.now).unwrap();
        assert_eq!(tried.guest, Guest::Known);
    }

    #[test]
    fn right_passwords_of_a_whole_school_cost_its_address_nothing() {
        let test = Test::new();
        assert_eq!((0..1000).filter(|n| test.right(ip(1), &format!("n{n}")) > 0).count(), 0);
    }

    #[test]
    fn a_name_under_attack_lets_a_new_address_in_after_five_seconds() {
        let mut test = Test::new();
        assert_eq!(test.right(ip(7), "sam"), 0);
        let tried = (100..400).filter(|n| test.wrong(ip(*n), "sam") == 0).count();
        assert_eq!(tried, 20);
        assert_eq!(test.right(ip(7), "sam"), 0, "an address that sam has signed in from");
        assert_eq!(test.right(ip(8), "sam"), 5);
        test.later(4);
        assert_eq!(test.right(ip(8), "sam"), 1);
        (400..600).for_each(|n| assert!(test.wrong(ip(n), "sam") < 60));
        test.later(1);
        assert_eq!(test.right(ip(8), "sam"), 0);
    }

    #[test]
    fn a_device_has_failures_of_its_own() {
        let test = Test::new();
        let device = Source::Device(Fingerprint::of("cookie"));
        while test.wrong(ip(1), "sam") == 0 {}
        (100..400).for_each(|n| assert!(test.wrong(ip(n), "sam") < 60));
        assert_eq!(test.right(device, "sam"), 0);
        while test.wrong(device, "sam") == 0 {}
        assert!(test.right(device, "sam") > 0);
    }

    #[test]
    fn many_at_once_are_counted_before_any_is_answered() {
        let test = Test::new();
        let admitted: Vec<_> = (0..50).filter_map(|_| test.throttle.admit(ip(1), "sam", test.now).ok()).collect();
        assert_eq!(admitted.len(), 4);
        admitted.iter().for_each(|tried| test.throttle.settle(tried, Outcome::Unanswered, test.now));
        assert_eq!((0..50).filter(|_| test.wrong(ip(1), "sam") == 0).count(), 4, "nobody has looked at the first ones");
    }

    #[test]
    fn a_clock_that_goes_back_keeps_nobody_out() {
        let mut test = Test::new();
        (0..100).for_each(|n| assert!(test.wrong(ip(1), &format!("n{n}")) < 60));
        while test.wrong(ip(2), "sam") == 0 {}
        test.later(-86_400 * 365);
        assert_eq!(test.right(ip(2), "sam"), 0);
        assert_eq!(test.wrong(ip(1), "other"), 0);
    }

    #[test]
    fn ipv6_counts_by_the_network_of_a_household() {
        let of = |text: &str| Source::network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn a_site_is_an_address_or_the_48_that_one_provider_gives() {
        let site = |text: &str| match Source::network(text.parse().unwrap()) {
            Source::Network(network) => site_of(network).to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(site("2001:db8:1:2::1"), "2001:db8:1::");
        assert_eq!(site("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut test = Test::new();
        for n in 0..4500 {
            test.wrong(ip(n), &format!("n{n}"));
            test.later(1);
        }
        let ledger = test.throttle.0.lock().unwrap();
        let counts = [ledger.failures.count(), ledger.addresses.count(), ledger.names.count()];
        assert_eq!(counts, [REMEMBERED; 3]);
    }
}
