//! What is known of a request that its clocks depend on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::event::{Event, Evidence, FeeKind, Happening, ReplyKind, that_count};
use crate::domain::ids::LetterId;
use crate::domain::request::{Items, Ledger};
use crate::law::{Ground, HolderKind};

use super::happened::EventKind;

/// The facts of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// The day on which the agency received the request, by the evidence at hand; without it no clock runs.
    pub received_on: Option<NaiveDate>,
    pub holder: HolderKind,
    /// The county of the body, where one is known: some days are closed in some counties only.
    pub county: Option<String>,
    /// It came after the office had shut for the day.
    pub after_hours: bool,
    /// How it was sent, in the law files' words: `email`, `mail`. Some laws date the receipt from the sending.
    pub sent_by: Option<String>,
    /// Whether the receipt is proved, not only presumed.
    pub receipt_proved: bool,
    /// Our correction supplied what the law asks of a request and the first letter lacked: the day on which the agency
    /// had it. The agency's limits are counted from then, ours still from the first letter where that is earlier.
    pub completed_on: Option<NaiveDate>,
    /// Keys of the law file's conditions that hold for this request: "commercial".
    pub conditions: BTreeSet<String>,
    /// Days on which this body is closed besides what its law says, each with the reason.
    pub closed: BTreeMap<NaiveDate, String>,
    /// What happened and on which day, in any order.
    pub events: Vec<(EventKind, NaiveDate)>,
}

/// What the clocks need to know of the body that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub holder: HolderKind,
    /// Without "County".
    pub county: Option<String>,
    /// A closing is dated by its clock.
    pub zone: Tz,
    /// Days on which it is closed besides what its law says.
    pub closed: BTreeMap<NaiveDate, String>,
}

impl Body {
    /// A body of which only the kind and the zone are known.
    pub fn plain(holder: HolderKind, zone: Tz) -> Body {
        Body {
            holder,
            county: None,
            zone,
            closed: BTreeMap::new(),
        }
    }
}

/// The hour, by the agency's clock, from which a message counts as having come after hours. No law fixes one; public
/// offices rarely stay open longer, and the earliest reading counts the same day anyway.
const OFFICES_SHUT_AT: u32 = 17;

/// A channel in the law files' words.
fn in_law(channel: &str) -> String {
    match channel {
        "post" => "mail".to_owned(),
        other => other.to_owned(),
    }
}

/// One day of receipt.
#[derive(Clone, Copy)]
struct Had {
    on: NaiveDate,
    after_hours: bool,
}

impl Had {
    fn of(on: NaiveDate, after_hours: bool) -> Had {
        Had { on, after_hours }
    }
}

