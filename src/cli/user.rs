//! `sundial user add`: an account made at the console, for whoever runs the installation.

use std::io::Write;

use clap::{Args, Subcommand};

use super::Ended;
use crate::actions::sign_in::{check_password, fresh_token, hash_password};
use crate::store::{StoreError, accounts, commit};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an account; its password is asked for, or made and shown once
    Add(Add),
}

#[derive(Debug, Args)]
pub struct Add {
    /// The person's name as colleagues know it
    #[arg(long)]
    name: String,
    /// The address they sign in with
    #[arg(long)]
    email: String,
    /// May look after accounts and see the installation's health, but no campaign's content
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input (one line) instead of making one
    #[arg(long)]
    password_stdin: bool,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Command) -> Ended {
    match command {
        Command::Add(args) => add(args).await,
    }
}

async fn add(args: Add) -> Ended {
    let made;
    let password = if args.password_stdin {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map_err(|error| format!("The password could not be read: {error}"))?;
        made = false;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        made = true;
        fresh_token()[..20].to_owned()
    };
    check_password(&password)?;
    if !args.email.contains('@') {
        return Err("The address has no @: write it as name@example.org.".to_owned());
    }
    let app = super::open().await?;
    let hash = hash_password(password.clone())
        .await
        .map_err(|error| error.to_string())?;
    let tx = app.store.begin().await.map_err(|error| error.to_string())?;
    let id = match accounts::add(
        &tx,
        &args.name,
        &args.email,
        &hash,
        args.admin,
        app.clock.now(),
    )
    .await
    {
        Ok(id) => id,
        Err(StoreError::Taken) => {
            return Err(format!("There is an account for {} already.", args.email));
        }
        Err(error) => return Err(error.to_string()),
    };
    commit(tx).await.map_err(|error| error.to_string())?;
    let mut out = std::io::stdout();
    let written = if args.json {
        let account = serde_json::json!({
            "id": id, "email": accounts::folded(&args.email), "name": args.name, "admin": args.admin,
            "password": made.then_some(&password),
        });
        writeln!(out, "{account}")
    } else if made {
        writeln!(
            out,
            "Added {}. Password, shown this once: {password}",
            args.email
        )
    } else {
        writeln!(out, "Added {}.", args.email)
    };
    written.map_err(|error| format!("The account is made, but could not be printed: {error}"))
}
