//! `sslmode` as libpq means it, through rustls: `require` encrypts, `verify-full` also checks who answers.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
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
    let verify = match mode {
        "disable" | "prefer" | "require" => root.is_some() && mode == "require",
        "verify-ca" | "verify-full" => true,
        other => return Err(TlsError::Mode(other.to_owned())),
    };
    kept.push(format!("sslmode={}", if mode.starts_with("verify") { "require" } else { mode }));
    let tls = if verify { verifying(root.ok_or(TlsError::NoRoot)?)? } else { encrypting()? };
    Ok(Target { url: format!("{base}?{}", kept.join("&")), tls })
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn verifying(root: &str) -> Result<ClientConfig, TlsError> {
    let failed = |error: String| TlsError::Root(root.to_owned(), error);
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(root).map_err(|e| failed(e.to_string()))? {
        store.add(certificate.map_err(|e| failed(e.to_string()))?)?;
    }
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}

fn encrypting() -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let anybody = Arc::new(Anybody(provider()));
    Ok(builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth())
}

/// What libpq does for `require` without a root certificate: the line is encrypted, the other end unproven.
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
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
