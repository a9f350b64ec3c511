//! Listening, and stopping without losing what was accepted.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use serde_json::Value;

use super::core;
use super::core::api::Api;
use super::core::operations::Operations;
use super::core::rate_limit::Limits;
use super::core::schemas::{SchemaError, Schemas};
use crate::app::App;
use crate::app::import::Shapes;
use crate::config::HttpConfig;
use crate::domain::app_key::Environment;
use crate::domain::violation::Violations;

/// Requests under way at SIGTERM have this long to finish.
const GRACE_SECONDS: u64 = 25;
/// Rate-limit buckets that are full again are forgotten this often.
const SWEEP: Duration = Duration::from_secs(60);

/// A server that listens.
pub struct Serving {
    pub address: SocketAddr,
    pub handle: ServerHandle,
    pub done: actix_web::dev::Server,
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("DUIJIE_BIND: cannot listen on {0}: {1}")]
    Bind(SocketAddr, std::io::Error),
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The document and what is compiled from it.
#[derive(Clone)]
struct Contract {
    document: Arc<Value>,
    schemas: Arc<Schemas>,
    operations: Arc<Operations>,
}

/// A constant of the program, however many servers it starts.
static CONTRACT: LazyLock<Result<Contract, SchemaError>> = LazyLock::new(|| {
    let document = super::document();
    let (schemas, operations) = (Schemas::compile(&document)?, Operations::compile(&document)?);
    Ok(Contract { document: Arc::new(document), schemas: Arc::new(schemas), operations: Arc::new(operations) })
});

/// The shapes of the API's documents, for those that come in another way.
pub fn shapes() -> Shapes {
    fn check(name: &str, document: &Value) -> Violations {
        match CONTRACT.as_ref() {
            Ok(contract) => contract.schemas.check(name, document),
            Err(_) => Violations::one("", "malformed"),
        }
    }
    Shapes {
        enterprise: |document| check("EnterpriseInput", document),
        listing: |document| check("ListingInput", document),
    }
}

/// Binds and starts; the caller awaits `done`.
pub fn serve(app: Arc<App>, config: HttpConfig) -> Result<Serving, ServeError> {
    let Contract { mut document, schemas, operations } = CONTRACT.clone()?;
    if app.policy.environment == Environment::Sandbox {
        document = Arc::new(core::document::of_sandbox(&document));
    }
    let api = web::Data::new(Api { app, schemas, operations, document, config: Arc::new(config.clone()) });
    let limits = web::Data::new(Limits::new(config.rate_limit, config.trusted_proxies.clone()));
    let sweeping = limits.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            sweeping.sweep();
        }
    });
    let bind = |error| ServeError::Bind(config.bind, error);
    let server = HttpServer::new(move || super::application(api.clone(), limits.clone()))
        .workers(config.workers)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals()
        .bind(config.bind)
        .map_err(bind)?;
    let address = server.addrs().first().copied().unwrap_or(config.bind);
    let done = server.run();
    Ok(Serving { address, handle: done.handle(), done })
}
