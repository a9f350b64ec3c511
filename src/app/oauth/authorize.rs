//! A person lets an app act for them, sees whom they let, and takes it back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use uuid::Uuid;

use super::{AppView, view, views};
use crate::app::secrets::sha256;
use crate::app::{App, Caller, Error, Transaction, access};
use crate::db::oauth::Code;
use crate::db::{self, Connection};
use crate::domain::access::Scope;
use crate::domain::app::AppStatus;
use crate::domain::enterprise::{EnterpriseStatus, MemberRole};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::oauth::{Authorization, join_scopes, split_scopes};
use crate::domain::violation::Violations;

/// How long a code may be exchanged.
pub const CODE_LIFETIME: Duration = Duration::seconds(60);

/// What an app asks of a person.
#[derive(Debug, Clone)]
pub struct Asked {
    pub client_id: Uuid,
    pub redirect_uri: String,
    /// With blanks between.
    pub scope: String,
    pub enterprise_id: Option<Uuid>,
}

/// What the person agrees to.
#[derive(Debug, Clone)]
pub struct Consent {
    pub asked: Asked,
    pub state: Option<String>,
    pub code_challenge: String,
}

/// An app with what it asks for, in order.
#[derive(Debug, Clone)]
pub struct Question {
    pub view: AppView,
    pub scopes: Vec<Scope>,
}

/// Where the person's browser goes next.
#[derive(Debug)]
pub struct Agreed {
    pub redirect_to: String,
    pub expires_in: u64,
}

/// Whom a person lets act for them.
pub struct AuthorizationView {
    pub authorization: Authorization,
    pub view: AppView,
}

/// Makes a code for the app. Agreeing again replaces the scopes agreed to before.
pub async fn authorize(
    transaction: &mut Transaction<'_>,
    consent: Result<Consent, Violations>,
) -> Result<Agreed, Error> {
    let Consent { asked, state, code_challenge } = consent?;
    let role = match asked.enterprise_id {
        Some(id) => Some(required_role(transaction, id).await?),
        None => None,
    };
    // Locked, so that two who agree at once make one agreement.
    db::apps::lock(transaction.connection, asked.client_id).await?;
    let Question { view, scopes } = question(transaction.connection, &asked).await??;
    let caller = transaction.caller.clone();
    require_answerable(transaction.connection, &caller, &view).await?;
    let authorization = agree(transaction, &asked, &view, scopes, role).await?;
    let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let kept = Code {
        authorization_id: authorization.id,
        redirect_uri: asked.redirect_uri.clone(),
        code_challenge,
        scopes: db::oauth::scope_codes(&authorization.scopes),
        expires_at: transaction.now + CODE_LIFETIME,
        used_at: None,
        session_id: None,
    };
    db::oauth::insert_code(transaction.connection, &sha256(code.as_bytes()), &kept).await?;
    let redirect_to = answer_at(&asked.redirect_uri, &code, state.as_deref());
    Ok(Agreed { redirect_to, expires_in: CODE_LIFETIME.num_seconds().unsigned_abs() })
}

/// Only members let an app act for their enterprise.
async fn required_role(transaction: &mut Transaction<'_>, enterprise_id: Uuid) -> Result<MemberRole, Error> {
    db::enterprises::find(transaction.connection, enterprise_id).await?.ok_or(Error::NotFound)?;
    let role = access::role_in(transaction.connection, &transaction.caller, enterprise_id).await?;
    role.ok_or(Error::Forbidden("not_member"))
}

/// Somebody known answers for an app to strangers: while its enterprise is not verified, only its own members let it act for
/// them.
async fn require_answerable(connection: &mut Connection, caller: &Caller, view: &AppView) -> Result<(), Error> {
    let Some(owner) = &view.owner else { return Ok(()) };
    let own = db::enterprises::member_role(connection, caller.account_id, owner.id).await?.is_some();
    if own || owner.status == EnterpriseStatus::Verified {
        return Ok(());
    }
    Err(Error::conflict("app_enterprise_unverified", []))
}

/// Reads what is asked, and finds every fault.
async fn question(connection: &mut Connection, asked: &Asked) -> Result<Result<Question, Violations>, Error> {
    let app = db::apps::find(connection, asked.client_id).await?;
    let Some(app) = app.filter(|app| app.status == AppStatus::Active) else {
        return Ok(Err(Violations::one("/client_id", "app_unknown")));
    };
    let mut violations = Violations::new();
    if !app.details.admits_redirect(&asked.redirect_uri) {
        violations.add("/redirect_uri", "redirect_uri_differs");
    }
    let scopes = split_scopes(&asked.scope).unwrap_or_else(|unknown| {
        violations.add_with("/scope", "scope_unknown", [("scope", unknown)]);
        vec![]
    });
    if violations.is_empty() && scopes.is_empty() {
        violations.add("/scope", "required");
    }
    if !scopes.iter().all(|scope| app.details.scopes.contains(scope)) {
        violations.add("/scope", "scope_not_of_app");
    }
    let view = view(connection, app).await?;
    Ok(violations.or_else_value(Question { view, scopes }))
}

