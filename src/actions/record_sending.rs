//! A person records that a later letter went out another way than by our mail: portal, post, fax or hand.

use chrono::{DateTime, Utc};

use super::edit_letter::in_hand;
use super::note_gone::note_gone;
use super::paper_letter::paper_letter;
use super::record_receipt::Receipt;
use super::send_letter::{approved, not_before_approval};
use super::{ActionError, App, Deed, Scope};
use crate::domain::delivery::{Channel, EVIDENCE_BY_HAND, Sent, State};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::store::{agencies, commit, deliveries, events};

/// Records it as sent. Only a text that counsel approved can have gone out.
///
/// # Errors
/// Refused where it is not approved as it stands, went out already, or the day lies before the approval.
pub async fn record_sending(
    app: &App,
    by: &Scope,
    id: LetterId,
    receipt: Receipt,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record what was sent. Ask one of them.",
        ));
    }
    if !EVIDENCE_BY_HAND.contains(&receipt.evidence) {
        return Err(ActionError::refused(
            "Only the program itself records that kind of receipt. Choose what you have in hand.",
        ));
    }
    let db = app.store.read();
    let hand = in_hand(db, by, id).await?;
    let agency = agencies::find(db, by, hand.request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let sent = Sent::by_hand(
        id,
        receipt.on,
        receipt.evidence,
        receipt.note,
        now,
        agency.time_zone,
    )
    .map_err(|why| ActionError::refused(why.to_string()))?;
    // What went out on paper is kept as it went; only the paper of an approved text is.
    if sent.channel() != Channel::Email {
        paper_letter(app, by, id, now).await?;
    }
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    let log = events::list_for_request(&tx, by, hand.letter.request).await?;
    let known = deliveries::find_for_letter(&tx, by, id).await?;
    // Mail that came back did not go out.
    let came_back = known
        .as_ref()
        .is_some_and(|known| known.state == State::Failed);
    let sent_before = log.iter().any(|event| {
        matches!(&event.what, Happening::Sent { letter, channel, .. }
            if *letter == id && !(came_back && channel == "email"))
    });
    let in_outbox =
        known.is_some_and(|known| !matches!(known.state, State::Recalled | State::Failed));
    if sent_before || in_outbox {
        return Err(ActionError::refused(
            "This letter has gone out already, or is on its way.",
        ));
    }
    approved(&tx, by, &hand.letter).await?;
    not_before_approval(&tx, id, receipt.on, agency.time_zone).await?;
    note_gone(&tx, by, Some(by.user), &hand.letter, &sent, now).await?;
    commit(tx).await?;
    Ok(())
}
