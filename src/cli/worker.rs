//! `sundial worker`: the hidden command that a server starts for each touch of an uploaded file.

use std::process::ExitCode;

use crate::documents::worker::child;

/// Serves one task from standard input. Starts no runtime and no threads.
pub fn run() -> ExitCode {
    child::serve(|_request| Err("This version puts no exhibits together.".to_owned()))
}
