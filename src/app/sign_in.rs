//! Signing in: a password or a one-time code, then a second factor where the account has one.
//!
//! Whether a name is known shows in nothing: the same counters, the same hashing, the same answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::Uuid;

use super::codes::{self, Use};
use super::secrets::sha256;
use super::sessions::{Opening, Tokens};
use super::{App, Device, Error, accounts, second_factors, sessions, throttle};
use crate::db::{self, Connection};
use crate::domain::account::{CodePurpose, Login, Password};
use crate::domain::throttle::Rule;

/// How long a second factor is waited for, and how many wrong ones may be given meanwhile.
pub const TICKET_LIFETIME: Duration = Duration::minutes(5);
const TICKET_TRIES: i32 = 5;
/// An address signed in from within this time is known.
const KNOWN_FOR: Duration = Duration::days(90);

/// What somebody signs in with.
pub enum Grant {
    Password(Password),
    Code(String),
    /// A code for signing up; the account is made, with this name, where there is none.
    CodeOrNew {
        code: String,
        display_name: String,
    },
}

#[derive(Debug)]
pub enum SignedIn {
    Session(Tokens),
    /// The ticket is to be shown with the second factor.
    SecondFactorRequired {
        ticket: String,
    },
}

/// The account that is about to be let in, and what it was found by.
struct Proven {
    account_id: Uuid,
    address_key: [u8; 32],
}

impl App {
    pub async fn create_session(&self, login: Login, grant: Grant, device: &Device) -> Result<SignedIn, Error> {
        match grant {
            Grant::Password(password) => self.sign_in_by_password(login, password, device).await,
            Grant::Code(code) => self.sign_in_by_code(login, code, None, device).await,
            Grant::CodeOrNew { code, display_name } => {
                self.sign_in_by_code(login, code, Some(display_name), device).await
            }
        }
    }

