//! `carillon check`: what would fail on this machine, and the line that mends it, before anybody has to find out.
//!
//! It looks and changes nothing: no folder, no file, no order, and the database is looked at in a copy in memory. While the
//! service runs it is asked by the control socket. Names and the authority are asked side by side, and no longer than
//! [`LONGEST`]. Whether a port is reached from outside cannot be seen from here; that is said, with how to try it.

mod appliance;
mod authority;
mod certificate;
mod clock;
mod configuration;
mod finding;
mod folder;
mod holder;
mod master;
mod names;
mod outside;
mod own_address;
mod ports;

use std::time::Duration;

use crate::config::{Config, ConfigError};
use crate::control::Output;
use appliance::Appliance;
use finding::{Finding, State};

/// Whoever does not answer by then does not answer.
const LONGEST: Duration = Duration::from_secs(10);

/// Looks at everything and prints what was found; an error where something would fail.
pub async fn run(config: Result<Config, ConfigError>, out: &Output) -> anyhow::Result<()> {
    let findings = match config {
        Ok(config) => look(&config).await,
        Err(error) => vec![configuration::refused(&error)],
    };
    finding::print(&findings, out)?;
    let failing = findings.iter().filter(|finding| finding.state == State::Fail).count();
    anyhow::ensure!(failing == 0, "{failing} of {} would fail", findings.len());
    Ok(())
}

async fn look(config: &Config) -> Vec<Finding> {
    let (appliance, database) = Appliance::find(config).await;
    let (names, authority, clock) =
        tokio::join!(names::look(config), authority::look(config), clock::look(config, &appliance));
    let mut findings = vec![configuration::look(config), folder::look(config, appliance.is_running()), database];
    findings.extend(ports::look(config, &appliance));
    findings.extend(names);
    findings.extend(outside::look(config));
    findings.push(clock);
    findings.extend(authority);
    findings.extend(certificate::look(config, &appliance).await);
    findings.extend(master::look(&appliance));
    findings
}
