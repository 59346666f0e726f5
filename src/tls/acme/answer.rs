//! The answers to an authority's challenges, put up before it is told to look, and taken away in every case.

use instant_acme::{AuthorizationStatus, ChallengeHandle, ChallengeStatus, ChallengeType, Error, Order};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::account::Line;
use super::back_off::Fault;
use super::setback::{Failure, Setback, kind_of_error, patiently};
use crate::config::Challenge;
use crate::tls::challenges::Challenges;
use crate::tls::server::provider;

/// What is on offer as long as this lives.
pub(super) struct Answers<'a>(pub &'a Challenges);

impl Drop for Answers<'_> {
    fn drop(&mut self) {
        self.take_down();
    }
}

impl Answers<'_> {
    /// The authority has looked.
    pub(super) fn take_down(&self) {
        self.0.withdraw_all();
    }

    /// Puts up an answer for each name that the authority wants to see, and tells it to look.
    pub(super) async fn give(&self, order: &mut Order, challenge: Challenge, line: &Line) -> Result<(), Failure> {
        patiently!(load_authorizations(order)).map_err(|error| line.order_failure(&error))?;
        let mut all = order.authorizations();
        while let Some(authorization) = all.next().await {
            let mut authorization = authorization.map_err(|error| line.order_failure(&error))?;
            // One that is valid is left over from an earlier order; one that is invalid shows in the order.
            if authorization.status != AuthorizationStatus::Pending {
                continue;
            }
            let name = authorization.identifier().to_string();
            let Some(mut asked) = authorization.challenge(kind(challenge)) else {
                return Err(line.setback(line.scene().not_offered(&name)).dropping());
            };
            self.put_up(&name, &asked, challenge)?;
            if asked.status == ChallengeStatus::Pending {
                look(patiently!(asked.set_ready())).map_err(|error| line.order_failure(&error))?;
            }
        }
        Ok(())
    }

    fn put_up(&self, name: &str, asked: &ChallengeHandle<'_>, challenge: Challenge) -> Result<(), Failure> {
        let answer = asked.key_authorization();
        match challenge {
            Challenge::Http01 => self.0.offer_text(&asked.token, answer.as_str()),
            Challenge::TlsAlpn01 => {
                let made = certificate(name, answer.digest().as_ref());
                self.0.offer_certificate(&name.to_ascii_lowercase(), made.map_err(cannot_make)?);
            }
        }
        Ok(())
    }
}

/// Why the authority did not find an answer: the name, and its problem. The order is lost, whether that can be had or not.
pub(super) async fn reason(order: &mut Order, line: &Line) -> Setback {
    // What did not come shows as an error below, and ends the search.
    drop(patiently!(load_authorizations(order)));
    let mut all = order.authorizations();
    while let Some(Ok(authorization)) = all.next().await {
        let name = authorization.identifier().to_string();
        if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            let words = line.scene().validation(&name, problem);
            let setback = line.setback(words).dropping().into_setback();
            return Setback { fault: Fault::Validation, ..setback };
        }
    }
    let scene = line.scene();
    let words = match &order.state().error {
        Some(problem) => scene.error(&Error::Api(problem.clone())),
        None => format!("{} gave the order up and does not say why: a new one is made", scene.host),
    };
    line.setback(words).dropping().into_setback()
}

/// An entry that cannot be fetched is asked for again by the next call, the others are not.
async fn load_authorizations(order: &mut Order) -> Result<(), Error> {
    let mut all = order.identifiers();
    while let Some(loaded) = all.next().await {
        loaded?;
    }
    Ok(())
}

/// An authority that looks already, or has, calls the word to look malformed; the order tells what it found.
fn look(told: Result<(), Error>) -> Result<(), Error> {
    match told {
        Err(error) if kind_of_error(&error) == Some("malformed") => Ok(()),
        told => told,
    }
}

fn kind(challenge: Challenge) -> ChallengeType {
    match challenge {
        Challenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
        Challenge::Http01 => ChallengeType::Http01,
    }
}

/// The certificate of one use (RFC 8737, section 3). rustls cannot check its key: it holds an extension that only
/// authorities read.
fn certificate(name: &str, digest: &[u8]) -> Result<CertifiedKey, String> {
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let mut params = CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signer = provider().key_provider.load_private_key(key).map_err(|error| error.to_string())?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], signer))
}

fn cannot_make(reason: String) -> Failure {
    Failure::Setback(Setback::new(
        format!("the answer to the challenge cannot be made: {reason}"),
        super::setback::Fate::Keep,
    ))
}
