//! Restores by the real binary: the same bytes to phones, nothing forgotten that must not be, and whole or not at all.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::app::{calendar, days, text, value};
use crate::process::{Heard, Home, hear};
use crate::upstream::{Reply, Upstream};

/// A school with a fetched feed behind a password, an event, tokens and a user.
fn school() -> (Home, Upstream) {
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&days(5))));
    let home = Home::new();
    home.run(&["cohort", "add", "a", "--name", "A", "--visibility", "public"]).ok();
    let feed = ["feed", "add", "sr", "--cohort", "a", "--url", &site.url("/a.ics"), "--basic-user", "u"];
    home.run_with(&[&feed[..], &["--password-stdin"]].concat(), "secret\n").ok();
    home.run(&["feed", "refresh", "sr"]).ok();
    home.run(&["event", "add", "Algèbre", "--cohort", "a", "--start", "2099-01-05T08:00", "--end", "2099-01-05T10:00"])
        .ok();
    home.run(&["user", "add", "ada", "--name", "Ada", "--role", "admin"]).ok();
    home.run(&["user", "add", "sam", "--name", "Sam", "--role", "student"]).ok();
    home.run(&["token", "create", "lost phone"]).ok();
    (home, site)
}

/// An empty data folder, with the backup of another beside it.
fn bare_with(backup: &std::path::Path) -> Home {
    let home = Home::bare();
    fs::create_dir(home.data()).unwrap();
    fs::copy(backup, home.dir.path().join("b.backup")).unwrap();
    home
}

/// The calendar that phones poll, from a service that runs for it.
fn polled(home: &Home) -> Heard {
    let service = home.serve();
    let heard = hear(home.port, "GET", "/calendars/a.ics", &[], "").unwrap();
    service.stop();
    assert_eq!(heard.status, 200, "{}", heard.body);
    heard
}

fn header(heard: &Heard, name: &str) -> String {
    let found = heard.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    found.unwrap_or_else(|| panic!("{}", heard.head)).to_owned()
}

fn date(heard: &Heard) -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc2822(&header(heard, "last-modified")).unwrap()
}

fn own_event(heard: &Heard) -> Vec<String> {
    let lines: Vec<String> = heard.body.replace("\r\n ", "").lines().map(str::to_owned).collect();
    let mut events = lines.split(|line| line == "BEGIN:VEVENT");
    events.find(|event| event.iter().any(|line| line.starts_with("UID:e_"))).unwrap().to_vec()
}

fn sequence(heard: &Heard) -> u32 {
    value(&own_event(heard), "SEQUENCE").unwrap().parse().unwrap()
}

fn subject(heard: &Heard) -> String {
    value(&own_event(heard), "SUMMARY").unwrap()
}

#[test]
fn a_restore_serves_the_same_bytes() {
    let (home, _site) = school();
    let service = home.serve();
    let before = hear(home.port, "GET", "/calendars/a.ics", &[], "").unwrap();
    home.run(&["backup", "b.backup"]).ok();
    service.stop();
    let other = bare_with(&home.dir.path().join("b.backup"));
    let told = other.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("events: 0 now, 1 after") && told.ends_with("restored\n"), "{told}");
    let after = polled(&other);
    assert_eq!(after.body, before.body);
    for name in ["etag", "last-modified"] {
        assert_eq!(header(&after, name), header(&before, name), "{name}");
    }
    assert_eq!(
        other.run(&["feed", "refresh", "sr"]).ok(),
        "sr: unchanged, 5 events, 0 changes\n",
        "its password opens"
    );
}

#[test]
fn a_board_that_was_started_anew_serves_the_same_bytes_too() {
    let (home, _site) = school();
    let before = polled(&home);
    home.run(&["backup", "b.backup"]).ok();
    let other = bare_with(&home.dir.path().join("b.backup"));
    other.serve().stop();
    let told = other.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("kept in") && !told.contains("SEQUENCE"), "{told}");
    let after = polled(&other);
    assert_eq!(
        (header(&after, "etag"), header(&after, "last-modified")),
        (header(&before, "etag"), header(&before, "last-modified"))
    );
    assert_eq!(
        other.run(&["feed", "refresh", "sr"]).ok(),
        "sr: unchanged, 5 events, 0 changes\n",
        "its password opens"
    );
}

