//! Each rule of matching, their order, and what must stay doubtful.

use super::*;
use crate::domain::reply::is_shared_domain;

fn candidate(number: i32, contact: &str) -> Candidate {
    let sign = b"abcdefgh"[usize::try_from(number % 8).unwrap()];
    Candidate {
        request: RequestId::new(),
        agency: AgencyId::new(),
        number,
        token: ReplyToken::from_random([sign; 14]),
        sent_message_ids: vec![format!("letter-{number}@sundial.example")],
        tracking_numbers: vec![format!("R00{number:04}-2026")],
        contact_addresses: vec![contact.to_owned()],
        county: None,
        open: true,
    }
}

fn matched(request: RequestId, why: Why) -> Match {
    Match::Matched { request, why }
}

#[test]
fn each_rule_and_their_order() {
    let alder = candidate(1, "records@alder.example");
    let birch = candidate(2, "records@birch.example");
    let both = [alder.clone(), birch.clone()];
    let to_birch = Incoming {
        tokens: vec![HeardToken::hear(birch.token.as_str()).unwrap()],
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&to_birch, &both),
        matched(birch.request, Why::ReplyAddress)
    );

    // A clerk of Alder who forwards to Birch's address: the address says where it belongs.
    let crossed = Incoming {
        in_reply_to: vec!["letter-1@sundial.example".into()],
        from: Some("records@alder.example".into()),
        subject: "S-0001".into(),
        ..to_birch
    };
    assert_eq!(
        match_message(&crossed, &both),
        matched(birch.request, Why::ReplyAddress)
    );

    let answer = |edit: &dyn Fn(&mut Incoming)| {
        let mut message = Incoming::default();
        edit(&mut message);
        match_message(&message, &both)
    };
    assert_eq!(
        answer(&|m| m.in_reply_to = vec!["LETTER-1@sundial.example".into()]),
        matched(alder.request, Why::References)
    );
    assert_eq!(
        answer(&|m| {
            m.in_reply_to = vec!["letter-1@sundial.example".into()];
            m.references = vec!["letter-2@sundial.example".into()];
        }),
        matched(alder.request, Why::References)
    );
    assert_eq!(
        answer(&|m| m.text = "Your request (r000002-2026) was received.".into()),
        matched(birch.request, Why::TrackingNumber)
    );
    assert_eq!(answer(&|m| m.text = "R000002-20265".into()), Match::Unknown);
    assert_eq!(
        answer(&|m| m.from = Some("Records@Alder.example".into())),
        matched(alder.request, Why::Sender)
    );
    assert_eq!(
        answer(&|m| m.from = Some("sheriff@alder.example".into())),
        matched(alder.request, Why::SenderDomain)
    );
    assert_eq!(
        answer(&|m| m.from = Some("sheriff@mail.alder.example".into())),
        matched(alder.request, Why::SenderDomain)
    );
    assert_eq!(
        answer(&|m| m.from = Some("sheriff@notalder.example".into())),
        Match::Unknown
    );
    assert_eq!(
        answer(&|m| m.subject = "Re: Detainers [s\u{2013}0002]".into()),
        matched(birch.request, Why::Subject)
    );
    for subject in [
        "Re: PS-0002",
        "S-0002a",
        "S0002",
        "S-",
        "S-00029999999999999",
        "",
    ] {
        assert_eq!(
            answer(&|m| m.subject = subject.into()),
            Match::Unknown,
            "{subject}"
        );
    }
}

#[test]
fn a_known_sender_with_two_open_requests_is_doubtful_until_something_narrows_it() {
    let first = candidate(1, "records@alder.example");
    let second = candidate(2, "records@alder.example");
    let both = [first.clone(), second.clone()];
    let mut message = Incoming {
        from: Some("records@alder.example".into()),
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&message, &both),
        Match::Doubtful {
            candidates: vec![first.request, second.request],
            why: Why::Sender
        }
    );
    message.subject = "Re: S-0002".into();
    assert_eq!(
        match_message(&message, &both),
        matched(second.request, Why::Sender)
    );

    // One of them closed: the open one is meant. Both closed: a person looks.
    let mut closed = first.clone();
    closed.open = false;
    message.subject.clear();
    assert_eq!(
        match_message(&message, &[closed.clone(), second.clone()]),
        matched(second.request, Why::Sender)
    );
    assert_eq!(
        match_message(&message, &[closed.clone()]),
        Match::Doubtful {
            candidates: vec![closed.request],
            why: Why::Sender
        }
    );
    // But its own reply address finds it, closed or not.
    message.tokens = vec![HeardToken::hear(closed.token.as_str()).unwrap()];
    assert_eq!(
        match_message(&message, &[closed.clone(), second]),
        matched(closed.request, Why::ReplyAddress)
    );
}

#[test]
fn same_reference_in_two_campaigns_is_doubtful() {
    let mine = candidate(7, "records@alder.example");
    let theirs = candidate(7, "records@birch.example");
    let message = Incoming {
        subject: "S-0007".into(),
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&message, &[mine.clone(), theirs.clone()]),
        Match::Doubtful {
            candidates: vec![mine.request, theirs.request],
            why: Why::Subject
        }
    );
}

