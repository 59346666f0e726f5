//! Certificates from an authority by ACME (RFC 8555): ordered, renewed, and kept over restarts, with no one's help.
//!
//! [`decide`] says what is to be done now; [`Acme::tick`] does that one step to its end. What was learnt is in the database
//! before the next step begins. Nothing is asked of an authority while the clock cannot be believed; nothing is given up.

mod account;
mod advice;
mod answer;
mod back_off;
mod carry;
mod decide;
mod ledger;
mod order;
mod records;
mod setback;
mod status;
mod tables;
mod watch;
mod words;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use instant_acme::{Account, HttpClient};

pub use back_off::LastError;
pub use carry::carry_over;
pub use ledger::By;
pub use status::Status;
pub use tables::KEYS;

use account::Line;
use advice::Answer;
use back_off::{BackOff, Bounds, Failed, Fault};
use decide::{Action, Certificate, Purpose, State, Step};
use order::{Errand, Pursuit};
use records::{FailureEntry, Fresh, Records};
use setback::{Failure, Fate, Setback};
use tables::{ONLY, Wanted};

use super::pair::{Leaf, Pair};
use super::showcase::Showcase;
use crate::clock::Clock;
use crate::config;
use crate::error::{Kind, Refusal};
use crate::store::{Store, StoreError};

/// An attempt that takes longer is cut off; the order is taken up again later.
const ATTEMPT_LONGEST: Duration = Duration::from_secs(300);

/// What the orders need.
pub struct AcmeParts {
    /// How the authority is asked.
    pub acme: config::Acme,
    /// The names.
    pub domains: Vec<String>,
    /// The database.
    pub store: Store,
    /// The time, and whether it can be believed.
    pub clock: Clock,
    /// The way out: [`crate::fetch::AuthorityClient`].
    pub client: Arc<dyn HttpClient>,
    /// Where a certificate is shown, and the answers to challenges.
    pub showcase: Arc<Showcase>,
}

/// Orders and renews the certificate of one box.
pub struct Acme {
    parts: AcmeParts,
    wanted: Wanted,
    records: Records,
    pair: Mutex<Option<Pair>>,
    /// One step at a time.
    turn: tokio::sync::Mutex<()>,
}

/// A certificate that somebody asked for.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What it says of itself.
    pub leaf: Leaf,
    /// What the ledger has to say to it.
    pub warning: Option<String>,
}

/// Why there is no certificate now.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// A step is being taken.
    #[error("the authority is being asked at this moment; look at `carillon cert status` in a minute")]
    Busy,
    /// Something stands in the way that asking does not move.
    #[error("{0}")]
    NotNow(String),
    /// The attempt came to nothing.
    #[error("{0}")]
    Failed(String),
}

impl Refusal for AcmeError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Conflict,
            Self::NotNow(_) => Kind::Unavailable,
            Self::Failed(_) => Kind::Upstream,
        }
    }
}

impl Acme {
    /// Reads what is kept. No network.
    pub fn open(parts: AcmeParts) -> Result<Self, StoreError> {
        let wanted = Wanted::new(&parts.acme, &parts.domains);
        let (records, pair) = Records::open(parts.store.clone(), wanted.clone())?;
        Ok(Self { parts, wanted, records, pair: Mutex::new(pair), turn: tokio::sync::Mutex::new(()) })
    }

