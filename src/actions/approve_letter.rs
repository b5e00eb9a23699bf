//! Counsel approves the exact text of a letter.

use chrono::{DateTime, Utc};

use super::edit_letter::{InHand, in_hand};
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::{Approval, Decision, HasText};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::domain::request::Status;
use crate::store::{Db, commit, events, letters};

/// Approves the text that counsel read: `sha256` is the hash that stood on counsel's page.
///
/// # Errors
/// Refused where the text is not the one read, is not before counsel, or has been decided already.
pub async fn approve_letter(
    app: &App,
    by: &Scope,
    id: LetterId,
    sha256: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let tx = app.store.begin().await?;
    let hand = before_counsel(&tx, by, id).await?;
    let letter = &hand.letter;
    if letter.sha256 != sha256 || HasText::sha256(letter) != sha256 {
        return Err(ActionError::refused(
            "The text is not the one that you read. Nothing was approved: open the letter again and read it.",
        ));
    }
    let decision = Approval {
        letter: id,
        sha256: sha256.to_owned(),
        decision: Decision::Approved,
        comment: String::new(),
        by: by.user,
        at: now,
    };
    letters::decide(&tx, by.campaign, &decision).await?;
    let what = Happening::Approved {
        letter: id,
        version: letter.version,
        sha256: sha256.to_owned(),
    };
    events::record_by(&tx, by, Some(letter.request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

/// The letter, if this person may decide on it and it waits for that.
pub(super) async fn before_counsel(db: &impl Db, by: &Scope, id: LetterId) -> Deed<InHand> {
    if !by.may_approve() {
        return Err(ActionError::Forbidden(
            "Only counsel of this campaign decides on letters.",
        ));
    }
    let hand = in_hand(db, by, id).await?;
    if !hand.is_latest {
        return Err(ActionError::refused(
            "The letter was changed after it came to you, so there is nothing to decide on this version. Read the newest one once it is sent to you.",
        ));
    }
    if hand.standing.status != Status::WithCounsel || hand.letter.submitted_at.is_none() {
        return Err(ActionError::refused(match hand.standing.status {
            Status::Approved => "This text is approved already.",
            Status::Returned => "This text went back to its drafter already.",
            Status::Draft => "This letter has not been sent to counsel.",
            _ => "This letter is on its way or has left.",
        }));
    }
    Ok(hand)
}