#[test]
fn shared_domains_prove_nothing() {
    for shared in [
        "gmail.com",
        "GMAIL.com",
        "or.us",
        "co.or.us",
        "state.or.us",
        "wa.gov",
        "gov",
        "us",
        "com",
        "govqa.us",
        "em.govqa.us",
        "comcast.net.",
    ] {
        assert!(is_shared_domain(shared), "{shared}");
    }
    for own in [
        "co.alder.or.us",
        "alder.or.us",
        "aldercounty.gov",
        "doc.wa.gov",
        "aldersheriff.example",
        "notgovqa.us.example",
        "alder.govqa.us",
        "alder.nextrequest.com",
    ] {
        assert!(!is_shared_domain(own), "{own}");
    }
    let alder = candidate(1, "clerk@gmail.com");
    let message = |from: &str| Incoming {
        from: Some(from.into()),
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&message("other@gmail.com"), std::slice::from_ref(&alder)),
        Match::Unknown
    );
    // The very address of a contact is known, whatever its provider.
    assert_eq!(
        match_message(&message("clerk@gmail.com"), std::slice::from_ref(&alder)),
        matched(alder.request, Why::Sender)
    );
    let county = candidate(2, "records@co.alder.or.us");
    assert_eq!(
        match_message(&message("records@co.birch.or.us"), &[county]),
        Match::Unknown
    );
}

#[test]
fn hostile_wording_does_not_trip_it() {
    let alder = candidate(1, "records@alder.example");
    for text in [
        "\u{0130}\u{0130}R000001-2026\u{0130}",
        "@",
        "a@",
        "@b",
        "S-\u{0661}",
    ] {
        let message = Incoming {
            from: Some(text.into()),
            subject: text.into(),
            text: text.into(),
            ..Incoming::default()
        };
        assert_eq!(
            match_message(&message, std::slice::from_ref(&alder)),
            Match::Unknown,
            "{text}"
        );
    }
}

#[test]
fn what_contradicts_itself_is_doubtful() {
    let alder = candidate(1, "records@alder.example");
    let birch = candidate(2, "records@birch.example");
    let both = [alder.clone(), birch.clone()];
    // Two agencies may count alike: Birch's sender with Alder's number.
    let crossed = Incoming {
        from: Some("records@birch.example".into()),
        subject: "R000001-2026".into(),
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&crossed, &both),
        Match::Doubtful {
            candidates: vec![alder.request, birch.request],
            why: Why::TrackingNumber
        }
    );
    // A known sender who names another agency's request.
    let named = Incoming {
        from: Some("records@birch.example".into()),
        subject: "Re: S-0001".into(),
        ..Incoming::default()
    };
    assert_eq!(
        match_message(&named, &both),
        Match::Doubtful {
            candidates: vec![birch.request, alder.request],
            why: Why::Sender
        }
    );
}

#[test]
fn one_county_is_not_another_and_a_vendor_is_none() {
    let mut alder = candidate(1, "records@sheriff.co.alder.or.us");
    alder.county = Some(("Alder".into(), "OR".into()));
    let from = |address: &str| Incoming {
        from: Some(address.into()),
        ..Incoming::default()
    };
    let one = std::slice::from_ref(&alder);
    assert_eq!(
        match_message(&from("jail@co.alder.or.us"), one),
        matched(alder.request, Why::SenderDomain)
    );
    for stranger in [
        "jail@co.birch.or.us",
        "jail@ci.alder.or.us",
        "doc@doc.state.or.us",
        "anyone@or.us",
        "noreply@govqa.us",
    ] {
        assert_eq!(
            match_message(&from(stranger), one),
            Match::Unknown,
            "{stranger}"
        );
    }
    // No contact is known there, but the domain names the county: a hint for a person.
    alder.contact_addresses = vec!["clerk@gmail.com".into()];
    let one = std::slice::from_ref(&alder);
    assert_eq!(
        match_message(&from("jail@co.alder.or.us"), one),
        Match::Doubtful {
            candidates: vec![alder.request],
            why: Why::County
        }
    );
    let mut with_reference = from("jail@co.alder.or.us");
    with_reference.subject = "Re: S-0001".into();
    assert_eq!(
        match_message(&with_reference, one),
        matched(alder.request, Why::Subject)
    );
    // A vendor's common address, kept as a contact by mistake, proves nothing; its agency's own does.
    let vendor = candidate(3, "noreply@govqa.us");
    assert_eq!(
        match_message(&from("noreply@govqa.us"), std::slice::from_ref(&vendor)),
        Match::Unknown
    );
    let own = candidate(4, "alderor@mycusthelp.net");
    assert_eq!(
        match_message(&from("AlderOR@mycusthelp.net"), std::slice::from_ref(&own)),
        matched(own.request, Why::Sender)
    );
    let hosted = candidate(5, "notify@alderor.govqa.us");
    assert_eq!(
        match_message(
            &from("noreply@alderor.govqa.us"),
            std::slice::from_ref(&hosted)
        ),
        matched(hosted.request, Why::SenderDomain)
    );
    assert_eq!(
        match_message(
            &from("noreply@birchor.govqa.us"),
            std::slice::from_ref(&hosted)
        ),
        Match::Unknown
    );
}
