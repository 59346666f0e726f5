//! How a source of certificates is opened, and what it shows first. What is bad is kept as the source's failure, for a
//! command must work beside it; only [`check`], which a start asks, refuses.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;

use super::acme::{Acme, AcmeParts};
use super::error::TlsError;
use super::files::{Files, check_files};
use super::issue::make_temporary;
use super::own::Own;
use super::pair::Pair;
use super::showcase::Showcase;
use super::status::{Failure, Origin};
use crate::clock::Clock;
use crate::config::{ClockTrust, Config, TlsMode};
use crate::fetch::{AuthorityClient, AuthorityError};
use crate::store::Store;

/// Where certificates come from.
pub(super) enum Source {
    Files(Box<Files>),
    Own(Own),
    Acme {
        acme: Box<Acme>,
        /// Why the authority cannot be asked at all: then it is not.
        cut_off: Option<Failure>,
    },
}

/// A source with something to show.
pub(super) struct Opened {
    pub source: Source,
    pub showcase: Arc<Showcase>,
    /// The certificate that was made because the source had none.
    pub temporary: Option<CertificateDer<'static>>,
}

/// What a start would stumble over: files that cannot be shown, a root that cannot be read. Asked before a port or the
/// database is opened, so by a clock that nobody has judged yet: a wrong one is behind, and finds nothing expired that has
/// not. By a clock that is never trusted nothing has expired.
pub fn check(config: &Config, now: DateTime<Utc>) -> Result<(), TlsError> {
    match &config.tls.mode {
        TlsMode::Files(files) => {
            let now = Some(now).filter(|_| config.clock != ClockTrust::Never);
            Ok(check_files(files, now)?)
        }
        TlsMode::Acme => Ok(authority_client(config).map(drop)?),
        TlsMode::SelfSigned | TlsMode::Off => Ok(()),
    }
}

/// The way to the authority, as the configuration has it.
pub fn authority_client(config: &Config) -> Result<AuthorityClient, AuthorityError> {
    let proxy = config.fetch.proxy.as_ref().map(ToString::to_string);
    AuthorityClient::open(proxy.as_deref(), config.tls.acme.ca_file.as_deref())
}

impl Source {
    pub(super) fn origin(&self) -> Origin {
        match self {
            Self::Files(_) => Origin::Files,
            Self::Own(_) => Origin::Own,
            Self::Acme { .. } => Origin::Acme,
        }
    }
}

impl Opened {
    /// Opens the source that `tls.mode` names; `None` where it is `off`.
    pub(super) fn open(config: &Arc<ArcSwap<Config>>, store: &Store, clock: &Clock) -> Result<Option<Self>, TlsError> {
        let present = config.load();
        let (domains, now) = (&present.tls.domains, clock.now());
        let opened = match &present.tls.mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Files(files) => {
                let (files, pair) = Files::open(files, now);
                Self::new(Source::Files(Box::new(files)), pair, domains, now)?
            }
            TlsMode::SelfSigned => {
                let (own, pair) = Own::open(config, store, clock)?;
                Self::new(Source::Own(own), pair, domains, now)?
            }
            TlsMode::Acme => open_acme(&present, store, clock)?,
        };
        Ok(Some(opened))
    }

    fn new(source: Source, pair: Option<Pair>, domains: &[String], now: DateTime<Utc>) -> Result<Self, TlsError> {
        let (showcase, temporary) = match pair {
            Some(pair) => (Showcase::new(pair), None),
            None => show_temporary(domains, now)?,
        };
        Ok(Self { source, showcase, temporary })
    }
}

fn show_temporary(
    domains: &[String],
    now: DateTime<Utc>,
) -> Result<(Arc<Showcase>, Option<CertificateDer<'static>>), TlsError> {
    let pair = make_temporary(domains, now)?;
    let certificate = pair.chain().first().cloned();
    Ok((Showcase::new(pair), certificate))
}

/// This source shows what it gets by itself, so the showcase is there before it.
fn open_acme(config: &Config, store: &Store, clock: &Clock) -> Result<Opened, TlsError> {
    let domains = config.tls.domains.clone();
    let failed = |error: AuthorityError| Failure { at: clock.now(), text: error.to_string() };
    let (client, cut_off) = match authority_client(config) {
        Ok(client) => (client, None),
        // A client that nobody uses: the source is cut off.
        Err(error) => (AuthorityClient::open(None, None)?, Some(failed(error))),
    };
    let (showcase, temporary) = show_temporary(&domains, clock.now())?;
    let acme = Acme::open(AcmeParts {
        acme: config.tls.acme.clone(),
        domains,
        store: store.clone(),
        clock: clock.clone(),
        client: Arc::new(client),
        showcase: Arc::clone(&showcase),
    })?;
    if let Some(pair) = acme.stored() {
        showcase.show(pair);
    }
    Ok(Opened { source: Source::Acme { acme: Box::new(acme), cut_off }, showcase, temporary })
}
