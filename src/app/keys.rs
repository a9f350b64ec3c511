//! Keys that sign access tokens: Ed25519, kept encrypted in the database, so that all processes sign and verify with the
//! same ones. The newest signs; one that was rotated out verifies until the tokens it signed have ended.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::json;
use uuid::Uuid;

use super::secrets::{Secrets, sha256};
use super::{App, Error};
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Author, Detail, NewEvent};

const PURPOSE: &str = "signing-key-1";
const ALGORITHM: &str = "EdDSA";
/// Beyond the lifetime of an access token: clocks differ.
const SLACK: Duration = Duration::minutes(5);
/// A token with an unknown key makes a process look for new keys at most this often.
const LOOK_AGAIN: Duration = Duration::seconds(1);
/// What was read longer ago is read again before a token is believed: a key that was revoked ends everywhere within this. The
/// job reads a little more often, so that nobody waits for it.
const BELIEVED: Duration = Duration::seconds(6);

/// What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The keys that hold at present, newest first.
#[derive(Default)]
pub struct KeyRing {
    keys: Vec<Key>,
    read_at: DateTime<Utc>,
}

pub struct Key {
    pub id: String,
    /// The `x` of its JWK.
    pub public: String,
    pub verifying: DecodingKey,
    signing: Option<EncodingKey>,
    ends_at: Option<DateTime<Utc>>,
}

impl KeyRing {
    /// The key with this id, if it still holds. Its algorithm is EdDSA, whatever a token says.
    pub fn find(&self, id: &str, now: DateTime<Utc>) -> Option<&Key> {
        self.live(now).find(|key| key.id == id)
    }

    pub fn live(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.ends_at.is_none_or(|end| end > now))
    }

    /// The id and key to sign with.
    pub fn signing(&self) -> Result<(&str, &EncodingKey), Error> {
        let found = self.keys.iter().find_map(|key| Some((key.id.as_str(), key.signing.as_ref()?)));
        found.ok_or_else(|| Error::Fault("no key to sign access tokens with".to_owned()))
    }
}

impl App {
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.load_full()
    }

    /// Reads the keys; makes the first one.
    pub async fn ensure_keys(&self) -> Result<(), Error> {
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                db::lock(connection, db::Lock::SigningKeys).await?;
                let rows = db::signing_keys::list_live(connection, now).await?;
                let signs =
                    |row: &db::signing_keys::SigningKey| row.retired_at.is_none() && open(&self.secrets, row).is_some();
                if !rows.iter().any(signs) {
                    db::signing_keys::insert(connection, &new_key(&self.secrets, now)?).await?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.refresh_keys().await
    }

    /// Takes the keys in use that the database has.
    pub async fn refresh_keys(&self) -> Result<(), Error> {
        let now = Utc::now();
        let rows = {
            let mut connection = self.database.get().await?;
            db::signing_keys::list_live(&mut connection, now).await?
        };
        let keys = rows.iter().filter_map(|row| key(&self.secrets, row)).collect();
        self.keys.store(Arc::new(KeyRing { keys, read_at: now }));
        Ok(())
    }

    /// Whether a key nobody here knows may be a new one.
    pub(super) fn keys_may_be_stale(&self) -> bool {
        Utc::now() - self.keys.load().read_at > LOOK_AGAIN
    }

    /// Whether a key that is known may have been revoked since.
    pub(super) fn keys_are_old(&self) -> bool {
        Utc::now() - self.keys.load().read_at > BELIEVED
    }

    /// A new key signs from now on. Those before verify until the tokens they signed have ended; with `revoke` no longer, and
    /// everybody has to refresh. The id of the new one.
    pub async fn rotate_keys(&self, revoke: bool) -> Result<String, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let lifetime = Duration::from_std(self.policy.access_token_lifetime).unwrap_or(SLACK);
        let ends_at = if revoke { now } else { now + lifetime + SLACK };
        let new = new_key(&self.secrets, now)?;
        let event = NewEvent {
            event_type: "signing_keys.rotated",
            entity: "signing_key",
            entity_id: Uuid::now_v7(),
            version: 1,
            audience: Audience::Staff,
            changed: json!({ "key": new.id, "revoked": revoke }),
            detail: Detail {
                before: Some(json!({ "keys": self.keys().live(now).map(|key| &key.id).collect::<Vec<_>>() })),
                after: Some(json!({ "key": new.id, "others_end_at": ends_at })),
            },
        };
        self.database.transaction(async |connection| rotate(connection, &new, event, now, ends_at).await).await?;
        self.sequencer.notify_one();
        self.refresh_keys().await?;
        Ok(new.id)
    }
}

async fn rotate(
    connection: &mut Connection,
    new: &db::signing_keys::SigningKey,
    event: NewEvent,
    now: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<(), Error> {
    db::lock(connection, db::Lock::SigningKeys).await?;
    db::signing_keys::retire_all(connection, now, ends_at).await?;
    db::signing_keys::insert(connection, new).await?;
    db::events::append(connection, event, Author::system("command:keys"), now).await?;
    Ok(())
}

fn new_key(secrets: &Secrets, now: DateTime<Utc>) -> Result<db::signing_keys::SigningKey, Error> {
    let private: [u8; 32] = rand::random();
    let public = SigningKey::from_bytes(&private).verifying_key().to_bytes();
    let id = URL_SAFE_NO_PAD.encode(&sha256(&public)[..12]);
    Ok(db::signing_keys::SigningKey {
        sealed: secrets.seal(PURPOSE, id.as_bytes(), &private)?,
        id,
        algorithm: ALGORITHM.to_owned(),
        public_key: public.to_vec(),
        created_at: now,
        retired_at: None,
        ends_at: None,
    })
}

fn open(secrets: &Secrets, row: &db::signing_keys::SigningKey) -> Option<EncodingKey> {
    let private = secrets.open(PURPOSE, row.id.as_bytes(), &row.sealed)?;
    Some(EncodingKey::from_ed_der(&[&PKCS8[..], &private].concat()))
}

/// None where this version does not know the algorithm.
fn key(secrets: &Secrets, row: &db::signing_keys::SigningKey) -> Option<Key> {
    let public = URL_SAFE_NO_PAD.encode(&row.public_key);
    let verifying = DecodingKey::from_ed_components(&public).ok().filter(|_| row.algorithm == ALGORITHM)?;
    let signing = open(secrets, row).filter(|_| row.retired_at.is_none());
    Some(Key { id: row.id.clone(), public, verifying, signing, ends_at: row.ends_at })
}
