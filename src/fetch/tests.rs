//! The fetcher against a real server on loopback. `127.0.0.2` plays the internet where a test needs a public address.

use std::io::Write;
use std::net::IpAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::upstream::{CALENDAR, Reply, Upstream};
use super::*;

fn config() -> FetchConfig {
    FetchConfig { total_secs: 5, connect_secs: 2, ..FetchConfig::default() }
}

fn fetcher() -> Fetcher {
    Fetcher::new(config()).unwrap()
}

fn fetcher_on_the_internet() -> Fetcher {
    Fetcher::with_reach(config(), |ip| ip == IpAddr::from([127, 0, 0, 2])).unwrap()
}

fn zeros_in_gzip(mib: usize) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..mib {
        gzip.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    gzip.finish().unwrap()
}

#[tokio::test]
async fn an_answer_comes_with_its_validators_and_type() {
    let upstream = Upstream::start(|_| {
        Reply::calendar().header("ETag", "\"v1\"").header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
    })
    .await;
    let answer = fetcher().send(FetchRequest::get(upstream.url("/a.ics?key=secret"))).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, CALENDAR.as_bytes());
    assert_eq!(answer.etag.as_deref(), Some("\"v1\""));
    assert_eq!(answer.last_modified.as_deref(), Some("Sat, 21 Nov 2026 10:00:00 GMT"));
    assert_eq!(answer.content_type.as_deref(), Some("text/calendar"));
    let seen = &upstream.seen()[0];
    assert_eq!(seen.target, "/a.ics?key=secret");
    assert!(seen.header("user-agent").starts_with("Carillon/"));
    assert_eq!(seen.header("accept-encoding"), "gzip");
}

#[tokio::test]
async fn compressed_answers_are_decompressed() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CALENDAR.as_bytes()).unwrap();
    let body = gzip.finish().unwrap();
    let upstream =
        Upstream::start(move |_| Reply::new(200, "text/calendar", body.clone()).header("Content-Encoding", "gzip"))
            .await;
    let answer = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap();
    assert_eq!(answer.body, CALENDAR.as_bytes());
}

