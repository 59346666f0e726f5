//! The service over files, over an authority of our own, and with nothing but a temporary certificate.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tempfile::TempDir;

use super::*;
use crate::clock::Clock;
use crate::config::{CertificateFiles, ClockTrust, Config, TlsMode};
use crate::store::{Read, Store};

/// A board: its folder, its configuration, its database, and a clock in the test's hand.
struct Board {
    folder: TempDir,
    config: Config,
    store: Store,
    clock: Clock,
}

impl Board {
    fn new(mode: impl FnOnce(&Path) -> TlsMode, domains: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::built_in(folder.path()).unwrap();
        config.tls.mode = mode(folder.path());
        config.tls.domains = domains.iter().map(|name| (*name).to_owned()).collect();
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        Self { folder, config, store: Store::in_memory().unwrap(), clock }
    }

    fn with_files() -> Self {
        Self::new(files_in, &[])
    }

    fn self_signed(domains: &[&str]) -> Self {
        Self::new(|_| TlsMode::SelfSigned, domains)
    }

    /// As a command opens it.
    fn open(&self) -> Certificates {
        let config = Arc::new(ArcSwap::from_pointee(self.config.clone()));
        Certificates::open(&config, &self.store, &self.clock).unwrap().unwrap()
    }

    /// As a service begins.
    fn start(&self) -> Certificates {
        let certificates = self.open();
        certificates.begin();
        certificates
    }

    fn trust_the_clock(&self, is_trusted: bool) {
        match is_trusted {
            true => self.clock.take_as_is(),
            false => self.clock.doubt(&self.clock.reading()),
        }
    }

    fn later(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    fn check(&self) -> Result<(), TlsError> {
        check(&self.config, self.clock.now())
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, chain: &str, key: &str) {
        fs::write(self.file("cert.pem"), chain).unwrap();
        fs::write(self.file("key.pem"), key).unwrap();
    }

    /// Writes a new pair that lives from now on for so many days.
    fn write_pair(&self, days: i64) -> CertificateDer<'static> {
        let (chain, key) = pair(self.clock.now(), days);
        self.write(&chain, &key);
        CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()
    }
}

fn files_in(folder: &Path) -> TlsMode {
    TlsMode::Files(CertificateFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") })
}

/// A chain of one certificate for `a.example`, and its key, in PEM.
fn pair(from: DateTime<Utc>, days: i64) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let secs = |at: DateTime<Utc>| std::time::Duration::from_secs(at.timestamp().try_into().unwrap());
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + secs(from);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + secs(from + TimeDelta::days(days));
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn shown(certificates: &Certificates) -> CertificateDer<'static> {
    certificates.showcase().current().chain()[0].clone()
}

fn trouble(certificates: &Certificates) -> Option<TroubleKind> {
    certificates.status().trouble.map(|trouble| trouble.kind)
}

/// Would a client that trusts this authority alone connect to this name?
fn is_trusted_by(authority: &str, leaf: &CertificateDer<'_>, name: &str, now: DateTime<Utc>) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider())).build().unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now.timestamp().try_into().unwrap()));
    verifier.verify_server_cert(leaf, &[], &name, &[], now).is_ok()
}

#[test]
fn off_has_no_certificates() {
    let off = Board::new(|_| TlsMode::Off, &[]);
    let config = Arc::new(ArcSwap::from_pointee(off.config.clone()));
    let opened = Certificates::open(&config, &off.store, &off.clock).unwrap();
    assert!(opened.is_none() && off.check().is_ok());
}

#[test]
fn files_are_read_at_the_start() {
    let files = Board::with_files();
    let certificate = files.write_pair(90);
    files.check().unwrap();
    let certificates = files.start();
    assert_eq!(shown(&certificates), certificate);
    assert!(certificates.is_real());
    let status = certificates.status();
    assert_eq!((status.mode, status.origin, status.trouble), ("files", Origin::Files, None));
    assert_eq!(status.leaf.names, ["a.example"]);
}

