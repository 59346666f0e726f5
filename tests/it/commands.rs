//! The commands, with and without a running service, and the life of the service itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::app::{calendar, days, text};
use crate::process::{Home, Service, hear};
use crate::upstream::{Reply, Upstream};

/// Does the same twice: in the folder alone, and by the socket of a running service.
fn both_ways(run: impl Fn(&Home)) {
    run(&Home::new());
    let home = Home::new();
    let service = home.serve();
    run(&home);
    service.stop();
}

#[test]
fn cohorts_feeds_tokens_and_users_are_made_and_listed() {
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&days(3))));
    both_ways(|home| {
        assert!(home.run(&["cohort", "add", "2A-SR", "--name", "2A Sécurité"]).ok().contains("made the cohort 2a-sr"));
        let cohort = home.json(&["cohort", "add", "m2", "--name", "M2", "--visibility", "public"]);
        assert_eq!((text(&cohort, "slug"), text(&cohort, "visibility")), ("m2".into(), "public".into()));
        let feed =
            home.json(&["feed", "add", "sr", "--cohort", "2A-SR", "--url", &site.url("/a.ics"), "--stamp", "place"]);
        assert_eq!((text(&feed["status"], "state"), &feed["stamps"]), ("never".into(), &json!(["place"])));
        assert_eq!(home.run(&["feed", "refresh", "sr"]).ok(), "sr: published, 3 events, 3 changes\n");
        assert_eq!(home.json(&["feed", "refresh", "sr"])["outcome"], "unchanged");
        assert_eq!(home.json(&["feed", "set", "sr", "--interval", "600"])["interval"], 600);
        assert_eq!(home.json(&["feed", "pause", "sr"])["status"]["state"], "paused");
        assert_eq!(home.json(&["feed", "resume", "sr"])["status"]["state"], "fresh");
        assert!(home.run(&["feed", "show", "sr"]).ok().contains("600"));
        let made = home.json(&["token", "create", "Zoé", "--cohort", "2a-sr", "--expires", "2099-08-31"]);
        assert!(text(&made, "token").starts_with("zoe_"));
        assert!(text(&made, "expires_at").starts_with("2099-08-31T23:59:59"));
        let rotated = home.json(&["token", "rotate", "Zoé"]);
        assert_ne!(text(&rotated, "token"), text(&made, "token"));
        home.run(&["token", "revoke", "Zoé"]).ok();
        let tokens = home.json(&["token", "list"]);
        assert!(tokens[0]["revoked_at"].is_string() && tokens[0].get("token").is_none());
        let user = home.run_with(
            &["user", "add", "Ada", "--name", "Ada", "--role", "admin", "--password-stdin", "--json"],
            "correct horse\n",
        );
        assert_eq!(user.json()["login"], "ada");
        home.run(&["user", "add", "sam", "--name", "Sam", "--role", "student", "--cohort", "2a-sr"]).ok();
        assert_eq!(home.json(&["user", "roles", "sam", "teacher", "student"])["roles"], json!(["teacher", "student"]));
        assert_eq!(home.json(&["user", "disable", "sam"])["disabled"], true);
        assert_eq!(home.json(&["user", "enable", "sam"])["disabled"], false);
        assert_eq!(home.json(&["user", "list"]).as_array().unwrap().len(), 2);
        assert_eq!(home.json(&["cohort", "rename", "2a-sr", "2027-sr"])["aliases"], json!(["2a-sr"]));
        assert_eq!(home.json(&["feed", "set", "sr", "--stamp", "place"])["stamps"], json!(["place"]));
        assert_eq!(home.json(&["feed", "set", "sr", "--no-stamps"])["stamps"], json!([]));
        assert!(home.run(&["cohort", "list"]).ok().contains("2027-sr"));
        let refused = home.run(&["cohort", "remove", "2027-sr"]).refused();
        assert!(
            refused.contains("feed sr") && refused.contains("user sam") && refused.contains("--force"),
            "{refused}"
        );
        home.run(&["feed", "remove", "sr"]).ok();
        home.run(&["cohort", "remove", "2027-sr", "--force"]).ok();
        assert_eq!(home.json(&["feed", "list"]), json!([]));
    });
}

