//! A school moves over from IPP in one command, and no phone has to change.

use std::fs;

use serde_json::json;

use crate::app::{calendar, event, text};
use crate::process::{Home, hear};
use crate::upstream::{Reply, Seen, Upstream};

/// The planning site: its login form comes with status 200, a session is a PHPSESSID.
fn planning_site() -> Upstream {
    let site = Upstream::start();
    site.answers_by(|seen: &Seen| {
        let signed_in = seen.header("cookie").contains("PHPSESSID=good");
        match (seen.method.as_str(), seen.target.as_str()) {
            ("POST", "/planning/login.php") => {
                let fields: Vec<_> = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
                let has = |name: &str, value: &str| fields.iter().any(|(n, v)| n == name && v == value);
                let right =
                    has("Username", "élève") && has("Password", "p$ss #1") && has("url", "") && has("login", "");
                match right {
                    true => Reply::new(302, "text/html", "")
                        .header("Location", "/planning/")
                        .header("Set-Cookie", "PHPSESSID=good; path=/"),
                    false => login_page(),
                }
            }
            (_, target) if signed_in && target.starts_with("/planning/index.php?url=") => {
                let name = target.trim_start_matches("/planning/index.php?url=");
                let summary = format!("SUMMARY:Cours de {name}");
                Reply::ics(calendar(&[event(
                    &format!("{name}@ipp"),
                    "2099-11-24T09:00:00Z",
                    &[&summary, "LOCATION:2Z34"],
                )]))
            }
            _ if signed_in => Reply::html("<h1>Plannings</h1>"),
            _ => login_page(),
        }
    });
    site
}

fn login_page() -> Reply {
    let form = "<form method=post action=/planning/login.php><input name=Username><input type=password name=Password>\
                <input type=hidden name=url value=x><input type=hidden name=login value=y></form>";
    Reply::html(form).header("Set-Cookie", "PHPSESSID=anonymous; path=/")
}

fn env_file(site: &Upstream, sections: &str) -> String {
    format!(
        "# IPP\nexport LOGIN_URL={}\nWEB_USERNAME=élève\nWEB_PASSWORD='p$ss #1'\nSECTIONS={sections}\n\
         DOWNLOAD_INTERVAL=600 # seconds\nADMIN_STATIC_TOKEN=\"master-of-old\"\nADD_IMPORT_NOTE=false\n",
        site.url("/planning/login.php"),
    )
}

/// The arguments of an import of what lies in the home's folder.
fn import(home: &Home, site: &Upstream, more: &[&str]) -> crate::process::Done {
    let base = site.url("/planning/index.php?url=");
    let args = [
        "import",
        "ipp",
        "--env",
        "ipp.env",
        "--tokens",
        "tokens.json",
        "--base-url",
        &base,
        "--public-url",
        "https://cafe.example.org",
        "--json",
    ];
    home.run(&[&args[..], more].concat())
}

fn old_school(sections: &str) -> (Home, Upstream) {
    let (home, site) = (Home::new(), planning_site());
    fs::write(home.dir.path().join("ipp.env"), env_file(&site, sections)).unwrap();
    fs::write(home.dir.path().join("tokens.json"), "{\"marie\": \"marie_Abc-_123\", \"Zoé B\": \"zoe\"}").unwrap();
    (home, site)
}

