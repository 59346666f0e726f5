//! The tick: each second it asks what is due. How long ago something was done is measured on the time that only runs; all
//! other times come from the clock, none from the tick.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::audit;
use crate::feeds::Unwritten;
use crate::net::Shutdown;
use crate::router::Slices;

const TICK: Duration = Duration::from_secs(1);
const STALE_EVERY: TimeDelta = TimeDelta::seconds(60);
const FLUSH_EVERY: TimeDelta = TimeDelta::hours(1);

/// After a task that panicked: what made it panic is likely there still.
const PANIC_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// So often it is asked what fades; first an hour after the start, when a clock has had time to come right.
const FADE_EVERY: TimeDelta = TimeDelta::days(1);
const FADE_FIRST: TimeDelta = TimeDelta::hours(1);

/// Runs until the stop, and counts its rounds; then writes what is only in memory.
pub async fn run(slices: Slices, shutdown: Shutdown, done: watch::Sender<u64>) {
    let mut rounds = Rounds::new(slices);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            _ = ticks.tick() => rounds.tick().await,
        }
        done.send_modify(|count| *count += 1);
    }
    rounds.end().await;
}

/// What is done again and again, and when it was last done.
pub struct Rounds {
    slices: Slices,
    stale: TimeDelta,
    flush: TimeDelta,
    fade: TimeDelta,
    certificates: Errand,
}

impl Rounds {
    /// From now on.
    pub fn new(slices: Slices) -> Self {
        let start = slices.app.clock.reading().monotonic;
        Self {
            slices,
            stale: start,
            flush: start,
            fade: start + FADE_FIRST - FADE_EVERY,
            certificates: Errand::default(),
        }
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
    fn look_after_certificates(&mut self) {
        let running = self.slices.app.clock.reading().monotonic;
        if let Some(certificates) = self.slices.app.certificates.clone() {
            self.certificates.run(running, async move { certificates.tick().await });
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

/// A task that is begun again and again, beside the rounds and one at a time.
#[derive(Default)]
struct Errand {
    tasks: JoinSet<()>,
    not_before: TimeDelta,
}

impl Errand {
    /// Begins it, unless it is under way, or has panicked within the last minute.
    fn run(&mut self, running: TimeDelta, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(Err(error)) = self.tasks.try_join_next() {
            log::error!("looking after the certificate was cut off, and is tried again in a minute: {error}");
            self.not_before = running + PANIC_PAUSE;
        }
        if self.tasks.is_empty() && running >= self.not_before {
            self.tasks.spawn(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    /// Offers a task in each of these seconds, and says how often it was begun.
    async fn begun(seconds: std::ops::Range<i64>, panics: bool) -> usize {
        let (mut errand, count) = (Errand::default(), Arc::new(AtomicUsize::new(0)));
        for second in seconds {
            let count = Arc::clone(&count);
            errand.run(TimeDelta::seconds(second), async move {
                count.fetch_add(1, SeqCst);
                assert!(!panics, "what made it panic is there still");
            });
            tokio::task::yield_now().await;
        }
        count.load(SeqCst)
    }

    #[tokio::test]
    async fn a_task_that_panics_rests_for_a_minute() {
        assert_eq!(begun(0..60, false).await, 60);
        assert_eq!(begun(0..61, true).await, 1);
        assert_eq!(begun(0..62, true).await, 2);
    }

    #[tokio::test]
    async fn a_task_is_not_begun_twice_at_once() {
        let (mut errand, count) = (Errand::default(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..3 {
            let count = Arc::clone(&count);
            errand.run(TimeDelta::zero(), async move {
                count.fetch_add(1, SeqCst);
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
        }
        assert_eq!(count.load(SeqCst), 1);
    }
}
