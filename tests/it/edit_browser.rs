//! Staff at the timetable in a real browser, with scripts and without: an event made, moved, cancelled and taken back; a
//! file imported; and how the pages look.

use carillon::actor::Role;
use serde_json::json;

use crate::app::PASSWORD;
use crate::chromium::{Chromium, Scripts};
use crate::served::Served;

/// The school of `Served::school` with rooms, and an event on Monday at ten in one of them.
async fn school() -> (Served, crate::upstream::Upstream) {
    let (served, upstream) = Served::school().await;
    for (name, capacity) in [("Amphi Curie", 120), ("Salle B204", 40), ("Salle B206", 36)] {
        served
            .app
            .cli("POST", "/api/v1/rooms", json!({"name": name, "capacity": capacity, "kind": "cours"}))
            .await
            .json(201);
    }
    served.app.add_user("ada", Role::Teacher, &[]).await;
    let first = json!({"subject": "Réseaux avancés", "start": "2026-11-23T10:00", "end": "2026-11-23T12:00",
        "room": "Salle B204", "teacher": "ada", "cohorts": [], "kind": "TD", "notes": "Chapitre 3"});
    served.app.cli("POST", "/api/v1/events", first).await.json(201);
    (served, upstream)
}

/// Types a day and times as an English browser takes them.
fn fill_times(browser: &Chromium, day: &str, start: &str, end: &str) {
    browser.fill("#date", day);
    browser.fill("#start", start);
    browser.fill("#end", end);
}