#[test]
fn an_older_state_comes_back_under_a_newer_date() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    let first = polled(&home);
    let id = text(&home.json(&["event", "list", "--cohort", "a", "--subject", "Algèbre"])[0], "id");
    home.run(&["event", "set", &id, "--subject", "Analyse"]).ok();
    home.run(&["event", "set", &id, "--subject", "Topologie"]).ok();
    let seen = polled(&home);
    assert!(subject(&seen).contains("Topologie") && sequence(&seen) > sequence(&first));
    let told = home.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("kept: 1 events get a SEQUENCE beyond"), "{told}");
    let after = polled(&home);
    assert_eq!(subject(&after), subject(&first));
    assert!(sequence(&after) > sequence(&seen), "a phone would not take it");
    assert!(date(&after) > date(&seen), "{:?} {:?}", date(&after), date(&seen));
}

#[test]
fn what_did_not_change_since_keeps_its_date() {
    let (home, _site) = school();
    let before = polled(&home);
    home.run(&["backup", "b.backup"]).ok();
    home.run(&["restore", "b.backup"]).ok();
    let after = polled(&home);
    assert_eq!((header(&after, "etag"), date(&after)), (header(&before, "etag"), date(&before)));
}

fn is_revoked(home: &Home) -> bool {
    home.json(&["token", "list"])[0]["revoked_at"].is_string()
}

fn is_disabled(home: &Home, login: &str) -> bool {
    let users = home.json(&["user", "list"]);
    users.as_array().unwrap().iter().find(|user| user["login"] == login).unwrap()["disabled"] == true
}

/// Shuts somebody out, as happens after a backup.
fn shut_out(home: &Home) {
    home.run(&["token", "revoke", "lost phone"]).ok();
    home.run(&["user", "disable", "sam"]).ok();
}

#[test]
fn who_was_shut_out_since_stays_shut_out() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    shut_out(&home);
    let told = home.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("kept: the token \"lost phone\" stays revoked\nkept: sam stays disabled\n"), "{told}");
    assert!(is_revoked(&home) && is_disabled(&home, "sam") && !is_disabled(&home, "ada"));
    let audit = home.json(&["audit", "list", "--action", "backup.restore"]);
    assert_eq!(audit[0]["after"]["exact"], false, "{audit}");
}

#[test]
fn exact_keeps_nothing_of_it() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    shut_out(&home);
    home.run(&["restore", "b.backup", "--exact"]).ok();
    assert!(!is_revoked(&home) && !is_disabled(&home, "sam"));
}

#[test]
fn a_key_that_was_rotated_opens_nothing_again() {
    let (home, _site) = school();
    let old = text(&home.json(&["token", "rotate", "lost phone"]), "token");
    home.run(&["backup", "b.backup"]).ok();
    let new = text(&home.json(&["token", "rotate", "lost phone"]), "token");
    let told = home.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("keeps the key that it was rotated to"), "{told}");
    let service = home.serve();
    assert_eq!(service.get(&format!("/s/{old}.ics")).status, 401);
    assert_eq!(service.get(&format!("/s/{new}.ics")).status, 200);
    service.stop();
}

#[test]
fn who_was_erased_since_comes_back_disabled() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    home.run(&["user", "erase", "sam", "--yes"]).ok();
    let told = home.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("sam was erased since, and comes back disabled"), "{told}");
    assert!(is_disabled(&home, "sam"));
}

#[test]
fn a_dry_run_tells_all_and_changes_nothing() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    shut_out(&home);
    home.run(&["cohort", "add", "b", "--name", "B"]).ok();
    let before = home.json(&["audit", "list"]);
    let told = home.json(&["restore", "b.backup", "--dry-run"]);
    assert_eq!((&told["dry_run"], &told["replaced"]), (&json!(true), &Value::Null));
    assert_eq!(
        told["kept"].as_array().unwrap()[..2],
        [json!("the token \"lost phone\" stays revoked"), json!("sam stays disabled")]
    );
    let counts = told["counts"].as_array().unwrap();
    assert!(counts.contains(&json!({"what": "cohorts", "now": 2, "after": 1})), "{counts:?}");
    assert_eq!(home.json(&["audit", "list"]), before);
    let mut left: Vec<_> = fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["carillon.redb", "seal.key"]);
}

