//! A file of messages is taken in: one message (.eml, .msg), an mbox of many, or an archive of either.
//!
//! The file is opened in the worker; each message is then kept as any other that arrives. The same message twice is one,
//! within a file and across files.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::receive_mail::{self, Kept, Way};
use super::{ActionError, App, Deed};
use crate::documents::worker::WorkerError;
use crate::mail::parse;

/// What a file of messages brought.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub kept: Vec<Kept>,
    /// What was left out, in plain sentences.
    pub problems: Vec<String>,
}

impl Taken {
    pub fn new_ones(&self) -> usize {
        self.kept.iter().filter(|kept| kept.is_new).count()
    }
}

/// Keeps every message of a file.
///
/// # Errors
/// Refused with a sentence where the file cannot be taken; a fault where it is ours. Messages that were kept before
/// stay kept: taking the file again changes nothing for them.
pub async fn take_mail_file(app: &App, file: &Path, way: Way, now: DateTime<Utc>) -> Deed<Taken> {
    let folder = tempfile::Builder::new()
        .prefix("sundial-mail-")
        .tempdir_in(app.config.data_dir.join("incoming"))
        .map_err(|error| ActionError::fault("making a working folder", error))?;
    let answer = match app.worker.split_mail(file, folder.path()).await {
        Ok(answer) => answer,
        Err(error @ WorkerError::Fault(_)) => {
            return Err(ActionError::fault("opening a file of messages", error));
        }
        Err(other) => return Err(ActionError::refused(other.to_string())),
    };
    let found = parse::split_from_worker(answer).map_err(|why| {
        ActionError::fault(
            "the worker's answer about a file of messages",
            std::io::Error::other(why),
        )
    })?;
    let mut taken = Taken {
        kept: Vec::new(),
        problems: found.problems,
    };
    let mut too_large = 0_usize;
    // One at a time: a thousand messages need the memory of one.
    for name in found.files {
        let raw = tokio::fs::read(folder.path().join(name))
            .await
            .map_err(|error| ActionError::fault("reading a message of a file", error))?;
        match receive_mail::keep_raw(app, raw, way, None, now).await {
            Ok(kept) => taken.kept.push(kept),
            Err(ActionError::Refused(sentence)) if taken.kept.is_empty() && too_large == 0 => {
                too_large += 1;
                taken.problems.push(sentence);
            }
            Err(ActionError::Refused(_)) => too_large += 1,
            Err(other) => return Err(other),
        }
    }
    if taken.kept.is_empty() {
        let why = taken
            .problems
            .into_iter()
            .next()
            .unwrap_or_else(|| "There is no message in this file.".to_owned());
        return Err(ActionError::refused(why));
    }
    if too_large > 0 {
        taken.problems.push(format!(
            "{too_large} of its messages are larger than is taken here. Save their files and add those as documents."
        ));
        taken.problems.dedup();
    }
    Ok(taken)
}
