//! What the tests of ACME share: an authority, a box that serves on the ports where it looks, and a go-between on the way
//! to it that counts, and can be told to interfere.

use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{Method, Request, Response, StatusCode};
use axum::routing::get;
use carillon::clock::Clock;
use carillon::config::{self, Challenge};
use carillon::fetch::AuthorityClient;
use carillon::net::{self, Limits, Listeners, Plane, Shutdown, Stop};
use carillon::store::{Store, StoreError};
use carillon::tls::acme::{Acme, AcmeParts};
use carillon::tls::{Pair, Showcase, provider, server_config};
use chrono::Utc;
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::pebble::{Doors, Habits, Pebble};

/// What went to the authority.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// Without the last segment where that is an id: `/order-plz`, `/finalize-order/`.
    pub path: String,
    /// The signed payload of a POST, as JSON; null where there is none.
    pub payload: serde_json::Value,
    /// How many POSTs there were before.
    pub posts_before: usize,
}

/// What the go-between does.
pub enum Verdict {
    Pass,
    /// It never arrives.
    Lose,
    /// It arrives, and its answer never does.
    LoseAnswer,
    /// Somebody else answers.
    Answer(Response<Full<Bytes>>),
    /// The answer's JSON is changed.
    Edit(Box<dyn Fn(&mut serde_json::Value) + Send>),
}

type Rule = Arc<dyn Fn(&Asked) -> Verdict + Send + Sync>;

/// A client on the way to the authority.
#[derive(Clone)]
pub struct GoBetween {
    inner: AuthorityClient,
    rule: Rule,
    /// With the status that the authority answered, 0 for none.
    log: Arc<Mutex<Vec<(Asked, u16)>>>,
    pub cut: Arc<tokio::sync::Notify>,
}

impl GoBetween {
    pub fn new(inner: AuthorityClient, rule: impl Fn(&Asked) -> Verdict + Send + Sync + 'static) -> Self {
        Self { inner, rule: Arc::new(rule), log: Arc::default(), cut: Arc::default() }
    }

    pub fn log(&self) -> Vec<(Asked, u16)> {
        self.log.lock().unwrap().clone()
    }

    /// How often the authority answered so to that.
    pub fn count(&self, path: &str, status: u16) -> usize {
        self.log().iter().filter(|(asked, answered)| asked.path == path && *answered == status).count()
    }

    fn note(&self, method: &Method, path: &str, body: &Bytes) -> (Asked, usize) {
        let mut log = self.log.lock().unwrap();
        let posts_before = log.iter().filter(|(asked, _)| asked.method == Method::POST).count();
        let asked = Asked { method: method.clone(), path: path.to_owned(), payload: payload(body), posts_before };
        log.push((asked.clone(), 0));
        (asked, log.len() - 1)
    }
}

impl HttpClient for GoBetween {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let this = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let (asked, place) = this.note(&head.method, &folder(head.uri.path()), &body);
            let verdict = (this.rule)(&asked);
            if let Verdict::Answer(answer) = verdict {
                return Ok(BytesResponse::from(answer));
            }
            if matches!(verdict, Verdict::Lose) {
                this.cut.notify_one();
                std::future::pending::<()>().await;
            }
            let body = if body.is_empty() { BodyWrapper::default() } else { BodyWrapper::from(body.to_vec()) };
            let mut answer = this.inner.request(Request::from_parts(head, body)).await?;
            this.log.lock().unwrap()[place].1 = answer.parts.status.as_u16();
            match verdict {
                Verdict::LoseAnswer => {
                    this.cut.notify_one();
                    std::future::pending().await
                }
                Verdict::Edit(edit) => {
                    let bytes = answer.body.into_bytes().await.map_err(Error::Other)?;
                    let mut json = serde_json::from_slice(&bytes).unwrap();
                    edit(&mut json);
                    let body = Full::new(Bytes::from(json.to_string()));
                    Ok(BytesResponse::from(Response::from_parts(answer.parts, body)))
                }
                _ => Ok(answer),
            }
        })
    }
}

/// `/my-order/abc` is `/my-order/`.
fn folder(path: &str) -> String {
    match path.rfind('/') {
        Some(0) | None => path.to_owned(),
        Some(last) => path[..=last].to_owned(),
    }
}

fn payload(body: &Bytes) -> serde_json::Value {
    use base64::Engine;
    let decode = || {
        let signed: serde_json::Value = serde_json::from_slice(body).ok()?;
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signed["payload"].as_str()?).ok()?;
        serde_json::from_slice(&text).ok()
    };
    decode().unwrap_or_default()
}

/// A box, the authority, and what lies between.
pub struct Rig {
    pub pebble: Pebble,
    pub showcase: Arc<Showcase>,
    pub data: tempfile::TempDir,
    pub clock: Clock,
    pub acme: config::Acme,
    pub domains: Vec<String>,
    pub tls_port: u16,
    _stops: Vec<Stop>,
}

impl Rig {
    /// With an authority that has started; `None` where there is none to be had.
    pub async fn start(habits: Habits) -> Option<Self> {
        let mut rig = Self::ready(habits).await?;
        rig.pebble.start();
        Some(rig)
    }

