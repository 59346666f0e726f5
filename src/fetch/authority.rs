//! How a certificate authority is asked: instant-acme's requests, sent by ureq with limits of ours.
//!
//! A status is an answer, a redirect is not followed, and each request has a connection of its own: an order makes a
//! dozen in a few seconds, twice a season. The roots are the public ones, and those of `tls.acme.ca_file`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::http::request::Parts;
use ureq::http::{HeaderValue, Request, Response, header};
use ureq::tls::{Certificate, RootCerts};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use super::error::{FetchError, from_ureq, shown};
use super::hop::Desk;
use super::road::read_body;
use super::{FetchConfig, span};

/// A chain of certificates takes a few kilobytes.
const BODY_MAX_BYTES: u64 = 1024 * 1024;
const TOTAL_SECS: u64 = 30;

/// Asks a certificate authority. Cheap to clone.
#[derive(Clone)]
pub struct AuthorityClient {
    /// One for each set of roots. ureq takes either the public ones or a list, so the second is tried where TLS with
    /// the first fails. Should a request have arrived all the same, its nonce is used up, and it counts once.
    desks: Arc<[Desk]>,
}

/// Why the authority cannot be asked at all, as the configuration names it.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file of the root is missing or closed to us.
    #[error("tls.acme.ca_file: {}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        reason: io::Error,
    },
    /// There is no certificate in it.
    #[error("tls.acme.ca_file: {}: holds no usable certificate; write the authority's root in PEM (BEGIN CERTIFICATE)", path.display())]
    NoRoot {
        /// The file.
        path: PathBuf,
    },
    /// The proxy's address.
    #[error("fetch.proxy: {0}")]
    Proxy(FetchError),
}

impl AuthorityClient {
    /// Reads the further root, and checks the proxy.
    pub fn open(proxy: Option<&str>, ca_file: Option<&Path>) -> Result<Self, AuthorityError> {
        let config = FetchConfig {
            total_secs: TOTAL_SECS,
            max_body_bytes: BODY_MAX_BYTES,
            max_redirects: 0,
            proxy: proxy.map(str::to_owned),
            ..FetchConfig::default()
        };
        let desk = || Desk::new(config.clone(), |_| true).map_err(AuthorityError::Proxy);
        let own = ca_file.map(|path| Ok::<_, AuthorityError>(desk()?.with_roots(read_roots(path)?))).transpose()?;
        Ok(Self { desks: own.into_iter().chain([desk()?]).collect() })
    }
}

impl AuthorityClient {
    /// What stands at an address of the authority, with its status: a look that changes nothing there.
    pub async fn look(&self, url: &Url) -> Result<(u16, Bytes), FetchError> {
        let bad = |_| FetchError::BadAddress { at: shown(url) };
        let (head, ()) = Request::get(url.as_str()).body(()).map_err(bad)?.into_parts();
        let desks = self.desks.clone();
        let asked = tokio::task::spawn_blocking(move || ask_any(&desks, &head, &Bytes::new())).await;
        let answer = asked.unwrap_or(Err(FetchError::Stopped))?;
        let (head, body) = answer.into_parts();
        let Ok(body) = body.collect().await;
        Ok((head.status.as_u16(), body.to_bytes()))
    }
}

fn read_roots(path: &Path) -> Result<RootCerts, AuthorityError> {
    let no_root = || AuthorityError::NoRoot { path: path.to_path_buf() };
    let text = fs::read(path).map_err(|reason| AuthorityError::Unreadable { path: path.to_path_buf(), reason })?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|_| no_root())?;
    let (usable, _) = RootCertStore::empty().add_parsable_certificates(certificates.iter().cloned());
    if usable == 0 {
        return Err(no_root());
    }
    let certificates: Vec<_> = certificates.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    Ok(RootCerts::from(certificates))
}

impl HttpClient for AuthorityClient {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let desks = self.desks.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(never) => match never {},
            };
            let asked = tokio::task::spawn_blocking(move || ask_any(&desks, &head, &body)).await;
            match asked.unwrap_or(Err(FetchError::Stopped)) {
                Ok(answer) => Ok(BytesResponse::from(answer)),
                Err(error) => Err(Error::Other(Box::new(error))),
            }
        })
    }
}

/// Asks with one set of roots after the other. Blocks.
fn ask_any(desks: &[Desk], head: &Parts, body: &Bytes) -> Result<Response<Full<Bytes>>, FetchError> {
    let mut first = None;
    for desk in desks {
        match ask(desk, head, body) {
            Err(error @ FetchError::Tls { .. }) => first = first.or(Some(error)),
            answered => return answered,
        }
    }
    Err(first.unwrap_or(FetchError::Stopped))
}

fn ask(desk: &Desk, head: &Parts, body: &Bytes) -> Result<Response<Full<Bytes>>, FetchError> {
    let bad = || FetchError::BadAddress { at: head.uri.host().unwrap_or_default().to_owned() };
    let url = Url::parse(&head.uri.to_string()).map_err(|_| bad())?;
    if url.scheme() != "https" {
        return Err(FetchError::BadAddress { at: shown(&url) });
    }
    let ours = |error| from_ureq(error, &url, desk.config.total_secs);
    let (head, body) = send(desk, head, body).map_err(ours)?.into_parts();
    let body = read_body(desk, body, &url)?;
    Ok(Response::from_parts(head, Full::new(Bytes::from(body))))
}

fn send(desk: &Desk, head: &Parts, body: &Bytes) -> Result<Response<Body>, ureq::Error> {
    let config = desk.agent_config(span(desk.config.total_secs));
    #[allow(clippy::disallowed_methods)] // One of the two places that go out.
    let agent = Agent::with_parts(config, DefaultConnector::default(), DefaultResolver::default());
    let mut headers = head.headers.clone();
    // RFC 8555, section 6.1: the name and version of the client, for the authority's letters about a fault in it.
    headers
        .insert(header::USER_AGENT, HeaderValue::from_str(&desk.config.user_agent).map_err(ureq::http::Error::from)?);
    let mut request = Request::builder().method(head.method.clone()).uri(head.uri.clone()).body(())?;
    *request.headers_mut() = headers;
    match body.is_empty() {
        true => agent.run(request),
        false => agent.run(request.map(|()| body.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_cannot_be_read_is_named_with_its_key() {
        let missing = AuthorityClient::open(None, Some(Path::new("/nonexistent/root.pem"))).err().unwrap();
        assert!(missing.to_string().starts_with("tls.acme.ca_file: /nonexistent/root.pem: cannot be read"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("root.pem");
        fs::write(&path, "no certificate").unwrap();
        let empty = AuthorityClient::open(None, Some(&path)).err().unwrap().to_string();
        assert!(empty.contains("holds no usable certificate"), "{empty}");
    }
}
