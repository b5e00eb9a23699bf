//! The worker's own side: limit yourself, read one request, do it, print one answer, end.
//!
//! Runs without threads of its own and without the async runtime. Putting exhibits together and reading mail are not
//! known here: the command line hands them to `dossier` and `mail`.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use rlimit::Resource;

use super::{Answer, EXIT_OUT_OF_MEMORY, Limits, Outcome, Request, Task};
use crate::documents::{pdf, plain, tables};

/// Why a task ended without an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A sentence for the person who waits.
    Refused(String),
    OutOfMemory,
}

impl Stopped {
    pub fn refused(sentence: impl Into<String>) -> Stopped {
        Stopped::Refused(sentence.into())
    }

    /// For reading the uploaded file itself. The text of the error names no path.
    pub fn reading(error: &std::io::Error) -> Stopped {
        match error.kind() {
            std::io::ErrorKind::OutOfMemory => Stopped::OutOfMemory,
            kind => Stopped::Refused(format!(
                "The file could not be read from disk ({kind}). Try again; tell the administrator if it stays so."
            )),
        }
    }
}

/// The tasks that other workshops do.
#[derive(Clone, Debug, PartialEq)]
pub enum Elsewhere {
    /// For `dossier::bundle`.
    Bundle(serde_json::Value),
    /// For `mail::parse`; `true` where the file is to be taken apart into messages.
    Mail(PathBuf, bool),
    /// For `dossier::picture`.
    Picture(PathBuf),
}

/// The whole life of a worker. `elsewhere` does the tasks that this workshop does not know.
pub fn serve(elsewhere: impl FnOnce(Elsewhere) -> Result<serde_json::Value, String>) -> ExitCode {
    let mut request = Vec::new();
    if let Err(error) = std::io::stdin().take(16 << 20).read_to_end(&mut request) {
        return fail(&format!("the request could not be read: {error}"));
    }
    let request: Request = match serde_json::from_slice(&request) {
        Ok(request) => request,
        Err(_) => {
            return fail(
                "this command is for the program's own use: it reads one task from standard input",
            );
        }
    };
    if let Err(error) = limit_self(request.limits) {
        return fail(&format!("the limits could not be set: {error}"));
    }
    let ended = match request.task {
        Task::Bundle { request } => elsewhere(Elsewhere::Bundle(request))
            .map(|answer| Outcome::Bundled { answer })
            .map_err(Stopped::Refused),
        Task::ReadMail { file, split } => elsewhere(Elsewhere::Mail(file, split))
            .map(|answer| Outcome::MailRead { answer })
            .map_err(Stopped::Refused),
        Task::ReadPicture { file } => elsewhere(Elsewhere::Picture(file))
            .map(|answer| Outcome::PictureRead { answer })
            .map_err(Stopped::Refused),
        other => perform(other),
    };
    let answer = match ended {
        Ok(outcome) => Answer::Done(outcome),
        Err(Stopped::Refused(sentence)) => Answer::Refused(sentence),
        Err(Stopped::OutOfMemory) => {
            return ExitCode::from(u8::try_from(EXIT_OUT_OF_MEMORY).unwrap_or(1));
        }
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match serde_json::to_writer(&mut out, &answer)
        .map_err(std::io::Error::from)
        .and_then(|()| out.flush())
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("the answer could not be written: {error}")),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// Lowers this process's limits for good; programs it starts inherit them.
fn limit_self(limits: Limits) -> std::io::Result<()> {
    Resource::CORE.set(0, 0)?;
    Resource::AS.set(limits.memory_bytes, limits.memory_bytes)?;
    // The soft limit sends SIGXCPU, by which the parent knows the cause; the hard one kills.
    Resource::CPU.set(limits.cpu_seconds, limits.cpu_seconds.saturating_add(2))?;
    Resource::FSIZE.set(limits.file_bytes, limits.file_bytes)?;
    Resource::NOFILE.set(limits.open_files, limits.open_files)?;
    Ok(())
}

fn perform(task: Task) -> Result<Outcome, Stopped> {
    match task {
        Task::InspectPdf { file } => pdf::inspect::inspect(&file).map(Outcome::Inspected),
        Task::PageText { file } => pdf::text::page_text(&file).map(Outcome::Text),
        Task::PlainText { file } => plain::text(&file).map(Outcome::Text),
        Task::PageImage {
            file,
            page,
            dpi,
            by,
        } => pdf::image::page_image(&file, page, dpi, by).map(Outcome::Image),
        Task::ReadTable { file, kind } => tables::read(&file, kind).map(Outcome::Tables),
        Task::Bundle { .. } | Task::ReadMail { .. } | Task::ReadPicture { .. } => {
            Err(Stopped::refused("That is not this part's work."))
        }
    }
}