#[test]
fn what_is_wrong_with_a_pair_is_said_with_key_and_file() {
    let files = Board::with_files();
    let (chain, key) = pair(files.clock.now(), 90);
    let (_, other) = pair(files.clock.now(), 90);
    let (old, old_key) = pair(files.clock.now() - TimeDelta::days(90), 89);
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let older = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let odd = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let torn = "-----BEGIN PRIVATE KEY-----\nAAAA\n";
    let rows = [
        (key.as_str(), key.as_str(), "tls.files.certificate: ", "cert.pem: holds no certificate"),
        (damaged, key.as_str(), "tls.files.certificate: ", "cert.pem: the certificate cannot be used"),
        (chain.as_str(), "", "tls.files.key: ", "key.pem: holds no private key"),
        (chain.as_str(), locked, "tls.files.key: ", "key.pem: the private key is encrypted"),
        (chain.as_str(), older, "tls.files.key: ", "key.pem: the private key is encrypted"),
        (chain.as_str(), odd, "tls.files.key: ", "key.pem: the private key cannot be used"),
        (chain.as_str(), torn, "tls.files.key: ", "key.pem: is not PEM"),
        (chain.as_str(), other.as_str(), "tls.files.key: ", "key.pem: does not fit the first certificate in "),
        (old.as_str(), old_key.as_str(), "tls.files.certificate: ", "cert.pem: expired on 2026-11-20 10:00 UTC"),
    ];
    for (chain, key, begin, expected) in rows {
        files.write(chain, key);
        let error = files.check().unwrap_err().to_string();
        assert!(error.starts_with(begin) && error.contains(expected) && !error.contains('\n'), "{error}");
    }
    fs::remove_file(files.file("key.pem")).unwrap();
    let error = files.check().unwrap_err().to_string();
    assert!(error.contains("key.pem: cannot be read: No such file"), "{error}");
}

#[test]
fn nothing_has_expired_by_a_clock_that_is_never_trusted() {
    let mut files = Board::with_files();
    files.write_pair(1);
    files.later(2);
    assert!(files.check().is_err());
    files.config.clock = ClockTrust::Never;
    files.trust_the_clock(false);
    files.check().unwrap();
    assert_eq!(trouble(&files.start()), None);
}

#[test]
fn a_certificate_that_begins_later_is_shown_with_a_word() {
    let files = Board::with_files();
    files.write_pair(90);
    files.later(-10);
    files.check().unwrap();
    assert_eq!(trouble(&files.start()), Some(TroubleKind::NotYet));
}

#[test]
fn a_command_works_beside_bad_files() {
    let files = Board::with_files();
    let certificates = files.start();
    assert_eq!(trouble(&certificates), Some(TroubleKind::Temporary));
    assert!(!certificates.is_real());
    assert!(certificates.status().trouble.unwrap().line.contains("cert.pem: cannot be read"));
    files.write_pair(90);
    certificates.reload();
    assert_eq!((trouble(&certificates), certificates.is_real()), (None, true));
}

#[test]
fn a_bad_new_pair_is_refused_and_the_old_one_goes_on() {
    let files = Board::with_files();
    let certificate = files.write_pair(90);
    let certificates = files.start();
    let (_, other) = pair(files.clock.now(), 90);
    fs::write(files.file("key.pem"), other).unwrap();
    certificates.reload();
    assert_eq!(shown(&certificates), certificate);
    let status = certificates.status();
    assert!(status.last_error.unwrap().text.contains("does not fit"));
    assert_eq!(status.trouble.unwrap().kind, TroubleKind::Failed);
    let newer = files.write_pair(90);
    certificates.reload();
    assert_eq!((shown(&certificates), trouble(&certificates)), (newer, None));
}

#[test]
fn an_expired_new_pair_is_refused_where_the_clock_is_trusted() {
    let files = Board::with_files();
    let certificate = files.write_pair(90);
    let certificates = files.start();
    let (chain, key) = pair(files.clock.now() - TimeDelta::days(9), 8);
    files.write(&chain, &key);
    certificates.reload();
    assert_eq!(shown(&certificates), certificate);
    files.trust_the_clock(false);
    certificates.reload();
    assert_ne!(shown(&certificates), certificate);
}

