//! Endpoints for webhooks, and a receiver that answers as it is told and remembers what it heard.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::market::with;
use super::{Member, TestApp, id};

impl Member {
    /// An endpoint of the person's enterprise, with its secret; at an address where nobody answers.
    pub async fn endpoint(&self, changes: Value) -> Value {
        let input = json!({"enterprise_id": self.enterprise_id(), "url": "https://8.8.8.8:9/hook"});
        self.post("/v1/webhook-endpoints").json(with(&input, changes)).await.expect(201).json()
    }

    /// The delivery of a test event.
    pub async fn test_endpoint(&self, endpoint: &Value) -> Value {
        self.post(&format!("/v1/webhook-endpoints/{}/test", id(endpoint))).await.expect(201).json()
    }

    /// What was sent, newest first.
    pub async fn sent_to(&self, endpoint: &Value) -> Vec<Value> {
        let page = self.get(&format!("/v1/webhook-endpoints/{}/deliveries?limit=100", id(endpoint))).await;
        page.expect(200).json()["items"].as_array().unwrap().clone()
    }
}

impl TestApp {
    /// As if the time had come for everything that waits.
    pub async fn webhooks_are_due(&self) {
        self.database.execute("UPDATE webhook_deliveries SET due_at = now() WHERE status = 'pending'").await;
    }
}

/// How requests are answered.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    /// 302 to there.
    Redirect(String),
    /// 200, and a body that does not end.
    Endless,
    /// 204 after that time.
    Slow(Duration),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Heard {
    /// By name in lower case.
    pub head: BTreeMap<String, String>,
    pub body: String,
}

impl Heard {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct State {
    answer: Mutex<Option<Answer>>,
    heard: Mutex<Vec<Heard>>,
    connections: AtomicUsize,
    present: AtomicUsize,
    most_at_once: AtomicUsize,
}

pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<State>,
}

impl Receiver {
    pub async fn start(answer: Answer) -> Self {
        Self::at("127.0.0.1:0", answer).await
    }

    pub async fn at(address: &str, answer: Answer) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { answer: Mutex::new(Some(answer)), ..State::default() });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    let present = shared.present.fetch_add(1, Ordering::SeqCst) + 1;
                    shared.most_at_once.fetch_max(present, Ordering::SeqCst);
                    let _ = serve(stream, &shared).await;
                    shared.present.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From now on.
    pub fn answer(&self, answer: Answer) {
        *self.state.answer.lock().unwrap() = Some(answer);
    }

    /// So far, oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.state.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub fn most_at_once(&self) -> usize {
        self.state.most_at_once.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let heard = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        if let Some(heard) = read(&bytes) {
            break heard;
        }
    };
    state.heard.lock().unwrap().push(heard);
    let answer = state.answer.lock().unwrap().clone().unwrap();
    match answer {
        Answer::Status(status) => {
            let head = format!("HTTP/1.1 {status} Told\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            stream.write_all(head.as_bytes()).await
        }
        Answer::Redirect(to) => {
            let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await
        }
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 4096]).await?;
            }
        }
        Answer::Slow(time) => {
            tokio::time::sleep(time).await;
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await
        }
    }
}

/// The request, once all of it is there.
fn read(bytes: &[u8]) -> Option<Heard> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let head: BTreeMap<String, String> =
        fields.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    let length: usize = head.get("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| Heard { head, body: body.to_owned() })
}
