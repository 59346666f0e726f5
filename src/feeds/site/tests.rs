//! Planning sites on loopback: one modelled on IPP, and others that misbehave one way each.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::fetch::FetchConfig;
use crate::fetch::upstream::{CALENDAR, Reply, Seen, Upstream};
use crate::secret::Secret;

const FORM: &str = r#"<!DOCTYPE html><html><body><form method="post" action="index.php">
    <input type="hidden" name="url" value=""><input type="hidden" name="token" value="t-42">
    <input name="Username"><input type="password" name="Password"><button name="login" value="">Connexion</button></form>"#;
const GOOD: &str = "Username=ada&Password=s3cr%26t";

fn sites() -> Sites {
    sites_with(Duration::ZERO)
}

fn sites_with(pause: Duration) -> Sites {
    let config = FetchConfig { total_secs: 5, connect_secs: 2, ..FetchConfig::default() };
    Sites::new(Arc::new(Fetcher::new(config).unwrap()), pause)
}

fn plain(url: url::Url) -> Source {
    Source { url, login: None, basic: None, headers: Vec::new(), user_agent: None }
}

fn login_at(url: url::Url) -> Login {
    Login {
        url,
        username: "ada".into(),
        password: Secret::new("s3cr&t".into()),
        username_field: None,
        password_field: None,
        extra: Vec::new(),
    }
}

fn signed(upstream: &Upstream, feed: &str) -> Source {
    Source {
        login: Some(login_at(upstream.url("/index.php"))),
        ..plain(upstream.url(&format!("/index.php?url=ics/{feed}")))
    }
}

async fn fetch(sites: &Sites, source: &Source) -> Result<Fetched, Failure> {
    sites.fetch(source, &Validators::default()).await
}

async fn class_of(sites: &Sites, source: &Source) -> FailureClass {
    fetch(sites, source).await.unwrap_err().class
}

/// The class of failure when an address without a sign-in answers this.
async fn class_for(reply: Reply) -> FailureClass {
    let upstream = Upstream::start(move |_| reply.clone()).await;
    class_of(&sites(), &plain(upstream.url("/a.ics?key=secret"))).await
}

/// IPP: a `PHPSESSID` from the first visit on, signed in by a POST that answers 302; anything else shows the form with 200.
#[derive(Clone, Default)]
struct Ipp {
    visits: Arc<AtomicUsize>,
    live: Arc<Mutex<HashSet<String>>>,
}

impl Ipp {
    fn answer(&self, seen: &Seen) -> Reply {
        let session = seen.header("cookie").to_owned();
        let live = self.live.lock().unwrap().contains(&session);
        match seen.method.as_str() {
            "POST"
                if seen.body.contains(GOOD)
                    && seen.body.contains("token=t-42")
                    && session.starts_with("PHPSESSID=") =>
            {
                self.live.lock().unwrap().insert(session);
                Reply::redirect(302, "index.php")
            }
            "GET" if live && seen.target.contains("url=ics/") => Reply::calendar(),
            "GET" if live => Reply::html("<p>Bonjour Ada"),
            _ if session.is_empty() => {
                let id = format!("PHPSESSID={}; path=/; HttpOnly", self.visits.fetch_add(1, Ordering::SeqCst));
                Reply::html(FORM).header("Set-Cookie", &id)
            }
            _ => Reply::html(FORM),
        }
    }

    async fn start(&self) -> Upstream {
        let ipp = self.clone();
        Upstream::start(move |seen| ipp.answer(seen)).await
    }

