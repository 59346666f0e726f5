//! Backups: through the route, and by the command into files and into a folder that keeps a row of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use carillon::store::backup::{Manifest, load, verify};
use carillon::store::{Read, Store, StoreError, Table};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, text};
use crate::process::Home;

/// What is in a backup, after a look at all of it.
pub fn manifest(path: &Path) -> Manifest {
    verify(fs::File::open(path).unwrap()).unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// In the folder alone, and by the socket of a running service.
fn both_ways(run: impl Fn(&Home)) {
    run(&Home::new());
    let home = Home::new();
    let service = home.serve();
    run(&home);
    service.stop();
}

#[test]
fn a_backup_is_one_file_that_is_its_owners_alone() {
    both_ways(|home| {
        home.run(&["cohort", "add", "a", "--name", "A"]).ok();
        let file = home.dir.path().join("b.backup");
        let told = home.run(&["backup", "b.backup"]).ok();
        assert!(told.contains("read back and good") && told.contains("cohorts 1"), "{told}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let inside = manifest(&file);
        assert_eq!((inside.keys, inside.count("cohorts"), inside.files), (true, 1, vec!["seal.key".to_owned()]));
        let again = home.json(&["backup", "b.backup", "--without-keys"]);
        assert_eq!(again["manifest"]["keys"], false);
        assert_eq!(manifest(&file).files, Vec::<String>::new());
        assert!(names_in(home.dir.path()).iter().all(|name| !name.starts_with(".carillon")), "no draft is left");
        let audit = home.json(&["audit", "list", "--action", "backup.create"]);
        assert_eq!(audit.as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_backup_goes_to_standard_output_as_it_is() {
    let home = Home::new();
    let out = home.command(&["backup", "-"]).output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty());
    assert!(verify(out.stdout.as_slice()).unwrap().keys);
}

#[test]
fn a_backup_goes_nowhere_else() {
    let home = Home::new();
    for (file, words) in [("/dev/null", "no plain file"), (".", "is a folder"), ("none/b", "none")] {
        let refused = home.run(&["backup", file]).refused();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(home.run(&["backup"]).code, 2);
    assert_eq!(home.run(&["backup", "b", "--nightly", "d"]).code, 2);
    assert!(fs::metadata("/dev/null").unwrap().permissions().mode() & 0o020_000 != 0);
}

#[tokio::test]
async fn a_backup_is_the_state_of_one_instant() {
    let app = App::on_disk();
    let add = async {
        for n in 0..60 {
            app.add_cohort(&format!("c{n}"), "public").await;
        }
    };
    let take = async {
        let mut taken = Vec::new();
        for _ in 0..12 {
            taken.push(app.cli("GET", "/api/v1/backup", Value::Null).await.bytes);
        }
        taken
    };
    let ((), taken) = tokio::join!(add, take);
    for (earlier, bytes) in taken.iter().enumerate() {
        let inside = verify(bytes.as_slice()).unwrap();
        let backups = earlier as u64 + 1;
        assert_eq!(inside.count("audit"), inside.count("cohorts") + backups, "each with its entry, and no other");
    }
}

#[tokio::test]
async fn private_keys_stay_on_the_machine_and_can_be_left_out() {
    let app = App::on_disk();
    app.add_user("ada", carillon::actor::Role::Admin, &[]).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let headers = [("authorization", key.as_str())];
    let refused = app.get_with("/api/v1/backup?keys=true", &headers).await;
    assert!(refused.text(403).contains("on the machine itself"));
    let handed = app.get_with("/api/v1/backup", &headers).await;
    assert_eq!((handed.status, handed.header("cache-control")), (200, "no-store"));
    let dir = tempfile::tempdir().unwrap();
    load(handed.bytes.as_slice(), &dir.path().join("carillon.redb")).unwrap();
    const KEYS: Table<Vec<u8>> = Table::new("keys");
    let access = |store: &Store| store.read_now::<_, StoreError>(|tx| tx.find_body(&KEYS, b"access-ed25519-pkcs8"));
    assert!(access(&app.slices.app.store).unwrap().is_some());
    assert!(access(&Store::open(dir.path()).unwrap()).unwrap().is_none());
}

#[tokio::test]
async fn the_last_good_backup_is_known_and_grows_old() {
    let app = App::test();
    let last = async || app.cli("GET", "/api/v1/backup/last", Value::Null).await.json(200);
    let note = async |at: &str| {
        let noted = json!({"at": at, "size_bytes": 7, "place": "/b"});
        app.cli("PUT", "/api/v1/backup/last", noted).await
    };
    assert_eq!(last().await, json!({"at": null, "size_bytes": null, "place": null, "old": true}));
    assert_eq!(note("2026-11-21T10:00:01Z").await.status, 422, "it lies in the future");
    assert_eq!(note("2026-11-21T09:00:00Z").await.json(200)["old"], false);
    let commits = app.commits();
    note("2026-11-20T09:00:00Z").await.json(200);
    assert_eq!((last().await["at"].as_str().unwrap(), app.commits()), ("2026-11-21T10:00:00+01:00", commits));
    app.later(TimeDelta::hours(47));
    assert_eq!(last().await["old"], false);
    app.later(TimeDelta::hours(1) + TimeDelta::seconds(1));
    assert_eq!(last().await["old"], true);
    let ready = app.cli("GET", "/ready", Value::Null).await.json(200);
    assert_eq!((ready["ready"].clone(), ready["backup"]["old"].clone()), (json!(true), json!(true)));
}

#[test]
fn a_row_of_nightly_backups_is_kept_and_checked() {
    both_ways(|home| {
        let row = home.dir.path().join("row");
        let first = home.json(&["backup", "--nightly", "row"]);
        assert_eq!(first["kept"], 1);
        assert_eq!(fs::metadata(&row).unwrap().permissions().mode() & 0o777, 0o700);
        let file = home.dir.path().join(text(&first, "file"));
        let name = |day: u32| row.join(format!("carillon-202011{day:02}T023000Z.backup"));
        // 16 nights from Sunday the 1st: with tonight's, seven, and the last of the two weeks before.
        for day in 1..=16 {
            fs::copy(&file, name(day)).unwrap();
        }
        fs::write(name(20), &fs::read(&file).unwrap()[..100]).unwrap();
        fs::write(row.join("letter.txt"), "mine").unwrap();
        fs::write(row.join(".carillon-backup-x"), "half").unwrap();
        let told = home.run(&["backup", "--nightly", "row"]).ok();
        assert!(told.contains("note: carillon-20201120T023000Z.backup: the backup is cut short"), "{told}");
        let left: Vec<_> = (1..=20).filter(|day| name(*day).exists()).collect();
        assert_eq!(left, [1, 8, 11, 12, 13, 14, 15, 16, 20]);
        assert!(row.join("letter.txt").exists() && !row.join(".carillon-backup-x").exists());
    });
}

#[test]
fn a_backup_that_cannot_be_whole_leaves_what_was_there() {
    let home = Home::new();
    let service = home.serve();
    let file = home.dir.path().join("b.backup");
    fs::write(&file, "the one of yesterday").unwrap();
    fs::remove_file(home.data().join("seal.key")).unwrap();
    fs::create_dir(home.data().join("seal.key")).unwrap();
    assert!(home.run(&["backup", "b.backup"]).refused().contains("sealing key"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "the one of yesterday");
    service.stop();
}
