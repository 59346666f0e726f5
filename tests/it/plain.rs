//! The plain ports beside HTTPS: challenges are answered, pages redirected, keys kept out; and what HTTPS says of itself.

use axum::http::Request;
use carillon::config::{CertificateFiles, Config, TlsMode};
use carillon::net::Plane;

use crate::app::{Answer, App, PUBLIC_URL, peer, request};

const CHALLENGE: &str = "/.well-known/acme-challenge/abc-DEF_1";

/// Serves HTTPS, with an answer to a challenge on offer.
fn encrypted() -> App {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let app = App::configured(|config| {
        let files = ["cert.pem", "key.pem"].map(|name| config.data_dir.join(name));
        std::fs::write(&files[0], pair.cert.pem()).unwrap();
        std::fs::write(&files[1], pair.signing_key.serialize_pem()).unwrap();
        let [certificate, key] = files;
        config.listen.https = "127.0.0.1:443".parse().ok();
        config.tls.mode = TlsMode::Files(CertificateFiles { certificate, key });
    });
    let certificates = app.slices.app.certificates.as_ref().unwrap();
    certificates.showcase().challenges.offer_text("abc-DEF_1", "abc-DEF_1.thumb");
    app
}

async fn ask(app: &App, plane: Plane, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request: Request<_> = request(method, path, headers, "");
    request.extensions_mut().insert(peer("203.0.113.9:40000", plane));
    app.send(request).await
}

#[tokio::test]
async fn an_authority_finds_the_answer_to_its_challenge_on_the_plain_ports() {
    let app = encrypted();
    for plane in [Plane::Http, Plane::HttpExtra] {
        let answer = ask(&app, plane, "GET", CHALLENGE, &[("host", "cafe.example.org")]).await;
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.text(200), "abc-DEF_1.thumb");
        assert_eq!(ask(&app, plane, "HEAD", CHALLENGE, &[]).await.text(200), "");
    }
}

#[tokio::test]
async fn no_other_address_of_challenges_answers_or_redirects() {
    let app = encrypted();
    let rows = [
        ("GET", "/.well-known/acme-challenge/other"),
        ("GET", "/.well-known/acme-challenge/"),
        ("GET", "/.well-known/acme-challenge/abc-DEF_1/x"),
        ("GET", "/.well-known/acme-challenge/ABC-def_1"),
        ("POST", CHALLENGE),
    ];
    for (method, path) in rows {
        assert_eq!(ask(&app, Plane::Http, method, path, &[]).await.status, 404, "{method} {path}");
    }
    assert_eq!(ask(&app, Plane::Https, "GET", CHALLENGE, &[]).await.status, 404);
    assert_eq!(ask(&App::test(), Plane::Http, "GET", CHALLENGE, &[]).await.status, 404);
}

#[tokio::test]
async fn a_page_is_redirected_with_its_path_and_query_and_a_key_is_not() {
    let app = encrypted();
    for path in ["/", "/c/2a-sr?week=2026-48&lang=en", "/login?next=/status", "//evil.example/x"] {
        let answer = ask(&app, Plane::Http, "GET", path, &[("host", "evil.example")]).await;
        assert_eq!((answer.status, answer.header("location")), (308, format!("{PUBLIC_URL}{path}").as_str()));
    }
    for path in ["/s/zoe_x/2a-sr.ics", "/%73/zoe_x", "/Calendars/2a-sr.ics", "/2A-SR?token=x", "/2A-SR?TOKEN=x"] {
        let answer = ask(&app, Plane::Http, "GET", path, &[]).await;
        assert_eq!((answer.status, answer.header("location")), (403, ""), "{path}");
        assert!(answer.text(403).contains("use https"));
    }
}

#[tokio::test]
async fn a_key_in_a_header_and_a_change_are_refused_in_clear() {
    let app = encrypted();
    let key = ("authorization", "Bearer x");
    let rows =
        [("GET", "/api/v1/cohorts", vec![key]), ("POST", "/login", vec![]), ("POST", "/api/v1/auth/token", vec![])];
    for (method, path, headers) in rows {
        let answer = ask(&app, Plane::Http, method, path, &headers).await;
        assert_eq!((answer.status, answer.header("location")), (403, ""), "{method} {path}");
    }
}

#[tokio::test]
async fn nothing_is_redirected_in_a_circle_or_without_https() {
    let plain = App::test();
    assert_eq!(ask(&plain, Plane::Http, "GET", "/health", &[]).await.status, 200);
    let circle = App::configured(|config| {
        config.listen.https = "127.0.0.1:443".parse().ok();
        config.public_url = "http://cafe.example.org".parse().ok();
    });
    assert_eq!(ask(&circle, Plane::Http, "GET", "/", &[]).await.status, 403);
}

#[tokio::test]
async fn browsers_are_held_to_https_by_a_real_certificate_alone() {
    let hsts = "strict-transport-security";
    let real = encrypted();
    for path in ["/health", "/none", "/calendars/none.ics"] {
        assert_eq!(ask(&real, Plane::Https, "GET", path, &[]).await.header(hsts), "max-age=31536000", "{path}");
        assert_eq!(ask(&real, Plane::Http, "GET", path, &[]).await.header(hsts), "", "{path}");
    }
    assert_eq!(ask(&App::test(), Plane::Https, "GET", "/health", &[]).await.header(hsts), "");
}

#[tokio::test]
async fn browsers_are_not_held_to_https_where_plain_addresses_are_to_go_on() {
    let changes: [fn(&mut Config); 3] = [
        |config| config.server.legacy_http = Some(true),
        |config| config.listen.http_extra = vec!["127.0.0.1:5000".parse().unwrap()],
        |config| config.public_url = "http://cafe.example.org".parse().ok(),
    ];
    for change in changes {
        let app = encrypted();
        let mut config = Config::clone(&app.slices.app.config());
        change(&mut config);
        app.slices.app.set_config(config);
        let answer = ask(&app, Plane::Https, "GET", "/health", &[]).await;
        assert_eq!(answer.header("strict-transport-security"), "");
    }
}

#[tokio::test]
async fn without_a_public_url_the_certificates_first_name_is_the_address() {
    for (https, location) in
        [("127.0.0.1:443", "https://cafe.example.org/c/2a"), ("127.0.0.1:8443", "https://cafe.example.org:8443/c/2a")]
    {
        let app = App::configured(|config| {
            config.listen.https = https.parse().ok();
            config.tls.domains = vec!["cafe.example.org".into(), "other.example.org".into()];
            config.public_url = None;
        });
        assert_eq!(ask(&app, Plane::Http, "GET", "/c/2a", &[]).await.header("location"), location);
    }
}

#[tokio::test]
async fn a_question_about_no_address_is_not_redirected() {
    let app = encrypted();
    let answer = ask(&app, Plane::Http, "OPTIONS", "*", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (400, ""));
}
