//! A person records how and when the agency had the letter: by portal, post, fax, hand, or by its own word.
//!
//! The first valid proof starts the agency's clock; a presumed receipt gives way to it.

use chrono::{DateTime, NaiveDate, Utc};

use super::deliver_outbox::sent_line;
use super::paper_letter::paper_letter;
use super::record_step::moved_by;
use super::send_letter::{approved, not_before_approval};
use super::{ActionError, App, Deed, Scope};
use crate::domain::delivery::{Channel, EVIDENCE_BY_HAND, Sent, State};
use crate::domain::duty::Moved;
use crate::domain::event::{Evidence, Happening};
use crate::domain::ids::RequestId;
use crate::domain::request::standing;
use crate::store::{agencies, closings, commit, deliveries, events, letters, requests};

/// What the person has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The day on which the agency had the letter, by its own calendar.
    pub on: NaiveDate,
    pub evidence: Evidence,
    /// Tracking or confirmation number, who said so, where the paper lies.
    pub note: String,
    /// It came after the office had shut for the day.
    pub after_hours: bool,
}

/// Records a receipt and tells which clocks it moved. Where the letter had not gone out by mail, this is also its sending.
pub async fn record_receipt(
    app: &App,
    by: &Scope,
    request: RequestId,
    receipt: Receipt,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record receipts. Ask one of them.",
        ));
    }
    if !EVIDENCE_BY_HAND.contains(&receipt.evidence) {
        return Err(ActionError::refused(
            "Only the program itself records that kind of receipt. Choose what you have in hand.",
        ));
    }
    let db = app.store.read();
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, kept.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let log = events::list_for_request(db, by, request).await?;
    let closings = closings::in_force(db, by.campaign).await?;
    let stands = standing(&log);
    let letter = match stands.approved {
        Some((letter, _)) => letters::find(db, by, letter).await?,
        None => None,
    }
    .ok_or_else(|| {
        ActionError::refused(
            "Counsel has not approved this letter as it stands, so it cannot have gone out. Have it approved first.",
        )
    })?;
    let sent = Sent::by_hand(
        letter.id,
        receipt.on,
        receipt.evidence,
        receipt.note.clone(),
        now,
        agency.time_zone,
    )
    .map_err(|why| ActionError::refused(why.to_string()))?;
    // What went out on paper is kept as it went: the very file, also where nobody opened it here.
    if stands.sent_at.is_none() && sent.channel() != Channel::Email {
        paper_letter(app, by, letter.id, now).await?;
    }
    let tx = app.store.begin().await?;
    let what = if stands.sent_at.is_some() {
        Happening::ReceiptRecorded {
            on: sent.received_on(),
            evidence: sent.evidence(),
            note: sent.note().to_owned(),
            after_hours: receipt.after_hours,
        }
    } else {
        approved(&tx, by, &letter).await?;
        not_before_approval(&tx, letter.id, receipt.on, agency.time_zone).await?;
        let known = deliveries::find_for_letter(&tx, by, letter.id).await?;
        // One of unknown fate may be proved by its receipt.
        if known.is_some_and(|known| {
            matches!(
                known.state,
                State::Queued | State::Attempting | State::Deferred | State::Held
            )
        }) {
            return Err(ActionError::refused(
                "This letter is in the outbox for e-mail. Take it back there first, so that it does not go twice.",
            ));
        }
        sent_line(&letter, &sent)
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    let mut written = vec![what];
    if stands.sent_at.is_none() && (!sent.note().is_empty() || receipt.after_hours) {
        // `Sent` has no room for the number on the receipt, nor for the hour.
        let note = Happening::ReceiptRecorded {
            on: sent.received_on(),
            evidence: sent.evidence(),
            note: sent.note().to_owned(),
            after_hours: receipt.after_hours,
        };
        events::record_by(&tx, by, Some(request), now, &note).await?;
        written.push(note);
    }
    commit(tx).await?;
    let of = (&kept, &agency, &closings);
    moved_by(app, of, &log, &written, by, now)
}