#[test]
fn what_cannot_be_done_is_one_line_and_exit_1() {
    let site = Upstream::start();
    both_ways(|home| {
        home.run(&["cohort", "add", "2a-sr", "--name", "2A-SR"]).ok();
        let url = site.url("/gone.ics");
        home.run(&["feed", "add", "sr", "--cohort", "2a-sr", "--url", &url]).ok();
        home.run(&["token", "create", "zoe"]).ok();
        let rows: &[(&[&str], &str)] = &[
            (&["cohort", "add", "2A-SR", "--name", "x"], "taken"),
            (&["cohort", "add", "all", "--name", "x"], "reserved"),
            (&["cohort", "remove", "none"], "none"),
            (&["cohort", "remove", "a b?force=true"], "a b?force=true"),
            (&["cohort", "rename", "none", "x"], "none"),
            (&["feed", "add", "x", "--cohort", "2a-sr", "--url", "ftp://example.org/"], "url"),
            (&["feed", "add", "sr", "--cohort", "2a-sr", "--url", "http://example.org/"], "taken"),
            (&["feed", "add", "x", "--cohort", "none", "--url", "http://example.org/"], "none"),
            (&["feed", "add", "x", "--cohort", "2a-sr", "--url", "http://example.org/", "--interval", "5"], "interval"),
            (&["feed", "refresh", "none"], "none"),
            (&["feed", "refresh", "no such feed"], "no such feed"),
            (&["feed", "refresh", "sr"], "nothing is at"),
            (&["feed", "approve", "sr"], "nothing that waits"),
            (&["feed", "show", "é/../x"], "é/../x"),
            (&["token", "create", "Zoe"], "belongs to a live token"),
            (&["token", "create", "x", "--cohort", "none"], "none"),
            (&["token", "create", "x", "--expires", "soon"], "expires_at"),
            (&["token", "create", "x", "--expires", "2020-01-01"], "has passed"),
            (&["token", "revoke", "none"], "none"),
            (&["token", "create", "--from", "/none/names.txt", "--cohort", "2a-sr"], "/none/names.txt"),
            (&["user", "disable", "none"], "none"),
            (&["user", "password", "none"], "--password-stdin"),
            (
                &[
                    "import",
                    "ipp",
                    "--env",
                    "/none/.env",
                    "--tokens",
                    "t",
                    "--base-url",
                    "http://x/",
                    "--public-url",
                    "http://y/",
                ],
                "/none/.env",
            ),
        ];
        for (args, told) in rows {
            let line = home.run(args).refused();
            assert!(line.contains(told), "{args:?}: {line}");
        }
        let weak = home
            .run_with(&["user", "add", "x", "--name", "X", "--role", "admin", "--password-stdin"], "short\n")
            .refused();
        assert!(weak.contains("password") && !weak.contains("short\n"), "{weak}");
        let none = home.run(&["feed", "set", "sr", "--basic-user", "u", "--password-stdin"]).refused();
        assert!(none.contains("no password came"), "{none}");
    });
}

