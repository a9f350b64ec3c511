//! What the commands besides `serve` do: each opens the store, calls one use case, and prints what became of it.

use std::io::{BufRead, IsTerminal};

use chrono::Utc;
use duijie::app::{App, Error};
use duijie::config::Config;
use duijie::db::migrations;
use duijie::domain::account::{self, Password};
use duijie::domain::message::{self, Language};
use duijie::domain::platform::Grant;
use duijie::domain::violation::Violations;
use duijie::startup::{Fault, Store};

pub mod audit;
mod evaluate;
mod import;
pub mod reference;

pub use evaluate::{Evaluation, evaluate};
pub use import::{ImportFiles, import};

use crate::Step;

/// Opens the store beside a running `serve` if there is one, brings it up to date, and closes it again.
async fn with_app<T>(config: &Config, work: impl AsyncFnOnce(&App) -> Result<T, Fault>) -> Result<T, Fault> {
    let store = Store::open_beside(config).await?;
    let outcome = async {
        store.migrate().await?;
        let app = store.app(config).await?;
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

pub async fn create_admin(config: &Config, email: &str, name: &str, grant: Grant) -> Result<(), Fault> {
    let email = account::normalize_email(email).ok_or("--email is not an address")?;
    let password = read_password()?;
    let mut violations = Violations::new();
    account::check_password(&password, account::ROLE_PASSWORD_MIN, "password", &mut violations);
    if !violations.is_empty() {
        return Err(told(&violations).into());
    }
    let name = name.to_owned();
    with_app(config, async move |app| {
        let role = <&str>::from(grant.role);
        let id = app.create_admin(email, name, Password::typed(password), &grant, Utc::now()).await.map_err(fault)?;
        println!("{role} {id}");
        Ok(())
    })
    .await
}

/// Never an argument: those are seen by everybody on the machine.
fn read_password() -> Result<String, Fault> {
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("Password (at least 15 characters): ")?);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