impl Facts {
    /// The facts that a request's log tells of this body: receipt by the first proof (a presumption gives way to any
    /// proof), every reply as a person sorted it, every step. What was withdrawn as a mistake is left out.
    pub fn of_log(body: &Body, log: &[Event]) -> Facts {
        let mut presumed: Option<Had> = None;
        let mut proved: Option<Had> = None;
        let mut completed: Vec<(LetterId, NaiveDate)> = Vec::new();
        let mut facts = Facts {
            holder: body.holder,
            county: body.county.clone(),
            closed: body.closed.clone(),
            ..Facts::default()
        };
        // Letters after the request: they prove no receipt of it, but an appeal starts clocks of its own.
        let mut later: Vec<(LetterId, EventKind, NaiveDate)> = Vec::new();
        let mut other: BTreeSet<LetterId> = BTreeSet::new();
        let mut items = Items::default();
        let earlier = |old: Option<Had>, new: Had| match old {
            Some(old) if old.on <= new.on => Some(old),
            _ => Some(new),
        };
        let whole_waivers = Ledger::whole_waivers(log);
        for event in that_count(log) {
            match &event.what {
                Happening::Sent {
                    letter,
                    receipt_on,
                    letter_kind: Some(kind),
                    completes,
                    ..
                } => {
                    let on = receipt_on
                        .unwrap_or_else(|| event.at.with_timezone(&body.zone).date_naive());
                    if *completes {
                        completed.push((*letter, on));
                    }
                    let step = match kind.as_str() {
                        "appeal" => EventKind::Appealed,
                        "complaint" => EventKind::Complained,
                        _ => continue,
                    };
                    // The day of receipt takes the place of the day of posting.
                    later.retain(|(id, _, _)| id != letter);
                    later.push((*letter, step, on));
                }
                Happening::Dispatched {
                    letter,
                    on,
                    letter_kind: Some(kind),
                    ..
                } => match kind.as_str() {
                    "appeal" => later.push((*letter, EventKind::Appealed, *on)),
                    "complaint" => later.push((*letter, EventKind::Complained, *on)),
                    _ => {}
                },
                // It is on its way; the clocks start with its receipt.
                Happening::Dispatched { on, channel, .. } => {
                    facts.events.push((EventKind::Sent, *on));
                    facts.sent_by.get_or_insert_with(|| in_law(channel));
                }
                Happening::Sent {
                    evidence,
                    receipt_on: Some(on),
                    channel,
                    ..
                } => {
                    // What was handed over by other ways is often recorded later than it arrived.
                    let local = event.at.with_timezone(&body.zone);
                    let left_on = local.date_naive().min(*on);
                    facts.events.push((EventKind::Sent, left_on));
                    facts.sent_by.get_or_insert_with(|| in_law(channel));
                    // Mail that a server took in the evening reached an office that was shut.
                    let evening = *evidence == Evidence::ServerAccepted
                        && local.date_naive() == *on
                        && local.hour() >= OFFICES_SHUT_AT;
                    let had = Had::of(*on, evening);
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, had);
                    } else {
                        proved = earlier(proved, had);
                    }
                }
                // It came back: what was presumed did not happen.
                Happening::DeliveryFailed { letter, .. } => {
                    let before = later.len() + completed.len();
                    later.retain(|(id, _, _)| Some(*id) != *letter);
                    completed.retain(|(id, _)| Some(*id) != *letter);
                    let is_later = before != later.len() + completed.len()
                        || letter.is_some_and(|letter| other.contains(&letter));
                    if !is_later {
                        presumed = None;
                    }
                }
                Happening::LetterWritten {
                    letter,
                    letter_kind: Some(_),
                    ..
                } => {
                    other.insert(*letter);
                }
                Happening::ReceiptHeard { letter, on, .. } if !other.contains(letter) => {
                    proved = earlier(proved, Had::of(*on, false));
                }
                Happening::ReceiptRecorded {
                    on,
                    evidence,
                    after_hours,
                    ..
                } => {
                    let had = Had::of(*on, *after_hours);
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, had);
                    } else {
                        proved = earlier(proved, had);
                    }
                }
                Happening::ReplySorted {
                    what,
                    on,
                    until,
                    detail,
                    ..
                } => {
                    let answered_before = items.is_answered();
                    let meaning = items.take(*what, *on, detail);
                    let set = match (what, until) {
                        (ReplyKind::FeeDemanded, Some(_)) => {
                            Some(EventKind::PaymentWanted { by: *until })
                        }
                        (ReplyKind::ClarificationAsked, Some(_)) => {
                            Some(EventKind::AnswerWanted { by: *until })
                        }
                        _ => None,
                    };
                    facts.events.extend(set.map(|kind| (kind, *on)));
                    for kind in meaning.part.map(in_part).unwrap_or_default() {
                        facts.events.push((*kind, *on));
                    }
                    let Some((whole, on)) = meaning.whole else {
                        continue;
                    };
                    let kind = match whole {
                        ReplyKind::Acknowledged => EventKind::Acknowledged,
                        // The reply is the notice.
                        ReplyKind::Extended => EventKind::Extended {
                            to: *until,
                            noticed: Some(true),
                        },
                        ReplyKind::FeeDemanded => EventKind::FeeAsked,
                        ReplyKind::ClarificationAsked => EventKind::ClarificationAsked,
                        ReplyKind::Determined => EventKind::Determined,
                        ReplyKind::Denied => EventKind::Denied,
                        ReplyKind::Partial => EventKind::Partial,
                        ReplyKind::NoRecords => EventKind::NoRecords,
                        ReplyKind::Produced => EventKind::Produced,
                        // Closed without an answer: ours to contest, and not theirs to rest on.
                        ReplyKind::ClosedByAgency if !answered_before => EventKind::RefusedPart,
                        ReplyKind::ClosedByAgency | ReplyKind::Referred | ReplyKind::Other => {
                            continue;
                        }
                    };
                    facts.events.push((kind, on));
                }
                Happening::FeeRecorded { what, on, .. } => match what {
                    FeeKind::Paid => facts.events.push((EventKind::Paid, *on)),
                    // A waiver in part leaves a fee that we must answer.
                    FeeKind::Waived if whole_waivers.contains(&event.id) => {
                        facts.events.push((EventKind::FeeWaived, *on));
                    }
                    FeeKind::Waived
                    | FeeKind::Estimate
                    | FeeKind::Deposit
                    | FeeKind::Invoice
                    | FeeKind::Refunded => {}
                },
                Happening::StepRecorded {
                    step,
                    on,
                    until,
                    ground,
                    notice_seen,
                    ..
                } => {
                    let kind = match EventKind::parse(step) {
                        None => continue,
                        Some(EventKind::Extended { .. }) => EventKind::Extended {
                            to: *until,
                            noticed: *notice_seen,
                        },
                        Some(EventKind::Paused { .. }) => EventKind::Paused {
                            ground: ground.as_deref().and_then(Ground::parse),
                        },
                        Some(kind) => kind,
                    };
                    facts.events.push((kind, *on));
                }
                Happening::ConditionSet { key, holds, .. } => {
                    if *holds {
                        facts.conditions.insert(key.clone());
                    } else {
                        facts.conditions.remove(key);
                    }
                }
                Happening::Closed { .. } => facts.events.push((
                    EventKind::Closed,
                    event.at.with_timezone(&body.zone).date_naive(),
                )),
                _ => {}
            }
        }
        for (_, step, on) in later {
            // A person may have recorded the same appeal by hand.
            if !facts.events.contains(&(step, on)) {
                facts.events.push((step, on));
            }
        }
        facts.completed_on = completed.iter().map(|(_, on)| *on).min();
        facts.receipt_proved = proved.is_some();
        if let Some(had) = proved.or(presumed) {
            facts.received_on = Some(had.on);
            facts.after_hours = had.after_hours;
        }
        facts
    }

    /// The first day of an event that `wanted` accepts.
    pub(super) fn first(&self, wanted: impl Fn(EventKind) -> bool) -> Option<NaiveDate> {
        self.events
            .iter()
            .filter(|(kind, _)| wanted(*kind))
            .map(|(_, day)| *day)
            .min()
    }
}

/// What a word on some of the items does to the clocks, while others are open.
fn in_part(what: ReplyKind) -> &'static [EventKind] {
    match what {
        ReplyKind::Produced => &[EventKind::Instalment],
        ReplyKind::Partial => &[EventKind::Instalment, EventKind::RefusedPart],
        ReplyKind::Denied | ReplyKind::NoRecords => &[EventKind::RefusedPart],
        // It shows that the agency has the request, and no more while other items are undecided.
        ReplyKind::Determined => &[EventKind::Acknowledged],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
