//! DOOR: the command line. One file a command; each reads its arguments, calls actions or workshops, and prints.
//!
//! Exit code 0, or a sentence on standard error and another code.

pub mod documents;
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
    }
}
