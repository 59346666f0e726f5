//! `carillon check` through the real binary: what it finds, what it says to do, and that it leaves nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::app::text;
use crate::pebble::{Doors, Habits, Pebble};
use crate::process::{Home, free_port};

/// The findings by name, and the exit code.
struct Checked {
    code: i32,
    findings: BTreeMap<String, Value>,
}

fn check(home: &Home) -> Checked {
    let done = home.run(&["check", "--json"]);
    let findings: Vec<Value> = serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let by_name = findings.into_iter().map(|finding| (text(&finding, "name"), finding));
    Checked { code: done.code, findings: by_name.collect() }
}

impl Checked {
    fn of(&self, name: &str) -> &Value {
        self.findings.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.findings))
    }

    /// A finding in this state whose detail and advice say that.
    fn says(&self, name: &str, state: &str, detail: &str, advice: &str) {
        let finding = self.of(name);
        let has = |field: &str, words: &str| finding[field].as_str().unwrap_or_default().contains(words);
        assert!(finding["state"] == state && has("detail", detail) && has("advice", advice), "{finding}");
    }
}

/// ACME for one name, with more lines in `[tls.acme]`. The authority is on this machine, so nobody else is asked the time.
fn with_acme(home: &Home, name: &str, more: &str) {
    home.configure("");
    let text = fs::read_to_string(home.config()).unwrap();
    let tls = format!(
        "https = \"127.0.0.1:{}\"\n[tls]\nmode = \"acme\"\ndomains = [\"{name}\"]\n[tls.acme]\n{more}\n",
        free_port()
    );
    fs::write(home.config(), text + &tls).unwrap();
}

fn closed_directory() -> String {
    format!("directory = \"https://127.0.0.1:{}/dir\"", free_port())
}

/// Each file of a folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn before_the_first_start_it_is_well_and_makes_nothing() {
    let home = Home::bare();
    let checked = check(&home);
    assert_eq!(checked.code, 0, "{:?}", checked.findings);
    checked.says("data folder", "ok", "the first start makes it", "");
    checked.says("database", "ok", "none yet", "");
    checked.says("[listen] http", "ok", "is free", "");
    checked.says("clock", "ok", "trusted by configuration", "");
    assert!(!home.data().exists());
}

#[test]
fn each_finding_has_a_name_a_state_a_detail_and_an_advice() {
    let done = Home::bare().run(&["check", "--json"]).json();
    let findings = done.as_array().unwrap();
    assert!(findings.len() >= 6, "{done}");
    for finding in findings {
        let keys: Vec<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["advice", "detail", "name", "state"]);
        assert!(["ok", "warn", "fail"].map(Value::from).contains(&finding["state"]), "{finding}");
        assert!(finding["advice"].is_null() || finding["advice"].is_string(), "{finding}");
    }
}

#[test]
fn without_json_each_finding_is_a_line() {
    let out = Home::bare().run(&["check"]).ok();
    assert!(out.lines().any(|line| line.starts_with("ok    configuration  ")), "{out}");
    assert!(out.lines().all(|line| line.starts_with(['o', 'w', 'f', ' '])), "{out}");
}

#[test]
fn a_port_in_use_names_the_program_and_the_line() {
    let home = Home::bare();
    let _taken = TcpListener::bind(("127.0.0.1", home.port)).unwrap();
    let checked = check(&home);
    assert_eq!(checked.code, 1);
    let who = format!("(process {})", std::process::id());
    checked.says("[listen] http", "fail", &who, "[listen] http = \"127.0.0.1:");
    let done = home.run(&["check"]);
    assert!(done.err.ends_with("would fail\n") && done.err.lines().count() == 1, "{}", done.err);
}

#[test]
fn a_bad_configuration_is_the_one_finding() {
    let home = Home::bare();
    home.configure("timezon = \"Europe/Paris\"");
    let checked = check(&home);
    assert_eq!((checked.code, checked.findings.len()), (1, 1), "{:?}", checked.findings);
    checked.says("configuration", "fail", "did you mean \"timezone\"?", "");
}

#[test]
fn the_running_service_is_asked() {
    let home = Home::new();
    let service = home.serve();
    let checked = check(&home);
    assert_eq!(checked.code, 0, "{:?}", checked.findings);
    checked.says("database", "ok", "the running service has it open", "");
    checked.says("[listen] http", "ok", "the running service listens there", "");
    checked.says("clock", "ok", "trusted by configuration", "");
    service.stop();
}

#[test]
fn an_address_that_the_running_service_does_not_have_needs_a_restart() {
    let mut home = Home::new();
    let service = home.serve();
    home.port = free_port();
    home.configure("");
    check(&home).says("[listen] http", "warn", "started with something else", "restart");
    service.stop();
}

