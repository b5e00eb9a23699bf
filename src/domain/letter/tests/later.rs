//! Every later letter in every jurisdiction to three kinds of holder: it renders, or it is refused with the reason.
//!
//! Longer than 500 lines: the case for every kind of letter, and what must hold of each.

use chrono::{Days, NaiveDate};

use super::*;
use crate::domain::duty::{ClockState, EventKind, Facts, clocks};
use crate::domain::event::{Evidence, ReplyKind};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn event(what: ReplyKind) -> Option<EventKind> {
    Some(match what {
        ReplyKind::Acknowledged => EventKind::Acknowledged,
        ReplyKind::FeeDemanded => EventKind::FeeAsked,
        ReplyKind::ClarificationAsked => EventKind::ClarificationAsked,
        ReplyKind::Denied => EventKind::Denied,
        ReplyKind::Partial => EventKind::Partial,
        ReplyKind::NoRecords => EventKind::NoRecords,
        ReplyKind::Produced => EventKind::Produced,
        _ => return None,
    })
}

/// What the agency said in the case that a kind of letter is for, and the day of our letter.
fn case(kind: LetterKind) -> (Vec<(ReplyKind, &'static str)>, &'static str) {
    match kind {
        LetterKind::FollowUp => (vec![], "2026-09-02"),
        LetterKind::OverdueNotice | LetterKind::StatusEnquiry => (vec![], "2027-03-01"),
        LetterKind::FeeWaiver | LetterKind::FeeReply => {
            (vec![(ReplyKind::FeeDemanded, "2026-09-03")], "2026-09-04")
        }
        LetterKind::Clarification => (
            vec![(ReplyKind::ClarificationAsked, "2026-09-03")],
            "2026-09-04",
        ),
        LetterKind::ResponseCheck => (vec![(ReplyKind::Partial, "2026-09-10")], "2026-09-14"),
        LetterKind::ThankYou => (vec![(ReplyKind::Produced, "2026-09-10")], "2026-09-14"),
        LetterKind::Correction => (vec![], "2026-09-04"),
        _ => (
            vec![
                (ReplyKind::Acknowledged, "2026-09-03"),
                (ReplyKind::Denied, "2026-09-08"),
            ],
            "2026-09-10",
        ),
    }
}

pub(super) fn facts_for(
    library: &Library,
    code: &str,
    holder: HolderKind,
    kind: LetterKind,
) -> LetterFacts {
    let jurisdiction = library.get(&code.parse().expect("a code")).expect("a law");
    let mut facts = super::facts(library, code, holder, &FIRST_SIX);
    let (said, date) = case(kind);
    let date = day(date);
    let mut known = Facts {
        received_on: Some(day("2026-09-01")),
        holder: facts.law.holder,
        ..Facts::default()
    };
    known.events = said
        .iter()
        .filter_map(|(what, on)| Some((event(*what)?, day(on))))
        .collect();
    let grounds: [&[&str]; 6] = [
        &["law_enforcement"],
        &["fed_236_6", "must_create"],
        &["fed_236_6"],
        &["no_records"],
        &[],
        &["privacy"],
    ];
    facts.kind = kind;
    facts.date = date;
    facts.occasion = Some(Occasion {
        sent_on: Some(day("2026-09-01")),
        received: Some((day("2026-09-01"), Evidence::ServerAccepted)),
        replies: said
            .iter()
            .map(|(what, on)| Said {
                what: *what,
                on: day(on),
                until: None,
                amount_cents: (*what == ReplyKind::FeeDemanded).then_some(32_500),
                detail: Default::default(),
            })
            .collect(),
        clocks: clocks(jurisdiction, &known, date),
        fair_day: date.checked_add_days(Days::new(10)),
        choices: Choices {
            items: (1..)
                .zip(grounds)
                .map(|(position, grounds)| ItemChoice {
                    position,
                    state: Some(if position == 1 {
                        ItemState::Complete
                    } else {
                        ItemState::Partial
                    }),
                    grounds: grounds.iter().map(|key| (*key).to_owned()).collect(),
                    their_words: if position == 2 {
                        "Information on federal detainees is confidential.".to_owned()
                    } else {
                        String::new()
                    },
                    narrowed: if position == 3 {
                        "the figure for the last complete fiscal year, with its worksheet."
                            .to_owned()
                    } else {
                        String::new()
                    },
                    deferred: position == 6,
                    remark: if position == 2 {
                        "the manual chapter is missing its appendix".to_owned()
                    } else {
                        String::new()
                    },
                })
                .collect(),
            words: match kind {
                LetterKind::Correction => CORRECTED.to_owned(),
                _ => String::new(),
            },
            completes: kind == LetterKind::Correction && facts.law.residents_only,
            ..Choices::default()
        },
        ..Occasion::default()
    });
    facts
}

const CORRECTED: &str = "Item 3 named the wrong fiscal year.";

#[test]
fn each_kind_renders_or_is_refused_with_the_reason() {
    let library = library();
    let mut made = std::collections::BTreeMap::new();
    let mut remarked: Vec<String> = Vec::new();
    for jurisdiction in library.all() {
        let code = jurisdiction.code.as_str();
        for holder in HOLDERS {
            for kind in LetterKind::ALL.into_iter().skip(1) {
                let at = format!("{code} {holder:?} {kind}");
                let facts = facts_for(&library, code, holder, kind);
                let draft = match compose(&facts) {
                    Ok(draft) => draft,
                    Err(ComposeError::Refused(why)) => {
                        assert!(
                            why.len() > 20 && why.ends_with(['.', '?', ')']),
                            "{at}: {why}"
                        );
                        continue;
                    }
                    Err(fault) => panic!("{at}: {fault}"),
                };
                *made.entry(kind).or_insert(0) += 1;
                let flat = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
                let notes = check(&draft.subject, &draft.body, &facts.law);
                if !notes.is_empty() {
                    remarked.push(format!("{at}: {notes:?}"));
                }
                for found in citations::find(&draft.body) {
                    assert_eq!(found.code, code, "{at}: {}", found.text);
                }
                for word in [
                    "{{",
                    "[[",
                    "any and all",
                    "immediately",
                    "you must",
                    "unverified",
                    "None",
                    "none fixed",
                    " ,",
                    "..",
                    " .",
                    "illegal",
                    "()",
                ] {
                    assert!(!flat.contains(word), "{at}: {word}\n{}", draft.body);
                }
                for line in draft.body.lines() {
                    assert!(line.chars().count() <= COLUMNS, "{at}: too wide: {line}");
                }
                assert!(draft.subject.len() < 150, "{at}: {}", draft.subject);
                assert!(!draft.subject.contains("None"), "{at}: {}", draft.subject);
                for clause in &draft.clauses {
                    let unsure = clause.confidence == Some(crate::law::Confidence::Unverified);
                    assert!(
                        !unsure || clause.key == "opening_later",
                        "{at}: {} speaks of an unverified rule",
                        clause.id
                    );
                }
                for passage in passages(&draft.body, &draft.clauses) {
                    assert!(
                        passage.clause.is_some() || passage.is_frame,
                        "{at}: {}",
                        passage.text
                    );
                }
            }
        }
    }
    assert_eq!(remarked, Vec::<String>::new(), "{}", remarked.join("\n"));
    for kind in LetterKind::ALL.into_iter().skip(1) {
        let count = made.get(&kind).copied().unwrap_or(0);
        assert!(count > 9, "{kind}: only {count}");
    }
    for kind in [
        LetterKind::FollowUp,
        LetterKind::FeeReply,
        LetterKind::Clarification,
        LetterKind::ResponseCheck,
        LetterKind::Reconsideration,
        LetterKind::ThankYou,
        LetterKind::Correction,
    ] {
        assert_eq!(
            made.get(&kind),
            Some(&(52 * 3)),
            "{kind} is possible everywhere"
        );
    }
}

#[test]
fn an_overdue_notice_says_the_clocks_own_day_and_only_where_a_number_has_passed() {
    let library = library();
    let mut noticed = 0;
    for jurisdiction in library.all() {
        for holder in HOLDERS {
            let code = jurisdiction.code.as_str();
            let facts = facts_for(&library, code, holder, LetterKind::OverdueNotice);
            let occasion = facts.occasion.as_ref().expect("an occasion");
            let late: Vec<_> = occasion
                .clocks
                .iter()
                .filter(|clock| {
                    !clock.ours
                        && clock.state == ClockState::Late
                        && clock.kind == Kind::Fixed
                        && clock.confidence > crate::law::Confidence::Unverified
                        && ["acknowledge", "determine", "produce"].contains(&clock.duty.as_str())
                })
                .collect();
            let at = format!("{code} {holder:?}");
            match compose(&facts) {
                Ok(draft) => {
                    noticed += 1;
                    let count = clause(&draft, "count").expect("the count");
                    let said = &count.paragraph;
                    assert!(
                        late.iter().any(|clock| {
                            let due = clock.due_on.expect("a late clock has its day");
                            let days = clock.days.expect("a number");
                            let ago = clock.days_late.expect("days late");
                            said.contains(&crate::domain::request::written(due))
                                && said.contains(&format!(": {days} "))
                                && said.contains(&format!("That was {ago} "))
                        }),
                        "{at}: {said}"
                    );
                    assert!(matches!(
                        compose(&LetterFacts {
                            kind: LetterKind::StatusEnquiry,
                            ..facts.clone()
                        }),
                        Err(ComposeError::Refused(_))
                    ));
                }
                Err(ComposeError::Refused(why)) => {
                    assert!(late.is_empty(), "{at}: {why}");
                    let enquiry = LetterFacts {
                        kind: LetterKind::StatusEnquiry,
                        ..facts.clone()
                    };
                    compose(&enquiry).unwrap_or_else(|fault| panic!("{at}: {fault}"));
                }
                Err(fault) => panic!("{at}: {fault}"),
            }
        }
    }
    assert!(noticed > 60, "{noticed}");
}

#[test]
fn no_notice_where_the_delay_is_ours_or_nothing_shows_receipt() {
    let library = library();
    let mut facts = facts_for(
        &library,
        "IL",
        HolderKind::Sheriff,
        LetterKind::OverdueNotice,
    );
    assert!(compose(&facts).is_ok());
    let whole = facts.occasion.clone().expect("an occasion");
    let refused = |occasion: Occasion| {
        let law = &facts.law;
        match fit(
            LetterKind::OverdueNotice,
            law,
            &occasion,
            &facts.confirmed,
            facts.date,
        ) {
            Fit::Refused { instead, .. } => instead,
            Fit::Now { .. } => None,
        }
    };
    for (what, answer) in [
        (ReplyKind::FeeDemanded, LetterKind::FeeReply),
        (ReplyKind::ClarificationAsked, LetterKind::Clarification),
    ] {
        let mut asked = whole.clone();
        asked.replies.push(Said {
            what,
            on: day("2026-09-03"),
            until: None,
            amount_cents: None,
            detail: Default::default(),
        });
        assert_eq!(refused(asked.clone()), Some(answer));
        // Once we have answered, the delay is the agency's again.
        asked.letters.push((answer, day("2026-09-05")));
        assert_eq!(refused(asked), None);
    }
    let unseen = Occasion {
        received: None,
        ..whole
    };
    assert_eq!(refused(unseen), Some(LetterKind::StatusEnquiry));
    facts.occasion = None;
    assert!(matches!(compose(&facts), Err(ComposeError::Refused(_))));
}

#[test]
fn an_unverified_limit_is_no_ground_for_a_notice_until_a_person_confirms_it() {
    let library = library();
    let mut facts = facts_for(
        &library,
        "IL",
        HolderKind::Sheriff,
        LetterKind::OverdueNotice,
    );
    for clock in &mut facts.occasion.as_mut().expect("an occasion").clocks {
        clock.confidence = crate::law::Confidence::Unverified;
    }
    let occasion = facts.occasion.clone().expect("an occasion");
    let Fit::Refused {
        confirm: Some((key, _, _)),
        instead,
        ..
    } = fit(
        facts.kind,
        &facts.law,
        &occasion,
        &facts.confirmed,
        facts.date,
    )
    else {
        panic!("an unverified limit must be refused with a way to confirm it");
    };
    assert_eq!(instead, Some(LetterKind::StatusEnquiry));
    facts.confirmed.insert(key.clone());
    let draft = compose(&facts).expect("a notice");
    let count = clause(&draft, "count").expect("the count");
    assert_eq!(count.rule.as_ref().map(|rule| rule.confirmed), Some(true));
}

#[test]
fn appeals_answer_each_item_and_ground_and_name_no_authority_wrongly() {
    let library = library();
    let mut appeals = 0;
    for jurisdiction in library.all() {
        let code = jurisdiction.code;
        for kind in [LetterKind::Appeal, LetterKind::Reconsideration] {
            let mut facts = facts_for(&library, code.as_str(), HolderKind::Sheriff, kind);
            let Ok(draft) = compose(&facts) else {
                continue;
            };
            appeals += 1;
            let flat = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
            let at = format!("{code} {kind}");
            let occasion = facts.occasion.clone().expect("an occasion");
            for choice in &occasion.choices.items {
                for ground in &choice.grounds {
                    let key = format!("answer:{}:{ground}", choice.position);
                    assert!(clause(&draft, &key).is_some(), "{at}: {key}");
                }
            }
            assert!(
                clause(&draft, "denied:5").is_none(),
                "{at}: an item not refused"
            );
            for class in refusals().expect("sound files") {
                for authority in &class.authorities {
                    let named = flat.contains(&authority.name);
                    match authority.weight_in(code) {
                        Weight::Binding => {}
                        _ => assert!(!named, "{at}: {} stands in the letter", authority.name),
                    }
                }
            }
            assert!(
                draft
                    .warnings
                    .iter()
                    .any(|w| w.message.contains("Voces de la Frontera")),
                "{at}: adverse authorities are shown to the drafter"
            );
            facts
                .occasion
                .as_mut()
                .expect("an occasion")
                .choices
                .persuasive
                .extend(["fisher".to_owned(), "voces_clarke".to_owned()]);
            let draft = compose(&facts).expect("a letter");
            let flat = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                !flat.contains("Voces"),
                "{at}: an adverse one cannot be chosen"
            );
            let persuades = flat.contains("Though it does not bind here, Fisher Broadcasting");
            assert_eq!(persuades, code.as_str() != "WA", "{at}");
        }
    }
    assert!(appeals > 75, "{appeals}");
}

