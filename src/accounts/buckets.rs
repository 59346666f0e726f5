//! What is counted in memory, and how fast it is forgiven: buckets that refill, in maps of bounded size.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};

/// Of each kind so many are remembered; then the one that was quiet longest is forgotten.
pub(super) const REMEMBERED: usize = 4096;

/// A number of things that refills with time.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    full_at: DateTime<Utc>,
}

/// How many at once, and how fast they come back.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    /// So many at once.
    pub burst: i32,
    /// One more after each of these.
    pub every: TimeDelta,
}

impl Bucket {
    /// How long until there is one to take; nought or less where there is.
    pub(super) fn wait(&self, rate: Rate, now: DateTime<Utc>) -> TimeDelta {
        self.debt(rate, now) - rate.every * (rate.burst - 1)
    }

    /// Takes one. Whoever takes without asking owes no more than the whole.
    pub(super) fn take(&mut self, rate: Rate, now: DateTime<Utc>) {
        self.full_at = now + (self.debt(rate, now) + rate.every).min(rate.every * rate.burst);
    }

    /// Puts one back.
    pub(super) fn give_back(&mut self, rate: Rate) {
        self.full_at -= rate.every;
    }

    /// More than the whole is a clock that was set back, which must not keep anybody out.
    fn debt(&self, rate: Rate, now: DateTime<Utc>) -> TimeDelta {
        let debt = self.full_at - now;
        if debt > rate.every * rate.burst { TimeDelta::zero() } else { debt.max(TimeDelta::zero()) }
    }
}

/// A wait in whole seconds, never nought: a wait is a wait.
pub(super) fn whole_secs(wait: TimeDelta) -> u64 {
    u64::try_from((wait.num_milliseconds() + 999) / 1000).unwrap_or_default().max(1)
}

/// A map of bounded size. To look makes nothing.
#[derive(Debug)]
pub(super) struct Remembered<K, V>(HashMap<K, (DateTime<Utc>, V)>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Copy + Eq + Hash, V> Remembered<K, V> {
    /// What is known of a key.
    pub(super) fn find(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|(_, value)| value)
    }

    /// The same, to be changed.
    pub(super) fn find_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key).map(|(_, value)| value)
    }

    /// Forgets a key.
    pub(super) fn delete(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// What is known of a key, or else `new`, which may push another one out.
    pub(super) fn or_insert(&mut self, key: K, now: DateTime<Utc>, new: V) -> &mut V {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            let quietest = self.0.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| *key);
            quietest.map(|key| self.0.remove(&key));
        }
        let (at, value) = self.0.entry(key).or_insert_with(|| (now, new));
        *at = now;
        value
    }

    /// How many are known.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

impl<K: Copy + Eq + Hash, V: Default> Remembered<K, V> {
    /// What is known of a key, be it nothing yet.
    pub(super) fn of(&mut self, key: K, now: DateTime<Utc>) -> &mut V {
        self.or_insert(key, now, V::default())
    }
}
