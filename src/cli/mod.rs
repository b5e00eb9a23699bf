//! DOOR: the command line. One file a command; each reads its arguments, calls actions or workshops, and prints.
//!
//! Exit code 0, or a sentence on standard error and another code.

pub mod calendar;
pub mod clock;
mod clock_batch;
pub mod demo;
pub mod documents;
pub mod dossier;
pub mod import;
pub mod jobs;
pub mod law;
pub mod letter;
pub mod mail;
pub mod serve;
pub mod user;
pub mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::actions::App;
use crate::clock::Clock;
use crate::config::Config;

/// Public-records requests about ICE detainers: drafted, clocked, reviewed, and carried into the meeting.
#[derive(Debug, Parser)]
#[command(name = "sundial", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site (what happens without any command).
    Serve,
    /// A whole campaign in seconds, with its dossier, then its site.
    Demo(demo::DemoArgs),
    /// When a law's limits fall, and why.
    Clock(clock::ClockArgs),
    /// On which days a state's offices are closed.
    Calendar(calendar::CalendarArgs),
    /// Check or print the law files.
    #[command(subcommand)]
    Law(law::LawCommand),
    /// Try a letter on any jurisdiction.
    #[command(subcommand)]
    Letter(letter::Command),
    /// Look into files that somebody sent.
    #[command(subcommand)]
    Documents(documents::Documents),
    /// Take a list of agencies or agreements into a campaign, after showing what it would do.
    #[command(subcommand)]
    Import(import::Command),
    /// Build the official's packet.
    #[command(subcommand)]
    Dossier(dossier::Command),
    /// Read a message.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// The jobs behind the pages: what is open, what was given up, and trying again.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Accounts.
    #[command(subcommand)]
    User(user::Command),
    /// Does one task on one uploaded file, for the program itself.
    #[command(hide = true)]
    Worker,
}

/// A command's end: nothing, or the sentence for standard error.
pub type Ended = Result<(), String>;

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or(Command::Serve) {
        // First of all: the worker must limit itself before anything else is built or started.
        Command::Worker => worker::run(),
        Command::Documents(command) => documents::run(command),
        Command::Mail(command) => mail::run(command),
        Command::Clock(args) => told(law::library(args.law.as_deref()).and_then(|library| {
            let today = crate::clock::day_in(chrono_tz::UTC, Clock::System.now());
            clock::run(&args, &library, today, &mut std::io::stdout().lock())
        })),
        Command::Calendar(args) => told(
            law::library(args.law.as_deref())
                .and_then(|library| calendar::run(&args, &library, &mut std::io::stdout().lock())),
        ),
        Command::Law(command) => told(law::run(&command, &mut std::io::stdout().lock())),
        Command::Letter(command) => {
            let today = crate::clock::day_in(chrono_tz::UTC, Clock::System.now());
            told(letter::run(&command, today))
        }
        Command::Serve => told(wait(serve::run())),
        Command::Import(command) => told(wait(import::run(command))),
        Command::Demo(args) => told(wait(demo::run(args))),
        Command::Jobs(command) => told(wait(jobs::run(command))),
        Command::User(command) => told(wait(user::run(command))),
        Command::Dossier(command) => told(wait(dossier::run(command))),
    }
}

/// Carries out a command that waits for the database or the network.
fn wait(command: impl Future<Output = Ended>) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("The program could not start its threads: {error}"))?;
    runtime.block_on(command)
}

/// Success, or the sentence on standard error and a failing exit code.
fn told(answer: Ended) -> ExitCode {
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The settings, with logging begun as they say.
pub fn settings() -> Result<Config, String> {
    let config = Config::load().map_err(|error| error.to_string())?;
    begin_log(config.log_json);
    Ok(config)
}

/// Opens the installation of the settings on the system's clock.
pub async fn open() -> Result<App, String> {
    App::open(settings()?, Clock::System)
        .await
        .map_err(|error| error.to_string())
}

/// Rocket's own lines name addresses that people open, which may hold what they searched for: they stay out.
const DETAIL: &str = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn,tokio_cron_scheduler=warn,hyper=warn,\
                      rocket=off,_=off,sundial::web::pages=off";

/// Logs to standard error: what went wrong and what was done, never what anybody wrote. `SUNDIAL_LOG` sets the detail.
pub fn begin_log(json: bool) {
    let filter = EnvFilter::try_from_env("SUNDIAL_LOG").unwrap_or_else(|_| EnvFilter::new(DETAIL));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let begun = if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    if let Err(error) = begun {
        // A second start in one process (tests) keeps the first log.
        tracing::debug!(%error, "logging had begun already");
    }
}
