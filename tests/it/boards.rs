//! Calendars as pages: who sees which, which days and events an address asks for, what a browser does with them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, calendar, event};
use crate::chromium::{Chromium, Colours, Screen, Scripts};
use crate::served::Served;
use crate::timetable_school::id;
use crate::upstream::{Reply, Upstream};

/// A page of somebody, in English.
async fn page(app: &App, login: &str, path: &str) -> String {
    let key = format!("Bearer {}", app.sign_in(login).await);
    app.get_with(path, &[("authorization", &key), ("accept-language", "en")]).await.text(200)
}

#[tokio::test]
async fn each_board_opens_for_whom_its_calendar_does() {
    let app = App::test().with_school().await;
    app.add_cohort("Open", "public").await;
    // Nobody, a student of A, a teacher, another, a planner.
    let rows = [
        ("/week", [303, 200, 200, 200, 200]),
        ("/c/open", [200, 200, 200, 200, 200]),
        ("/c/a", [303, 200, 200, 200, 200]),
        ("/c/b", [303, 403, 200, 200, 200]),
        ("/rooms/b12", [303, 403, 200, 200, 200]),
        ("/rooms/B12", [303, 403, 200, 200, 200]),
        ("/rooms/none", [303, 404, 404, 404, 404]),
        ("/teachers/teo", [303, 403, 200, 403, 200]),
        ("/teachers/sam", [303, 404, 404, 404, 404]),
    ];
    for (path, statuses) in rows {
        for (login, status) in ["", "sam", "teo", "tia", "pla"].into_iter().zip(statuses) {
            let answer = match login {
                "" => app.get_with(path, &[("accept", "text/html")]).await,
                _ => app.by(login, "GET", path, Value::Null).await,
            };
            assert_eq!(answer.status, status, "{login}: {path}");
        }
    }
}

#[tokio::test]
async fn an_address_asks_for_days_and_for_events() {
    let app = App::test().with_school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "kind": "TD", "room": "b12", "teacher": "teo"})).await;
    app.add_event("10:00", json!({"cohorts": ["b"], "subject": "Logique", "kind": "CM"})).await;
    app.add_event("14:00", json!({"cohorts": ["a"], "subject": "Optique", "kind": "CM", "room": "c1"})).await;
    let rows = [
        ("/week?date=2026-11-23", "Algèbre Logique Optique"),
        ("/week?date=2026-W48&view=month", "Algèbre Logique Optique"),
        ("/week?date=2026-11-01&view=list", "Algèbre Logique Optique"),
        ("/week?date=2026-11-22&view=day", ""),
        ("/week?date=2026-11-16", ""),
        ("/week?date=2026-11-30", ""),
        ("/week?date=2026-11-23&kind=cm", "Logique Optique"),
        ("/week?date=2026-11-23&subject=%C3%A8b", "Algèbre"),
        ("/week?date=2026-11-23&room=C1&kind=CM", "Optique"),
        ("/week?date=2026-11-23&kind=TP", ""),
        ("/c/a?date=2026-11-23", "Algèbre Optique"),
        ("/rooms/b12?date=2026-11-23", "Algèbre"),
        ("/teachers/teo?date=2026-11-23", "Algèbre"),
        // On a Saturday with nothing more to come, the next week is meant.
        ("/week", "Algèbre Logique Optique"),
        ("/week?view=day", ""),
    ];
    for (path, wanted) in rows {
        let page = page(&app, "pla", path).await;
        let shown: Vec<_> = ["Algèbre", "Logique", "Optique"]
            .into_iter()
            .filter(|subject| page.contains(&format!("<bdi>{subject}</bdi>")))
            .collect();
        assert_eq!(shown.join(" "), wanted, "{path}");
    }
    let page = page(&app, "pla", "/week?date=2026-02-30").await;
    assert!(page.contains("“2026-02-30” is no date"), "{page}");
}

