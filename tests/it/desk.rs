//! The pages of one's own and of the administration, by forms: who may open which, and what they do.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::{Answer, App, calendar, days, text};
use crate::upstream::{Reply, Upstream};

const ROLES: [(&str, Role); 4] =
    [("admin", Role::Admin), ("planner", Role::Planner), ("teacher", Role::Teacher), ("student", Role::Student)];

/// Whom a page is for.
#[derive(Clone, Copy)]
enum For {
    Everybody,
    Planners,
    Administrators,
}

impl For {
    /// What an administrator, a planner, a teacher and a student are answered.
    fn statuses(self) -> [u16; 4] {
        match self {
            Self::Everybody => [200; 4],
            Self::Planners => [200, 200, 403, 403],
            Self::Administrators => [200, 403, 403, 403],
        }
    }
}

const PAGES: &[(&str, For)] = &[
    ("/me", For::Everybody),
    ("/me/password", For::Everybody),
    ("/me/addresses/add", For::Everybody),
    ("/admin/cohorts", For::Planners),
    ("/admin/cohorts/add", For::Planners),
    ("/admin/cohorts/m2/edit", For::Planners),
    ("/admin/cohorts/m2/remove", For::Planners),
    ("/admin/rollovers", For::Planners),
    ("/admin/users", For::Administrators),
    ("/admin/users/add", For::Administrators),
    ("/admin/users/student/edit", For::Administrators),
    ("/admin/users/student/password", For::Administrators),
    ("/admin/users/student/disable", For::Administrators),
    ("/admin/users/student/erase", For::Administrators),
    ("/admin/users/student/remove", For::Administrators),
    ("/admin/tokens", For::Administrators),
    ("/admin/tokens/add", For::Administrators),
    ("/admin/tokens/cards", For::Administrators),
    ("/admin/audit", For::Administrators),
    ("/admin/certificate", For::Administrators),
];

/// Those of a feed `sr`, which only the school of `each_page_opens_for_whom_the_table_names` has.
const FEED_PAGES: [&str; 4] =
    ["/admin/feeds/add", "/admin/feeds/sr/edit", "/admin/feeds/sr/test", "/admin/feeds/sr/remove"];

/// A school with a closed cohort `m2` and somebody of each role in it.
async fn school() -> App {
    let app = App::test();
    app.add_cohort("M2", "token").await;
    for (login, role) in ROLES {
        app.add_user(login, role, &["m2"]).await;
    }
    app
}

/// Somebody who is signed in.
struct Somebody<'a> {
    app: &'a App,
    key: String,
}

impl<'a> Somebody<'a> {
    async fn new(app: &'a App, login: &str) -> Self {
        Self { app, key: format!("Bearer {}", app.sign_in(login).await) }
    }

    async fn opens(&self, path: &str) -> Answer {
        let headers = [("authorization", self.key.as_str()), ("accept", "text/html"), ("accept-language", "en")];
        self.app.get_with(path, &headers).await
    }

