//! `sundial worker`: the hidden command that a server starts for each touch of an uploaded file.

use std::path::Path;
use std::process::ExitCode;

use crate::documents::worker::child::{self, Elsewhere};
use crate::dossier::{bundle, picture};
use crate::mail::parse;

/// Serves one task from standard input. Starts no runtime and no threads.
pub fn run() -> ExitCode {
    child::serve(|task| match task {
        Elsewhere::Bundle(request) => bundle::in_worker(request),
        Elsewhere::Mail(file, false) => parse::in_worker(&file, Path::new(".")),
        Elsewhere::Mail(file, true) => parse::split_in_worker(&file, Path::new(".")),
        Elsewhere::Picture(file) => picture::in_worker(&file),
    })
}
