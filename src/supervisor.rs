//! What systemd is told of us, by its own protocol (sd_notify(3)): ready, reloading, stopping, alive.
//!
//! Where nobody listens, nothing is told and nothing changes. We are alive while the rounds go on and a request from outside
//! is answered, both: whoever hangs is ended by systemd and begun anew. What is ill but answers (a full disk, a feed that
//! fails) is no reason for that.

use std::path::PathBuf;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;

use crate::config::ConfigError;
use crate::control::Client;
use crate::net::HandedError;

/// What systemd calls a mistake in the configuration (EX_CONFIG): the unit says that no restart will mend it.
const MISCONFIGURED: u8 = 78;

/// Where the supervisor listens.
const SOCKET_VARIABLE: &str = "NOTIFY_SOCKET";

/// So many signs of life in the time within which systemd wants one.
const SIGNS: u32 = 4;

/// Says that the ports answer.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that the configuration is read again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => log::warn!(error:% = error; "cannot tell systemd of the reload"),
    }
}

/// Says that the end has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Gives signs of life, if they are wanted, until a round or an answer fails to come: `rounds` counts those of the schedule,
/// and the control socket is asked as any command asks it.
pub async fn give_signs(rounds: watch::Receiver<u64>, socket: PathBuf) {
    if let Some(patience) = sd_notify::watchdog_enabled() {
        let client = Client::Service(socket);
        give_signs_every(patience / SIGNS, rounds, client).await;
    }
}

async fn give_signs_every(pause: Duration, mut rounds: watch::Receiver<u64>, client: Client) {
    while rounds.changed().await.is_ok() {
        // Any answer is one: whether it is a good one is for `/ready` to say.
        match client.get_told("/health").await {
            Ok(_) => tell(&[NotifyState::Watchdog]),
            Err(error) => log::warn!(error:% = error; "no answer from ourselves"),
        }
        tokio::time::sleep(pause).await;
    }
}

/// The exit code of a failure: 1, but for a supervisor who is to let be what only somebody's hand can mend.
pub fn exit_code(error: &anyhow::Error, env: &[(String, String)]) -> u8 {
    let is_supervised = env.iter().any(|(name, value)| name == SOCKET_VARIABLE && !value.is_empty());
    let is_mistake = error.is::<ConfigError>() || error.is::<HandedError>();
    if is_supervised && is_mistake { MISCONFIGURED } else { 1 }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        log::warn!(error:% = error; "cannot tell systemd how we are");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supervised() -> Vec<(String, String)> {
        vec![(SOCKET_VARIABLE.to_owned(), "/run/systemd/notify".to_owned())]
    }

    fn mistake() -> anyhow::Error {
        let error =
            crate::config::Config::load(Some(std::path::Path::new("/nowhere/carillon.toml")), None, [].into_iter());
        error.unwrap_err().into()
    }

    #[test]
    fn only_a_mistake_in_the_configuration_under_a_supervisor_ends_restarts() {
        let other = || anyhow::anyhow!("the database is in use");
        let rows =
            [(mistake(), supervised(), 78), (mistake(), vec![], 1), (other(), supervised(), 1), (other(), vec![], 1)];
        for (error, env, code) in rows {
            assert_eq!(exit_code(&error, &env), code, "{error} {env:?}");
        }
    }

    #[tokio::test]
    async fn when_the_rounds_have_ended_so_have_the_signs() {
        let (rounds, heard) = watch::channel(0);
        drop(rounds);
        let client = Client::Service(PathBuf::from("/nowhere/control.sock"));
        let given = give_signs_every(Duration::from_secs(3600), heard, client);
        tokio::time::timeout(Duration::from_secs(20), given).await.unwrap();
    }
}