    async fn sends(&self, path: &str, form: &str) -> Answer {
        let headers = [
            ("authorization", self.key.as_str()),
            ("accept", "text/html"),
            ("accept-language", "en"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.app.ask("POST", path, &headers, form).await
    }
}

/// The address that a page shows, as a path.
fn address_in(page: &str) -> String {
    let value =
        page.split("value=\"").find(|part| part.contains("/s/")).unwrap_or_else(|| panic!("no address: {page}"));
    let url = value.split('"').next().unwrap();
    format!("/s/{}", url.split("/s/").nth(1).unwrap())
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap().replace("&quot;", "%22")
}

#[tokio::test]
async fn each_page_opens_for_whom_the_table_names() {
    let app = school().await;
    app.add_feed("sr", "m2", "https://planning.example.org/sr.ics?key=secret").await;
    for (nth, (login, _)) in ROLES.into_iter().enumerate() {
        let somebody = Somebody::new(&app, login).await;
        for (path, whom) in PAGES {
            assert_eq!(somebody.opens(path).await.status, whom.statuses()[nth], "{login} {path}");
        }
        for path in FEED_PAGES {
            let answer = somebody.opens(path).await;
            assert_eq!(answer.status, For::Administrators.statuses()[nth], "{login} {path}");
            assert!(!String::from_utf8_lossy(&answer.bytes).contains("key=secret"), "{path}");
        }
    }
    for (path, _) in PAGES {
        let answer = app.get_with(path, &[("accept", "text/html")]).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/login?next="), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_somebody_who_may_not_changes_nothing() {
    let app = school().await;
    let token = text(&app.add_token("Old Pi", json!(["m2"])).await, "id");
    app.add_feed("sr", "m2", "https://planning.example.org/sr.ics").await;
    let before = app.commits();
    let (planner, student) = (Somebody::new(&app, "planner").await, Somebody::new(&app, "student").await);
    let forms = [
        ("/admin/users/add".to_owned(), "login=eve&name=Eve&roles=admin&password=long+enough+one"),
        ("/admin/users/student/edit".to_owned(), "name=Eve&roles=admin"),
        ("/admin/users/student/password".to_owned(), "password=long+enough+one"),
        ("/admin/users/student/disable".to_owned(), ""),
        ("/admin/users/student/enable".to_owned(), ""),
        ("/admin/users/student/erase".to_owned(), "login=student"),
        ("/admin/users/student/remove".to_owned(), "taught=0"),
        ("/admin/tokens/add".to_owned(), "name=x"),
        ("/admin/tokens/cards".to_owned(), "cohort=m2&sure=yes"),
        (format!("/admin/tokens/{token}/rotate"), ""),
        (format!("/admin/tokens/{token}/revoke"), ""),
        ("/admin/certificate/renew".to_owned(), ""),
        ("/admin/feeds/add".to_owned(), "cohort=m2&url=https%3A%2F%2Fx.example%2Fx.ics&access=none&interval=15"),
        ("/admin/feeds/sr/edit".to_owned(), "interval=15"),
        ("/admin/feeds/sr/test".to_owned(), ""),
        ("/admin/feeds/sr/remove".to_owned(), "sure=yes"),
    ];
    for (path, form) in &forms {
        assert_eq!(planner.sends(path, form).await.status, 403, "{path}");
    }
    for (path, form) in [
        ("/admin/cohorts/add", "name=x"),
        ("/admin/cohorts/m2/edit", "name=x&slug=x"),
        ("/admin/cohorts/m2/remove", "weight=0+4+0+0+0"),
        ("/admin/rollovers", "cohorts=m2"),
        ("/admin/rollovers/y_1/undo", ""),
    ] {
        assert_eq!(student.sends(path, form).await.status, 403, "{path}");
    }
    let other = format!("/me/addresses/{token}");
    for deed in ["rotate", "revoke"] {
        assert_eq!(student.sends(&format!("{other}/{deed}"), "").await.status, 404, "of somebody else: {deed}");
        assert_eq!(student.opens(&format!("{other}/{deed}")).await.status, 404, "of somebody else: {deed}");
    }
    assert_eq!(app.commits(), before);
}

#[tokio::test]
async fn an_address_is_shown_once_and_rotating_kills_the_old_one() {
    let app = school().await;
    let student = Somebody::new(&app, "student").await;
    let page = student.sends("/me/addresses/add", "device=my+phone").await.text(200);
    let old = address_in(&page);
    assert!(old.starts_with("/s/student-my-phone_") && old.ends_with("/m2.ics"), "{old}");
    assert!(page.contains("webcal://") && page.contains("class=\"qr\""));
    assert_eq!(app.get(&old).await.status, 200);
    app.later(chrono::TimeDelta::minutes(11));
    let own = student.opens("/me").await.text(200);
    assert!(own.contains("Your device last looked 11 minutes ago.") && own.contains("student my phone"));
    assert!(!own.contains(&old), "the secret is shown once");
    let rotate = own.split("/me/addresses/").find_map(|rest| rest.split_once("/rotate")).unwrap().0.to_owned();
    let question = student.opens(&format!("/me/addresses/{rotate}/rotate")).await.text(200);
    assert!(question.contains("the old one dies at once") && app.get(&old).await.status == 200);
    let new = address_in(&student.sends(&format!("/me/addresses/{rotate}/rotate"), "").await.text(200));
    assert_eq!((app.get(&old).await.status, app.get(&new).await.status), (401, 200));
    let answer = student.sends(&format!("/me/addresses/{rotate}/revoke"), "").await;
    assert_eq!((answer.status, answer.header("location"), app.get(&new).await.status), (303, "/me#addresses", 401));
}

#[tokio::test]
async fn an_address_of_two_cohorts_is_one_and_those_of_its_parts() {
    let app = school().await;
    app.add_cohort("L3", "token").await;
    let teacher = Somebody::new(&app, "teacher").await;
    let page = teacher.sends("/me/addresses/add", "device=pc&cohorts=m2&cohorts=l3").await.text(200);
    assert!(address_in(&page).ends_with(".ics") && !address_in(&page).ends_with("/m2.ics"), "{}", address_in(&page));
    assert!(page.contains("/m2.ics") && page.contains("/l3.ics"));
    let student = Somebody::new(&app, "student").await;
    assert_eq!(student.sends("/me/addresses/add", "device=pc&cohorts=l3").await.status, 403);
}

#[tokio::test]
async fn somebody_rotates_so_often_and_then_waits() {
    let app = school().await;
    let student = Somebody::new(&app, "student").await;
    student.sends("/me/addresses/add", "device=pc").await.text(200);
    let statuses = async |count: usize| {
        let mut seen = Vec::new();
        for _ in 0..count {
            seen.push(student.sends("/me/addresses/student%20pc/rotate", "").await.status);
        }
        seen
    };
    assert_eq!(statuses(11).await, [[200; 10].as_slice(), &[429]].concat());
    app.later(chrono::TimeDelta::minutes(10));
    assert_eq!(Somebody::new(&app, "student").await.sends("/me/addresses/student%20pc/rotate", "").await.status, 200);
}

#[tokio::test]
async fn a_new_password_by_the_page_keeps_one_signed_in_here_alone() {
    let app = school().await;
    let student = Somebody::new(&app, "student").await;
    let form = |present: &str, new: &str, again: &str| {
        format!("present_password={present}&new_password={new}&again={again}").replace(' ', "+")
    };
    let wrong = student.sends("/me/password", &form("not this", "long enough one", "long enough one")).await.text(422);
    assert!(wrong.contains("This is not your present password") && !wrong.contains("long enough one"));
    let present = crate::app::PASSWORD;
    assert!(
        student.sends("/me/password", &form(present, "long enough one", "other")).await.text(422).contains("differ")
    );
    assert!(student.sends("/me/password", &form(present, "short", "short")).await.text(422).contains("at least 10"));
    let done = student.sends("/me/password", &form(present, "long enough one", "long enough one")).await;
    assert_eq!((done.status, done.header("location")), (303, "/me"));
    assert_eq!(student.opens("/me").await.status, 303, "the session before has ended");
    let cookies = done.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session = cookies.filter(|cookie| cookie.contains("carillon=")).find_map(|cookie| cookie.split(';').next());
    let headers = [("cookie", session.unwrap()), ("accept", "text/html")];
    assert_eq!(app.get_with("/me", &headers).await.status, 200);
}

#[tokio::test]
async fn cards_are_made_for_each_student_without_an_address() {
    let app = school().await;
    app.add_user("ada", Role::Student, &["m2"]).await;
    let (admin, student) = (Somebody::new(&app, "admin").await, Somebody::new(&app, "student").await);
    student.sends("/me/addresses/add", "device=pc").await.text(200);
    let before = app.commits();
    let question = admin.sends("/admin/tokens/cards", "cohort=m2&names=&expires_at=").await.text(200);
    assert!(
        question.contains("2 students in the cohort, with an address already: 1. 1 card will be made"),
        "{question}"
    );
    assert_eq!(app.commits(), before);
    let sheet = admin.sends("/admin/tokens/cards", "cohort=m2&names=&expires_at=&sure=yes").await.text(200);
    assert_eq!(sheet.matches("class=\"slip\"").count(), 1);
    let url = sheet.split("class=\"address\">").nth(1).unwrap().split('<').next().unwrap();
    let path = format!("/s/{}", url.split("/s/").nth(1).unwrap());
    assert_eq!(app.get(&path).await.status, 200);
    assert!(!admin.opens("/admin/tokens").await.text(200).contains(&path));
    let named = admin.sends("/admin/tokens/cards", "cohort=m2&names=Eve%0D%0ABob&expires_at=&sure=yes").await.text(200);
    assert_eq!(named.matches("class=\"slip\"").count(), 2);
}

#[tokio::test]
async fn a_user_is_changed_as_they_were_shown() {
    let app = school().await;
    let admin = Somebody::new(&app, "admin").await;
    let page = admin.opens("/admin/users/student/edit").await.text(200);
    let version = hidden(&page, "version");
    let form = |name: &str| format!("version={version}&name={name}&email=&roles=student&cohorts=m2");
    assert_eq!(admin.sends("/admin/users/student/edit", &form("Marie")).await.status, 303);
    assert!(admin.sends("/admin/users/student/edit", &form("Eve")).await.text(422).contains("meanwhile"));
    assert_eq!(app.cli("GET", "/api/v1/users/student", Value::Null).await.json(200)["name"], "Marie");
    let own = admin.sends("/admin/users/admin/edit", "name=admin&email=&roles=admin&roles=planner&cohorts=m2").await;
    assert!(own.text(422).contains("Nobody changes their own roles"));
    let taken = admin.sends("/admin/users/add", "login=student&name=x&password=").await;
    assert!(taken.text(422).contains("aria-invalid=\"true\""));
}

#[tokio::test]
async fn users_are_searched_and_walked_page_by_page() {
    let app = school().await;
    for number in 0..60 {
        app.add_user(&format!("s{number:02}"), Role::Student, &[]).await;
    }
    let admin = Somebody::new(&app, "admin").await;
    let first = admin.opens("/admin/users?q=s&role=student").await.text(200);
    assert_eq!(first.matches("<tr>").count(), 51, "50 and the head");
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let second = admin.opens(&next).await.text(200);
    assert!(second.contains("s59") && !second.contains("rel=\"next\""));
    let nobody = admin.opens("/admin/users?q=%3Cb%3E").await.text(200);
    assert!(nobody.contains("No user matches") && nobody.contains("value=\"&lt;b&gt;\""));
    assert_eq!(admin.opens("/admin/users?cohort=m2").await.text(200).matches("<tr>").count(), 5);
}

#[tokio::test]
async fn somebody_is_disabled_enabled_removed_and_erased_by_pages() {
    let app = school().await;
    let admin = Somebody::new(&app, "admin").await;
    let state = async || app.cli("GET", "/api/v1/users/student", Value::Null).await.json(200)["disabled"].clone();
    assert_eq!(admin.sends("/admin/users/student/disable", "").await.status, 303);
    assert_eq!(state().await, true);
    assert_eq!(admin.sends("/admin/users/student/enable", "").await.status, 303);
    assert_eq!(state().await, false);
    let unsure = admin.sends("/admin/users/student/erase", "login=teacher").await.text(422);
    assert!(unsure.contains("Write exactly this login"));
    assert_eq!(admin.sends("/admin/users/student/erase", "login=student").await.status, 303);
    app.cli("GET", "/api/v1/users/student", Value::Null).await.text(404);
    assert!(admin.opens("/admin/users").await.text(200).contains("(erased)"));
    assert_eq!(admin.sends("/admin/users/teacher/remove", "taught=0").await.status, 303);
    app.cli("GET", "/api/v1/users/teacher", Value::Null).await.text(404);
    let last = admin.sends("/admin/users/admin/disable", "").await;
    assert!(last.header("set-cookie").contains("LastAdmin"));
}

#[tokio::test]
async fn a_cohort_is_renamed_and_its_old_address_answers() {
    let app = school().await;
    let planner = Somebody::new(&app, "planner").await;
    let made = planner.sends("/admin/cohorts/add", "name=L3+Info&slug=&visibility=public").await;
    assert_eq!((made.status, made.header("location")), (303, "/admin/cohorts"));
    let page = planner.opens("/admin/cohorts/l3-info/edit").await.text(200);
    let form = format!("version={}&name=L3&slug=l3&visibility=public", hidden(&page, "version"));
    assert_eq!(planner.sends("/admin/cohorts/l3-info/edit", &form).await.status, 303);
    let list = planner.opens("/admin/cohorts").await.text(200);
    assert!(list.contains("(also l3-info)"), "{list}");
    assert_eq!(app.get("/calendars/l3-info.ics").await.status, app.get("/calendars/l3.ics").await.status);
    for (form, told) in [
        ("name=x&slug=m2", "has, or once had"),
        ("name=x&slug=l3-info", "has, or once had"),
        ("name=x&slug=admin", "reserved"),
        ("name=&slug=y", "aria-invalid"),
    ] {
        assert!(planner.sends("/admin/cohorts/add", form).await.text(422).contains(told), "{form}");
    }
}

#[tokio::test]
async fn a_cohort_goes_as_it_was_shown() {
    let app = school().await;
    let planner = Somebody::new(&app, "planner").await;
    let page = planner.opens("/admin/cohorts/m2/remove").await.text(200);
    assert!(page.contains("4 users") && page.contains("stay, without this cohort"), "{page}");
    let form = format!("weight={}", hidden(&page, "weight").replace(' ', "+"));
    app.add_user("late", Role::Student, &["m2"]).await;
    let again = planner.sends("/admin/cohorts/m2/remove", &form).await.text(200);
    assert!(again.contains("5 users"), "somebody came since: the page asks again");
    let form = format!("weight={}", hidden(&again, "weight").replace(' ', "+"));
    assert_eq!(planner.sends("/admin/cohorts/m2/remove", &form).await.status, 303);
    app.cli("GET", "/api/v1/cohorts/m2", Value::Null).await.text(404);
}

#[tokio::test]
async fn a_year_is_put_away_after_a_look_and_brought_back() {
    let app = school().await;
    let event = json!({"subject": "Réseaux", "start": "2026-03-02T08:00:00+01:00", "end": "2026-03-02T10:00:00+01:00",
        "cohorts": ["m2"]});
    app.cli("POST", "/api/v1/events", event).await.json(201);
    let planner = Somebody::new(&app, "planner").await;
    let dry = planner.sends("/admin/rollovers", "cohorts=m2&before=").await.text(200);
    assert!(dry.contains("1 event to archive") && dry.contains("still in it: 1 student"), "{dry}");
    let listed =
        async || planner.app.cli("GET", "/api/v1/events?cohort=m2", Value::Null).await.json(200)["items"].clone();
    assert_eq!(listed().await.as_array().unwrap().len(), 1);
    let done = planner.sends("/admin/rollovers", "cohorts=m2&before=&shown=1").await;
    assert!(done.status == 303 && done.header("set-cookie").contains("RolledOver||/admin/rollovers/y_"));
    assert_eq!(listed().await, json!([]));
    let page = planner.opens("/admin/rollovers").await.text(200);
    let undo = page.split("href=\"").find(|rest| rest.contains("/undo\"")).unwrap().split('"').next().unwrap();
    assert!(planner.opens(undo).await.text(200).contains("1 archived event"));
    assert_eq!(planner.sends(undo, "").await.status, 303);
    assert_eq!(listed().await.as_array().unwrap().len(), 1);
    assert!(planner.sends("/admin/rollovers", "before=").await.text(422).contains("Tick one cohort"));
}

#[tokio::test]
async fn the_audit_is_read_with_filters() {
    let app = school().await;
    let admin = Somebody::new(&app, "admin").await;
    let all = admin.opens("/admin/audit?actor=&action=&object=&from=&to=").await.text(200);
    assert!(all.contains("user.create") && all.contains("cohort.create") && all.contains("/api/v1/audit.csv?"));
    let users = admin.opens("/admin/audit?action=user.&object=user%3Astudent").await.text(200);
    assert!(users.contains("user:student") && !users.contains("cohort.create") && !users.contains("user:teacher"));
    assert!(users.contains("<dt>roles</dt>") && users.contains("audit.csv?action=user.&amp;object=user%3Astudent"));
    assert!(admin.opens("/admin/audit?from=yesterday").await.text(422).contains("Give a day"));
    assert!(admin.opens("/admin/audit?from=2030-01-01").await.text(200).contains("No entry matches"));
}

#[tokio::test]
async fn a_feed_is_added_tested_and_followed_by_pages() {
    let app = school().await;
    let site = Upstream::start();
    site.answers_by(|seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("GET", "/login") => Reply::html("<form method=post><input name=user><input name=pass type=password></form>"),
        ("POST", "/login") if seen.body.contains("pass=right") => Reply::html("welcome").header("set-cookie", "s=1"),
        ("POST", "/login") => Reply::html("<form method=post><input name=user><input name=pass type=password></form>"),
        _ if seen.header("cookie").contains("s=1") => Reply::ics(calendar(&days(12))),
        _ => Reply::new(403, "text/plain", "no"),
    });
    let admin = Somebody::new(&app, "admin").await;
    let form = |password: &str| {
        let url = |path: &str| site.url(path).replace(':', "%3A").replace('/', "%2F");
        format!(
            "cohort=m2&url={}&slug=&access=form&login_url={}&username=pi&password={password}&interval=15&stamps=place",
            url("/m2.ics"),
            url("/login")
        )
    };
    let bad = admin.sends("/admin/feeds/add", "cohort=m2&url=nothing&access=form&interval=x").await.text(422);
    assert!(bad.contains("href=\"#interval\"") && !bad.contains("href=\"#url\""));
    let bad = admin.sends("/admin/feeds/add", "cohort=m2&url=nothing&access=none&interval=9").await.text(422);
    assert!(bad.contains("href=\"#url\"") && bad.contains("value=\"nothing\""));
    let added = admin.sends("/admin/feeds/add", &form("wrong")).await;
    assert_eq!((added.status, added.header("location")), (303, "/admin/feeds/m2/test"));
    assert_eq!(app.state("m2").await, "paused");
    let tried = admin.sends("/admin/feeds/m2/test", "").await.text(200);
    assert!(tried.contains("sign-in form again") && tried.contains("not tried") && !tried.contains("Follow this site"));
    let edited = admin.opens("/admin/feeds/m2/edit").await.text(200);
    assert!(!edited.contains("wrong") && edited.contains("value=\"pi\"") && edited.contains("A password is kept"));
    let mended = "cohort=m2&url=&access=form&login_url=&username=pi&password=right&interval=30&stamps=place";
    assert_eq!(admin.sends("/admin/feeds/m2/edit", mended).await.status, 303);
    let tried = admin.sends("/admin/feeds/m2/test", "").await.text(200);
    assert!(tried.contains("12 events") && tried.contains("Follow this site"), "{tried}");
    assert_eq!((app.state("m2").await.as_str(), &app.feed("m2").await["interval"]), ("paused", &json!(1800)));
    assert_eq!(admin.sends("/admin/feeds/m2/resume", "").await.status, 303);
    app.refresh("m2").await.json(200);
    assert_eq!(app.state("m2").await, "fresh");
    assert_eq!(admin.sends("/admin/feeds/m2/remove", "").await.header("location"), "/admin/feeds/m2/remove");
    assert_eq!(admin.sends("/admin/feeds/m2/remove", "sure=yes").await.status, 303);
    app.cli("GET", "/api/v1/feeds/m2", Value::Null).await.text(404);
}
