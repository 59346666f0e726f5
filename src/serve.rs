//! The running appliance: opened, listening, reloaded on SIGHUP, stopped on SIGTERM with what runs let finish.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::assemble::assemble;
use crate::clock::Clock;
use crate::config::{Config, Server};
use crate::control::SOCKET_NAME;
use crate::net::{self, Handed, Limits, Listeners, Plane, Shutdown, Stop};
use crate::router::{Slices, router};
use crate::schedule;
use crate::supervisor;
use crate::tls::{self, Certificates};

/// So long an order of a certificate that is under way is waited for at a stop.
const ORDER_LONGEST: Duration = Duration::from_secs(10);

/// Reads the configuration again, as the start did.
pub type Reread = dyn Fn() -> anyhow::Result<Config> + Send + Sync;

/// Runs until SIGTERM or SIGINT, on the sockets that were handed over and on the configuration's other addresses.
pub async fn serve(config: Config, handed: Handed, reread: &Reread) -> anyhow::Result<()> {
    // Before anything answers: whoever sees it alive may signal it.
    let mut signals = Signals::open()?;
    // Nobody has judged this clock yet, and an expired file must keep from starting. Boards' clocks are wrong towards the
    // past, where nothing has expired.
    tls::check(&config, Clock::system().now())?;
    make_data_dir(&config.data_dir)?;
    let slices = assemble(config)?;
    let running = start(&slices, handed)?;
    offer_setup(&slices)?;
    let signs = tokio::spawn(supervisor::give_signs(running.rounds.clone(), running.socket.clone()));
    supervisor::ready();
    signals.stop(|| reload(&slices, reread)).await;
    supervisor::stopping();
    signs.abort();
    running.stop().await;
    log::info!("stopped");
    Ok(())
}

/// A data folder of one's own: the group may pass through it to the control socket, others may not.
fn make_data_dir(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let made = fs::create_dir_all(path).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o750)));
    made.with_context(|| format!("{}: cannot make the data folder", path.display()))
}

/// Everything that runs.
pub struct Running {
    stop: Stop,
    tasks: JoinSet<()>,
    certificates: Option<Certificates>,
    socket: PathBuf,
    /// How many rounds the schedule has done.
    rounds: watch::Receiver<u64>,
    /// Where it listens.
    pub addresses: Vec<(Plane, std::net::SocketAddr)>,
}

impl Running {
    /// Lets what runs finish, writes what is only in memory, and goes. The doors close after an order of a certificate: the
    /// authority comes in by them.
    pub async fn stop(mut self) {
        if let Some(certificates) = &self.certificates {
            certificates.finish(ORDER_LONGEST).await;
        }
        self.stop.now();
        while self.tasks.join_next().await.is_some() {}
        // It may be gone already, with the folder of a demo.
        drop(fs::remove_file(&self.socket));
    }
}

/// Opens the ports and the control socket, and starts the timers.
pub fn start(slices: &Slices, handed: Handed) -> anyhow::Result<Running> {
    slices.calendars.note_presentation()?;
    slices.app.note_public_url();
    let config = slices.app.config();
    let certificates = slices.app.certificates.clone();
    certificates.iter().for_each(Certificates::begin);
    let showcase = certificates.as_ref().map(|certificates| Arc::clone(certificates.showcase()));
    let tls = showcase.map(|showcase| tls::server_config(showcase)).transpose()?;
    let listeners = Listeners::open(&config.listen, handed, tls)?;
    let addresses = listeners.addresses();
    slices.app.set_listening(addresses.clone());
    let socket = config.data_dir.join(SOCKET_NAME);
    let control = open_socket(&socket)?;
    let (stop, shutdown) = Shutdown::channel();
    let routes = router(slices);
    let mut tasks = JoinSet::new();
    let (for_control, until) = (routes.clone(), shutdown.clone());
    tasks.spawn(async move { told(net::serve_unix(control, for_control, Limits::default(), until).await) });
    let until = shutdown.clone();
    tasks.spawn(async move { told(net::serve(listeners, routes, Limits::default(), until).await) });
    let (done, rounds) = watch::channel(0);
    tasks.spawn(schedule::run(slices.clone(), shutdown, done));
    for (plane, addr) in &addresses {
        log::info!(address = addr.to_string().as_str(); "listening for {plane:?}");
    }
    Ok(Running { stop, tasks, certificates, socket, rounds, addresses })
}

fn told(served: std::io::Result<()>) {
    if let Err(error) = served {
        log::error!(error:% = error; "a listener ended");
    }
}

/// The database is ours by now, so a socket that lies there is a dead one.
fn open_socket(path: &Path) -> anyhow::Result<UnixListener> {
    let told = || format!("{}: cannot open the control socket", path.display());
    if path.exists() {
        fs::remove_file(path).with_context(told)?;
    }
    let listener = UnixListener::bind(path).with_context(told)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660)).with_context(told)?;
    Ok(listener)
}

/// Printed on a terminal, and in the journal under systemd: whoever can read either may set the appliance up.
fn offer_setup(slices: &Slices) -> anyhow::Result<()> {
    if let Some(link) = slices.accounts.offer_setup()? {
        log::warn!("no administrator yet: open {link} within 24 hours, or run `carillon user add`");
    }
    Ok(())
}

/// The signals that are listened to; one that came during the start is kept until somebody waits for it.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Listens from now on.
    pub fn open() -> std::io::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, hangup: signal(SignalKind::hangup())? })
    }

    /// Waits for SIGTERM or SIGINT; calls `on_hangup` for each SIGHUP before.
    pub async fn stop(&mut self, on_hangup: impl Fn()) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hangup.recv() => on_hangup(),
            }
        }
    }
}

/// A bad configuration or certificate is refused with its reason, and the old one goes on.
fn reload(slices: &Slices, reread: &Reread) {
    supervisor::reloading();
    match reread() {
        Ok(config) => take_config(slices, config),
        Err(error) => log::error!("the configuration stays as it was: {error:#}"),
    }
    if let Some(certificates) = &slices.app.certificates {
        certificates.reload();
    }
    supervisor::ready();
}

/// Addresses, the data folder, the fetcher and the router are fixed for the life of the process.
fn take_config(slices: &Slices, config: Config) {
    let present = slices.app.config();
    let fixed = |config: &Config| {
        let Config { listen, data_dir, fetch, tls, server, .. } = config.clone();
        (listen, data_dir, fetch, tls, server.cors_origins)
    };
    if fixed(&config) != fixed(&present) {
        log::warn!("[listen], [tls], [fetch], data_dir and cors_origins count from the next start");
    }
    let (listen, data_dir, fetch, tls, cors_origins) = fixed(&present);
    let server = Server { cors_origins, ..config.server };
    slices.app.set_config(Config { listen, data_dir, fetch, tls, server, ..config });
    if let Err(error) = slices.calendars.note_presentation() {
        log::error!(error:% = error; "calendars keep the language and zone that they had");
    }
    log::info!("configuration read again");
}