#[test]
fn wrong_usage_is_exit_2_and_no_data_folder_exit_1() {
    let home = Home::bare();
    for args in [
        &["frobnicate"][..],
        &[],
        &["feed"],
        &["feed", "add", "x"],
        &["cohort", "add", "x"],
        &["token", "create"],
        &["user", "add", "x", "--name", "X", "--role", "root"],
        &["feed", "add", "x", "--cohort", "c", "--url", "u", "--interval", "often"],
        &["token", "create", "--from", "x"],
        &["feed", "set", "x", "--header", "no colon"],
        &["feed", "set", "x", "--login-extra", "no equals sign"],
    ] {
        let done = home.run(args);
        assert_eq!(done.code, 2, "{args:?}: {}", done.err);
        assert!(done.out.is_empty() && !done.err.is_empty(), "{args:?}");
    }
    for args in [&["user", "list"][..], &["cohort", "list", "--json"], &["feed", "refresh", "x"], &["token", "list"]] {
        let line = home.run(args).refused();
        assert!(line.contains("data: there is no data here") && line.contains("--data"), "{line}");
    }
    assert!(!home.data().exists(), "only serve and demo make a data folder");
    assert_eq!(home.run(&["--version"]).ok(), format!("carillon {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_bad_configuration_names_file_line_and_key_and_starts_nothing() {
    let home = Home::bare();
    let rows = [
        ("langage = \"fr\"", &["carillon.toml", "1", "langage", "language"][..]),
        ("\ntimezone = \"Europe/Pari\"", &["2", "timezone", "Europe/Paris"]),
        ("public_url = \"ftp://x\"", &["1", "public_url"]),
        ("language = 3", &["1", "language"]),
        ("language = \"de\"", &["1", "language", "\"fr\" or \"en\""]),
        ("\nfetch.total_secs = 0", &["2", "total_secs"]),
        ("= rubbish", &["1"]),
    ];
    for (lines, told) in rows {
        home.configure(lines);
        for command in [&["serve"][..], &["cohort", "list"]] {
            let line = home.run(command).refused();
            for word in told {
                assert!(line.contains(word), "{lines}: {word} in {line}");
            }
        }
        assert!(!home.data().exists(), "{lines}");
    }
    let line = {
        let mut command = home.command(&["serve"]);
        fs::write(home.config(), "").unwrap();
        let done = command.env("CARILLON_LISTEN__HTPP", "x").output().unwrap();
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(line.contains("CARILLON_LISTEN__HTPP") && line.contains("CARILLON_LISTEN__HTTP"), "{line}");
}

#[test]
fn a_new_service_offers_a_set_up_link_that_dies_with_the_first_administrator() {
    let home = Home::bare();
    let service = home.serve();
    home.wait_for_log("/setup#");
    let link = home.data().join("setup-link");
    let told = fs::read_to_string(&link).unwrap();
    assert!(told.starts_with(&format!("http://127.0.0.1:{}/setup#", home.port)), "{told}");
    assert!(home.log().contains(told.trim()));
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(link.clone()), 0o600);
    assert_eq!(mode(home.data().join("control.sock")), 0o660);
    assert_eq!(mode(home.data().join("seal.key")), 0o600);
    assert_eq!(mode(home.data()) & 0o007, 0, "strangers see nothing of the data folder");
    home.run_with(&["user", "add", "ada", "--name", "Ada", "--role", "admin", "--password-stdin"], "correct horse\n")
        .ok();
    assert!(!link.exists());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer =
        hear(service.port, "POST", "/api/v1/auth/token", &form, "username=ada&password=correct+horse").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!home.log().contains("correct horse"));
    let audit = hear(
        service.port,
        "GET",
        "/api/v1/audit",
        &[("Authorization", &format!("Bearer {}", text(&answer.json(), "access_token")))],
        "",
    );
    let entry = audit.unwrap().json()["items"][0].clone();
    assert!(text(&entry, "actor").starts_with("cli:") && text(&entry, "actor").len() > 4, "{entry}");
    service.stop();
}

#[test]
fn a_second_service_on_the_same_data_says_so_and_the_first_goes_on() {
    let home = Home::new();
    let service = home.serve();
    let line = home.run(&["serve"]).err;
    assert!(line.contains("in use") || line.contains("another") || line.contains("already"), "{line}");
    assert_eq!(service.get("/health").status, 200);
    assert!(home.run(&["cohort", "list"]).ok().is_empty() || home.data().join("control.sock").exists());
    // Another data folder on the same port.
    let other = Home { port: home.port, ..Home::bare() };
    other.configure("");
    let done = other.run(&["serve"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("listen") && done.err.contains("in use by another program"), "{}", done.err);
    service.stop();
}

#[test]
fn a_service_stops_on_sigterm_within_seconds_whatever_hangs_on_it() {
    let home = Home::new();
    let mut service = home.serve();
    let idle = std::net::TcpStream::connect(("127.0.0.1", home.port)).unwrap();
    let mut half = std::net::TcpStream::connect(("127.0.0.1", home.port)).unwrap();
    std::io::Write::write_all(&mut half, b"GET /health HTTP/1.1\r\nHost: x\r\n").unwrap();
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&days(1))).after(Duration::from_secs(20)));
    home.run(&["cohort", "add", "a", "--name", "A"]).ok();
    home.run(&["feed", "add", "slow", "--cohort", "a", "--url", &site.url("/")]).ok();
    let start = Instant::now();
    while site.seen().is_empty() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let start = Instant::now();
    service.signal(Signal::SIGTERM);
    assert_eq!(service.wait(Duration::from_secs(15)), 0);
    println!("stopped after {:?}", start.elapsed());
    assert!(!home.data().join("control.sock").exists());
    assert!(home.log().contains("stopped"));
    drop((idle, half));
    assert_eq!(home.json(&["cohort", "list"])[0]["slug"], "a");
}