    /// With an authority that has not started yet.
    pub async fn ready(habits: Habits) -> Option<Self> {
        let (http, tls) = (listen(), listen());
        let doors = Doors { http: port(&http), tls: port(&tls) };
        let pebble = Pebble::new(doors, habits)?;
        let showcase = Showcase::new(self_signed());
        let stops = vec![serve_https(tls, &showcase), serve_http(http, &showcase)];
        let acme = config::Acme {
            contact: Some("mailto:admin@example.org".into()),
            directory: pebble.directory().parse().unwrap(),
            challenge: Challenge::TlsAlpn01,
            ca_file: Some(pebble.ca_file()),
        };
        Some(Self {
            pebble,
            showcase,
            data: tempfile::tempdir().unwrap(),
            clock: trusted(Clock::system()),
            acme,
            domains: vec!["cafe.test".into()],
            tls_port: doors.tls,
            _stops: stops,
        })
    }

    /// The authority's client, as the service has it.
    pub fn client(&self) -> AuthorityClient {
        AuthorityClient::open(None, self.acme.ca_file.as_deref()).unwrap()
    }

    /// Lets everything through, and counts.
    pub fn passing(&self) -> GoBetween {
        GoBetween::new(self.client(), |_| Verdict::Pass)
    }

    /// A clock in the test's hand from now on.
    pub fn hold_clock(&mut self) {
        self.clock = trusted(Clock::manual(real_now()));
    }

    /// The orders over the data folder, as after a start.
    pub fn open(&self, client: &GoBetween) -> Acme {
        Acme::open(AcmeParts {
            acme: self.acme.clone(),
            domains: self.domains.clone(),
            store: self.store(),
            clock: self.clock.clone(),
            client: Arc::new(client.clone()),
            showcase: Arc::clone(&self.showcase),
        })
        .unwrap()
    }

    /// The database; a write that was cut off lets go of it in its own time.
    pub fn store(&self) -> Store {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            match Store::open(self.data.path()) {
                Err(StoreError::InUse { .. }) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
                opened => return opened.unwrap(),
            }
        }
    }

    /// A client that trusts what the authority issues, and nothing else.
    pub async fn visitor(&self) -> Visitor {
        let request = Request::builder().uri(self.pebble.issuing_root()).body(BodyWrapper::default()).unwrap();
        let mut answer = self.client().request(request).await.unwrap();
        let pem = answer.body.into_bytes().await.unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = config.with_no_client_auth();
        config.resumption = rustls::client::Resumption::disabled();
        Visitor { connector: TlsConnector::from(Arc::new(config)), port: self.tls_port }
    }
}

/// Somebody with a browser.
#[derive(Clone)]
pub struct Visitor {
    connector: TlsConnector,
    port: u16,
}

impl Visitor {
    pub async fn connect(&self, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        self.connector.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
    }

    /// A new connection and a request.
    pub async fn visit(&self, name: &str) -> std::io::Result<()> {
        ask(&mut self.connect(name).await?).await
    }
}

/// One request on a connection that stays open.
pub async fn ask(stream: &mut TlsStream<TcpStream>) -> std::io::Result<()> {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: cafe.test\r\n\r\n").await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"Bonjour") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_methods)] // Pebble knows no other time.
pub fn real_now() -> chrono::DateTime<Utc> {
    Utc::now()
}

/// An answer that the authority might have given.
pub fn answer(status: u16, headers: &[(&str, &str)], body: serde_json::Value) -> Verdict {
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let plain = Response::builder().status(status).header("content-type", kind);
    let whole = headers.iter().fold(plain, |response, (name, value)| response.header(*name, *value));
    Verdict::Answer(whole.body(Full::new(Bytes::from(body.to_string()))).unwrap())
}

fn listen() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

fn self_signed() -> Pair {
    let made = rcgen::generate_simple_self_signed(["carillon".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    Pair::new(vec![made.cert.der().clone()], key).unwrap()
}

fn serve_https(listener: TcpListener, showcase: &Arc<Showcase>) -> Stop {
    let mut listeners = Listeners::default();
    listeners.add(Plane::Https, listener, Some(server_config(showcase.clone()).unwrap()));
    serve(listeners, Router::new().route("/", get(|| async { "Bonjour" })))
}

fn serve_http(listener: TcpListener, showcase: &Arc<Showcase>) -> Stop {
    let mut listeners = Listeners::default();
    listeners.add(Plane::Http, listener, None);
    let showcase = Arc::clone(showcase);
    let answer =
        move |Path(token): Path<String>| async move { showcase.challenges.text(&token).ok_or(StatusCode::NOT_FOUND) };
    serve(listeners, Router::new().route("/.well-known/acme-challenge/{token}", get(answer)))
}

fn serve(listeners: Listeners, routes: Router) -> Stop {
    let (stop, shutdown) = Shutdown::channel();
    tokio::spawn(net::serve(listeners, routes, Limits::default(), shutdown));
    stop
}

/// A clock that somebody vouches for.
fn trusted(clock: Clock) -> Clock {
    clock.take_as_is();
    clock
}
