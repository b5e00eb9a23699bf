//! A letter is put before counsel.

use chrono::{DateTime, Utc};

use super::draft_request::records_contact;
use super::edit_letter::{in_hand, law_in_hand};
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::domain::letter::check;
use crate::domain::reminder::overtaken;
use crate::domain::request::Status;
use crate::store::{commit, contacts, events, letters, requests};

/// Puts the letter as it stands before counsel.
///
/// # Errors
/// Refused where something in the text stands in the way (each named with its line), where it is with counsel already,
/// or where a newer version exists.
pub async fn submit_letter(app: &App, by: &Scope, id: LetterId, now: DateTime<Utc>) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel put letters before counsel. Ask one of them.",
        ));
    }
    let hand = in_hand(app.store.read(), by, id).await?;
    let law = law_in_hand(app, by, &hand.request).await?;
    let blocking: Vec<String> = check(&hand.letter.subject, &hand.letter.body, &law)
        .into_iter()
        .filter(|note| note.blocking)
        .map(|note| match note.line {
            0 => format!("Subject: {}", note.message),
            line => format!("Line {line}: {}", note.message),
        })
        .collect();
    if !blocking.is_empty() {
        return Err(ActionError::refused(format!(
            "The letter cannot go to counsel yet. {}",
            blocking.join(" ")
        )));
    }
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    if !hand.is_latest {
        return Err(ActionError::refused(
            "There is a newer version of this letter. Open it and send that one to counsel.",
        ));
    }
    let log = events::list_for_request(&tx, by, hand.letter.request).await?;
    if overtaken(&log, id) {
        return Err(ActionError::refused(
            "The agency has answered since this letter was drafted by itself. Read the answer first; if the letter is still \
             wanted, change its text to what holds now, then send it to counsel.",
        ));
    }
    match hand.standing.status {
        Status::Draft | Status::Returned => {}
        Status::WithCounsel => {
            return Err(ActionError::refused("Counsel has this letter already."));
        }
        Status::Approved | Status::DeliveryFailed => {
            return Err(ActionError::refused(
                "Counsel approved this text already. It can be sent.",
            ));
        }
        _ => {
            return Err(ActionError::refused(
                "This letter is on its way or has left.",
            ));
        }
    }
    if !letters::mark_submitted(&tx, id, by.user, now).await? {
        return Err(ActionError::refused(
            "This very text was before counsel once and came back. Change it as counsel asked, then send it again.",
        ));
    }
    // A contact found since the draft is taken up by itself; one that a person chose stays.
    if hand.request.request.contact.is_none() {
        let known = contacts::list_for_agency(&tx, by, hand.request.request.agency).await?;
        if let Some(contact) = records_contact(&known) {
            requests::set_contact(&tx, by, hand.letter.request, contact.id).await?;
        }
    }
    let what = Happening::Submitted {
        letter: id,
        version: hand.letter.version,
    };
    events::record_by(&tx, by, Some(hand.letter.request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}
