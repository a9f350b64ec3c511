//! Writes a generated market into the product's own tables, by COPY: `peers seed DATABASE_URL [LISTINGS]`.
//!
//! The schema has to be there (`duijie migrate up`). Half of the listings have a description of some sentences.

use std::fmt::Write as _;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use duijie::domain::ledger;
use duijie::domain::listing::{Side, Terms};
use duijie::domain::reference::Reference;
use duijie::matching::Item;
use futures_util::SinkExt;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::market::{self, Dice, Maker};
use crate::{Fault, connect};

const TABLES: [&str; 3] = ["enterprises", "listings", "listing_ledger"];
/// Listings written at a time.
const CHUNK: u64 = 20_000;

pub async fn seed(url: &str, listings: u64) -> Result<(), Fault> {
    let reference = market::reference();
    let mut client = connect(url).await?;
    let mut writer = Writer { dice: Dice(7), maker: Maker::new(&reference, market::LARGE, 1), reference: &reference };
    for table in TABLES.iter().rev() {
        client.batch_execute(&format!("DELETE FROM {table}")).await?;
    }
    let enterprises: Vec<String> = (0..market::LARGE.enterprises).map(enterprise).collect();
    let columns = "id, status, country, legal_name, profile, created_at, updated_at";
    copy(&client, &format!("enterprises ({columns})"), enterprises.concat()).await?;
    let mut from = 0;
    while from < listings {
        let to = (from + CHUNK).min(listings);
        writer.write(&mut client, from, to).await?;
        from = to;
    }
    client.batch_execute("VACUUM ANALYZE").await?;
    eprintln!("{listings} listings of {} enterprises written", market::LARGE.enterprises);
    Ok(())
}

struct Writer<'r> {
    dice: Dice,
    maker: Maker,
    reference: &'r Reference,
}

impl Writer<'_> {
    async fn write(&mut self, client: &mut Client, from: u64, to: u64) -> Result<(), Fault> {
        let (mut rows, mut ledger) = (String::new(), String::new());
        for id in from..to {
            let item = self.maker.item(id);
            let terms = self.terms(&item);
            self.listing(&item, &terms, &mut rows)?;
            for row in ledger::rows(&terms) {
                let (start, end) = row
                    .days
                    .map_or(("\\N".into(), "\\N".into()), |days| (days.start.to_string(), days.end.to_string()));
                writeln!(ledger, "{}\t{}\t{start}\t{end}\t{}", uuid(id), row.number, row.quantity)?;
            }
        }
        let columns =
            "id, enterprise_id, status, terms, valid_until, created_at, updated_at, published_at, confirmed_at";
        copy(client, &format!("listings ({columns})"), rows).await?;
        copy(client, "listing_ledger (listing_id, period, starts_on, ends_on, quantity)", ledger).await
    }

    /// What the generator says of the item beside its terms, said in the terms; open for as long as a bench may take.
    fn terms(&mut self, item: &Item) -> Terms {
        let mut terms = (*item.terms).clone();
        let city = terms.region_code.as_ref().and_then(|code| self.reference.regions.get(code)?.location);
        match item.location {
            None => terms.region_code = None,
            Some(point) if Some(point) != city => terms.location = Some(point),
            Some(_) => {}
        }
        let late = |time: DateTime<Utc>| time + (Utc::now() - market::now());
        terms.valid_until = late(terms.valid_until).max(Utc::now() + TimeDelta::days(2));
        terms
    }

    fn listing(&self, item: &Item, terms: &Terms, rows: &mut String) -> Result<(), Fault> {
        let shift = Utc::now() - market::now();
        let (created, confirmed) = ((item.created_at + shift).to_rfc3339(), (item.confirmed_at + shift).to_rfc3339());
        let document = escaped(&serde_json::to_string(terms)?);
        let enterprise = enterprise_id((item.enterprise_id.as_u128() >> 64) as u64);
        let (id, until) = (uuid(item.id.as_u128() as u64), terms.valid_until.to_rfc3339());
        writeln!(
            rows,
            "{id}\t{enterprise}\tpublished\t{document}\t{until}\t{created}\t{confirmed}\t{created}\t{confirmed}"
        )?;
        Ok(())
    }
}

/// The same for the same number, and in the form of version 7.
pub fn uuid(number: u64) -> Uuid {
    let milliseconds = u128::from(1_780_000_000_000_u64 + number * 16);
    Uuid::from_u128(milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | u128::from(number))
}

pub fn enterprise_id(number: u64) -> Uuid {
    uuid(number | 1 << 40)
}

fn enterprise(number: u64) -> String {
    let status = if number % 10 < 3 { "verified" } else { "pending" };
    let name = format!("对接测试企业{number}有限公司");
    let profile = serde_json::json!({"country": "CN", "legal_name": name, "organization_type": "enterprise",
        "contacts": [{"name": "王经理", "mobile": "+8613800000000", "hours": "9-17"}]});
    let now = Utc::now().to_rfc3339();
    format!("{}\t{status}\tCN\t{name}\t{}\t{now}\t{now}\n", enterprise_id(number), escaped(&profile.to_string()))
}

/// As COPY's text format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

pub async fn copy(client: &Client, target: &str, rows: String) -> Result<(), Fault> {
    let sink = client.copy_in::<_, Bytes>(&format!("COPY {target} FROM STDIN")).await?;
    let mut sink = std::pin::pin!(sink);
    sink.send(Bytes::from(rows)).await?;
    sink.finish().await?;
    Ok(())
}

/// Accounts that act for the enterprises of some listings: the listings with their account.
pub async fn appoint(
    client: &Client,
    accounts: &[Uuid],
    listings: u64,
    count: u64,
) -> Result<Vec<(Uuid, usize)>, Fault> {
    let mut dice = Dice(99);
    let insert = client
        .prepare("INSERT INTO memberships SELECT $1, enterprise_id, 'owner', now() FROM listings WHERE id = $2 ON CONFLICT DO NOTHING")
        .await?;
    let mut asked = Vec::new();
    for _ in 0..count {
        let (listing, account) = (uuid(dice.below(listings)), dice.below(accounts.len() as u64) as usize);
        client.execute(&insert, &[&accounts[account], &listing]).await?;
        asked.push((listing, account));
    }
    Ok(asked)
}
