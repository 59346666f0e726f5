//! The appliance as a whole: `cargo bench --bench appliance`.
//!
//! Fills a data folder with 50 cohorts of 500 events, fetched over HTTP, then starts the real binary on it and prints how
//! long the start takes to the first answer, and how much memory it holds: idle, after each calendar was asked for once,
//! and after each feed was fetched again. Then a cohort of 2,000 events in which one event changes is rendered anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as Name, State};
use axum::routing::get;
use carillon::actor::Caller;
use carillon::assemble::{Outside, build};
use carillon::calendars::{Calendar, Format};
use carillon::clock::Clock;
use carillon::config::{ClockTrust, Config};
use carillon::control::Client;
use carillon::ical::Printer;
use carillon::net::{Limits, Listeners, Plane, Shutdown, serve};
use carillon::router::{Slices, router};
use carillon::seal::Sealer;
use carillon::store::Store;
use carillon::timekeeping::Witnesses;
use serde_json::{Value, json};

const COHORTS: usize = 50;
const EVENTS: usize = 500;
const MANY_EVENTS: usize = 2000;
const RUNS: usize = 7;

#[tokio::main]
async fn main() {
    let (upstream, edits) = start_upstream();
    let folder = tempfile::tempdir().unwrap();
    let token = {
        let slices = open(folder.path());
        let token = fill(&slices, &upstream).await;
        render_again(&slices, &upstream, &edits).await;
        token
    };
    let mut starts: Vec<Duration> = (0..RUNS).map(|_| start_and_kill(folder.path(), &token)).collect();
    starts.sort();
    println!("{:8.1} ms  start to first answer (median of {RUNS})", millis(starts[RUNS / 2]));
    memory(folder.path(), &token);
}

fn open(folder: &Path) -> Slices {
    let (store, sealer) = (Store::open(folder).unwrap(), Sealer::open(folder).unwrap());
    let mut config = Config::built_in(folder).unwrap();
    config.clock = ClockTrust::Always;
    let outside = Outside { clock: Clock::system(), witnesses: Witnesses::none(), pause: Duration::ZERO };
    build(config, store, sealer, outside).unwrap()
}

/// `/{events}/{cohort}.ics`; the counter moves one event of each.
fn start_upstream() -> (String, Arc<AtomicUsize>) {
    let edits = Arc::new(AtomicUsize::new(0));
    let calendar = async |State(edits): State<Arc<AtomicUsize>>, Name((events, name)): Name<(usize, String)>| {
        feed(&name, events, edits.load(Ordering::SeqCst))
    };
    let site = Router::new().route("/{events}/{name}", get(calendar)).with_state(Arc::clone(&edits));
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let mut listeners = Listeners::default();
    listeners.add(Plane::Http, socket, None);
    let (stop, shutdown) = Shutdown::channel();
    std::mem::forget(stop);
    tokio::spawn(serve(listeners, site, Limits::default(), shutdown));
    (format!("http://{address}"), edits)
}

fn feed(name: &str, events: usize, edit: usize) -> Vec<u8> {
    let mut out = Printer::new();
    out.component("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//FR\n");
    let monday = chrono::NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
    for i in 0..events {
        let day = (monday + chrono::Days::new((i / 4) as u64)).format("%Y%m%d");
        let hour = 8 + 2 * (i % 4);
        let room = if i == 0 { edit } else { i % 17 };
        out.component(&format!(
            "BEGIN:VEVENT\nUID:{name}-{i}@planning.example\nDTSTAMP:20260901T000000Z\n\
             DTSTART;TZID=Europe/Paris:{day}T{hour:02}1500\nDTEND;TZID=Europe/Paris:{day}T{:02}0000\n\
             SUMMARY:Mécanique des fluides appliquée\nLOCATION:Bât. B - B{room}\n\
             DESCRIPTION:TD\\nEnseignant : Mme Béranger\\nRemarque : apporter la calculatrice et le polycopié\nEND:VEVENT\n",
            hour + 2
        ));
    }
    out.line("END:VCALENDAR");
    out.finish()
}

