//! The real binary and a real authority: what somebody has who writes five lines and starts the service. Needs Pebble
//! (`pebble.rs`); the wrong clocks need `libfaketime` (Debian package `faketime`).
//!
//! The counts are those of the gate; `tests/slow acme` raises them by environment variables.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::app::text;
use crate::browser::{Browser, Connection};
use crate::go_between::{GoBetween, Moment};
use crate::pebble::{Doors, Habits, Pebble};
use crate::process::{Home, Service, free_port};

const NAME: &str = "cafe.test";
const CALENDAR: &str = "/calendars/m2.ics";
const HSTS: &str = "strict-transport-security: max-age=";
/// What an administrator waits for at most.
const SOON: Duration = Duration::from_secs(30);
const STRICT: Habits = Habits { validity_secs: 90 * 86_400, bad_nonces: 0, is_slow: false };

/// A count, which `tests/slow` raises.
#[allow(clippy::disallowed_methods)] // As the script hands it on.
fn count(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

/// The authority's habits in the tests that `tests/slow` makes rougher: refused nonces, and looks of up to five seconds.
fn rough(habits: Habits) -> Habits {
    match count("ACME_BAD_NONCES", 0) {
        0 => habits,
        bad_nonces => Habits { bad_nonces: u32::try_from(bad_nonces).unwrap(), is_slow: true, ..habits },
    }
}

/// Seen though the test passes.
fn note(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// A box that is configured, and an authority.
struct Site {
    home: Home,
    https: u16,
    pebble: Pebble,
}

impl Site {
    /// With an authority that runs.
    fn start(habits: Habits) -> Option<Self> {
        let mut site = Self::ready(habits)?;
        site.pebble.start();
        Some(site)
    }

    /// With one that has not started yet.
    fn ready(habits: Habits) -> Option<Self> {
        let (home, https) = (Home::bare(), free_port());
        let pebble = Pebble::new(Doors { http: home.port, tls: https }, habits)?;
        let site = Self { home, https, pebble };
        site.configure(&site.pebble.directory(), "tls-alpn-01", "always");
        Some(site)
    }

    /// Five lines that an administrator writes, and four that only a test needs.
    fn configure(&self, directory: &str, challenge: &str, trust: &str) {
        let root = self.pebble.ca_file();
        let lines = format!(
            "tls.mode = \"acme\"\ntls.domains = [\"{NAME}\"]\ntls.acme.challenge = \"{challenge}\"\n\
             tls.acme.directory = \"{directory}\"\ntls.acme.ca_file = \"{}\"\n",
            root.display()
        );
        assert_eq!(lines.lines().count(), 5);
        let (data, http, https) = (self.home.data(), self.home.port, self.https);
        let rig = format!(
            "data_dir = \"{}\"\nlisten.http = \"127.0.0.1:{http}\"\nlisten.https = \"127.0.0.1:{https}\"\n\
             clock.trust = \"{trust}\"\n",
            data.display()
        );
        fs::write(self.home.config(), lines + &rig).unwrap();
    }

    /// Does not wait for anything.
    fn launch(&self) -> Service {
        self.home.launch(self.home.serving())
    }

    fn serve(&self) -> Service {
        self.home.serve_until(|service| service.get("/health").status == 308)
    }

    /// Whoever trusts what the authority issues, and nothing else.
    fn visitor(&self) -> Browser {
        let root = CertificateDer::from_pem_file(self.pebble.ca_file()).unwrap();
        let mut pebble = Browser::trusting(&root).connect(self.pebble.management_port(), "localhost").unwrap();
        let pem = pebble.get("/roots/0").unwrap().body;
        Browser::trusting(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
    }

    fn connect(&self, browser: &Browser) -> std::io::Result<Connection> {
        browser.connect(self.https, NAME)
    }

    /// Waits until a visitor is shown a certificate that they trust.
    fn wait_for_certificate(&self) -> Connection {
        let (visitor, begun) = (self.visitor(), Instant::now());
        loop {
            match self.connect(&visitor) {
                Ok(connection) => return connection,
                Err(error) => assert!(begun.elapsed() < SOON, "{error}: {}", self.home.log()),
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// A cohort that everybody may see.
    fn add_calendar(&self) {
        self.home.run(&["cohort", "add", "m2", "--name", "M2", "--visibility", "public"]).ok();
    }

    fn status(&self) -> serde_json::Value {
        self.home.json(&["cert", "status"])
    }
}

fn serves_a_trusted_calendar(challenge: &str) {
    let Some(site) = Site::start(Habits::default()) else { return };
    site.configure(&site.pebble.directory(), challenge, "always");
    let begun = Instant::now();
    let service = site.serve();
    site.add_calendar();
    let calendar = site.wait_for_certificate().get(CALENDAR).unwrap();
    let took = begun.elapsed();
    assert_eq!(calendar.status, 200, "{calendar:?}");
    assert!(calendar.body.starts_with("BEGIN:VCALENDAR") && calendar.head.contains(HSTS), "{calendar:?}");
    assert!(took < SOON, "{took:?}");
    let status = site.status();
    assert_eq!((text(&status, "origin"), &status["trouble"]), ("authority".into(), &serde_json::Value::Null));
    let ready = site.wait_for_certificate().get("/ready").unwrap();
    let certificate = &ready.json()["certificate"];
    assert_eq!((ready.status, text(certificate, "mode")), (200, "acme".into()), "{ready:?}");
    assert_eq!(certificate["trouble"], serde_json::Value::Null);
    note(&format!("{challenge}: from an empty box to a trusted calendar in {took:?}"));
    service.stop();
}

#[test]
fn an_empty_box_serves_a_trusted_calendar_by_tls_alpn_01() {
    serves_a_trusted_calendar("tls-alpn-01");
}

#[test]
fn an_empty_box_serves_a_trusted_calendar_by_http_01() {
    serves_a_trusted_calendar("http-01");
}

#[test]
fn an_authority_that_is_down_leaves_the_box_serving_and_says_what_to_do() {
    let Some(mut site) = Site::ready(STRICT) else { return };
    let service = site.serve();
    site.add_calendar();
    site.home.wait_for_log("next attempt on");
    let calendar = site.connect(&Browser::careless()).unwrap().get(CALENDAR).unwrap();
    assert_eq!(calendar.status, 200);
    assert!(!calendar.head.contains(HSTS), "{calendar:?}");
    for (path, status) in [("/", 308), (CALENDAR, 403), ("/s/zoe_x/m2.ics", 403)] {
        assert_eq!(service.get(path).status, status, "{path}");
    }
    let status = site.status();
    let (trouble, what_to_do) = (text(&status, "trouble"), "cannot be reached");
    assert!(trouble.starts_with("a temporary certificate is shown") && trouble.contains(what_to_do), "{trouble}");
    let ready = site.connect(&Browser::careless()).unwrap().get("/ready").unwrap();
    assert_eq!((ready.status, text(&ready.json()["certificate"], "trouble")), (503, trouble));
    // Once that it failed, once what that means.
    assert_eq!(site.home.log().matches(what_to_do).count(), 2, "{}", site.home.log());
    site.pebble.start();
    site.home.run(&["cert", "renew"]).ok();
    let calendar = site.wait_for_certificate().get(CALENDAR).unwrap();
    assert!(calendar.status == 200 && calendar.head.contains(HSTS), "{calendar:?}");
    service.stop();
}

#[test]
fn a_restart_asks_the_authority_for_nothing() {
    let Some(mut site) = Site::start(STRICT) else { return };
    let service = site.serve();
    let first = site.wait_for_certificate().certificate();
    service.stop();
    let visitor = site.visitor();
    let made = site.pebble.made();
    site.pebble.stop();
    let begun = Instant::now();
    let service = site.launch();
    let shown = loop {
        if let Ok(mut connection) = site.connect(&visitor) {
            assert_eq!(connection.get("/health").unwrap().status, 200);
            break connection.certificate();
        }
        std::thread::sleep(Duration::from_millis(1));
        assert!(begun.elapsed() < Duration::from_secs(2), "{}", site.home.log());
    };
    note(&format!("from the start to the first answer by HTTPS: {:?}", begun.elapsed()));
    assert_eq!(shown, first);
    assert_eq!((site.pebble.made(), made), ([1, 1, 1], [1, 1, 1]));
    service.stop();
}

/// Each step of an order: killed there, how many orders does it take? Where the authority made one and the answer was
/// lost, nobody can know of it. Whoever is killed while the authority looks is not found, so that is not among them.
const STEPS: [(&str, Moment, usize); 9] = [
    ("/sign-me-up", Moment::Before, 1),
    ("/sign-me-up", Moment::After, 1),
    ("/order-plz", Moment::Before, 1),
    ("/order-plz", Moment::After, 2),
    ("/chalZ/", Moment::Before, 1),
    ("/finalize-order/", Moment::Before, 1),
    ("/finalize-order/", Moment::After, 1),
    ("/certZ/", Moment::Before, 1),
    ("/certZ/", Moment::After, 1),
];

#[test]
fn a_kill_at_any_step_costs_neither_the_account_nor_a_needless_order() {
    let Some(site) = Site::start(STRICT) else { return };
    let between = GoBetween::start(&site.pebble);
    site.configure(&between.directory(), "tls-alpn-01", "always");
    for (path, moment, orders) in STEPS {
        drop(fs::remove_dir_all(site.home.data()));
        let before = site.pebble.made();
        between.set(path, moment);
        let mut service = site.launch();
        between.aim(&service);
        assert_eq!(service.wait(SOON), -1, "{path} {moment:?}");
        let service = site.serve();
        site.wait_for_certificate();
        service.stop();
        let after = site.pebble.made();
        let made: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(made, [1, orders, 1], "{path} {moment:?}: {}", site.home.log());
    }
}

#[test]
fn kills_at_random_moments_end_in_one_certificate_of_one_account() {
    let Some(site) = Site::start(rough(STRICT)) else { return };
    for round in 0..count("ACME_KILL_ROUNDS", 3) {
        drop(fs::remove_dir_all(site.home.data()));
        let before = site.pebble.made();
        let mut bytes = [0];
        getrandom(&mut bytes);
        let pause = Duration::from_millis(u64::from(bytes[0]) * if rough(STRICT).is_slow { 30 } else { 4 });
        let service = site.launch();
        std::thread::sleep(pause);
        drop(service);
        let service = site.serve();
        certificate_in_the_end(&site);
        service.stop();
        let after = site.pebble.made();
        let [accounts, orders, certificates] = [0, 1, 2].map(|kind| after[kind] - before[kind]);
        assert_eq!((accounts, certificates), (1, 1), "round {round}, {pause:?}: {}", site.home.log());
        assert!(orders <= 2, "round {round}, {pause:?}: {}", site.home.log());
    }
}

/// Killed while the authority looked, it was not found; then it waits a minute, or for somebody's word.
fn certificate_in_the_end(site: &Site) {
    let (visitor, begun) = (site.visitor(), Instant::now());
    while site.connect(&visitor).is_err() {
        assert!(begun.elapsed() < 3 * SOON, "{}", site.home.log());
        if site.status()["last_error"].is_object() {
            site.home.run(&["cert", "renew"]).ok();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn getrandom(bytes: &mut [u8]) {
    use std::io::Read;
    fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
}

#[test]
fn a_stop_does_not_wait_for_an_authority_that_is_silent_and_the_order_goes_on_after_it() {
    let Some(site) = Site::start(STRICT) else { return };
    let between = GoBetween::start(&site.pebble);
    site.configure(&between.directory(), "tls-alpn-01", "always");
    between.set("/finalize-order/", Moment::Silence);
    let mut service = site.serve();
    let begun = Instant::now();
    while !between.is_sprung() {
        assert!(begun.elapsed() < SOON, "{}", site.home.log());
        std::thread::sleep(Duration::from_millis(10));
    }
    let begun = Instant::now();
    service.signal(Signal::SIGTERM);
    assert_eq!(service.wait(Duration::from_secs(5)), 0);
    note(&format!("stopped beside a silent authority in {:?}", begun.elapsed()));
    between.clear();
    let service = site.serve();
    site.wait_for_certificate();
    service.stop();
    assert_eq!(site.pebble.made(), [1, 1, 1]);
}

/// Some visitors who never stop.
struct Load {
    is_over: Arc<AtomicBool>,
    visits: Arc<AtomicUsize>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Load {
    /// Two who connect anew each time, and two who stay. Whatever goes wrong for one of them ends their thread.
    fn start(site: &Site) -> Self {
        let mut load = Self { is_over: Arc::default(), visits: Arc::default(), threads: Vec::new() };
        for stays in [false, false, true, true] {
            let (visitor, port) = (site.visitor(), site.https);
            let (is_over, visits) = (load.is_over.clone(), load.visits.clone());
            load.threads.push(std::thread::spawn(move || {
                let mut connection = visitor.connect(port, NAME).unwrap();
                while !is_over.load(Ordering::SeqCst) {
                    if !stays {
                        connection = visitor.connect(port, NAME).unwrap();
                    }
                    assert_eq!(connection.get(CALENDAR).unwrap().status, 200);
                    visits.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(10));
                }
            }));
        }
        load
    }

    fn end(self) -> usize {
        self.is_over.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.visits.load(Ordering::SeqCst)
    }
}

/// The longest of the gate's tests: four lives of a certificate.
#[test]
fn certificates_of_twenty_seconds_are_renewed_without_a_failed_request() {
    let Some(site) = Site::start(Habits { validity_secs: 20, ..Habits::default() }) else { return };
    let service = site.serve();
    site.add_calendar();
    let mut shown = vec![site.wait_for_certificate().certificate()];
    let (load, visitor, wanted) = (Load::start(&site), site.visitor(), count("ACME_RENEWALS", 3));
    let end = Instant::now() + Duration::from_secs(20) * u32::try_from(wanted).unwrap();
    while shown.len() <= wanted {
        assert!(Instant::now() < end, "{} renewals: {}", shown.len() - 1, site.home.log());
        let certificate = site.connect(&visitor).unwrap().certificate();
        if shown.last() != Some(&certificate) {
            shown.push(certificate);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let visits = load.end();
    note(&format!("{wanted} renewals under {visits} requests, none failed"));
    assert!(visits > 1000);
    assert_eq!(site.pebble.made()[0], 1);
    assert!(site.status()["last_error"].is_null(), "{}", site.status());
    service.stop();
}

/// The library that shows a process another time; `None`, loudly, where the package is missing.
#[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
    let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file());
    if library.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "faketime is missing: apt-get install faketime");
        note("SKIPPED: faketime is missing; apt-get install faketime");
    }
    library
}

#[test]
fn a_stored_certificate_is_shown_whatever_the_clock_says_and_none_is_ordered() {
    let Some(library) = faketime() else { return };
    let Some(site) = Site::start(STRICT) else { return };
    let service = site.serve();
    let first = site.wait_for_certificate().certificate();
    // Killed before it has kept the time: the certificate alone tells that 1970 and last week have passed.
    drop(service);
    // A machine whose kernel vouches for its clock would take a year ahead as true.
    for (clock, trust) in [("1970-01-01 00:00:30", "auto"), ("-8d", "auto"), ("+370d", "never")] {
        site.configure(&site.pebble.directory(), "tls-alpn-01", trust);
        let mut command = site.home.serving();
        command.env("LD_PRELOAD", &library).env("FAKETIME", clock);
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
        let service = site.home.launch(command);
        let careless = Browser::careless();
        let begun = Instant::now();
        while site.connect(&careless).is_err() {
            assert!(begun.elapsed() < SOON, "{clock}: {}", site.home.log());
            std::thread::sleep(Duration::from_millis(25));
        }
        // Two looks of the timer and more.
        std::thread::sleep(Duration::from_millis(2500));
        let mut connection = site.connect(&careless).unwrap();
        assert_eq!(connection.certificate(), first, "{clock}");
        let ready = connection.get("/ready").unwrap();
        assert_eq!((ready.status, &ready.json()["clock"]["trusted"]), (200, &false.into()), "{clock}: {ready:?}");
        let why = text(&ready.json()["clock"], "why");
        assert!(why.contains(if trust == "never" { "\"never\"" } else { "which has passed" }), "{clock}: {why}");
        assert!(text(&site.status()["next"], "text").contains("clock"), "{clock}: {}", site.status());
        service.stop();
    }
    assert_eq!(site.pebble.made(), [1, 1, 1]);
}
