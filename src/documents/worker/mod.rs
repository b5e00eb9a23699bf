//! The worker process: this same binary, started for one task on one uploaded file and then gone.
//!
//! Here: the tasks and their outcomes, the limits, and the parent's side (spawn, wait, kill). The child's side is
//! `child`. Stack overflows and exhausted memory cannot be caught inside a process, so each touch of a file that
//! somebody sent us happens in a process of its own, which may die without harm.
//!
//! Longer than 500 lines: the task, its limits, and each way in which it can end are read together or not at all.
//!
//! May import the rest of `documents`; knows nothing of requests, campaigns or the database.

pub mod child;

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::pdf::image::{Drawer, PageImage};
use super::pdf::inspect::Inspection;
use super::pdf::text::DocumentText;
use super::tables::{TableKind, Tables};

/// One thing to do to one file, in a process of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Count the pages, twice where `qpdf` is installed; sizes, rotation, encryption.
    InspectPdf { file: PathBuf },
    /// The text of every page, and whether it can be trusted.
    PageText { file: PathBuf },
    /// A file that is text already.
    PlainText { file: PathBuf },
    /// One page (1-based) as a PNG named in the outcome, written into the working folder.
    PageImage {
        file: PathBuf,
        page: u32,
        dpi: u32,
        by: Drawer,
    },
    /// A spreadsheet or delimited text as plain rows.
    ReadTable { file: PathBuf, kind: TableKind },
    /// A dossier's exhibits put together; the request and the outcome belong to `dossier::bundle`, and the command
    /// line hands them over, so that this workshop need not know that one.
    Bundle { request: serde_json::Value },
    /// A message as it came, read as mail; like `Bundle` it is handed over, here to `mail::parse`.
    ReadMail {
        file: PathBuf,
        /// The file may hold many messages: take them apart, and read none.
        #[serde(default)]
        split: bool,
    },
    /// A picture that a person uploaded, as grey pixels; handed over to `dossier::picture`.
    ReadPicture { file: PathBuf },
}

/// What a task gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Inspected(Inspection),
    Text(DocumentText),
    Image(PageImage),
    Tables(Tables),
    Bundled { answer: serde_json::Value },
    MailRead { answer: serde_json::Value },
    PictureRead { answer: serde_json::Value },
}

/// What one worker may use, and how many may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Address space in bytes. 2 GiB: drawing a letter page takes some 150 MB, a page of several large scans up to
    /// 1 GB, and the process maps a few hundred MB before it reads anything; a decompression bomb asks for more.
    pub memory_bytes: u64,
    /// Processor time in seconds.
    pub cpu_seconds: u64,
    /// Time on the wall in milliseconds, after which the process and all it started are killed.
    pub wall_millis: u64,
    /// The largest file it may write.
    pub file_bytes: u64,
    pub open_files: u64,
    /// The longest answer it may print.
    pub answer_bytes: u64,
}

impl Limits {
    /// For a question about one document.
    pub const DOCUMENT: Limits = Limits {
        memory_bytes: 2 << 30,
        cpu_seconds: 60,
        wall_millis: 90_000,
        file_bytes: 256 << 20,
        open_files: 64,
        answer_bytes: 64 << 20,
    };
    /// For a dossier of some thousand pages, which opens each exhibit in turn and writes one large file.
    pub const BUNDLE: Limits = Limits {
        memory_bytes: 3 << 30,
        cpu_seconds: 300,
        wall_millis: 400_000,
        file_bytes: 2 << 30,
        open_files: 256,
        answer_bytes: 16 << 20,
    };
}

/// Why a task gave nothing. Each text is a sentence for the person who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    #[error(
        "Reading this file took too long and was stopped. The file is kept as it came; open it on your own computer, or ask the agency for a smaller or simpler copy."
    )]
    TooLong,
    #[error(
        "Reading this file needed more memory than is allowed and was stopped. The file is kept as it came; open it on your own computer, or ask the agency for a smaller or simpler copy."
    )]
    TooMuchMemory,
    /// How it ended, for the log: an exit code or a signal, never anything from the file.
    #[error(
        "This file is damaged in a way that stopped the program reading it. It is kept as it came; open it on your own computer, or ask the agency to send it again."
    )]
    Crashed(String),
    /// The worker looked and said no, with a sentence.
    #[error("{0}")]
    Refused(String),
    /// Ours: the worker could not be started or its answer not read.
    #[error(
        "The program that reads files could not be run. Nothing was lost; try again, and tell the administrator if it stays so."
    )]
    Fault(String),
}

