//! What every handler has at hand, and the two ways it reaches a use case.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use serde_json::Value;

use super::answer;
use super::operations::Operations;
use super::problem::Problem;
use super::schemas::Schemas;
use crate::app::idempotency::Answer;
use crate::app::{self, App, Command, Transaction};
use crate::config::HttpConfig;
use crate::domain::app_key::Environment;

/// How long a client waits for the database before it is told to come back. The work itself goes on to its own end: a
/// transaction is never dropped half-way, whether the database is slow or the client has gone.
const PATIENCE: Duration = Duration::from_millis(2300);

/// Cloned into every worker.
#[derive(Clone)]
pub struct Api {
    pub app: Arc<App>,
    pub config: Arc<HttpConfig>,
    pub document: Arc<Value>,
    pub schemas: Arc<Schemas>,
    pub operations: Arc<Operations>,
}

impl Api {
    pub fn is_sandbox(&self) -> bool {
        self.app.policy.environment == Environment::Sandbox
    }

    /// Runs a reading use case.
    pub async fn read<T: 'static, F>(&self, work: impl FnOnce(Arc<App>) -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, app::Error>> + 'static,
    {
        patiently(work(Arc::clone(&self.app))).await
    }

    /// Runs a writing use case in one transaction, and answers.
    pub async fn write<T: 'static>(
        &self,
        command: Command,
        work: impl AsyncFnOnce(&mut Transaction<'_>) -> Result<T, app::Error> + 'static,
        render: impl FnOnce(&T) -> Result<Answer, app::Error> + 'static,
    ) -> Result<actix_web::HttpResponse, Problem> {
        let app = Arc::clone(&self.app);
        let answer = patiently(async move { app.write(command, work, render).await }).await?;
        Ok(answer::respond(answer))
    }
}

async fn patiently<T: 'static>(work: impl Future<Output = Result<T, app::Error>> + 'static) -> Result<T, Problem> {
    match tokio::time::timeout(PATIENCE, rt::spawn(work)).await {
        Ok(Ok(result)) => result.map_err(Problem::from),
        Ok(Err(panicked)) => Err(Problem::fault(&panicked.to_string())),
        Err(_) => {
            tracing::warn!("the database has not answered in time");
            Err(Problem::busy())
        }
    }
}
