//! Outside programs that a worker may call where they are installed: `pdftotext`, `pdftoppm`, `qpdf`.
//!
//! Only ever called inside the worker process, whose limits they inherit and with which they are killed.

use std::ffi::OsStr;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// An outside program that did its work.
#[derive(Debug)]
pub struct Done {
    /// What it printed, cut at one megabyte.
    pub stdout: Vec<u8>,
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
}

/// Looks a program up in `PATH`. None where it is not installed.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Why an outside program gave nothing; the caller has another way or a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error("{0} is not installed")]
    Missing(String),
    #[error("{0} did not end in time")]
    Hung(String),
    #[error("an outside program could not be run: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs an installed program for at most `seconds`.
///
/// # Errors
/// Where it is missing, hung or could not be run; its own failure is told by `code`.
#[expect(
    clippy::disallowed_methods,
    reason = "the worker process has no async runtime; it waits for one child, and its own parent watches the clock"
)]
pub fn run(name: &str, arguments: &[&OsStr], seconds: u64) -> Result<Done, ToolError> {
    let program = find(name).ok_or_else(|| ToolError::Missing(name.to_owned()))?;
    let mut printed = tempfile::tempfile()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::from(printed.try_clone()?))
        .stderr(Stdio::null())
        .spawn()?;
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill()?;
                child.wait()?;
                return Err(ToolError::Hung(name.to_owned()));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    printed.seek(std::io::SeekFrom::Start(0))?;
    let mut stdout = Vec::new();
    printed.take(1 << 20).read_to_end(&mut stdout)?;
    Ok(Done {
        stdout,
        code: status.code(),
    })
}