#[test]
fn a_database_is_looked_at_and_left_as_it_is() {
    let home = Home::new();
    fs::set_permissions(home.data(), fs::Permissions::from_mode(0o750)).unwrap();
    home.run(&["cohort", "add", "m2", "--name", "M2"]).ok();
    let before = contents(&home.data());
    with_acme(&home, "localhost", &closed_directory());
    let checked = check(&home);
    checked.says("database", "ok", "opens", "");
    checked.says("data folder", "ok", "mode 750", "");
    checked.says("ledger", "ok", "0 certificates issued", "");
    assert_eq!(contents(&home.data()), before);
}

#[test]
fn a_database_that_another_command_has_open_is_said() {
    let home = Home::new();
    let _open = carillon::store::Store::open(&home.data()).unwrap();
    check(&home).says("database", "warn", "in use by another process", "again");
}

#[test]
fn a_damaged_database_fails_and_stays_as_it_is() {
    let home = Home::new();
    let file = home.data().join(carillon::store::FILE_NAME);
    fs::write(&file, "no database").unwrap();
    let checked = check(&home);
    assert_eq!(checked.code, 1);
    checked.says("database", "fail", "cannot open the database", "backup");
    assert_eq!(fs::read_to_string(file).unwrap(), "no database");
}

#[test]
fn a_folder_that_others_may_look_into_is_said() {
    let home = Home::new();
    fs::set_permissions(home.data(), fs::Permissions::from_mode(0o755)).unwrap();
    check(&home).says("data folder", "warn", "mode 755", "chmod o-rwx");
}

#[test]
fn a_name_without_an_address_fails() {
    let home = Home::bare();
    with_acme(&home, "cafe.invalid", &closed_directory());
    let checked = check(&home);
    assert_eq!(checked.code, 1);
    checked.says("cafe.invalid", "fail", "does not resolve", "A record");
}

#[test]
fn a_name_that_leads_to_loopback_is_reached_by_nobody_outside() {
    let home = Home::bare();
    with_acme(&home, "localhost", &closed_directory());
    let checked = check(&home);
    checked.says("localhost A", "warn", "nobody outside can reach it", "/etc/hosts");
    checked.says("from outside", "warn", "cannot be seen from here", "forward port 443 to port");
}

#[test]
fn a_missing_root_is_named_with_its_key() {
    let home = Home::bare();
    with_acme(&home, "localhost", &format!("{}\nca_file = \"/nonexistent/root.pem\"", closed_directory()));
    let checked = check(&home);
    assert_eq!(checked.code, 1);
    checked.says("authority", "fail", "tls.acme.ca_file: /nonexistent/root.pem", "[tls.acme] ca_file = ");
    checked.says("clock", "ok", "trusted", "");
}

#[test]
fn an_authority_that_is_not_there_fails() {
    let home = Home::bare();
    with_acme(&home, "localhost", &closed_directory());
    let checked = check(&home);
    checked.says("authority", "fail", "cannot be reached", "[fetch] proxy");
    checked.says("certificate", "ok", "none yet; at the start: a certificate is ordered", "");
    checked.says("ledger", "ok", "5 left of the 5", "");
}

#[test]
fn an_authority_is_asked_for_its_directory_and_its_root_must_be_known() {
    let Some(mut pebble) = Pebble::new(Doors { http: 1, tls: 1 }, Habits::default()) else { return };
    pebble.start();
    let home = Home::bare();
    let directory = format!("directory = \"{}\"", pebble.directory());
    with_acme(&home, "localhost", &format!("{directory}\nca_file = {:?}", pebble.ca_file()));
    check(&home).says("authority", "ok", "answers, by a connection that is trusted", "");
    with_acme(&home, "localhost", &directory);
    check(&home).says("authority", "fail", "secure connection", "[tls.acme] ca_file = ");
}

#[test]
fn certificate_files_that_cannot_be_shown_fail() {
    let home = Home::bare();
    let text = fs::read_to_string(home.config()).unwrap();
    let files = "certificate = \"/nonexistent/c.pem\"\nkey = \"/nonexistent/k.pem\"\n";
    let tls = format!("https = \"127.0.0.1:{}\"\n[tls]\nmode = \"files\"\n[tls.files]\n{files}", free_port());
    fs::write(home.config(), text + &tls).unwrap();
    let checked = check(&home);
    assert_eq!(checked.code, 1);
    checked.says("certificate", "fail", "/nonexistent/c.pem", "[tls.files]");
}