async fn agree(
    transaction: &mut Transaction<'_>,
    asked: &Asked,
    view: &AppView,
    scopes: Vec<Scope>,
    role: Option<MemberRole>,
) -> Result<Authorization, Error> {
    let (person, now) = (transaction.caller.account_id, transaction.now);
    let standing = db::oauth::find_standing(transaction.connection, view.app.id, person, asked.enterprise_id).await?;
    let authorization = match standing {
        Some(standing) => {
            let renewed = Authorization { scopes, updated_at: now, ..standing };
            db::oauth::renew(transaction.connection, &renewed).await?;
            renewed
        }
        None => {
            let new = Authorization {
                id: Uuid::now_v7(),
                app_id: view.app.id,
                account_id: person,
                enterprise_id: asked.enterprise_id,
                delegate_id: asked.enterprise_id.map(|_| Uuid::now_v7()),
                scopes,
                created_at: now,
                updated_at: now,
            };
            if let Some(delegate) = new.delegate_id {
                let name = &view.app.details.name;
                db::apps::insert_account(transaction.connection, delegate, name, now).await?;
            }
            db::oauth::insert(transaction.connection, &new).await?;
            new
        }
    };
    if let (Some(delegate), Some(enterprise_id), Some(role)) = (authorization.delegate_id, asked.enterprise_id, role) {
        // Never more than a trader: an app does not manage who belongs to an enterprise.
        let role = if role.may_trade() { MemberRole::Trader } else { MemberRole::Viewer };
        db::apps::place_account(transaction.connection, delegate, enterprise_id, role, now).await?;
    }
    let detail = Detail::created(&shown_of(&authorization));
    record(transaction, "authorization.granted", &authorization, detail).await?;
    Ok(authorization)
}

/// The app acts for the person no more, from the next request on.
pub async fn revoke(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let authorization = db::oauth::find(transaction.connection, id).await?;
    let own = authorization.filter(|own| own.account_id == transaction.caller.account_id);
    let authorization = own.ok_or(Error::NotFound)?;
    transaction.once().await?;
    db::oauth::revoke(transaction.connection, &authorization, transaction.now).await?;
    record(transaction, "authorization.revoked", &authorization, Detail::deleted(&shown_of(&authorization))).await
}

fn shown_of(authorization: &Authorization) -> serde_json::Value {
    json!({ "enterprise_id": authorization.enterprise_id, "scopes": join_scopes(&authorization.scopes) })
}

async fn record(
    transaction: &mut Transaction<'_>,
    event_type: &'static str,
    authorization: &Authorization,
    detail: Detail,
) -> Result<(), Error> {
    let event = NewEvent {
        event_type,
        entity: "authorization",
        entity_id: authorization.id,
        version: 1,
        audience: authorization.enterprise_id.map_or(Audience::Staff, |id| Audience::Enterprises(vec![id])),
        changed: json!({ "app_id": authorization.app_id }),
        detail,
    };
    transaction.record(event).await
}

/// What stands unencoded in a query (RFC 3986).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn answer_at(redirect_uri: &str, code: &str, state: Option<&str>) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let state = state.map(|state| format!("&state={}", utf8_percent_encode(state, PLAIN))).unwrap_or_default();
    format!("{redirect_uri}{separator}code={code}{state}")
}

impl App {
    /// What a person is asked, before they answer.
    pub async fn preview_authorization(
        &self,
        caller: &Caller,
        asked: Asked,
    ) -> Result<Result<Question, Violations>, Error> {
        let mut connection = self.database.get().await?;
        let question = question(&mut connection, &asked).await?;
        if let Ok(question) = &question {
            require_answerable(&mut connection, caller, &question.view).await?;
        }
        Ok(question)
    }

    /// Those that stand, in the order they were first agreed to.
    pub async fn list_authorizations(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AuthorizationView>, Error> {
        let mut connection = self.database.get().await?;
        let own = db::oauth::list(&mut connection, caller.account_id, after, limit).await?;
        let ids: Vec<Uuid> = own.iter().map(|authorization| authorization.app_id).collect();
        let views = views(&mut connection, &ids).await?;
        let with = |authorization: Authorization| {
            let view = views.iter().find(|view| view.app.id == authorization.app_id)?.clone();
            Some(AuthorizationView { authorization, view })
        };
        Ok(own.into_iter().filter_map(with).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_added_to_whatever_the_address_has() {
        assert_eq!(answer_at("https://a.example/b", "c", None), "https://a.example/b?code=c");
        assert_eq!(
            answer_at("https://a.example/b?d=e", "c", Some("x&y=1 #")),
            "https://a.example/b?d=e&code=c&state=x%26y%3D1%20%23"
        );
    }
}
