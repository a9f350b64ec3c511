//! PostgreSQL: a table for each side with typed columns, the best indexes found, one thread.

use std::fmt::Write as _;

use duijie::domain::listing::Side;
use tokio_postgres::{Client, Statement};

use crate::plain::{FAR, Question, Row};
use crate::seed::copy;
use crate::{Fault, connect};

pub struct Postgres {
    client: Client,
}

/// Earth's mean radius as the engine has it, kilometres; a degree of latitude is at least so long.
const DIAMETER: f64 = 2.0 * 6371.0088;
const DEGREE: f64 = 111.0;

fn table(side: Side) -> &'static str {
    if side == Side::Need { "needs" } else { "offers" }
}

impl Postgres {
    pub async fn of(url: &str, rows: &[Row]) -> Result<Self, Fault> {
        let client = connect(url).await?;
        client.batch_execute("CREATE EXTENSION IF NOT EXISTS btree_gist").await?;
        for side in [Side::Need, Side::Offer] {
            let table = table(side);
            client.batch_execute(&format!("DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({COLUMNS})")).await?;
            for chunk in rows.chunks(50_000) {
                let mut text = String::new();
                for row in chunk.iter().filter(|row| row.side == side) {
                    write_row(&mut text, row)?;
                }
                copy(&client, table, text).await?;
            }
            client.batch_execute(&INDEXES.replace("{t}", table)).await?;
            client.batch_execute(&format!("VACUUM ANALYZE {table}")).await?;
        }
        for setting in SETTINGS {
            client.batch_execute(&format!("SET {setting}")).await?;
        }
        Ok(Self { client })
    }

    /// Of tables and indexes.
    pub async fn bytes(&self) -> Result<i64, Fault> {
        let sql = "SELECT (pg_total_relation_size('needs') + pg_total_relation_size('offers'))::bigint";
        Ok(self.client.query_one(sql, &[]).await?.get(0))
    }

    /// Parsed, not yet planned.
    pub async fn prepare(&self, question: &Question) -> Result<Statement, Fault> {
        Ok(self.client.prepare(&sql(question)).await?)
    }

