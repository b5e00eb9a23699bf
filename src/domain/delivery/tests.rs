//! The steps of a delivery, its retries, and the day of receipt.

use super::*;
use chrono::TimeZone;

#[test]
fn every_step_from_every_state() {
    use State::*;
    use Step::*;
    let allowed = [
        (Queued, AttemptBegan, Attempting),
        (State::Deferred, AttemptBegan, Attempting),
        (Attempting, Step::Accepted, State::Accepted),
        (Attempting, Step::Deferred, State::Deferred),
        (Attempting, Refused, Failed),
        (Attempting, GaveUp, Failed),
        (Attempting, OutcomeUnknown, Unknown),
        (Attempting, AttemptAbandoned, Unknown),
        (Attempting, AttemptLeftNothing, Queued),
        (Queued, ApprovalVoided, Failed),
        (State::Accepted, CameBack, Failed),
        (Unknown, CameBack, Failed),
        (Unknown, ReceiptCame, State::Accepted),
        (State::Deferred, ApprovalVoided, Failed),
        (Unknown, PersonSaysItArrived, State::Accepted),
        (Unknown, PersonSaysSendAgain, Queued),
        (Failed, PersonSaysSendAgain, Queued),
        (Queued, PersonHolds, Held),
        (State::Deferred, PersonHolds, Held),
        (Queued, PersonRecalls, Recalled),
        (State::Deferred, PersonRecalls, Recalled),
        (Held, PersonRecalls, Recalled),
        (Queued, PersonGivesTime, Queued),
        (Held, PersonGivesTime, Queued),
        (Recalled, PersonGivesTime, Queued),
    ];
    let steps = [
        AttemptBegan,
        Step::Accepted,
        Step::Deferred,
        Refused,
        GaveUp,
        OutcomeUnknown,
        AttemptAbandoned,
        AttemptLeftNothing,
        ApprovalVoided,
        CameBack,
        ReceiptCame,
        PersonSaysItArrived,
        PersonSaysSendAgain,
        PersonHolds,
        PersonRecalls,
        PersonGivesTime,
    ];
    for from in State::ALL {
        for step in steps {
            let expected = allowed
                .iter()
                .find(|(f, s, _)| *f == from && *s == step)
                .map(|(_, _, to)| *to);
            assert_eq!(from.after(step).ok(), expected, "{from} then {step:?}");
        }
        assert_eq!(from.as_str().parse(), Ok(from));
    }
}

#[test]
fn nothing_leaves_unknown_without_a_person() {
    for step in [
        Step::AttemptBegan,
        Step::Accepted,
        Step::Deferred,
        Step::Refused,
        Step::GaveUp,
    ] {
        assert!(State::Unknown.after(step).is_err());
    }
}

#[test]
fn retries_grow_and_end() {
    let waits: Vec<_> = (1..).map_while(|n| retry_after(n, 0.0)).collect();
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
    let sum: TimeDelta = waits.iter().sum();
    assert!(
        sum > TimeDelta::hours(48) && sum < TimeDelta::hours(72),
        "{sum}"
    );
    assert_eq!(retry_after(0, 0.0), None);
    assert_eq!(retry_after(1, 1.0), Some(TimeDelta::seconds(72)));
    assert_eq!(retry_after(1, 9.0), Some(TimeDelta::seconds(72)));
    assert_eq!(retry_after(u32::MAX, 0.5), None);
}

#[test]
fn the_day_of_receipt_is_the_agencys_day() {
    // 2026-01-17 07:30 UTC is still Friday the 16th in Seattle, and Saturday the 17th in New York.
    let at = Utc.with_ymd_and_hms(2026, 1, 17, 7, 30, 0).unwrap();
    for (zone, day) in [
        (chrono_tz::America::Los_Angeles, 16),
        (chrono_tz::America::New_York, 17),
    ] {
        let sent = Sent::by_mail(
            LetterId::new(),
            DeliveryId::new(),
            at,
            Evidence::ServerAccepted,
            "250 OK".into(),
            zone,
        );
        assert_eq!(
            sent.received_on(),
            NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
        );
    }
}

#[test]
fn a_receipt_cannot_be_recorded_ahead() {
    let at = Utc.with_ymd_and_hms(2026, 1, 17, 7, 30, 0).unwrap();
    let zone = chrono_tz::America::Los_Angeles;
    let on = |day| {
        Sent::by_hand(
            LetterId::new(),
            NaiveDate::from_ymd_opt(2026, 1, day).unwrap(),
            Evidence::CertifiedPost,
            "9400".into(),
            at,
            zone,
        )
        .map(|sent| sent.received_on())
    };
    assert!(on(16).is_ok());
    assert_eq!(on(17), Err(NotYet));
}

#[test]
fn what_a_person_may_record_is_never_what_only_the_program_can_know() {
    for evidence in Evidence::ALL {
        let by_program = matches!(evidence, Evidence::ServerAccepted | Evidence::FolderWritten);
        assert_eq!(EVIDENCE_BY_HAND.contains(&evidence), !by_program);
    }
    assert_eq!(channel_of(Evidence::CertifiedPost), Channel::Post);
    for channel in Channel::ALL {
        assert_eq!(channel.as_str().parse(), Ok(channel));
        assert!(
            Evidence::ALL
                .into_iter()
                .any(|evidence| channel_of(evidence) == channel)
        );
    }
}
