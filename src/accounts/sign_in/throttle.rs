//! How fast passwords may be tried, in memory.
//!
//! Three bounds. An (address, name) pair waits longer with each failure, at most a minute. An address, an IPv6 one by its
//! /64, has a generous number of failures, since a school shares one. A name that is guessed at from everywhere makes each
//! new address knock once and come back some seconds later, which nobody can keep somebody else from doing. Where a name
//! has signed in before, from an address or with a device's cookie, the last two do not count; a device's failures are its
//! own, so whoever shares its address cannot make it wait. A try counts from when it begins, and is taken back where it
//! was right: many at once are no way around.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::secret::Fingerprint;

/// So many failures of a pair cost nothing: fingers slip.
const FREE: u32 = 3;
const LONGEST_WAIT_SECS: i64 = 60;
/// A pair that has rested so long begins anew.
const REST: TimeDelta = TimeDelta::minutes(15);
/// How long a new address waits before it may try a name that is guessed at.
const KNOCK: TimeDelta = TimeDelta::seconds(5);
/// Failures of an address, whatever the names.
const ADDRESS: Rate = Rate { burst: 60, every: TimeDelta::seconds(2) };
/// Failures of a name, wherever they come from.
const NAME: Rate = Rate { burst: 20, every: TimeDelta::seconds(30) };
/// Of each kind so many are remembered; then the one that was quiet longest is forgotten.
const REMEMBERED: usize = 4096;

/// Where a try comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// An address, or the network that one household has of IPv6.
    Network(IpAddr),
    /// A device that the name has signed in with.
    Device(Fingerprint),
}

impl Source {
    /// The network of an address.
    pub(super) fn network(ip: IpAddr) -> Self {
        Self::Network(match ip.to_canonical() {
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
            ip => ip,
        })
    }
}

/// A try that was let in. It counts as a failure until something better is said of it.
#[derive(Debug)]
pub(super) struct Try {
    source: Source,
    name: Fingerprint,
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
    pairs: Remembered<(Source, Fingerprint), Pair>,
    addresses: Remembered<Source, Bucket>,
    names: Remembered<Fingerprint, Bucket>,
}

/// What is known of a name at an address.
#[derive(Debug, Default)]
struct Pair {
    failures: u32,
    last: DateTime<Utc>,
    not_before: DateTime<Utc>,
    knocked_at: Option<DateTime<Utc>>,
    /// The name has signed in from there.
    good: bool,
}

/// A number of failures that refills with time.
#[derive(Debug, Default)]
struct Bucket {
    full_at: DateTime<Utc>,
}

#[derive(Clone, Copy)]
struct Rate {
    burst: i32,
    every: TimeDelta,
}

impl Throttle {
    /// Lets a try of a name in, or says how many seconds to wait.
    pub(super) fn admit(&self, source: Source, name: &str, now: DateTime<Utc>) -> Result<Try, u64> {
        let name = Fingerprint::of(&name.trim().to_lowercase());
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.admit(source, name, now).map_err(whole_secs)?;
        Ok(Try { source, name })
    }

    /// Takes back what a try counted for.
    pub(super) fn settle(&self, tried: &Try, outcome: Outcome, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).settle(tried, outcome, now);
    }
}

/// Never nought: a wait is a wait.
fn whole_secs(wait: TimeDelta) -> u64 {
    u64::try_from((wait.num_milliseconds() + 999) / 1000).unwrap_or_default().max(1)
}

impl Ledger {
    fn admit(&mut self, source: Source, name: Fingerprint, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let pair = self.pairs.of((source, name), now);
        pair.rest(now);
        none_left(pair.wait(now))?;
        if is_bounded(source, pair) {
            let (address, named) = (self.addresses.of(source, now), self.names.of(name, now));
            none_left(address.wait(ADDRESS, now))?;
            if named.wait(NAME, now) > TimeDelta::zero() {
                none_left(pair.knock(now))?;
            }
            address.take(ADDRESS, now);
            named.take(NAME, now);
        }
        pair.fail(now);
        Ok(())
    }

    fn settle(&mut self, tried: &Try, outcome: Outcome, now: DateTime<Utc>) {
        let pair = self.pairs.of((tried.source, tried.name), now);
        if is_bounded(tried.source, pair) {
            self.addresses.of(tried.source, now).give_back(ADDRESS);
            self.names.of(tried.name, now).give_back(NAME);
        }
        match outcome {
            Outcome::Right => *pair = Pair { good: true, last: now, ..Pair::default() },
            Outcome::Unanswered => pair.take_back(),
        }
    }
}

