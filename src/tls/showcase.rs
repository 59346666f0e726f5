//! Which certificate a handshake gets: the one that serves, or the answer to a challenge.
//!
//! A swap counts from the next handshake on; connections that are open keep what they have.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::challenges::Challenges;
use super::pair::Pair;
use super::server::ACME_TLS;

/// What is shown on the HTTPS port.
#[derive(Debug)]
pub struct Showcase {
    current: ArcSwap<Pair>,
    /// Answers to challenges that are under way.
    pub challenges: Challenges,
}

impl Showcase {
    /// Begins with a pair: HTTPS always answers.
    pub fn new(first: Pair) -> Arc<Self> {
        Arc::new(Self { current: ArcSwap::from_pointee(first), challenges: Challenges::default() })
    }

    /// Shows another pair from now on.
    pub fn show(&self, pair: Pair) {
        self.current.store(Arc::new(pair));
    }

    /// What is shown now.
    pub fn current(&self) -> Arc<Pair> {
        self.current.load_full()
    }
}

impl ResolvesServerCert for Showcase {
    /// Who speaks `acme-tls/1` alone is an authority (RFC 8737, section 6.2): no certificate but the answer's will do.
    /// A name that we do not have gets the one that we have: the board is also found by its address.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_authority =
            hello.alpn().is_some_and(|mut protocols| protocols.next() == Some(ACME_TLS) && protocols.next().is_none());
        match is_authority {
            true => self.challenges.certificate(&hello.server_name()?.to_ascii_lowercase()),
            false => Some(self.current.load().certified_key()),
        }
    }
}
