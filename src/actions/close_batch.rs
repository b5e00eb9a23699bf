//! Several requests of a batch are closed, with the reason in each one's log.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::plan_batch::{drafter, record};
use super::read_batch::read_batch;
use super::submit_batch::Several;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::{BatchDeed, Happening};
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::request::Status;
use crate::store::{commit, events};

/// Closes the requests chosen whose letters have left. `note` says why: it stands in the log of each.
///
/// # Errors
/// Refused where none was chosen, or no reason is given.
pub async fn close_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    chosen: &[RequestId],
    note: &str,
    now: DateTime<Utc>,
) -> Deed<Several> {
    drafter(by)?;
    let note = note.trim();
    if note.is_empty() {
        return Err(ActionError::refused(
            "Say why these requests are closed: it stands in the log of each.",
        ));
    }
    let wanted: HashSet<RequestId> = chosen.iter().copied().collect();
    if wanted.is_empty() {
        return Err(ActionError::refused(
            "Tick the requests that are to be closed. Nothing was closed.",
        ));
    }
    let sheet = read_batch(app, by, id, now).await?;
    let tx = app.store.begin().await?;
    let mut several = Several::default();
    for row in &sheet.rows {
        let Some(request) = row.target.request.filter(|id| wanted.contains(id)) else {
            continue;
        };
        let why_not = match row.status() {
            Some(Status::Closed) => Some("it is closed already."),
            Some(status) if status.is_out() => None,
            _ => Some("its letter has not left."),
        };
        if let Some(why_not) = why_not {
            let left = (row.agency.name.clone(), why_not.to_owned());
            several.left.push(left);
            continue;
        }
        let closed = Happening::Closed {
            note: note.to_owned(),
        };
        events::record_by(&tx, by, Some(request), now, &closed).await?;
        several.done += 1;
    }
    if several.done > 0 {
        record(&tx, by, id, BatchDeed::Closed, several.done, note, now).await?;
    }
    commit(tx).await?;
    Ok(several)
}
