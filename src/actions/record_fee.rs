//! A person records an amount of money of a request: what was asked, paid, refunded or waived, and what shows it.

use chrono::{DateTime, NaiveDate, Utc};

use super::record_step::moved_by;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::Moved;
use crate::domain::event::{FeeKind, Happening};
use crate::domain::ids::{DocumentId, MessageId, RequestId};
use crate::domain::request::Ledger;
use crate::store::{agencies, closings, commit, documents, events, messages, requests};

/// More is a slip: ten million dollars.
const MOST_CENTS: i64 = 1_000_000_000;

/// What was typed.
#[derive(Clone, Debug)]
pub struct Fee {
    pub what: FeeKind,
    pub cents: i64,
    pub on: NaiveDate,
    pub message: Option<MessageId>,
    pub document: Option<DocumentId>,
    pub note: String,
}

/// Records an amount, and tells which clocks it moved: a payment sets a clock that stood still for it going again.
///
/// # Errors
/// Refused for the role, a day to come, an amount that cannot be, more refunded than was paid, and for a letter or file
/// of another request.
pub async fn record_fee(
    app: &App,
    by: &Scope,
    request: RequestId,
    fee: Fee,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record fees. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, kept.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    if fee.on > day_in(agency.time_zone, now) {
        return Err(ActionError::refused(
            "That day has not come yet. Give the day on the paper.",
        ));
    }
    if !(1..=MOST_CENTS).contains(&fee.cents) {
        return Err(ActionError::refused(
            "Give an amount between one cent and ten million dollars.",
        ));
    }
    if let Some(message) = fee.message {
        let found = messages::find(db, by, message).await?;
        if found.and_then(|found| found.request) != Some(request) {
            return Err(ActionError::refused(
                "That letter is not one of this request. Choose again.",
            ));
        }
    }
    if let Some(document) = fee.document {
        let all = documents::list_for_request(db, by, request).await?;
        if !all.iter().any(|file| file.document.id == document) {
            return Err(ActionError::refused(
                "That file is not one of this request. Choose again.",
            ));
        }
    }
    let log = events::list_for_request(db, by, request).await?;
    let ledger = Ledger::of_log(&log);
    if fee.what == FeeKind::Refunded && !ledger.is_incomplete() && fee.cents > ledger.spent() {
        return Err(ActionError::refused(
            "More would be refunded than was paid. Record the payment first, or check the amount.",
        ));
    }
    let closings = closings::in_force(db, by.campaign).await?;
    let what = Happening::FeeRecorded {
        what: fee.what,
        cents: fee.cents,
        on: fee.on,
        message: fee.message,
        document: fee.document,
        note: fee.note.trim().to_owned(),
    };
    let whose = (&kept, &agency, &closings);
    let moved = moved_by(app, whose, &log, std::slice::from_ref(&what), by, now)?;
    let tx = app.store.begin().await?;
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(moved)
}
