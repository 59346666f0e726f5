//! What is asked about its state: the running service by its socket, or else the same services in this process, on a copy of
//! the database in memory.

use serde_json::Value;

use super::finding::Finding;
use crate::actor::Caller;
use crate::app::App;
use crate::assemble::fetcher;
use crate::clock::Clock;
use crate::config::{Config, TlsMode};
use crate::control::{self, Client, CommandError, Door};
use crate::store::{self, Store, StoreError};
use crate::timekeeping::Witnesses;
use crate::{accounts, certificate, router, tls};

const NAME: &str = "database";

/// Who answers for the state of things.
pub(super) enum Appliance {
    /// The running service.
    Running {
        /// `/ready`.
        ready: Value,
        /// `/api/v1/certificate`.
        certificate: Result<Value, String>,
        /// `/api/v1/master-token`.
        master_token: Value,
    },
    /// No service runs: the services of this process. Without a database that can be read they stand on an empty one.
    Still(Box<App>, Kept),
    /// Nobody, and why is told elsewhere.
    Unknown,
}

/// What there was to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The database.
    Read,
    /// Nothing: the first start will make it.
    NothingYet,
    /// Something that cannot be read.
    Unreadable,
}

impl Appliance {
    /// Finds out whom to ask, and what is to be said of the database.
    pub(super) async fn find(config: &Config) -> (Self, Finding) {
        match Door::of(&config.data_dir) {
            Door::Service(socket) => ask(&Client::Service(socket)).await,
            Door::Closed => {
                let detail = control::closed(&config.data_dir);
                (Self::Unknown, Finding::fail(NAME, detail, "sudo carillon check"))
            }
            Door::Nobody => open(config),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// Is there a master token, as far as can be read?
    pub(super) fn has_master_token(&self) -> bool {
        match self {
            Self::Running { master_token, .. } => master_token.get("present") == Some(&Value::Bool(true)),
            Self::Still(app, _) => app.store.read_now(accounts::is_master_token_kept).unwrap_or(false),
            Self::Unknown => false,
        }
    }

    /// The certificate as its route tells it; the error says why it cannot be told.
    pub(super) async fn certificate(&self) -> Result<Value, String> {
        match self {
            Self::Running { certificate, .. } => certificate.clone(),
            Self::Still(_, Kept::Unreadable) | Self::Unknown => Err("it is in the database".to_owned()),
            Self::Still(app, _) => {
                let routes = axum::Router::from(certificate::routes().with_state(app.as_ref().clone()));
                let caller = Caller::cli(&router::user_name(nix::unistd::getuid().as_raw()));
                let asked = Client::InProcess(Box::new(routes), caller);
                asked.get("/api/v1/certificate").await.map_err(|error| error.to_string())
            }
        }
    }
}

async fn ask(client: &Client) -> (Appliance, Finding) {
    let asked = tokio::time::timeout(super::LONGEST, async {
        let ready = client.get_told("/ready").await?;
        let certificate = client.get("/api/v1/certificate").await.map_err(|error| error.to_string());
        // A service of an earlier version knows no such route, and that is nothing to be told.
        let master_token = client.get("/api/v1/master-token").await.unwrap_or_default();
        Ok::<_, CommandError>((ready, certificate, master_token))
    });
    let advice = "systemctl restart carillon";
    match asked.await {
        Ok(Ok((ready, certificate, master_token))) => {
            let finding = match ready.get("store") == Some(&Value::Bool(true)) {
                true => Finding::ok(NAME, "the running service has it open"),
                false => Finding::fail(NAME, "the running service cannot read it: the journal says why", advice),
            };
            (Appliance::Running { ready, certificate, master_token }, finding)
        }
        Ok(Err(error)) => (Appliance::Unknown, Finding::fail(NAME, error.to_string(), advice)),
        Err(_) => (Appliance::Unknown, Finding::fail(NAME, "the running service does not answer", advice)),
    }
}

fn open(config: &Config) -> (Appliance, Finding) {
    let (store, kept, finding) = copy(config);
    let built = store.map_err(anyhow::Error::from).and_then(|store| stand_on(config, store));
    match built {
        Ok(app) => (Appliance::Still(Box::new(app), kept), finding),
        Err(error) => (Appliance::Unknown, Finding::fail(NAME, format!("{error:#}"), "mend that, and run this again")),
    }
}

fn copy(config: &Config) -> (Result<Store, StoreError>, Kept, Finding) {
    let path = config.data_dir.join(store::FILE_NAME);
    if !path.exists() {
        let finding = Finding::ok(NAME, "there is none yet: the first start makes it");
        return (Store::in_memory(), Kept::NothingYet, finding);
    }
    match Store::copy_of(&config.data_dir) {
        Ok(store) => (Ok(store), Kept::Read, Finding::ok(NAME, format!("{} opens", path.display()))),
        Err(error) => (Store::in_memory(), Kept::Unreadable, unreadable(&error)),
    }
}

fn unreadable(error: &StoreError) -> Finding {
    let advice = match error {
        StoreError::InUse { .. } => return Finding::warn(NAME, error.to_string(), "run this again when it has ended"),
        StoreError::NewerSchema { .. } => "install the newer Carillon again",
        StoreError::Open { .. } => "sudo carillon check; where that says the same, restore a backup",
        _ => "restore a backup",
    };
    Finding::fail(NAME, error.to_string(), advice)
}

/// A certificate that cannot be opened is a finding of its own; the clock is judged all the same.
fn stand_on(config: &Config, store: Store) -> anyhow::Result<App> {
    let mut config = config.clone();
    if tls::check(&config, Clock::system().now()).is_err() {
        config.tls.mode = TlsMode::Off;
    }
    let (fetcher, witnesses) = (fetcher(&config)?, Witnesses::of(&config));
    Ok(App::new(fetcher, config, store, Clock::system(), witnesses)?)
}
