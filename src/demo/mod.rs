//! A school in a box: what `carillon demo` shows.
//!
//! The whole appliance in a folder that is thrown away, with a sample school and the login-walled planning site that
//! publishes it, both inside the process, fetched over HTTP for real.

mod disorder;
mod lines;
pub mod school;
pub mod site;
mod timetable;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use serde_json::{Value, json};

use crate::actor::Caller;
use crate::assemble::{Outside, build};
use crate::clock::Clock;
use crate::config::{ClockTrust, Config};
use crate::control::{Client, Output};
use crate::net::{self, Handed, Limits, Listeners, Plane, Shutdown};
use crate::router::{Slices, router};
use crate::seal::Sealer;
use crate::secret::random_text;
use crate::serve;
use crate::store::Store;
use crate::timekeeping::Witnesses;
use school::School;
use site::{SignIn, planning_site};

/// Where the demo is found unless somebody says otherwise or the port is taken.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const ADMIN: &str = "admin";
const SITE_USER: &str = "carillon";

/// Runs the demo until Ctrl-C; then nothing of it is left.
pub async fn run(listen: Option<SocketAddr>, out: Output) -> anyhow::Result<()> {
    let mut signals = serve::Signals::open()?;
    let folder = tempfile::Builder::new().prefix("carillon-demo-").tempdir()?;
    let (_stop, shutdown) = Shutdown::channel();
    let sign_in = SignIn { username: SITE_USER.to_owned(), password: random_text::<9>()?, session_minutes: 20 };
    let upstream = start_site(sign_in.clone(), shutdown)?;
    let (slices, running) = start_appliance(folder.path(), listen)?;
    let shown = fill(&slices, &upstream, &sign_in).await?;
    print_links(&shown, out)?;
    signals.stop(|| {}).await;
    running.stop().await;
    Ok(())
}

/// The planning site, on a port of its own.
fn start_site(sign_in: SignIn, shutdown: Shutdown) -> anyhow::Result<String> {
    let clock = Clock::system();
    let site = planning_site(sign_in, School::sample(), move || clock.now());
    let site = site.route("/", axum::routing::get(async || axum::response::Redirect::to("/planning/")));
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = socket.local_addr()?;
    spawn_site(site, socket, shutdown);
    Ok(format!("http://{address}/planning/"))
}

fn spawn_site(site: Router, socket: TcpListener, shutdown: Shutdown) {
    let mut listeners = Listeners::default();
    listeners.add(Plane::Http, socket, None);
    tokio::spawn(net::serve(listeners, site, Limits::default(), shutdown));
}

fn start_appliance(folder: &Path, listen: Option<SocketAddr>) -> anyhow::Result<(Slices, serve::Running)> {
    let free = SocketAddr::new(USUAL.ip(), 0);
    let address = listen.unwrap_or_else(|| if TcpListener::bind(USUAL).is_ok() { USUAL } else { free });
    let mut config = Config::built_in(folder)?;
    config.listen.http = Some(address);
    // It asks nobody on the internet, not the time either.
    config.clock = ClockTrust::Always;
    let (store, sealer) = (Store::open(folder)?, Sealer::open(folder)?);
    // The site is our own: no pause between two requests.
    let outside = Outside { clock: Clock::system(), witnesses: Witnesses::none(), pause: Duration::ZERO };
    let slices = build(config, store, sealer, outside)?;
    let running = serve::start(&slices, Handed::default())?;
    let (_, bound) = running.addresses.first().context("the demo listens nowhere")?;
    let mut config = Config::clone(&slices.app.config());
    config.public_url = Some(format!("http://{bound}").parse()?);
    slices.app.set_config(config);
    Ok((slices, running))
}

/// Does what an administrator would do on the first day, by the same routes.
async fn fill(slices: &Slices, upstream: &str, sign_in: &SignIn) -> anyhow::Result<Value> {
    let client = Client::InProcess(Box::new(router(slices)), Caller::cli("demo"));
    let school = School::sample();
    for cohort in school.cohorts() {
        let visibility = if cohort.public { "public" } else { "token" };
        client
            .post("/api/v1/cohorts", &json!({"slug": cohort.slug, "name": cohort.name, "visibility": visibility}))
            .await?;
        let login = json!({"url": format!("{upstream}login.php"), "username": sign_in.username,
                           "password": sign_in.password});
        let url = format!("{upstream}index.php?url=ics/{}", cohort.file);
        client
            .post("/api/v1/feeds", &json!({"slug": cohort.slug, "cohort": cohort.slug, "url": url, "login": login}))
            .await?;
        client.post(&format!("/api/v1/feeds/{}/refresh", cohort.slug), &json!({})).await?;
    }
    let password = random_text::<9>()?;
    let admin = json!({"login": ADMIN, "name": "Administration", "roles": ["admin"], "password": password});
    client.post("/api/v1/users", &admin).await?;
    let first = school.cohorts().first().context("the sample school has no cohort")?.slug;
    let token = client.post("/api/v1/tokens", &json!({"name": "demo"})).await?;
    let token = token.get("token").and_then(Value::as_str).context("no token was made")?;
    let base = slices.app.public_url();
    Ok(json!({
        "base_url": base,
        "calendar_url": format!("{base}/s/{token}/{first}.ics"),
        "csv_url": format!("{base}/s/{token}/{first}.csv"),
        "upstream_url": upstream,
        "admin": {"login": ADMIN, "password": password},
    }))
}

fn print_links(shown: &Value, out: Output) -> anyhow::Result<()> {
    let sentence = "\
Carillon is running, with a sample school that is fetched from a planning site behind a login form.

  the school's page     {base_url}/
  an administrator      {base_url}/login   login: {admin.login}   password: {admin.password}
  a calendar            {calendar_url}
  the same as CSV       {csv_url}
  the planning site     {upstream_url}

Subscribe a calendar program to the address of the calendar. Ctrl-C ends it; nothing is kept.";
    Ok(out.object(shown, sentence)?)
}
