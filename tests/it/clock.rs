//! A clock that is wrong: a Pi has none of its own, boots in 1970 or days behind, and is set by whoever comes first.

use std::sync::{Arc, Mutex};

use carillon::actor::Role;
use carillon::config::ClockTrust;
use carillon::feeds::Unwritten;
use carillon::schedule::Rounds;
use carillon::timekeeping::{By, Machine, Standing, Why, Witnesses};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::{App, NOW, PASSWORD, at, calendar, days, event, text};
use crate::upstream::{Reply, Upstream};

const BUILT: &str = "2026-11-01T00:00:00Z";
const HOUR: TimeDelta = TimeDelta::hours(1);
const YEAR: TimeDelta = TimeDelta::days(365);

/// The kernel, in the test's hand.
#[derive(Clone)]
struct Kernel(Arc<Mutex<Machine>>);

impl Kernel {
    fn says(synchronised: bool) -> Self {
        let kernel = Self(Arc::default());
        kernel.set(synchronised);
        kernel
    }

    fn set(&self, synchronised: bool) {
        self.0.lock().unwrap().kernel = synchronised;
    }

    fn witnesses(&self) -> Witnesses {
        let machine = Arc::clone(&self.0);
        Witnesses { machine: Arc::new(move || *machine.lock().unwrap()), hosts: None, built_at: at(BUILT) }
    }
}

/// Two hosts, and nobody on this machine who knows the time.
fn two_hosts() -> ([Upstream; 2], Witnesses) {
    let hosts = [Upstream::start(), Upstream::start()];
    let urls = [&hosts[0], &hosts[1]].map(|host| host.url("/").parse().unwrap());
    (hosts, Witnesses { hosts: Some(urls), ..Kernel::says(false).witnesses() })
}

fn says(date: DateTime<Utc>) -> Reply {
    Reply::html("").header("Date", &date.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// A round of the timer, with the hosts asked to the end.
async fn check(app: &App) -> Standing {
    let time = &app.slices.app.time;
    if time.look() {
        time.ask().await;
    }
    time.standing()
}

fn standing(app: &App) -> Standing {
    app.slices.app.time.standing()
}

/// As the hourly write does.
fn remember(app: &App) {
    let time = app.slices.app.time.clone();
    app.slices.feeds.flush_states(Unwritten::Routine, |tx| time.remember(tx)).unwrap();
}

/// A closed cohort with three events, and a token of it that ends in an hour.
async fn with_token(app: App) -> (App, Upstream, String) {
    let (app, site) = app.with_feed(&calendar(&days(3))).await;
    app.cli("PATCH", "/api/v1/cohorts/2a-sr", json!({"visibility": "token"})).await.json(200);
    let end = app.clock.now() + HOUR;
    let new = json!({"name": "phone", "cohorts": ["2a-sr"], "expires_at": end.to_rfc3339()});
    let token = text(&app.cli("POST", "/api/v1/tokens", new).await.json(201), "token");
    (app, site, format!("/s/{token}/2a-sr.ics"))
}

/// Trusted at [`NOW`], with a token that ends in an hour and an access token, and everything on the disk a quarter of an hour later.
async fn yesterday(kernel: &Kernel) -> (App, String, String) {
    let app = App::judged(at(NOW), kernel.witnesses());
    app.add_user("ada", Role::Admin, &[]).await;
    let (app, _, calendar) = with_token(app).await;
    let access = app.sign_in("ada").await;
    app.later(HOUR / 4);
    remember(&app);
    kernel.set(false);
    (app, calendar, access)
}

#[tokio::test]
async fn what_an_authority_has_signed_tells_the_time_but_to_whoever_knows_better() {
    let judged = App::judged(at(NOW), Kernel::says(true).witnesses());
    let always = App::configured(|config| config.clock = ClockTrust::Always);
    for (app, floor, is_trusted) in [(judged, at(NOW) + YEAR, false), (always, at(NOW), true)] {
        let time = &app.slices.app.time;
        time.learn(at(NOW) + YEAR);
        time.learn(at(BUILT));
        assert_eq!((app.slices.app.clock.now(), time.is_trusted()), (floor, is_trusted));
    }
}

#[tokio::test]
async fn a_boot_in_1970_serves_what_there_is_and_lets_nothing_end() {
    let kernel = Kernel::says(true);
    let (app, calendar, access) = Box::pin(yesterday(&kernel)).await;
    let before = app.get(&calendar).await;
    let app = app.booted(at("1970-01-01T00:00:07Z"), |_| {});
    assert_eq!(standing(&app), Standing::Untrusted(Why::Behind(at(NOW) + HOUR / 4)));
    assert_eq!(app.clock.now(), at(NOW) + HOUR / 4, "it goes on from the last time known");
    for _ in 0..3 {
        let after = app.get(&calendar).await;
        assert_eq!((after.status, &after.bytes), (200, &before.bytes));
        let who = app.get_with("/api/v1/auth/me", &[("authorization", &format!("Bearer {access}"))]).await;
        assert_eq!(who.status, 200);
        app.get("/").await.text(200);
        app.later(TimeDelta::days(20));
        check(&app).await;
    }
}

#[tokio::test]
async fn what_was_made_since_the_boot_ends_by_the_time_that_ran() {
    let app = App::judged(at("1970-01-01T00:00:07Z"), Kernel::says(false).witnesses());
    assert_eq!(app.clock.now(), at(BUILT), "not before the build");
    let (app, _, calendar) = with_token(app).await;
    app.add_user("ada", Role::Admin, &[]).await;
    let access = format!("Bearer {}", app.sign_in("ada").await);
    app.later(HOUR / 2 - TimeDelta::seconds(1));
    assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &access)]).await.status, 200);
    app.later(TimeDelta::seconds(1));
    assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &access)]).await.status, 401);
    app.get(&calendar).await.text(200);
    app.later(HOUR / 2);
    assert_eq!(app.get(&calendar).await.status, 401);
}

