//! The second factor: a generator of one-time passwords, with recovery codes for when it is lost.

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::notices::{self, Notice};
use super::secrets::Secrets;
use super::{App, Caller, Error, accounts, throttle};
use crate::db::{self, Connection};
use crate::domain::delivery::Template;
use crate::domain::message::Language;
use crate::domain::totp;

const PURPOSE: &str = "second-factor-1";
const RECOVERY_CODES: usize = 10;
/// Of a recovery code: 50 bits, without letters that are mistaken for digits.
const RECOVERY_LENGTH: usize = 10;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What somebody answers when asked for it.
pub enum Answer {
    Code(String),
    RecoveryCode(String),
}

/// To be put into an authenticator app; shown once.
#[derive(Debug)]
pub struct NewFactor {
    /// Base32.
    pub secret: String,
    pub uri: String,
}

impl App {
    /// Begins with one; it counts once it is confirmed. The caller has proved anew who they are.
    pub async fn create_second_factor(&self, caller: &Caller) -> Result<NewFactor, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let secret: [u8; totp::SECRET_BYTES] = rand::random();
        let sealed = self.secrets.seal(PURPOSE, caller.account_id.as_bytes(), &secret)?;
        let account_id = caller.account_id;
        let account = self
            .database
            .transaction(async |connection| {
                let account = db::accounts::lock(connection, account_id).await?.ok_or(Error::NotFound)?;
                // Whoever signed up with an address of somebody else must not lock its owner out.
                if account.email_verified_at.is_none() && account.mobile_verified_at.is_none() {
                    return Err(Error::conflict("contact_unverified", []));
                }
                if db::second_factors::is_required(connection, account_id).await? {
                    return Err(Error::conflict("second_factor_exists", []));
                }
                let factor = db::second_factors::SecondFactor {
                    account_id,
                    sealed,
                    created_at: now,
                    confirmed_at: None,
                    last_step: 0,
                };
                db::second_factors::put(connection, &factor).await?;
                Ok(account)
            })
            .await?;
        let name = account.email.or(account.mobile).unwrap_or(account.display_name);
        Ok(NewFactor { secret: totp::base32(&secret), uri: totp::uri(&secret, &name) })
    }

    /// A first right code makes it count; answers with recovery codes.
    pub async fn confirm_second_factor(
        &self,
        caller: &Caller,
        code: String,
        language: Language,
    ) -> Result<Vec<String>, Error> {
        let (now, account_id) = (Utc::now().trunc_subsecs(6), caller.account_id);
        let codes = self
            .settled(async |connection| {
                let account = db::accounts::lock(connection, account_id).await?.ok_or(Error::NotFound)?;
                let factor = db::second_factors::lock(connection, account_id).await?;
                if factor.is_none_or(|factor| factor.confirmed_at.is_some()) {
                    return Err(Error::conflict("second_factor_not_begun", []));
                }
                if !accept(connection, &self.secrets, account_id, &Answer::Code(code), now).await? {
                    return Ok(Err(super::proof::wrong("/code", "second_factor_invalid")));
                }
                db::second_factors::confirm(connection, account_id, now).await?;
                accounts::changed(connection, &account, "account.second_factor_added", caller.author(), now).await?;
                let notice = Notice(Template::SecondFactorAdded, []);
                notices::post(connection, &self.secrets, account.contacts(), notice, language, now).await?;
                fresh_recovery_codes(connection, &self.secrets, account_id).await.map(Ok)
            })
            .await?;
        self.rung();
        Ok(codes)
    }

    /// New recovery codes in place of those before.
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        answer: Answer,
        language: Language,
    ) -> Result<Vec<String>, Error> {
        let (now, account_id) = (Utc::now().trunc_subsecs(6), caller.account_id);
        let codes = self.settled(async |connection| {
            let account = db::accounts::lock(connection, account_id).await?.ok_or(Error::NotFound)?;
            if !db::second_factors::is_required(connection, account_id).await? {
                return Err(Error::conflict("second_factor_missing", []));
            }
            if !accept(connection, &self.secrets, account_id, &answer, now).await? {
                return Ok(Err(super::proof::wrong("/code", "second_factor_invalid")));
            }
            accounts::changed(connection, &account, "account.recovery_codes_renewed", caller.author(), now).await?;
            let notice = Notice(Template::RecoveryCodesRenewed, []);
            notices::post(connection, &self.secrets, account.contacts(), notice, language, now).await?;
            fresh_recovery_codes(connection, &self.secrets, account_id).await.map(Ok)
        });
        let codes = codes.await?;
        self.rung();
        Ok(codes)
    }

    /// Takes it away, with the recovery codes; not from whom a role of the platform needs it.
    pub async fn delete_second_factor(&self, caller: &Caller, answer: Answer, language: Language) -> Result<(), Error> {
        let (now, account_id) = (Utc::now().trunc_subsecs(6), caller.account_id);
        self.settled(async |connection| {
            let account = db::accounts::lock(connection, account_id).await?.ok_or(Error::NotFound)?;
            if !db::second_factors::is_required(connection, account_id).await? {
                return Err(Error::conflict("second_factor_missing", []));
            }
            if !account.password_long && !db::accounts::grants(connection, account_id).await?.is_empty() {
                return Err(Error::conflict("role_needs_second_factor", []));
            }
            if !accept(connection, &self.secrets, account_id, &answer, now).await? {
                return Ok(Err(super::proof::wrong("/code", "second_factor_invalid")));
            }
            db::second_factors::delete(connection, account_id).await?;
            accounts::changed(connection, &account, "account.second_factor_removed", caller.author(), now).await?;
            let notice = Notice(Template::SecondFactorRemoved, []);
            notices::post(connection, &self.secrets, account.contacts(), notice, language, now).await.map(Ok)
        })
        .await?;
        self.rung();
        Ok(())
    }
}

