//! Listings with what their readers are shown beside them.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{ListingRow, RecordRow, remaining};
use crate::db::acting_roles::acting_roles;
use crate::db::enterprises::{EnterpriseRow, PosterRow};
use crate::db::schema::{enterprises, listing_ledger, listings, memberships};
use crate::db::types::{DecimalColumn, JsonText, parse_code};
use crate::db::{Connection, Error};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::{Enterprise, MemberRole, Poster};
use crate::domain::ledger::Balance;
use crate::domain::listing::{Listing, Terms};
use crate::domain::mandate::MandateScope;
use crate::domain::moderation::ModerationState;

/// A listing with what its reader is shown beside it.
#[derive(Debug, Clone)]
pub struct ListingView<E = Enterprise> {
    pub listing: Listing,
    /// All that is known of it, or what others are shown: [`Poster`].
    pub enterprise: E,
    /// `None` where the quantity is unknown.
    pub balance: Option<Balance>,
    /// What the reader is to the enterprise.
    pub role: Option<MemberRole>,
    /// What moderation last made of it, for its members and moderators.
    pub moderation: Option<Box<ModerationState>>,
    /// Who posted it for the enterprise, where that was an association.
    pub association: Option<Association>,
}

/// The association that posted a listing for its member.
#[derive(Debug, Clone)]
pub struct Association {
    pub mandate_id: Uuid,
    pub id: Uuid,
    pub legal_name: String,
}

impl<E> ListingView<E> {
    /// Whether the reader acts for the enterprise.
    pub fn is_own(&self) -> bool {
        self.role.is_some()
    }
}

/// Remaining, whether something is held, and what the reader is to the enterprise.
type Beside = (Option<DecimalColumn>, bool, Option<String>);

/// In one query, in no particular order.
pub async fn find_views(
    connection: &mut Connection,
    account: Option<Uuid>,
    ids: &[Uuid],
) -> Result<Vec<ListingView>, Error> {
    let rows: Vec<(ListingRow, EnterpriseRow, Beside)> = listings::table
        .inner_join(enterprises::table)
        .filter(listings::id.eq_any(ids))
        .select((ListingRow::as_select(), EnterpriseRow::as_select(), beside(account.unwrap_or(NOBODY))))
        .load(connection)
        .await?;
    let view = |(listing, enterprise, beside): (ListingRow, EnterpriseRow, Beside)| {
        view(listing.try_into()?, enterprise.try_into()?, beside)
    };
    let mut views = rows.into_iter().map(view).collect::<Result<Vec<_>, Error>>()?;
    complete(connection, &mut views).await?;
    Ok(views)
}

/// Terms at hand, with the version of the listing they are of.
pub type HeldTerms = HashMap<Uuid, (i32, Arc<Terms>)>;

/// As an answer shows them, in one query, in no particular order. What is stored in the version `held` is not read again:
/// terms never change without their listing's version.
pub async fn find_shown(
    connection: &mut Connection,
    account: Option<Uuid>,
    ids: &[Uuid],
    held: &HeldTerms,
) -> Result<Vec<ListingView<Poster>>, Error> {
    // No listing has version 0.
    let versions: Vec<i32> = ids.iter().map(|id| held.get(id).map_or(0, |(version, _)| *version)).collect();
    let version_held = versions.into_sql::<Array<Integer>>().index(array_position(ids, listings::id));
    let news = case_when(listings::version.ne(version_held), listings::terms);
    let rows: Vec<(RecordRow, Option<JsonText>, PosterRow, Beside)> = listings::table
        .inner_join(enterprises::table)
        .filter(listings::id.eq_any(ids))
        .select((RecordRow::as_select(), news, PosterRow::as_select(), beside(account.unwrap_or(NOBODY))))
        .load(connection)
        .await?;
    let view = |(record, news, poster, beside): (RecordRow, Option<JsonText>, PosterRow, Beside)| {
        let terms = match (news, held.get(&record.id)) {
            (Some(document), _) => record.terms_of(&document)?,
            (None, Some((_, terms))) => Terms::clone(terms),
            (None, None) => return Err(Error::Fault(format!("listing {} was read without terms", record.id))),
        };
        view(record.with_terms(terms)?, poster.try_into()?, beside)
    };
    let mut views = rows.into_iter().map(view).collect::<Result<Vec<_>, Error>>()?;
    complete(connection, &mut views).await?;
    Ok(views)
}

