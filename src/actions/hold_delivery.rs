//! A person holds a letter of the outbox back, or takes it back altogether, before anything was handed over.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::delivery::{State, Step};
use crate::domain::event::Happening;
use crate::domain::ids::DeliveryId;
use crate::store::deliveries::{self, Delivery};
use crate::store::{commit, events, letters};

/// Nothing leaves until somebody gives the letter a time (`send_letter_when`).
///
/// # Errors
/// Refused where it is going out at this moment, or has left.
pub async fn hold_delivery(app: &App, by: &Scope, id: DeliveryId, now: DateTime<Utc>) -> Deed<()> {
    stop(app, by, id, Step::PersonHolds, "", now).await
}

/// The letter stands as approved again and can be changed. `note` says why.
///
/// # Errors
/// Refused where it is going out at this moment, or has left.
pub async fn recall_delivery(
    app: &App,
    by: &Scope,
    id: DeliveryId,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    stop(app, by, id, Step::PersonRecalls, note, now).await
}

async fn stop(
    app: &App,
    by: &Scope,
    id: DeliveryId,
    step: Step,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel look after letters. Ask one of them.",
        ));
    }
    let delivery = deliveries::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let to = delivery
        .state
        .after(step)
        .map_err(|_| too_late(&delivery))?;
    let letter = letters::find(app.store.read(), by, delivery.letter)
        .await?
        .ok_or(ActionError::NotFound)?;
    let tx = app.store.begin().await?;
    // An attempt that began a moment ago has another state and number: then nothing is changed here.
    if !deliveries::retime(&tx, &delivery, to, None, note).await? {
        return Err(ActionError::refused(
            "The letter began to go out at this very moment, so it could not be stopped. Reload the page to see where it stands.",
        ));
    }
    let (letter, version) = (letter.id, letter.version);
    let what = match to {
        State::Held => Happening::DeliveryHeld { letter, version },
        _ => Happening::DeliveryRecalled {
            letter,
            version,
            note: note.to_owned(),
        },
    };
    events::record_by(&tx, by, Some(delivery.request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

fn too_late(delivery: &Delivery) -> ActionError {
    ActionError::refused(match delivery.state {
        State::Attempting => {
            "The letter is going out at this moment and cannot be stopped any more. Reload the page in a minute."
        }
        State::Accepted => {
            "The letter has left and cannot be taken back. Write to the agency if something in it is wrong."
        }
        State::Held => "The letter is held back already.",
        State::Recalled => "The letter was taken back already.",
        _ => {
            "This letter is not on its way, so there is nothing to stop. Reload the page to see where it stands."
        }
    })
}
