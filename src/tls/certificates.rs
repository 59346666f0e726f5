//! The service: one source of certificates, what it shows, and how it stands.
//!
//! There is always something to show, if only a temporary certificate. No call here goes to the network but
//! [`Certificates::tick`] and [`Certificates::renew`], and nothing here waits for them but [`Certificates::finish`].

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;

use super::acme::{self, Acme, AcmeError};
use super::error::TlsError;
use super::open::{Opened, Source};
use super::pair::Leaf;
use super::showcase::Showcase;
use super::status::{Failure, Look, Next, Origin, Status, Trouble, TroubleKind};
use crate::clock::Clock;
use crate::config::Config;
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
    /// A tick that finds another one at work has nothing to do.
    at_work: tokio::sync::Mutex<()>,
    is_stopping: AtomicBool,
    /// The trouble that the journal knows.
    told: Mutex<Option<TroubleKind>>,
}

/// What a renewal by hand has brought.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What is shown from now on.
    pub leaf: Leaf,
    /// What to mind, a line each.
    pub warnings: Vec<String>,
}

impl Certificates {
    /// Reads what there is, files or records, and makes a temporary certificate where there is nothing to show; `None`
    /// where `tls.mode` is `off`. It takes bad files and a bad `tls.acme.ca_file` too, and says so in its status: a command
    /// must work beside them. It writes nothing.
    pub fn open(config: &Arc<ArcSwap<Config>>, store: &Store, clock: &Clock) -> Result<Option<Self>, TlsError> {
        let Some(Opened { source, showcase, temporary }) = Opened::open(config, store, clock)? else { return Ok(None) };
        let present = config.load();
        Ok(Some(Self(Arc::new(Inner {
            mode: present.tls.mode.word(),
            domains: present.tls.domains.clone(),
            origin: source.origin(),
            source,
            showcase,
            temporary,
            clock: clock.clone(),
            at_work: tokio::sync::Mutex::default(),
            is_stopping: AtomicBool::new(false),
            told: Mutex::default(),
        }))))
    }

    /// Makes what can be made without asking anybody, before the doors open. A service does it, a mere command does not.
    /// Blocks on the disk.
    pub fn begin(&self) {
        if let Source::Own(own) = &self.0.source {
            own.renew_due(&self.0.showcase);
        }
    }

    /// Lets nothing begin any more, and waits for what is at work, so long at most: an authority that is looking at the
    /// answers to its challenges must find them. Where it is not, a fifth of that will do: what is cut off is resumed.
    pub async fn finish(&self, patience: Duration) {
        self.0.is_stopping.store(true, SeqCst);
        let patience = if self.0.showcase.challenges.is_any_on_offer() { patience } else { patience / 5 };
        if tokio::time::timeout(patience, self.0.at_work.lock()).await.is_err() {
            log::warn!("stopped in the middle of an order: the next start takes it up again");
        }
    }

    /// What handshakes get, and the answers to challenges.
    pub fn showcase(&self) -> &Arc<Showcase> {
        &self.0.showcase
    }

    /// Is what is shown now one that browsers trust by themselves: from files, or from an authority?
    pub fn is_real(&self) -> bool {
        matches!(self.0.origin(), Origin::Files | Origin::Acme)
    }

    /// A time that has passed for certain: an authority signed then what is shown.
    pub fn signed_at(&self) -> Option<DateTime<Utc>> {
        (self.0.origin() == Origin::Acme).then(|| self.0.showcase.current().leaf.not_before)
    }

    /// Does what is due; at once where nothing is, or where another tick is at work. Then says what is wrong, if that is
    /// news.
    pub async fn tick(&self) {
        let Ok(_alone) = self.0.at_work.try_lock() else { return };
        if self.0.is_stopping.load(SeqCst) {
            return;
        }
        match &self.0.source {
            Source::Acme { acme, cut_off: None } => acme.tick().await,
            Source::Acme { cut_off: Some(_), .. } => {}
            Source::Own(own) if !own.is_due() => {}
            Source::Own(_) | Source::Files(_) => {
                let done = self.on_blocking_pool(Inner::look).await;
                done.unwrap_or_else(|error| log::error!("the certificate could not be looked after: {error}"));
            }
        }
        self.tell_trouble();
    }

