//! Each subscriber token in memory, found by what a phone presents.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::uses::Use;
use super::{Scope, SubscriberToken, TOKENS, Uses};
use crate::accounts::users::USERS;
use crate::accounts::{Accounts, People};
use crate::actor::{Actor, Deed, Reach};
use crate::clock::Clock;
use crate::secret::Fingerprint;
use crate::store::{Read, ReadTx, Store, StoreError, View};

/// The tokens at one moment.
#[derive(Debug, Default)]
pub struct Keyring {
    by_print: HashMap<Fingerprint, Key>,
    by_id: BTreeMap<String, Arc<SubscriberToken>>,
}

/// A token, ready for a phone's poll.
#[derive(Debug)]
struct Key {
    token: Arc<SubscriberToken>,
    /// None where the token is revoked, or its owner is gone.
    actor: Option<Actor>,
    used: Arc<Use>,
}

/// Why a presented key opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadKey {
    /// It was never one of ours, or another has taken its place.
    Unknown,
    /// It is revoked or expired, or its owner is gone.
    Dead {
        /// The token's id.
        id: String,
    },
}

/// The tokens of a store, as they are now. A change of a user is one of the tokens that they own.
pub(in crate::accounts) fn view(store: &Store, uses: &Arc<Uses>) -> Result<View<Keyring>, StoreError> {
    let uses = Arc::clone(uses);
    store.view(&[TOKENS.name, USERS.name], move |tx| Keyring::load(tx, &uses))
}

impl Keyring {
    fn load(tx: &ReadTx, uses: &Uses) -> Result<Self, StoreError> {
        let people = People::load(tx)?;
        let mut keyring = Self::default();
        for token in tx.list(&TOKENS)?.into_iter().map(Arc::new) {
            keyring.by_id.insert(token.id.clone(), Arc::clone(&token));
            let key = Key { actor: opens(&token, &people), used: uses.of(&token.id), token };
            keyring.by_print.insert(key.token.fingerprint, key);
        }
        Ok(keyring)
    }

    /// Each token, dead ones too, by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<SubscriberToken>> {
        self.by_id.values()
    }

    /// The token of an id, or the live one of a name.
    pub fn find(&self, name: &str, clock: &Clock) -> Option<&Arc<SubscriberToken>> {
        let by_name = || self.all().find(|token| token.is_live(clock) && token.is_named(name));
        self.by_id.get(name).or_else(by_name)
    }
}

/// Who a phone with this token is. A token of somebody's own opens no more than they may read at this moment.
fn opens(token: &SubscriberToken, people: &People) -> Option<Actor> {
    let cohorts = match &token.scope {
        _ if token.revoked_at.is_some() => return None,
        Scope::All => None,
        Scope::Cohorts(ids) => Some(ids.clone()),
    };
    let subscriber = |cohorts, teacher| Some(Actor::Subscriber { id: token.id.clone(), cohorts, teacher });
    let Some(owner) = &token.owner else { return subscriber(cohorts, None) };
    let owner = people.find(owner.as_str()).filter(|owner| !owner.disabled)?;
    let teacher = owner.teaches().then(|| owner.login.to_string());
    match owner.actor().reach(Deed::ReadClosedCalendar) {
        Reach::All => subscriber(cohorts, teacher),
        Reach::Nothing => None,
        Reach::Own => {
            let listed = |id: &&String| cohorts.as_ref().is_none_or(|ids| ids.contains(id));
            subscriber(Some(owner.cohorts.iter().filter(listed).cloned().collect()), teacher)
        }
    }
}

impl Accounts {
    /// Who presents this subscriber token. From memory; notes the use there.
    pub fn subscriber(&self, token: &str) -> Result<Actor, DeadKey> {
        let keyring = self.keyring.load();
        let key = keyring.by_print.get(&Fingerprint::of(token)).ok_or(DeadKey::Unknown)?;
        let clock = &self.app.clock;
        match key.actor.as_ref().filter(|_| !key.token.is_expired(clock)) {
            Some(actor) => {
                key.used.note(clock.now());
                Ok(actor.clone())
            }
            None => Err(DeadKey::Dead { id: key.token.id.clone() }),
        }
    }

    /// Was this token brought in from the replaced proxy? Only such a one opens an address by plain HTTP.
    pub fn is_imported(&self, id: &str) -> bool {
        self.keyring.load().by_id.get(id).is_some_and(|token| token.imported)
    }

    /// Says in the journal that a dead key was presented: at most once an hour for an address.
    pub fn note_dead(&self, id: &str, ip: Option<IpAddr>) {
        if self.dead_notes.is_news(ip, self.app.clock.now()) {
            let ip = ip.map_or_else(|| "-".to_owned(), |ip| ip.to_canonical().to_string());
            log::info!("token-dead id={id} ip={ip}");
        }
    }
}

/// Which addresses have presented a dead key, and when the journal was told.
#[derive(Debug, Default)]
pub(in crate::accounts) struct DeadNotes(Mutex<HashMap<Option<IpAddr>, DateTime<Utc>>>);

impl DeadNotes {
    /// So many addresses are remembered; while they fill an hour, others go untold.
    const MAX: usize = 1024;

    fn is_news(&self, ip: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: &DateTime<Utc>| (now - *at).abs() < TimeDelta::hours(1);
        if told.get(&ip).is_some_and(fresh) {
            return false;
        }
        if told.len() >= Self::MAX {
            told.retain(|_, at| fresh(at));
        }
        let room = told.len() < Self::MAX;
        if room {
            told.insert(ip, now);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_once_an_hour_and_their_number_is_bounded() {
        let notes = DeadNotes::default();
        let now = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let ip = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        assert!(notes.is_news(ip(0), now));
        assert!(!notes.is_news(ip(0), now + TimeDelta::minutes(59)));
        assert!(notes.is_news(ip(1), now));
        assert!(notes.is_news(ip(0), now + TimeDelta::minutes(60)));
        let later = now + TimeDelta::days(1);
        let told = (0..5000).filter(|&n| notes.is_news(ip(n), later)).count();
        assert_eq!(told, DeadNotes::MAX);
    }
}
