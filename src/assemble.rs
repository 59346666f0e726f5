//! Puts the appliance together: a configuration and a data folder become slices and a router.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::accounts::Accounts;
use crate::app::App;
use crate::backup::settle_restore;
use crate::calendars::Calendars;
use crate::clock::Clock;
use crate::cohorts::Cohorts;
use crate::config::Config;
use crate::feeds::Feeds;
use crate::feeds::site::Sites;
use crate::fetch::{FetchConfig, Fetcher};
use crate::router::Slices;
use crate::seal::Sealer;
use crate::store::{Store, StoreError};
use crate::timekeeping::Witnesses;
use crate::timetable::Timetable;

/// Between two requests to one site.
const PAUSE: Duration = Duration::from_secs(1);

/// What lies outside of the process, and what a test has in its hand instead.
pub struct Outside {
    /// The time.
    pub clock: Clock,
    /// Who may vouch for it.
    pub witnesses: Witnesses,
    /// Between two requests to one site.
    pub pause: Duration,
}

/// The appliance on its data folder.
pub fn assemble(config: Config) -> anyhow::Result<Slices> {
    let store = open_store(&config.data_dir)?;
    settle_restore(&config.data_dir, &store)?;
    let sealer = Sealer::open(&config.data_dir)?;
    let outside = Outside { clock: Clock::system(), witnesses: Witnesses::of(&config), pause: PAUSE };
    build(config, store, sealer, outside)
}

/// The appliance on whatever it is given.
pub fn build(config: Config, store: Store, sealer: Sealer, outside: Outside) -> anyhow::Result<Slices> {
    let Outside { clock, witnesses, pause } = outside;
    let app = App::new(fetcher(&config)?, config, store, clock, witnesses)?;
    let cohorts = Cohorts::open(app.clone())?;
    let accounts = Accounts::open(app.clone(), cohorts.clone())?;
    let sites = Sites::new(Arc::clone(&app.fetcher), pause);
    let feeds = Feeds::open(accounts.clone(), sealer, sites)?;
    let timetable = Timetable::open(accounts.clone(), feeds.clone())?;
    let calendars = Calendars::new(accounts.clone(), feeds.clone(), timetable.clone());
    Ok(Slices { app, accounts, feeds, timetable, calendars })
}

/// HTTP out, as the configuration has it.
pub fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    let proxy = config.fetch.proxy.as_ref().map(ToString::to_string);
    let limits = FetchConfig { total_secs: config.fetch.total_secs, proxy, ..FetchConfig::default() };
    Fetcher::new(limits).context("[fetch]")
}

/// A process that was killed may hold its lock for a moment longer.
fn open_store(data_dir: &Path) -> anyhow::Result<Store> {
    for _ in 0..10 {
        match Store::open(data_dir) {
            Err(StoreError::InUse { .. }) => std::thread::sleep(Duration::from_millis(100)),
            other => return Ok(other?),
        }
    }
    Ok(Store::open(data_dir)?)
}
