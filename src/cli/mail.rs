//! `sundial mail inspect | receive`: a message from a file or from standard input.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::actions::receive_mail::{self, Way};
use crate::actions::{ActionError, App};
use crate::clock::Clock;
use crate::config::Config;
use crate::documents::worker::Worker;
use crate::domain::reply::Why;
use crate::mail::parse::{self, MAX_BYTES, Parsed};
use crate::store::messages::{Message, MessageState};

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
    /// Takes a message in: for a mail server's pipe, or by hand. Exit code 75 means: try again later.
    Receive {
        /// An .eml file, or - for standard input.
        #[arg(default_value = "-")]
        file: PathBuf,
        /// Print one JSON object: what was done and why.
        #[arg(long)]
        json: bool,
    },
}

/// What mail servers understand as "keep it and try again" (EX_TEMPFAIL of sysexits.h).
const TRY_AGAIN: u8 = 75;
/// What they understand as "give it back to the sender" (EX_DATAERR).
const GIVE_BACK: u8 = 65;

/// Carries out one of the mail commands.
pub fn run(command: MailCommand) -> ExitCode {
    match command {
        MailCommand::Inspect { file, json } => {
            super::told(inspect(&file, json, &mut std::io::stdout().lock()))
        }
        MailCommand::Receive { file, json } => match receive(&file, json) {
            Ok(()) => ExitCode::SUCCESS,
            Err((sentence, code)) => {
                eprintln!("{sentence}");
                ExitCode::from(code)
            }
        },
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

/// Everything that may pass by itself is "try again": a message must never be lost because the disk is full.
fn receive(file: &Path, json: bool) -> Result<(), (String, u8)> {
    let again = |sentence: String| (sentence, TRY_AGAIN);
    let raw = bytes_of(file).map_err(again)?;
    let config = Config::load().map_err(|error| again(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| again(format!("The program could not be started ({error}).")))?;
    runtime.block_on(async {
        let app = App::open(config, Clock::System)
            .await
            .map_err(|error| again(error.to_string()))?;
        let kept = receive_mail::keep_raw(&app, raw, Way::Pipe, None, app.clock.now())
            .await
            .map_err(|error| match error {
                ActionError::Refused(sentence) => (sentence, GIVE_BACK),
                other => again(other.to_string()),
            })?;
        // The message is safe now. What fails from here on is done later by the running site's job.
        let message = match receive_mail::read_message(&app, kept.message, app.clock.now()).await {
            Ok(message) => message,
            Err(error) => {
                eprintln!("The message is kept and will be read later ({error}).");
                return Ok(());
            }
        };
        let told = tell(&message, kept.is_new, json);
        writeln!(std::io::stdout().lock(), "{told}").map_err(|error| {
            (
                format!("The message is kept; the answer could not be printed ({error})."),
                0,
            )
        })
    })
}

/// What was done with a message, and why.
fn tell(message: &Message, is_new: bool, json: bool) -> String {
    let why = message.matched_by.as_deref().and_then(Why::parse);
    let said = match (message.state, why) {
        _ if !is_new => "This message had come before; nothing was changed.".to_owned(),
        (MessageState::Filed, Some(why)) => format!("Filed, because {}.", why.plain()),
        (MessageState::Filed, None) => "Filed.".to_owned(),
        (MessageState::Waiting, _) => "Kept in the tray: a person chooses its request.".to_owned(),
        (MessageState::Duplicate, _) => {
            "The same message had come before by another way.".to_owned()
        }
        (MessageState::Unreadable, _) => format!(
            "Kept, but it could not be read. {}",
            message.problem.as_deref().unwrap_or_default()
        ),
        (MessageState::SetAside, _) => "Laid aside by a person.".to_owned(),
        (MessageState::Raw, _) => "Kept; it will be read by the running site.".to_owned(),
    };
    if !json {
        return said;
    }
    serde_json::json!({
        "message": message.id,
        "state": message.state,
        "new": is_new,
        "request": message.request,
        "why": message.matched_by,
        "message_id": message.message_id,
        "subject": message.subject,
        "attachments": message.attachments,
        "problem": message.problem,
        "said": said,
    })
    .to_string()
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
