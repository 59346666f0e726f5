//! Somebody who connects by HTTPS: whom they trust, and what they are answered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, StreamOwned,
    SupportedProtocolVersion,
};

use crate::process::Heard;

const SOON: Duration = Duration::from_secs(20);

/// A browser. No session is resumed: each connection is shown a certificate.
#[derive(Clone)]
pub struct Browser(Arc<ClientConfig>);

impl Browser {
    /// It trusts this root alone.
    pub fn trusting(root: &CertificateDer<'static>) -> Self {
        Self::speaking(root, rustls::ALL_VERSIONS)
    }

    /// The same by some versions of TLS.
    pub fn speaking(root: &CertificateDer<'static>, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(carillon::tls::provider()));
        let builder = builder.with_protocol_versions(versions).unwrap();
        Self::new(builder.with_root_certificates(roots).with_no_client_auth())
    }

    /// It takes whatever it is shown.
    pub fn careless() -> Self {
        let builder = ClientConfig::builder_with_provider(Arc::new(carillon::tls::provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().dangerous();
        Self::new(builder.with_custom_certificate_verifier(Arc::new(Careless)).with_no_client_auth())
    }

    fn new(mut config: ClientConfig) -> Self {
        config.resumption = Resumption::disabled();
        Self(Arc::new(config))
    }

    /// A connection to a port of this machine, for a name.
    pub fn connect(&self, port: u16, name: &str) -> std::io::Result<Connection> {
        let server = ServerName::try_from(name.to_owned()).unwrap();
        let tls = ClientConnection::new(Arc::clone(&self.0), server).unwrap();
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_read_timeout(Some(SOON))?;
        let mut stream = StreamOwned::new(tls, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Connection { stream, name: name.to_owned() })
    }
}

/// A connection that stays open.
pub struct Connection {
    stream: StreamOwned<ClientConnection, TcpStream>,
    name: String,
}

impl Connection {
    /// An answer, by its length.
    pub fn get(&mut self, path: &str) -> std::io::Result<Heard> {
        self.stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.name).as_bytes())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.unwrap_or("0").parse().unwrap()];
        self.stream.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Heard { status, head, body: String::from_utf8(body).unwrap() })
    }

    /// What was shown.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.stream.conn.peer_certificates().unwrap()[0].clone().into_owned()
    }
}

#[derive(Debug)]
struct Careless;

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        carillon::tls::provider().signature_verification_algorithms.supported_schemes()
    }
}