#[tokio::test]
async fn a_boot_eight_days_behind_goes_on_from_the_last_time_known() {
    let kernel = Kernel::says(true);
    let app = App::judged(at(NOW), kernel.witnesses());
    let (app, site) = app.with_feed(&calendar(&days(3))).await;
    remember(&app);
    let before = app.get("/calendars/2a-sr.ics").await;
    let app = app.booted(at(NOW) - TimeDelta::days(8), |_| {});
    assert_eq!(standing(&app), Standing::Untrusted(Why::Behind(at(NOW))), "not even by the kernel's word");
    assert_eq!(app.clock.now(), at(NOW));
    assert_eq!(app.get("/calendars/2a-sr.ics").await.bytes, before.bytes);
    app.later(TimeDelta::minutes(5));
    site.answers(Reply::ics(calendar(&days(4))));
    app.refresh("sr").await.json(200);
    let changed = app.get("/calendars/2a-sr.ics").await;
    assert_eq!(changed.header("last-modified"), "Sat, 21 Nov 2026 10:05:00 GMT");
    app.clock.jump(TimeDelta::days(9));
    assert_eq!(check(&app).await, Standing::Trusted(By::Kernel), "set right by a time server");
    assert_eq!(app.clock.now(), at(NOW) + TimeDelta::days(1) + TimeDelta::minutes(5));
}

#[tokio::test]
async fn nothing_ends_by_a_jump_of_a_year() {
    let kernel = Kernel::says(true);
    let (app, _, calendar) = with_token(App::judged(at(NOW), kernel.witnesses())).await;
    app.add_user("ada", Role::Admin, &[]).await;
    let access = format!("Bearer {}", app.sign_in("ada").await);
    kernel.set(false);
    app.clock.jump(YEAR);
    for moment in ["before anybody has looked", "after"] {
        assert_eq!(app.get(&calendar).await.status, 200, "{moment}");
        assert_eq!(app.get_with("/api/v1/auth/me", &[("authorization", &access)]).await.status, 200, "{moment}");
        assert_eq!(check(&app).await, Standing::Untrusted(Why::Unvouched), "{moment}");
    }
    kernel.set(true);
    check(&app).await;
    assert_eq!(app.get(&calendar).await.status, 401, "the year was right");
}

#[tokio::test]
async fn a_jump_of_a_year_makes_no_lost_event_look_overtaken() {
    let kernel = Kernel::says(true);
    let app = App::judged(at(NOW), kernel.witnesses());
    let (app, site) = app.with_feed(&calendar(&days(40))).await;
    kernel.set(false);
    app.clock.jump(YEAR);
    check(&app).await;
    site.answers(Reply::ics(calendar(&[event("past@site", "2026-10-01T09:00:00Z", &[])])));
    for _ in 0..5 {
        let held = app.refresh("sr").await.json(409);
        assert!(text(&held, "detail").contains("0 coming events where 40 are served"), "{held}");
        app.later(HOUR);
    }
    assert_eq!(app.ics().await.matches("BEGIN:VEVENT").count(), 40);
}

