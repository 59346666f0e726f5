//! The services that every slice stands on, built once and handed down.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use chrono_tz::Tz;
use url::Url;

use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
use crate::net::Plane;
use crate::settings::Settings;
use crate::store::{Store, View};
use crate::timekeeping::{Timekeeping, Witnesses};
use crate::tls::{Certificates, TlsError};

/// Store, clock and the trust in it, configuration, fetcher, certificates. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Whether the time may be trusted.
    pub time: Timekeeping,
    /// HTTP out.
    pub fetcher: Arc<Fetcher>,
    /// What HTTPS shows; none where it is off.
    pub certificates: Option<Certificates>,
    config: Arc<ArcSwap<Config>>,
    settings: View<Settings>,
    listening: Arc<OnceLock<Vec<(Plane, SocketAddr)>>>,
}

impl App {
    /// Puts the services together. The first start of a database gives it an identity.
    pub fn new(
        fetcher: Fetcher,
        config: Config,
        store: Store,
        clock: Clock,
        witnesses: Witnesses,
    ) -> Result<Self, TlsError> {
        let settings = crate::settings::open(&store)?;
        let (fetcher, config) = (Arc::new(fetcher), Arc::new(ArcSwap::from_pointee(config)));
        let time = Timekeeping::open(&store, clock.clone(), Arc::clone(&fetcher), Arc::clone(&config), witnesses)?;
        let certificates = Certificates::open(&config, &store, &clock)?;
        if let Some(signed_at) = certificates.as_ref().and_then(Certificates::signed_at) {
            time.learn(signed_at);
        }
        let listening = Arc::default();
        Ok(Self { store, clock, time, fetcher, certificates, config, settings, listening })
    }

    /// The configuration as it is now; a reload replaces it.
    pub fn config(&self) -> Arc<Config> {
        self.config.load_full()
    }

    /// Replaces the configuration.
    pub fn set_config(&self, config: Config) {
        self.config.store(Arc::new(config));
        self.note_public_url();
    }

    /// Where the service listens, by its own or by handed-over sockets; empty where none runs in this process.
    pub fn listening(&self) -> &[(Plane, SocketAddr)] {
        self.listening.get().map_or(&[], Vec::as_slice)
    }

    /// Says where the service listens, once.
    pub fn set_listening(&self, addresses: Vec<(Plane, SocketAddr)>) {
        // A second start in one process (a demo's) has a second `App`.
        drop(self.listening.set(addresses));
    }

    /// What the database itself knows of this appliance.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load()
    }

    /// The site's time zone.
    pub fn zone(&self) -> Tz {
        self.config.load().timezone
    }

    /// Where people find this appliance, without a slash at the end. The configuration's, else what an import left,
    /// else the first name of the certificate, else the first address that is listened on.
    pub fn public_url(&self) -> String {
        let config = self.config.load();
        let known = config.public_url.as_ref().map(Url::to_string).or_else(|| self.settings().public_url.clone());
        known.or_else(|| certified_url(&config)).unwrap_or_else(|| local_url(&config)).trim_end_matches('/').to_owned()
    }

    /// Warns where people are sent to a name that the certificate is not for.
    pub fn note_public_url(&self) {
        let (config, public_url) = (self.config(), self.public_url());
        let url = Url::parse(&public_url).ok().filter(|url| url.scheme() == "https");
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let named = config.tls.domains.iter().any(|domain| domain == host);
        if config.listen.https.is_some() && url.is_some() && !config.tls.domains.is_empty() && !named {
            log::warn!(
                "people are sent to {public_url}, but {host} is not in tls.domains: add it there, or set public_url to a name that is"
            );
        }
    }

    /// May browsers be told to come by HTTPS alone? They would keep to it for years, on every port of this name (RFC 6797,
    /// section 8.3): so never where an address that is found by plain HTTP is to go on.
    pub fn is_https_alone(&self) -> bool {
        self.is_secure() && !self.legacy_http() && self.config.load().listen.http_extra.is_empty()
    }

    /// Is it found by HTTPS? Then cookies are tied to that.
    pub fn is_secure(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// The text that an authority looks for on the plain port.
    pub fn challenge_text(&self, token: &str) -> Option<String> {
        self.certificates.as_ref()?.showcase().challenges.text(token)
    }

    /// Is what is shown on the HTTPS port signed by somebody whom browsers can trust?
    pub fn has_real_certificate(&self) -> bool {
        self.certificates.as_ref().is_some_and(Certificates::is_real)
    }

    /// Do imported tokens open `/{section}` by plain HTTP? The configuration's word, else what an import left.
    pub fn legacy_http(&self) -> bool {
        self.config.load().server.legacy_http.unwrap_or(self.settings().legacy_http)
    }
}

/// Where HTTPS is served, the first name that its certificate is asked for.
fn certified_url(config: &Config) -> Option<String> {
    let (https, domain) = (config.listen.https?, config.tls.domains.first()?);
    Some(match https.port() {
        443 => format!("https://{domain}"),
        port => format!("https://{domain}:{port}"),
    })
}

/// The first address that is listened on, as this machine itself would write it.
fn local_url(config: &Config) -> String {
    let host = |addr: SocketAddr| match addr.ip().is_unspecified() {
        true => format!("localhost:{}", addr.port()),
        false => addr.to_string(),
    };
    match (config.listen.https, config.listen.http) {
        (Some(https), _) => format!("https://{}", host(https)),
        (None, Some(http)) => format!("http://{}", host(http)),
        (None, None) => "http://localhost".to_owned(),
    }
}