#[test]
fn a_body_that_needs_copies_is_told_that_they_come_and_one_for_silence_gets_no_refusal() {
    let library = library();
    for (code, come) in [("IL", true), ("WA", false)] {
        let facts = facts_for(&library, code, HolderKind::Sheriff, LetterKind::Appeal);
        let draft = compose(&facts).expect("an appeal");
        let body = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(body.contains("come with this letter"), come, "{code}");
        assert_eq!(facts.law.wants_copies(LetterKind::Appeal, None), come);
    }
    let facts = facts_for(&library, "TX", HolderKind::Sheriff, LetterKind::Complaint);
    let why = compose(&facts).expect_err("a refusal was answered");
    assert!(why.to_string().contains("nothing was answered"), "{why}");
}

#[test]
fn a_statute_is_named_in_its_own_state_only() {
    let library = library();
    for (code, named) in [
        ("CA", "7283.1(c)"),
        ("IL", "5 ILCS 805/25"),
        ("TX", "511.0101"),
    ] {
        for other in ["CA", "IL", "TX", "FL"] {
            let mut facts = facts_for(
                &library,
                other,
                HolderKind::Sheriff,
                LetterKind::Reconsideration,
            );
            let occasion = facts.occasion.as_mut().expect("an occasion");
            for item in &mut occasion.choices.items {
                item.grounds = vec!["fed_236_6".to_owned()];
            }
            let draft = compose(&facts).expect("a letter");
            let see = draft.body.split("\n\n").any(|part| {
                let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
                part.starts_with("See ") && part.contains(named)
            });
            assert_eq!(see, other == code, "{named} in {other}");
            let told = draft
                .warnings
                .iter()
                .any(|told| told.about == "authorities" && told.message.contains(named));
            assert!(!told, "{named} is no persuasive authority in {other}");
        }
    }
}

