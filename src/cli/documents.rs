//! `sundial documents text FILE`: the text of a PDF, page by page, as the site would read it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::documents::pdf::text::DocumentText;
use crate::documents::worker::{Worker, WorkerError};

/// What can be done with a file.
#[derive(Debug, Subcommand)]
pub enum Documents {
    /// Print the text of each page, and how it was read.
    Text {
        /// A PDF.
        file: PathBuf,
        /// Print one JSON object instead.
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of the commands.
pub fn run(command: Documents) -> ExitCode {
    let Documents::Text { file, json } = command;
    match read(file) {
        Ok(text) => print(&text, json),
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn read(file: PathBuf) -> Result<DocumentText, String> {
    if !file.is_file() {
        return Err(format!(
            "There is no file {}. Look at the name and the folder.",
            file.display()
        ));
    }
    let worker = Worker::of_this_program()
        .map_err(|error| format!("The program that reads files could not be found: {error}."))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("The program could not start its runtime: {error}."))?;
    runtime
        .block_on(worker.page_text(&file))
        .map_err(|error| match &error {
            WorkerError::Crashed(how) | WorkerError::Fault(how) => format!("{error} ({how})"),
            _ => error.to_string(),
        })
}

fn print(text: &DocumentText, json: bool) -> ExitCode {
    use std::io::Write;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = if json {
        serde_json::to_writer_pretty(&mut out, text)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        plain(text, &mut out)
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads may stop reading, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The text could not be printed: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn plain(text: &DocumentText, out: &mut impl std::io::Write) -> std::io::Result<()> {
    writeln!(out, "{} pages, {}", text.pages.len(), text.method.plain())?;
    for note in &text.notes {
        writeln!(out, "Note: {note}")?;
    }
    for page in &text.pages {
        writeln!(
            out,
            "\n--- page {} ({}) ---\n{}",
            page.number,
            page.reading.plain(),
            page.text.trim_end()
        )?;
    }
    Ok(())
}
