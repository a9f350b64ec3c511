//! The command line: it reads arguments and configuration, calls the library, and turns failure into an exit status.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use duijie::app::import::Options;
use duijie::config::Config;
use duijie::domain::listing::Kind;
use duijie::domain::message::Language;
use duijie::startup::{self, Fault};
use strum::VariantArray;
use tracing_subscriber::EnvFilter;

mod commands;

use commands::{Evaluation, ImportFiles};

/// Listings are made on one thread and let go of on another, a million at a time: see docs/BENCHMARKS.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What libraries say in detail is personal data.
const QUIET: [&str; 6] =
    ["tokio_postgres=info", "diesel=info", "actix_http=info", "actix_web=info", "hyper=info", "hyper_util=info"];

/// Duijie 对接: supply-demand matchmaking marketplace.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Act on the sandbox, a second instance with a database of its own, instead of the market
    #[arg(long, global = true)]
    sandbox: bool,
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
    /// Bring a CSV or JSON Lines file in as published listings: all rows or none
    Import {
        file: PathBuf,
        /// How columns become fields (TOML); see data/mappings
        #[arg(long)]
        mapping: PathBuf,
        /// Check and report, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Bring the good rows in although others are faulty
        #[arg(long)]
        skip_faulty: bool,
        /// Write what became of each row, as JSON Lines
        #[arg(long)]
        report: Option<PathBuf>,
    },
    /// Reference data: categories, currencies, industries, occupations, regions, standards, units
    Reference {
        #[command(subcommand)]
        action: Reference,
    },
    /// The bureau's roster: codes, names and phones by which enterprises are verified
    Roster {
        #[command(subcommand)]
        action: Roster,
    },
    /// Load the demo market
    Demo,
    /// Measure search and matching by graded judgements: see docs/EVALUATION.md
    Evaluate {
        /// JSON Lines, or `id`, tab, text
        #[arg(long)]
        queries: PathBuf,
        /// Of the same form
        #[arg(long)]
        documents: PathBuf,
        /// TREC qrels: `query 0 document grade`
        #[arg(long)]
        qrels: PathBuf,
        #[arg(long, value_enum, default_value = "both")]
        mode: Mode,
        /// Kind of the texts that neither state one nor name goods: without it that of most documents
        #[arg(long, value_parser = kind)]
        kind: Option<Kind>,
        /// Write the rankings as TREC run files, FILE.search and so on
        #[arg(long, value_name = "FILE")]
        run: Option<PathBuf>,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Administrators, and accounts in their hands
    Admin {
        #[command(subcommand)]
        action: commands::admin::Admin,
    },
    /// Keys that sign access tokens
    Keys {
        #[command(subcommand)]
        action: Keys,
    },
    /// The event log: whether it is what was written
    Audit {
        #[command(subcommand)]
        action: Audit,
    },
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Mode {
    Search,
    Matching,
    Both,
}

#[derive(Subcommand)]
enum Keys {
    /// Sign with a new key from now on; tokens of those before hold for the ten minutes they have
    Rotate {
        /// Tokens of those before no longer hold: everybody has to refresh
        #[arg(long)]
        revoke: bool,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Walk along the chain, tell erased from altered, and print the head, to be kept elsewhere; fails where anything does
    /// not hold
    Verify {
        /// A head printed earlier: the log must still contain it
        #[arg(long, value_name = "SEQ:HASH", value_parser = commands::audit::position)]
        expect: Option<(i64, Vec<u8>)>,
    },
}

#[derive(Subcommand)]
enum Reference {
    /// Replace a scheme by a file of the form that ships in data/; codes it leaves out are retired
    Load {
        scheme: String,
        file: PathBuf,
        /// Check and report, write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show each scheme's edition, and what refers to retired codes
    Status,
}

#[derive(Subcommand)]
enum Roster {
    /// Bring a CSV file in: all rows or none; entries replace those with the same code
    Import {
        file: PathBuf,
        /// Check and count, write nothing
        #[arg(long)]
        dry_run: bool,
    },
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
    match run(arguments.command, arguments.sandbox) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("duijie: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, sandbox: bool) -> Result<(), Fault> {
    if let Command::Openapi = command {
        let document = serde_json::to_string_pretty(&duijie::http::document())?;
        // A reader that has seen enough closes the pipe.
        return match writeln!(std::io::stdout(), "{document}") {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        };
    }
    if let Command::Evaluate { queries, documents, qrels, mode, kind, run, json } = command {
        let (search, matching) = (mode != Mode::Matching, mode != Mode::Search);
        return commands::evaluate(&Evaluation { queries, documents, qrels, search, matching, kind, run, json });
    }
    let config = Config::from_environment()?;
    let config = if sandbox { config.into_sandbox()? } else { config };
    let mut filter = EnvFilter::try_new(&config.log.filter)?;
    // Whatever is asked for: these would write down parameters of statements, and bodies and heads of requests.
    for quiet in QUIET {
        filter = filter.add_directive(quiet.parse()?);
    }
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if config.log.json {
        log.json().init()
    } else {
        log.init()
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => startup::serve(config).await,
            Command::Migrate { step } => commands::migrate(&config, step).await,
            Command::Import { file, mapping, dry_run, skip_faulty, report } => {
                let files = ImportFiles { file: &file, mapping: &mapping, report: report.as_deref() };
                commands::import(&config, files, Options { dry_run, skip_faulty, language: terminal_language() }).await
            }
            Command::Reference { action: Reference::Load { scheme, file, dry_run } } => {
                commands::reference::load(&config, &scheme, &file, dry_run, terminal_language()).await
            }
            Command::Reference { action: Reference::Status } => {
                commands::reference::status(&config, terminal_language()).await
            }
            Command::Roster { action: Roster::Import { file, dry_run } } => {
                commands::roster::import(&config, &file, dry_run).await
            }
            Command::Audit { action: Audit::Verify { expect } } => {
                commands::audit::verify(&config, expect, terminal_language()).await
            }
            Command::Demo => commands::demo(&config).await,
            Command::Admin { action } => commands::admin::run(&config, action).await,
            Command::Keys { action: Keys::Rotate { revoke } } => commands::admin::rotate_keys(&config, revoke).await,
            Command::Openapi | Command::Evaluate { .. } => Ok(()),
        }
    })
}

fn kind(text: &str) -> Result<Kind, String> {
    let known = || Kind::VARIANTS.iter().map(|kind| <&str>::from(*kind)).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("known are {}", known()))
}

/// Of the person at the terminal, by `LC_ALL` or `LANG`.
fn terminal_language() -> Language {
    let locale = std::env::var("LC_ALL").or_else(|_| std::env::var("LANG")).unwrap_or_default();
    if locale.starts_with("zh") { Language::Zh } else { Language::En }
}