    pub async fn ask(&self, question: &Question, statement: &Statement) -> Result<Vec<i64>, Fault> {
        let rows = self.client.query(statement, &[&question.categories]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    pub async fn explain(&self, question: &Question) -> Result<String, Fault> {
        let rows = self
            .client
            .query(&format!("EXPLAIN (ANALYZE, BUFFERS) {}", sql(question)), &[&question.categories])
            .await?;
        Ok(rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect())
    }

    /// What changes need and offer.
    pub async fn prepare_updates(&self) -> Result<[Statement; 2], Fault> {
        let sql = |side| format!("UPDATE {} SET quantity = $2, money = $3, confirmed = $4 WHERE id = $1", table(side));
        Ok([self.client.prepare(&sql(Side::Need)).await?, self.client.prepare(&sql(Side::Offer)).await?])
    }

    pub async fn update(&self, row: &Row, updates: &[Statement; 2]) -> Result<(), Fault> {
        let statement = &updates[usize::from(row.side == Side::Offer)];
        self.client.execute(statement, &[&row.id, &row.quantity, &row.money, &row.confirmed]).await?;
        Ok(())
    }

    /// Another connection to the same tables.
    pub async fn beside(url: &str) -> Result<Self, Fault> {
        Ok(Self { client: connect(url).await? })
    }
}

const SETTINGS: [&str; 4] = [
    "max_parallel_workers_per_gather = 0",
    "work_mem = '64MB'",
    "random_page_cost = 1.05",
    "effective_cache_size = '8GB'",
];

const COLUMNS: &str = "id bigint PRIMARY KEY, category int, enterprise bigint, quantity float8, min_order float8, \
    money float8, ready int, lead int, needed int, radius float8, lon float8, lat float8, until bigint, confirmed bigint, \
    created bigint, partial boolean, urgency float8, full_days float8, words bigint[], place point";

/// Covering, so that the heap need not be read; by price; by place within a category.
const INDEXES: &str = "
    CREATE INDEX ON {t} (category, until) INCLUDE (id, enterprise, quantity, min_order, money, ready, lead, needed, radius,
        lon, lat, confirmed, created, partial, urgency, full_days);
    CREATE INDEX ON {t} (category, money);
    CREATE INDEX ON {t} (category, needed);
    CREATE INDEX ON {t} USING gist (category, place);";

fn write_row(text: &mut String, row: &Row) -> Result<(), Fault> {
    let words: Vec<String> = row.words.iter().map(i64::to_string).collect();
    let (lon, lat) = (row.place.longitude, row.place.latitude);
    writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{lon}\t{lat}\t{}\t{}\t{}\t{}\t{}\t{}\t{{{}}}\t({lon},{lat})",
        row.id,
        row.category,
        row.enterprise,
        row.quantity,
        row.min_order,
        row.money,
        row.ready,
        row.lead,
        row.needed,
        row.radius,
        row.until,
        row.confirmed,
        row.created,
        row.partial,
        row.urgency,
        row.full,
        words.join(","),
    )?;
    Ok(())
}

/// With its values written in: the planner sees them, which it plans best by.
fn sql(question: &Question) -> String {
    let own = &question.row;
    let asks = own.side == Side::Need;
    let other = table(own.side.opposite());
    let (lon, lat) = (own.place.longitude, own.place.latitude);
    let (quantity, money, needed, arrival, radius) =
        (own.quantity, own.money, own.needed, own.ready + own.lead, own.radius);
    let mut wheres = vec![
        "category = ANY ($1)".to_owned(),
        format!("enterprise <> {}", own.enterprise),
        format!("until > {}", question.now),
    ];
    if asks {
        let enough = if own.partial { "quantity > 0".to_owned() } else { format!("quantity >= {quantity}::float8") };
        wheres.extend([format!("money <= {money}::float8"), enough, format!("min_order <= {quantity}::float8")]);
        wheres.push(format!("ready + lead <= {needed}"));
    } else {
        wheres.extend([format!("money >= {money}::float8"), format!("needed >= {arrival}")]);
        wheres.push(format!("(quantity <= {quantity}::float8 OR (partial AND {quantity}::float8 > 0))"));
        wheres.push(format!("quantity >= {}::float8", own.min_order));
    }
    if radius < FAR {
        let (high, wide) = (radius / DEGREE, radius / DEGREE / lat.to_radians().cos().max(0.05));
        wheres.push(format!(
            "place <@ box(point({},{}), point({},{}))",
            lon - wide,
            lat - high,
            lon + wide,
            lat + high
        ));
    }
    let inner = format!(
        "SELECT *, {DIAMETER} * asin(least(1, sqrt(power(sin(radians(lat - {lat}) / 2), 2) \
         + cos(radians({lat})) * cos(radians(lat)) * power(sin(radians(lon - {lon}) / 2), 2)))) AS d FROM {other} WHERE {}",
        wheres.join(" AND ")
    );
    let (price, most) =
        if asks { ("money".to_owned(), money.to_string()) } else { (money.to_string(), "money".to_owned()) };
    let low = match question.reference {
        Some(reference) => format!("{} * least({reference}::float8, {most}::float8)", question.price_floor),
        None => format!("{} * {most}::float8", question.price_floor),
    };
    let price =
        format!("CASE WHEN {most} <= 0 THEN 1 ELSE ({most}::float8 - {price}::float8) / ({most}::float8 - {low}) END");
    let slack = if asks {
        format!("({needed} - ready - lead) / {}::float8", own.full)
    } else {
        format!("(needed - {arrival}) / full_days")
    };
    let fresh = question.fresh_minutes;
    let mut u = vec![
        format!("quantity / {quantity}::float8"),
        format!("power(2, -greatest(d - {}, 0) / {})", question.near_km, question.half_km),
        price,
        slack,
        "0".to_owned(),
        crate::plain::TRUST_OF_NEWCOMERS.to_string(),
        format!("power(2, -greatest(greatest({} - confirmed, 0) - {fresh}, 0) / {fresh}::float8)", question.as_of),
        "urgency".to_owned(),
    ];
    if !question.words.is_empty() {
        let said =
            question.words.iter().map(|(id, worth)| format!("CASE WHEN {id} = ANY (words) THEN {worth} ELSE 0 END"));
        u[4] = format!("({}) / {}", said.collect::<Vec<_>>().join(" + "), question.asked_words());
    }
    let parts = u.iter().zip(question.weights).filter(|(_, weight)| *weight > 0);
    let part =
        |(u, weight): (&String, i64)| format!("floor(least(greatest({u}, 0), 1) * 10000 + 0.5)::bigint * {weight}");
    let sum = parts.map(part).collect::<Vec<_>>().join(" + ");
    let total = question.weights.iter().sum::<i64>() * 10_000;
    format!(
        "SELECT id, (2000 * ({sum}) + {total}) / {} AS score FROM ({inner}) AS c WHERE d <= least(radius, {radius}::float8) \
         ORDER BY score DESC, d, created, id LIMIT 10",
        2 * total
    )
}
