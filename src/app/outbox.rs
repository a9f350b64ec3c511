//! Messages that leave: written in the transaction of what they tell of, sent after its commit (`outgoing`), tried again
//! with growing pauses. Until then they are encrypted; afterwards only template, times and outcome are left.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::notices::{self, Notice};
use super::secrets::Secrets;
use super::{App, Error, Transaction};
use crate::db::{self, Connection};
use crate::domain::account::Login;
use crate::domain::delivery::{Message, Template};
use crate::domain::message::Language;

const PURPOSE: &str = "outbox-1";
/// Taken at a time, and how long a process may take to send them before others try.
const BATCH: i64 = 20;
const LEASE: Duration = Duration::minutes(5);
/// Pauses after failed attempts; after the last the message is given up.
const PAUSES: [Duration; 7] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::hours(1),
    Duration::hours(4),
    Duration::hours(12),
];
/// What became of a message is kept this long.
pub const RETENTION: Duration = Duration::days(7);

/// A message as it is sent.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    pub id: Uuid,
    pub to: Login,
    pub template: Template,
    pub parameters: BTreeMap<String, String>,
    /// `zh-CN` or `en`.
    pub language: String,
    pub subject: String,
    pub text: String,
    only_to_account: bool,
    #[serde(skip)]
    attempts: i32,
    #[serde(skip)]
    expires_at: DateTime<Utc>,
}

/// Why a message was not sent. The reason is for the log and the table: it names no recipient and no content.
#[derive(Debug)]
pub struct Undelivered {
    pub reason: String,
    /// Trying again is of no use.
    pub permanent: bool,
}

/// Writes a message down; it is sent when the transaction has committed.
pub async fn post(
    connection: &mut Connection,
    secrets: &Secrets,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let letter = Letter {
        id: Uuid::now_v7(),
        to: message.to.clone(),
        template: message.template,
        parameters: message.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        language: message.language.tag().to_owned(),
        subject: message.subject(),
        text: message.text(),
        only_to_account: message.only_to_account,
        attempts: 0,
        expires_at: now,
    };
    let content = serde_json::to_vec(&letter).map_err(|error| Error::Fault(error.to_string()))?;
    let row = db::outbox::NewRow {
        id: letter.id,
        channel: match message.to {
            Login::Email(_) => "email",
            Login::Mobile(_) => "mobile",
        },
        template: message.template.into(),
        sealed: &secrets.seal(PURPOSE, letter.id.as_bytes(), &content)?,
        created_at: now,
        due_at: now,
        expires_at: now + message.lasts,
    };
    Ok(db::outbox::insert(connection, &row).await?)
}

impl Transaction<'_> {
    /// Sends a message if the transaction commits.
    pub async fn send(&mut self, message: &Message) -> Result<(), Error> {
        self.posted = true;
        post(self.connection, &self.secrets, message, self.now).await
    }

    pub(super) async fn send_notice<const N: usize>(
        &mut self,
        to: Vec<Login>,
        notice: Notice<N>,
        language: Language,
    ) -> Result<(), Error> {
        self.posted = true;
        notices::post(self.connection, &self.secrets, to, notice, language, self.now).await
    }
}

impl App {
    /// What is due now, for [`App::letter_sent`] or [`App::letter_failed`] to follow for each.
    pub async fn take_letters(&self) -> Result<Vec<Letter>, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let rows = self
            .database
            .transaction(async |connection| db::outbox::take(connection, now, now + LEASE, BATCH).await)
            .await?;
        let mut connection = self.database.get().await?;
        let mut letters = Vec::new();
        for row in rows {
            match self.open(&row) {
                _ if row.expires_at < now => db::outbox::end(&mut connection, row.id, now, Some("expired")).await?,
                None => db::outbox::end(&mut connection, row.id, now, Some("unreadable")).await?,
                Some(letter) if !self.may_go(&mut connection, &letter).await? => {
                    db::outbox::end(&mut connection, row.id, now, Some("no account")).await?;
                }
                Some(letter) => letters.push(letter),
            }
        }
        Ok(letters)
    }

    fn open(&self, row: &db::outbox::Taken) -> Option<Letter> {
        let content = self.secrets.open(PURPOSE, row.id.as_bytes(), row.sealed.as_deref()?)?;
        let letter: Letter = serde_json::from_slice(&content).ok()?;
        Some(Letter { attempts: row.attempts, expires_at: row.expires_at, ..letter })
    }

    async fn may_go(&self, connection: &mut Connection, letter: &Letter) -> Result<bool, Error> {
        if !letter.only_to_account {
            return Ok(true);
        }
        let account = db::accounts::find_secret(connection, &letter.to).await?;
        Ok(account.is_some_and(|account| account.status == "active"))
    }

    pub async fn letter_sent(&self, letter: &Letter) -> Result<(), Error> {
        let mut connection = self.database.get().await?;
        Ok(db::outbox::end(&mut connection, letter.id, Utc::now(), None).await?)
    }

    /// Puts it off, or gives it up: when trying again is of no use, was tried often enough, or would come too late.
    pub async fn letter_failed(&self, letter: &Letter, undelivered: &Undelivered) -> Result<(), Error> {
        let now = Utc::now();
        let pause = usize::try_from(letter.attempts - 1).ok().and_then(|tried| PAUSES.get(tried).copied());
        let again = pause.map(|pause| now + pause).filter(|at| !undelivered.permanent && *at < letter.expires_at);
        let mut connection = self.database.get().await?;
        match again {
            Some(at) => Ok(db::outbox::postpone(&mut connection, letter.id, at, &undelivered.reason).await?),
            None => Ok(db::outbox::end(&mut connection, letter.id, now, Some(&undelivered.reason)).await?),
        }
    }
}
