//! Whether the clock may be trusted: a Pi without a battery boots in 1970, or days behind, or jumps.
//!
//! Trusted when the kernel, timesyncd or two hosts on the internet agree with it, and never before a time that has passed;
//! then until it jumps. It judges the [`Clock`] and tells it the outcome: a floor under it, and whether a date on it means
//! something. It never sets the machine's clock. Until there is trust everything is served and fetched as ever; no
//! certificate is ordered, and nothing that was made before ends.

mod answers;
mod machine;
mod record;
mod standing;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use url::Url;

pub use machine::Machine;
pub use record::carry_over;
pub use standing::{By, Standing, Why};

use crate::clock::{Clock, JUMP, Reading};
use crate::config::{ClockTrust, Config};
use crate::fetch::Fetcher;
use crate::store::{Store, StoreError, WriteTx};
use answers::Answers;
use standing::Evidence;

/// Who may vouch for the clock.
#[derive(Clone)]
pub struct Witnesses {
    /// What the machine itself says.
    pub machine: Arc<dyn Fn() -> Machine + Send + Sync>,
    /// Two hosts that say the time over plain HTTP.
    pub hosts: Option<[Url; 2]>,
    /// A time that has passed for certain.
    pub built_at: DateTime<Utc>,
}

impl Witnesses {
    /// This machine, and the hosts that the configuration leads to.
    pub fn of(config: &Config) -> Self {
        Self { machine: Arc::new(Machine::ask), hosts: answers::hosts(config), built_at: record::built_at() }
    }

    /// Nobody: for a clock that needs none.
    pub fn none() -> Self {
        Self { machine: Arc::new(Machine::default), hosts: None, built_at: DateTime::UNIX_EPOCH }
    }
}

/// The judgement on the clock. Cheap to clone.
#[derive(Clone)]
pub struct Timekeeping(Arc<Inner>);

struct Inner {
    clock: Clock,
    fetcher: Arc<Fetcher>,
    config: Arc<ArcSwap<Config>>,
    witnesses: Witnesses,
    state: Mutex<State>,
}

struct State {
    /// The configuration's word at the last look.
    trust: ClockTrust,
    /// The clock at the last look.
    last: Reading,
    standing: Standing,
    /// The standing that the journal knows.
    told: Option<Standing>,
    /// The last time known, as it is kept.
    known: Option<DateTime<Utc>>,
    jumped_to: Option<DateTime<Utc>>,
    answers: Answers,
}

impl Timekeeping {
    /// Judges the clock by what is kept and what the machine says. The hosts are asked later. Blocks on the disk.
    pub fn open(
        store: &Store,
        clock: Clock,
        fetcher: Arc<Fetcher>,
        config: Arc<ArcSwap<Config>>,
        witnesses: Witnesses,
    ) -> Result<Self, StoreError> {
        let trust = config.load().clock;
        let state = State {
            trust,
            last: clock.reading(),
            standing: Standing::Untrusted(Why::Unvouched),
            told: None,
            known: known_at_start(store, trust, &clock)?,
            jumped_to: None,
            answers: Answers::default(),
        };
        let inner = Inner { clock, fetcher, config, witnesses, state: Mutex::new(state) };
        inner.begin(&mut inner.lock());
        Ok(Self(Arc::new(inner)))
    }

    /// May a date on the clock be relied on? From memory, without a lock.
    pub fn is_trusted(&self) -> bool {
        self.0.clock.is_trusted()
    }

    /// How the clock stands, and why.
    pub fn standing(&self) -> Standing {
        match self.0.lock().standing {
            // It has jumped since the last look.
            Standing::Trusted(_) if !self.is_trusted() => Standing::Untrusted(Why::Unvouched),
            standing => standing,
        }
    }

    /// Looks at the clock: has it jumped, does somebody vouch for it by now? Says whether it is time to [`ask`](Self::ask).
    /// Takes microseconds.
    pub fn look(&self) -> bool {
        let mut state = self.0.lock();
        self.0.look(&mut state);
        self.0.tell(&mut state);
        let wanted =
            state.trust == ClockTrust::Auto && !state.standing.is_trusted() && self.0.witnesses.hosts.is_some();
        let monotonic = state.last.monotonic;
        wanted && state.answers.take_turn(monotonic)
    }

