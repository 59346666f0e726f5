//! The services that every slice stands on, built once and handed down.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono_tz::Tz;
use url::Url;

use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
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
        Ok(Self { store, clock, time, fetcher, certificates, config, settings })
    }

    /// The configuration as it is now; a reload replaces it.
    pub fn config(&self) -> Arc<Config> {
        self.config.load_full()
    }

    /// Replaces the configuration.
    pub fn set_config(&self, config: Config) {
        self.config.store(Arc::new(config));
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
    /// else the first address that is listened on.
    pub fn public_url(&self) -> String {
        let config = self.config.load();
        let known = config.public_url.as_ref().map(Url::to_string).or_else(|| self.settings().public_url.clone());
        known.unwrap_or_else(|| local_url(&config)).trim_end_matches('/').to_owned()
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
