//! `tls.mode = "self-signed"`: an authority of our own, made once, and the certificate that it signs.
//!
//! Both are kept in the database, so that a restart shows the same, and whoever trusts the authority is not asked again.
//! While the clock is not trusted nothing is made anew: what is there stays. Only a running service makes anything.

mod keep;
mod need;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};

use super::error::TlsError;
use super::issue::{make_authority, make_leaf};
use super::pair::Pair;
use super::showcase::Showcase;
use super::status::{Failure, Next, day, last_third};
use crate::clock::Clock;
use crate::config::{ClockTrust, Config};
use crate::store::{Store, StoreError};
use keep::{Authority, Kept};
pub use keep::{KEYS, carry_over};
use need::Need;

/// After a failure (a full disk), so long until the next attempt.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// The source.
pub(super) struct Own {
    domains: Vec<String>,
    store: Store,
    clock: Clock,
    /// As it is now: whether the clock may ever be trusted.
    config: Arc<ArcSwap<Config>>,
    kept: Mutex<Arc<Kept>>,
    failure: Mutex<Option<Failure>>,
}

impl Own {
    /// Reads what is kept, and makes nothing: a command that looks in must not.
    pub(super) fn open(
        config: &Arc<ArcSwap<Config>>,
        store: &Store,
        clock: &Clock,
    ) -> Result<(Self, Option<Pair>), StoreError> {
        let kept = Kept::read(store)?;
        let shown = kept.leaf.clone();
        let own = Self {
            domains: config.load().tls.domains.clone(),
            store: store.clone(),
            clock: clock.clone(),
            config: Arc::clone(config),
            kept: Mutex::new(Arc::new(kept)),
            failure: Mutex::new(None),
        };
        Ok((own, shown))
    }

    fn need(&self) -> Need {
        Need::of(&self.kept(), &self.domains, self.clock.trusted_now())
    }

    fn trust(&self) -> ClockTrust {
        self.config.load().clock
    }

    /// Is there something to make? From memory alone.
    pub(super) fn is_due(&self) -> bool {
        let since = |failure: Failure| self.clock.now() - failure.at;
        let waits = self.failure().map(since).is_some_and(|since| (TimeDelta::zero()..PAUSE).contains(&since));
        !waits && self.need() != Need::Nothing
    }

    /// Makes what is due and shows it. Blocks on the disk; a failure is kept, and told where it is another one.
    pub(super) fn renew_due(&self, showcase: &Showcase) {
        let now = self.clock.now();
        let failed = |error: TlsError| Failure { at: now, text: error.to_string() };
        let failure = self.make(self.need(), now).err().map(failed);
        self.keep_failure(failure);
        self.show(showcase);
    }

    /// Makes another certificate now, by the same authority where that is still good. Blocks on the disk.
    pub(super) fn renew(&self, showcase: &Showcase) -> Result<(), TlsError> {
        if !self.clock.is_trusted() && self.trust() != ClockTrust::Never {
            return Err(TlsError::WrongClock);
        }
        self.make(self.need().max(Need::Leaf), self.clock.now())?;
        self.keep_failure(None);
        self.show(showcase);
        Ok(())
    }

    fn keep_failure(&self, failure: Option<Failure>) {
        let text = |failure: &Option<Failure>| failure.as_ref().map(|failure| failure.text.clone());
        let mut last = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = text(&failure) != text(&last);
        if let Some(Failure { text, .. }) = failure.as_ref().filter(|_| is_news) {
            match self.kept().leaf {
                Some(_) => log::error!("the certificate stays as it was: {text}; tried again each minute"),
                None => log::error!("there is no certificate of our own yet: {text}; tried again each minute"),
            }
        }
        *last = failure;
    }

    fn show(&self, showcase: &Showcase) {
        let Some(leaf) = &self.kept().leaf else { return };
        if leaf.chain() != showcase.current().chain() {
            showcase.show(leaf.clone());
        }
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
    pub(super) fn next(&self) -> Next {
        let words = |words: &str| Next { words: words.to_owned(), at: None };
        match &self.kept().leaf {
            None => words("`carillon serve` makes an authority of our own, and a certificate by it"),
            Some(_) if !self.clock.is_trusted() && self.trust() != ClockTrust::Never => {
                words("no renewal until the clock is trusted")
            }
            Some(_) if !self.clock.is_trusted() => words(
                "nothing: [clock] trust is \"never\", so no date is judged; `carillon cert renew` makes a new one",
            ),
            Some(pair) => Next { at: Some(last_third(&pair.leaf)), ..words("our own authority signs a new one") },
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