    /// Asks the hosts, and judges anew.
    pub async fn ask(&self) {
        let Some(hosts) = &self.0.witnesses.hosts else { return };
        let said = answers::ask(&self.0.fetcher, &self.0.clock, hosts).await;
        let mut state = self.0.lock();
        state.answers.said = said;
        self.0.look(&mut state);
        self.0.tell(&mut state);
    }

    /// It is later than `passed`, says somebody who knows the time. Whoever says `always` knows better.
    pub fn learn(&self, passed: DateTime<Utc>) {
        let mut state = self.0.lock();
        if state.trust != ClockTrust::Always && state.known.is_none_or(|known| known < passed) {
            state.known = Some(passed);
            self.0.begin(&mut state);
        }
    }

    /// Keeps the time as the last one known, if it is trusted: hourly, along with what else is written then.
    pub fn remember(&self, tx: &mut WriteTx) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        if self.is_trusted() {
            let now = self.0.clock.now_secs();
            record::put_known(tx, now)?;
            state.known = Some(now);
        }
        Ok(())
    }
}

/// Whoever says `always` answers for the clock: a time on record that is ahead of it is a wrong one.
fn known_at_start(store: &Store, trust: ClockTrust, clock: &Clock) -> Result<Option<DateTime<Utc>>, StoreError> {
    let (known, wall) = (record::find_known(store)?, clock.reading().wall);
    if trust == ClockTrust::Always && known.is_some_and(|known| known > wall + JUMP) {
        let wall = wall.duration_trunc(TimeDelta::seconds(1)).unwrap_or(wall);
        store.write_now(|tx| record::put_known(tx, wall))?;
        return Ok(Some(wall));
    }
    Ok(known)
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_before(&self, state: &State) -> DateTime<Utc> {
        self.witnesses.built_at.max(state.known.unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// The first judgement, and the first after the configuration has changed its mind.
    fn begin(&self, state: &mut State) {
        self.clock.start_from(self.not_before(state), state.known);
        self.settle(state);
        self.clock.begin_run();
    }

    fn look(&self, state: &mut State) {
        let reading = self.clock.reading();
        let jump = reading.jump_since(&state.last);
        state.last = reading;
        let trust = self.config.load().clock;
        if trust != state.trust {
            state.trust = trust;
            return self.begin(state);
        }
        if let Some(jump) = jump {
            log::info!(seconds = jump.num_seconds(); "the clock was set");
            (state.jumped_to, state.answers) = (Some(reading.wall), Answers::default());
            self.settle(state);
            return self.clock.begin_run();
        }
        match state.standing {
            // The floor follows, so that a small correction moves it too.
            Standing::Trusted(by) if by != By::Configuration => self.clock.vouch(&reading),
            Standing::Trusted(_) => {}
            Standing::Untrusted(_) => self.settle(state),
        }
    }

    /// Judges, and tells the clock.
    fn settle(&self, state: &mut State) {
        let evidence = Evidence {
            trust: state.trust,
            wall: state.last.wall,
            not_before: self.not_before(state),
            machine: (self.witnesses.machine)(),
            jumped_to: state.jumped_to,
            said: state.answers.said,
        };
        state.standing = evidence.judge();
        match state.standing {
            Standing::Trusted(By::Configuration) => self.clock.take_as_is(),
            Standing::Trusted(_) => self.clock.vouch(&state.last),
            Standing::Untrusted(_) => self.clock.doubt(&state.last),
        }
    }

    /// One line in the journal for each change.
    fn tell(&self, state: &mut State) {
        if state.told == Some(state.standing) {
            return;
        }
        state.told = Some(state.standing);
        match state.standing {
            Standing::Trusted(by) => log::info!(by = by.as_str(); "clock trusted"),
            Standing::Untrusted(why) => log::warn!(
                "clock untrusted: no certificate is ordered and no token expires until it is trusted: {}",
                why.line()
            ),
        }
    }
}
