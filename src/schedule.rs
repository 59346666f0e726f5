//! The tick: each second it asks what is due. All times that matter come from the clock, none from the tick.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit;
use crate::feeds::Unwritten;
use crate::net::Shutdown;
use crate::router::Slices;

const TICK: Duration = Duration::from_secs(1);
const STALE_EVERY: TimeDelta = TimeDelta::seconds(60);
const FLUSH_EVERY: TimeDelta = TimeDelta::hours(1);

const FADE_EVERY: TimeDelta = TimeDelta::days(1);
/// So long after the start it is first asked what fades: a clock may need a while to come right.
const FADE_FIRST: TimeDelta = TimeDelta::hours(1);

/// When things were last done.
struct Done {
    stale: DateTime<Utc>,
    flush: DateTime<Utc>,
    fade: DateTime<Utc>,
}

/// Runs until the stop; then writes what is only in memory.
pub async fn run(slices: Slices, shutdown: Shutdown) {
    let start = slices.app.clock.now();
    let mut done = Done { stale: start, flush: start, fade: start + FADE_FIRST - FADE_EVERY };
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            _ = ticks.tick() => tick(&slices, &mut done).await,
        }
    }
    flush(&slices, Unwritten::Routine).await;
}

async fn tick(slices: &Slices, done: &mut Done) {
    let now = slices.app.clock.now();
    slices.feeds.fetch_due();
    // A clock that was set back must not put these off: a difference below zero is due too.
    if !(TimeDelta::zero()..STALE_EVERY).contains(&(now - done.stale)) {
        done.stale = now;
        mark_stale(slices, now).await;
    }
    if !(TimeDelta::zero()..FLUSH_EVERY).contains(&(now - done.flush)) {
        done.flush = now;
        flush(slices, Unwritten::News).await;
    }
    if !(TimeDelta::zero()..FADE_EVERY).contains(&(now - done.fade)) {
        done.fade = now;
        if let Err(error) = audit::fade(&slices.app).await {
            log::error!(error:% = error; "cannot let the audit fade");
        }
    }
}

async fn mark_stale(slices: &Slices, now: DateTime<Utc>) {
    let feeds = slices.feeds.clone();
    let marked = tokio::task::spawn_blocking(move || feeds.mark_stale(now)).await;
    if let Ok(Err(error)) = marked {
        log::error!(error:% = error; "cannot mark what is stale");
    }
}

async fn flush(slices: &Slices, least: Unwritten) {
    let feeds = slices.feeds.clone();
    let flushed = tokio::task::spawn_blocking(move || feeds.flush_states(least)).await;
    if let Ok(Err(error)) = flushed {
        log::error!(error:% = error; "cannot write the feeds' states");
    }
    if let Err(error) = slices.accounts.flush_uses().await {
        log::error!(error:% = error; "cannot write when keys were used");
    }
}
