//! A person says what a reply is: everything at once that it says, item by item. Only this ends or moves a clock: an
//! automatic receipt never does by itself.

use chrono::{DateTime, Utc};

use super::note_tracking_number::keep_number;
use super::record_step::moved_by;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::Moved;
use crate::domain::event::{Event, Happening};
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::reply::{Sorting, in_order};
use crate::store::agencies::{self, Agency};
use crate::store::closings::{self, Closings};
use crate::store::requests::{self, Kept};
use crate::store::{Tx, commit, events, messages};

/// A request and the findings that are to be recorded, checked.
pub(super) struct Ready {
    kept: Kept,
    agency: Agency,
    closings: Closings,
    log: Vec<Event>,
    entries: Vec<Happening>,
}

/// Checks the findings of a reply: the role, the day, what each kind needs, and that the items are this request's.
pub(super) async fn ready(
    app: &App,
    by: &Scope,
    request: RequestId,
    message: Option<MessageId>,
    findings: Vec<Sorting>,
    now: DateTime<Utc>,
) -> Deed<Ready> {
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
    let items = requests::list_items(db, by, request).await?;
    let mut findings = in_order(findings, day_in(agency.time_zone, now))
        .map_err(|why| ActionError::refused(why.to_string()))?;
    let of = i32::try_from(items.len()).unwrap_or(i32::MAX);
    for finding in &mut findings {
        finding.detail.of = of;
        finding.detail.items.sort_unstable();
        finding.detail.items.dedup();
        let known = |position: &i32| items.iter().any(|item| item.position == *position);
        if !finding.detail.items.iter().all(known) {
            return Err(ActionError::refused(
                "The request has no such item. Reload the page and sort the reply again.",
            ));
        }
        if finding.detail.items.len() == items.len() {
            finding.detail.items.clear();
        }
    }
    let closings = closings::in_force(db, by.campaign).await?;
    let log = events::list_for_request(db, by, request).await?;
    let entries = findings
        .into_iter()
        .map(|finding| Happening::ReplySorted {
            message,
            what: finding.what,
            on: finding.on,
            until: finding.until,
            amount_cents: finding.amount_cents,
            note: finding.note,
            detail: finding.detail,
        })
        .collect();
    Ok(Ready {
        kept,
        agency,
        closings,
        log,
        entries,
    })
}

impl Ready {
    /// Which clocks the findings move.
    pub(super) fn moves(&self, app: &App, by: &Scope, now: DateTime<Utc>) -> Deed<Vec<Moved>> {
        let of = (&self.kept, &self.agency, &self.closings);
        moved_by(app, of, &self.log, &self.entries, by, now)
    }

    /// Writes the findings down, within a change that the caller commits.
    pub(super) async fn record(
        &self,
        tx: &Tx,
        by: &Scope,
        message: Option<MessageId>,
        now: DateTime<Utc>,
    ) -> Deed<()> {
        let request = self.kept.request.id;
        if let Some(message) = message {
            messages::mark_sorted(tx, by, message, now).await?;
        }
        for what in &self.entries {
            events::record_by(tx, by, Some(request), now, what).await?;
        }
        Ok(())
    }
}

/// Which clocks the findings would move, without recording them.
///
/// # Errors
/// Refused where a finding lacks something.
pub async fn what_sorting_moves(
    app: &App,
    by: &Scope,
    request: RequestId,
    message: Option<MessageId>,
    findings: Vec<Sorting>,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    ready(app, by, request, message, findings, now)
        .await?
        .moves(app, by, now)
}

/// Records what a reply is, and tells which clocks it moved. `message` is none for what no message tells.
pub async fn sort_reply(
    app: &App,
    by: &Scope,
    request: RequestId,
    message: Option<MessageId>,
    findings: Vec<Sorting>,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    sort_with_number(app, by, request, message, findings, "", now).await
}

/// As [`sort_reply`], and keeps the agency's own number for the request where the reply states one.
pub async fn sort_with_number(
    app: &App,
    by: &Scope,
    request: RequestId,
    message: Option<MessageId>,
    findings: Vec<Sorting>,
    number: &str,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    let ready = ready(app, by, request, message, findings, now).await?;
    if let Some(message) = message {
        let found = messages::find(app.store.read(), by, message)
            .await?
            .ok_or(ActionError::NotFound)?;
        if found.request != Some(request) {
            return Err(ActionError::refused(
                "This message is filed under another request. Reload the page and sort it there.",
            ));
        }
    }
    let moved = ready.moves(app, by, now)?;
    let tx = app.store.begin().await?;
    ready.record(&tx, by, message, now).await?;
    if !number.trim().is_empty() {
        keep_number(&tx, by, request, number, message, now).await?;
    }
    commit(tx).await?;
    Ok(moved)
}
