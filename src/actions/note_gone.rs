//! A letter has left: its line in the log, by which clocks start, and the step that it is itself.
//!
//! A reply to a fee or to a question stops or starts a clock in law. It is recorded with the sending, so that the letter
//! and the clock cannot disagree; if the letter comes back, the step is taken back with it.

use chrono::{DateTime, Utc};

use super::deliver_outbox::{later_kind, sent_line};
use super::draft_request::Reasons;
use super::read_clocks::facts;
use super::{ActionError, Deed, Scope};
use crate::clock::day_in;
use crate::domain::delivery::Sent;
use crate::domain::duty::{EventKind, Step};
use crate::domain::event::{Event, Happening, that_count};
use crate::domain::ids::{LetterId, UserId};
use crate::domain::letter::{Choices, FeeAnswer, LetterKind};
use crate::store::letters::Letter;
use crate::store::{Tx, agencies, closings, events, requests};

/// Writes down that a letter has left, in the change that the caller commits.
pub(super) async fn note_gone(
    tx: &Tx,
    scope: &Scope,
    by: Option<UserId>,
    letter: &Letter,
    sent: &Sent,
    now: DateTime<Utc>,
) -> Deed<()> {
    let what = sent_line(letter, sent);
    events::record(tx, scope.campaign, Some(letter.request), by, now, &what).await?;
    for kind in steps_of(letter) {
        note_step(tx, scope, by, letter, kind, sent, now).await?;
    }
    Ok(())
}

/// What a letter is in the eyes of the law's clocks, besides an appeal or a complaint, which the log's line tells.
fn steps_of(letter: &Letter) -> Vec<EventKind> {
    let kind = later_kind(letter);
    let choices = Reasons::of(letter).choices;
    match kind.as_deref().and_then(LetterKind::parse) {
        Some(LetterKind::FeeReply) if choices.fee_answer == FeeAnswer::Narrow => {
            vec![EventKind::FeeAnswered, EventKind::Narrowed]
        }
        Some(LetterKind::FeeReply) => vec![EventKind::FeeAnswered],
        Some(LetterKind::Clarification) if narrows(&choices) => {
            vec![EventKind::ClarificationAnswered, EventKind::Narrowed]
        }
        Some(LetterKind::Clarification) => vec![EventKind::ClarificationAnswered],
        _ => Vec::new(),
    }
}

fn narrows(choices: &Choices) -> bool {
    choices
        .items
        .iter()
        .any(|item| item.deferred || !item.narrowed.trim().is_empty())
}

/// Records the step if the law's clocks have a use for it: a question that was asked, a fee that was demanded.
async fn note_step(
    tx: &Tx,
    scope: &Scope,
    by: Option<UserId>,
    letter: &Letter,
    kind: EventKind,
    sent: &Sent,
    now: DateTime<Utc>,
) -> Deed<()> {
    let request = requests::find(tx, scope, letter.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(tx, scope, request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let closings = closings::in_force(tx, scope.campaign).await?;
    let log = events::list_for_request(tx, scope, letter.request).await?;
    let step = Step {
        kind,
        on: sent.received_on(),
        until: None,
        ground: None,
        notice_seen: None,
        note: String::new(),
    };
    let facts = facts(&agency, &closings, &log);
    if let Err(problem) = step.check(&facts, day_in(agency.time_zone, now)) {
        tracing::info!(letter = %letter.id, step = kind.as_str(), why = %problem.says, "a letter that left is no step of a clock");
        return Ok(());
    }
    let Happening::StepRecorded {
        step,
        on,
        until,
        ground,
        notice_seen,
        ..
    } = step.happening()
    else {
        return Ok(());
    };
    let what = Happening::StepRecorded {
        step,
        on,
        until,
        ground,
        notice_seen,
        note: "by our letter".to_owned(),
        letter: Some(letter.id),
    };
    events::record(tx, scope.campaign, Some(letter.request), by, now, &what).await?;
    Ok(())
}

/// A letter came back: the steps that it was did not happen.
pub(super) async fn take_back_steps(
    tx: &Tx,
    scope: &Scope,
    request: crate::domain::ids::RequestId,
    letter: LetterId,
    now: DateTime<Utc>,
) -> Deed<()> {
    let log: Vec<Event> = events::list_for_request(tx, scope, request).await?;
    let steps: Vec<i64> = that_count(&log)
        .filter(|event| {
            matches!(&event.what, Happening::StepRecorded { letter: Some(own), .. } if *own == letter)
        })
        .map(|event| event.id)
        .collect();
    for entry in steps {
        let what = Happening::EntryWithdrawn {
            entry,
            why: "The letter came back, so the agency did not have it.".to_owned(),
        };
        events::record(tx, scope.campaign, Some(request), None, now, &what).await?;
    }
    Ok(())
}
