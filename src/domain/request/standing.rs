//! Where a request stands, folded from what happened to it.

use chrono::{DateTime, NaiveDate, Utc};

use std::collections::BTreeMap;

use crate::domain::event::{Event, Evidence, Happening, ReplyKind};
use crate::domain::ids::LetterId;
use crate::domain::request::Status;

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
        events
            .iter()
            .filter(|event| letter_of(&event.what).is_none_or(|id| !others.contains_key(&id))),
    )
}

/// Where one later letter of a request stands: "appeal", "follow_up-2". For "request" as [`standing`].
pub fn letter_standing(events: &[Event], series: &str) -> Standing {
    if series == "request" {
        return standing(events);
    }
    let others = later_letters(events);
    fold(events.iter().filter(|event| {
        letter_of(&event.what)
            .and_then(|id| others.get(&id))
            .is_some_and(|own| own == series)
    }))
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
        | Happening::Sent { letter, .. } => Some(*letter),
        Happening::DeliveryFailed { letter, .. }
        | Happening::DeliveryUnknown { letter, .. }
        | Happening::DeliverySettled { letter, .. } => *letter,
        _ => None,
    }
}

fn fold<'e>(events: impl Iterator<Item = &'e Event>) -> Standing {
    let mut now = Standing::default();
    let mut arrived = Vec::new();
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
            Happening::DeliveryFailed { .. } => Some(Status::DeliveryFailed),
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
            Happening::ReplyReceived { .. } | Happening::ReplyFiled { .. } => {
                now.unsorted += 1;
                None
            }
            Happening::ReplySorted {
                message, what, on, ..
            } => {
                if message.is_some() {
                    now.unsorted = now.unsorted.saturating_sub(1);
                }
                let status = answered(*what);
                if status.is_some() && answered_on.is_none_or(|before| before <= *on) {
                    answered_on = Some(*on);
                    status
                } else {
                    None
                }
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
            now.status = status;
        }
    }
    now.received = earliest_proof(arrived);
    now
}

