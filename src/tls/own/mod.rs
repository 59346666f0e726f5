//! `tls.mode = "self-signed"`: an authority of our own, made once, and the certificate that it signs.
//!
//! Both are kept in the database, so that a restart shows the same, and whoever trusts the authority is not asked again.
//! While the clock is not trusted nothing is made anew: what is there stays.

mod keep;
mod need;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::error::TlsError;
use super::issue::{make_authority, make_leaf};
use super::pair::Pair;
use super::showcase::Showcase;
use super::status::{Failure, Next, day, last_third};
use crate::store::Store;
use keep::{Authority, Kept};
pub(super) use need::Belief;
use need::Need;

/// After a failure (a full disk), so long until the next attempt.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// The source.
pub(super) struct Own {
    domains: Vec<String>,
    store: Store,
    kept: Mutex<Arc<Kept>>,
    failure: Mutex<Option<Failure>>,
}

impl Own {
    /// Reads what is kept, and makes what is missing if the clock allows it.
    pub(super) fn open(
        domains: &[String],
        store: &Store,
        now: DateTime<Utc>,
        belief: Belief,
    ) -> Result<(Self, Option<Pair>), TlsError> {
        let kept = Kept::read(store)?;
        let own = Self {
            domains: domains.to_vec(),
            store: store.clone(),
            kept: Mutex::new(Arc::new(kept)),
            failure: Mutex::new(None),
        };
        // A full disk must not keep from serving what there is.
        own.try_to_make(now, belief);
        let shown = own.kept().leaf.clone();
        Ok((own, shown))
    }

    /// Is there something to make? From memory alone.
    pub(super) fn is_due(&self, now: DateTime<Utc>, belief: Belief) -> bool {
        let waits = self.failure().is_some_and(|failure| (TimeDelta::zero()..PAUSE).contains(&(now - failure.at)));
        !waits && Need::of(&self.kept(), &self.domains, now, belief) != Need::Nothing
    }

    /// Makes what is due and shows it. Blocks on the disk; a failure is kept and told.
    pub(super) fn renew_due(&self, showcase: &Showcase, now: DateTime<Utc>, belief: Belief) {
        self.try_to_make(now, belief);
        self.show(showcase);
    }

    /// Makes another certificate now, by the same authority where that is still good. Blocks on the disk.
    pub(super) fn renew(&self, showcase: &Showcase, now: DateTime<Utc>, belief: Belief) -> Result<(), TlsError> {
        if belief == Belief::NotYet {
            return Err(TlsError::WrongClock);
        }
        let need = Need::of(&self.kept(), &self.domains, now, belief);
        self.make(need.max(Need::Leaf), now)?;
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.show(showcase);
        Ok(())
    }

    fn show(&self, showcase: &Showcase) {
        let Some(leaf) = &self.kept().leaf else { return };
        if leaf.chain() != showcase.current().chain() {
            showcase.show(leaf.clone());
        }
    }

    fn try_to_make(&self, now: DateTime<Utc>, belief: Belief) {
        let made = self.make(Need::of(&self.kept(), &self.domains, now, belief), now);
        let failure = made.err().map(|error| {
            log::error!("the certificate stays as it was: {error}");
            Failure { at: now, text: error.to_string() }
        });
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn make(&self, need: Need, now: DateTime<Utc>) -> Result<(), TlsError> {
        let kept = self.kept();
        let authority = match (need, &kept.authority) {
            (Need::Nothing, _) => return Ok(()),
            (Need::Leaf, Some(authority)) => Arc::clone(authority),
            (Need::Leaf | Need::Authority, _) => self.new_authority(&kept, now)?,
        };
        let signer = (authority.domains.as_slice(), &authority.key);
        let made = make_leaf(&self.domains, now, signer, authority.leaf.not_after)?;
        let kept = Kept::write(&self.store, authority, &made)?;
        if let Some(leaf) = &kept.leaf {
            log::info!("made a certificate for {}, until {}", self.domains.join(", "), day(leaf.leaf.not_after));
        }
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
        Ok(())
    }

    fn new_authority(&self, kept: &Kept, now: DateTime<Utc>) -> Result<Arc<Authority>, TlsError> {
        let made = make_authority(&self.domains, now)?;
        let replaces = kept.authority.is_some() || kept.is_damaged;
        if replaces {
            log::warn!("the old authority cannot sign for {}: made another one", self.domains.join(", "));
            log::warn!("give `carillon cert ca` to whoever trusted the old one");
        }
        let replaced = replaces.then_some(now);
        Ok(Arc::new(Authority::new(made, self.domains.clone(), replaced)?))
    }

    fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last attempt, where it failed.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The authority's certificate, for whoever is to trust it.
    pub(super) fn authority_pem(&self) -> Option<String> {
        self.kept().authority.as_ref().map(|authority| authority.pem.clone())
    }

    /// What happens next.
    pub(super) fn next(&self, belief: Belief) -> Next {
        let due = self.kept().leaf.as_ref().map(|pair| last_third(&pair.leaf));
        match (belief, due) {
            (Belief::NotYet, _) => Next { words: "nothing until the clock is trusted".to_owned(), at: None },
            (Belief::Never, _) => {
                let words =
                    "nothing: [clock] trust is \"never\", so no date is judged; `carillon cert renew` makes a new one";
                Next { words: words.to_owned(), at: None }
            }
            (Belief::Trusted, due) => Next { words: "our own authority signs a new one".to_owned(), at: due },
        }
    }

    /// What to know of the authority.
    pub(super) fn notes(&self) -> Vec<String> {
        let kept = self.kept();
        let Some(authority) = &kept.authority else { return Vec::new() };
        let (issuer, until) = (&authority.leaf.issuer, day(authority.leaf.not_after));
        let known = format!("the authority is {issuer}, until {until}; `carillon cert ca` prints it");
        let replaced = authority
            .replaced
            .map(|at| format!("it was made anew on {}: devices that trusted the one before need it again", day(at)));
        std::iter::once(known).chain(replaced).collect()
    }
}