#[test]
fn files_that_nobody_renews_are_told_in_the_last_third() {
    let files = Board::with_files();
    files.write_pair(90);
    let certificates = files.start();
    let rows =
        [(59, None), (2, Some(TroubleKind::Late)), (21, Some(TroubleKind::Overdue)), (9, Some(TroubleKind::Expired))];
    for (days, kind) in rows {
        files.later(days);
        assert_eq!(trouble(&certificates), kind);
    }
    files.trust_the_clock(false);
    assert_eq!(trouble(&certificates), None);
}

#[tokio::test]
async fn whoever_writes_the_files_renews_them() {
    let files = Board::with_files();
    files.write_pair(90);
    let error = files.start().renew().await.unwrap_err().to_string();
    assert!(error.contains("cert.pem renews it"), "{error}");
}

#[test]
fn our_own_authority_is_trusted_for_its_names_alone() {
    let own = Board::self_signed(&["cafe.example", "box.local"]);
    let certificates = own.start();
    let (authority, leaf) = (certificates.authority_pem().unwrap(), shown(&certificates));
    let now = own.clock.now();
    for (name, trusted) in [("cafe.example", true), ("box.local", true), ("other.example", false)] {
        assert_eq!(is_trusted_by(&authority, &leaf, name, now), trusted, "{name}");
    }
    assert!(!is_trusted_by(&authority, &leaf, "cafe.example", now + TimeDelta::days(91)));
    let status = certificates.status();
    assert_eq!((status.origin, status.trouble), (Origin::Own, None));
    assert_eq!(status.leaf.issuer, "CN=Carillon cafe.example");
    assert!(!certificates.is_real());
}

/// Signs for `name` with the key that the board keeps, as a thief of it would.
fn signed_by_a_thief(own: &Board, name: &str) -> CertificateDer<'static> {
    let key = own.store.read_now(|tx| tx.find_body(&OWN_KEYS, b"authority-pkcs8")).unwrap().unwrap();
    let domains = ["cafe.example".to_owned()];
    let now = own.clock.now();
    let signer = (domains.as_slice(), &crate::secret::Secret::new(key));
    let made = issue::make_leaf(&[name.to_owned()], now, signer, now + TimeDelta::days(9)).unwrap();
    CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap()
}

#[test]
fn a_stolen_authority_is_good_for_nothing_else() {
    let own = Board::self_signed(&["cafe.example"]);
    let authority = own.start().authority_pem().unwrap();
    let rows = [("cafe.example", true), ("www.cafe.example", true), ("bank.example", false), ("192.0.2.1", false)];
    for (name, trusted) in rows {
        let leaf = signed_by_a_thief(&own, name);
        assert_eq!(is_trusted_by(&authority, &leaf, name, own.clock.now()), trusted, "{name}");
    }
}

#[test]
fn a_restart_shows_the_same() {
    let own = Board::self_signed(&["cafe.example"]);
    let first = own.start();
    let commits = own.store.commits();
    let second = own.start();
    assert_eq!((shown(&second), second.authority_pem()), (shown(&first), first.authority_pem()));
    assert_eq!(own.store.commits(), commits);
}

#[tokio::test]
async fn our_own_certificate_is_renewed_at_two_thirds_by_the_same_authority() {
    let own = Board::self_signed(&["cafe.example"]);
    let certificates = own.start();
    let (first, authority) = (shown(&certificates), certificates.authority_pem());
    own.later(59);
    certificates.tick().await;
    assert_eq!(shown(&certificates), first);
    own.later(2);
    certificates.tick().await;
    assert_ne!(shown(&certificates), first);
    assert_eq!((certificates.authority_pem(), trouble(&certificates)), (authority, None));
}

#[tokio::test]
async fn other_names_make_another_certificate_and_another_authority_only_where_it_must_be() {
    let mut own = Board::self_signed(&["cafe.example"]);
    let authority = own.start().authority_pem();
    own.config.tls.domains = vec!["www.cafe.example".to_owned()];
    let certificates = own.start();
    assert_eq!(certificates.status().leaf.names, ["www.cafe.example"]);
    assert_eq!(certificates.authority_pem(), authority);
    assert_eq!(certificates.status().notes.len(), 1);
    own.config.tls.domains = vec!["b.example".to_owned()];
    let certificates = own.start();
    assert_ne!(certificates.authority_pem(), authority);
    let notes = certificates.status().notes;
    assert!(notes[1].contains("made anew on 2026-11-21"), "{notes:?}");
    assert!(is_trusted_by(&certificates.authority_pem().unwrap(), &shown(&certificates), "b.example", own.clock.now()));
}

