//! Agencies of a batch that have not answered are written to again: for each the letter that fits it now, as a draft.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::draft_letter::{draft_letter, ground};
use super::plan_batch::{drafter, record};
use super::read_batch::{Row, Sheet, read_batch};
use super::read_clocks::logs;
use super::send_batch::times_from;
use super::send_letter::{recall_window, send_letter_when};
use super::submit_batch::Several;
use super::submit_letter::submit_letter;
use super::{ActionError, App, Deed, Scope};
use crate::domain::delivery::when::When;
use crate::domain::event::BatchDeed;
use crate::domain::ids::{BatchId, LetterId, RequestId};
use crate::domain::letter::{Choices, Fit, LetterKind};
use crate::domain::request::{Status, later_series, letter_standing};
use crate::store::commit;

/// The letters that ask after a request, the one that says most first.
const CHASES: [LetterKind; 3] = [
    LetterKind::OverdueNotice,
    LetterKind::StatusEnquiry,
    LetterKind::FollowUp,
];

pub(super) fn chosen_rows<'s>(rows: &'s [Row], chosen: &[RequestId]) -> Vec<(RequestId, &'s Row)> {
    let wanted: HashSet<RequestId> = chosen.iter().copied().collect();
    rows.iter()
        .filter_map(|row| Some((row.target.request?, row)))
        .filter(|(request, _)| wanted.contains(request))
        .collect()
}

pub(super) fn none_chosen() -> ActionError {
    ActionError::refused("Tick the requests that you mean. Nothing was changed.")
}

/// Drafts an overdue notice, a status enquiry or a follow-up for each request chosen, whichever its law and its state
/// allow now. Where none fits, or a draft is open, the request is left with the reason.
///
/// # Errors
/// Refused where none was chosen.
pub async fn chase_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    chosen: &[RequestId],
    now: DateTime<Utc>,
) -> Deed<Several> {
    drafter(by)?;
    let sheet = read_batch(app, by, id, now).await?;
    let rows = chosen_rows(&sheet.rows, chosen);
    if rows.is_empty() {
        return Err(none_chosen());
    }
    let mut several = Several::default();
    for (request, row) in rows {
        let done = chase(app, by, request, now).await.map(|_| ());
        several.take(&row.agency.name, done)?;
    }
    if several.done > 0 {
        let tx = app.store.begin().await?;
        record(&tx, by, id, BatchDeed::Chased, several.done, "", now).await?;
        commit(tx).await?;
    }
    Ok(several)
}

/// Drafts the letter that asks after one request and fits it now, as this person.
///
/// # Errors
/// Refused where none fits or a draft is open, with the reason.
pub(super) async fn chase(
    app: &App,
    by: &Scope,
    request: RequestId,
    now: DateTime<Utc>,
) -> Deed<LetterId> {
    let ground = ground(app, by, request, now).await?;
    let offers = ground.offers();
    let mut why_not = String::new();
    for kind in CHASES {
        match offers.iter().find(|offer| offer.kind == kind) {
            Some(offer) if matches!(offer.fit, Fit::Now { .. }) => {
                let choices = Choices::default();
                return draft_letter(app, by, request, kind, choices, Vec::new(), now).await;
            }
            Some(offer) => {
                if let (Fit::Refused { why, .. }, true) = (&offer.fit, why_not.is_empty()) {
                    why_not.clone_from(why);
                }
            }
            None => {}
        }
    }
    Err(ActionError::Refused(why_not))
}

/// Puts the drafts of later letters of the requests chosen before counsel.
///
/// # Errors
/// Refused where none was chosen, or none of them has such a draft.
pub async fn submit_later(
    app: &App,
    by: &Scope,
    id: BatchId,
    chosen: &[RequestId],
    now: DateTime<Utc>,
) -> Deed<Several> {
    drafter(by)?;
    let sheet = read_batch(app, by, id, now).await?;
    let mut several = Several::default();
    let drafted = |status| matches!(status, Status::Draft | Status::Returned);
    for (row, letter) in later_ones(app, by, &sheet, chosen, drafted).await? {
        let done = submit_letter(app, by, letter, now).await;
        several.take(&row.agency.name, done)?;
    }
    if several.done == 0 && several.left.is_empty() {
        return Err(ActionError::refused(
            "None of the ticked requests has a draft for counsel. Draft the letters first.",
        ));
    }
    Ok(several)
}

/// Gives the later letters of the requests chosen that counsel approved their times: after the window in which they can be
/// taken back, in each agency's own hours, at the batch's pace. What does not go by e-mail is left with the reason.
///
/// # Errors
/// Refused where none was chosen, or none of them has an approved letter.
pub async fn send_later(
    app: &App,
    by: &Scope,
    id: BatchId,
    chosen: &[RequestId],
    now: DateTime<Utc>,
) -> Deed<Several> {
    drafter(by)?;
    let sheet = read_batch(app, by, id, now).await?;
    let approved = |status| matches!(status, Status::Approved);
    let ready = later_ones(app, by, &sheet, chosen, approved).await?;
    let begin = now + recall_window(app, by).await?;
    let rows: Vec<&Row> = ready.iter().map(|(row, _)| *row).collect();
    let times = times_from(app, &sheet, &rows, begin);
    let mut several = Several::default();
    for ((row, letter), at) in ready.into_iter().zip(times) {
        let when = match at {
            Some(at) if at > now => When::At(at),
            Some(_) => When::Now,
            None => When::Held,
        };
        let done = send_letter_when(app, by, letter, when, now).await;
        several.take(&row.agency.name, done.map(|_| ()))?;
    }
    if several.done == 0 && several.left.is_empty() {
        return Err(ActionError::refused(
            "None of the ticked requests has an approved letter that has not left.",
        ));
    }
    Ok(several)
}

/// The later letters of the requests chosen that stand as wanted, each with its row.
async fn later_ones<'s>(
    app: &App,
    by: &Scope,
    sheet: &'s Sheet,
    chosen: &[RequestId],
    wanted: impl Fn(Status) -> bool,
) -> Deed<Vec<(&'s Row, LetterId)>> {
    let rows = chosen_rows(&sheet.rows, chosen);
    if rows.is_empty() {
        return Err(none_chosen());
    }
    let logs = logs(app, by.campaign).await?;
    let mut found = Vec::new();
    for (request, row) in rows {
        let log = logs.get(&request).map(Vec::as_slice).unwrap_or_default();
        for series in later_series(log) {
            let stands = letter_standing(log, &series);
            if let Some((letter, _)) = stands.letter.filter(|_| wanted(stands.status)) {
                found.push((row, letter));
            }
        }
    }
    Ok(found)
}