#[tokio::test]
async fn a_change_after_a_jump_ahead_keeps_the_events_of_the_time_before() {
    let kernel = Kernel::says(true);
    let app = App::judged(at(NOW), kernel.witnesses());
    let (app, site) = app.with_feed(&calendar(&days(3))).await;
    kernel.set(false);
    app.clock.jump(YEAR * 10);
    check(&app).await;
    site.answers(Reply::ics(calendar(&days(4))));
    app.refresh("sr").await.json(200);
    assert_eq!(app.ics().await.matches("BEGIN:VEVENT").count(), 4);
    app.clock.jump(YEAR * -10);
    kernel.set(true);
    check(&app).await;
    let after = app.get("/calendars/2a-sr.ics").await;
    let stamp = after.header("last-modified");
    assert!(stamp.starts_with("Sat, 21 Nov 2026 10:00:"), "its versions did not jump along: {stamp}");
}

#[tokio::test]
async fn fetching_goes_on_while_nobody_vouches_for_the_clock() {
    let app = App::judged(at(NOW), Kernel::says(false).witnesses());
    let (app, site) = app.with_feed(&calendar(&days(40))).await;
    site.answers(Reply::ics(calendar(&days(30))));
    app.later(HOUR);
    app.refresh("sr").await.json(200);
    assert_eq!(app.ics().await.matches("BEGIN:VEVENT").count(), 30);
    assert_eq!(app.get("/ready").await.status, 200);
}

#[tokio::test]
async fn the_kernels_word_is_enough_and_a_jump_takes_it_back() {
    let kernel = Kernel::says(false);
    let app = App::judged(at(NOW), kernel.witnesses());
    assert_eq!(check(&app).await, Standing::Untrusted(Why::Unvouched));
    kernel.set(true);
    assert_eq!(check(&app).await, Standing::Trusted(By::Kernel));
    kernel.set(false);
    app.later(TimeDelta::days(30));
    app.clock.jump(TimeDelta::minutes(1));
    assert_eq!(check(&app).await, Standing::Trusted(By::Kernel), "a clock that runs on is as right as it was");
    app.clock.jump(TimeDelta::seconds(-61));
    assert_eq!(check(&app).await, Standing::Untrusted(Why::Unvouched));
    assert!(!app.slices.app.time.is_trusted());
}

#[tokio::test]
async fn a_small_correction_moves_the_time_back() {
    let app = App::judged(at(NOW), Kernel::says(true).witnesses());
    app.clock.jump(TimeDelta::seconds(-30));
    check(&app).await;
    assert_eq!(app.clock.now(), at(NOW) - TimeDelta::seconds(30));
}

#[tokio::test]
async fn two_hosts_that_agree_are_enough_and_nothing_less_is() {
    let off = |minutes| Some(at(NOW) + TimeDelta::minutes(minutes));
    let rows = [
        (off(0), off(0), Standing::Trusted(By::Answers)),
        (off(10), off(-10), Standing::Trusted(By::Answers)),
        (off(0), None, Standing::Untrusted(Why::Unvouched)),
        (None, off(0), Standing::Untrusted(Why::Unvouched)),
        (None, None, Standing::Untrusted(Why::Unvouched)),
        (off(0), off(11), Standing::Untrusted(Why::Contradicted)),
        (off(-11), off(-11), Standing::Untrusted(Why::Contradicted)),
        (off(600_000), off(600_000), Standing::Untrusted(Why::Contradicted)),
    ];
    for (one, other, expected) in rows {
        let (hosts, witnesses) = two_hosts();
        for (host, date) in hosts.iter().zip([one, other]) {
            host.answers(date.map_or_else(|| Reply::html("no date"), says));
        }
        let app = App::judged(at(NOW), witnesses);
        assert_eq!(check(&app).await, expected, "{one:?} {other:?}");
    }
}

#[tokio::test]
async fn no_witness_counts_before_the_build() {
    let (hosts, witnesses) = two_hosts();
    let wall = at(BUILT) - HOUR;
    hosts.iter().for_each(|host| host.answers(says(wall)));
    let machine = Arc::new(|| Machine { kernel: true, timesyncd: None });
    let app = App::judged(wall, Witnesses { machine, ..witnesses });
    assert_eq!(check(&app).await, Standing::Untrusted(Why::Behind(at(BUILT))));
    app.later(HOUR);
    assert_eq!(check(&app).await, Standing::Trusted(By::Kernel));
}