#[tokio::test]
async fn a_board_tells_of_clashes_to_staff_and_of_nobody_elses_events_to_students() {
    let app = App::test().with_school().await;
    let at_b12 = |cohort: &str, subject: &str| json!({"cohorts": [cohort], "room": "b12", "subject": subject, "allow_conflicts": true});
    app.add_event("08:00", at_b12("a", "Algèbre")).await;
    app.add_event("08:30", at_b12("b", "Secret")).await;
    let planners = page(&app, "pla", "/c/a?date=2026-11-23").await;
    assert!(planners.contains("same room") && planners.contains("<bdi>Secret</bdi>"), "{planners}");
    for path in ["/week?date=2026-11-23", "/c/a?date=2026-11-23", "/c/a?date=2026-11-23&view=month"] {
        let students = page(&app, "sam", path).await;
        assert!(
            students.contains("Algèbre") && !students.contains("Secret") && !students.contains("clash"),
            "{students}"
        );
    }
}

#[tokio::test]
async fn whoever_makes_events_makes_them_from_an_empty_hour() {
    let app = App::test().with_school().await;
    let own = id(&app.add_event("08:00", json!({"cohorts": ["a"]})).await);
    let rows = [
        ("pla", "/c/a?date=2026-11-23", "/events/new?cohort=a&amp;start=2026-11-23T10:00"),
        ("pla", "/week?date=2026-11-23", "/events/new?start=2026-11-23T10:00"),
        ("pla", "/rooms/b12?date=2026-11-23", "/events/new?room=b12&amp;start=2026-11-23T10:00"),
        ("teo", "/rooms/b12?date=2026-11-23", "/events/new?room=b12&amp;teacher=teo&amp;start=2026-11-23T10:00"),
        ("teo", "/teachers/teo?date=2026-11-23", "/events/new?teacher=teo&amp;start=2026-11-23T10:00"),
    ];
    for (login, path, href) in rows {
        let page = page(&app, login, path).await;
        assert!(page.contains(&format!("href=\"{href}\"")), "{login} {path}: {page}");
    }
    let students = page(&app, "sam", "/c/a?date=2026-11-23").await;
    assert!(!students.contains("/events/new") && students.contains(&format!("href=\"/events/{own}\"")), "{students}");
}

#[tokio::test]
async fn feeds_events_and_our_own_stand_together_each_once() {
    let both = event("one@site", "2026-11-23T07:00:00Z", &["SUMMARY:Réseaux", "LOCATION:Amphi Ada", "CATEGORIES:TD"]);
    let (app, _site) = App::test().with_school().await.with_feed(&calendar(std::slice::from_ref(&both))).await;
    let other = Upstream::start();
    other.answers(Reply::ics(calendar(&[both.replace("one@site", "two@site")])));
    app.add_feed("other", "2a-sr", &other.url("/o.ics")).await;
    app.refresh("other").await.json(200);
    app.add_event("10:00", json!({"cohorts": ["2a-sr"]})).await;
    let open = app.get_with("/c/2a-sr?date=2026-11-23", &[("accept-language", "en")]).await.text(200);
    assert_eq!([open.matches("<bdi>Réseaux</bdi>").count(), open.matches("<bdi>Algèbre</bdi>").count()], [1, 1]);
    // A place that is a room goes by the room's name, and to a stranger no event of ours is a link.
    assert!(open.contains("<bdi>B12</bdi>") && !open.contains("/events/"), "{open}");
    let room = page(&app, "pla", "/rooms/b12?date=2026-11-23").await;
    assert!(room.contains("<bdi>Réseaux</bdi>") && room.contains("<bdi>2A-SR</bdi>") && !room.contains("Algèbre"));
    app.later(TimeDelta::days(3));
    let stale = page(&app, "pla", "/week?date=2026-11-23").await;
    assert!(stale.contains("other: Not updated since 21/11"), "{stale}");
}

#[tokio::test]
async fn a_week_of_sixty_events_is_light() {
    let app = App::test().with_school().await;
    for n in 0..60 {
        let (day, hour, kind) = (23 + n % 5, 8 + n / 5 % 9, ["CM", "TD", "TP"][n % 3]);
        let new = json!({"start": format!("2026-11-{day}T{hour:02}:00"), "end": format!("2026-11-{day}T{hour:02}:55"),
            "subject": format!("Matière {}", n * 7 % 13), "kind": kind, "cohorts": ["a"],
            "notes": format!("Apporter le document {n}, et la feuille de la semaine passée."), "allow_conflicts": true});
        app.add_event("08:00", new).await;
    }
    let key = format!("Bearer {}", app.sign_in("pla").await);
    let headers = [("authorization", key.as_str()), ("accept-encoding", "gzip")];
    let answer = app.get_with("/c/a?date=2026-11-23", &headers).await;
    assert!(answer.headers["content-encoding"] == "gzip" && answer.bytes.len() < 20 * 1024, "{}", answer.bytes.len());
}

