//! What a log tells: receipt, replies, steps, withdrawals, letters after the request.

use chrono::{TimeZone, Utc};

use super::*;

fn event(day: u32, hour: u32, what: Happening) -> Event {
    let at = Utc
        .with_ymd_and_hms(2026, 1, day, hour, 30, 0)
        .single()
        .expect("an instant");
    Event {
        id: 0,
        campaign: None,
        request: None,
        by: None,
        at,
        what,
    }
}

fn on(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
}

#[test]
fn proof_of_receipt_replaces_a_presumption_and_the_first_proof_counts() {
    let sent = event(
        16,
        18,
        Happening::Sent {
            letter: crate::domain::ids::LetterId::new(),
            version: 1,
            sha256: String::new(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(on(16)),
            letter_kind: None,
            completes: false,
        },
    );
    let recorded = |day, evidence| {
        event(
            28,
            12,
            Happening::ReceiptRecorded {
                on: on(day),
                evidence,
                note: String::new(),
                after_hours: false,
            },
        )
    };
    let body = Body::plain(HolderKind::Sheriff, Tz::UTC);
    let facts = |log: &[Event]| Facts::of_log(&body, log);
    assert_eq!(facts(&[]).received_on, None);
    assert_eq!(facts(std::slice::from_ref(&sent)).received_on, Some(on(16)));
    let log = [
        sent,
        recorded(22, Evidence::CertifiedPost),
        recorded(21, Evidence::Acknowledgment),
    ];
    assert_eq!(facts(&log).received_on, Some(on(21)));
}

#[test]
fn an_appeal_that_left_starts_its_own_clock_and_proves_no_receipt() {
    let (request, appeal) = (LetterId::new(), LetterId::new());
    let sent = |letter, day, kind: Option<&str>| {
        event(
            day,
            18,
            Happening::Sent {
                letter,
                version: 1,
                sha256: String::new(),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(on(day)),
                letter_kind: kind.map(str::to_owned),
                completes: false,
            },
        )
    };
    let written = event(
        19,
        9,
        Happening::LetterWritten {
            letter: appeal,
            version: 1,
            sha256: String::new(),
            voids_approval: false,
            letter_kind: Some("appeal".to_owned()),
        },
    );
    let mut log = vec![
        sent(request, 5, None),
        written,
        sent(appeal, 20, Some("appeal")),
        sent(LetterId::new(), 21, Some("thank_you")),
    ];
    let facts = Facts::of_log(&Body::plain(HolderKind::Sheriff, Tz::UTC), &log);
    assert_eq!(facts.received_on, Some(on(5)));
    assert_eq!(
        facts.events,
        [(EventKind::Sent, on(5)), (EventKind::Appealed, on(20))]
    );
    log.push(event(
        22,
        9,
        Happening::DeliveryFailed {
            why: "no such user".to_owned(),
            letter: Some(appeal),
        },
    ));
    let facts = Facts::of_log(&Body::plain(HolderKind::Sheriff, Tz::UTC), &log);
    assert_eq!(facts.received_on, Some(on(5)), "the request itself arrived");
    assert_eq!(
        facts.events,
        [(EventKind::Sent, on(5))],
        "the appeal came back"
    );
}

#[test]
fn a_request_closed_late_in_the_evening_is_closed_that_day() {
    // 04:30 UTC on the 17th is the evening of the 16th in Seattle.
    let closed = [event(
        17,
        4,
        Happening::Closed {
            note: String::new(),
        },
    )];
    let body = Body::plain(HolderKind::Sheriff, Tz::America__Los_Angeles);
    let facts = Facts::of_log(&body, &closed);
    assert_eq!(facts.events, [(EventKind::Closed, on(16))]);
}

#[test]
fn mail_that_arrives_in_the_evening_came_after_hours() {
    let body = Body::plain(HolderKind::Sheriff, Tz::America__Los_Angeles);
    for (at, after_hours) in [
        ("2026-01-16T22:00:00Z", false),
        ("2026-01-17T00:59:00Z", false),
        ("2026-01-17T01:00:00Z", true),
        ("2026-01-17T07:59:00Z", true),
    ] {
        let sent = [Event {
            id: 1,
            campaign: None,
            request: None,
            by: None,
            at: at.parse().expect("an instant"),
            what: Happening::Sent {
                letter: LetterId::new(),
                version: 1,
                sha256: String::new(),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(on(16)),
                letter_kind: None,
                completes: false,
            },
        }];
        let facts = Facts::of_log(&body, &sent);
        assert_eq!(facts.received_on, Some(on(16)), "{at}");
        assert_eq!(facts.after_hours, after_hours, "{at}");
    }
}

#[test]
fn a_minute_before_midnight_belongs_to_the_day_also_when_the_clocks_change() {
    // 23:59 in Seattle on the days on which daylight-saving time begins and ends, and on a leap day.
    for (at, on) in [
        ("2026-03-09T06:59:00Z", "2026-03-08"),
        ("2026-03-09T07:00:00Z", "2026-03-09"),
        ("2026-11-02T07:59:00Z", "2026-11-01"),
        ("2026-11-02T08:00:00Z", "2026-11-02"),
        ("2028-03-01T07:59:00Z", "2028-02-29"),
        ("2027-01-01T07:59:00Z", "2026-12-31"),
    ] {
        let closed = [Event {
            id: 1,
            campaign: None,
            request: None,
            by: None,
            at: at.parse().expect("an instant"),
            what: Happening::Closed {
                note: String::new(),
            },
        }];
        let body = Body::plain(HolderKind::Sheriff, Tz::America__Los_Angeles);
        let day = on.parse().expect("a day");
        assert_eq!(
            Facts::of_log(&body, &closed).events,
            [(EventKind::Closed, day)],
            "{at}"
        );
    }
}

#[test]
fn steps_conditions_and_withdrawals_are_read_from_the_log() {
    let step = |day, step: &str, ground: Option<&str>| {
        event(
            day,
            12,
            Happening::StepRecorded {
                step: step.to_owned(),
                on: on(day),
                until: None,
                ground: ground.map(str::to_owned),
                notice_seen: None,
                note: String::new(),
                letter: None,
            },
        )
    };
    let set = |day, holds| {
        event(
            day,
            12,
            Happening::ConditionSet {
                key: "commercial".to_owned(),
                holds,
                note: String::new(),
            },
        )
    };
    let mut log = vec![
        step(5, "paused", Some("fee")),
        step(9, "paid", None),
        set(9, true),
    ];
    for (at, event) in log.iter_mut().enumerate() {
        event.id = i64::try_from(at).expect("small") + 1;
    }
    let body = Body::plain(HolderKind::Sheriff, Tz::UTC);
    let facts = Facts::of_log(&body, &log);
    let paused = EventKind::Paused {
        ground: Some(Ground::Fee),
    };
    assert_eq!(facts.events, [(paused, on(5)), (EventKind::Paid, on(9))]);
    assert!(facts.conditions.contains("commercial"));
    let mut mistake = event(
        10,
        12,
        Happening::EntryWithdrawn {
            entry: 1,
            why: "The agency asked for no fee.".to_owned(),
        },
    );
    mistake.id = 4;
    log.push(mistake);
    log.push(set(11, false));
    let facts = Facts::of_log(&body, &log);
    assert_eq!(facts.events, [(EventKind::Paid, on(9))]);
    assert!(facts.conditions.is_empty());
}

#[test]
fn a_correction_that_completes_the_request_is_known_by_its_own_receipt_until_it_comes_back() {
    let (request, plain, full) = (LetterId::new(), LetterId::new(), LetterId::new());
    let sent = |letter, day, kind: Option<&str>, completes| {
        event(
            day,
            18,
            Happening::Sent {
                letter,
                version: 1,
                sha256: String::new(),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(on(day)),
                letter_kind: kind.map(str::to_owned),
                completes,
            },
        )
    };
    let facts = |log: &[Event]| Facts::of_log(&Body::plain(HolderKind::Sheriff, Tz::UTC), log);
    let mut log = vec![
        sent(request, 5, None, false),
        sent(plain, 7, Some("correction"), false),
    ];
    assert_eq!(facts(&log).completed_on, None);
    log.push(sent(full, 12, Some("correction"), true));
    let known = facts(&log);
    assert_eq!(
        (known.received_on, known.completed_on),
        (Some(on(5)), Some(on(12)))
    );
    log.push(event(
        13,
        9,
        Happening::DeliveryFailed {
            why: "no such mailbox".to_owned(),
            letter: Some(full),
        },
    ));
    let known = facts(&log);
    assert_eq!((known.received_on, known.completed_on), (Some(on(5)), None));
}
