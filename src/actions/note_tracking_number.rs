//! A person notes the agency's own number for a request: mail that carries it is filed there from then on.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::reply::folded_number;
use crate::store::{Tx, commit, events, requests, tracking_numbers};

/// The longest number that an agency is believed to use.
const LONGEST: usize = 60;

/// Notes a number by hand.
///
/// # Errors
/// Refused for the role and for what can be no number: mail must not be filed by a word that any letter carries.
pub async fn note_tracking_number(
    app: &App,
    by: &Scope,
    request: RequestId,
    number: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    may(by)?;
    requests::find(app.store.read(), by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let tx = app.store.begin().await?;
    keep_number(&tx, by, request, number, None, now).await?;
    commit(tx).await?;
    Ok(())
}

/// Takes a number away that was noted by mistake.
pub async fn forget_tracking_number(
    app: &App,
    by: &Scope,
    request: RequestId,
    number: &str,
) -> Deed<()> {
    may(by)?;
    let folded = folded_number(number).ok_or(ActionError::NotFound)?;
    let tx = app.store.begin().await?;
    if !tracking_numbers::remove(&tx, by, request, &folded).await? {
        return Err(ActionError::NotFound);
    }
    commit(tx).await?;
    Ok(())
}

/// Keeps a number within a change that the caller commits. One that is kept already is left as it is.
pub(super) async fn keep_number(
    tx: &Tx,
    by: &Scope,
    request: RequestId,
    number: &str,
    message: Option<MessageId>,
    now: DateTime<Utc>,
) -> Deed<()> {
    let number = number.trim();
    let folded = folded_number(number)
        .filter(|_| number.chars().count() <= LONGEST)
        .ok_or_else(|| {
            ActionError::refused(
                "This cannot be an agency's number: it needs five signs or more, three of them digits. Write it as the agency does.",
            )
        })?;
    if tracking_numbers::add(tx, by, request, (number, &folded), message, now).await? {
        let what = Happening::TrackingNumberNoted {
            number: number.to_owned(),
            message,
        };
        events::record_by(tx, by, Some(request), now, &what).await?;
    }
    Ok(())
}

fn may(by: &Scope) -> Deed<()> {
    if by.may_draft() {
        Ok(())
    } else {
        Err(ActionError::Forbidden(
            "Researchers and counsel keep the agency's number. Ask one of them.",
        ))
    }
}