/// The school on its Monday, 11:00.
async fn on_monday() -> (Served, Upstream) {
    let (served, upstream) = Served::school().await;
    let served = served.with_lessons().await;
    served.app.later(TimeDelta::days(2));
    (served, upstream)
}

async fn somebody_finds_their_day(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = on_monday().await;
    browser.sign_in(&served.site, "student", PASSWORD);
    browser.open(&served.url("/c/m2"));
    assert!(browser.text("#period").contains("Week 48"), "{}", browser.text("#period"));
    browser.shoot(if scripts == Scripts::On { "monday" } else { "monday-without-scripts" });
    browser.click(".steps [rel=next]");
    assert!(browser.text("#period").contains("Week 49") && browser.here().contains("date=2026-11-30"));
    browser.click(".steps .button:not([rel])");
    assert!(browser.is_seen(".now"));
    browser.click(".views li:first-child a");
    assert_eq!(
        (browser.here().as_str(), browser.text("#period").as_str()),
        ("/c/m2?view=day", "Monday 23 November 2026")
    );
    browser.click(".entry summary");
    assert!(browser.text(".entry .more").contains("feuille de la semaine"));
    browser.shoot(if scripts == Scripts::On { "monday-opened" } else { "monday-opened-without-scripts" });
    // Typed, then Enter, which needs no button.
    browser.fill("#date", "11/26/2026\u{e007}");
    assert_eq!(browser.here(), "/c/m2?view=day&date=2026-11-26");
    browser.click(".filter summary");
    browser.fill("#subject", "logi");
    browser.click(".filter button");
    assert_eq!(browser.count(".at"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_finds_their_day_with_scripts() {
    somebody_finds_their_day(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_finds_their_day_without_scripts() {
    somebody_finds_their_day(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_printed_on_one_sheet_across() {
    let Some(browser) = Chromium::start(Scripts::On) else { return };
    let (served, _upstream) = on_monday().await;
    browser.sign_in(&served.site, "planner", PASSWORD);
    for (name, path) in [("print", "/c/m2"), ("print-room", "/rooms/b12")] {
        browser.open(&served.url(path));
        let pdf = String::from_utf8_lossy(&browser.print(name)).into_owned();
        let sheets = pdf.matches("/Type /Page\n").count();
        let across =
            pdf.split("/MediaBox [0 0 ").nth(1).and_then(|rest| rest.split(['.', ' ']).next()).map(str::to_owned);
        assert_eq!((sheets, across.as_deref()), (1, Some("841")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_grid_of_time_stands_on_something_else() {
    let Some(browser) = Chromium::start(Scripts::On) else { return };
    let (served, _upstream) = on_monday().await;
    browser.sign_in(&served.site, "planner", PASSWORD);
    for (path, screen) in
        [("/c/m2", Screen::Desktop), ("/c/m2", Screen::Phone), ("/c/m2?view=day&date=2026-11-26", Screen::Phone)]
    {
        browser.open(&served.url(path));
        browser.look(screen, Colours::Light);
        let met = browser.run(
            "const all = [...document.querySelectorAll('.at')].map(at => at.getBoundingClientRect());
            const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
            return all.flatMap((a, i) => all.slice(i + 1).filter(b => meet(a, b)).map(b => [a, b]));",
        );
        assert_eq!(met, json!([]), "{path} {screen:?}");
        // Half past one stands where the grid has it: eleven half-hours under eight o'clock.
        if screen == Screen::Desktop {
            let rows = browser.run(
                "const at = document.querySelector('.h13.m30').getBoundingClientRect(), hours = document.querySelector('.hours').getBoundingClientRect();
                return Math.round((at.top - hours.top) / (hours.height / 12) * 2);",
            );
            assert_eq!(rows, json!(11));
        }
    }
}