#[tokio::test]
async fn a_clock_that_is_not_trusted_makes_what_is_missing_and_renews_nothing() {
    let own = Board::self_signed(&["cafe.example"]);
    own.trust_the_clock(false);
    let certificates = own.start();
    certificates.tick().await;
    assert_eq!((trouble(&certificates), certificates.status().origin), (None, Origin::Own));
    assert!(certificates.renew().await.is_err());
    let (real, authority) = (shown(&certificates), certificates.authority_pem());
    assert!(is_trusted_by(authority.as_ref().unwrap(), &real, "cafe.example", own.clock.now()));
    own.trust_the_clock(false);
    own.later(4000);
    certificates.tick().await;
    assert_eq!((shown(&certificates), certificates.authority_pem()), (real, authority));
}

#[tokio::test]
async fn our_own_certificate_is_renewed_by_hand_too() {
    let own = Board::self_signed(&["cafe.example"]);
    let certificates = own.start();
    let (first, authority) = (shown(&certificates), certificates.authority_pem());
    let renewed = certificates.renew().await.unwrap();
    assert_eq!((renewed.leaf.names, renewed.warnings), (vec!["cafe.example".to_owned()], Vec::new()));
    assert_ne!(shown(&certificates), first);
    assert_eq!(certificates.authority_pem(), authority);
}

#[test]
fn a_damaged_key_makes_another_certificate() {
    let own = Board::self_signed(&["cafe.example"]);
    let authority = own.start().authority_pem();
    own.store.write_now(|tx| tx.put_body(&OWN_KEYS, b"certificate-pkcs8", b"x")).unwrap();
    let certificates = own.start();
    assert_eq!((certificates.authority_pem(), trouble(&certificates)), (authority.clone(), None));
    own.store.write_now(|tx| tx.put_body(&OWN_KEYS, b"authority-pkcs8", b"x")).unwrap();
    let certificates = own.start();
    assert_ne!(certificates.authority_pem(), authority);
    assert!(certificates.status().notes[1].contains("made anew"));
}

#[test]
fn a_mere_command_makes_no_authority() {
    let own = Board::self_signed(&["cafe.example"]);
    let commits = own.store.commits();
    let certificates = own.open();
    assert_eq!((certificates.authority_pem(), own.store.commits()), (None, commits));
    let status = certificates.status();
    assert_eq!(status.origin, Origin::Temporary);
    assert!(status.next.words.contains("`carillon serve` makes"), "{}", status.next.words);
}

#[test]
fn the_word_on_the_clock_counts_as_it_is_now() {
    let own = Board::self_signed(&["cafe.example"]);
    own.trust_the_clock(false);
    let config = Arc::new(ArcSwap::from_pointee(own.config.clone()));
    let certificates = Certificates::open(&config, &own.store, &own.clock).unwrap().unwrap();
    certificates.begin();
    assert_eq!(certificates.status().next.words, "no renewal until the clock is trusted");
    config.store(Arc::new(Config { clock: ClockTrust::Never, ..own.config.clone() }));
    assert!(certificates.status().next.words.contains("trust is \"never\""));
}

#[test]
fn a_clock_that_stands_at_1970_does_not_replace_the_authority() {
    let own = Board::self_signed(&["cafe.example"]);
    let authority = own.start().authority_pem();
    own.later(-20_000);
    let certificates = own.start();
    assert_eq!((certificates.authority_pem(), trouble(&certificates)), (authority.clone(), None));
    own.later(20_000);
    let certificates = own.start();
    assert_eq!((certificates.authority_pem(), trouble(&certificates)), (authority, None));
}

#[test]
fn trouble_is_told_once_for_each_change() {
    let files = Board::with_files();
    files.write_pair(90);
    let certificates = files.start();
    let news = || certificates.news().map(|trouble| trouble.map(|trouble| trouble.kind));
    let rows = [
        (0, None),
        (60, Some(Some(TroubleKind::Late))),
        (1, None),
        (25, Some(Some(TroubleKind::Overdue))),
        (-80, Some(None)),
    ];
    for (days, expected) in rows {
        files.later(days);
        assert_eq!(news(), expected, "{days}");
    }
}