    /// The certificate of the last order, where key and chain are sound and fit.
    pub fn stored(&self) -> Option<Pair> {
        self.pair.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the step that is due, to its end: up to five minutes. Returns at once where none is, or one is being taken.
    pub async fn tick(&self) {
        let Ok(_turn) = self.turn.try_lock() else { return };
        match self.next(&self.records.state()) {
            Action::Wait(_) => {}
            Action::AskAdvice => self.ask_advice().await,
            Action::Take(step) => drop(self.take(step, Asker::Box).await),
        }
    }

    /// Orders a certificate because somebody asked, whatever the ledger says; it says so. Returns with the outcome.
    pub async fn renew_now(&self) -> Result<Renewed, AcmeError> {
        let _turn = self.turn.try_lock().map_err(|_| AcmeError::Busy)?;
        let (state, now) = (self.records.state(), self.parts.clock.now());
        let step = decide::by_hand(&state, now, self.parts.clock.is_trusted());
        let step = step.map_err(|wait| AcmeError::NotNow(status::wait_words(&wait)))?;
        let warning = state.ledger.warning(&self.wanted, now);
        let leaf = self.take(step, Asker::Somebody).await.map_err(AcmeError::Failed)?;
        Ok(Renewed { leaf, warning })
    }

    /// How things stand.
    pub fn status(&self) -> Status {
        let state = self.records.state();
        let next = self.next(&state);
        let leaf = self.stored().map(|pair| pair.leaf);
        status::of(state, &next, leaf, self.records.damage(), self.parts.clock.now())
    }

    fn next(&self, state: &State) -> Action {
        decide::next(state, self.parts.clock.now(), self.parts.clock.is_trusted())
    }

    /// Takes one step, shows what it brought, or keeps why it failed; the words of that are the error.
    async fn take(&self, step: Step, asker: Asker) -> Result<Leaf, String> {
        let _counted = Counted(self);
        let is_chain = matches!(step, Step::FetchChain(_));
        let line = Line::new(Arc::clone(&self.parts.client), self.wanted.clone());
        let attempt = tokio::time::timeout(ATTEMPT_LONGEST, Box::pin(self.attempt(step, asker, &line))).await;
        let done = match attempt.unwrap_or_else(|_| Err(too_late(&line))) {
            Ok(fresh) => self.keep(fresh).await,
            Err(failure) => Err(failure),
        };
        match done {
            Ok(leaf) => Ok(leaf),
            Err(failure) => Err(self.fail(failure.into_setback(), is_chain).await),
        }
    }

    async fn attempt(&self, step: Step, asker: Asker, line: &Line) -> Result<Fresh, Failure> {
        match self.carry_out(&step, line).await {
            Err(Failure::AccountGone) => account::forget(line, &self.records).await?,
            Err(Failure::AccountRefused(setback)) => match account::is_closed(line, &self.records).await? {
                true => account::replace(line, &self.records).await?,
                false => return Err(Failure::Setback(setback)),
            },
            done => return done,
        }
        // The order went with the account: another one is for the rules to allow.
        let step = if step == Step::Resume { self.decide_again(asker)? } else { step };
        self.carry_out(&step, line).await
    }

    fn decide_again(&self, asker: Asker) -> Result<Step, Failure> {
        let state = self.records.state();
        let decided = match asker {
            Asker::Somebody => {
                let step = decide::by_hand(&state, self.parts.clock.now(), self.parts.clock.is_trusted());
                step.map_err(Action::Wait)
            }
            Asker::Box => match self.next(&state) {
                Action::Take(step) => Ok(step),
                other => Err(other),
            },
        };
        decided.map_err(|other| Failure::Setback(Setback::new(status::words(&other), Fate::Keep)))
    }

    /// What was issued is shown even where it cannot be kept: its order stays, and gives it again.
    async fn keep(&self, fresh: Fresh) -> Result<Leaf, Failure> {
        let leaf = self.show(fresh.pair.clone());
        self.records.insert_fresh(fresh, self.parts.clock.now()).await?;
        Ok(leaf)
    }

    async fn carry_out(&self, step: &Step, line: &Line) -> Result<Fresh, Failure> {
        let account = self.account(line).await?;
        match step {
            Step::FetchChain(url) => self.fetch_chain(&account, line, url).await,
            Step::Order(purpose) => self.pursue(&account, line, self.errand(*purpose)).await,
            // The order itself knows who asked for it.
            Step::Resume => self.pursue(&account, line, self.errand(Purpose::First)).await,
        }
    }

    fn errand(&self, purpose: Purpose) -> Errand {
        let is_refused = self.records.state().back_off.is_replacing_refused;
        let is_renewal = matches!(purpose, Purpose::Advised | Purpose::Renewal) && !is_refused;
        let replaces = self.stored().filter(|_| is_renewal);
        Errand { by: purpose.by(), replaces: replaces.as_ref().and_then(advice::identifier) }
    }

    async fn account(&self, line: &Line) -> Result<Account, Failure> {
        account::open(line, &self.records, self.parts.acme.contact.as_deref()).await
    }

    async fn pursue(&self, account: &Account, line: &Line, errand: Errand) -> Result<Fresh, Failure> {
        let pursuit = Pursuit {
            account,
            line,
            records: &self.records,
            challenges: &self.parts.showcase.challenges,
            wanted: &self.wanted,
            clock: &self.parts.clock,
        };
        pursuit.run(errand).await
    }

    async fn fetch_chain(&self, account: &Account, line: &Line, url: &str) -> Result<Fresh, Failure> {
        let chain = order::fetch_chain(account, line, url).await?;
        let gone = || Failure::Setback(Setback::new("the certificate's key is gone", Fate::Drop));
        let key = self.records.find_key(ONLY.to_vec()).await?.ok_or_else(gone)?;
        let record = self.records.find_certificate().await?.ok_or_else(gone)?;
        let pair = order::checked(&chain, &key, &record.names, &self.parts.clock)?;
        Ok(Fresh { record, chain, pair, issued: None })
    }

    fn show(&self, pair: Pair) -> Leaf {
        let leaf = pair.leaf.clone();
        *self.pair.lock().unwrap_or_else(PoisonError::into_inner) = Some(pair.clone());
        self.parts.showcase.show(pair);
        let (names, until) = (leaf.names.join(", "), words::instant(leaf.not_after));
        log::info!(serial = leaf.serial.as_str(); "certificate for {names} from {}, good until {until}", leaf.issuer);
        leaf
    }

    /// Keeps a failure, and says it once.
    async fn fail(&self, setback: Setback, is_chain: bool) -> String {
        let Setback { words, retry_after_secs, fate, fault, issued } = setback;
        let state = self.records.state();
        let back_off = self.backed_off(&state, Failed { words: words.clone(), retry_after_secs, fault });
        let again = back_off.until.map(words::instant).unwrap_or_default();
        log::warn!("certificate: {words}; next attempt on {again}");
        let is_stale = state.order.is_some_and(|order| order.is_stale(self.parts.clock.now()));
        let is_order_lost = (fate == Fate::Drop && !is_chain) || is_stale;
        let mut kept = self.records.insert_failure(FailureEntry { back_off, is_order_lost, issued }).await;
        if fate == Fate::Drop && is_chain {
            kept = kept.and(self.records.forget_chain().await);
        }
        if let Err(error) = kept {
            log::error!("certificate: its state cannot be kept: {error}");
        }
        words
    }

    fn backed_off(&self, state: &State, failed: Failed) -> BackOff {
        let bounds = Bounds { now: self.parts.clock.now(), lifetime: lifetime(state), fraction: fraction() };
        state.back_off.failed(&self.wanted.label(), failed, bounds)
    }

    async fn ask_advice(&self) {
        let (Some(pair), Certificate::Held(held)) = (self.stored(), self.records.state().certificate) else { return };
        let asking = async {
            let line = Line::new(Arc::clone(&self.parts.client), self.wanted.clone());
            match self.account(&line).await {
                Ok(account) => advice::ask(&account, &line, &pair, held.record.advice.as_ref(), fraction()).await,
                Err(failure) => {
                    log::warn!("certificate: no advice on its renewal: {}", failure.into_setback().words);
                    Answer::none()
                }
            }
        };
        let answer = tokio::time::timeout(advice::LONGEST, Box::pin(asking)).await.unwrap_or_else(|_| Answer::none());
        let ask_at: DateTime<Utc> = self.parts.clock.now() + answer.ask_in;
        if let Err(error) = self.records.update_advice(answer.advice, ask_at).await {
            log::error!("certificate: its state cannot be kept: {error}");
        }
    }
}

/// For whom a step is taken.
#[derive(Clone, Copy)]
enum Asker {
    Box,
    Somebody,
}

/// Counts an attempt that panics as a failure: the next one is as far off as after any. In memory, where nothing waits.
struct Counted<'a>(&'a Acme);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let words = "the attempt broke off by a fault in Carillon: report it with the journal's lines".to_owned();
            let failed = Failed { words, retry_after_secs: None, fault: Fault::Other };
            let back_off = self.0.backed_off(&self.0.records.state(), failed);
            self.0.records.change(|state| state.back_off = back_off);
        }
    }
}

/// Of the last certificate.
fn lifetime(state: &State) -> Option<chrono::TimeDelta> {
    match &state.certificate {
        Certificate::Held(held) => Some(held.lifetime()),
        Certificate::None | Certificate::ChainLost(_) => state.ledger.last_lifetime(&state.wanted),
    }
}

fn too_late(line: &Line) -> Failure {
    let minutes = ATTEMPT_LONGEST.as_secs() / 60;
    line.setback(format!(
        "{} did not finish within {minutes} minutes: nothing to do, it is asked again",
        line.scene().host
    ))
}

/// A random number from 0 to 1; a board without randomness gets no jitter.
fn fraction() -> f64 {
    crate::secret::random_bytes::<4>().map_or(0.0, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
