//! The tick: each second it asks what is due. How long ago something was done is measured on the time that only runs; all
//! other times come from the clock, none from the tick.

use std::time::Duration;

use chrono::TimeDelta;

use crate::audit;
use crate::feeds::Unwritten;
use crate::net::Shutdown;
use crate::router::Slices;

const TICK: Duration = Duration::from_secs(1);
const STALE_EVERY: TimeDelta = TimeDelta::seconds(60);
const FLUSH_EVERY: TimeDelta = TimeDelta::hours(1);

/// So often it is asked what fades; first an hour after the start, when a clock has had time to come right.
const FADE_EVERY: TimeDelta = TimeDelta::days(1);
const FADE_FIRST: TimeDelta = TimeDelta::hours(1);

/// Runs until the stop; then writes what is only in memory.
pub async fn run(slices: Slices, shutdown: Shutdown) {
    let mut rounds = Rounds::new(slices);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            _ = ticks.tick() => rounds.tick().await,
        }
    }
    rounds.end().await;
}

/// What is done again and again, and when it was last done.
pub struct Rounds {
    slices: Slices,
    stale: TimeDelta,
    flush: TimeDelta,
    fade: TimeDelta,
}

impl Rounds {
    /// From now on.
    pub fn new(slices: Slices) -> Self {
        let start = slices.app.clock.reading().monotonic;
        Self { slices, stale: start, flush: start, fade: start + FADE_FIRST - FADE_EVERY }
    }

    /// Does what is due.
    pub async fn tick(&mut self) {
        self.look_at_clock();
        self.look_after_certificates();
        self.slices.feeds.fetch_due();
        let running = self.slices.app.clock.reading().monotonic;
        if running - self.stale >= STALE_EVERY {
            self.stale = running;
            self.mark_stale().await;
            self.let_cancelled_go().await;
        }
        if running - self.flush >= FLUSH_EVERY {
            self.flush = running;
            self.flush(Unwritten::News).await;
        }
        if running - self.fade >= FADE_EVERY && self.slices.app.clock.is_trusted() {
            self.fade = running;
            self.fade().await;
        }
    }

    /// Writes what is only in memory.
    pub async fn end(&self) {
        self.flush(Unwritten::Routine).await;
    }

    /// Whoever must be asked is asked in a task of its own: an answer may take seconds.
    fn look_at_clock(&self) {
        let time = self.slices.app.time.clone();
        if time.look() {
            tokio::spawn(async move { time.ask().await });
        }
    }

    /// An order may take minutes, and feeds do not wait for it.
    fn look_after_certificates(&self) {
        if let Some(certificates) = self.slices.app.certificates.clone() {
            tokio::spawn(async move { certificates.tick().await });
        }
    }

    async fn fade(&self) {
        if let Err(error) = audit::fade(&self.slices.app).await {
            log::error!(error:% = error; "cannot let the audit fade");
        }
    }

    async fn mark_stale(&self) {
        let (feeds, now) = (self.slices.feeds.clone(), self.slices.app.clock.now());
        let marked = tokio::task::spawn_blocking(move || feeds.mark_stale(now)).await;
        if let Ok(Err(error)) = marked {
            log::error!(error:% = error; "cannot mark what is stale");
        }
    }

    async fn let_cancelled_go(&self) {
        let timetable = self.slices.timetable.clone();
        let told = tokio::task::spawn_blocking(move || timetable.let_cancelled_go()).await;
        if let Ok(Err(error)) = told {
            log::error!(error:% = error; "cannot tell that cancelled events are shown no more");
        }
    }

    /// The last known time goes along: a commit of its own would cost a flash card as much again.
    async fn flush(&self, least: Unwritten) {
        let (feeds, time) = (self.slices.feeds.clone(), self.slices.app.time.clone());
        let flushed = tokio::task::spawn_blocking(move || feeds.flush_states(least, |tx| time.remember(tx))).await;
        if let Ok(Err(error)) = flushed {
            log::error!(error:% = error; "cannot write the feeds' states");
        }
        if let Err(error) = self.slices.accounts.flush_uses().await {
            log::error!(error:% = error; "cannot write when keys were used");
        }
    }
}
