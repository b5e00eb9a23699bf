//! Logs, and where they leave a request and its later letters.

use super::*;
use crate::domain::event::Detail;
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
        completes: false,
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
        detail: Detail::default(),
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
        (
            Happening::Queued {
                letter,
                version: 2,
                leave_at: None,
            },
            Status::Queued,
        ),
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
        (
            Happening::Queued {
                letter,
                version: 2,
                leave_at: None,
            },
            Status::Queued,
        ),
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
        completes: false,
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
fn a_letter_that_came_back_can_be_written_and_approved_anew() {
    let letter = LetterId::new();
    let mut events = vec![
        Happening::Drafted,
        written_version(letter, 1),
        approved_version(letter, 1),
        Happening::Sent {
            letter,
            version: 1,
            sha256: "a".to_owned(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(day("2026-11-02")),
            letter_kind: None,
            completes: false,
        },
        Happening::DeliveryFailed {
            why: "no such user".to_owned(),
            letter: Some(letter),
        },
    ];
    let back = standing(&log(events.clone()));
    assert_eq!(
        (back.status, back.sent_at, back.received),
        (Status::DeliveryFailed, None, None)
    );
    let mended = LetterId::new();
    events.push(written_version(mended, 2));
    events.push(Happening::Submitted {
        letter: mended,
        version: 2,
    });
    events.push(approved_version(mended, 2));
    let again = standing(&log(events));
    assert_eq!(
        (again.status, again.approved),
        (Status::Approved, Some((mended, 2)))
    );
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
        after_hours: false,
    };
    let later = Happening::ReceiptRecorded {
        on: day("2026-11-25"),
        evidence: Evidence::Acknowledgment,
        note: String::new(),
        after_hours: false,
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
    let arrived = |message| Happening::ReplyReceived {
        message,
        matched_by: "reply address".to_owned(),
        attachments: 1,
        auto_reply: false,
    };
    let [first, second] = [MessageId::new(), MessageId::new()];
    let mut events = vec![sent(letter, "2026-11-02"), arrived(first), arrived(second)];
    assert_eq!(standing(&log(events.clone())).unsorted, 2);
    // One reply may say several things: it is sorted once.
    for what in [ReplyKind::Acknowledged, ReplyKind::Extended] {
        let Happening::ReplySorted {
            on,
            until,
            amount_cents,
            note,
            detail,
            ..
        } = sorted(what, "2026-11-05")
        else {
            unreachable!("it is a sorted reply");
        };
        events.push(Happening::ReplySorted {
            message: Some(first),
            what,
            on,
            until,
            amount_cents,
            note,
            detail,
        });
    }
    assert_eq!(standing(&log(events.clone())).unsorted, 1);
    // What was moved to another request waits here no more.
    let mut moved = events.clone();
    moved.push(Happening::ReplyMovedAway {
        message: second,
        to: crate::domain::ids::RequestId::new(),
        reference: "S-0002".to_owned(),
        why: String::new(),
        documents: Vec::new(),
    });
    assert_eq!(standing(&log(moved)).unsorted, 0);
    events.push(Happening::Closed {
        note: String::new(),
    });
    assert_eq!(standing(&log(events)).status, Status::Closed);
}