/// A proof beats a presumption; among equals the first day counts.
fn earliest_proof(mut arrived: Vec<Received>) -> Option<Received> {
    arrived.sort_by_key(|received| (received.evidence.is_presumed(), received.on));
    arrived.into_iter().next()
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
        ReplyKind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MessageId;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn log(events: Vec<Happening>) -> Vec<Event> {
        events
            .into_iter()
            .zip(1..)
            .map(|(what, id)| Event {
                id,
                campaign: None,
                request: None,
                by: None,
                at: DateTime::from_timestamp(1_800_000_000 + 60 * id, 0).expect("a time"),
                what,
            })
            .collect()
    }

    fn written_version(letter: LetterId, version: i32) -> Happening {
        Happening::LetterWritten {
            letter,
            version,
            sha256: "a".to_owned(),
            voids_approval: false,
            letter_kind: None,
        }
    }

    fn approved_version(letter: LetterId, version: i32) -> Happening {
        Happening::Approved {
            letter,
            version,
            sha256: "a".to_owned(),
        }
    }

    fn sent(letter: LetterId, on: &str) -> Happening {
        Happening::Sent {
            letter,
            version: 1,
            sha256: "a".to_owned(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(day(on)),
            letter_kind: None,
        }
    }

    fn sorted(what: ReplyKind, on: &str) -> Happening {
        Happening::ReplySorted {
            message: Some(MessageId::new()),
            what,
            on: day(on),
            until: None,
            amount_cents: None,
            note: String::new(),
        }
    }

    #[test]
    fn a_request_walks_from_draft_to_sent() {
        let letter = LetterId::new();
        let steps = [
            (Happening::Drafted, Status::Draft),
            (written_version(letter, 1), Status::Draft),
            (
                Happening::Submitted { letter, version: 1 },
                Status::WithCounsel,
            ),
            (
                Happening::Returned {
                    letter,
                    version: 1,
                    comment: "Name the jail.".to_owned(),
                },
                Status::Returned,
            ),
            // An edit of a returned letter leaves it returned until it is submitted again.
            (written_version(letter, 2), Status::Returned),
            (
                Happening::Submitted { letter, version: 2 },
                Status::WithCounsel,
            ),
            (approved_version(letter, 2), Status::Approved),
            (Happening::Queued { letter, version: 2 }, Status::Queued),
            (
                Happening::DeliveryDeferred {
                    why: "busy".to_owned(),
                },
                Status::Queued,
            ),
            (
                Happening::DeliveryUnknown {
                    why: "cut off".to_owned(),
                    letter: None,
                },
                Status::DeliveryUnknown,
            ),
            (
                Happening::DeliverySettled {
                    arrived: false,
                    note: String::new(),
                    letter: Some(letter),
                },
                Status::Approved,
            ),
            (Happening::Queued { letter, version: 2 }, Status::Queued),
            (sent(letter, "2026-11-20"), Status::Sent),
        ];
        let mut events = Vec::new();
        for (what, status) in steps {
            events.push(what.clone());
            let now = standing(&log(events.clone()));
            assert_eq!(now.status, status, "after {what:?}");
            assert_eq!(
                now.returned_because.is_some(),
                status == Status::Returned,
                "after {what:?}"
            );
        }
    }

    #[test]
    fn a_later_letter_stands_for_itself_and_does_not_turn_the_request_back() {
        let (request, appeal) = (LetterId::new(), LetterId::new());
        let kind = Some("appeal".to_owned());
        let mut events = vec![
            Happening::Drafted,
            written_version(request, 1),
            sent(request, "2026-11-02"),
            sorted(ReplyKind::Denied, "2026-11-10"),
            Happening::LetterWritten {
                letter: appeal,
                version: 1,
                sha256: "b".to_owned(),
                voids_approval: false,
                letter_kind: kind.clone(),
            },
            Happening::Submitted {
                letter: appeal,
                version: 1,
            },
            approved_version(appeal, 1),
        ];
        let both = |events: &[Happening]| {
            let events = log(events.to_vec());
            (standing(&events), letter_standing(&events, "appeal"))
        };
        let (whole, own) = both(&events);
        assert_eq!(
            (whole.status, own.status),
            (Status::Denied, Status::Approved)
        );
        assert_eq!((whole.approved, own.approved), (None, Some((appeal, 1))));
        assert_eq!(whole.letter, Some((request, 1)));
        events.push(Happening::Sent {
            letter: appeal,
            version: 1,
            sha256: "b".to_owned(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(day("2026-11-20")),
            letter_kind: kind,
        });
        events.push(Happening::DeliveryFailed {
            why: "no such user".to_owned(),
            letter: Some(appeal),
        });
        let (whole, own) = both(&events);
        assert_eq!(
            (whole.status, own.status),
            (Status::Denied, Status::DeliveryFailed)
        );
        let received = whole.received.expect("received");
        assert_eq!(
            received.on,
            day("2026-11-02"),
            "an appeal proves no receipt"
        );
        assert_eq!(later_series(&log(events)), ["appeal"]);
    }

    #[test]
    fn an_edit_voids_the_approval() {
        let letter = LetterId::new();
        let mut events = vec![
            Happening::Drafted,
            written_version(letter, 1),
            Happening::Submitted { letter, version: 1 },
            approved_version(letter, 1),
        ];
        assert_eq!(standing(&log(events.clone())).approved, Some((letter, 1)));
        events.push(written_version(letter, 2));
        let now = standing(&log(events));
        assert_eq!((now.approved, now.status), (None, Status::Draft));
        assert_eq!(now.letter, Some((letter, 2)));
    }

    #[test]
    fn a_proof_of_receipt_beats_the_presumption() {
        let letter = LetterId::new();
        let proof = Happening::ReceiptRecorded {
            on: day("2026-11-23"),
            evidence: Evidence::PortalStamp,
            note: String::new(),
        };
        let later = Happening::ReceiptRecorded {
            on: day("2026-11-25"),
            evidence: Evidence::Acknowledgment,
            note: String::new(),
        };
        let now = standing(&log(vec![sent(letter, "2026-11-20"), later, proof]));
        let received = now.received.expect("received");
        assert_eq!(
            (received.on, received.evidence),
            (day("2026-11-23"), Evidence::PortalStamp)
        );
        assert_eq!(now.status, Status::Sent, "a receipt is no answer");
    }

    #[test]
    fn the_latest_answer_by_its_day_is_the_status() {
        let letter = LetterId::new();
        let base = vec![sent(letter, "2026-11-02")];
        for (answers, status) in [
            (
                vec![(ReplyKind::Acknowledged, "2026-11-05")],
                Status::Acknowledged,
            ),
            (
                vec![
                    (ReplyKind::Acknowledged, "2026-11-05"),
                    (ReplyKind::Produced, "2026-11-18"),
                ],
                Status::Produced,
            ),
            // The acknowledgment was sorted after the records, but it is older.
            (
                vec![
                    (ReplyKind::Produced, "2026-11-18"),
                    (ReplyKind::Acknowledged, "2026-11-05"),
                ],
                Status::Produced,
            ),
            (
                vec![
                    (ReplyKind::Denied, "2026-11-10"),
                    (ReplyKind::Other, "2026-11-12"),
                ],
                Status::Denied,
            ),
            (vec![(ReplyKind::Other, "2026-11-05")], Status::Sent),
        ] {
            let mut events = base.clone();
            events.extend(answers.iter().map(|(what, on)| sorted(*what, on)));
            assert_eq!(standing(&log(events)).status, status, "{answers:?}");
        }
    }

    #[test]
    fn replies_wait_until_somebody_sorts_them() {
        let letter = LetterId::new();
        let arrived = Happening::ReplyReceived {
            message: MessageId::new(),
            matched_by: "reply address".to_owned(),
            attachments: 1,
            auto_reply: false,
        };
        let mut events = vec![sent(letter, "2026-11-02"), arrived.clone(), arrived];
        assert_eq!(standing(&log(events.clone())).unsorted, 2);
        events.push(sorted(ReplyKind::Acknowledged, "2026-11-05"));
        assert_eq!(standing(&log(events.clone())).unsorted, 1);
        events.push(Happening::Closed {
            note: String::new(),
        });
        assert_eq!(standing(&log(events)).status, Status::Closed);
    }
}
