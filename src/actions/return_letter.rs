//! Counsel returns a letter with a comment.

use chrono::{DateTime, Utc};

use super::approve_letter::before_counsel;
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::{Approval, Decision};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::store::{commit, events, letters};

/// Sends the letter back to its drafter.
///
/// # Errors
/// Refused without a comment, or where the letter does not wait for counsel.
pub async fn return_letter(
    app: &App,
    by: &Scope,
    id: LetterId,
    comment: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let comment = comment.trim();
    if comment.is_empty() {
        return Err(ActionError::refused(
            "Say what should be different: a letter comes back with a comment.",
        ));
    }
    let tx = app.store.begin().await?;
    let hand = before_counsel(&tx, by, id).await?;
    let decision = Approval {
        letter: id,
        sha256: hand.letter.sha256.clone(),
        decision: Decision::Returned,
        comment: comment.to_owned(),
        by: by.user,
        at: now,
    };
    letters::decide(&tx, by.campaign, &decision).await?;
    let what = Happening::Returned {
        letter: id,
        version: hand.letter.version,
        comment: comment.to_owned(),
    };
    events::record_by(&tx, by, Some(hand.letter.request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}
