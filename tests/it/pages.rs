//! The pages in a real browser: what people do there, with scripts and without, and what axe-core finds.
//!
//! `CARILLON_SHOTS=folder cargo test --test it pages` leaves pictures of every page. `tests/slow axe` runs axe-core.

use std::cell::RefCell;

use crate::app::PASSWORD;
use crate::chromium::{Chromium, Colours, Screen, Scripts, all_looks};
use crate::served::Served;

/// Every page that somebody can open in the school of `Served::school`: the picture's name, the path, who looks.
const PAGES: &[(&str, &str, Option<&str>)] = &[
    ("front", "/", None),
    ("login", "/login", None),
    ("cohort-open", "/c/2a-sr", None),
    ("not-found", "/nothing/here", None),
    ("front-student", "/", Some("student")),
    ("cohort-closed", "/c/m2", Some("student")),
    ("forbidden", "/admin", Some("student")),
    ("events-new", "/events/new?cohort=m2&start=2026-11-23T10:00", Some("teacher")),
    ("rooms-none", "/rooms", Some("teacher")),
    ("changes-open", "/c/2a-sr/changes", Some("student")),
    ("import-empty", "/import", Some("planner")),
    ("rooms-add", "/rooms/add", Some("planner")),
    ("front-admin", "/", Some("admin")),
    ("admin", "/admin", Some("admin")),
    ("me", "/me", Some("student")),
    ("me-password", "/me/password", Some("student")),
    ("me-add", "/me/addresses/add", Some("student")),
    ("cohorts-planner", "/admin/cohorts", Some("planner")),
    ("cohort-add", "/admin/cohorts/add", Some("planner")),
    ("cohort-edit", "/admin/cohorts/m2/edit", Some("planner")),
    ("cohort-remove", "/admin/cohorts/m2/remove", Some("planner")),
    ("rollovers", "/admin/rollovers", Some("planner")),
    ("users", "/admin/users", Some("admin")),
    ("user-add", "/admin/users/add", Some("admin")),
    ("user-edit", "/admin/users/student/edit", Some("admin")),
    ("user-password", "/admin/users/student/password", Some("admin")),
    ("user-disable", "/admin/users/student/disable", Some("admin")),
    ("user-erase", "/admin/users/student/erase", Some("admin")),
    ("user-remove", "/admin/users/student/remove", Some("admin")),
    ("tokens", "/admin/tokens", Some("admin")),
    ("token-add", "/admin/tokens/add", Some("admin")),
    ("cards", "/admin/tokens/cards", Some("admin")),
    ("feed-add", "/admin/feeds/add", Some("admin")),
    ("feed-edit", "/admin/feeds/sr/edit", Some("admin")),
    ("feed-test-before", "/admin/feeds/sr/test", Some("admin")),
    ("feed-remove", "/admin/feeds/sr/remove", Some("admin")),
    ("audit", "/admin/audit", Some("admin")),
    ("certificate", "/admin/certificate", Some("admin")),
    ("week", "/c/m2?date=2026-11-23", Some("planner")),
    ("day", "/c/m2?view=day&date=2026-11-26", Some("planner")),
    ("month", "/c/m2?view=month&date=2026-11-23", Some("planner")),
    ("list", "/c/m2?view=list&date=2026-11-23", Some("planner")),
    ("filtered", "/c/m2?date=2026-11-23&kind=TD", Some("planner")),
    ("everything", "/week?date=2026-11-23", Some("planner")),
    ("room", "/rooms/b12?date=2026-11-23", Some("planner")),
    ("teacher", "/teachers/teacher?date=2026-11-23", Some("teacher")),
    ("week-student", "/week?date=2026-11-23", Some("student")),
    ("week-empty", "/c/m2?date=2027-08-02", Some("student")),
];