    fn tell_trouble(&self) {
        match self.news() {
            None => {}
            Some(Some(Trouble { kind, line })) if kind.is_grave() => log::error!("{line}"),
            Some(Some(Trouble { line, .. })) => log::warn!("{line}"),
            Some(None) => log::info!("nothing is wrong with the certificate any more"),
        }
    }

    /// What is wrong, if anything, where it is of another sort than at the last look.
    pub(super) fn news(&self) -> Option<Option<Trouble>> {
        let trouble = self.status().trouble;
        let kind = trouble.as_ref().map(|trouble| trouble.kind);
        let before = std::mem::replace(&mut *self.0.told.lock().unwrap_or_else(PoisonError::into_inner), kind);
        (before != kind).then_some(trouble)
    }

    /// Reads the files again, whether they have changed or not. Other sources have nothing to read.
    pub fn reload(&self) {
        let Inner { source, showcase, clock, .. } = self.0.as_ref();
        if let Source::Files(files) = source {
            files.reload(showcase, clock);
        }
    }

    /// Gets another certificate now, because somebody says so.
    pub async fn renew(&self) -> Result<Renewed, TlsError> {
        match &self.0.source {
            Source::Files(files) => Err(TlsError::NotOurs { path: files.certificate().to_path_buf() }),
            Source::Acme { cut_off: Some(failure), .. } => Err(AcmeError::NotNow(failure.text.clone()).into()),
            Source::Acme { acme, cut_off: None } => {
                let _alone = self.0.at_work.try_lock().map_err(|_| AcmeError::Busy)?;
                self.0.may_begin()?;
                let acme::Renewed { leaf, warning } = acme.renew_now().await?;
                Ok(Renewed { leaf, warnings: warning.into_iter().collect() })
            }
            Source::Own(_) => {
                let _alone = self.0.at_work.lock().await;
                self.0.may_begin()?;
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
        let now = inner.clock.trusted_now();
        let trouble = Look { leaf: &leaf, origin, failure: last_error.as_ref(), now, next: &next }.trouble();
        let (mode, domains) = (inner.mode, inner.domains.clone());
        Status { mode, domains, leaf, origin, next, last_error, ledger, notes, trouble }
    }

    /// The certificate of our own authority, in PEM, for whoever is to trust it.
    pub fn authority_pem(&self) -> Option<String> {
        match &self.0.source {
            Source::Own(own) => own.authority_pem(),
            Source::Files(_) | Source::Acme { .. } => None,
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

    fn may_begin(&self) -> Result<(), TlsError> {
        if self.is_stopping.load(SeqCst) { Err(TlsError::Interrupted) } else { Ok(()) }
    }

    fn look(&self) {
        match &self.source {
            Source::Files(files) => files.look(&self.showcase, &self.clock),
            Source::Own(own) => own.renew_due(&self.showcase),
            Source::Acme { .. } => {}
        }
    }

    fn renew_own(&self) -> Result<(), TlsError> {
        match &self.source {
            Source::Own(own) => own.renew(&self.showcase),
            Source::Files(_) | Source::Acme { .. } => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        let (ledger, notes) = (Vec::new(), Vec::new());
        match &self.source {
            Source::Files(files) => Facts { next: files.next(), last_error: files.failure(), ledger, notes },
            Source::Own(own) => Facts { next: own.next(), last_error: own.failure(), ledger, notes: own.notes() },
            Source::Acme { acme, cut_off: None } => Facts::of(acme),
            Source::Acme { acme, cut_off: Some(failure) } => {
                let next = Next { words: "nothing until the configuration is mended".to_owned(), at: None };
                Facts { next, last_error: Some(failure.clone()), ..Facts::of(acme) }
            }
        }
    }
}

impl Facts {
    fn of(acme: &Acme) -> Self {
        let status = acme.status();
        let why = status.explanation.map(|page| format!("the authority explains its advice at {page}"));
        Self {
            next: Next { words: status.next, at: status.next_at },
            last_error: status.last_error.map(|error| Failure { at: error.at, text: error.words }),
            ledger: vec![status.ledger],
            notes: status.damage.into_iter().chain(why).collect(),
        }
    }
}
