//! `duijie admin` and `duijie keys`: the operator's hand on accounts. The first administrator is made here and no other way.

use std::io::{BufRead, IsTerminal};

use chrono::{SubsecRound, Utc};
use clap::Subcommand;
use duijie::app::account_admin::Change;
use duijie::app::accounts::AccountView;
use duijie::config::Config;
use duijie::domain::account::{self, Login, NewPerson, Password};
use duijie::domain::platform::{Grant, PlatformRole};
use duijie::domain::violation::Violations;
use duijie::startup::Fault;

use super::{fault, told, with_app};

#[derive(Subcommand)]
pub enum Admin {
    /// Create an administrator, moderator or officer; the password is asked for, or read from standard input
    Create {
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "Administrator")]
        name: String,
        /// admin, moderator or officer
        #[arg(long, default_value = "admin")]
        role: PlatformRole,
        /// GB/T 2260 code: the role holds there and below; without it everywhere
        #[arg(long)]
        region: Option<String>,
    },
    /// Give an account a role; it needs a password of 15 characters or a second factor
    Grant {
        /// Email address or mobile number
        account: String,
        /// admin, moderator or officer
        role: PlatformRole,
        /// GB/T 2260 code: the role holds there and below; without it everywhere
        #[arg(long)]
        region: Option<String>,
    },
    /// Take a role away
    Revoke {
        /// Email address or mobile number
        account: String,
        role: PlatformRole,
        #[arg(long)]
        region: Option<String>,
    },
    /// Disable an account; its sessions end at once
    Suspend {
        /// Email address or mobile number
        account: String,
        #[arg(long)]
        reason: String,
    },
    /// Let a disabled or closed account in again
    Restore {
        /// Email address or mobile number
        account: String,
        #[arg(long)]
        reason: String,
    },
    /// Take the second factor from whoever lost it and the recovery codes; their sessions end, and they are told
    ResetSecondFactor {
        /// Email address or mobile number
        account: String,
        #[arg(long)]
        reason: String,
    },
    /// Show who has roles, and where
    List,
}

pub async fn run(config: &Config, action: Admin) -> Result<(), Fault> {
    match action {
        Admin::Create { email, name, role, region } => {
            create(config, &email, &name, Grant { role, region_code: region }).await
        }
        Admin::Grant { account, role, region } => {
            change(config, &account, Change::Grant(Grant { role, region_code: region })).await
        }
        Admin::Revoke { account, role, region } => {
            change(config, &account, Change::Revoke(Grant { role, region_code: region })).await
        }
        Admin::Suspend { account, reason } => {
            change(config, &account, Change::Disable { reason: checked_reason(reason)? }).await
        }
        Admin::Restore { account, reason } => {
            change(config, &account, Change::Restore { reason: checked_reason(reason)? }).await
        }
        Admin::ResetSecondFactor { account, reason } => {
            change(config, &account, Change::ResetSecondFactor { reason: checked_reason(reason)? }).await
        }
        Admin::List => list(config).await,
    }
}

async fn create(config: &Config, email: &str, name: &str, grant: Grant) -> Result<(), Fault> {
    let email = account::normalize_email(email).ok_or("--email is not an address")?;
    let password = read_password()?;
    let mut violations = Violations::new();
    account::check_password(&password, account::ROLE_PASSWORD_MIN, "password", &mut violations);
    if !violations.is_empty() {
        return Err(told(&violations).into());
    }
    let (login, password) = (Login::Email(email), Password::typed(password));
    let person = NewPerson { login, password, display_name: name.to_owned() };
    with_app(config, async move |app| {
        let role = <&str>::from(grant.role);
        let id = app.create_admin(person, &grant, Utc::now().trunc_subsecs(6)).await.map_err(fault)?;
        println!("{role} {id}");
        Ok(())
    })
    .await
}

async fn change(config: &Config, account: &str, change: Change) -> Result<(), Fault> {
    let login = login(account)?;
    with_app(config, async move |app| {
        let now = Utc::now().trunc_subsecs(6);
        let id = app.change_as_operator(&login, &change, now).await.map_err(fault)?;
        println!("{id}");
        Ok(())
    })
    .await
}

async fn list(config: &Config) -> Result<(), Fault> {
    with_app(config, async move |app| {
        for view in app.list_officials().await.map_err(fault)? {
            println!("{}", line(&view));
        }
        Ok(())
    })
    .await
}

pub async fn rotate_keys(config: &Config, revoke: bool) -> Result<(), Fault> {
    with_app(config, async move |app| {
        println!("{}", app.rotate_keys(revoke).await.map_err(fault)?);
        Ok(())
    })
    .await
}

fn line(AccountView { account, second_factor, grants }: &AccountView) -> String {
    let place = |grant: &Grant| grant.region_code.clone().unwrap_or_else(|| "everywhere".to_owned());
    let roles: Vec<String> =
        grants.iter().map(|grant| format!("{} {}", <&str>::from(grant.role), place(grant))).collect();
    let contact = account.contacts().first().map(|login| login.text().to_owned()).unwrap_or_default();
    let second = if *second_factor { "second factor" } else { "password alone" };
    format!("{contact}\t{}\t{second}\t{}", <&str>::from(account.status), roles.join(", "))
}

fn login(text: &str) -> Result<Login, Fault> {
    let email = account::normalize_email(text).map(Login::Email);
    let login = email.or_else(|| account::normalize_mobile(text).map(Login::Mobile));
    login.ok_or_else(|| format!("`{text}` is neither an email address nor a mobile number").into())
}

fn checked_reason(text: String) -> Result<String, Fault> {
    let fine = !text.trim().is_empty() && text.chars().count() <= 1000 && !text.contains('\0');
    if fine { Ok(text.trim().to_owned()) } else { Err("--reason takes 1 to 1000 characters".into()) }
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
