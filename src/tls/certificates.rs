//! The service: one source of certificates, what it shows, and how it stands.
//!
//! There is always something to show, if only a temporary certificate. No call here goes to the network but
//! [`Certificates::tick`] and [`Certificates::renew`], and nothing here waits for them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;

use super::acme::{self, Acme, AcmeParts};
use super::error::TlsError;
use super::files::{Files, Now, check_files};
use super::issue::make_temporary;
use super::own::{Belief, Own};
use super::pair::{Leaf, Pair};
use super::showcase::Showcase;
use super::status::{Failure, Look, Next, Origin, Status};
use crate::clock::Clock;
use crate::config::{ClockTrust, Config, TlsMode};
use crate::fetch::{AuthorityClient, AuthorityError};
use crate::store::Store;

/// The certificates of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Certificates(Arc<Inner>);

struct Inner {
    mode: &'static str,
    domains: Vec<String>,
    source: Source,
    /// The source's own, but for [`Origin::Temporary`].
    origin: Origin,
    showcase: Arc<Showcase>,
    /// The certificate that was made at the start because the source had none.
    temporary: Option<CertificateDer<'static>>,
    clock: Clock,
    time: Time,
    /// A tick that finds another one at work has nothing to do.
    at_work: tokio::sync::Mutex<()>,
}

/// Whether dates count.
struct Time {
    trust: ClockTrust,
    clock: Clock,
}

/// Where certificates come from.
enum Source {
    Files(Box<Files>),
    Own(Own),
    Acme(Box<Acme>),
}

/// What a renewal by hand has brought.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What is shown from now on.
    pub leaf: Leaf,
    /// What to mind, a line each.
    pub warnings: Vec<String>,
}

/// What a start would stumble over: files that cannot be shown, a root that cannot be read. Asked before a port or the
/// database is opened. By a clock that is never trusted nothing has expired.
pub fn check(config: &Config, now: DateTime<Utc>) -> Result<(), TlsError> {
    match &config.tls.mode {
        TlsMode::Files(files) => {
            let is_believed = config.clock != ClockTrust::Never;
            Ok(check_files(files, Now { at: now, is_believed })?)
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

impl Certificates {
    /// Reads what there is, files or records, and makes a temporary certificate where there is nothing to show; `None`
    /// where `tls.mode` is `off`. It takes bad files too, and says so in its status: a command must work beside them.
    pub fn open(config: &Config, store: &Store, clock: &Clock) -> Result<Option<Self>, TlsError> {
        let time = Time { trust: config.clock, clock: clock.clone() };
        let now = clock.now();
        let domains = &config.tls.domains;
        let opened = match &config.tls.mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Files(files) => {
                let (files, pair) = Files::open(files, now);
                Opened::new(Source::Files(Box::new(files)), pair, domains, now)?
            }
            TlsMode::SelfSigned => {
                let (own, pair) = Own::open(domains, store, now, time.belief())?;
                Opened::new(Source::Own(own), pair, domains, now)?
            }
            TlsMode::Acme => open_acme(config, store, clock)?,
        };
        let Opened { source, showcase, temporary } = opened;
        let origin = source.origin();
        let (mode, domains) = (config.tls.mode.word(), domains.clone());
        let at_work = tokio::sync::Mutex::default();
        let inner = Inner { mode, domains, source, origin, showcase, temporary, clock: clock.clone(), time, at_work };
        Ok(Some(Self(Arc::new(inner))))
    }

    /// What handshakes get, and the answers to challenges.
    pub fn showcase(&self) -> &Arc<Showcase> {
        &self.0.showcase
    }

    /// Is what is shown now one that browsers trust by themselves: from files, or from an authority?
    pub fn is_real(&self) -> bool {
        matches!(self.0.origin(), Origin::Files | Origin::Acme)
    }

    /// Does what is due; at once where nothing is, or where another tick is at work.
    pub async fn tick(&self) {
        let Ok(_alone) = self.0.at_work.try_lock() else { return };
        match &self.0.source {
            Source::Acme(acme) => acme.tick().await,
            Source::Own(own) if !own.is_due(self.0.clock.now(), self.0.time.belief()) => {}
            Source::Own(_) | Source::Files(_) => {
                let done = self.on_blocking_pool(|inner| inner.look()).await;
                done.unwrap_or_else(|error| log::error!("the certificate could not be looked after: {error}"));
            }
        }
    }

    /// Reads the files again, whether they have changed or not. Other sources have nothing to read.
    pub fn reload(&self) {
        let Inner { source, showcase, .. } = self.0.as_ref();
        if let Source::Files(files) = source {
            files.reload(showcase, self.0.now());
        }
    }

    /// Gets another certificate now, because somebody says so.
    pub async fn renew(&self) -> Result<Renewed, TlsError> {
        match &self.0.source {
            Source::Files(files) => Err(TlsError::NotOurs { path: files.certificate().to_path_buf() }),
            // It knows itself when it is at work, and says so to whoever asks.
            Source::Acme(acme) => {
                let acme::Renewed { leaf, warning } = acme.renew_now().await?;
                Ok(Renewed { leaf, warnings: warning.into_iter().collect() })
            }
            Source::Own(_) => {
                let _alone = self.0.at_work.lock().await;
                self.on_blocking_pool(Inner::renew_own).await??;
                Ok(Renewed { leaf: self.0.showcase.current().leaf.clone(), warnings: Vec::new() })
            }
        }
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let inner = self.0.as_ref();
        let (leaf, origin) = (inner.showcase.current().leaf.clone(), inner.origin());
        let Facts { next, last_error, ledger, notes } = inner.facts();
        let now = Some(inner.clock.now()).filter(|_| inner.time.belief() == Belief::Trusted);
        let look = Look { leaf: &leaf, origin, failure: last_error.as_ref(), now, mend: &next.words };
        let trouble = look.trouble();
        let (mode, domains) = (inner.mode, inner.domains.clone());
        Status { mode, domains, leaf, origin, next, last_error, ledger, notes, trouble }
    }

    /// The certificate of our own authority, in PEM, for whoever is to trust it.
    pub fn authority_pem(&self) -> Option<String> {
        match &self.0.source {
            Source::Own(own) => own.authority_pem(),
            Source::Files(_) | Source::Acme(_) => None,
        }
    }

    async fn on_blocking_pool<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, TlsError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || run(&inner)).await.map_err(|_| TlsError::Interrupted)
    }
}

