//! Where a request stands, folded from what happened to it.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::{Event, Evidence, FeeKind, Happening, ReplyKind, that_count};
use crate::domain::ids::{LetterId, MessageId};
use crate::domain::request::Ledger;
use crate::domain::request::Status;
use crate::domain::request::items::Items;

/// When an agency had our letter, and how we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub on: NaiveDate,
    pub evidence: Evidence,
}

/// What the log says of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub status: Status,
    /// When it came to stand so.
    pub since_at: Option<DateTime<Utc>>,
    /// The last version of the request letter that was written.
    pub letter: Option<(LetterId, i32)>,
    /// The version that counsel approved and nobody has edited since.
    pub approved: Option<(LetterId, i32)>,
    /// Counsel's comment, while the letter stands returned.
    pub returned_because: Option<String>,
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was taken back from the outbox, while it stands so.
    pub recalled_at: Option<DateTime<Utc>>,
    /// The first proof of receipt; a presumed one gives way to it.
    pub received: Option<Received>,
    /// Replies that came in and nobody has sorted yet.
    pub unsorted: usize,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::Draft,
            since_at: None,
            letter: None,
            approved: None,
            returned_because: None,
            sent_at: None,
            recalled_at: None,
            received: None,
            unsorted: 0,
        }
    }
}

impl Standing {
    /// A decision counts only for the version as it stands, and only before it left.
    fn is_before_us(&self, letter: LetterId, version: i32) -> bool {
        self.sent_at.is_none() && self.letter == Some((letter, version))
    }

    /// The letter's text may still be changed: it has not left and is not on its way.
    pub fn may_edit(&self) -> bool {
        matches!(
            self.status,
            Status::Draft
                | Status::WithCounsel
                | Status::Returned
                | Status::Approved
                | Status::DeliveryFailed
        )
    }
}

/// Folds the log of one request, oldest event first, into where it stands. Its later letters (a follow-up, an appeal)
/// do not turn it back: each stands for itself, see [`letter_standing`].
pub fn standing(events: &[Event]) -> Standing {
    let others = later_letters(events);
    fold(
        that_count(events)
            .filter(|event| letter_of(&event.what).is_none_or(|id| !others.contains_key(&id))),
        &Ledger::whole_waivers(events),
    )
}

/// Where one later letter of a request stands: "appeal", "follow_up-2". For "request" as [`standing`].
pub fn letter_standing(events: &[Event], series: &str) -> Standing {
    if series == "request" {
        return standing(events);
    }
    let others = later_letters(events);
    let own = that_count(events).filter(|event| {
        letter_of(&event.what)
            .and_then(|id| others.get(&id))
            .is_some_and(|own| own == series)
    });
    fold(own, &BTreeSet::new())
}

/// Every version of a later letter, with the letter that it is a version of.
fn later_letters(events: &[Event]) -> BTreeMap<LetterId, String> {
    events
        .iter()
        .filter_map(|event| match &event.what {
            Happening::LetterWritten {
                letter,
                letter_kind: Some(series),
                ..
            } => Some((*letter, series.clone())),
            _ => None,
        })
        .collect()
}

/// The later letters of a request, in the order in which they were begun.
pub fn later_series(events: &[Event]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for event in events {
        if let Happening::LetterWritten {
            letter_kind: Some(series),
            ..
        } = &event.what
            && !found.contains(series)
        {
            found.push(series.clone());
        }
    }
    found
}

/// The letter that an event is about, where it is about one.
fn letter_of(what: &Happening) -> Option<LetterId> {
    match what {
        Happening::LetterWritten { letter, .. }
        | Happening::Submitted { letter, .. }
        | Happening::Approved { letter, .. }
        | Happening::Returned { letter, .. }
        | Happening::Queued { letter, .. }
        | Happening::DeliveryHeld { letter, .. }
        | Happening::DeliveryRecalled { letter, .. }
        | Happening::Dispatched { letter, .. }
        | Happening::ReceiptHeard { letter, .. }
        | Happening::Sent { letter, .. } => Some(*letter),
        Happening::DeliveryFailed { letter, .. }
        | Happening::DeliveryUnknown { letter, .. }
        | Happening::DeliverySettled { letter, .. } => *letter,
        _ => None,
    }
}

