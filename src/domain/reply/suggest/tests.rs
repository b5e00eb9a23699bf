//! What the words of a reply suggest, and what they do not.

use super::*;

#[test]
fn the_words_of_a_reply_suggest_and_their_places_are_marked() {
    sound().expect("the signs can be read");
    let text = "Your request 26-10234 is denied under 8 C.F.R. § 236.6. There are no\n  responsive records for item 2. We need a deposit of $1,250.50 by January 30, 2026 (or 2/1/26).\n\nOn Tue, Jan 6, 2026 Rosa wrote:\n> any juvenile data may be redacted; invoice us $99\n";
    let found = suggest("Re: your letter", text);
    let kinds: Vec<_> = found.kinds.iter().map(|(kind, _)| *kind).collect();
    assert!(kinds.contains(&ReplyKind::Denied) && kinds.contains(&ReplyKind::NoRecords));
    assert!(kinds.contains(&ReplyKind::FeeDemanded));
    assert!(
        !kinds.contains(&ReplyKind::Partial),
        "that was our own word: {kinds:?}"
    );
    let grounds: Vec<_> = found.grounds.iter().map(|(key, _)| key.as_str()).collect();
    assert!(grounds.contains(&"fed_236_6") && grounds.contains(&"no_records"));
    assert!(!grounds.contains(&"privacy"), "{grounds:?}");
    assert_eq!(found.amounts, [125_050]);
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    assert_eq!(found.days, [day("2026-01-30"), day("2026-02-01")]);
    assert_eq!(found.numbers, ["26-10234"]);
    for mark in &found.marks {
        assert!(text.is_char_boundary(mark.start) && text.is_char_boundary(mark.end));
    }
    assert_eq!(
        found.words_for("no_records", text).as_deref(),
        Some("There are no responsive records for item 2.")
    );
    assert_eq!(found.words_for("security", text), None);
}

