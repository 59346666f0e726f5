//! One order from its start to the chain. Each step is in the database before the next is taken, so that an order that was
//! cut off at any point is taken up again and not repeated.

use std::time::Duration;

use chrono::TimeDelta;
use instant_acme::{Account, CertificateIdentifier, Error, Identifier, NewOrder, Order, OrderStatus};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::account::Line;
use super::answer::{Answers, reason};
use super::back_off::Fault;
use super::ledger::{By, Issued};
use super::records::{Fresh, Records};
use super::setback::{Failure, Fate, Setback, kind_of_error, patiently};
use super::tables::{CertificateRecord, ORDER, OrderRecord, Wanted};
use crate::clock::Clock;
use crate::fetch::FetchError;
use crate::secret::Secret;
use crate::tls::challenges::Challenges;
use crate::tls::pair::{Leaf, Pair};

/// The pauses between two looks at an order: an authority on the same machine is done at once, another in seconds.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LONGEST: Duration = Duration::from_secs(5);

/// What an order needs.
pub(super) struct Pursuit<'a> {
    pub account: &'a Account,
    pub line: &'a Line,
    pub records: &'a Records,
    pub challenges: &'a Challenges,
    pub wanted: &'a Wanted,
    pub clock: &'a Clock,
}

/// What a new order is for.
pub(super) struct Errand {
    pub by: By,
    /// The certificate that it renews, where the authority asked for it.
    pub replaces: Option<CertificateIdentifier<'static>>,
}

impl Pursuit<'_> {
    /// Takes the order up that is under way, or makes one, and sees it through.
    pub(super) async fn run(&self, errand: Errand) -> Result<Fresh, Failure> {
        let under_way = self.records.state().order;
        let wanted = under_way.filter(|order| self.wanted.is_for(&order.directory, &order.names));
        let (mut order, record) = match wanted {
            Some(record) => (self.take_up(&record).await?, record),
            None => self.begin(errand).await?,
        };
        let chain = self.drive(&mut order).await?;
        self.check(chain, record).await
    }

    async fn take_up(&self, record: &OrderRecord) -> Result<Order, Failure> {
        log::info!(order = record.url.as_str(); "going on with an order");
        let order = patiently!(self.account.order(record.url.clone()));
        order.map_err(|error| self.line.order_failure(&error))
    }

    /// The key is made first, and kept with the order's address as soon as that is known.
    async fn begin(&self, errand: Errand) -> Result<(Order, OrderRecord), Failure> {
        let key = KeyPair::generate().map_err(|error| cannot_make("key", &error))?;
        let identifiers: Vec<_> = self.wanted.names.iter().cloned().map(Identifier::Dns).collect();
        let (order, by) = self.ask(&identifiers, errand).await?;
        let record = OrderRecord {
            url: order.url().to_owned(),
            directory: self.wanted.directory.clone(),
            names: self.wanted.names.clone(),
            since: self.clock.now_secs(),
            by,
        };
        self.records.insert_order(record.clone(), Secret::new(key.serialize_der())).await?;
        Ok((order, record))
    }

    /// An authority without renewal information is not told what is replaced, and counts the certificate as another.
    async fn ask(&self, identifiers: &[Identifier], errand: Errand) -> Result<(Order, By), Failure> {
        let Errand { mut by, replaces } = errand;
        if let Some(replaces) = replaces {
            let request = NewOrder::new(identifiers).replaces(replaces);
            match patiently!(self.account.new_order(&request)) {
                Err(Error::Unsupported(_)) => by = By::Automatic,
                asked => return asked.map(|order| (order, by)).map_err(|error| self.replacing_refusal(&error)),
            }
        }
        let asked = patiently!(self.account.new_order(&NewOrder::new(identifiers)));
        asked.map(|order| (order, by)).map_err(|error| self.refusal(&error))
    }

    /// A closed account is refused as `unauthorized` (RFC 8555, section 7.3.6).
    fn refusal(&self, error: &Error) -> Failure {
        match (kind_of_error(error), self.line.failure(error)) {
            (Some("unauthorized"), Failure::Setback(setback)) => Failure::AccountRefused(setback),
            (_, failure) => failure,
        }
    }

    fn replacing_refusal(&self, error: &Error) -> Failure {
        let is_about_replacing = match error {
            // What is neither the network's nor a problem: the order does not say what it replaces.
            Error::Other(inner) => !inner.is::<FetchError>(),
            error => {
                matches!(kind_of_error(error), Some("alreadyReplaced" | "malformed" | "conflict" | "unauthorized"))
            }
        };
        let fault = |setback| Setback { fault: Fault::Replacing, ..setback };
        match self.refusal(error) {
            Failure::Setback(setback) if is_about_replacing => Failure::Setback(fault(setback)),
            Failure::AccountRefused(setback) => Failure::AccountRefused(fault(setback)),
            failure => failure,
        }
    }

    /// From whatever state the order is in to the chain.
    async fn drive(&self, order: &mut Order) -> Result<String, Failure> {
        let answers = Answers(self.challenges);
        let mut is_answered = false;
        let mut pause = PAUSE_FIRST;
        loop {
            match order.state().status {
                OrderStatus::Pending if !is_answered => {
                    answers.give(order, self.wanted.challenge, self.line).await?;
                    is_answered = true;
                }
                OrderStatus::Ready => {
                    answers.take_down();
                    self.finalize(order).await?;
                }
                OrderStatus::Valid => return download(order, self.line).await,
                OrderStatus::Invalid => return Err(Failure::Setback(reason(order, self.line).await)),
                OrderStatus::Pending | OrderStatus::Processing => {}
            }
            if order.state().status != OrderStatus::Valid {
                let told = Duration::from_secs(self.line.retry_after_secs().unwrap_or(0));
                tokio::time::sleep(pause.max(told)).await;
                pause = (pause * 3 / 2).min(PAUSE_LONGEST);
                patiently!(look(order)).map_err(|error| self.line.order_failure(&error))?;
            }
        }
    }

    async fn finalize(&self, order: &mut Order) -> Result<(), Failure> {
        let request = self.signing_request().await?;
        match patiently!(order.finalize_csr(&request)) {
            // It was not ready after all: the next look tells.
            Err(error) if kind_of_error(&error) == Some("orderNotReady") => Ok(()),
            finalized => finalized.map_err(|error| self.line.order_failure(&error)),
        }
    }

    async fn signing_request(&self) -> Result<Vec<u8>, Failure> {
        let key = self.order_key().await?;
        let key = KeyPair::try_from(key.expose().as_slice()).map_err(|error| cannot_make("key", &error))?;
        let mut params = CertificateParams::new(self.wanted.names.clone())
            .map_err(|error| cannot_make("signing request", &error))?;
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).map_err(|error| cannot_make("signing request", &error))?;
        Ok(request.der().to_vec())
    }

    async fn order_key(&self) -> Result<Secret<Vec<u8>>, Failure> {
        let gone = || Failure::Setback(Setback::new("the key of the order is gone: a new order is made", Fate::Drop));
        self.records.find_key(ORDER.to_vec()).await?.ok_or_else(gone)
    }

    /// What an authority gives is looked at before it is shown.
    async fn check(&self, chain: String, order: OrderRecord) -> Result<Fresh, Failure> {
        let key = self.order_key().await?;
        let issued = self.issued(&chain, &order);
        let pair =
            checked(&chain, &key, &order.names, self.clock).map_err(|failure| failure.counting(issued.clone()))?;
        let record = CertificateRecord {
            directory: order.directory,
            names: order.names,
            order_url: Some(order.url),
            issued_at: self.clock.now_secs(),
            advice: None,
        };
        Ok(Fresh { record, chain, pair, issued: Some(issued) })
    }
}

