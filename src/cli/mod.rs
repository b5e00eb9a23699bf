//! DOOR: the command line. One file a command; each reads its arguments, calls actions or workshops, and prints.
//!
//! Exit code 0, or a sentence on standard error and another code.

pub mod calendar;
pub mod clock;
pub mod documents;
pub mod law;
pub mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Public-records requests about ICE detainers: drafted, clocked, reviewed, and carried into the meeting.
#[derive(Debug, Parser)]
#[command(name = "sundial", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// When a law's limits fall, and why.
    Clock(clock::ClockArgs),
    /// On which days a state's offices are closed.
    Calendar(calendar::CalendarArgs),
    /// Check or print the law files.
    #[command(subcommand)]
    Law(law::LawCommand),
    /// Look into files that somebody sent.
    #[command(subcommand)]
    Documents(documents::Documents),
    /// Does one task on one uploaded file, for the program itself.
    #[command(hide = true)]
    Worker,
}

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        // First of all: the worker must limit itself before anything else is built or started.
        Command::Worker => worker::run(),
        Command::Documents(command) => documents::run(command),
        Command::Clock(args) => told(law::library().and_then(|library| {
            let today = crate::clock::day_in(chrono_tz::UTC, crate::clock::Clock::System.now());
            clock::run(&args, &library, today, &mut std::io::stdout().lock())
        })),
        Command::Calendar(args) => told(
            law::library()
                .and_then(|library| calendar::run(&args, &library, &mut std::io::stdout().lock())),
        ),
        Command::Law(command) => told(law::run(&command, &mut std::io::stdout().lock())),
    }
}

/// Success, or the sentence on standard error and a failing exit code.
fn told(answer: Result<(), String>) -> ExitCode {
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
