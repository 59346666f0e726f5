//! One request and the head of its answer. It decides what a stranger may see: headers and cookies only where trusted.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::http::{Request, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Proxy, ProxyProtocol};
use url::Url;
use url::form_urlencoded::Serializer;

use super::error::{FetchError, from_ureq, shown};
use super::reach::{IsPublic, JudgingResolver, Reach};
use super::{FetchConfig, FetchRequest, Jar, span};

/// The head of an answer must fit; the input buffer holds it whole, so it is a little larger. ureq's own 128 kB twice per
/// connection are too much for a small board.
const HEAD_MAX_BYTES: usize = 32 * 1024;
const INPUT_BUFFER_BYTES: usize = 40 * 1024;
const OUTPUT_BUFFER_BYTES: usize = 16 * 1024;

/// What all fetches share.
pub(super) struct Desk {
    pub(super) config: FetchConfig,
    pub(super) is_public: IsPublic,
    proxy: Option<Proxy>,
    tls: TlsConfig,
}

impl Desk {
    pub(super) fn new(config: FetchConfig, is_public: IsPublic) -> Result<Desk, FetchError> {
        HeaderValue::from_str(&config.user_agent).map_err(|_| FetchError::BadUserAgent)?;
        let proxy = config.proxy.as_deref().filter(|address| !address.is_empty()).map(read_proxy).transpose()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
        Ok(Desk { config, is_public, proxy, tls })
    }

    /// The same with other roots than the public ones.
    pub(super) fn with_roots(mut self, roots: RootCerts) -> Desk {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        self.tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots).build();
        self
    }

    #[allow(clippy::disallowed_methods)] // The one place that says how we go out.
    pub(super) fn agent_config(&self, left: Duration) -> Config {
        Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(self.proxy.clone())
            .user_agent(self.config.user_agent.as_str())
            .tls_config(self.tls.clone())
            .timeout_global(Some(left))
            .timeout_connect(Some(span(self.config.connect_secs)))
            .max_response_header_size(HEAD_MAX_BYTES)
            .input_buffer_size(INPUT_BUFFER_BYTES)
            .output_buffer_size(OUTPUT_BUFFER_BYTES)
            .max_idle_connections(0)
            .build()
    }
}

/// ureq panics on SOCKS without its feature, so only the two that it speaks are let in.
fn read_proxy(address: &str) -> Result<Proxy, FetchError> {
    let proxy = Proxy::new(address).map_err(|_| FetchError::BadProxy)?;
    match proxy.protocol() {
        ProxyProtocol::Http | ProxyProtocol::Https => Ok(proxy),
        _ => Err(FetchError::BadProxy),
    }
}

/// One step of the way: an address, and the form that is posted to it.
pub(super) struct Hop {
    pub(super) url: Url,
    pub(super) form: Option<Vec<(String, String)>>,
}

/// Makes one request, and keeps the cookies of the answer where it may.
///
/// Each hop has an agent of its own: nothing is pooled, so no request is lost on a connection that the server has just closed,
/// and no connection outlives the judgement on its address. A feed is fetched a few times an hour; a handshake is cheap.
pub(super) fn exchange(
    desk: &Desk,
    reach: &Arc<Reach>,
    hop: &Hop,
    request: &FetchRequest,
    left: Duration,
) -> Result<Response<Body>, FetchError> {
    let ours = |error| from_ureq(error, &hop.url, desk.config.total_secs);
    let headers = headers_for(desk, hop, request)?;
    let uri = uri_of(&hop.url)?;
    let resolver = JudgingResolver { reach: reach.clone() };
    let config = desk.agent_config(left);
    if config.proxy().is_some() {
        judge_before_proxy(&resolver, &uri, left).map_err(ours)?;
    }
    #[allow(clippy::disallowed_methods)] // One of the two places that go out.
    let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
    let answer = run(&agent, uri, headers, hop.form.as_deref()).map_err(ours)?;
    if let Some(jar) = request.jar.as_ref().filter(|_| request.trusts(&hop.url)) {
        keep_cookies(jar, &hop.url, answer.headers());
    }
    Ok(answer)
}

fn uri_of(url: &Url) -> Result<Uri, FetchError> {
    let bad = || FetchError::BadAddress { at: shown(url) };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad());
    }
    url.as_str().parse().map_err(|_| bad())
}

/// A proxy resolves names by itself; what the appliance can find out about the target is judged all the same.
fn judge_before_proxy(resolver: &JudgingResolver, uri: &Uri, left: Duration) -> Result<(), ureq::Error> {
    let timeout = NextTimeout { after: left.into(), ..NextTimeout::default() };
    match resolver.judge(uri, &Config::default(), timeout) {
        Ok(_) | Err(ureq::Error::HostNotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn run(
    agent: &Agent,
    uri: Uri,
    headers: HeaderMap,
    form: Option<&[(String, String)]>,
) -> Result<Response<Body>, ureq::Error> {
    match form {
        None => {
            let mut request = Request::get(uri).body(())?;
            *request.headers_mut() = headers;
            agent.run(request)
        }
        Some(fields) => {
            let mut request = Request::post(uri).body(Serializer::new(String::new()).extend_pairs(fields).finish())?;
            *request.headers_mut() = headers;
            agent.run(request)
        }
    }
}

/// The headers for one hop: everybody gets the user agent and the validators, trusted origins the rest.
fn headers_for(desk: &Desk, hop: &Hop, request: &FetchRequest) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    let agent = request.user_agent.as_ref().unwrap_or(&desk.config.user_agent);
    headers.insert(header::USER_AGENT, HeaderValue::from_str(agent).map_err(|_| FetchError::BadUserAgent)?);
    if hop.form.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    } else {
        add_validators(&mut headers, request);
    }
    if request.trusts(&hop.url) {
        add_extra(&mut headers, request)?;
        add_cookies(&mut headers, request.jar.as_ref(), &hop.url);
    }
    Ok(headers)
}

/// A validator that cannot be sent is left out: then the answer is whole.
fn add_validators(headers: &mut HeaderMap, request: &FetchRequest) {
    let validators =
        [(header::IF_NONE_MATCH, &request.if_none_match), (header::IF_MODIFIED_SINCE, &request.if_modified_since)];
    for (name, value) in validators {
        if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
            headers.insert(name, value);
        }
    }
}

fn add_extra(headers: &mut HeaderMap, request: &FetchRequest) -> Result<(), FetchError> {
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| FetchError::BadHeader)?;
        let value = HeaderValue::from_bytes(value.expose().as_bytes()).map_err(|_| FetchError::BadHeader)?;
        headers.insert(name, value);
    }
    Ok(())
}

/// Longer paths first (RFC 6265, 5.4). A value that no header can carry sends no cookies at all.
fn add_cookies(headers: &mut HeaderMap, jar: Option<&Jar>, url: &Url) {
    let Some(jar) = jar else { return };
    let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
    let mut cookies = jar.matches(url);
    cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
    let pairs: Vec<String> = cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
    if let (false, Ok(value)) = (pairs.is_empty(), HeaderValue::from_str(&pairs.join("; "))) {
        headers.insert(header::COOKIE, value);
    }
}

/// One by one: the store's own method for all of them writes their values to the log.
fn keep_cookies(jar: &Jar, url: &Url, headers: &HeaderMap) {
    let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
    for value in headers.get_all(header::SET_COOKIE) {
        // A cookie that is malformed or for another domain is dropped, as browsers do.
        let _ = jar.parse(&String::from_utf8_lossy(value.as_bytes()), url);
    }
}