async fn a_planner_runs_an_event(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = school().await;
    browser.sign_in(&served.site, "planner", PASSWORD);
    browser.open(&served.url("/events/new?cohort=m2&room=salle-b204&start=2026-11-23T10:30"));
    assert_eq!(browser.focused(), "subject");
    browser.shoot("event-new");
    browser.fill("#subject", "Didactique");
    browser.click("form.wide .actions button");
    assert!(browser.text(".obstacles").contains("Salle B204 is taken: Réseaux avancés"), "{}", browser.text("main"));
    assert_eq!(browser.focused(), "room");
    browser.shoot("event-clash");
    browser.click("button[name=take_room][value=salle-b206]");
    assert!(browser.here().starts_with("/events/e_"), "{}", browser.text("main"));
    assert!(browser.text(".facts").contains("Salle B206"));
    browser.shoot("event-made");

    browser.fill("#date", "11/24/2026");
    browser.fill("#start", "02:00PM");
    browser.click("section.card button");
    assert!(browser.text(".facts").contains("Tuesday 24 November, 14:00–15:30"), "{}", browser.text("main"));
    browser.click(".said-once button");
    assert!(browser.text(".facts").contains("Monday 23 November, 10:30–12:00"), "{}", browser.text("main"));

    browser.click("a[href$='/cancel']");
    assert_eq!(browser.focused(), "word");
    browser.fill("#word", "The teacher is ill.");
    browser.shoot("event-cancel");
    browser.click("main form button.danger");
    assert!(browser.text("main").contains("The teacher is ill."));
    browser.shoot("event-cancelled");
    browser.click(".said-once button");
    assert_eq!(browser.count("a[href$='/cancel']"), 1);

    browser.click("a[href$='/delete']");
    browser.shoot("event-delete");
    browser.click("main form button.danger");
    assert_eq!(browser.here(), "/c/m2");
    browser.click(".said-once button");
    assert!(browser.text("h1").contains("Didactique"));
    browser.shoot("event-history");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_runs_an_event_with_scripts() {
    a_planner_runs_an_event(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_runs_an_event_without_scripts() {
    a_planner_runs_an_event(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enter_key_takes_no_room() {
    let Some(browser) = Chromium::start(Scripts::On) else { return };
    let (served, _upstream) = school().await;
    browser.sign_in(&served.site, "planner", PASSWORD);
    browser.open(&served.url("/events/new?cohort=m2&room=salle-b204&start=2026-11-23T10:30"));
    browser.fill("#subject", "Didactique\u{E007}");
    browser.wait_until("the clash", |browser| browser.count(".obstacles") == 1);
    browser.fill("#subject", "Leçons\u{E007}");
    browser.wait_until("the clash again", |browser| {
        browser.count(".obstacles") == 1 && browser.property("#subject", "value") == "Leçons"
    });
    assert_eq!(browser.property("#room", "value"), "salle-b204");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_makes_a_series_and_changes_the_rest_of_it() {
    let Some(browser) = Chromium::start(Scripts::Off) else { return };
    let (served, _upstream) = school().await;
    browser.sign_in(&served.site, "ada", PASSWORD);
    browser.open(&served.url("/events/new?cohort=m2"));
    assert_eq!(browser.count("#teacher"), 0);
    browser.fill("#subject", "Compilation");
    fill_times(&browser, "11/24/2026", "08:30AM", "10:00AM");
    browser.click("details:last-of-type summary");
    browser.fill("#until", "12/15/2026");
    browser.fill("#except", "8/12/2026");
    browser.click("form.wide .actions button");
    assert!(browser.text("main").contains("Session 1 of 3"), "{}", browser.text("main"));
    browser.shoot("event-series");
    browser.click("ul.series a");
    browser.click("a[href$='/edit']");
    browser.fill("#start", "09:00AM");
    browser.click("input[value=following]");
    browser.shoot("event-edit-series");
    browser.click("form.wide .actions button");
    assert_eq!(browser.text("ul.series").matches("09:00–10:00").count(), 2, "{}", browser.text("main"));
}

async fn a_file_is_imported(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = school().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("semaine.csv");
    let rows = "start,end,subject,kind,room,cohort\n2026-11-25 08:00,2026-11-25 10:00,Optique,CM,Amphi Curie,2a-sr\n\
        2026-11-26 08:00,2026-11-26 10:00,Optique,TD,Labo 9,2a-sr\n";
    std::fs::write(&file, rows).unwrap();
    browser.sign_in(&served.site, "planner", PASSWORD);
    browser.open(&served.url("/import"));
    browser.shoot("import");
    browser.fill("#file", file.to_str().unwrap());
    browser.click("form.wide button");
    assert!(browser.text("main").contains("1 mistake in this file."), "{}", browser.text("main"));
    browser.shoot("import-mistakes");
    browser.click("input[value=create]");
    browser.click("form.wide button");
    assert!(browser.text(".lead").contains("2 new"), "{}", browser.text("main"));
    browser.shoot("import-preview");
    browser.click("main form button");
    assert!(browser.text(".lead").contains("2 added"), "{}", browser.text("main"));
    browser.shoot("import-done");
    browser.click("main .actions a.button");
    assert_eq!(browser.here(), "/c/2a-sr");
    browser.open(&served.url("/c/2a-sr/changes"));
    assert!(browser.text("main").contains("Optique"), "{}", browser.text("main"));
    browser.shoot("changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_with_scripts() {
    a_file_is_imported(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_without_scripts() {
    a_file_is_imported(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_runs_the_rooms() {
    let Some(browser) = Chromium::start(Scripts::Off) else { return };
    let (served, _upstream) = school().await;
    browser.sign_in(&served.site, "planner", PASSWORD);
    browser.open(&served.url("/rooms?date=2026-11-23&start=10:00&end=12:00"));
    assert!(browser.text("tbody tr:last-child").contains("Salle B204"), "{}", browser.text("main"));
    browser.shoot("rooms");
    browser.click("a[href='/rooms/add']");
    browser.fill("#name", "Salle B204");
    browser.click("main form button");
    assert_eq!(browser.focused(), "name");
    browser.shoot("room-mistake");
    browser.fill("#name", "Labo 3");
    browser.click("main form button");
    assert!(browser.text("table").contains("Labo 3"));
    browser.click("a[href='/rooms/salle-b204/remove']");
    assert!(browser.text(".note").contains("Réseaux avancés"));
    browser.shoot("room-remove");
    browser.click("main form button.danger");
    assert_eq!(browser.count("a[href='/rooms/salle-b204/edit']"), 0);
}