/// A sentence as agencies write it, with the classes and the kinds that must be among the suggested ones.
const WRITTEN: [(&str, &str, &[ReplyKind]); 40] = [
    (
        "Pursuant to 8 CFR 236.6, this office is prohibited from releasing information on any federal detainee.",
        "fed_236_6",
        &[],
    ),
    (
        "The requested logs are the property of the U.S. Department of Homeland Security and cannot be released by this office.",
        "fed_236_6",
        &[ReplyKind::Denied],
    ),
    (
        "We withhold the remaining records because the federal government owns these records.",
        "fed_236_6",
        &[ReplyKind::Denied, ReplyKind::Partial],
    ),
    (
        "We withhold these records under the exemption for law enforcement investigations, 5 ILCS 140/7(1)(d).",
        "law_enforcement",
        &[ReplyKind::Denied],
    ),
    (
        "Release would interfere with the detection, investigation or prosecution of crime (Section 552.108).",
        "law_enforcement",
        &[],
    ),
    (
        "The records relate to an active investigation and are exempt pursuant to s. 119.071.",
        "law_enforcement",
        &[ReplyKind::Denied],
    ),
    (
        "Disclosure would constitute a clearly unwarranted invasion of personal privacy.",
        "privacy",
        &[],
    ),
    (
        "We have redacted personally identifiable information from the attached.",
        "privacy",
        &[ReplyKind::Partial],
    ),
    (
        "Release of the post orders would jeopardize the safety and security of the jail.",
        "security",
        &[],
    ),
    (
        "Booking data is maintained for the courts and is a record of the judiciary.",
        "judicial_record",
        &[],
    ),
    (
        "After a diligent search, this office found no records responsive to item 2.",
        "no_records",
        &[ReplyKind::NoRecords],
    ),
    (
        "Item 2 does not exist.",
        "no_records",
        &[ReplyKind::NoRecords],
    ),
    (
        "The Sheriff’s Office does not maintain the data you describe.",
        "no_records",
        &[ReplyKind::NoRecords],
    ),
    (
        "Our system does not track detainers separately.",
        "no_records",
        &[ReplyKind::NoRecords],
    ),
    (
        "The Act does not require a public body to create a new record in response to a request.",
        "must_create",
        &[],
    ),
    (
        "To the extent your letter asks us to compile statistics, we are not obligated to create such a document.",
        "must_create",
        &[],
    ),
    (
        "The estimated cost is $1,245.50, based on 20 hours at $41.25 per hour.",
        "fee_estimate",
        &[ReplyKind::FeeDemanded],
    ),
    (
        "A deposit of $622.75 must be received before work begins.",
        "fee_estimate",
        &[ReplyKind::FeeDemanded],
    ),
    (
        "Because your request requires extensive use of information technology resources, a special service charge applies.",
        "fee_estimate",
        &[],
    ),
    (
        "Your request is overly broad and fails to describe an identifiable record.",
        "overbroad",
        &[],
    ),
    (
        "Complying would place an undue burden on this office. Would you narrow the period?",
        "overbroad",
        &[ReplyKind::ClarificationAsked],
    ),
    (
        "We have notified ICE of your request under the agreement and await its response.",
        "third_party",
        &[],
    ),
    (
        "We are requesting a decision from the Attorney General under Section 552.301.",
        "third_party",
        &[],
    ),
    (
        "Please submit a FOIA request to U.S. Immigration and Customs Enforcement.",
        "referral",
        &[ReplyKind::Referred],
    ),
    (
        "These are federal records; you must request them from ICE.",
        "referral",
        &[],
    ),
    (
        "The County Executive is not the custodian of these records; the Sheriff is a separate elected official.",
        "wrong_custodian",
        &[ReplyKind::Referred],
    ),
    (
        "Your request should be directed to the Department of Corrections.",
        "wrong_custodian",
        &[ReplyKind::Referred],
    ),
    (
        "We are extending the deadline by five business days under section 3(e).",
        "extension",
        &[ReplyKind::Extended],
    ),
    (
        "This office requires additional time and anticipates having a response by March 3, 2026.",
        "extension",
        &[ReplyKind::Extended],
    ),
    (
        "Responsive pages are attached; portions have been withheld.",
        "partial",
        &[ReplyKind::Partial, ReplyKind::Denied],
    ),
    (
        "Tennessee law grants access only to citizens of this State. Please send proof of residency.",
        "residency",
        &[],
    ),
    (
        "Requests must be submitted through our online portal.",
        "form_defect",
        &[],
    ),
    (
        "Please state the purpose of your request and the intended use of the records.",
        "purpose",
        &[],
    ),
    (
        "As we received no answer within 30 days, the request is considered withdrawn.",
        "moot_or_closed",
        &[ReplyKind::ClosedByAgency],
    ),
    (
        "Records before 2022 were destroyed in accordance with the retention schedule.",
        "retention",
        &[],
    ),
    (
        "We acknowledge receipt of your request, which was received on January 5, 2026.",
        "",
        &[ReplyKind::Acknowledged],
    ),
    (
        "Attached are the invoices for fiscal year 2025. This completes our response.",
        "",
        &[ReplyKind::Produced],
    ),
    (
        "The records will be made available on a rolling basis.",
        "",
        &[ReplyKind::Determined],
    ),
    (
        "Please clarify which years you mean.",
        "",
        &[ReplyKind::ClarificationAsked],
    ),
    (
        "If we do not receive the deposit within 30 days, the request will be closed.",
        "fee_estimate",
        &[ReplyKind::FeeDemanded],
    ),
];

#[test]
fn the_sentences_that_agencies_write_suggest_their_class() {
    for (text, ground, kinds) in WRITTEN {
        let found = suggest("", text);
        let grounds: Vec<_> = found.grounds.iter().map(|(key, _)| key.as_str()).collect();
        assert!(
            ground.is_empty() && grounds.is_empty() || grounds.contains(&ground),
            "{text}: {grounds:?}"
        );
        for kind in kinds {
            assert!(
                found.kinds.iter().any(|(known, _)| known == kind),
                "{text}: no {kind:?} in {:?}",
                found.kinds
            );
        }
    }
    // What would happen is not what has happened.
    let warned = suggest("", WRITTEN[39].0);
    assert!(
        !warned
            .kinds
            .iter()
            .any(|(kind, _)| *kind == ReplyKind::ClosedByAgency)
    );
}

#[test]
fn nothing_is_suggested_where_nothing_is_said() {
    for text in [
        "",
        "Thank you.",
        "Ice cream on Tuesday.",
        &"é".repeat(120_000),
    ] {
        let found = suggest("", text);
        assert!(
            found.kinds.is_empty() && found.grounds.is_empty(),
            "{found:?}"
        );
    }
}