    async fn sign_in_by_password(&self, login: Login, password: Password, device: &Device) -> Result<SignedIn, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let address_key = self.address_key(&login, device);
        let (counters, secret) = {
            let mut connection = self.database.get().await?;
            let known = db::sessions::knows_address(&mut connection, &address_key, now - KNOWN_FOR).await?;
            let counters = self.counters(&login, device, known);
            for (key, rule) in &counters {
                throttle::check(&mut connection, key, rule, now).await?;
            }
            (counters, db::accounts::find_secret(&mut connection, &login).await?)
        };
        let known = secret.as_ref().map(|secret| secret.id);
        let active = secret.filter(|secret| secret.status == "active");
        let stored = active.as_ref().and_then(|secret| secret.password_hash.clone());
        let genuine = self.passwords.verify(password, stored).await?;
        let account = active.filter(|_| genuine);
        self.settled(async |connection| {
            settle(connection, &counters, account.is_some(), now).await?;
            let Some(account) = &account else {
                sessions::refused(connection, known, device, now).await?;
                return Ok(Err(Error::Unauthenticated("credentials_invalid")));
            };
            self.let_in(connection, &Proven { account_id: account.id, address_key }, device, now).await.map(Ok)
        })
        .await
    }

    async fn sign_in_by_code(
        &self,
        login: Login,
        code: String,
        display_name: Option<String>,
        device: &Device,
    ) -> Result<SignedIn, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let address_key = self.address_key(&login, device);
        let counters = self.counters(&login, device, true);
        let purpose = if display_name.is_some() { CodePurpose::SignUp } else { CodePurpose::SignIn };
        let invalid = || Ok(Err(Error::Unauthenticated("code_invalid")));
        let signed_in = self
            .settled(async |connection| {
                for (key, rule) in &counters {
                    throttle::lock(connection, key, rule, now).await?;
                }
                let genuine =
                    codes::redeem(connection, &self.secrets, &Use::Purpose(purpose, &login), &code, now).await?;
                settle(connection, &counters, genuine, now).await?;
                if !genuine {
                    let known = db::accounts::find_secret(connection, &login).await?;
                    sessions::refused(connection, known.map(|account| account.id), device, now).await?;
                    return invalid();
                }
                let account_id = match (db::accounts::find_secret(connection, &login).await?, &display_name) {
                    (Some(account), _) if account.status != "active" => return invalid(),
                    (Some(account), _) => account.id,
                    (None, None) => return invalid(),
                    (None, Some(name)) => {
                        let person = accounts::Person { login: &login, display_name: name, proven: true };
                        accounts::insert(connection, &person, None, device.author(None), now).await?.id
                    }
                };
                if !second_factors::may_do_without_password(connection, account_id).await? {
                    return Ok(Err(Error::Forbidden("role_needs_second_factor")));
                }
                accounts::proven_by_code(connection, &self.secrets, account_id, &login, device, now).await?;
                self.let_in(connection, &Proven { account_id, address_key }, device, now).await.map(Ok)
            })
            .await?;
        self.rung();
        Ok(signed_in)
    }

    /// The second half of a sign-in.
    pub async fn complete_session(
        &self,
        ticket: &str,
        answer: second_factors::Answer,
        device: &Device,
    ) -> Result<Tokens, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let hash = sha256(ticket.as_bytes());
        let tokens = self.settled(async |connection| {
            let ticket = db::second_factors::lock_ticket(connection, &hash).await?;
            let live = ticket.filter(|ticket| ticket.expires_at > now && ticket.tries < TICKET_TRIES);
            let Some(ticket) = live else { return Ok(Err(Error::Unauthenticated("ticket_invalid"))) };
            let account_id = ticket.account_id;
            if !second_factors::accept(connection, &self.secrets, account_id, &answer, now).await? {
                db::second_factors::count_try(connection, &hash).await?;
                sessions::refused(connection, Some(account_id), device, now).await?;
                return Ok(Err(Error::Unauthenticated("second_factor_invalid")));
            }
            db::second_factors::delete_ticket(connection, &hash).await?;
            if matches!(answer, second_factors::Answer::RecoveryCode(_)) {
                second_factors::tell_of_recovery(connection, &self.secrets, account_id, device.language, now).await?;
            }
            let opening = Opening { account_id, address_key: &ticket.address_key, device };
            self.open_session(connection, opening, now).await.map(Ok)
        });
        let tokens = tokens.await?;
        self.mailer.notify_one();
        Ok(tokens)
    }

    /// The first factor was right.
    async fn let_in(
        &self,
        connection: &mut Connection,
        proven: &Proven,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, Error> {
        let Proven { account_id, address_key } = *proven;
        if !db::second_factors::is_required(connection, account_id).await? {
            let opening = Opening { account_id, address_key: &address_key, device };
            return self.open_session(connection, opening, now).await.map(SignedIn::Session);
        }
        let ticket = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let row = db::second_factors::Ticket {
            ticket_hash: sha256(ticket.as_bytes()).to_vec(),
            account_id,
            address_key: address_key.to_vec(),
            tries: 0,
            expires_at: now + TICKET_LIFETIME,
        };
        db::second_factors::insert_ticket(connection, &row).await?;
        Ok(SignedIn::SecondFactorRequired { ticket })
    }

    /// Commits a refusal too, with what it counted.
    pub(super) async fn settled<T>(
        &self,
        work: impl AsyncFnOnce(&mut Connection) -> Result<Result<T, Error>, Error>,
    ) -> Result<T, Error> {
        self.database.transaction(work).await?
    }

    fn address_key(&self, login: &Login, device: &Device) -> [u8; 32] {
        let text = format!("{}\n{}", login.text(), throttle::network(device.address));
        self.secrets.sign("known-address-1", text.as_bytes())
    }

    /// What a try counts against: the name at this address, and at an unknown one the name as such.
    fn counters(&self, login: &Login, device: &Device, known: bool) -> Vec<(throttle::Key, Rule)> {
        let here = (throttle::here(&self.secrets, login, device), throttle::HERE);
        let elsewhere = (throttle::key(&self.secrets, "elsewhere", login.text()), throttle::ELSEWHERE);
        if known { vec![here] } else { vec![here, elsewhere] }
    }
}

/// Counts a try that failed; one that succeeded clears the name at this address. Refuses first whoever is beyond the rule,
/// right or wrong.
async fn settle(
    connection: &mut Connection,
    counters: &[(throttle::Key, Rule)],
    genuine: bool,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for (key, rule) in counters {
        throttle::lock(connection, key, rule, now).await?;
    }
    if genuine {
        let here = counters.first().map(|(key, _)| key);
        if let Some(key) = here {
            db::throttles::delete(connection, key).await?;
        }
        return Ok(());
    }
    for (key, rule) in counters {
        throttle::count(connection, key, rule, now).await?;
    }
    Ok(())
}