    /// As when PHP cleans its sessions up.
    fn expire_all(&self) {
        self.live.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn a_plain_address_gives_its_calendar_and_validators() {
    let upstream = Upstream::start(|_| Reply::calendar().header("ETag", "\"v1\"")).await;
    let fetched = fetch(&sites(), &plain(upstream.url("/a.ics"))).await.unwrap();
    let validators = Validators { etag: Some("\"v1\"".into()), last_modified: None };
    let content_type = Some("text/calendar".into());
    assert_eq!(fetched, Fetched::Body { bytes: CALENDAR.into(), content_type, validators });
}

#[tokio::test]
async fn validators_bring_not_modified() {
    let upstream = Upstream::start(|_| Reply::new(304, "text/calendar", "")).await;
    let validators = Validators { etag: Some("\"v1\"".into()), last_modified: None };
    let fetched = sites().fetch(&plain(upstream.url("/")), &validators).await.unwrap();
    assert_eq!(fetched, Fetched::NotModified);
    assert_eq!(upstream.seen()[0].header("if-none-match"), "\"v1\"");
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_a_failure() {
    assert_eq!(class_for(Reply::new(304, "text/calendar", "")).await, FailureClass::Network);
}

#[tokio::test]
async fn basic_auth_headers_and_user_agent_are_sent() {
    let upstream = Upstream::start(|_| Reply::calendar()).await;
    let source = Source {
        basic: Some(Basic { user: "ada".into(), password: Secret::new("é:x".into()) }),
        headers: vec![("X-Key".into(), Secret::new("k".into()))],
        user_agent: Some("Planning/1".into()),
        ..plain(upstream.url("/"))
    };
    fetch(&sites(), &source).await.unwrap();
    let seen = &upstream.seen()[0];
    assert_eq!(seen.header("authorization"), "Basic YWRhOsOpOng=");
    assert_eq!((seen.header("x-key"), seen.header("user-agent")), ("k", "Planning/1"));
}

#[tokio::test]
async fn failures_have_their_class() {
    use FailureClass::*;
    for (reply, class) in [
        (Reply::html(FORM), SignIn),
        (Reply::new(401, "text/plain", "no"), SignIn),
        (Reply::new(403, "text/html", "<p>no"), SignIn),
        (Reply::html("<p>Maintenance"), NotACalendar),
        (Reply::new(200, "text/calendar", "<!DOCTYPE html><p>Maintenance"), NotACalendar),
        (Reply::new(200, "text/calendar", ""), NotACalendar),
        (Reply::new(200, "text/calendar", " \r\n"), NotACalendar),
        (Reply::new(204, "text/calendar", ""), NotACalendar),
        (Reply::new(404, "text/html", "<p>?"), Moved),
        (Reply::new(410, "text/html", "<p>?"), Moved),
        (Reply::redirect(302, "/again"), Moved),
        (Reply::redirect(302, "ftp://example.org/"), Moved),
        (Reply::new(302, "text/html", ""), Moved),
        (Reply::new(400, "text/plain", "?"), Network),
        (Reply::new(500, "text/html", "<p>!"), Network),
        (Reply::calendar().claiming(9999), Network),
        (Reply::calendar().header("X-Junk", &"j".repeat(50_000)), TooLarge),
        (Reply::new(200, "text/calendar", vec![b'x'; 17 * 1024 * 1024]), TooLarge),
    ] {
        assert_eq!(class_for(reply).await, class);
    }
}

#[tokio::test]
async fn a_calendar_is_one_whatever_its_content_type_says() {
    let upstream = Upstream::start(|_| Reply::html(&format!("\u{feff}\r\n{CALENDAR}"))).await;
    assert!(matches!(fetch(&sites(), &plain(upstream.url("/"))).await, Ok(Fetched::Body { .. })));
}

#[tokio::test]
async fn a_busy_site_says_when_to_come_back() {
    let upstream = Upstream::start(|_| Reply::new(503, "text/html", "<p>busy").header("Retry-After", "90")).await;
    let failure = fetch(&sites(), &plain(upstream.url("/a.ics?key=secret"))).await.unwrap_err();
    assert_eq!((failure.class, failure.retry_after_secs), (FailureClass::Network, Some(90)));
    assert!(!failure.detail.contains("secret"), "{}", failure.detail);
}

#[tokio::test]
async fn two_feeds_share_one_sign_in() {
    let upstream = Ipp::default().start().await;
    let sites = sites();
    let (one, two) = (signed(&upstream, "A1"), signed(&upstream, "B2"));
    let (one, two) = tokio::join!(fetch(&sites, &one), fetch(&sites, &two));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(upstream.count("POST"), 1);
}

#[tokio::test]
async fn the_form_is_sent_as_a_browser_would() {
    let upstream = Ipp::default().start().await;
    fetch(&sites(), &signed(&upstream, "A1")).await.unwrap();
    let post = upstream.seen().into_iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!(post.body, "url=&token=t-42&login=&Username=ada&Password=s3cr%26t");
    assert_eq!(post.header("content-type"), "application/x-www-form-urlencoded");
}

#[tokio::test]
async fn an_expired_session_is_renewed_exactly_once() {
    let ipp = Ipp::default();
    let upstream = ipp.start().await;
    let (sites, source) = (sites(), signed(&upstream, "A1"));
    fetch(&sites, &source).await.unwrap();
    ipp.expire_all();
    fetch(&sites, &source).await.unwrap();
    fetch(&sites, &source).await.unwrap();
    assert_eq!(upstream.count("POST"), 2);
}

#[tokio::test]
async fn a_session_that_no_longer_holds_is_renewed_exactly_once_and_fails() {
    let forgetful = Arc::new(Mutex::new(false));
    let (ipp, forgets) = (Ipp::default(), forgetful.clone());
    let upstream = Upstream::start(move |seen| match *forgets.lock().unwrap() && seen.target.contains("url=ics/") {
        true => Reply::html(FORM),
        false => ipp.answer(seen),
    })
    .await;
    let (sites, source) = (sites(), signed(&upstream, "A1"));
    fetch(&sites, &source).await.unwrap();
    *forgetful.lock().unwrap() = true;
    assert_eq!(class_of(&sites, &source).await, FailureClass::SignIn);
    assert_eq!(upstream.count("POST"), 2);
}

#[tokio::test]
async fn an_error_page_on_an_old_session_is_worth_one_new_sign_in() {
    let broken = Arc::new(Mutex::new(false));
    for page in [
        Reply::html("<p>Session perdue"),
        Reply::new(200, "text/plain", "session lost"),
        Reply::new(403, "text/plain", ""),
        Reply::new(200, "", ""),
    ] {
        *broken.lock().unwrap() = false;
        let (ipp, is_broken) = (Ipp::default(), broken.clone());
        let upstream = Upstream::start(move |seen| {
            if seen.method == "POST" {
                *is_broken.lock().unwrap() = false;
            }
            match *is_broken.lock().unwrap() && seen.target.contains("url=ics/") {
                true => page.clone(),
                false => ipp.answer(seen),
            }
        })
        .await;
        let (sites, source) = (sites(), signed(&upstream, "A1"));
        fetch(&sites, &source).await.unwrap();
        *broken.lock().unwrap() = true;
        fetch(&sites, &source).await.unwrap();
        assert_eq!(upstream.count("POST"), 2);
    }
}

#[tokio::test]
async fn a_wrong_password_is_posted_exactly_once() {
    let upstream = Ipp::default().start().await;
    let mut source = signed(&upstream, "A1");
    source.login.as_mut().unwrap().password = Secret::new("wr0ng".into());
    let failure = fetch(&sites(), &source).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::SignIn);
    assert!(failure.detail.contains("is the password still right?") && !failure.detail.contains("wr0ng"));
    assert_eq!(upstream.count("POST"), 1);
}

#[tokio::test]
async fn feeds_that_wait_for_a_refused_sign_in_do_not_try_it_again() {
    let upstream = Ipp::default().start().await;
    let sites = sites();
    let mut source = signed(&upstream, "A1");
    source.login.as_mut().unwrap().password = Secret::new("wr0ng".into());
    let outcomes = tokio::join!(fetch(&sites, &source), fetch(&sites, &source), fetch(&sites, &source));
    assert!(outcomes.0.is_err() && outcomes.1.is_err() && outcomes.2.is_err());
    assert_eq!(upstream.count("POST"), 1);
    assert!(fetch(&sites, &source).await.is_err());
    assert_eq!(upstream.count("POST"), 2);
}

#[tokio::test]
async fn a_changed_password_opens_a_session_of_its_own() {
    let upstream = Ipp::default().start().await;
    let sites = sites();
    let mut source = signed(&upstream, "A1");
    fetch(&sites, &source).await.unwrap();
    source.login.as_mut().unwrap().password = Secret::new("wr0ng".into());
    assert_eq!(class_of(&sites, &source).await, FailureClass::SignIn);
}

#[tokio::test]
async fn configured_fields_and_extras_win_over_the_forms() {
    let upstream = Upstream::start(|seen| match seen.method.as_str() {
        "POST" => Reply::html("<p>Hello"),
        _ if seen.target == "/login" => Reply::html(FORM),
        _ => Reply::calendar(),
    })
    .await;
    let login = Login {
        username_field: Some("user".into()),
        password_field: Some("pass".into()),
        extra: vec![("token".into(), "mine".into()), ("domain".into(), "school".into())],
        ..login_at(upstream.url("/login"))
    };
    fetch(&sites(), &Source { login: Some(login), ..plain(upstream.url("/a.ics")) }).await.unwrap();
    let post = upstream.seen().into_iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!(
        (post.target.as_str(), post.body.as_str()),
        ("/index.php", "url=&Username=&login=&user=ada&pass=s3cr%26t&token=mine&domain=school")
    );
}

#[tokio::test]
async fn without_a_form_the_known_fields_are_posted_to_the_login_address() {
    let upstream = Upstream::start(|seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("POST", _) => Reply::new(204, "text/html", ""),
        (_, "/login?x=1") => Reply::html("<div id=app></div>"),
        _ => Reply::calendar(),
    })
    .await;
    let mut login = login_at(upstream.url("/login?x=1"));
    let source = |login: &Login| Source { login: Some(login.clone()), ..plain(upstream.url("/a.ics")) };
    assert_eq!(class_of(&sites(), &source(&login)).await, FailureClass::SignIn);
    assert_eq!(upstream.count("POST"), 0);
    (login.username_field, login.password_field) = (Some("u".into()), Some("p".into()));
    fetch(&sites(), &source(&login)).await.unwrap();
    let post = upstream.seen().into_iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!((post.target.as_str(), post.body.as_str()), ("/login?x=1", "u=ada&p=s3cr%26t"));
}

#[tokio::test]
async fn a_forms_action_counts_from_the_pages_base_and_final_address() {
    for (page, action, target) in [
        ("", "in", "/x/in"),
        ("", "", "/x/login?a=1"),
        ("<base href=/y/>", "in", "/y/in"),
        ("<base href=/y/>", "", "/x/login?a=1"),
    ] {
        let page =
            format!("{page}<form method=post action='{action}'><input name=u><input type=password name=p></form>");
        let upstream = Upstream::start(move |seen| match (seen.method.as_str(), seen.target.as_str()) {
            ("POST", _) => Reply::html("<p>Hello"),
            (_, "/login") => Reply::redirect(302, "/x/login?a=1"),
            (_, "/x/login?a=1") => Reply::html(&page),
            _ => Reply::calendar(),
        })
        .await;
        let source = Source { login: Some(login_at(upstream.url("/login"))), ..plain(upstream.url("/a.ics")) };
        fetch(&sites(), &source).await.unwrap();
        let post = upstream.seen().into_iter().find(|seen| seen.method == "POST").unwrap();
        assert_eq!(post.target, target);
    }
}

#[tokio::test]
async fn a_feed_that_alone_is_refused_does_not_cost_the_others_their_session() {
    let ipp = Ipp::default();
    let upstream = Upstream::start(move |seen| match seen.target.contains("ics/BAD") {
        true => Reply::html(FORM),
        false => ipp.answer(seen),
    })
    .await;
    let sites = sites();
    let (bad, good) = (signed(&upstream, "BAD"), signed(&upstream, "GOOD"));
    let (bad, good) = tokio::join!(fetch(&sites, &bad), fetch(&sites, &good));
    assert_eq!(bad.unwrap_err().class, FailureClass::SignIn);
    assert!(good.is_ok());
    assert_eq!(upstream.count("POST"), 1);
}

#[tokio::test]
async fn a_missing_page_is_moved_even_with_a_sign_in_box_on_it() {
    assert_eq!(class_for(Reply::new(404, "text/html", FORM)).await, FailureClass::Moved);
}

#[tokio::test]
async fn a_form_that_posts_to_a_stranger_gets_no_password() {
    let stranger = Upstream::start(|_| Reply::html("thanks")).await;
    let form = FORM.replace("index.php", stranger.url("/steal").as_str());
    let upstream = Upstream::start(move |_| Reply::html(&form)).await;
    assert_eq!(class_of(&sites(), &signed(&upstream, "A1")).await, FailureClass::SignIn);
    assert!(stranger.seen().is_empty());
    assert_eq!(upstream.count("POST"), 0);
}

#[tokio::test]
async fn a_sign_in_page_on_another_origin_serves_the_feeds_origin() {
    let ipp = Ipp::default();
    let (door, house) = (ipp.start().await, ipp.start().await);
    let source = Source { login: Some(login_at(door.url("/index.php"))), ..signed(&house, "A1") };
    fetch(&sites(), &source).await.unwrap();
    assert_eq!((door.count("POST"), house.count("POST")), (1, 0));
}

#[tokio::test]
async fn a_redirect_to_the_sign_in_page_is_a_lost_session() {
    let ipp = Ipp::default();
    let behind = ipp.clone();
    let upstream = Upstream::start(move |seen| {
        let reply = behind.answer(seen);
        let live = behind.live.lock().unwrap().contains(seen.header("cookie"));
        match seen.target.as_str() {
            "/a.ics" if live => Reply::calendar(),
            "/a.ics" => Reply::redirect(302, "/index.php?from=a"),
            "/index.php?from=a" => Reply::html("<div id=app></div>"),
            _ => reply,
        }
    })
    .await;
    let source = Source { url: upstream.url("/a.ics"), ..signed(&upstream, "") };
    let sites = sites();
    fetch(&sites, &source).await.unwrap();
    ipp.expire_all();
    fetch(&sites, &source).await.unwrap();
    assert_eq!(upstream.count("POST"), 2);
}

#[tokio::test]
async fn a_form_with_get_sends_its_fields_in_the_query_and_never_shows_them() {
    let upstream = Upstream::start(|seen| match seen.target.as_str() {
        "/login" => Reply::html("<form action='/in?old=1'><input name=u><input type=password name=p></form>"),
        "/in?u=ada&p=s3cr%26t" => Reply::new(401, "text/plain", "no"),
        _ => Reply::calendar(),
    })
    .await;
    let source = Source { login: Some(login_at(upstream.url("/login"))), ..plain(upstream.url("/a.ics")) };
    let failure = fetch(&sites(), &source).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::SignIn);
    assert!(!failure.detail.contains("s3cr"), "{}", failure.detail);
    assert!(!format!("{source:?}").contains("s3cr"));
}