#[test]
fn everything_that_phones_hold_goes_on_answering() {
    let (home, site) = old_school("2A-SR:ics/2a, M2 FESup:ics/m2 a.ics");
    let done = import(&home, &site, &[]).json();
    assert_eq!((&done["cohorts"], &done["feeds"], &done["tokens"]), (&json!(2), &json!(2), &json!(2)));
    let feed = home.json(&["feed", "show", "2a-sr"]);
    assert_eq!((&feed["interval"], &feed["stamps"]), (&json!(600), &json!(["place", "fetched"])));
    for slug in ["2a-sr", "m2-fesup"] {
        assert_eq!(home.json(&["feed", "refresh", slug])["outcome"], "published");
    }
    let signed_in = site.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(signed_in, 2, "each command is a process of its own, with a session of its own");

    let service = home.serve();
    for path in [
        "/2A-SR?token=marie_Abc-_123",
        "/2A-SR?token=zoe",
        "/2a-sr?token=zoe",
        "/s/zoe/2a-sr.ics",
        "/M2%20FESup?token=zoe",
    ] {
        let answer = service.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(
            answer.body.contains("SUMMARY:Cours de ics/") && answer.head.to_lowercase().contains("text/calendar"),
            "{path}"
        );
    }
    assert_eq!(service.get("/2A-SR?token=nobody").status, 401);
    assert_eq!(service.get("/3A?token=zoe").status, 404);

    let create = |key: &str, body: &str| {
        let key = format!("Bearer {key}");
        hear(home.port, "POST", "/admin/create_token", &[("Authorization", &key)], body).unwrap()
    };
    let made = create("master-of-old", "{\"name\": \"tom\"}");
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(text(&made.json(), "name"), "tom");
    assert_eq!(service.get(&format!("/2A-SR?token={}", text(&made.json(), "token"))).status, 200);
    assert_eq!(create("master-of-old", "{\"name\": \"tom\"}").status, 409);
    assert_eq!(create("master-of-old", "{}").status, 400);
    assert_eq!(create("master-of-old", "rubbish").status, 400);
    assert_eq!(create("zoe", "{\"name\": \"eve\"}").status, 401);
    assert_eq!(create("", "{\"name\": \"eve\"}").status, 401);
    // The master token makes tokens, and nothing else.
    let key = [("Authorization", "Bearer master-of-old"), ("Content-Type", "application/json")];
    for (method, path) in
        [("GET", "/api/v1/users"), ("GET", "/api/v1/tokens"), ("POST", "/api/v1/tokens"), ("GET", "/api/v1/auth/me")]
    {
        let answer = hear(home.port, method, path, &key, "{\"name\":\"eve\"}").unwrap();
        assert!([401, 403].contains(&answer.status), "{method} {path}: {}", answer.status);
    }
    assert_eq!(service.get("/2A-SR?token=master-of-old").status, 401);

    service.stop();
    let file = fs::read(home.data().join("carillon.redb")).unwrap();
    for secret in ["p$ss #1", "master-of-old", "marie_Abc-_123"] {
        assert!(!file.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert!(!home.log().contains("marie_Abc") && !home.log().contains("master-of-old"));
}

#[test]
fn a_second_import_makes_nothing_twice() {
    let (home, site) = old_school("2A-SR:ics/2a,M2 FESup:ics/m2 a.ics");
    import(&home, &site, &[]).json();
    let again = import(&home, &site, &[]).json();
    assert_eq!((&again["cohorts"], &again["feeds"]), (&json!(0), &json!(0)));
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 2);
    // A cohort that was renamed since is still that section's.
    home.run(&["cohort", "rename", "2a-sr", "2027-sr"]).ok();
    let third = import(&home, &site, &[]).json();
    assert_eq!((&third["cohorts"], &third["feeds"]), (&json!(0), &json!(0)));
}

#[test]
fn an_import_is_all_or_nothing_and_says_what_is_wrong() {
    let rows = [
        ("2A-SR:ics/2a,M2", "M2"),
        ("2A-SR:ics/2a,all:ics/all", "all"),
        ("2A-SR:ics/2a,:ics/x", "name"),
        ("nothing", "SECTIONS"),
    ];
    for (sections, told) in rows {
        let (home, site) = old_school(sections);
        let line = import(&home, &site, &[]).refused();
        assert!(line.contains(told), "{sections}: {line}");
        assert_eq!(home.json(&["cohort", "list"]), json!([]), "{sections}");
    }
    let (home, site) = old_school("2A-SR:ics/2a,");
    fs::write(home.dir.path().join("tokens.json"), "[\"zoe\"]").unwrap();
    assert!(import(&home, &site, &[]).refused().contains("tokens.json"));
    fs::write(home.dir.path().join("tokens.json"), "{\"\": \"x\"}").unwrap();
    assert!(import(&home, &site, &[]).refused().contains("token \"\""));
    assert_eq!(home.json(&["feed", "list"]), json!([]));
    fs::write(home.dir.path().join("tokens.json"), "{}").unwrap();
    assert_eq!(import(&home, &site, &[]).json()["cohorts"], 1, "a comma too many is nothing");
    let text = fs::read_to_string(home.dir.path().join("ipp.env")).unwrap();
    fs::write(home.dir.path().join("ipp.env"), text.replace("WEB_PASSWORD", "WEB_PASS")).unwrap();
    assert!(import(&home, &site, &[]).refused().contains("WEB_PASSWORD"));
}

#[test]
fn keep_http_is_remembered_and_the_public_address_too() {
    let (home, site) = old_school("2A-SR:ics/2a");
    let done = import(&home, &site, &["--keep-http"]).json();
    assert_eq!(done["legacy_http"], true);
    let made = home.json(&["token", "create", "new"]);
    assert!(text(&made, "token").len() > 43);
    assert!(made["urls"][0].as_str().unwrap().starts_with("https://cafe.example.org/s/new_"), "{made}");
    // An extra plain port serves the old addresses to the old tokens, and nothing else.
    let extra = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = fs::read_to_string(home.config()).unwrap();
    fs::write(home.config(), format!("{config}http_extra = [\"127.0.0.1:{extra}\"]\n")).unwrap();
    home.run(&["feed", "refresh", "2a-sr"]).ok();
    let service = home.serve();
    let ask = |path: &str| hear(extra, "GET", path, &[], "").unwrap();
    assert_eq!(ask("/2A-SR?token=zoe").status, 200);
    assert_eq!(ask(&format!("/2A-SR?token={}", text(&made, "token"))).status, 401);
    assert_eq!(ask("/s/zoe/2a-sr.ics").status, 403);
    assert_eq!(ask("/calendars/2a-sr.ics?token=zoe").status, 403);
    let redirect = ask("/anything");
    assert_eq!(redirect.status, 308);
    assert!(redirect.head.contains("https://cafe.example.org/anything"), "{}", redirect.head);
    home.run(&["token", "rotate", "marie"]).ok();
    assert_eq!(ask("/2A-SR?token=marie_Abc-_123").status, 401);
    service.stop();
}

#[test]
fn a_master_token_is_told_and_can_be_withdrawn() {
    let (home, site) = old_school("2A-SR:ics/2a");
    let done = import(&home, &site, &[]).json();
    assert!(done["warnings"].to_string().contains("ADMIN_STATIC_TOKEN has fewer"), "{done}");
    assert_eq!(home.json(&["token", "master"]), json!({"present": true}));
    assert!(home.run(&["check"]).out.contains("carillon token master --withdraw"));
    home.run(&["token", "master", "--withdraw"]).ok();
    assert_eq!(home.json(&["token", "master"]), json!({"present": false}));
    assert!(!home.run(&["check"]).out.contains("master token"));
}
