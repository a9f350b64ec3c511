//! A bounded queue in front of CPU-bound work, so that it neither blocks an HTTP worker nor piles up.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Error;

/// Waiting jobs for each running one; beyond that the answer is "busy".
const WAITING_PER_RUNNING: usize = 32;

pub struct CpuQueue {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl CpuQueue {
    pub fn for_this_machine() -> Self {
        let running = cores();
        Self {
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(running * (1 + WAITING_PER_RUNNING))),
        }
    }

    /// Runs `work` on a blocking thread; [`Error::Busy`] when the queue is full.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let full = |_| Error::Busy("the queue for computation is full".to_owned());
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(full)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|e| Error::Fault(e.to_string()))?;
        // The permits move into the job: a caller who goes away does not free the core the job still uses.
        let job = tokio::task::spawn_blocking(move || {
            let _permits = (admitted, running);
            work()
        });
        job.await.map_err(|error| Error::Fault(error.to_string()))
    }
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