fn is_bounded(source: Source, pair: &Pair) -> bool {
    matches!(source, Source::Network(_)) && !pair.good
}

fn none_left(wait: TimeDelta) -> Result<(), TimeDelta> {
    if wait > TimeDelta::zero() { Err(wait) } else { Ok(()) }
}

impl Pair {
    /// A clock that was set back is a rest too.
    fn rest(&mut self, now: DateTime<Utc>) {
        if (now - self.last).abs() >= REST {
            self.failures = 0;
        }
    }

    fn wait(&self, now: DateTime<Utc>) -> TimeDelta {
        if self.failures == 0 { TimeDelta::zero() } else { self.not_before - now }
    }

    /// How long until the second knock; the knock is used up by the try that it lets in.
    fn knock(&mut self, now: DateTime<Utc>) -> TimeDelta {
        let since = now - *self.knocked_at.get_or_insert(now);
        if (TimeDelta::zero()..KNOCK).contains(&since) {
            return KNOCK - since;
        }
        self.knocked_at = None;
        TimeDelta::zero()
    }

    fn fail(&mut self, now: DateTime<Utc>) {
        self.failures += 1;
        self.last = now;
        self.not_before = now + delay(self.failures);
    }

    fn take_back(&mut self) {
        self.failures = self.failures.saturating_sub(1);
        self.not_before = self.last;
    }
}

/// 2, 4, 8 … 60 seconds, from the failure on that is not free any more.
fn delay(failures: u32) -> TimeDelta {
    let doubled = failures.checked_sub(FREE).map_or(0, |over| 1 << over.min(6));
    TimeDelta::seconds(if failures > FREE { LONGEST_WAIT_SECS.min(doubled) } else { 0 })
}

impl Bucket {
    fn wait(&self, rate: Rate, now: DateTime<Utc>) -> TimeDelta {
        self.debt(rate, now) - rate.every * (rate.burst - 1)
    }

    fn take(&mut self, rate: Rate, now: DateTime<Utc>) {
        self.full_at = now + self.debt(rate, now) + rate.every;
    }

    fn give_back(&mut self, rate: Rate) {
        self.full_at -= rate.every;
    }

    /// More than the whole is a clock that was set back, which must not keep anybody out.
    fn debt(&self, rate: Rate, now: DateTime<Utc>) -> TimeDelta {
        let debt = self.full_at - now;
        if debt > rate.every * rate.burst { TimeDelta::zero() } else { debt.max(TimeDelta::zero()) }
    }
}

/// A map of bounded size.
#[derive(Debug)]
struct Remembered<K, V>(HashMap<K, (DateTime<Utc>, V)>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Copy + Eq + Hash, V: Default> Remembered<K, V> {
    fn of(&mut self, key: K, now: DateTime<Utc>) -> &mut V {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            let quietest = self.0.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| *key);
            quietest.map(|key| self.0.remove(&key));
        }
        let (at, value) = self.0.entry(key).or_insert_with(|| (now, V::default()));
        *at = now;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let wait = test.throttle.0.lock().unwrap().pairs.0.values().next().unwrap().1.wait(test.now).num_seconds();
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
    fn an_address_has_many_failures_and_then_one_every_two_seconds() {
        let mut test = Test::new();
        assert_eq!(test.right(ip(1), "known"), 0);
        let tried = (0..200).filter(|n| test.wrong(ip(1), &format!("n{n}")) == 0).count();
        assert_eq!(tried, 60);
        assert_eq!(test.wrong(ip(1), "new"), 2);
        assert_eq!(test.right(ip(1), "known"), 0, "who has signed in from there goes on");
        assert_eq!(test.right(ip(2), "new"), 0, "and so does another address");
        test.later(2);
        assert_eq!((test.wrong(ip(1), "new"), test.wrong(ip(1), "newer")), (0, 2));
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
    fn what_is_remembered_is_bounded() {
        let mut test = Test::new();
        for n in 0..4500 {
            test.wrong(ip(n), &format!("n{n}"));
            test.later(1);
        }
        let ledger = test.throttle.0.lock().unwrap();
        assert_eq!([ledger.pairs.0.len(), ledger.addresses.0.len(), ledger.names.0.len()], [REMEMBERED; 3]);
    }
}