/// Opens each page as who it is for.
fn visit_each(browser: &Chromium, served: &Served, look: impl Fn(&str)) {
    let mut signed_in = None;
    for (name, path, who) in PAGES {
        if signed_in != *who {
            browser.forget_cookies();
            if let Some(login) = who {
                browser.sign_in(&served.site, login, PASSWORD);
            }
            signed_in = *who;
        }
        browser.open(&served.url(path));
        look(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_its_screen() {
    let Some(browser) = Chromium::start(Scripts::On) else { return };
    let (served, _upstream) = Served::school().await;
    let served = served.with_lessons().await;
    let wide = RefCell::new(Vec::new());
    browser.open(&served.url("/"));
    visit_each(&browser, &served, |name| {
        browser.shoot(name);
        for screen in Screen::ALL {
            browser.look(screen, Colours::Light);
            if browser.overflows() {
                wide.borrow_mut().push(format!("{name} on a {screen:?}"));
            }
        }
        browser.look(Screen::Desktop, Colours::Light);
    });
    assert!(wide.borrow().is_empty(), "{:#?}", wide.borrow());
}

/// Runs where `CARILLON_AXE` names the file `axe.min.js`.
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
async fn axe_finds_nothing_serious_on_any_page() {
    let Some(axe) = std::env::var_os("CARILLON_AXE") else { return };
    let axe = std::fs::read_to_string(axe).unwrap();
    let browser = Chromium::start(Scripts::On).expect("axe-core needs Chromium");
    let (served, _upstream) = Served::school().await;
    let served = served.with_lessons().await;
    let findings = RefCell::new(Vec::new());
    browser.open(&served.url("/"));
    visit_each(&browser, &served, |name| {
        for (screen, colours) in all_looks() {
            browser.look(screen, colours);
            let found = browser.axe(&axe);
            findings
                .borrow_mut()
                .extend(found.into_iter().map(|line| format!("{name} {screen:?} {colours:?}: {line}")));
        }
    });
    let findings = findings.into_inner();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// What works with scripts and without.
async fn somebody_signs_in_and_out(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = Served::school().await;
    browser.open(&served.url("/c/m2"));
    assert_eq!(browser.here(), "/login?next=%2Fc%2Fm2");
    assert_eq!(browser.focused(), "login");
    browser.fill("#login", "student");
    browser.fill("#password", "not this one");
    browser.click("main button[type=submit]");
    assert!(browser.text("[role=alert]").contains("wrong"));
    assert_eq!((browser.property("#login", "value").as_str(), browser.focused().as_str()), ("student", "password"));
    browser.shoot("login-wrong");
    browser.fill("#password", PASSWORD);
    browser.click("main button[type=submit]");
    assert_eq!((browser.here().as_str(), browser.text("h1").as_str()), ("/c/m2", "M2"));
    browser.click(".who button");
    assert_eq!(browser.text("[role=status]"), "You are signed out.");
    browser.shoot("signed-out");
    browser.open(&served.url("/"));
    assert_eq!(browser.count(".said-once"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_and_out_with_scripts() {
    somebody_signs_in_and_out(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_and_out_without_scripts() {
    somebody_signs_in_and_out(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_under_a_form_leads_back_to_it() {
    let Some(browser) = Chromium::start(Scripts::Off) else { return };
    let (served, _upstream) = Served::school().await;
    browser.sign_in(&served.site, "admin", PASSWORD);
    browser.open(&served.url("/admin"));
    browser.forget_cookies();
    browser.click("form[action$=refresh] button");
    assert_eq!(browser.here(), "/login?next=%2Fadmin");
    browser.fill("#login", "admin");
    browser.fill("#password", PASSWORD);
    browser.click("main button[type=submit]");
    assert_eq!(browser.here(), "/admin");
    browser.click("form[action$=refresh] button");
    assert!(browser.text(".said-once").contains("nothing is new"), "{}", browser.text("main"));
    browser.shoot("admin-notice");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_beside_an_address_says_that_it_is_copied() {
    let Some(browser) = Chromium::start(Scripts::On) else { return };
    let (served, _upstream) = Served::school().await;
    browser.open(&served.url("/c/2a-sr"));
    browser.click("[data-copy]");
    browser.wait_until("the word of the copy", |browser| browser.text(".said") == "Address copied");
}

async fn the_first_administrator_comes_in(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let served = Served::new().await;
    let link = served.app.slices.accounts.offer_setup().unwrap().unwrap();
    let (_, key) = link.split_once('#').unwrap();
    browser.open(&served.url(&format!("/setup#{key}")));
    assert_eq!(browser.is_seen("#key"), scripts == Scripts::Off);
    if scripts == Scripts::Off {
        browser.fill("#key", key);
    }
    browser.fill("#login", "Ada Lovelace!");
    browser.fill("#name", "Ada");
    browser.fill("#password", "long enough one");
    browser.click("main button[type=submit]");
    assert_eq!((browser.focused().as_str(), browser.property("#name", "value").as_str()), ("login", "Ada"));
    browser.shoot("setup-mistake");
    browser.fill("#login", "ada");
    browser.fill("#password", "long enough one");
    browser.click("main button[type=submit]");
    assert_eq!(browser.here(), "/admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_in_with_scripts() {
    the_first_administrator_comes_in(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_in_without_scripts() {
    the_first_administrator_comes_in(Scripts::Off).await;
}