/// Starts worker processes, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct Worker {
    program: PathBuf,
    limits: Limits,
    /// Where `pdftotext`, `pdftoppm` and `qpdf` are looked for; empty: nowhere.
    search_path: OsString,
    places: Arc<Semaphore>,
}

/// The request on the child's standard input.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub limits: Limits,
    pub task: Task,
}

/// The answer on the child's standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Done(Outcome),
    Refused(String),
}

/// The child's exit code when an allocation was refused and it could say so.
pub const EXIT_OUT_OF_MEMORY: i32 = 86;

/// Kills the whole process group when the parent stops waiting, whatever the reason.
struct Group(Option<Pid>);

impl Group {
    fn end(&mut self) {
        if let Some(group) = self.0.take() {
            // ESRCH is the usual answer here: all of them are gone already.
            if let Err(error) = killpg(group, Signal::SIGKILL)
                && error != nix::errno::Errno::ESRCH
            {
                tracing::warn!(%error, "a worker's process group could not be ended");
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

impl Worker {
    /// A worker that starts `program worker`, at most `at_once` at a time.
    pub fn new(program: PathBuf, limits: Limits, at_once: usize) -> Worker {
        Worker {
            program,
            limits,
            search_path: std::env::var_os("PATH")
                .unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()),
            places: Arc::new(Semaphore::new(at_once.max(1))),
        }
    }

    /// This very program, two at a time, with the limits for documents.
    ///
    /// # Errors
    /// When the operating system does not say where this program lies.
    pub fn of_this_program() -> std::io::Result<Worker> {
        Ok(Worker::new(std::env::current_exe()?, Limits::DOCUMENT, 2))
    }

    /// The same worker with other limits; the number at once stays shared.
    pub fn with_limits(&self, limits: Limits) -> Worker {
        Worker {
            limits,
            ..self.clone()
        }
    }

    /// The same worker, looking for outside programs in `path` only (as `PATH` is written; empty for none).
    pub fn with_search_path(&self, path: impl Into<OsString>) -> Worker {
        Worker {
            search_path: path.into(),
            ..self.clone()
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Does one task with `workdir` as the child's current and temporary folder; files that the outcome names lie
    /// in it afterwards. The file of the task should be given with an absolute path.
    ///
    /// # Errors
    /// See [`WorkerError`]; a refusal carries the worker's own sentence.
    pub async fn run(&self, task: Task, workdir: &Path) -> Result<Outcome, WorkerError> {
        let fault = |what: &str, error: &dyn std::fmt::Display| {
            WorkerError::Fault(format!("{what}: {error}"))
        };
        let request = serde_json::to_vec(&Request {
            limits: self.limits,
            task,
        })
        .map_err(|error| fault("writing the request", &error))?;
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| fault("waiting for a place", &error))?;
        let mut child = Command::new(&self.program)
            .arg("worker")
            .env_clear()
            .env("PATH", &self.search_path)
            .env("LANG", "C.UTF-8")
            .env("HOME", workdir)
            .env("TMPDIR", workdir)
            // Each thread and each allocation arena reserves address space, which is what is limited.
            .env("RAYON_NUM_THREADS", "1")
            .env("MALLOC_ARENA_MAX", "2")
            .current_dir(workdir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| fault("starting the worker", &error))?;
        let mut group = Group(match child.id().map(i32::try_from) {
            Some(Ok(id)) => Some(Pid::from_raw(id)),
            Some(Err(_)) | None => None,
        });
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(WorkerError::Fault("the worker has no pipes".to_owned()));
        };
        let talk = async {
            let write = async {
                // A child that dies early closes the pipe; how it died is told by its exit.
                let written = stdin.write_all(&request).await;
                drop(stdin);
                written
            };
            let (_written, answer, complaint) = tokio::join!(
                write,
                read_at_most(stdout, self.limits.answer_bytes),
                read_at_most(stderr, 16 << 10),
            );
            let answer = answer?;
            let complaint = complaint?;
            if answer.overflowed {
                return Ok((None, answer, complaint));
            }
            let status = child.wait().await?;
            Ok::<_, std::io::Error>((Some(status), answer, complaint))
        };
        let ended =
            tokio::time::timeout(Duration::from_millis(self.limits.wall_millis), talk).await;
        // Whatever the child itself started must not outlive it.
        group.end();
        let (status, answer, complaint) = match ended {
            Err(_elapsed) => return Err(WorkerError::TooLong),
            Ok(Err(error)) => return Err(fault("listening to the worker", &error)),
            Ok(Ok(told)) => told,
        };
        let Some(status) = status else {
            return Err(WorkerError::Refused(
                "This file holds more text than can be taken in at once. It is kept as it came; split it into smaller files and add those.".to_owned(),
            ));
        };
        if status.success() {
            return match serde_json::from_slice(&answer.bytes) {
                Ok(Answer::Done(outcome)) => Ok(outcome),
                Ok(Answer::Refused(sentence)) => Err(WorkerError::Refused(sentence)),
                Err(error) => Err(fault("reading the worker's answer", &error)),
            };
        }
        Err(how_it_died(
            status.code(),
            status.signal(),
            &complaint.bytes,
        ))
    }

    /// One page as a PNG: drawn by the built-in renderer, or by `pdftoppm` in a second process if the first one dies.
    ///
    /// # Errors
    /// The first failure, if the second way fails too.
    pub async fn page_image(
        &self,
        file: &Path,
        page: u32,
        dpi: u32,
    ) -> Result<Vec<u8>, WorkerError> {
        let first = match self.page_image_by(file, page, dpi, Drawer::Builtin).await {
            Ok(png) => return Ok(png),
            Err(WorkerError::Fault(why)) => return Err(WorkerError::Fault(why)),
            Err(error) => error,
        };
        match self.page_image_by(file, page, dpi, Drawer::Poppler).await {
            Ok(png) => Ok(png),
            Err(_second) => Err(first),
        }
    }

    async fn page_image_by(
        &self,
        file: &Path,
        page: u32,
        dpi: u32,
        by: Drawer,
    ) -> Result<Vec<u8>, WorkerError> {
        let folder = tempfile::Builder::new()
            .prefix("sundial-page-")
            .tempdir()
            .map_err(|error| WorkerError::Fault(format!("making a working folder: {error}")))?;
        let file = std::path::absolute(file)
            .map_err(|error| WorkerError::Fault(format!("finding the file: {error}")))?;
        let task = Task::PageImage {
            file,
            page,
            dpi,
            by,
        };
        match self.run(task, folder.path()).await? {
            Outcome::Image(image) => tokio::fs::read(folder.path().join(&image.file))
                .await
                .map_err(|error| WorkerError::Fault(format!("reading the page image: {error}"))),
            other => Err(unexpected(&other)),
        }
    }

    /// Page count, sizes and encryption of a PDF.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn inspect_pdf(&self, file: &Path) -> Result<Inspection, WorkerError> {
        match self
            .in_own_folder(file, |file| Task::InspectPdf { file })
            .await?
        {
            Outcome::Inspected(inspection) => Ok(inspection),
            other => Err(unexpected(&other)),
        }
    }

    /// The text of every page of a PDF.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn page_text(&self, file: &Path) -> Result<DocumentText, WorkerError> {
        match self
            .in_own_folder(file, |file| Task::PageText { file })
            .await?
        {
            Outcome::Text(text) => Ok(text),
            other => Err(unexpected(&other)),
        }
    }

    /// A text file as one page.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn plain_text(&self, file: &Path) -> Result<DocumentText, WorkerError> {
        match self
            .in_own_folder(file, |file| Task::PlainText { file })
            .await?
        {
            Outcome::Text(text) => Ok(text),
            other => Err(unexpected(&other)),
        }
    }