#[test]
fn sighup_takes_a_good_configuration_and_leaves_a_bad_one() {
    let home = Home::new();
    home.run(&["cohort", "add", "a", "--name", "A", "--visibility", "public"]).ok();
    let service = home.serve();
    let language = |service: &Service| service.get("/calendars/a.ics").body.contains("-//Carillon//Carillon//EN");
    assert!(!language(&service));
    home.configure("language = \"en\"");
    service.signal(Signal::SIGHUP);
    home.wait_for_log("configuration read again");
    assert!(language(&service));
    home.configure("language = \"klingon\"");
    service.signal(Signal::SIGHUP);
    home.wait_for_log("the configuration stays as it was");
    assert!(language(&service));
    service.stop();
}

#[test]
fn what_was_acknowledged_survives_kill_9_in_the_middle_of_writes() {
    let home = Home::new();
    home.run_with(&["user", "add", "ada", "--name", "Ada", "--role", "admin", "--password-stdin"], "correct horse\n")
        .ok();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..3 {
        let mut service = home.serve();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer =
            hear(home.port, "POST", "/api/v1/auth/token", &form, "username=ada&password=correct+horse").unwrap();
        let key = format!("Bearer {}", text(&answer.json(), "access_token"));
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (port, key, stop) = (home.port, key.clone(), stop.clone());
                std::thread::spawn(move || {
                    let mut made = Vec::new();
                    for nth in 0.. {
                        let name = format!("r{round}-w{writer}-{nth}");
                        let headers = [("Authorization", key.as_str()), ("Content-Type", "application/json")];
                        match hear(port, "POST", "/api/v1/tokens", &headers, &format!("{{\"name\":\"{name}\"}}")) {
                            Ok(heard) if heard.status == 201 => made.push(text(&heard.json(), "token")),
                            _ if stop.load(Ordering::SeqCst) => break,
                            _ => {}
                        }
                    }
                    made
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(700));
        stop.store(true, Ordering::SeqCst);
        service.child.kill().unwrap();
        service.child.wait().unwrap();
        let made: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        assert!(!made.is_empty(), "nothing was written before the kill");
        acknowledged.extend(made);
    }
    home.run(&["cohort", "add", "a", "--name", "A"]).ok();
    let service = home.serve();
    for token in &acknowledged {
        assert_eq!(service.get(&format!("/s/{token}/a.ics")).status, 200, "{token} of {}", acknowledged.len());
    }
    let listed = home.json(&["token", "list"]).as_array().unwrap().len();
    assert!((acknowledged.len()..=acknowledged.len() + 9).contains(&listed), "{listed} of {}", acknowledged.len());
    let entries = home.log().matches("panicked").count();
    assert_eq!(entries, 0);
    service.stop();
}

#[test]
fn tokens_of_a_list_are_made_together_or_not_at_all() {
    let home = Home::new();
    home.run(&["cohort", "add", "a", "--name", "A"]).ok();
    fs::write(home.dir.path().join("names.txt"), "\u{feff}Zoé\r\n\r\nLéa\n  Max  \n").unwrap();
    let made = home.json(&["token", "create", "--from", "names.txt", "--cohort", "a"]);
    let names: Vec<_> = made.as_array().unwrap().iter().map(|token| text(token, "name")).collect();
    assert_eq!(names, ["Zoé", "Léa", "Max"]);
    let again = home.run_with(&["token", "create", "--from", "-", "--cohort", "a", "--json"], "Tom\nZoé\n");
    assert_eq!(again.code, 1);
    assert!(again.err.contains("nothing was made: \"Zoé\"") && again.out.is_empty(), "{}", again.err);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 3);
}