/// What a source says of itself.
struct Facts {
    next: Next,
    last_error: Option<Failure>,
    ledger: Vec<String>,
    notes: Vec<String>,
}

impl Inner {
    fn origin(&self) -> Origin {
        let current = self.showcase.current();
        if self.temporary.is_some() && self.temporary.as_ref() == current.chain().first() {
            return Origin::Temporary;
        }
        self.origin
    }

    fn now(&self) -> Now {
        Now { at: self.clock.now(), is_believed: self.time.belief() == Belief::Trusted }
    }

    fn look(&self) {
        match &self.source {
            Source::Files(files) => files.look(&self.showcase, self.now()),
            Source::Own(own) => own.renew_due(&self.showcase, self.clock.now(), self.time.belief()),
            Source::Acme(_) => {}
        }
    }

    fn renew_own(&self) -> Result<(), TlsError> {
        match &self.source {
            Source::Own(own) => own.renew(&self.showcase, self.clock.now(), self.time.belief()),
            Source::Files(_) | Source::Acme(_) => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        match &self.source {
            Source::Files(files) => {
                Facts { next: files.next(), last_error: files.failure(), ledger: Vec::new(), notes: Vec::new() }
            }
            Source::Own(own) => {
                let next = own.next(self.time.belief());
                Facts { next, last_error: own.failure(), ledger: Vec::new(), notes: own.notes() }
            }
            Source::Acme(acme) => {
                let status = acme.status();
                let failed = status.last_error.map(|error| Failure { at: error.at, text: error.words });
                let why = status.explanation.map(|page| format!("the authority explains its advice at {page}"));
                Facts {
                    next: Next { words: status.next, at: status.next_at },
                    last_error: failed,
                    ledger: vec![status.ledger],
                    notes: status.damage.into_iter().chain(why).collect(),
                }
            }
        }
    }
}

impl Time {
    fn belief(&self) -> Belief {
        match self.trust {
            ClockTrust::Never => Belief::Never,
            ClockTrust::Auto | ClockTrust::Always if self.clock.is_trusted() => Belief::Trusted,
            ClockTrust::Auto | ClockTrust::Always => Belief::NotYet,
        }
    }
}

/// A source with something to show.
struct Opened {
    source: Source,
    showcase: Arc<Showcase>,
    temporary: Option<CertificateDer<'static>>,
}

impl Opened {
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
    let client = Arc::new(authority_client(config)?);
    let (showcase, temporary) = show_temporary(&domains, clock.now())?;
    let acme = Acme::open(AcmeParts {
        acme: config.tls.acme.clone(),
        domains,
        store: store.clone(),
        clock: clock.clone(),
        client,
        showcase: Arc::clone(&showcase),
    })?;
    if let Some(pair) = acme.stored() {
        showcase.show(pair);
    }
    Ok(Opened { source: Source::Acme(Box::new(acme)), showcase, temporary })
}

impl Source {
    fn origin(&self) -> Origin {
        match self {
            Self::Files(_) => Origin::Files,
            Self::Own(_) => Origin::Own,
            Self::Acme(_) => Origin::Acme,
        }
    }
}