#[test]
fn a_backup_that_is_no_good_changes_nothing() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    let whole = fs::read(home.dir.path().join("b.backup")).unwrap();
    let mut flipped = whole.clone();
    let at = whole.len() / 2;
    flipped[at] ^= 4;
    let cases: [(&str, &[u8], &str); 4] = [
        ("half", &whole[..at], "cut short"),
        ("flipped", &flipped, "damaged"),
        ("foreign", b"PK\x03\x04 a spreadsheet of some sort", "no backup"),
        ("newer", b"carillon backup 9\n{}\n", "newer Carillon"),
    ];
    let before = home.json(&["audit", "list"]);
    for (name, bytes, words) in cases {
        fs::write(home.dir.path().join(name), bytes).unwrap();
        let refused = home.run(&["restore", name]).refused();
        assert!(refused.contains(words), "{refused}");
        assert!(!home.data().join("carillon.redb.restoring").exists());
    }
    assert!(home.run(&["restore", "none"]).refused().contains("none"));
    assert_eq!(home.json(&["audit", "list"]), before);
}

#[test]
fn a_running_service_is_not_restored_under() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup"]).ok();
    let service = home.serve();
    let refused = home.run(&["restore", "b.backup"]).refused();
    assert!(refused.contains("systemctl stop carillon"), "{refused}");
    service.stop();
    let nowhere = Home::bare();
    fs::copy(home.dir.path().join("b.backup"), nowhere.dir.path().join("b.backup")).unwrap();
    assert!(nowhere.run(&["restore", "b.backup"]).refused().contains("no data folder"));
}

#[test]
fn a_database_that_cannot_be_read_is_put_aside() {
    let (home, _site) = school();
    let before = polled(&home);
    home.run(&["backup", "b.backup"]).ok();
    fs::write(home.data().join("carillon.redb"), vec![7; 5000]).unwrap();
    let told = home.json(&["restore", "b.backup"]);
    assert!(told["warnings"][0].as_str().unwrap().contains("cannot be read"), "{told}");
    assert_eq!(told["counts"][0]["now"], Value::Null);
    assert_eq!(fs::read(text(&told, "replaced")).unwrap(), vec![7; 5000]);
    assert_eq!(header(&polled(&home), "etag"), header(&before, "etag"));
}

#[test]
fn without_keys_a_feed_asks_for_its_password() {
    let (home, _site) = school();
    home.run(&["backup", "b.backup", "--without-keys"]).ok();
    let other = bare_with(&home.dir.path().join("b.backup"));
    let told = other.run(&["restore", "b.backup"]).ok();
    assert!(told.contains("`password needed`"), "{told}");
    let feed = other.json(&["feed", "show", "sr"]);
    assert_eq!(feed["status"]["state"], "failing");
    assert!(feed["status"]["last_error"].to_string().contains("password needed"), "{feed}");
    other.run_with(&["feed", "set", "sr", "--basic-user", "u", "--password-stdin"], "secret\n").ok();
    assert_eq!(other.json(&["feed", "show", "sr"])["status"]["state"], "fresh");
    other.run(&["feed", "refresh", "sr"]).ok();
    home.run(&["restore", "b.backup"]).ok();
    assert_eq!(home.json(&["feed", "show", "sr"])["status"]["state"], "fresh", "the folder's own key opens it still");
}

#[test]
fn a_restore_that_is_killed_leaves_the_old_or_the_new() {
    let (home, _site) = school();
    home.run(&["backup", "new.backup"]).ok();
    let other = Home::new();
    other.run(&["cohort", "add", "old", "--name", "old"]).ok();
    let url = "http://127.0.0.1:9/x.ics";
    let feed = ["feed", "add", "old", "--cohort", "old", "--url", url, "--basic-user", "u", "--password-stdin"];
    other.run_with(&feed, "other\n").ok();
    other.run(&["backup", "old.backup"]).ok();
    fs::copy(home.dir.path().join("new.backup"), other.dir.path().join("new.backup")).unwrap();
    let start = Instant::now();
    other.run(&["restore", "new.backup"]).ok();
    let whole = start.elapsed();
    for round in 0..24_u32 {
        let mut files = ["old.backup", "new.backup"];
        files.rotate_left(round as usize % 2);
        other.run(&["restore", files[0]]).ok();
        let mut command = other.command(&["restore", files[1]]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * round / 24 + Duration::from_millis(u64::from(round % 3)));
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL);
        child.wait().unwrap();
        let feeds = other.json(&["feed", "list"]);
        let slugs: Vec<_> = feeds.as_array().unwrap().iter().map(|feed| text(feed, "slug")).collect();
        assert!(slugs == ["old"] || slugs == ["sr"], "round {round}: {slugs:?}");
        assert!(!feeds.to_string().contains("password needed"), "round {round}: the key of the other: {feeds}");
    }
}