#[tokio::test]
async fn the_hosts_are_asked_ever_more_seldom_and_anew_after_a_jump() {
    let (hosts, witnesses) = two_hosts();
    let app = App::judged(at(NOW), witnesses);
    let asked = || hosts[0].seen().len();
    // Minutes until the next round, and how often they were asked by its end.
    for (minutes, expected) in [(0, 1), (0, 1), (1, 2), (9, 2), (1, 3), (59, 3), (1, 4), (60, 5)] {
        app.later(TimeDelta::minutes(minutes));
        check(&app).await;
        assert_eq!(asked(), expected, "{minutes} minutes later");
    }
    app.clock.jump(HOUR * -5);
    check(&app).await;
    assert_eq!((asked(), hosts[1].seen().len()), (6, 6));
}

#[tokio::test]
async fn nobody_is_asked_about_a_clock_that_is_trusted_or_never_will_be() {
    let (hosts, witnesses) = two_hosts();
    hosts.iter().for_each(|host| host.answers(says(at(NOW))));
    let app = App::judged(at(NOW), witnesses);
    check(&app).await;
    app.later(HOUR * 5);
    check(&app).await;
    let mut app = app;
    for trust in [ClockTrust::Never, ClockTrust::Always] {
        app = app.booted(at(NOW), |config| config.clock = trust);
        check(&app).await;
        assert_eq!(app.slices.app.time.is_trusted(), trust == ClockTrust::Always);
    }
    assert_eq!((hosts[0].seen().len(), hosts[1].seen().len()), (1, 1));
    assert_eq!(hosts[0].seen()[0].target, "/");
}

#[tokio::test]
async fn trust_always_takes_the_clock_as_it_is_and_forgets_a_wrong_time() {
    let kernel = Kernel::says(true);
    let app = App::judged(at(NOW) + YEAR, kernel.witnesses());
    remember(&app);
    let app = app.booted(at(NOW), |_| {});
    assert_eq!(check(&app).await, Standing::Untrusted(Why::Behind(at(NOW) + YEAR)));
    let app = app.booted(at(NOW), |config| config.clock = ClockTrust::Always);
    assert_eq!((standing(&app), app.clock.now()), (Standing::Trusted(By::Configuration), at(NOW)));
    let app = app.booted(at(NOW), |config| config.clock = ClockTrust::Auto);
    assert_eq!(standing(&app), Standing::Trusted(By::Kernel));
}

#[tokio::test]
async fn a_changed_word_of_the_configuration_counts_at_the_next_look() {
    let app = App::judged(at("1970-01-01T00:00:07Z"), Kernel::says(true).witnesses());
    for (trust, expected) in [
        (ClockTrust::Always, Standing::Trusted(By::Configuration)),
        (ClockTrust::Never, Standing::Untrusted(Why::Configuration)),
        (ClockTrust::Auto, Standing::Untrusted(Why::Behind(at(BUILT)))),
    ] {
        let mut config = carillon::config::Config::clone(&app.slices.app.config());
        config.clock = trust;
        app.slices.app.set_config(config);
        assert_eq!(check(&app).await, expected);
        assert_eq!(app.clock.now() == app.clock.reading().wall, trust == ClockTrust::Always);
    }
}

#[tokio::test]
async fn the_last_time_known_is_written_hourly_and_at_the_stop() {
    let app = App::judged(at(NOW), Kernel::says(true).witnesses());
    let start = app.commits();
    let mut rounds = Rounds::new(app.slices.clone());
    for _ in 0..18 {
        app.later(TimeDelta::minutes(10));
        rounds.tick().await;
    }
    assert_eq!(app.commits() - start, 3);
    app.later(TimeDelta::minutes(7));
    app.clock.jump(YEAR);
    rounds.tick().await;
    assert_eq!(app.commits() - start, 3, "a jump is no reason to write");
    rounds.end().await;
    assert_eq!(app.commits() - start, 4);
    drop(rounds);
    let app = app.booted(DateTime::UNIX_EPOCH, |_| {});
    assert_eq!(app.clock.now(), at(NOW) + YEAR + TimeDelta::minutes(187));
}

#[tokio::test]
async fn a_time_that_nobody_vouches_for_is_never_written() {
    let app = App::judged(at(NOW), Kernel::says(false).witnesses());
    let start = app.commits();
    let mut rounds = Rounds::new(app.slices.clone());
    for _ in 0..5 {
        app.later(HOUR);
        rounds.tick().await;
    }
    rounds.end().await;
    assert_eq!(app.commits(), start);
    drop(rounds);
    let app = app.booted(DateTime::UNIX_EPOCH, |_| {});
    assert_eq!(app.clock.now(), at(BUILT));
}