#[test]
fn what_is_offered_first_is_what_is_needed() {
    let library = library();
    for (code, kind) in [
        ("IL", LetterKind::OverdueNotice),
        ("FL", LetterKind::StatusEnquiry),
        ("IL", LetterKind::FeeReply),
        ("IL", LetterKind::Clarification),
        ("IL", LetterKind::Appeal),
        ("CA", LetterKind::Reconsideration),
        ("IN", LetterKind::Complaint),
    ] {
        let facts = facts_for(&library, code, HolderKind::Sheriff, kind);
        let occasion = facts.occasion.as_ref().expect("an occasion");
        let offers = offers(&facts.law, occasion, &facts.confirmed, facts.date);
        assert_eq!(offers.len(), LetterKind::ALL.len() - 1);
        assert!(
            matches!(offers[0].fit, Fit::Now { .. }),
            "{code}: {:?}",
            offers[0]
        );
        if !(code == "IN" && offers[0].kind == LetterKind::Reconsideration) {
            assert_eq!(offers[0].kind, kind, "{code}: {:?}", offers[0]);
        }
        let refused = offers
            .iter()
            .filter(|offer| matches!(offer.fit, Fit::Refused { .. }));
        assert!(refused.count() > 2, "{code}");
    }
}

#[test]
fn a_telling_dozen() {
    let library = library();
    for (code, holder, kind) in [
        ("WA", HolderKind::Sheriff, LetterKind::FollowUp),
        ("IL", HolderKind::Sheriff, LetterKind::OverdueNotice),
        ("FL", HolderKind::County, LetterKind::StatusEnquiry),
        ("TX", HolderKind::Sheriff, LetterKind::FeeWaiver),
        ("CA", HolderKind::Sheriff, LetterKind::FeeReply),
        ("VA", HolderKind::StateAgency, LetterKind::Clarification),
        ("WA", HolderKind::Sheriff, LetterKind::ResponseCheck),
        ("WA", HolderKind::Sheriff, LetterKind::Appeal),
        ("IL", HolderKind::County, LetterKind::Appeal),
        ("TX", HolderKind::Sheriff, LetterKind::Appeal),
        ("CA", HolderKind::Sheriff, LetterKind::Reconsideration),
        ("VA", HolderKind::StateAgency, LetterKind::Reconsideration),
        ("FL", HolderKind::County, LetterKind::Reconsideration),
        ("IN", HolderKind::Sheriff, LetterKind::Complaint),
        ("IL", HolderKind::Sheriff, LetterKind::ThankYou),
        ("WA", HolderKind::Sheriff, LetterKind::Correction),
        ("VA", HolderKind::Sheriff, LetterKind::Correction),
    ] {
        let facts = facts_for(&library, code, holder, kind);
        let draft = compose(&facts).unwrap_or_else(|why| panic!("{code} {kind}: {why}"));
        let mut text = format!(
            "Subject: {}\n\n{}\nTo the drafter:\n",
            draft.subject, draft.body
        );
        for warning in &draft.warnings {
            text.push_str(&format!("- {}: {}\n", warning.about, warning.message));
        }
        insta::assert_snapshot!(format!("{kind}_{}", code.to_lowercase()), text);
    }
}
