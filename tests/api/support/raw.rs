//! Bytes on a socket, for what no well-behaved client sends.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TestApp;

pub struct Raw(TcpStream);

pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Raw {
    pub async fn connect(app: &TestApp) -> Self {
        Self(TcpStream::connect(app.address()).await.unwrap())
    }

    /// The other end may hang up meanwhile.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    pub async fn finish(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// One answer with a length.
    pub async fn answer(&mut self) -> RawAnswer {
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = complete(&bytes) {
                return answer;
            }
            let read = self.0.read_buf(&mut bytes).await.unwrap();
            assert!(read > 0, "closed after {}", String::from_utf8_lossy(&bytes));
        }
    }

    /// The status of an answer that may have no body; none when the connection is closed without one.
    pub async fn status_or_close(&mut self) -> Option<u16> {
        let mut bytes = Vec::new();
        while let Ok(1..) = self.0.read_buf(&mut bytes).await {
            if bytes.windows(2).any(|pair| pair == b"\r\n") {
                break;
            }
        }
        String::from_utf8_lossy(&bytes).split(' ').nth(1).and_then(|status| status.parse().ok())
    }
}

fn complete(bytes: &[u8]) -> Option<RawAnswer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))?;
    let body = bytes[end + 4..].to_vec();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() >= length.parse::<usize>().ok()?).then_some(RawAnswer { status, head, body })
}

impl RawAnswer {
    pub fn problem(&self) -> Value {
        assert!(self.head.to_lowercase().contains("content-type: application/problem+json"), "{}", self.head);
        serde_json::from_slice(&self.body).unwrap()
    }
}
