//! The application in this process, on threads of its own, so that it ends with the test even when that panics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use duijie::app::{App, Knowledge};
use duijie::config::Config;
use duijie::http;
use duijie::outgoing::Outgoing;
use duijie::startup::Store;
use tokio::sync::{OnceCell, oneshot};

pub struct Server {
    pub address: SocketAddr,
    pub app: Arc<App>,
    pub outgoing: Outgoing,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub async fn start(config: Config) -> Self {
        let (ready, started) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(config, ready, stopped));
        });
        let (address, app, outgoing) = started.await.expect("the server did not start");
        Self { address, app, outgoing, stop: Some(stop), thread: Some(thread) }
    }
}

type Parts = (SocketAddr, Arc<App>, Outgoing);

async fn serve(config: Config, ready: oneshot::Sender<Parts>, stopped: oneshot::Receiver<()>) {
    let store = Store::open(&config).await.unwrap();
    let app = Arc::new(store.app(&config, knowledge(&store).await).await.unwrap());
    let serving = http::serve(Arc::clone(&app), config.http.clone()).unwrap();
    app.load_market().await.unwrap();
    let server = tokio::spawn(serving.done);
    ready.send((serving.address, app, store.outgoing(&config).unwrap())).ok().unwrap();
    // An error means that the test is gone without a word: stop as well.
    let _ = stopped.await;
    serving.handle.stop(false).await;
    server.await.unwrap().unwrap();
    store.close().await;
}

/// Made once: nearly every test has the reference data of the product, and where a database holds other ones, loading the
/// market takes them.
async fn knowledge(store: &Store) -> Arc<Knowledge> {
    static SHIPPED: OnceCell<Arc<Knowledge>> = OnceCell::const_new();
    Arc::clone(SHIPPED.get_or_init(async || store.knowledge().await.unwrap()).await)
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(_)) = ended
            && !std::thread::panicking()
        {
            panic!("the server panicked");
        }
    }
}