/// An authority that takes one connection and never answers.
fn mute_authority(board: &mut Board) -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = format!("https://{}/directory", listener.local_addr().unwrap());
    board.config.tls.acme.directory = directory.parse().unwrap();
    listener
}

#[tokio::test]
async fn a_stop_waits_for_an_order_and_lets_none_begin() {
    let mut acme = Board::new(|_| TlsMode::Acme, &["cafe.example"]);
    let listener = mute_authority(&mut acme);
    let certificates = acme.start();
    let order = tokio::spawn({
        let certificates = certificates.clone();
        async move { certificates.tick().await }
    });
    let asked = tokio::task::spawn_blocking(move || listener.accept().unwrap().0).await.unwrap();
    let patience = std::time::Duration::from_secs(60);
    let ((), ()) = tokio::join!(certificates.finish(patience), async { drop(asked) });
    let failed = certificates.status().last_error.expect("it was waited for").at;
    order.await.unwrap();
    acme.later(9);
    certificates.tick().await;
    assert_eq!(certificates.status().last_error.unwrap().at, failed);
    assert!(certificates.renew().await.is_err());
    assert_eq!(certificates.status().last_error.unwrap().at, failed);
}

#[tokio::test]
async fn a_stop_is_prompt_where_nothing_is_under_way_and_does_not_wait_for_ever() {
    let mut acme = Board::new(|_| TlsMode::Acme, &["cafe.example"]);
    let listener = mute_authority(&mut acme);
    let certificates = acme.start();
    let long = std::time::Duration::from_secs(3600);
    Board::self_signed(&["cafe.example"]).start().finish(long).await;
    let order = tokio::spawn({
        let certificates = certificates.clone();
        async move { certificates.tick().await }
    });
    let asked = tokio::task::spawn_blocking(move || listener.accept().unwrap().0).await.unwrap();
    certificates.finish(std::time::Duration::from_millis(10)).await;
    assert!(!order.is_finished());
    drop(asked);
    order.await.unwrap();
}

#[tokio::test]
async fn a_command_works_beside_a_bad_root_and_nobody_is_asked() {
    let mut acme = Board::new(|_| TlsMode::Acme, &["cafe.example"]);
    let listener = mute_authority(&mut acme);
    listener.set_nonblocking(true).unwrap();
    acme.config.tls.acme.ca_file = Some(acme.file("ca.pem"));
    let certificates = acme.start();
    let told = certificates.status().trouble.unwrap().line;
    assert!(told.contains("tls.acme.ca_file: ") && told.contains("cannot be read"), "{told}");
    certificates.tick().await;
    let error = certificates.renew().await.unwrap_err().to_string();
    assert!(error.starts_with("tls.acme.ca_file: "), "{error}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_temporary_certificate_stands_in_for_the_first_of_an_authority() {
    let acme = Board::new(|_| TlsMode::Acme, &["cafe.example"]);
    acme.check().unwrap();
    let certificates = acme.start();
    let status = certificates.status();
    assert_eq!((status.mode, status.origin), ("acme", Origin::Temporary));
    assert_eq!(status.leaf.names, ["cafe.example"]);
    assert!(status.trouble.unwrap().kind.is_grave() && !certificates.is_real());
}

#[test]
fn a_further_root_must_be_there() {
    let mut acme = Board::new(|_| TlsMode::Acme, &["cafe.example"]);
    acme.config.tls.acme.ca_file = Some(acme.file("ca.pem"));
    let told = |acme: &Board| acme.check().unwrap_err().to_string();
    assert!(told(&acme).starts_with("tls.acme.ca_file: "), "{}", told(&acme));
    fs::write(acme.file("ca.pem"), "nothing").unwrap();
    assert!(told(&acme).contains("write the authority"), "{}", told(&acme));
    fs::write(acme.file("ca.pem"), pair(acme.clock.now(), 9).0).unwrap();
    acme.check().unwrap();
}