    /// The sheets of a spreadsheet or the rows of a delimited text.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn read_table(&self, file: &Path, kind: TableKind) -> Result<Tables, WorkerError> {
        match self
            .in_own_folder(file, |file| Task::ReadTable { file, kind })
            .await?
        {
            Outcome::Tables(tables) => Ok(tables),
            other => Err(unexpected(&other)),
        }
    }

    /// A message, read as mail by `mail::parse`. The answer names files, which lie in `folder` afterwards.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn read_mail(
        &self,
        file: &Path,
        folder: &Path,
    ) -> Result<serde_json::Value, WorkerError> {
        self.mail_task(file, folder, false).await
    }

    /// A file of messages, taken apart by `mail::parse`: each becomes a file in `folder`.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn split_mail(
        &self,
        file: &Path,
        folder: &Path,
    ) -> Result<serde_json::Value, WorkerError> {
        self.mail_task(file, folder, true).await
    }

    async fn mail_task(
        &self,
        file: &Path,
        folder: &Path,
        split: bool,
    ) -> Result<serde_json::Value, WorkerError> {
        let file = std::path::absolute(file)
            .map_err(|error| WorkerError::Fault(format!("finding the file: {error}")))?;
        let task = Task::ReadMail { file, split };
        match self.run(task, folder).await? {
            Outcome::MailRead { answer } => Ok(answer),
            other => Err(unexpected(&other)),
        }
    }

    /// An uploaded picture, read by `dossier::picture`.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn read_picture(&self, file: &Path) -> Result<serde_json::Value, WorkerError> {
        match self
            .in_own_folder(file, |file| Task::ReadPicture { file })
            .await?
        {
            Outcome::PictureRead { answer } => Ok(answer),
            other => Err(unexpected(&other)),
        }
    }

    async fn in_own_folder(
        &self,
        file: &Path,
        task: impl FnOnce(PathBuf) -> Task,
    ) -> Result<Outcome, WorkerError> {
        let folder = tempfile::Builder::new()
            .prefix("sundial-worker-")
            .tempdir()
            .map_err(|error| WorkerError::Fault(format!("making a working folder: {error}")))?;
        let file = std::path::absolute(file)
            .map_err(|error| WorkerError::Fault(format!("finding the file: {error}")))?;
        self.run(task(file), folder.path()).await
    }
}

