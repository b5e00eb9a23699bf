//! A person says what a reply is. Only this ends or moves a clock: an automatic receipt never does by itself.

use chrono::{DateTime, Utc};

use super::record_step::moved_by;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::Moved;
use crate::domain::event::Happening;
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::reply::Sorting;
use crate::store::{agencies, closings, commit, events, messages, requests};

/// Records what a reply is, and tells which clocks it moved. `message` is none for what came by portal, post or
/// telephone.
pub async fn sort_reply(
    app: &App,
    by: &Scope,
    request: RequestId,
    message: Option<MessageId>,
    sorting: Sorting,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel sort replies. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, kept.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let sorting = sorting
        .check(day_in(agency.time_zone, now))
        .map_err(|why| ActionError::refused(why.to_string()))?;
    if let Some(message) = message {
        let found = messages::find(db, by, message)
            .await?
            .ok_or(ActionError::NotFound)?;
        if found.request != Some(request) {
            return Err(ActionError::refused(
                "This message is filed under another request. Reload the page and sort it there.",
            ));
        }
    }
    let log = events::list_for_request(db, by, request).await?;
    let closings = closings::in_force(db, by.campaign).await?;
    let tx = app.store.begin().await?;
    if let Some(message) = message {
        messages::mark_sorted(&tx, by, message, now).await?;
    }
    let what = Happening::ReplySorted {
        message,
        what: sorting.what,
        on: sorting.on,
        until: sorting.until,
        amount_cents: sorting.amount_cents,
        note: sorting.note,
    };
    events::record(&tx, by.campaign, Some(request), Some(by.user), now, &what).await?;
    commit(tx).await?;
    let of = (&kept, &agency, &closings);
    moved_by(app, of, &log, &[what], by, now)
}