fn fold<'e>(events: impl Iterator<Item = &'e Event>, whole_waivers: &BTreeSet<i64>) -> Standing {
    let mut now = Standing::default();
    let mut arrived = Vec::new();
    let mut unsorted: Vec<MessageId> = Vec::new();
    let mut items = Items::default();
    // The day of the reply that set the status: an older reply sorted later does not turn it back.
    let mut answered_on: Option<NaiveDate> = None;
    for event in events {
        let next = match &event.what {
            Happening::Drafted => Some(Status::Draft),
            Happening::LetterWritten {
                letter, version, ..
            } => {
                now.letter = Some((*letter, *version));
                if now.sent_at.is_none() {
                    now.approved = None;
                    (now.status != Status::Returned).then_some(Status::Draft)
                } else {
                    None
                }
            }
            Happening::Submitted { letter, version } if now.is_before_us(*letter, *version) => {
                Some(Status::WithCounsel)
            }
            Happening::Approved {
                letter, version, ..
            } if now.is_before_us(*letter, *version) => {
                now.approved = Some((*letter, *version));
                Some(Status::Approved)
            }
            Happening::Returned {
                letter,
                version,
                comment,
            } if now.is_before_us(*letter, *version) => {
                now.approved = None;
                now.returned_because = Some(comment.clone());
                Some(Status::Returned)
            }
            Happening::Queued { .. } if now.sent_at.is_none() => Some(Status::Queued),
            Happening::DeliveryHeld { .. } if now.sent_at.is_none() => Some(Status::Held),
            Happening::DeliveryRecalled { .. } if now.sent_at.is_none() => {
                now.recalled_at = Some(event.at);
                Some(Status::Approved)
            }
            Happening::Dispatched { .. } => {
                if now.sent_at.is_none() {
                    now.sent_at = Some(event.at);
                }
                (!now.status.is_out()).then_some(Status::Sent)
            }
            Happening::ReceiptHeard { on, .. } => {
                arrived.push(Received {
                    on: *on,
                    evidence: Evidence::DeliveryReceipt,
                });
                None
            }
            Happening::Sent {
                evidence,
                receipt_on,
                ..
            } => {
                if now.sent_at.is_none() {
                    now.sent_at = Some(event.at);
                }
                if let Some(on) = receipt_on {
                    arrived.push(Received {
                        on: *on,
                        evidence: *evidence,
                    });
                }
                (!now.status.is_out()).then_some(Status::Sent)
            }
            // It came back: unless a proof says otherwise, it has not left.
            Happening::DeliveryFailed { .. } => {
                arrived.retain(|received| !received.evidence.is_presumed());
                if arrived.is_empty() {
                    now.sent_at = None;
                }
                Some(Status::DeliveryFailed)
            }
            Happening::DeliveryUnknown { .. } => Some(Status::DeliveryUnknown),
            Happening::DeliverySettled { arrived: true, .. } => {
                if now.sent_at.is_none() {
                    now.sent_at = Some(event.at);
                }
                Some(Status::Sent)
            }
            Happening::DeliverySettled { arrived: false, .. } => Some(Status::Approved),
            Happening::ReceiptRecorded { on, evidence, .. } => {
                arrived.push(Received {
                    on: *on,
                    evidence: *evidence,
                });
                None
            }
            Happening::ReplyReceived { message, .. } | Happening::ReplyFiled { message, .. } => {
                if !unsorted.contains(message) {
                    unsorted.push(*message);
                }
                None
            }
            Happening::ReplyMovedAway { message, .. } => {
                unsorted.retain(|waits| waits != message);
                None
            }
            Happening::ReplySorted {
                message,
                what,
                on,
                detail,
                ..
            } => {
                unsorted.retain(|waits| Some(*waits) != *message);
                let meaning = items.take(*what, *on, detail);
                let status = match meaning.whole {
                    Some((whole, _)) => answered(whole),
                    None => meaning.part.and_then(answered_in_part),
                };
                if status.is_some() && answered_on.is_none_or(|before| before <= *on) {
                    answered_on = Some(*on);
                    status
                } else {
                    None
                }
            }
            Happening::FeeRecorded {
                what: what @ (FeeKind::Paid | FeeKind::Waived),
                on,
                ..
            } if now.status == Status::FeeAsked
                && (*what == FeeKind::Paid || whole_waivers.contains(&event.id))
                && answered_on.is_none_or(|before| before <= *on) =>
            {
                answered_on = Some(*on);
                Some(Status::Acknowledged)
            }
            // Our answer puts the request back into the agency's hands.
            Happening::StepRecorded { step, on, .. }
                if answers(step, now.status) && answered_on.is_none_or(|before| before <= *on) =>
            {
                answered_on = Some(*on);
                Some(Status::Acknowledged)
            }
            Happening::Closed { .. } => Some(Status::Closed),
            _ => None,
        };
        if let Some(status) = next {
            if status != now.status || now.since_at.is_none() {
                now.since_at = Some(event.at);
            }
            if status != Status::Returned {
                now.returned_because = None;
            }
            if !matches!(event.what, Happening::DeliveryRecalled { .. }) {
                now.recalled_at = None;
            }
            now.status = status;
        }
    }
    now.received = earliest_proof(arrived);
    now.unsorted = unsorted.len();
    now
}

/// A proof beats a presumption; among equals the first day counts.
fn earliest_proof(mut arrived: Vec<Received>) -> Option<Received> {
    arrived.sort_by_key(|received| (received.evidence.is_presumed(), received.on));
    arrived.into_iter().next()
}

/// Whether a step of ours answers what the agency asked.
fn answers(step: &str, status: Status) -> bool {
    match status {
        Status::ClarificationAsked => matches!(step, "clarification_answered" | "narrowed"),
        Status::FeeAsked => matches!(step, "paid" | "fee_answered" | "fee_waived"),
        _ => false,
    }
}

fn answered(what: ReplyKind) -> Option<Status> {
    match what {
        ReplyKind::Acknowledged => Some(Status::Acknowledged),
        ReplyKind::Extended => Some(Status::Extended),
        ReplyKind::FeeDemanded => Some(Status::FeeAsked),
        ReplyKind::ClarificationAsked => Some(Status::ClarificationAsked),
        ReplyKind::Determined => Some(Status::Determined),
        ReplyKind::Denied => Some(Status::Denied),
        ReplyKind::Partial => Some(Status::Partial),
        ReplyKind::NoRecords => Some(Status::NoRecords),
        ReplyKind::Produced => Some(Status::Produced),
        ReplyKind::Referred => Some(Status::Referred),
        ReplyKind::ClosedByAgency => Some(Status::ClosedByAgency),
        ReplyKind::Other => None,
    }
}

/// Where a word on some of the items leaves the request, while others are open.
fn answered_in_part(what: ReplyKind) -> Option<Status> {
    match what {
        ReplyKind::Determined => Some(Status::Acknowledged),
        ReplyKind::Referred => Some(Status::Referred),
        ReplyKind::Produced | ReplyKind::Partial | ReplyKind::Denied | ReplyKind::NoRecords => {
            Some(Status::Partial)
        }
        _ => None,
    }
}