fn unexpected(outcome: &Outcome) -> WorkerError {
    let kind = match outcome {
        Outcome::Inspected(_) => "an inspection",
        Outcome::Text(_) => "text",
        Outcome::Image(_) => "an image",
        Outcome::Tables(_) => "tables",
        Outcome::MailRead { .. } => "a message",
        Outcome::PictureRead { .. } => "a picture",
        Outcome::Bundled { .. } => "a bundle",
    };
    WorkerError::Fault(format!("the worker answered another question with {kind}"))
}

/// Tells the ways of dying apart. Only fixed phrases of the Rust runtime are looked for in what the child printed:
/// the rest may hold pieces of the file and is dropped.
fn how_it_died(code: Option<i32>, signal: Option<i32>, complaint: &[u8]) -> WorkerError {
    let said = String::from_utf8_lossy(complaint);
    if code == Some(EXIT_OUT_OF_MEMORY)
        || said.contains("memory allocation of")
        || said.contains("out of memory")
    {
        return WorkerError::TooMuchMemory;
    }
    match (code, signal) {
        (_, Some(signal)) if signal == Signal::SIGXCPU as i32 => WorkerError::TooLong,
        (_, Some(signal)) if signal == Signal::SIGXFSZ as i32 => WorkerError::Refused(
            "Working on this file made more data than is allowed and was stopped. The file is kept as it came; ask the agency for a smaller copy.".to_owned(),
        ),
        (_, Some(signal)) => {
            let name = Signal::try_from(signal).map_or("unknown", Signal::as_str);
            let why = if said.contains("has overflowed its stack") {
                " (stack overflow)"
            } else {
                ""
            };
            WorkerError::Crashed(format!("signal {name}{why}"))
        }
        (Some(code), None) => WorkerError::Crashed(format!("exit code {code}")),
        (None, None) => WorkerError::Crashed("no exit code".to_owned()),
    }
}

struct Heard {
    bytes: Vec<u8>,
    overflowed: bool,
}

/// Reads to the end or to the limit, whichever comes first.
async fn read_at_most(from: impl AsyncRead + Unpin, limit: u64) -> std::io::Result<Heard> {
    let mut bytes = Vec::new();
    let mut from = from.take(limit.saturating_add(1));
    from.read_to_end(&mut bytes).await?;
    let overflowed = bytes.len() as u64 > limit;
    Ok(Heard { bytes, overflowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_dying_are_told_apart() {
        let memory = b"memory allocation of 4294967296 bytes failed\n";
        assert_eq!(
            how_it_died(None, Some(6), memory),
            WorkerError::TooMuchMemory
        );
        assert_eq!(
            how_it_died(Some(EXIT_OUT_OF_MEMORY), None, b""),
            WorkerError::TooMuchMemory
        );
        assert_eq!(
            how_it_died(None, Some(Signal::SIGXCPU as i32), b""),
            WorkerError::TooLong
        );
        assert_eq!(
            how_it_died(None, Some(6), b"thread 'main' has overflowed its stack"),
            WorkerError::Crashed("signal SIGABRT (stack overflow)".to_owned())
        );
        assert_eq!(
            how_it_died(Some(101), None, b"panicked at 'Jane Roe'"),
            WorkerError::Crashed("exit code 101".to_owned())
        );
        assert!(matches!(
            how_it_died(None, Some(Signal::SIGXFSZ as i32), b""),
            WorkerError::Refused(_)
        ));
    }
}
