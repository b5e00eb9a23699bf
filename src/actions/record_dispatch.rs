//! A person records that a letter was put into the agency's portal or given to a carrier: it has left, and nothing shows
//! its receipt yet. The receipt is recorded when it is in hand (`record_receipt`, `record_sending`); clocks start then.

use chrono::{DateTime, NaiveDate, Utc};

use super::deliver_outbox::later_kind;
use super::edit_letter::in_hand;
use super::paper_letter::paper_letter;
use super::send_letter::{approved, not_before_approval};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::delivery::{Channel, State};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::store::{agencies, commit, deliveries, events};

/// How it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub channel: Channel,
    pub on: NaiveDate,
    /// Tracking or confirmation number; may be empty.
    pub number: String,
}

/// Records it.
///
/// # Errors
/// Refused where the text is not approved as it stands, left already, is in the outbox, or the day does not fit.
pub async fn record_dispatch(
    app: &App,
    by: &Scope,
    id: LetterId,
    dispatch: Dispatch,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record what was sent. Ask one of them.",
        ));
    }
    if dispatch.channel == Channel::Email {
        return Err(ActionError::refused(
            "E-mail goes out from here: send the letter, or record its receipt.",
        ));
    }
    let db = app.store.read();
    let hand = in_hand(db, by, id).await?;
    let agency = agencies::find(db, by, hand.request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    if dispatch.on > day_in(agency.time_zone, now) {
        return Err(ActionError::refused(
            "That day is still to come. Record it when the letter has left.",
        ));
    }
    // What went out on paper is kept as it went.
    paper_letter(app, by, id, now).await?;
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    if hand.standing.sent_at.is_some() {
        return Err(ActionError::refused(
            "This letter has gone out already. Record its receipt when you have it in hand.",
        ));
    }
    if let Some(delivery) = deliveries::find_for_letter(&tx, by, id).await?
        && !matches!(delivery.state, State::Recalled | State::Failed)
    {
        return Err(ActionError::refused(
            "This letter is in the outbox for e-mail. Take it back there first, so that it does not go twice.",
        ));
    }
    approved(&tx, by, &hand.letter).await?;
    not_before_approval(&tx, id, dispatch.on, agency.time_zone).await?;
    let what = Happening::Dispatched {
        letter: id,
        version: hand.letter.version,
        channel: dispatch.channel.as_str().to_owned(),
        on: dispatch.on,
        number: dispatch.number,
        letter_kind: later_kind(&hand.letter),
    };
    let request = hand.letter.request;
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}