#[tokio::test]
async fn a_site_that_is_down_keeps_the_session() {
    let ipp = Ipp::default();
    let down = Arc::new(Mutex::new(false));
    let (behind, is_down) = (ipp.clone(), down.clone());
    let upstream = Upstream::start(move |seen| match *is_down.lock().unwrap() {
        true => Reply::new(502, "text/html", "<p>Bad gateway"),
        false => behind.answer(seen),
    })
    .await;
    let (sites, source) = (sites(), signed(&upstream, "A1"));
    fetch(&sites, &source).await.unwrap();
    *down.lock().unwrap() = true;
    assert_eq!(class_of(&sites, &source).await, FailureClass::Network);
    *down.lock().unwrap() = false;
    fetch(&sites, &source).await.unwrap();
    assert_eq!(upstream.count("POST"), 1);
}

#[tokio::test]
async fn one_request_at_a_time_goes_to_a_site() {
    let upstream = Upstream::start(|_| Reply::calendar().after(Duration::from_millis(50))).await;
    let other = Upstream::start(|_| Reply::calendar().after(Duration::from_millis(50))).await;
    let sites = Arc::new(sites());
    let start = Instant::now();
    let mut fetches = tokio::task::JoinSet::new();
    for n in 0..8 {
        let server = if n % 2 == 0 { &upstream } else { &other };
        let (sites, source) = (sites.clone(), plain(server.url(&format!("/{n}"))));
        fetches.spawn(async move { fetch(&sites, &source).await.unwrap() });
    }
    fetches.join_all().await;
    assert_eq!((upstream.most_at_once(), other.most_at_once()), (1, 1));
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_site_is_given_a_pause_between_requests() {
    let upstream = Upstream::start(|_| Reply::calendar()).await;
    let (sites, source) = (sites_with(Duration::from_millis(150)), plain(upstream.url("/")));
    let start = Instant::now();
    for _ in 0..3 {
        fetch(&sites, &source).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}
