//! Security notices: what somebody who takes an account over would do to it is told at every address and number it has, and
//! at the one it had.

use chrono::{DateTime, Utc};

use super::secrets::Secrets;
use super::{Error, outbox};
use crate::db::Connection;
use crate::domain::account::Login;
use crate::domain::delivery::{Message, Template};
use crate::domain::message::Language;

/// What is told, with the parameters of its template.
pub(super) struct Notice<const N: usize>(pub Template, pub [(&'static str, String); N]);

/// Sends it to each of `to` if the transaction commits; ring the mailer then.
pub(super) async fn post<const N: usize>(
    connection: &mut Connection,
    secrets: &Secrets,
    to: Vec<Login>,
    notice: Notice<N>,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Notice(template, parameters) = notice;
    for contact in to {
        let message = Message::new(contact, template, parameters.clone(), language);
        outbox::post(connection, secrets, &message, now).await?;
    }
    Ok(())
}
