//! The drafted letters of a batch are put before counsel, each as a letter alone would be.

use chrono::{DateTime, Utc};

use super::draft_request::REQUEST;
use super::plan_batch::{drafter, record};
use super::read_batch::read_batch;
use super::submit_letter::submit_letter;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::BatchDeed;
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::request::Status;
use crate::store::{commit, letters};

/// What was done to several letters, and why some were left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Several {
    pub done: usize,
    /// The agency, and the sentence that says why its letter was left as it is.
    pub left: Vec<(String, String)>,
}

impl Several {
    /// Takes one letter's outcome in; a fault of ours ends the work.
    pub(super) fn take(&mut self, agency: &str, done: Deed<()>) -> Deed<()> {
        match done {
            Ok(()) => self.done += 1,
            Err(ActionError::Refused(why)) => self.left.push((agency.to_owned(), why)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// "3 letters were left: Alder Sheriff: …", for the word above the next page; empty where none was.
    pub fn left_words(&self) -> String {
        let Some((agency, why)) = self.left.first() else {
            return String::new();
        };
        match self.left.len() {
            1 => format!("One was left as it is. {agency}: {why}"),
            many => format!("{many} were left as they are; the first, {agency}: {why}"),
        }
    }
}

/// Puts every letter of the batch that is a draft, or was returned and changed, before counsel.
///
/// # Errors
/// Refused where no letter is ready.
pub async fn submit_batch(app: &App, by: &Scope, id: BatchId, now: DateTime<Utc>) -> Deed<Several> {
    drafter(by)?;
    let sheet = read_batch(app, by, id, now).await?;
    let mut requests: Vec<RequestId> = Vec::new();
    let mut names = std::collections::HashMap::new();
    for row in &sheet.rows {
        if let (Some(request), Some(Status::Draft | Status::Returned)) =
            (row.target.request, row.status())
        {
            requests.push(request);
            names.insert(request, row.agency.name.clone());
        }
    }
    let texts = letters::list_latest(app.store.read(), by, &requests, REQUEST).await?;
    let mut several = Several::default();
    for letter in texts {
        let name = names.get(&letter.request).map_or("", String::as_str);
        let done = submit_letter(app, by, letter.id, now).await;
        several.take(name, done)?;
    }
    if several.done == 0 && several.left.is_empty() {
        return Err(ActionError::refused(
            "No letter of this batch is ready for counsel: draft them first, or wait for those that counsel has.",
        ));
    }
    let tx = app.store.begin().await?;
    record(&tx, by, id, BatchDeed::Submitted, several.done, "", now).await?;
    commit(tx).await?;
    Ok(several)
}
