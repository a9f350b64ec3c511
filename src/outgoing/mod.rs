//! What leaves the installation, through one port: mail by SMTP, text messages by a gateway, and for development and
//! tests a file or the log instead; webhooks. `app::outbox` and `app::webhooks` say what is due; here it is sent.

use crate::app::outbox::{Letter, Undelivered};
use crate::app::{App, Error};
use crate::domain::account::Login;

mod file;
mod gateway;
mod smtp;
pub mod webhooks;

pub use file::FileSink;
pub use gateway::Gateway;
pub use smtp::Smtp;

/// Where messages of one kind go.
pub enum Channel {
    Smtp(Smtp),
    Gateway(Gateway),
    File(FileSink),
    /// Whole messages, codes included, into the log at level info: on a developer's machine only.
    Log,
}

/// Mail, text messages and webhooks.
pub struct Outgoing {
    pub mail: Channel,
    pub text: Channel,
    pub webhooks: webhooks::Courier,
}

impl Outgoing {
    async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let channel = match letter.to {
            Login::Email(_) => &self.mail,
            Login::Mobile(_) => &self.text,
        };
        match channel {
            Channel::Smtp(smtp) => smtp.send(letter).await,
            Channel::Gateway(gateway) => gateway.send(letter).await,
            Channel::File(file) => file.write(letter),
            Channel::Log => {
                tracing::info!(to = letter.to.text(), template = ?letter.template, text = letter.text, "outgoing");
                Ok(())
            }
        }
    }
}

/// Sends what is due; returns when nothing is.
pub async fn deliver(app: &App, outgoing: &Outgoing) -> Result<(), Error> {
    loop {
        let letters = app.take_letters().await?;
        if letters.is_empty() {
            return Ok(());
        }
        futures_util::future::try_join_all(letters.iter().map(|letter| deliver_one(app, outgoing, letter))).await?;
    }
}

async fn deliver_one(app: &App, outgoing: &Outgoing, letter: &Letter) -> Result<(), Error> {
    let channel = match letter.to {
        Login::Email(_) => "email",
        Login::Mobile(_) => "mobile",
    };
    let count = |outcome| metrics::counter!("outgoing_messages_total", "channel" => channel, "outcome" => outcome);
    match outgoing.send(letter).await {
        Ok(()) => {
            count("sent").increment(1);
            app.letter_sent(letter).await
        }
        Err(undelivered) => {
            let Undelivered { reason, permanent } = &undelivered;
            tracing::warn!(id = %letter.id, channel, reason, permanent, "a message was not sent");
            count("failed").increment(1);
            app.letter_failed(letter, &undelivered).await
        }
    }
}
