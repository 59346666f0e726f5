//! The command tree and its dispatch.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use log::LevelFilter;

use crate::accounts::commands::{TokenCommand, UserCommand, run_token, run_user};
use crate::actor::Caller;
use crate::assemble::assemble;
use crate::audit::commands::{self as audit, AuditCommand};
use crate::backup::commands::{self as backup, BackupCommand, RestoreCommand};
use crate::certificate::commands::{self as certificate, CertCommand};
use crate::cohorts::commands::{self as cohort, CohortCommand};
use crate::config::{Config, ConfigError};
use crate::control::{self, Client, Door, Output};
use crate::feeds::Unwritten;
use crate::feeds::commands::{self as feed, FeedCommand};
use crate::feeds::ipp::commands::{ImportIpp, run_import_ipp};
use crate::net::Handed;
use crate::openapi::commands as openapi;
use crate::timetable::commands::{
    ClashesCommand, EventCommand, ExportCommand, ImportEvents, ImportWebCafe, RoomCommand, run_clashes, run_event,
    run_export, run_import_events, run_import_webcafe, run_room,
};
use crate::{check, demo, logs, manual, router, serve, supervisor};

/// So long may what runs on the blocking pool go on after the stop.
const STOP_AT_MOST: Duration = Duration::from_secs(2);

/// The timetable appliance: planning sites in, every cohort's calendar out.
#[derive(Debug, Parser)]
#[command(name = "carillon", version, arg_required_else_help = true)]
pub struct Cli {
    /// The configuration file [default: /etc/carillon/carillon.toml if it is there]
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// The data folder
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the appliance.
    Serve,
    /// Show a throw-away appliance with a sample school and its planning site.
    Demo {
        /// The address to listen on [default: 127.0.0.1:8080, or a free port where that is taken].
        #[arg(long, value_name = "ADDR")]
        listen: Option<std::net::SocketAddr>,
    },
    /// Say what would fail on this machine, and how to mend it. Changes nothing.
    Check,
    /// People.
    #[command(subcommand)]
    User(UserCommand),
    /// Cohorts: the groups that share a timetable.
    #[command(subcommand)]
    Cohort(CohortCommand),
    /// Rooms.
    #[command(subcommand)]
    Room(RoomCommand),
    /// Events: what takes place, our own to change and feeds' to read.
    #[command(subcommand)]
    Event(EventCommand),
    /// List what cannot all take place: rooms, teachers, cohorts at two things at once, and too few seats.
    Clashes(ClashesCommand),
    /// Feeds: upstream calendars, fetched on a timer.
    #[command(subcommand)]
    Feed(FeedCommand),
    /// Subscriber tokens: the keys in people's phones.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The certificate of HTTPS.
    #[command(subcommand)]
    Cert(CertCommand),
    /// Who did what, when, from where.
    #[command(subcommand)]
    Audit(AuditCommand),
    Backup(BackupCommand),
    Restore(RestoreCommand),
    /// Print the document of the REST interface (OpenAPI).
    Openapi,
    /// Print the manual page, or write that of each command into a folder.
    Man {
        /// The folder; it is made if it is not there.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print the completions of a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Bring data in: all of it or nothing.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Take data out.
    #[command(subcommand)]
    Export(ExportCommand),
}

/// Bring data in.
#[derive(Debug, Subcommand)]
enum ImportCommand {
    Events(ImportEvents),
    Ipp(ImportIpp),
    #[command(name = "webcafe")]
    WebCafe(ImportWebCafe),
}

/// Runs the command line of this process.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    // Whatever is made here is its owner's alone; the control socket is opened to the group by itself.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    logs::init(level(&cli.command)?).context("cannot log")?;
    let out = Output { json: cli.json };
    match cli.command {
        Command::Openapi => Ok(openapi::run(&out)?),
        Command::Man { folder } => manual::write_pages(Cli::command(), folder.as_deref(), &out),
        Command::Completions { shell } => manual::write_completions(Cli::command(), shell, &out),
        Command::Demo { listen } => runtime()?.block_on(demo::run(listen, out)),
        Command::Serve => {
            let (path, data) = (cli.config, cli.data);
            // Before any thread is started.
            let handed = Handed::take(&environment())?;
            let stand_in = handed.stand_in();
            let reread = move || {
                let mut config = load(path.as_deref(), data.as_deref())?;
                stand_in.apply(&mut config);
                Ok(config)
            };
            let config = reread()?;
            let runtime = runtime()?;
            let served = runtime.block_on(serve::serve(config, handed, &reread));
            // A fetch from a site that does not answer is given up; what it has not written is fetched again.
            runtime.shutdown_timeout(STOP_AT_MOST);
            served
        }
        Command::Check => {
            let runtime = runtime()?;
            let checked = runtime.block_on(check::run(load(cli.config.as_deref(), cli.data.as_deref()), &out));
            // A resolver that does not answer is not waited for.
            runtime.shutdown_background();
            checked
        }
        Command::Restore(wanted) => {
            let config = load(cli.config.as_deref(), cli.data.as_deref())?;
            let file = wanted.open()?;
            backup::must_be_stopped(&config.data_dir)?;
            become_owner(&config.data_dir)?;
            backup::run_restore(&wanted, file, &config.data_dir, &Caller::cli(&user_name()), &out)
        }
        command => {
            let config = load(cli.config.as_deref(), cli.data.as_deref())?;
            let reach = Reach::find(&config.data_dir)?;
            runtime()?.block_on(run_command(command, reach, config, out))
        }
    }
}

