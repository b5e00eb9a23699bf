//! A read message on its way out of the worker process: its data as JSON, its files as files.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Parsed, bundle, parse};

/// What the worker answers: the message without the bytes of its files, and the files' names in the working folder.
#[derive(Debug, Serialize, Deserialize)]
struct Carried {
    message: Parsed,
    files: Vec<String>,
}

/// The worker's side: reads `file` as mail and writes its attachments into `folder`.
///
/// # Errors
/// A sentence for the person who waits.
pub fn in_worker(file: &Path, folder: &Path) -> Result<serde_json::Value, String> {
    let disk = |error: std::io::Error| {
        format!(
            "The message could not be read from disk ({}). Try again; tell the administrator if it stays so.",
            error.kind()
        )
    };
    let raw = std::fs::read(file).map_err(disk)?;
    let mut message = parse(&raw).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for (position, part) in message.attachments.iter_mut().enumerate() {
        let name = format!("part-{position:04}");
        std::fs::write(folder.join(&name), std::mem::take(&mut part.bytes)).map_err(disk)?;
        files.push(name);
    }
    serde_json::to_value(Carried { message, files }).map_err(|error| error.to_string())
}

/// The messages of a file, as files in the working folder.
#[derive(Debug, Serialize, Deserialize)]
pub struct Split {
    pub files: Vec<String>,
    pub problems: Vec<String>,
}

/// The worker's side: takes a file of messages apart and writes each into `folder`.
///
/// # Errors
/// A sentence for the person who waits.
pub fn split_in_worker(file: &Path, folder: &Path) -> Result<serde_json::Value, String> {
    let disk = |error: std::io::Error| {
        format!(
            "The file could not be read from disk ({}). Try again; tell the administrator if it stays so.",
            error.kind()
        )
    };
    let raw = std::fs::read(file).map_err(disk)?;
    let (messages, problems) = bundle::messages(&raw);
    let mut files = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let name = format!("message-{position:05}");
        std::fs::write(folder.join(&name), message).map_err(disk)?;
        files.push(name);
    }
    serde_json::to_value(Split { files, problems }).map_err(|error| error.to_string())
}

/// The server's side: which files in the working folder are messages. `Err` says what did not fit; it is a fault of ours.
pub fn split_from_worker(answer: serde_json::Value) -> Result<Split, String> {
    let split: Split = serde_json::from_value(answer).map_err(|error| error.to_string())?;
    for (position, name) in split.files.iter().enumerate() {
        // The worker may have been taken over by the file: its names are not trusted as paths.
        if *name != format!("message-{position:05}") {
            return Err("the worker named a file that it was not to name".to_owned());
        }
    }
    Ok(split)
}

/// The server's side: puts the worker's answer and the files in `folder` together again. `Err` says what did not fit;
/// it is a fault of ours.
pub fn from_worker(answer: serde_json::Value, folder: &Path) -> Result<Parsed, String> {
    let carried: Carried = serde_json::from_value(answer).map_err(|error| error.to_string())?;
    let mut message = carried.message;
    if carried.files.len() != message.attachments.len() {
        return Err("the worker named another number of files than it found".to_owned());
    }
    for (position, (part, name)) in message
        .attachments
        .iter_mut()
        .zip(&carried.files)
        .enumerate()
    {
        // The worker may have been taken over by the message: its names are not trusted as paths.
        if *name != format!("part-{position:04}") {
            return Err("the worker named a file that it was not to name".to_owned());
        }
        part.bytes = std::fs::read(folder.join(name)).map_err(|error| error.to_string())?;
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_whole_and_strange_answers_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail/table-in-latin1.eml");
        let answer = in_worker(&file, folder.path()).unwrap();
        let whole = parse(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(from_worker(answer.clone(), folder.path()), Ok(whole));

        let mut evil = answer.clone();
        evil["files"][0] = "../secret".into();
        assert!(from_worker(evil, folder.path()).is_err());
        let mut short = answer;
        short["files"] = serde_json::json!([]);
        assert!(from_worker(short, folder.path()).is_err());
        assert!(from_worker(serde_json::Value::Null, folder.path()).is_err());
    }
}