#[test]
fn no_token_stands_in_the_log() {
    let home = Home::new();
    home.run(&["cohort", "add", "a", "--name", "A"]).ok();
    let made = home.json(&["token", "create", "zoe"]);
    let secret = text(&made, "token");
    let mut command = home.command(&["serve"]);
    let log = fs::File::create(home.dir.path().join("log")).unwrap();
    let child = command.env("CARILLON_LOG", "trace").stderr(log).spawn().unwrap();
    let service = Service { child, port: home.port };
    for _ in 0..200 {
        if std::net::TcpStream::connect(("127.0.0.1", home.port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    for path in [
        format!("/s/{secret}/a.ics"),
        format!("/s/{secret}.ics"),
        format!("/a?token={secret}"),
        format!("/s/{secret}/none.ics"),
    ] {
        service.get(&path);
    }
    let key = format!("Bearer {secret}");
    hear(home.port, "GET", "/calendars/a.ics", &[("Authorization", &key)], "").unwrap();
    home.run(&["token", "revoke", "zoe"]).ok();
    assert_eq!(service.get(&format!("/s/{secret}/a.ics")).status, 401);
    home.wait_for_log(&format!("token-dead id={}", text(&made, "id")));
    service.stop();
    let log = home.log();
    assert!(!log.contains(&secret) && !log.contains(&secret[4..]), "{log}");
}

#[test]
fn the_demo_shows_a_calendar_that_was_fetched_for_real_and_leaves_nothing() {
    let home = Home::bare();
    let mut command = home.command(&["demo", "--json", "--listen", &format!("127.0.0.1:{}", home.port)]);
    let temp = home.dir.path().join("tmp");
    fs::create_dir(&temp).unwrap();
    let mut child = command.env("TMPDIR", &temp).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut service = Service { child, port: home.port };
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let shown: Value = serde_json::from_str(&line).unwrap();
    let base = text(&shown, "base_url");
    let path = |field: &str| text(&shown, field).strip_prefix(&base).unwrap().to_owned();
    let ics = service.get(&path("calendar_url"));
    assert_eq!(ics.status, 200);
    assert!(ics.body.matches("BEGIN:VEVENT").count() > 10 && ics.body.ends_with("END:VCALENDAR\r\n"));
    assert!(service.get(&path("csv_url")).body.starts_with("event_id,start,"));
    let form = format!("username={}&password={}", text(&shown["admin"], "login"), text(&shown["admin"], "password"));
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(hear(home.port, "POST", "/api/v1/auth/token", &headers, &form).unwrap().status, 200);
    let site = text(&shown, "upstream_url");
    let site_port: u16 = site.trim_end_matches("/planning/").rsplit(':').next().unwrap().parse().unwrap();
    assert!([200, 302, 303].contains(&hear(site_port, "GET", "/planning/", &[], "").unwrap().status));
    service.signal(Signal::SIGINT);
    assert_eq!(service.wait(Duration::from_secs(15)), 0);
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "nothing is kept");
}

#[test]
fn a_phone_of_old_gets_its_calendar_by_http_1_0_without_any_header() {
    use std::io::{Read, Write};
    let home = Home::new();
    home.run(&["cohort", "add", "a", "--name", "A", "--visibility", "public"]).ok();
    let service = home.serve();
    for (request, status) in [
        ("GET /calendars/a.ics HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
        ("HEAD /calendars/a.ics HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
        ("GET /calendars/b.ics HTTP/1.0\r\n\r\n", "HTTP/1.0 401"),
        (
            "GET http://cafe.example.org/calendars/a.ics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200",
        ),
        ("rubbish\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let mut socket = std::net::TcpStream::connect(("127.0.0.1", service.port)).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(status), "{request}: {answer}");
        assert_eq!(
            answer.contains("END:VCALENDAR\r\n"),
            request.starts_with("GET") && status.contains("200"),
            "{request}"
        );
    }
    service.stop();
}

#[test]
fn root_becomes_the_owner_of_the_data_before_it_touches_them() {
    use std::os::unix::fs::{MetadataExt, chown};
    let home = Home::new();
    if !nix::unistd::geteuid().is_root() {
        println!("SKIPPED: only root can give a folder away");
        return;
    }
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let owner = (Some(nobody.uid.as_raw()), Some(nobody.gid.as_raw()));
    fs::set_permissions(home.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for path in [home.data(), home.data().join("carillon.redb")] {
        chown(path, owner.0, owner.1).unwrap();
    }
    home.run(&["cohort", "add", "a", "--name", "A"]).ok();
    for entry in fs::read_dir(home.data()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), nobody.uid.as_raw(), "{:?}", entry.path());
    }
}

#[test]
fn people_come_from_a_table_and_go_and_the_audit_tells() {
    both_ways(|home| {
        home.run(&["cohort", "add", "a", "--name", "A"]).ok();
        fs::write(
            home.dir.path().join("people.csv"),
            "login;name;role;cohort\nzoe;Zo\u{e9};student;a\nmax;Max;teacher;\n",
        )
        .unwrap();
        let dry = home.run(&["user", "import", "people.csv", "--dry-run"]).ok();
        assert_eq!(dry, "a dry run, nothing was written: 2 created, 0 updated, 0 unchanged\n");
        assert_eq!(home.json(&["user", "import", "people.csv"])["created"], 2);
        let again = home.run_with(&["user", "import", "-", "--json"], "login,name\nzoe,Zo\u{e9}\n");
        assert_eq!(again.json()["unchanged"], 1);
        let bad = home.run_with(&["user", "import", "-"], "login,role\nzoe,king\n").refused();
        assert!(bad.contains("row 2, role") && bad.contains("king"), "{bad}");
        let made = home.json(&["token", "batch", "--cohort", "a"]);
        assert_eq!((made.as_array().unwrap().len(), text(&made[0], "name")), (1, "zoe".into()));
        assert_eq!(home.json(&["user", "export", "zoe"])["user"]["login"], "zoe");
        assert!(home.run(&["user", "erase", "zoe"]).refused().contains("--yes"));
        assert!(text(&home.json(&["user", "erase", "zoe", "--yes"]), "login").starts_with("erased-"));
        let entries = home.json(&["audit", "list", "--action", "user.", "--since", "2000-01-01"]);
        let actions: Vec<_> = entries.as_array().unwrap().iter().map(|entry| text(entry, "action")).collect();
        assert_eq!(actions, ["user.erase", "user.create", "user.create"]);
        let csv = home.run(&["audit", "list", "--object", "cohort:", "--csv"]).ok();
        assert!(csv.starts_with("id,at,actor,ip,action,object,before,after\r\n") && csv.lines().count() == 2, "{csv}");
        assert!(home.run(&["audit", "list", "--since", "soon"]).refused().contains("from"));
    });
}