/// What the process ends with after this error of [`run`].
pub fn exit_code(error: &anyhow::Error) -> u8 {
    supervisor::exit_code(error, &environment())
}

/// The service tells what it does; a command only what went wrong, and it says that itself.
fn level(command: &Command) -> anyhow::Result<LevelFilter> {
    let asked = logs::level_asked()?;
    Ok(asked.unwrap_or(match command {
        Command::Serve => LevelFilter::Info,
        Command::Demo { .. } => LevelFilter::Warn,
        _ => LevelFilter::Off,
    }))
}

fn load(path: Option<&Path>, data: Option<&Path>) -> Result<Config, ConfigError> {
    Config::load(path, data, environment().into_iter())
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(key, value)| Some((text(&key)?, text(&value)?))).collect()
}

fn text(value: &OsStr) -> Option<String> {
    value.to_str().map(str::to_owned)
}

/// Two workers carry a school; a blocking thread is a fetch, a render, a password.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().min(4));
    Ok(builder.worker_threads(workers).max_blocking_threads(16).enable_all().build()?)
}

/// How a command reaches the data.
enum Reach {
    /// By the running service.
    Service(PathBuf),
    /// In this process.
    Folder,
}

impl Reach {
    /// Only `serve` and `demo` make a data folder. Root becomes the folder's owner before it opens the database, so that
    /// no file of root's is left for the service to stumble over; this must come before any thread is started.
    fn find(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.display();
        match Door::of(data_dir) {
            Door::Service(socket) => return Ok(Self::Service(socket)),
            Door::Closed => anyhow::bail!(control::closed(data_dir)),
            Door::Nobody => {}
        }
        if !data_dir.join(crate::store::FILE_NAME).is_file() {
            anyhow::bail!(
                "{folder}: there is no data here; start `carillon serve` first, or name the folder with --data"
            );
        }
        become_owner(data_dir)?;
        Ok(Self::Folder)
    }
}

fn become_owner(data_dir: &Path) -> anyhow::Result<()> {
    use nix::unistd::{Uid, User, geteuid, initgroups, setgid, setuid};
    use std::os::unix::fs::MetadataExt;
    let owner = Uid::from_raw(std::fs::metadata(data_dir)?.uid());
    if !geteuid().is_root() || owner.is_root() {
        return Ok(());
    }
    let user = User::from_uid(owner)?.with_context(|| format!("{}: its owner is no user", data_dir.display()))?;
    initgroups(&std::ffi::CString::new(user.name)?, user.gid)?;
    setgid(user.gid)?;
    setuid(user.uid)?;
    Ok(())
}

async fn run_command(command: Command, reach: Reach, config: Config, out: Output) -> anyhow::Result<()> {
    match reach {
        Reach::Service(socket) => dispatch(command, &Client::Service(socket), &out).await,
        Reach::Folder => {
            let slices = assemble(config)?;
            let client = Client::InProcess(Box::new(router::router(&slices)), Caller::cli(&user_name()));
            let done = dispatch(command, &client, &out).await;
            // What a refresh has learned stays known, even where it failed.
            slices.feeds.flush_states(Unwritten::Routine, |_| Ok(()))?;
            done
        }
    }
}

async fn dispatch(command: Command, client: &Client, out: &Output) -> anyhow::Result<()> {
    match command {
        Command::User(command) => run_user(command, client, out).await?,
        Command::Cohort(command) => cohort::run(command, client, out).await?,
        Command::Room(command) => run_room(command, client, out).await?,
        Command::Event(command) => run_event(command, client, out).await?,
        Command::Clashes(command) => run_clashes(command, client, out).await?,
        Command::Feed(command) => feed::run(command, client, out).await?,
        Command::Token(command) => run_token(command, client, out).await?,
        Command::Cert(command) => certificate::run(command, client, out).await?,
        Command::Audit(command) => audit::run(command, client, out).await?,
        Command::Backup(command) => backup::run_backup(command, client, out).await?,
        Command::Import(ImportCommand::Events(wanted)) => run_import_events(wanted, client, out).await?,
        Command::Import(ImportCommand::Ipp(wanted)) => run_import_ipp(wanted, client, out).await?,
        Command::Import(ImportCommand::WebCafe(wanted)) => run_import_webcafe(wanted, client, out).await?,
        Command::Export(command) => run_export(command, client, out).await?,
        Command::Serve | Command::Check | Command::Demo { .. } | Command::Restore(_) => {}
        Command::Openapi | Command::Man { .. } | Command::Completions { .. } => {}
    }
    Ok(())
}

fn user_name() -> String {
    router::user_name(nix::unistd::getuid().as_raw())
}