/// Fifty cohorts with a feed each, and one of 2,000 events; returns a token that opens them all. The feeds are paused
/// afterwards, so that what is measured is the appliance and not this upstream.
async fn fill(slices: &Slices, upstream: &str) -> String {
    let client = Client::InProcess(Box::new(router(slices)), Caller::cli("bench"));
    for number in 0..=COHORTS {
        let (name, events) =
            if number == COHORTS { ("many".into(), MANY_EVENTS) } else { (format!("c{number}"), EVENTS) };
        client.post("/api/v1/cohorts", &json!({"slug": name, "name": name})).await.unwrap();
        let url = format!("{upstream}/{events}/{name}.ics");
        client.post("/api/v1/feeds", &json!({"slug": name, "cohort": name, "url": url})).await.unwrap();
        client.post(&format!("/api/v1/feeds/{name}/refresh"), &json!({})).await.unwrap();
        client.patch(&format!("/api/v1/feeds/{name}"), &json!({"paused": true})).await.unwrap();
    }
    let token = client.post("/api/v1/tokens", &json!({"name": "bench"})).await.unwrap();
    token.get("token").and_then(Value::as_str).unwrap().to_owned()
}

/// One event of 2,000 changes: fetch, parse, merge, guard, commit; then the render alone.
async fn render_again(slices: &Slices, _upstream: &str, edits: &AtomicUsize) {
    let feed = slices.feeds.get("many").unwrap();
    let calendar = Calendar::of(slices.feeds.cohorts.directory().find("many").unwrap());
    let (mut refreshes, mut renders) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        edits.fetch_add(1, Ordering::SeqCst);
        let start = Instant::now();
        slices.feeds.refresh(&feed).await.unwrap();
        refreshes.push(start.elapsed());
        let start = Instant::now();
        slices.calendars.ready(&calendar, Format::Ics).await.unwrap();
        renders.push(start.elapsed());
    }
    refreshes.sort();
    renders.sort();
    println!("{:8.1} ms  a feed of 2,000 events fetched, one changed, committed", millis(refreshes[RUNS / 2]));
    println!("{:8.1} ms  its cohort rendered anew, plain and gzip", millis(renders[RUNS / 2]));
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Path) -> (Service, SocketAddr) {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_carillon"))
        .args(["--config", "/dev/null", "--data"])
        .arg(folder)
        .arg("serve")
        .env("CARILLON_LISTEN__HTTP", address.to_string())
        .env("CARILLON_CLOCK__TRUST", "always")
        .stderr(Stdio::null())
        .spawn();
    (Service(child.unwrap()), address)
}

fn start_and_kill(folder: &Path, token: &str) -> Duration {
    let begin = Instant::now();
    let (_service, address) = start(folder);
    wait_for(address, &format!("/s/{token}/c0.ics"));
    begin.elapsed()
}

fn wait_for(address: SocketAddr, path: &str) {
    while ask(address, path).is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ask(address: SocketAddr, path: &str) -> Option<usize> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    answer.starts_with(b"HTTP/1.1 200").then_some(answer.len())
}

fn memory(folder: &Path, token: &str) {
    let (service, address) = start(folder);
    wait_for(address, "/health");
    std::thread::sleep(Duration::from_secs(2));
    show_memory(&service, "idle after the start");
    for number in 0..COHORTS {
        ask(address, &format!("/s/{token}/c{number}.ics")).unwrap();
    }
    std::thread::sleep(Duration::from_secs(2));
    show_memory(&service, "after each calendar was asked for");
}

/// Anonymous memory is the service's own; of the rest, most is the binary itself, which the kernel may drop and read again.
fn show_memory(service: &Service, when: &str) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.0.id())).unwrap();
    let mib = |field: &str| {
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    };
    println!("{:8.1} MiB resident ({:.1} anonymous), {when}", mib("VmRSS:"), mib("RssAnon:"));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
