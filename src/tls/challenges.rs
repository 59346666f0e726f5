//! The answers to an authority's challenges while it looks for them: on 443 a certificate of one use (RFC 8737), on 80 a
//! text (RFC 8555, section 8.3). Nothing of them is kept on disk: an order that is taken up again offers them anew.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::sign::CertifiedKey;

/// The answers that are on offer. Names are in lower case.
#[derive(Debug, Default)]
pub struct Challenges {
    certificates: RwLock<HashMap<String, Arc<CertifiedKey>>>,
    texts: RwLock<HashMap<String, String>>,
}

impl Challenges {
    /// Shows this certificate to whoever asks for `name` by `acme-tls/1`.
    pub fn offer_certificate(&self, name: &str, certificate: CertifiedKey) {
        let mut all = self.certificates.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::new(certificate));
    }

    /// Answers `/.well-known/acme-challenge/{token}` with this text.
    pub fn offer_text(&self, token: &str, key_authorization: &str) {
        let mut all = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(token.to_owned(), key_authorization.to_owned());
    }

    /// Takes all answers away: the authority has looked, or will not.
    pub fn withdraw_all(&self) {
        self.certificates.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.texts.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Is an authority expected to look?
    pub fn is_any_on_offer(&self) -> bool {
        let certificates = self.certificates.read().unwrap_or_else(PoisonError::into_inner);
        !certificates.is_empty() || !self.texts.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The certificate of a name that is being looked for.
    pub fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.certificates.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The text of a token that is being looked for.
    pub fn text(&self, token: &str) -> Option<String> {
        self.texts.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}
