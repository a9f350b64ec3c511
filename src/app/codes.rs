//! One-time codes, sent to an address or number. Asking for one is answered alike, by the same work, whoever has an
//! account: whether a code goes out is settled when it is sent.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::Uuid;

use super::secrets::Secrets;
use super::{App, Caller, Device, Error, outbox, throttle};
use crate::db::{self, Connection};
use crate::domain::account::{CodePurpose, Login};
use crate::domain::delivery::{Message, Template};

/// How long a code holds, and how many wrong ones may be tried before it no longer does.
pub const LIFETIME: Duration = Duration::minutes(10);
const TRIES: i32 = 5;

/// What a code is good for: it works nowhere else.
pub(super) enum Use<'a> {
    Purpose(CodePurpose, &'a Login),
    /// For somebody signed in: to prove that an address or number is theirs, or who they are.
    Own(Uuid, &'a Login),
}

impl Use<'_> {
    fn text(&self) -> String {
        match self {
            Use::Purpose(purpose, login) => format!("{}\n{}", <&str>::from(*purpose), login.text()),
            Use::Own(account, login) => format!("own {account}\n{}", login.text()),
        }
    }

    fn target(&self, secrets: &Secrets) -> [u8; 32] {
        secrets.sign("one-time-code-target-1", self.text().as_bytes())
    }
}

impl App {
    /// Sends a code to an address or number; except for signing up only where an account is reached by it.
    pub async fn request_code(&self, purpose: CodePurpose, login: Login, device: &Device) -> Result<(), Error> {
        let only_to_account = purpose != CodePurpose::SignUp;
        self.send_code(&Use::Purpose(purpose, &login), &login, only_to_account, device).await
    }

    /// Sends a code to an address or number that is the caller's or is to become so.
    pub async fn request_own_code(&self, caller: &Caller, login: Login, device: &Device) -> Result<(), Error> {
        self.send_code(&Use::Own(caller.account_id, &login), &login, false, device).await
    }

    async fn send_code(
        &self,
        goal: &Use<'_>,
        login: &Login,
        only_to_account: bool,
        device: &Device,
    ) -> Result<(), Error> {
        let now = Utc::now().trunc_subsecs(6);
        let to = throttle::key(&self.secrets, "codes to", &goal.text());
        let from = throttle::key(&self.secrets, "codes from", &throttle::network(device.address));
        let (id, code) = (Uuid::now_v7(), format!("{:06}", rand::random_range(0..1_000_000)));
        let row = db::one_time_codes::OneTimeCode {
            id,
            target: goal.target(&self.secrets).to_vec(),
            code_hash: hash(&self.secrets, id, &code).to_vec(),
            expires_at: now + LIFETIME,
        };
        let parameters = [("code", code), ("minutes", LIFETIME.num_minutes().to_string())];
        let message = Message::new(login.clone(), Template::OneTimeCode, parameters, device.language);
        let message = Message { lasts: LIFETIME, only_to_account, ..message };
        self.database
            .transaction(async |connection| {
                throttle::lock(connection, &to, &throttle::CODES_TO, now).await?;
                throttle::lock(connection, &from, &throttle::CODES_FROM, now).await?;
                throttle::count(connection, &to, &throttle::CODES_TO, now).await?;
                throttle::count(connection, &from, &throttle::CODES_FROM, now).await?;
                db::one_time_codes::insert(connection, &row).await?;
                outbox::post(connection, &self.secrets, &message, now).await
            })
            .await?;
        self.mailer.notify_one();
        Ok(())
    }
}

/// Whether the code is right. A right one is used up with all others for the same use; a wrong one counts against them.
/// Commit either way.
pub(super) async fn redeem(
    connection: &mut Connection,
    secrets: &Secrets,
    goal: &Use<'_>,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    use subtle::ConstantTimeEq;
    let target = goal.target(secrets);
    let live = db::one_time_codes::lock_live(connection, &target, TRIES, now).await?;
    let right = |row: &db::one_time_codes::OneTimeCode| bool::from(hash(secrets, row.id, code).ct_eq(&row.code_hash));
    let found = live.iter().filter(|row| right(row)).count() > 0;
    if found {
        db::one_time_codes::delete(connection, &target).await?;
    } else {
        db::one_time_codes::count_try(connection, &target).await?;
    }
    Ok(found)
}

/// Keyed: six digits would be found by trying them all against a plain hash.
fn hash(secrets: &Secrets, id: Uuid, code: &str) -> [u8; 32] {
    secrets.sign("one-time-code-1", &[id.as_bytes(), code.as_bytes()].concat())
}
