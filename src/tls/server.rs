//! How TLS is spoken: versions, ciphers, session tickets, protocols.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::ResolvesServerCert;
use rustls::{CipherSuite, Error, ServerConfig, SupportedCipherSuite};

/// The protocol of an authority that looks for the answer to a `tls-alpn-01` challenge (RFC 8737, section 6.2).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// TLS 1.2 and 1.3 with the certificates that `resolver` hands out; HTTP/2 and HTTP/1.1 by ALPN, and `acme-tls/1` for
/// who looks for the answer to a challenge.
///
/// Sessions are resumed by tickets that only we can read, so they cost no memory; one is sent for each
/// connection, for a client that comes back every hour uses no second one.
pub fn server_config(resolver: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, Error> {
    let mut provider = provider();
    if !has_aes() {
        provider.cipher_suites.sort_by_key(|suite| !is_chacha(suite));
    }
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    // Phones prefer AES, which they have in hardware; where the board has not, it works the harder of the two.
    config.ignore_client_order = !has_aes();
    config.alpn_protocols = [b"h2", b"http/1.1".as_slice(), ACME_TLS].map(<[u8]>::to_vec).to_vec();
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// The one cryptography of the program.
pub fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

fn is_chacha(suite: &SupportedCipherSuite) -> bool {
    matches!(
        suite.suite(),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    )
}

/// Whether the processor has instructions for AES: the Pi 5 has, the Pi 4 and older have not.
fn has_aes() -> bool {
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(target_arch = "aarch64"))]
    return cfg!(target_arch = "x86_64");
}