#[tokio::test]
async fn a_quiet_hour_of_a_school_with_feeds_is_still_one_commit() {
    let app = App::judged(at(NOW), Kernel::says(true).witnesses());
    let (app, _site) = app.with_feed(&calendar(&days(3))).await;
    remember(&app);
    app.later(HOUR);
    app.refresh("sr").await.json(200);
    let before = app.commits();
    remember(&app);
    assert_eq!(app.commits() - before, 1);
}

#[tokio::test]
async fn readiness_tells_how_the_clock_stands_and_stays_ready() {
    let kernel = Kernel::says(false);
    let app = App::judged(at(NOW), kernel.witnesses());
    let ready = app.cli("GET", "/ready", Value::Null).await.json(200);
    assert_eq!((&ready["ready"], &ready["clock"]["trusted"]), (&json!(true), &json!(false)));
    assert!(text(&ready["clock"], "why").contains("[clock] trust = \"always\""), "{ready}");
    kernel.set(true);
    check(&app).await;
    let ready = app.cli("GET", "/ready", Value::Null).await.json(200);
    assert_eq!(ready["clock"], json!({"now": "2026-11-21T11:00:00+01:00", "trusted": true, "by": "kernel"}));
}

#[tokio::test]
async fn the_status_page_says_so_in_both_languages() {
    let kernel = Kernel::says(false);
    let app = App::judged(at(NOW), kernel.witnesses());
    app.add_user("ada", Role::Admin, &[]).await;
    let access = format!("Bearer {}", app.sign_in("ada").await);
    let lines = [("fr", "L’horloge de cet appareil n’est pas sûre"), ("en", "This box’s clock is not trusted")];
    for (language, line) in lines {
        let headers = [("authorization", access.as_str()), ("accept-language", language)];
        let page = app.get_with("/admin", &headers).await.text(200);
        assert_eq!(page.matches(line).count(), 1, "{language}");
    }
    kernel.set(true);
    check(&app).await;
    let headers = [("authorization", access.as_str()), ("accept-language", "en")];
    assert!(!app.get_with("/admin", &headers).await.text(200).contains("clock"));
}

#[tokio::test]
async fn a_session_outlives_a_jump_and_ends_by_the_time_that_ran() {
    let kernel = Kernel::says(true);
    let app = App::judged(at(NOW), kernel.witnesses());
    app.add_user("ada", Role::Admin, &[]).await;
    let accounts = app.slices.accounts.clone();
    let ada = app.slices.accounts.people().find("ada").unwrap().clone();
    let first = accounts.start_session(&ada).await.unwrap();
    kernel.set(false);
    app.clock.jump(YEAR);
    check(&app).await;
    let second = accounts.start_session(&ada).await.unwrap();
    assert!(accounts.session(&first).is_some(), "nor does another's sign-in tidy it away");
    app.later(TimeDelta::days(14));
    assert!(accounts.session(&second).is_none());
    assert!(accounts.session(&first).is_some());
}

#[tokio::test]
async fn a_session_from_a_clock_that_was_ahead_ends_with_the_right_time() {
    let kernel = Kernel::says(false);
    let app = App::judged(at(NOW) + YEAR, kernel.witnesses());
    app.add_user("ada", Role::Admin, &[]).await;
    let ada = app.slices.accounts.people().find("ada").unwrap().clone();
    let session = app.slices.accounts.start_session(&ada).await.unwrap();
    assert!(app.slices.accounts.session(&session).is_some());
    app.clock.jump(-YEAR);
    kernel.set(true);
    check(&app).await;
    assert!(app.slices.accounts.session(&session).is_none(), "it would live for a year and fourteen days");
}

#[tokio::test]
async fn a_set_up_link_outlives_the_setting_of_the_clock_and_ends_a_day_later() {
    for (passed, opens) in [(TimeDelta::days(1) - TimeDelta::seconds(1), true), (TimeDelta::days(1), false)] {
        let app = App::judged(at("1970-01-01T00:00:07Z"), Kernel::says(true).witnesses());
        let link = app.slices.accounts.offer_setup().unwrap().unwrap();
        let (_, key) = link.split_once('#').unwrap();
        app.clock.jump(at(NOW) - app.clock.reading().wall);
        assert_eq!(check(&app).await, Standing::Trusted(By::Kernel));
        app.later(passed);
        let ada = json!({"login": "ada", "name": "Ada", "roles": [], "cohorts": [], "password": PASSWORD});
        let made = app.slices.accounts.setup(key, serde_json::from_value(ada).unwrap(), None).await;
        assert_eq!(made.is_ok(), opens, "{passed}");
    }
}
