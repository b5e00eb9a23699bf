//! A mistake in the letters of a batch is put right: one correction letter for each request chosen, linked to it by
//! being a letter of that request. Each is a draft that counsel reads before it leaves.

use chrono::{DateTime, Utc};

use super::chase_batch::{chosen_rows, none_chosen};
use super::draft_letter::draft_letter;
use super::plan_batch::{drafter, record};
use super::read_batch::read_batch;
use super::submit_batch::Several;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::BatchDeed;
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::letter::{Choices, LetterKind};
use crate::store::commit;

/// Drafts a correction with these words for each request chosen. No clock moves by it: no law on file starts its limits
/// anew for a correction, unless it supplies what the law asks of a request, which is said in a letter alone.
///
/// # Errors
/// Refused where none was chosen, or where nothing is said of the mistake.
pub async fn correct_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    chosen: &[RequestId],
    words: &str,
    now: DateTime<Utc>,
) -> Deed<Several> {
    drafter(by)?;
    if words.trim().is_empty() {
        return Err(ActionError::refused(
            "Write what was wrong in the letters and what is right: the custodians read these words.",
        ));
    }
    let sheet = read_batch(app, by, id, now).await?;
    let rows = chosen_rows(&sheet.rows, chosen);
    if rows.is_empty() {
        return Err(none_chosen());
    }
    let mut several = Several::default();
    for (request, row) in rows {
        let choices = Choices {
            words: words.trim().to_owned(),
            ..Choices::default()
        };
        let kind = LetterKind::Correction;
        let done = draft_letter(app, by, request, kind, choices, Vec::new(), now).await;
        several.take(&row.agency.name, done.map(|_| ()))?;
    }
    if several.done > 0 {
        let tx = app.store.begin().await?;
        let note: String = words.trim().chars().take(200).collect();
        record(&tx, by, id, BatchDeed::Corrected, several.done, &note, now).await?;
        commit(tx).await?;
    }
    Ok(several)
}