/// Whether the answer is right; it is used up. A wrong one counts, so commit either way; after many the account waits.
pub(super) async fn accept(
    connection: &mut Connection,
    secrets: &Secrets,
    account_id: Uuid,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let counter = throttle::key(secrets, "second factor", &account_id.to_string());
    throttle::lock(connection, &counter, &throttle::ACCOUNT, now).await?;
    let right = match answer {
        Answer::Code(code) => accept_code(connection, secrets, account_id, code, now).await?,
        Answer::RecoveryCode(code) => {
            let hash = recovery_hash(secrets, account_id, code);
            db::second_factors::use_recovery_code(connection, account_id, &hash).await?
        }
    };
    match right {
        true => db::throttles::delete(connection, &counter).await?,
        false => throttle::count(connection, &counter, &throttle::ACCOUNT, now).await?,
    }
    Ok(right)
}

/// That somebody signed in with a recovery code, and how many are left.
pub(super) async fn tell_of_recovery(
    connection: &mut Connection,
    secrets: &Secrets,
    account_id: Uuid,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let account = db::accounts::find(connection, account_id).await?.ok_or(Error::NotFound)?;
    let left = db::second_factors::count_recovery_codes(connection, account_id).await?;
    let notice = Notice(Template::RecoveryCodeUsed, [("left", left.to_string())]);
    notices::post(connection, secrets, account.contacts(), notice, language, now).await
}

async fn accept_code(
    connection: &mut Connection,
    secrets: &Secrets,
    account_id: Uuid,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let Some(factor) = db::second_factors::lock(connection, account_id).await? else { return Ok(false) };
    let secret = secrets.open(PURPOSE, account_id.as_bytes(), &factor.sealed);
    let secret = secret.ok_or_else(|| Error::Fault("a second factor does not open with this key".to_owned()))?;
    let Some(step) = totp::accepted_step(&secret, code, now, factor.last_step) else { return Ok(false) };
    db::second_factors::set_last_step(connection, account_id, step).await?;
    Ok(true)
}

async fn fresh_recovery_codes(
    connection: &mut Connection,
    secrets: &Secrets,
    account_id: Uuid,
) -> Result<Vec<String>, Error> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| recovery_hash(secrets, account_id, code)).collect();
    db::second_factors::put_recovery_codes(connection, account_id, &hashes).await?;
    Ok(codes)
}

/// Two groups of five.
fn recovery_code() -> String {
    let bytes: [u8; RECOVERY_LENGTH] = rand::random();
    let text: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    let (left, right) = text.split_at(RECOVERY_LENGTH / 2);
    format!("{left}-{right}")
}

/// As typed: case, spaces and the dash do not matter.
fn recovery_hash(secrets: &Secrets, account_id: Uuid, code: &str) -> [u8; 32] {
    let plain: String = code.to_lowercase().chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    secrets.sign("recovery-code-1", format!("{account_id}\n{plain}").as_bytes())
}

/// Whether the account may be let in by a code alone: whoever has a role of the platform needs a second factor for it.
pub(super) async fn may_do_without_password(connection: &mut Connection, account_id: Uuid) -> Result<bool, Error> {
    Ok(db::accounts::grants(connection, account_id).await?.is_empty()
        || db::second_factors::is_required(connection, account_id).await?)
}
