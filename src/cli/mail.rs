//! `sundial mail inspect | receive`: a message from a file or from standard input.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::documents::worker::Worker;
use crate::mail::parse::{self, MAX_BYTES, Parsed};

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Reads a message and shows what is in it. Stores nothing.
    Inspect {
        /// An .eml file, or - for standard input.
        file: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Carries out one of the mail commands.
pub fn run(command: MailCommand) -> ExitCode {
    match command {
        MailCommand::Inspect { file, json } => {
            super::told(inspect(&file, json, &mut std::io::stdout().lock()))
        }
    }
}

/// The bytes of a file, or of standard input for "-".
fn bytes_of(file: &Path) -> Result<Vec<u8>, String> {
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let mut raw = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut raw)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut raw))
    };
    match read {
        Ok(_) => Ok(raw),
        Err(error) => Err(format!(
            "{} could not be read ({error}). Check the name and that you may read it.",
            file.display()
        )),
    }
}

fn inspect(file: &Path, json: bool, out: &mut impl Write) -> Result<(), String> {
    let raw = bytes_of(file)?;
    let message = read_by_worker(&raw)?;
    let written = if json {
        serde_json::to_string_pretty(&message.inspection())
            .map_err(|error| error.to_string())
            .and_then(|text| writeln!(out, "{text}").map_err(|error| error.to_string()))
    } else {
        describe(&message, out).map_err(|error| error.to_string())
    };
    written.map_err(|why| format!("The answer could not be printed ({why})."))
}

/// Reads hostile bytes where they can do no harm.
fn read_by_worker(raw: &[u8]) -> Result<Parsed, String> {
    let ours = |what: &str, why: &dyn std::fmt::Display| {
        format!("The message could not be opened: {what} ({why}). Try again.")
    };
    let folder = tempfile::Builder::new()
        .prefix("sundial-mail-")
        .tempdir()
        .map_err(|error| ours("no working folder could be made", &error))?;
    let kept = folder.path().join("message.eml");
    std::fs::write(&kept, raw).map_err(|error| ours("it could not be written down", &error))?;
    let worker = Worker::of_this_program().map_err(|error| ours("no worker", &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ours("no runtime", &error))?;
    let answer = runtime
        .block_on(worker.read_mail(&kept, folder.path()))
        .map_err(|error| error.to_string())?;
    parse::from_worker(answer, folder.path()).map_err(|why| ours("the worker's answer", &why))
}

fn describe(message: &Parsed, out: &mut impl Write) -> std::io::Result<()> {
    let from = message
        .from
        .as_ref()
        .map_or_else(|| "not stated".to_owned(), ToString::to_string);
    writeln!(out, "From:       {from}")?;
    for to in &message.to {
        writeln!(out, "To:         {to}")?;
    }
    match message.date {
        Some(date) => writeln!(out, "Date:       {}", date.to_rfc2822())?,
        None => writeln!(out, "Date:       not stated")?,
    }
    writeln!(out, "Subject:    {}", message.subject)?;
    writeln!(out, "Message-ID: {}", message.message_id)?;
    if let Some(bounce) = &message.bounce {
        writeln!(
            out,
            "Bounce:     {:?}, {}, status {}",
            bounce.kind,
            bounce
                .recipient
                .as_deref()
                .unwrap_or("recipient not stated"),
            bounce.status.as_deref().unwrap_or("not stated")
        )?;
    } else if message.auto_reply {
        writeln!(out, "Automatic:  a machine wrote this")?;
    }
    for part in &message.attachments {
        writeln!(
            out,
            "File:       {} ({}, {} bytes{})",
            part.name,
            part.media_type,
            part.bytes.len(),
            if part.inline { ", within the text" } else { "" }
        )?;
    }
    for problem in &message.problems {
        writeln!(out, "Note:       {problem}")?;
    }
    writeln!(out, "\n{}", message.text)
}
