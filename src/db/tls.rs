//! `sslmode` as libpq means it, through rustls: `require` encrypts, `verify-full` also checks who answers.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// A connection string without the parameters tokio-postgres does not know, and the verification they asked for.
pub struct Target {
    pub url: String,
    pub tls: ClientConfig,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("DATABASE_URL: sslmode `{0}` is not one of disable, prefer, require, verify-ca, verify-full")]
    Mode(String),
    #[error("DATABASE_URL: sslmode verify-ca and verify-full need sslrootcert=<PEM file>")]
    NoRoot,
    #[error("DATABASE_URL: sslrootcert {0}: {1}")]
    Root(String, String),
    #[error("TLS: {0}")]
    Setup(#[from] Error),
}

/// Splits `sslmode` and `sslrootcert` off a `postgres://` URL.
pub fn target(url: &str) -> Result<Target, TlsError> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut kept = Vec::new();
    let (mut mode, mut root) = ("prefer", None);
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = value,
            Some(("sslrootcert", value)) => root = Some(value),
            _ => kept.push(pair.to_owned()),
        }
    }
    let checking = match mode {
        "disable" | "prefer" => Checking::Nothing,
        "require" if root.is_none() => Checking::Nothing,
        "require" | "verify-ca" => Checking::Authority,
        "verify-full" => Checking::AuthorityAndName,
        other => return Err(TlsError::Mode(other.to_owned())),
    };
    kept.push(format!("sslmode={}", if mode.starts_with("verify") { "require" } else { mode }));
    let verifier: Arc<dyn ServerCertVerifier> = match checking {
        Checking::Nothing => Arc::new(Anybody(provider())),
        checking => Arc::new(Known::new(root.ok_or(TlsError::NoRoot)?, checking)?),
    };
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let tls = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(Target { url: format!("{base}?{}", kept.join("&")), tls })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checking {
    Nothing,
    Authority,
    AuthorityAndName,
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A certificate by one of the given authorities, or one of the given certificates itself: a self-signed server
/// certificate is its own root, which webpki alone refuses.
#[derive(Debug)]
struct Known {
    authorities: Arc<WebPkiServerVerifier>,
    given: Vec<CertificateDer<'static>>,
    checking: Checking,
}

impl Known {
    fn new(root: &str, checking: Checking) -> Result<Self, TlsError> {
        let failed = |error: String| TlsError::Root(root.to_owned(), error);
        let given: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(root).map_err(|e| failed(e.to_string()))?.collect();
        let given = given.map_err(|e| failed(e.to_string()))?;
        let mut store = RootCertStore::empty();
        for certificate in &given {
            store.add(certificate.clone())?;
        }
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider());
        let authorities = authorities.build().map_err(|e| failed(e.to_string()))?;
        Ok(Self { authorities, given, checking })
    }
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use rustls::CertificateError::{NotValidForName, NotValidForNameContext};
        let verified = self.authorities.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        match verified {
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if self.checking == Checking::Authority =>
            {
                Ok(ServerCertVerified::assertion())
            }
            Err(_) if self.given.iter().any(|given| given == end_entity) => {
                if self.checking == Checking::AuthorityAndName {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// What libpq does for `require` without a root certificate: the line is encrypted, the other end unproven. A signature
/// by an unproven key would prove nothing either, and old certificates webpki cannot read are in use.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
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
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
