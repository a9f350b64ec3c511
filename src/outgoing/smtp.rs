//! Mail by SMTP, always over TLS unless the server is on this machine.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::app::outbox::{Letter, Undelivered};

const PATIENCE: Duration = Duration::from_secs(15);

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// `url` as lettre reads it, `smtps://user:password@host` or `smtp://…?tls=required`; `from` as in a mail's head.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        let from = from.parse().map_err(|error| format!("DUIJIE_MAIL_FROM: {error}"))?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| "DUIJIE_MAIL: unreadable URL")?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }

    pub async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let refused = |reason: &str| Undelivered { reason: reason.to_owned(), permanent: true };
        let to: Mailbox = letter.to.text().parse().map_err(|_| refused("the address cannot be mailed to"))?;
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            // The same for each attempt, so that a mail sent twice is seen to be one.
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|_| refused("the mail cannot be written"))?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            // A server's answer may repeat the address: only its number is kept.
            let reason =
                error.status().map_or_else(|| "no connection to the mail server".to_owned(), |s| s.to_string());
            Undelivered { reason, permanent: error.is_permanent() }
        })
    }
}
