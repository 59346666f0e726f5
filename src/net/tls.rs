//! How TLS is spoken: versions, ciphers, session tickets, protocols.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::ResolvesServerCert;
use rustls::{Error, ServerConfig};

/// TLS 1.2 and 1.3 with the certificates that `resolver` hands out; HTTP/2 and HTTP/1.1 by ALPN.
///
/// Sessions are resumed by tickets that only we can read, so they cost no memory; one is sent for each connection, for
/// a client that comes back every hour uses no second one.
pub fn server_config(resolver: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// The one cryptography of the program.
pub(super) fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}
