//! Counsel decides on several letters of a batch at once. Each decision is still on one exact text, by its hash.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::approve_letter::approve_letter;
use super::plan_batch::record;
use super::read_batch::read_batch;
use super::read_clocks::logs;
use super::return_letter::return_letter;
use super::review_batch::letters_of;
use super::submit_batch::Several;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::BatchDeed;
use crate::domain::ids::{BatchId, LetterId, RequestId};
use crate::domain::letter::LetterKind;
use crate::store::commit;

/// What counsel says of the chosen letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Approve,
    /// Back to the drafter, each with this comment.
    Return(String),
}

/// Decides on the letters of this kind that were chosen, each named with the hash that stood on counsel's page.
///
/// # Errors
/// Refused where none was chosen or a return says nothing; not found where one is no letter of this batch.
pub async fn decide_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    kind: LetterKind,
    chosen: &[(LetterId, String)],
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Deed<Several> {
    if !by.may_approve() {
        return Err(ActionError::Forbidden(
            "Only counsel of this campaign decides on letters.",
        ));
    }
    if chosen.is_empty() {
        return Err(ActionError::refused(
            "Tick the letters that you decide on. Nothing was decided.",
        ));
    }
    if matches!(verdict, Verdict::Return(comment) if comment.trim().is_empty()) {
        return Err(ActionError::refused(
            "Say what should be different: letters come back with a comment.",
        ));
    }
    let sheet = read_batch(app, by, id, now).await?;
    let names: HashMap<RequestId, String> = sheet
        .rows
        .iter()
        .filter_map(|row| Some((row.target.request?, row.agency.name.clone())))
        .collect();
    let logs = logs(app, by.campaign).await?;
    let of: HashMap<LetterId, RequestId> = letters_of(app, by, &sheet, &logs, kind)
        .await?
        .iter()
        .map(|(letter, _)| (letter.id, letter.request))
        .collect();
    let mut several = Several::default();
    for (letter, sha256) in chosen {
        // An older version, or another batch's letter: said, never decided on.
        let Some(request) = of.get(letter) else {
            several.left.push((
                "A letter".to_owned(),
                "it was changed after this page was opened, or is not of this batch.".to_owned(),
            ));
            continue;
        };
        let name = names.get(request).map_or("", String::as_str);
        let done = match verdict {
            Verdict::Approve => approve_letter(app, by, *letter, sha256, now).await,
            Verdict::Return(comment) => return_letter(app, by, *letter, comment, now).await,
        };
        several.take(name, done)?;
    }
    let (what, note) = match verdict {
        Verdict::Approve => (BatchDeed::Approved, ""),
        Verdict::Return(comment) => (BatchDeed::Returned, comment.trim()),
    };
    if several.done > 0 {
        let tx = app.store.begin().await?;
        record(&tx, by, id, what, several.done, note, now).await?;
        commit(tx).await?;
    }
    Ok(several)
}
