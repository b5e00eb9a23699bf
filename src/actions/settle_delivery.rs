//! A person says what became of a letter whose delivery failed or whose outcome nobody knows.

use chrono::{DateTime, Utc};

use super::note_gone::note_gone;
use super::send_letter::{add_attempt, approved, not_another_way, written};
use super::{ActionError, App, Deed, Scope};
use crate::domain::delivery::{Sent, State, Step};
use crate::domain::event::{Evidence, Happening};
use crate::domain::ids::DeliveryId;
use crate::store::deliveries::{self, Delivery};
use crate::store::{agencies, commit, events, letters, requests};

/// What the person found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It went out at the last attempt.
    Arrived,
    /// It did not; send it again, to the request's present contact.
    SendAgain,
}

/// Settles a delivery by a person's word. `note` says how they know.
pub async fn settle_delivery(
    app: &App,
    by: &Scope,
    id: DeliveryId,
    found: Found,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel look after letters. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let delivery = deliveries::find(db, by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    match found {
        Found::Arrived => arrived(app, by, &delivery, note, now).await,
        Found::SendAgain => send_again(app, by, &delivery, note, now).await,
    }
}

async fn arrived(
    app: &App,
    by: &Scope,
    delivery: &Delivery,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let accepted = delivery.state.after(Step::PersonSaysItArrived)?;
    let db = app.store.read();
    let letter = letters::find(db, by, delivery.letter)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = requests::find(db, by, delivery.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let sent = Sent::by_mail(
        delivery.letter,
        delivery.id,
        delivery.attempted_at.unwrap_or(now),
        Evidence::PersonVouched,
        note.to_owned(),
        agency.time_zone,
    );
    let tx = app.store.begin().await?;
    let evidence = Some(Evidence::PersonVouched);
    if !deliveries::move_on(&tx, delivery, accepted, evidence, note, now).await? {
        return Err(moved());
    }
    let settled = Happening::DeliverySettled {
        arrived: true,
        note: note.to_owned(),
        letter: Some(delivery.letter),
    };
    events::record_by(&tx, by, Some(delivery.request), now, &settled).await?;
    note_gone(&tx, by, Some(by.user), &letter, &sent, now).await?;
    commit(tx).await?;
    Ok(())
}

async fn send_again(
    app: &App,
    by: &Scope,
    delivery: &Delivery,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let queued = delivery.state.after(Step::PersonSaysSendAgain)?;
    let db = app.store.read();
    let letter = letters::find(db, by, delivery.letter)
        .await?
        .ok_or(ActionError::NotFound)?;
    let approved = approved(db, by, &letter).await?;
    not_another_way(db, by, &letter).await?;
    // A refused letter may have had a wrong address, which somebody corrected. One whose outcome is unknown keeps
    // its bytes, so that a reader who has it already sees the same message, not a second one.
    let readdressed = if delivery.state == State::Failed {
        let request = requests::find(db, by, delivery.request)
            .await?
            .ok_or(ActionError::NotFound)?;
        let mail = written(app, by, &request, &approved, &letter, delivery.id, now).await?;
        let raw = app
            .files
            .put_bytes(mail.bytes().to_vec())
            .await
            .map_err(|error| ActionError::fault("keeping a letter's bytes", error))?;
        Some((mail.to().to_owned(), raw.sha256.to_string()))
    } else {
        None
    };
    let tx = app.store.begin().await?;
    if let Some((recipient, raw)) = &readdressed
        && !deliveries::readdress(&tx, delivery, recipient, raw).await?
    {
        return Err(moved());
    }
    // Another round: a letter that failed before its first attempt has a job of that number already.
    if !deliveries::retime(&tx, delivery, queued, None, note).await? {
        return Err(moved());
    }
    let settled = Happening::DeliverySettled {
        arrived: false,
        note: note.to_owned(),
        letter: Some(delivery.letter),
    };
    let again = Happening::Queued {
        letter: letter.id,
        version: letter.version,
        leave_at: None,
    };
    for what in [settled, again] {
        events::record_by(&tx, by, Some(delivery.request), now, &what).await?;
    }
    let again = Delivery {
        round: delivery.round + 1,
        ..delivery.clone()
    };
    add_attempt(&tx, &again, now, now).await?;
    commit(tx).await?;
    Ok(())
}

fn moved() -> ActionError {
    ActionError::refused(
        "Somebody else has just settled this letter. Reload the page to see where it stands.",
    )
}