#[tokio::test]
async fn a_gzip_bomb_is_too_large_quickly() {
    let bomb = zeros_in_gzip(200);
    let upstream =
        Upstream::start(move |_| Reply::new(200, "text/calendar", bomb.clone()).header("Content-Encoding", "gzip"))
            .await;
    let start = Instant::now();
    let error = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_body_of_the_largest_size_is_taken_and_one_byte_more_is_not() {
    let config = FetchConfig { max_body_bytes: 1000, ..config() };
    let upstream = Upstream::start(|seen| {
        Reply::new(200, "text/plain", vec![b'x'; seen.target.trim_start_matches("/").parse().unwrap()])
    })
    .await;
    let fetcher = Fetcher::new(config).unwrap();
    assert_eq!(fetcher.send(FetchRequest::get(upstream.url("/1000"))).await.unwrap().body.len(), 1000);
    let error = fetcher.send(FetchRequest::get(upstream.url("/1001"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { max_bytes: 1000, .. }), "{error}");
}

#[tokio::test]
async fn a_slow_drip_ends_with_the_total_time() {
    let upstream = Upstream::start(|_| Reply::new(200, "text/calendar", vec![b'x'; 1000]).dripping()).await;
    let fetcher = Fetcher::new(FetchConfig { total_secs: 1, ..config() }).unwrap();
    let start = Instant::now();
    let error = fetcher.send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { total_secs: 1, .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn the_total_time_counts_all_hops() {
    let upstream = Upstream::start(|_| Reply::redirect(302, "/").after(Duration::from_millis(400))).await;
    let fetcher = Fetcher::new(FetchConfig { total_secs: 1, ..config() }).unwrap();
    let error = fetcher.send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn a_truncated_body_is_an_error() {
    let upstream = Upstream::start(|_| Reply::calendar().claiming(10_000)).await;
    let error = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff { .. }), "{error}");
}

#[tokio::test]
async fn a_truncated_gzip_stream_is_an_error() {
    let mut body = zeros_in_gzip(1);
    body.truncate(body.len() / 2);
    let upstream =
        Upstream::start(move |_| Reply::new(200, "text/calendar", body.clone()).header("Content-Encoding", "gzip"))
            .await;
    let error = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff { .. }), "{error}");
}

#[tokio::test]
async fn a_huge_header_is_refused() {
    for size in [33_000, 100_000, 1_000_000] {
        let upstream = Upstream::start(move |_| Reply::calendar().header("X-Junk", &"j".repeat(size))).await;
        let error = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
        assert!(matches!(error, FetchError::HeaderTooLarge { .. }), "{size}: {error}");
    }
}

#[tokio::test]
async fn a_large_header_within_the_limit_is_read() {
    let upstream = Upstream::start(|_| Reply::calendar().header("X-Junk", &"j".repeat(30_000))).await;
    assert_eq!(fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap().status, 200);
}

#[tokio::test]
async fn five_redirects_are_followed_and_six_are_not() {
    let upstream = Upstream::start(|seen| match seen.target.trim_start_matches("/").parse::<u32>().unwrap() {
        0 => Reply::calendar(),
        n => Reply::redirect(302, &format!("/{}", n - 1)),
    })
    .await;
    let answer = fetcher().send(FetchRequest::get(upstream.url("/5"))).await.unwrap();
    assert_eq!((answer.status, answer.redirects, answer.url.path()), (200, 5, "/0"));
    let error = fetcher().send(FetchRequest::get(upstream.url("/6"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { max_redirects: 5, .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_to_another_scheme_is_not_followed() {
    for target in ["ftp://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "http://"] {
        let upstream = Upstream::start(move |_| Reply::redirect(301, target)).await;
        let error = fetcher().send(FetchRequest::get(upstream.url("/"))).await.unwrap_err();
        assert!(matches!(error, FetchError::BadRedirect { .. }), "{target}: {error}");
    }
}

#[tokio::test]
async fn a_posted_form_becomes_a_get_on_302_and_stays_on_307() {
    let upstream = Upstream::start(|seen| match seen.target.as_str() {
        "/302" => Reply::redirect(302, "/end"),
        "/307" => Reply::redirect(307, "/end"),
        _ => Reply::html("end"),
    })
    .await;
    for (path, method, body) in [("/302", "GET", ""), ("/307", "POST", "a=b+c%26")] {
        let form = Some(vec![("a".to_owned(), "b c&".to_owned())]);
        fetcher().send(FetchRequest { form, ..FetchRequest::get(upstream.url(path)) }).await.unwrap();
        let last = upstream.seen().pop().unwrap();
        assert_eq!((last.method.as_str(), last.body.as_str()), (method, body));
    }
}

#[tokio::test]
async fn a_form_is_not_carried_to_another_origin() {
    let stranger = Upstream::start(|_| Reply::html("thanks")).await;
    let target = stranger.url("/?q=secret").to_string();
    let upstream = Upstream::start(move |_| Reply::redirect(308, &target)).await;
    let form = Some(vec![("password".to_owned(), "hunter2".to_owned())]);
    let error = fetcher().send(FetchRequest { form, ..FetchRequest::get(upstream.url("/")) }).await.unwrap_err();
    assert!(matches!(error, FetchError::FormLeaves { .. }), "{error}");
    assert!(!error.to_string().contains("secret"));
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn another_origin_sees_neither_headers_nor_cookies() {
    let stranger = Upstream::start(|_| Reply::calendar().header("Set-Cookie", "theirs=1; Path=/")).await;
    let target = stranger.url("/b.ics").to_string();
    let upstream = Upstream::start(move |_| Reply::redirect(302, &target).header("Set-Cookie", "ours=1; Path=/")).await;
    let jar = new_jar();
    let request = FetchRequest {
        headers: vec![
            ("Authorization".into(), Secret::new("Basic eDp5".into())),
            ("X-Key".into(), Secret::new("k".into())),
        ],
        jar: Some(jar.clone()),
        ..FetchRequest::get(upstream.url("/a.ics"))
    };
    fetcher().send(request.clone()).await.unwrap();
    fetcher().send(request).await.unwrap();
    for seen in stranger.seen() {
        assert_eq!((seen.header("authorization"), seen.header("x-key"), seen.header("cookie")), ("", "", ""));
    }
    let second = &upstream.seen()[1];
    assert_eq!(
        (second.header("authorization"), second.header("x-key"), second.header("cookie")),
        ("Basic eDp5", "k", "ours=1")
    );
    assert!(!jar.lock().unwrap().contains_any("127.0.0.1", "/", "theirs"));
}

#[tokio::test]
async fn a_cookie_of_a_hop_is_sent_to_the_next() {
    let upstream = Upstream::start(|seen| match (seen.target.as_str(), seen.header("cookie")) {
        ("/", "") => Reply::redirect(302, "/deep/in").header("Set-Cookie", "a=1; Path=/"),
        (_, "a=1") => Reply::redirect(302, "/deep/end").header("Set-Cookie", "b=2; Path=/deep"),
        (_, "b=2; a=1") => Reply::calendar(),
        _ => Reply::new(400, "text/plain", "?"),
    })
    .await;
    let answer =
        fetcher().send(FetchRequest { jar: Some(new_jar()), ..FetchRequest::get(upstream.url("/")) }).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn validators_are_sent_and_304_comes_through() {
    let upstream = Upstream::start(|seen| match seen.header("if-none-match") {
        "\"v1\"" => Reply::new(304, "text/calendar", ""),
        _ => Reply::calendar(),
    })
    .await;
    let request = FetchRequest {
        if_none_match: Some("\"v1\"".into()),
        if_modified_since: Some("Sat, 21 Nov 2026 10:00:00 GMT".into()),
        ..FetchRequest::get(upstream.url("/"))
    };
    assert_eq!(fetcher().send(request).await.unwrap().status, 304);
    assert_eq!(upstream.seen()[0].header("if-modified-since"), "Sat, 21 Nov 2026 10:00:00 GMT");
}

#[tokio::test]
async fn retry_after_is_read_in_seconds_and_as_a_date() {
    let upstream = Upstream::start(|seen| match seen.target.as_str() {
        "/seconds" => Reply::new(503, "text/plain", "").header("Retry-After", "120"),
        "/endless" => Reply::new(503, "text/plain", "").header("Retry-After", "99999999999"),
        _ => Reply::new(429, "text/plain", "")
            .header("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
            .header("Retry-After", "Sat, 21 Nov 2026 10:01:30 GMT"),
    })
    .await;
    for (path, secs) in [("/seconds", 120), ("/endless", 604_800), ("/date", 90)] {
        let answer = fetcher().send(FetchRequest::get(upstream.url(path))).await.unwrap();
        assert_eq!(answer.retry_after_secs, Some(secs), "{path}");
    }
}

#[tokio::test]
async fn no_redirect_leads_from_a_public_to_a_private_address() {
    let inside = Upstream::start(|_| Reply::html("router")).await;
    let target = inside.url("/admin?do=it").to_string();
    let outside = Upstream::start_on("127.0.0.2", move |_| Reply::redirect(302, &target)).await;
    let error = fetcher_on_the_internet().send(FetchRequest::get(outside.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::PrivateTarget { .. }), "{error}");
    assert!(!error.to_string().contains("do=it"));
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn a_private_address_may_be_asked_and_may_redirect_to_a_public_one() {
    let outside = Upstream::start_on("127.0.0.2", |_| Reply::calendar()).await;
    let target = outside.url("/").to_string();
    let inside = Upstream::start(move |_| Reply::redirect(302, &target)).await;
    let answer = fetcher_on_the_internet().send(FetchRequest::get(inside.url("/"))).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_proxy_that_says_no_is_told_without_the_query() {
    let proxy = Upstream::start(|_| Reply::new(502, "text/plain", "")).await;
    let address = proxy.url("/").to_string();
    let fetcher = Fetcher::new(FetchConfig { proxy: Some(address), ..config() }).unwrap();
    let error = fetcher.send(FetchRequest::get("http://192.0.2.1/x?key=secret".parse().unwrap())).await.unwrap_err();
    assert!(matches!(error, FetchError::ProxyRefused { .. }), "{error}");
    let seen = &proxy.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("CONNECT", "192.0.2.1:80"));
}

/// A proxy that opens tunnels to wherever it is asked to.
async fn tunnelling_proxy() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let mut target = TcpStream::connect(head.split(' ').nth(1).unwrap()).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut target).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_through_a_proxy_too() {
    let inside = Upstream::start(|_| Reply::html("router")).await;
    let target = inside.url("/").to_string();
    let outside = Upstream::start_on("127.0.0.2", move |seen| match seen.target.as_str() {
        "/good" => Reply::calendar(),
        _ => Reply::redirect(302, &target),
    })
    .await;
    let config = FetchConfig { proxy: Some(tunnelling_proxy().await), ..config() };
    let fetcher = Fetcher::with_reach(config, |ip| ip == IpAddr::from([127, 0, 0, 2])).unwrap();
    assert_eq!(fetcher.send(FetchRequest::get(outside.url("/good"))).await.unwrap().status, 200);
    let error = fetcher.send(FetchRequest::get(outside.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::PrivateTarget { .. }), "{error}");
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn unreachable_hosts_are_told_apart() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetcher().send(FetchRequest::get(format!("http://{gone}/").parse().unwrap())).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    let error =
        fetcher().send(FetchRequest::get("http://nowhere.invalid/x?key=secret".parse().unwrap())).await.unwrap_err();
    assert!(matches!(error, FetchError::HostNotFound { .. } | FetchError::TimedOut { .. }), "{error}");
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test]
async fn https_to_a_server_that_does_not_speak_it_is_an_error() {
    let upstream = Upstream::start(|_| Reply::calendar()).await;
    let mut url = upstream.url("/");
    url.set_scheme("https").unwrap();
    let error = fetcher().send(FetchRequest::get(url)).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Tls { .. } | FetchError::BrokenOff { .. } | FetchError::Unreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn at_most_four_fetches_run_at_once() {
    let upstream = Upstream::start(|_| Reply::calendar().after(Duration::from_millis(200))).await;
    let fetcher = fetcher();
    let mut fetches = tokio::task::JoinSet::new();
    for _ in 0..9 {
        let (fetcher, url) = (fetcher.clone(), upstream.url("/"));
        fetches.spawn(async move { fetcher.send(FetchRequest::get(url)).await.unwrap() });
    }
    fetches.join_all().await;
    assert!((2..=4).contains(&upstream.most_at_once()), "{}", upstream.most_at_once());
}

#[tokio::test]
async fn bad_requests_are_refused_without_showing_their_secrets() {
    let get = || FetchRequest::get("http://127.0.0.1:1/".parse().unwrap());
    let header = FetchRequest { headers: vec![("X-Key".into(), Secret::new("hunter2\r\nX: y".into()))], ..get() };
    let error = fetcher().send(header).await.unwrap_err();
    assert!(matches!(error, FetchError::BadHeader), "{error}");
    let agent = FetchRequest { user_agent: Some("a\nb".into()), ..get() };
    assert!(matches!(fetcher().send(agent).await.unwrap_err(), FetchError::BadUserAgent));
    let file = FetchRequest::get("file:///etc/passwd".parse().unwrap());
    assert!(matches!(fetcher().send(file).await.unwrap_err(), FetchError::BadAddress { .. }));
}

#[test]
fn a_proxy_that_is_not_spoken_is_refused_at_the_start() {
    for proxy in ["socks5://127.0.0.1:1", "ftp://x", "::"] {
        let outcome = Fetcher::new(FetchConfig { proxy: Some(proxy.into()), ..config() });
        assert!(matches!(outcome.err(), Some(FetchError::BadProxy)), "{proxy}");
    }
    assert!(Fetcher::new(FetchConfig { proxy: Some(String::new()), ..config() }).is_ok());
}

#[test]
fn an_address_is_shown_as_origin_and_path() {
    let shows = |url: &str| shown(&url.parse().unwrap());
    assert_eq!(shows("https://user:pw@example.org/a/b.ics?key=secret#x"), "https://example.org/a/b.ics");
    assert_eq!(shows("http://example.org:8080"), "http://example.org:8080/");
    assert_eq!(shows(&format!("http://example.org/{}", "a".repeat(5000))).chars().count(), 201);
}

#[tokio::test]
async fn the_date_of_an_answer_is_read_whatever_the_answer() {
    const DATE: &str = "Sat, 21 Nov 2026 10:00:00 GMT";
    let upstream = Upstream::start(|seen| match seen.target.as_str() {
        "/moved" => Reply::redirect(301, "https://example.org/").header("Date", DATE),
        "/endless" => Reply::new(200, "text/plain", "x").claiming(usize::MAX / 2).header("Date", DATE),
        "/rubbish" => Reply::html("").header("Date", "yesterday"),
        "/none" => Reply::html(""),
        _ => Reply::new(404, "text/plain", "no").header("Date", DATE),
    })
    .await;
    let rows = [("/", true), ("/moved", true), ("/endless", true), ("/rubbish", false), ("/none", false)];
    for (target, says) in rows {
        let date = fetcher().date_of(upstream.url(target)).await.unwrap();
        assert_eq!(date, says.then(|| DateTime::from_timestamp(1_795_255_200, 0).unwrap()), "{target}");
    }
    assert_eq!(upstream.seen().len(), rows.len(), "no redirect is followed");
    for seen in upstream.seen() {
        let mut told: Vec<_> = seen.headers.keys().map(String::as_str).collect();
        told.sort_unstable();
        assert_eq!(told, ["accept", "accept-encoding", "cache-control", "host", "user-agent"]);
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_says_no_date() {
    let error = fetcher().date_of("http://127.0.0.1:1/".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
}