/// A listing of an enterprise the account is a member of: in `acting_roles` a membership comes before every mandate, and
/// covers everything. Not to be shown: what moderation made of it and who posted it is not read.
pub async fn find_of_member(
    connection: &mut Connection,
    account: Uuid,
    id: Uuid,
) -> Result<Option<ListingView>, Error> {
    let row: Option<(ListingRow, EnterpriseRow, Option<DecimalColumn>, bool, String)> = listings::table
        .inner_join(enterprises::table.inner_join(memberships::table))
        .filter(listings::id.eq(id).and(memberships::account_id.eq(account)))
        .select((ListingRow::as_select(), EnterpriseRow::as_select(), remaining(), is_held(), memberships::role))
        .first(connection)
        .await
        .optional()?;
    let Some((listing, enterprise, remaining, held, role)) = row else { return Ok(None) };
    view(listing.try_into()?, enterprise.try_into()?, (remaining, held, Some(role))).map(Some)
}

diesel::define_sql_function! {
    /// From 1 on; only for what is there, else NULL.
    fn array_position(all: Array<diesel::sql_types::Uuid>, one: diesel::sql_types::Uuid) -> Integer;
}

/// Nobody has this account.
const NOBODY: Uuid = Uuid::nil();

#[diesel::dsl::auto_type]
fn beside(account: Uuid) -> _ {
    let role: role_of = role_of(account);
    (remaining(), is_held(), role)
}

/// Whether something of a listing is held or delivered.
#[diesel::dsl::auto_type]
fn is_held() -> _ {
    let none: DecimalColumn = DecimalColumn(Decimal::ZERO);
    let of_listing = listing_ledger::table.filter(listing_ledger::listing_id.eq(listings::id));
    let held =
        listing_ledger::reserved.gt(none).or(listing_ledger::committed.gt(none)).or(listing_ledger::fulfilled.gt(none));
    exists(of_listing.filter(held))
}

/// What the account may do for the enterprise of a listing; as a member before as one with a mandate.
#[diesel::dsl::auto_type]
fn role_of(account: Uuid) -> _ {
    let scopes: Vec<&'static str> = vec![<&str>::from(MandateScope::Post)];
    acting_roles::table
        .filter(acting_roles::account_id.eq(account))
        .filter(acting_roles::enterprise_id.eq(listings::enterprise_id))
        .filter(acting_roles::scopes.contains(scopes))
        .order(acting_roles::mandate_id.asc().nulls_first())
        .select(acting_roles::role)
        .limit(1_i64)
        .single_value()
}

fn view<E>(listing: Listing, enterprise: E, (remaining, held, role): Beside) -> Result<ListingView<E>, Error> {
    let balance = remaining.map(|remaining| Balance { remaining: remaining.0, held });
    let role = role.as_deref().map(parse_code).transpose()?;
    Ok(ListingView { listing, enterprise, balance, role, moderation: None, association: None })
}

/// Adds to the reader's own ones what moderation made of them, and to all who posted them for the enterprise.
pub async fn complete<E>(connection: &mut Connection, views: &mut [ListingView<E>]) -> Result<(), Error> {
    let mandates: Vec<Uuid> = views.iter().filter_map(|view| view.listing.mandate_id).collect();
    let associations = crate::db::mandates::associations(connection, &mandates).await?;
    for view in views.iter_mut() {
        let named = associations.iter().find(|one| Some(one.mandate_id) == view.listing.mandate_id);
        view.association = named.cloned();
    }
    let own: Vec<Uuid> = views.iter().filter(|view| view.is_own()).map(|view| view.listing.id).collect();
    let mut states = crate::db::moderation::states(connection, &own).await?;
    for view in views {
        view.moderation = states.remove(&view.listing.id).map(Box::new);
    }
    Ok(())
}
