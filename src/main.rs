//! The command line: it reads arguments and configuration, calls the library, and turns failure into an exit status.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use duijie::config::Config;
use duijie::startup::{self, Fault, Store};
use tracing_subscriber::EnvFilter;

/// Duijie 对接: supply-demand matchmaking marketplace.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve,
    /// Change or show the database schema
    Migrate {
        #[command(subcommand)]
        step: Step,
    },
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Subcommand)]
enum Step {
    /// Apply what is pending
    Up,
    /// Revert the newest
    Down,
    /// Revert the newest and apply it again
    Redo,
    /// Show what is applied
    Status,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("duijie: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Fault> {
    if let Command::Openapi = command {
        println!("{}", serde_json::to_string_pretty(&duijie::http::document())?);
        return Ok(());
    }
    let config = Config::from_environment()?;
    let filter = EnvFilter::try_new(&config.log.filter)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log.json {
        log.json().init()
    } else {
        log.init()
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => startup::serve(config).await,
            Command::Migrate { step } => migrate(&config, step).await,
            Command::Openapi => Ok(()),
        }
    })
}

async fn migrate(config: &Config, step: Step) -> Result<(), Fault> {
    use duijie::db::migrations;
    let store = Store::open(config).await?;
    let outcome = async {
        match step {
            Step::Up => print("applied", migrations::up(&store.database).await?),
            Step::Down => print("reverted", migrations::down(&store.database).await?),
            Step::Redo => {
                print("reverted", migrations::down(&store.database).await?);
                print("applied", migrations::up(&store.database).await?);
            }
            Step::Status => {
                for (name, applied) in migrations::status(&store.database).await? {
                    println!("{} {name}", if applied { "applied" } else { "pending" });
                }
            }
        }
        Ok::<(), Fault>(())
    }
    .await;
    store.close().await;
    outcome
}

fn print(verb: &str, names: impl IntoIterator<Item = String>) {
    names.into_iter().for_each(|name| println!("{verb} {name}"));
}
