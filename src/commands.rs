//! What the commands besides `serve` do: each opens the store, calls one use case, and prints what became of it.

use duijie::app::{App, Error};
use duijie::config::Config;
use duijie::db::migrations;
use duijie::domain::message::{self, Language};
use duijie::domain::violation::Violations;
use duijie::startup::{Fault, Store};

pub mod admin;
pub mod audit;
mod evaluate;
mod import;
pub mod reference;
pub mod roster;

pub use evaluate::{Evaluation, evaluate};
pub use import::{ImportFiles, import};

use crate::Step;

/// Opens the store beside a running `serve` if there is one, brings it up to date, and closes it again.
async fn with_app<T>(config: &Config, work: impl AsyncFnOnce(&App) -> Result<T, Fault>) -> Result<T, Fault> {
    let store = Store::open_beside(config).await?;
    let outcome = async {
        store.migrate().await?;
        let app = store.app(config, store.knowledge().await?).await?;
        let result = work(&app).await?;
        duijie::jobs::sequence(&app).await.map_err(fault)?;
        Ok(result)
    }
    .await;
    store.close().await;
    outcome
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Invalid(violations) => told(&violations).into(),
        Error::Conflict(code, params) => message::text(code, &params, Language::En).into(),
        Error::NotFound => "there is no such account".into(),
        Error::Busy(detail) | Error::Fault(detail) => detail.into(),
        other => format!("{other:?}").into(),
    }
}

fn told(violations: &Violations) -> String {
    let lines = violations.iter().map(|v| format!("{}: {}", v.pointer, message::text(v.code, &v.params, Language::En)));
    lines.collect::<Vec<_>>().join("\n")
}

pub async fn migrate(config: &Config, step: Step) -> Result<(), Fault> {
    let store = Store::open_beside(config).await?;
    let outcome = match step {
        Step::Down | Step::Redo if store.beside_server => {
            Err("a duijie serves from this data folder: stop it before its tables are taken away".into())
        }
        step => migrate_store(&store, step).await,
    };
    store.close().await;
    outcome
}

async fn migrate_store(store: &Store, step: Step) -> Result<(), Fault> {
    let print = |verb: &str, names: Vec<String>| names.iter().for_each(|name| println!("{verb} {name}"));
    match step {
        Step::Up => print("applied", migrations::up(&store.database).await?),
        Step::Down => print("reverted", migrations::down(&store.database).await?.into_iter().collect()),
        Step::Redo => {
            print("reverted", migrations::down(&store.database).await?.into_iter().collect());
            print("applied", migrations::up(&store.database).await?);
        }
        Step::Status => {
            for (name, applied) in migrations::status(&store.database).await? {
                println!("{} {name}", if applied { "applied" } else { "pending" });
            }
        }
    }
    Ok(())
}

pub async fn demo(config: &Config) -> Result<(), Fault> {
    with_app(config, async |app| {
        let new = app.load_demo().await.map_err(fault)?;
        println!(
            "{}",
            if new == 0 { "the demo data is there already".to_owned() } else { format!("{new} demo listings loaded") }
        );
        Ok(())
    })
    .await
}
