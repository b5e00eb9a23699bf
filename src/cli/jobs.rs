//! `sundial jobs`: what is open or was given up, carrying out what is due now, and trying one again. The JSON is a
//! contract (`docs/operations.md`).

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::Ended;
use crate::actions::retry_job::retry_job;
use crate::jobs as runner;
use crate::store::jobs::{self, Job};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Jobs that are open or were given up, the longest due first
    List(List),
    /// Wake once: plan what is periodic and carry out everything that is due now, then end
    Run(Run),
    /// Try a job again that was given up
    Retry(Retry),
}

#[derive(Debug, Args)]
pub struct List {
    /// Only those that were given up
    #[arg(long)]
    failed: bool,
    /// Those done lately instead
    #[arg(long, conflicts_with = "failed")]
    done: bool,
    /// Only one kind, such as deliver or morning
    #[arg(long)]
    kind: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// One JSON value a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Retry {
    /// The job's id, or `all` for every job that was given up
    job: String,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Command) -> Ended {
    let out = match command {
        Command::List(args) => list(args).await?,
        Command::Run(args) => work(args).await?,
        Command::Retry(args) => retry(args).await?,
    };
    std::io::stdout()
        .write_all(out.as_bytes())
        .map_err(|error| format!("It is done, but could not be printed: {error}"))
}

/// Where a job stands, as the JSON says it.
fn state(job: &Job) -> &'static str {
    match (job.done_at, job.failed_at, &job.lease_owner) {
        (Some(_), _, _) => "done",
        (None, Some(_), _) => "failed",
        (None, None, Some(_)) => "running",
        (None, None, None) => "open",
    }
}

fn value(job: &Job) -> serde_json::Value {
    json!({
        "id": job.id.simple().to_string(),
        "kind": job.kind,
        "state": state(job),
        "run_at": job.run_at,
        "attempts": job.attempts,
        "done_at": job.done_at,
        "failed_at": job.failed_at,
        "last_error": job.last_error,
        "effect_key": job.effect_key,
    })
}

async fn list(args: List) -> Result<String, String> {
    let app = super::open().await?;
    let found = jobs::list_for_operator(
        app.store.read(),
        args.kind.as_deref(),
        (args.done, args.failed),
        args.limit,
    )
    .await
    .map_err(|error| error.to_string())?;
    let mut out = String::new();
    for job in &found {
        if args.json {
            out.push_str(&format!("{}\n", value(job)));
        } else {
            out.push_str(&format!(
                "{}  {:<8} {:<16} due {}  {} {}\n",
                job.id.simple(),
                state(job),
                job.kind,
                job.run_at.format("%Y-%m-%d %H:%M UTC"),
                job.attempts,
                if job.attempts == 1 { "try" } else { "tries" },
            ));
            if let Some(why) = &job.last_error {
                out.push_str(&format!("    {why}\n"));
            }
        }
    }
    if out.is_empty() && !args.json {
        out.push_str("No such jobs.\n");
    }
    Ok(out)
}

async fn work(args: Run) -> Result<String, String> {
    let app = super::open().await?;
    let owner = format!("console-{}", std::process::id());
    let done = runner::wake(&app, &owner)
        .await
        .map_err(|error| error.to_string())?;
    let health = jobs::health(app.store.read(), app.clock.now())
        .await
        .map_err(|error| error.to_string())?;
    if args.json {
        let said = json!({ "done": done, "open": health.open, "failed": health.failed });
        return Ok(format!("{said}\n"));
    }
    Ok(format!(
        "{done} done; {} open, of which later ones wait for their time; {} given up.\n",
        health.open, health.failed
    ))
}

async fn retry(args: Retry) -> Result<String, String> {
    let app = super::open().await?;
    let now = app.clock.now();
    let ids: Vec<Uuid> = if args.job == "all" {
        jobs::list_for_operator(app.store.read(), None, (false, true), 10_000)
            .await
            .map_err(|error| error.to_string())?
            .into_iter()
            .map(|job| job.id)
            .collect()
    } else {
        vec![args.job.parse().map_err(|_| {
            format!(
                "{} is no job's id. `sundial jobs list --failed` shows them.",
                args.job
            )
        })?]
    };
    for id in &ids {
        retry_job(&app, *id, now)
            .await
            .map_err(|error| error.sentence())?;
    }
    let again: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    if args.json {
        return Ok(format!("{}\n", json!({ "retried": again })));
    }
    Ok(format!(
        "{} put back. A running site takes {} up within seconds; `sundial jobs run` does so at once.\n",
        again.len(),
        if again.len() == 1 { "it" } else { "them" }
    ))
}
