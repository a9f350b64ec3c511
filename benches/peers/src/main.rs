//! The engine beside what else could do its work, and the program under load; `scripts/bench` runs it all.
//!
//! ```text
//! peers engines [LISTINGS] [QUESTIONS]       index, PostgreSQL (DUIJIE_TEST_DATABASE_URL) and tantivy on the same data
//! peers seed DATABASE_URL [LISTINGS]         writes a market into the product's tables
//! peers load BASE_URL DATABASE_URL LISTINGS RATE SECONDS [CONNECTIONS…]
//! ```

mod engines;
mod load;
mod lucene;
#[allow(dead_code)]
#[allow(clippy::panic)]
#[path = "../../market.rs"]
mod market;
mod plain;
mod postgres;
mod seed;
mod times;

use ::duijie;

pub type Fault = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |at: usize| arguments.get(at).cloned().unwrap_or_default();
    let number = |at: usize, otherwise: u64| match arguments.get(at) {
        Some(text) => count(text),
        None => Ok(otherwise),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match text(0).as_str() {
        "engines" => {
            let url = std::env::var("DUIJIE_TEST_DATABASE_URL")?;
            let table = engines::engines(&runtime, &url, number(1, 200_000)?, number(2, 300)? as usize)?;
            print!("{table}");
            Ok(())
        }
        "seed" => runtime.block_on(seed::seed(&text(1), number(2, 1_000_000)?)),
        "load" => {
            let connections =
                arguments.iter().skip(6).map(|text| Ok(count(text)? as usize)).collect::<Result<_, Fault>>()?;
            let (base, database, listings) = (text(1), text(2), number(3, 1_000_000)?);
            let (rate, seconds) = (number(4, 200)? as f64, number(5, 60)?);
            let plan = load::Plan { base, database, listings, rate, seconds, connections };
            print!("{}", runtime.block_on(load::load(plan))?);
            Ok(())
        }
        _ => Err("peers engines | seed | load: see the head of src/main.rs".into()),
    }
}

/// At least 1; `1_000_000` is written so too.
fn count(text: &str) -> Result<u64, Fault> {
    let count = text.replace('_', "").parse::<u64>().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("{text:?} is no number from 1 on").into())
}

pub async fn connect(url: &str) -> Result<tokio_postgres::Client, Fault> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