impl Pursuit<'_> {
    /// The entry of the ledger: the authority counts what it gave, whether we can use it or not.
    fn issued(&self, chain: &str, order: &OrderRecord) -> Issued {
        let now = self.clock.now_secs();
        let leaf = CertificateDer::from_pem_slice(chain.as_bytes()).ok().and_then(|der| Leaf::read(&der).ok());
        let guess = (now, now + TimeDelta::days(90));
        let (not_before, not_after) = leaf.as_ref().map_or(guess, |leaf| (leaf.not_before, leaf.not_after));
        Issued {
            at: not_before.min(now),
            directory: order.directory.clone(),
            names: order.names.clone(),
            serial: leaf.map(|leaf| leaf.serial).unwrap_or_default(),
            not_before,
            not_after,
            by: order.by,
        }
    }
}

/// The chain of a past order, for the key that we still have.
pub(super) async fn fetch_chain(account: &Account, line: &Line, url: &str) -> Result<String, Failure> {
    let order = patiently!(account.order(url.to_owned()));
    let mut order = order.map_err(|error| line.order_failure(&error))?;
    if order.state().status != OrderStatus::Valid {
        let words = format!("{} does not have the chain any more: a new certificate is ordered", line.scene().host);
        return Err(line.setback(words).dropping());
    }
    download(&mut order, line).await
}

async fn look(order: &mut Order) -> Result<(), Error> {
    order.refresh().await.map(|_| ())
}

async fn download(order: &mut Order, line: &Line) -> Result<String, Failure> {
    let chain = patiently!(order.certificate()).map_err(|error| line.order_failure(&error))?;
    let unready = || line.setback(format!("{} has not made the certificate yet: it is asked again", line.scene().host));
    chain.ok_or_else(unready)
}

/// A pair that can be shown: the key fits, the names are covered, the time has not run out.
pub(super) fn checked(chain: &str, key: &Secret<Vec<u8>>, names: &[String], clock: &Clock) -> Result<Pair, Failure> {
    let unusable = |why: &str, fate| {
        Failure::Setback(Setback::new(format!("the certificate that the authority gave cannot be used: {why}"), fate))
    };
    let bad = |why: String| unusable(&format!("{why}; another one is ordered"), Fate::Drop);
    let pair = Pair::from_pem(chain.as_bytes(), key.expose()).map_err(|error| bad(error.to_string()))?;
    if let Some(missing) = names.iter().find(|name| !pair.leaf.names.iter().any(|has| has.eq_ignore_ascii_case(name))) {
        return Err(bad(format!("it is not for {missing}")));
    }
    if pair.leaf.not_after <= clock.now() {
        // The clock may be wrong, and put right.
        return Err(unusable("by this box's clock it has expired; check the clock", Fate::Keep));
    }
    Ok(pair)
}

fn cannot_make(what: &str, error: &rcgen::Error) -> Failure {
    Failure::Setback(Setback::new(format!("the {what} for an order cannot be made: {error}"), Fate::Keep))
}
