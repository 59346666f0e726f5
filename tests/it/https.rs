//! HTTPS through the real binary: where the certificate comes from, how it is swapped, and what the commands say of it;
//! and its routes through the router.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use carillon::actor::{Caller, Role};
use carillon::config::TlsMode;
use nix::sys::signal::Signal;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use crate::app::{App, request, text};
use crate::browser::{Browser, Connection};
use crate::process::{Home, Service, free_port};

/// The name in the certificates of these tests.
const NAME: &str = "cafe.example.org";
const SOON: Duration = Duration::from_secs(20);

/// A service with HTTPS.
struct Https {
    home: Home,
    port: u16,
}

impl Https {
    /// With these lines in `[tls]`.
    fn with(tls: &str) -> Self {
        let https = Self { home: Home::bare(), port: free_port() };
        https.configure(tls);
        https
    }

    fn configure(&self, tls: &str) {
        let (data, http, https) = (self.home.data(), self.home.port, self.port);
        let text = format!(
            "data_dir = \"{}\"\n[listen]\nhttp = \"127.0.0.1:{http}\"\nhttps = \"127.0.0.1:{https}\"\n\
             [clock]\ntrust = \"always\"\n[tls]\n{tls}\n",
            data.display()
        );
        fs::write(self.home.config(), text).unwrap();
    }

    /// With files that hold a pair.
    fn with_files() -> (Self, CertificateDer<'static>) {
        let https = Self::with("");
        let files = format!(
            "mode = \"files\"\nfiles.certificate = \"{}\"\nfiles.key = \"{}\"",
            https.file("cert.pem").display(),
            https.file("key.pem").display()
        );
        https.configure(&files);
        let certificate = https.write_pair();
        (https, certificate)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.dir.path().join(name)
    }

    /// Writes another pair.
    fn write_pair(&self) -> CertificateDer<'static> {
        let pair = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        fs::write(self.file("cert.pem"), pair.cert.pem()).unwrap();
        fs::write(self.file("key.pem"), pair.signing_key.serialize_pem()).unwrap();
        pair.cert.der().clone()
    }

    /// A connection of somebody who trusts this alone.
    fn connect(&self, root: &CertificateDer<'static>, name: &str) -> std::io::Result<Connection> {
        Browser::trusting(root).connect(self.port, name)
    }

    /// Waits until new connections get this certificate.
    fn wait_for(&self, certificate: &CertificateDer<'static>, at_most: Duration) {
        let begun = Instant::now();
        while self.connect(certificate, NAME).is_err() {
            assert!(begun.elapsed() < at_most, "it is never shown: {}", self.home.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Plain HTTP sends everybody here.
    fn serve(&self) -> Service {
        self.home.serve_until(|service| service.get("/health").status == 308)
    }

    /// The status of `/ready`, and its word on the certificate, asked by whoever trusts this.
    fn ready(&self, root: &CertificateDer<'static>) -> (u16, Value) {
        let answer = self.connect(root, NAME).unwrap().get("/ready").unwrap();
        (answer.status, answer.json()["certificate"].clone())
    }
}

fn is_alive(connection: &mut Connection) -> bool {
    let answer = connection.get("/health").unwrap();
    (answer.status, answer.json()) == (200, json!({"status": "ok"}))
}

#[test]
fn what_is_wrong_in_the_configuration_of_https_ends_the_start_before_anything_is_opened() {
    let (https, _) = Https::with_files();
    // Whoever opened these would complain of that.
    let _taken = [https.port, https.home.port].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    let usual = fs::read_to_string(https.home.config()).unwrap();
    let (head, files) = usual.split_once("[tls]\n").unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    fs::write(https.file("other.pem"), other.serialize_pem()).unwrap();
    fs::write(https.file("expired.pem"), expired(&other)).unwrap();
    fs::write(https.file("rubbish.pem"), "rubbish").unwrap();
    let acme = format!("mode = \"acme\"\ndomains = [\"{NAME}\"]\n");
    let rows = [
        ("mode = \"acme\"".to_owned(), "tls.domains: missing", "cafe.example.org"),
        ("mode = \"acme\"\ndomains = [\"me@a.example\"]".to_owned(), "tls.domains: ", "tls.acme.contact"),
        (format!("{acme}acme.contact = \"me@a.example\""), "tls.acme.contact: ", "mailto:"),
        (format!("{acme}acme.directory = \"http://ca.example/dir\""), "tls.acme.directory: ", "https"),
        (format!("{acme}acme.ca_file = \"/nonexistent.pem\""), "tls.acme.ca_file: ", "No such file"),
        (format!("{acme}acme.ca_file = \"rubbish.pem\""), "tls.acme.ca_file: ", "BEGIN CERTIFICATE"),
        (files.replace("key.pem", "other.pem"), "tls.files.key: ", "does not fit"),
        (files.replace("key.pem", "rubbish.pem"), "tls.files.key: ", "holds no private key"),
        (files.replace("cert.pem", "none.pem"), "tls.files.certificate: ", "No such file"),
        (
            files.replace("cert.pem", "expired.pem").replace("key.pem", "other.pem"),
            "tls.files.certificate: ",
            "put a newer certificate there",
        ),
    ];
    for (tls, key, word) in rows {
        fs::write(https.home.config(), format!("{head}[tls]\n{tls}")).unwrap();
        let line = https.home.run(&["serve"]).refused();
        assert!(line.contains(key) && line.contains(word), "{tls}: {line}");
    }
    let no_http = head.replace(&format!("http = \"127.0.0.1:{}\"", https.home.port), "http = \"\"");
    fs::write(https.home.config(), format!("{no_http}[tls]\n{acme}acme.challenge = \"http-01\"")).unwrap();
    let line = https.home.run(&["serve"]).refused();
    assert!(line.contains("listen.http: ") && line.contains("tls-alpn-01"), "{line}");
    assert!(!https.home.data().exists());
}

/// A certificate that ended long ago.
fn expired(key: &rcgen::KeyPair) -> String {
    let mut params = rcgen::CertificateParams::new([NAME.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 4, 1);
    params.self_signed(key).unwrap().pem()
}

#[test]
fn files_are_swapped_by_themselves_and_open_connections_stay() {
    let (https, old) = Https::with_files();
    let service = https.serve();
    let mut open = https.connect(&old, NAME).unwrap();
    assert!(is_alive(&mut open));
    let new = https.write_pair();
    https.wait_for(&new, SOON);
    assert!(https.connect(&old, NAME).is_err());
    assert!(is_alive(&mut open));
    assert_eq!(https.ready(&new).1["trouble"], Value::Null);
    service.stop();
}

#[test]
fn a_bad_new_pair_is_told_once_and_the_old_one_goes_on() {
    let (https, old) = Https::with_files();
    let service = https.serve();
    let other = rcgen::KeyPair::generate().unwrap();
    fs::write(https.file("key.pem"), other.serialize_pem()).unwrap();
    https.home.wait_for_log("the certificate stays as it was");
    https.connect(&old, NAME).unwrap();
    let (status, certificate) = https.ready(&old);
    assert_eq!(status, 200);
    assert!(text(&certificate, "trouble").contains("does not fit the first certificate"), "{certificate}");
    let printed = https.home.run(&["cert", "status"]).ok();
    assert!(printed.contains("\ntrouble: tls.files.key: ") && printed.contains("\nlast attempt failed: "), "{printed}");
    std::thread::sleep(Duration::from_millis(2500)); // two more looks at the same files
    assert_eq!(https.home.log().matches("the certificate stays as it was").count(), 1);
    service.signal(Signal::SIGHUP);
    https.home.wait_for_log("configuration read again");
    let new = https.write_pair();
    service.signal(Signal::SIGHUP);
    https.wait_for(&new, SOON);
    assert_eq!(https.ready(&new).1["trouble"], Value::Null);
    service.stop();
}

#[test]
fn both_versions_are_spoken_and_an_unknown_name_gets_the_certificate_that_there_is() {
    let (https, certificate) = Https::with_files();
    let service = https.serve();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut connection = Browser::speaking(&certificate, &[version]).connect(https.port, NAME).unwrap();
        assert!(is_alive(&mut connection), "{version:?}");
    }
    let error = https.connect(&certificate, "other.example.org").err().unwrap().to_string();
    assert!(error.contains("not valid for name"), "{error}");
    service.stop();
}

#[test]
fn whoever_trusts_our_own_authority_connects_and_a_restart_changes_nothing() {
    let https = Https::with(&format!("mode = \"self-signed\"\ndomains = [\"{NAME}\"]"));
    let service = https.serve();
    let pem = https.home.run(&["cert", "ca"]).ok();
    let root = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut connection = https.connect(&root, NAME).unwrap();
    assert!(is_alive(&mut connection));
    let leaf = connection.certificate();
    let (status, certificate) = https.ready(&root);
    assert_eq!((status, text(&certificate, "mode")), (200, "self-signed".into()));
    assert_eq!(certificate["trouble"], Value::Null);
    drop(connection);
    service.stop();
    let service = https.serve();
    assert_eq!(https.connect(&root, NAME).unwrap().certificate(), leaf);
    let renewed = https.home.run(&["cert", "renew"]).ok();
    assert!(renewed.starts_with(&format!("renewed: {NAME}, from CN=Carillon {NAME}, until ")), "{renewed}");
    assert_ne!(https.connect(&root, NAME).unwrap().certificate(), leaf);
    service.stop();
}

#[test]
fn commands_tell_of_the_certificate_without_a_service_too() {
    let https = Https::with(&format!("mode = \"self-signed\"\ndomains = [\"{NAME}\"]"));
    https.serve().stop();
    let pem = https.home.run(&["cert", "ca"]).ok();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n"), "{pem}");
    assert_eq!(text(&https.home.json(&["cert", "ca"]), "certificate").trim_end(), pem.trim_end());
    assert!(https.home.run(&["cert", "renew"]).refused().contains("carillon serve"));
    let stored = https.home.run(&["cert", "status"]).ok();
    assert!(stored.starts_with("no service runs") && stored.contains(&format!("names: {NAME}\n")), "{stored}");
}

#[test]
fn an_authority_that_has_not_answered_leaves_a_temporary_certificate() {
    let https = Https::with(&format!(
        "mode = \"acme\"\ndomains = [\"{NAME}\"]\nacme.directory = \"https://127.0.0.1:{}/dir\"",
        free_port()
    ));
    let service = https.serve();
    let stranger = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap().cert.der().clone();
    let error = https.connect(&stranger, NAME).err().unwrap().to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
    let told = https.home.json(&["cert", "status"]);
    assert_eq!((text(&told, "mode"), text(&told, "origin")), ("acme".into(), "temporary".into()));
    assert!(text(&told, "trouble").starts_with("a temporary certificate is shown"), "{told}");
    assert!(https.home.run(&["cert", "ca"]).refused().contains("only \"self-signed\" has one"));
    https.home.wait_for_log("a temporary certificate is shown");
    service.stop();
    assert_eq!(https.home.log().matches("a temporary certificate is shown").count(), 1);
}

#[test]
fn a_stop_in_the_middle_of_an_order_closes_the_doors_after_it() {
    let authority = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = format!("https://{}/dir", authority.local_addr().unwrap());
    let https = Https::with(&format!("mode = \"acme\"\ndomains = [\"{NAME}\"]\nacme.directory = \"{directory}\""));
    let mut service = https.serve();
    let asked = authority.accept().unwrap();
    service.signal(Signal::SIGTERM);
    let signalled = Instant::now();
    while signalled.elapsed() < Duration::from_secs(1) {
        assert_eq!(service.get("/health").status, 308);
        std::thread::sleep(Duration::from_millis(50));
    }
    drop((asked, authority));
    assert_eq!(service.wait(SOON), 0);
    assert!(signalled.elapsed() < Duration::from_secs(9), "{}", https.home.log());
}

#[test]
fn where_https_is_off_the_commands_say_so() {
    let home = Home::new();
    assert_eq!(home.run(&["cert", "status"]).ok().lines().last(), Some("HTTPS is off (tls.mode)"));
    assert_eq!(home.json(&["cert", "status"]), json!({"mode": "off"}));
    assert!(home.run(&["cert", "ca"]).refused().contains("set tls.mode"));
}

fn self_signed() -> App {
    let app = App::configured(|config| {
        config.tls.mode = TlsMode::SelfSigned;
        config.tls.domains = vec![NAME.to_owned()];
    });
    app.slices.app.certificates.as_ref().unwrap().begin();
    app
}

#[tokio::test]
async fn the_certificate_is_told_to_administrators_alone() {
    let app = self_signed();
    app.add_user("ada", Role::Admin, &[]).await;
    app.add_user("pia", Role::Planner, &[]).await;
    let routes = [("GET", ""), ("POST", "/renew"), ("GET", "/authority")];
    for (login, status) in [("ada", 200), ("pia", 403)] {
        let bearer = format!("Bearer {}", app.sign_in(login).await);
        for (method, path) in routes {
            let path = format!("/api/v1/certificate{path}");
            let answer = app.ask(method, &path, &[("authorization", &bearer)], "").await;
            assert_eq!(answer.status, status, "{login} {path}");
        }
    }
    for (method, path) in routes {
        let answer = app.ask(method, &format!("/api/v1/certificate{path}"), &[], "").await;
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_certificate_is_told_whole() {
    let app = self_signed();
    let certificate = app.cli("GET", "/api/v1/certificate", Value::Null).await.json(200);
    assert_eq!(certificate["names"], json!([NAME]));
    assert_eq!(text(&certificate, "from"), "2026-11-21T10:00:00+01:00");
    assert_eq!(text(&certificate, "until"), "2027-02-19T11:00:00+01:00");
    assert_eq!(text(&certificate["next"], "at"), "2027-01-20T10:40:00+01:00");
    assert_eq!((text(&certificate, "origin"), &certificate["trouble"]), ("own".into(), &Value::Null));
    assert!(!certificate.to_string().contains("PRIVATE"));
}

#[tokio::test]
async fn a_renewal_by_hand_leaves_an_entry_in_the_audit() {
    let app = self_signed();
    let before = app.cli("GET", "/api/v1/certificate", Value::Null).await.json(200);
    let after = app.cli("POST", "/api/v1/certificate/renew", json!({})).await.json(200);
    assert_ne!(before["serial"], after["serial"]);
    let audit = app.cli("GET", "/api/v1/audit?action=certificate.renew", Value::Null).await.json(200);
    let entry = &audit["items"][0];
    assert_eq!((text(entry, "actor"), &entry["after"]["serial"]), ("cli:pi".into(), &after["serial"]));
}

/// The status page as an administrator sees it in a language.
async fn status_page(app: &App, language: &str) -> String {
    let mut request = request("GET", "/admin", &[("accept", "text/html"), ("accept-language", language)], "");
    request.extensions_mut().insert(Caller::cli("pi"));
    app.send(request).await.text(200)
}

#[tokio::test]
async fn the_status_page_tells_of_the_certificate() {
    let app = self_signed();
    let page = status_page(&app, "fr").await;
    assert!(page.contains("certificat de notre propre autorité"), "{page}");
    assert!(page.contains("expire vendredi 19 février 2027 à 11:00"), "{page}");
}

#[tokio::test]
async fn a_temporary_certificate_is_a_note_on_the_status_page() {
    let app = App::configured(|config| {
        config.tls.mode = TlsMode::Acme;
        config.tls.domains = vec![NAME.to_owned()];
    });
    assert_eq!(app.get("/ready").await.status, 503);
    for (language, phrase) in [("fr", "certificat provisoire"), ("en", "No device trusts this certificate")] {
        let page = status_page(&app, language).await;
        assert!(page.contains(phrase), "{page}");
    }
}
