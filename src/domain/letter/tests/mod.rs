//! Every jurisdiction's letter to three kinds of holder: what must be in each, and what must never be.

mod later;

use super::citations;
use super::law::said_start;
use super::*;
use crate::domain::records::Catalogue;
use crate::domain::request::{Format, Period, Reference};
use crate::law::{HolderKind, JurisdictionKind, Kind, Library, Waiver};

const HOLDERS: [HolderKind; 3] = [
    HolderKind::StateAgency,
    HolderKind::Sheriff,
    HolderKind::Municipality,
];
const FIRST_SIX: [&str; 6] = [
    "detainer_policy",
    "detainer_summary",
    "detainer_log",
    "cost_basis",
    "agreement_287g",
    "visit_log",
];

fn library() -> Library {
    Library::embedded().expect("sound law files")
}

fn catalogue() -> Catalogue {
    Catalogue::embedded().expect("a sound catalogue")
}

/// A request by an invented organisation to an invented agency.
fn facts(library: &Library, code: &str, holder: HolderKind, keys: &[&str]) -> LetterFacts {
    let code = code.parse().expect("a code");
    let date = "2026-11-20".parse().expect("a day");
    let law = LetterLaw::of(library.get(&code).expect("a law file"), holder, date);
    let period: Period = "2023-07-01..2026-06-30".parse().expect("a period");
    let agency = match law.holder {
        HolderKind::Sheriff => "Alder County Sheriff's Office",
        HolderKind::Municipality => "Alderton Police Department",
        HolderKind::FederalAgency => "U.S. Immigration and Customs Enforcement",
        _ => "Department of Corrections",
    };
    let (items, _) = list_items(&catalogue(), keys, &law, agency, &period, date).expect("items");
    LetterFacts {
        requester: Requester {
            name: "Robin Ash".to_owned(),
            organisation: "Alder Records Project".to_owned(),
            address: "12 Mill Lane\nAlderton, WA 98000".to_owned(),
            email: "records@alder.example".to_owned(),
            phone: "555-0100".to_owned(),
        },
        resident: law.residents_only.then(|| Resident {
            name: "Jordan Reed".to_owned(),
            address: "4 Quarry Road, Alderton".to_owned(),
        }),
        addressee: Addressee {
            agency: agency.to_owned(),
            custodian_title: "Public Records Officer".to_owned(),
            address: String::new(),
            email: "records@agency.example".to_owned(),
        },
        law,
        items,
        period,
        format: Format::Native,
        our_ref: Reference(42),
        reply_address: "r-7f3k@reply.alder.example".to_owned(),
        date,
        fee_ceiling_cents: 5000,
        kind: LetterKind::Request,
        confirmed: std::collections::BTreeSet::new(),
        occasion: None,
    }
}

fn clause<'d>(draft: &'d Draft, key: &str) -> Option<&'d Clause> {
    draft.clauses.iter().find(|clause| clause.key == key)
}

#[test]
fn every_letter_renders_and_nothing_in_it_stands_in_the_way() {
    let library = library();
    let all: Vec<String> = catalogue()
        .all()
        .iter()
        .map(|record| record.key.clone())
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for jurisdiction in library.all() {
        for holder in HOLDERS {
            for keys in [&FIRST_SIX[..], &all[..], &["agreement_287g"]] {
                if keys.len() > 6 && holder != HolderKind::Sheriff {
                    continue;
                }
                let at = format!("{} {holder:?} {} records", jurisdiction.code, keys.len());
                let facts = facts(&library, jurisdiction.code.as_str(), holder, keys);
                let draft = compose(&facts).unwrap_or_else(|why| panic!("{at}: {why}"));
                for line in draft.body.lines() {
                    assert!(line.chars().count() <= COLUMNS, "{at}: too wide: {line}");
                    assert_eq!(line, line.trim_end(), "{at}: trailing space");
                }
                assert!(
                    !draft.subject.contains('\n') && draft.subject.len() < 120,
                    "{at}: {}",
                    draft.subject
                );
                let blocking: Vec<_> = check(&draft.subject, &draft.body, &facts.law)
                    .into_iter()
                    .filter(|note| note.blocking || keys.len() <= 6)
                    .collect();
                assert_eq!(blocking, [], "{at}\n{}", draft.body);
                for found in citations::find(&draft.body) {
                    assert_eq!(
                        found.code,
                        jurisdiction.code.as_str(),
                        "{at}: {}",
                        found.text
                    );
                }
            }
        }
    }
}

#[test]
fn words_that_must_never_appear() {
    let library = library();
    for jurisdiction in library.all() {
        for holder in HOLDERS {
            let facts = facts(&library, jurisdiction.code.as_str(), holder, &FIRST_SIX);
            let draft = compose(&facts).expect("a letter");
            let flat = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
            for word in [
                "{{",
                "[[",
                "any and all",
                "immediately",
                "you must",
                "2024-",
                "unverified",
                "none fixed",
            ] {
                assert!(
                    !flat.to_lowercase().contains(word),
                    "{}: {word}",
                    jurisdiction.code
                );
            }
            let federal = jurisdiction.kind == JurisdictionKind::Federal;
            assert_eq!(
                flat.contains("5 U.S.C. § 552"),
                federal,
                "{}",
                jurisdiction.code
            );
            // "Detainee" stands once, in the regulation's sense, and never in a letter to ICE itself.
            assert_eq!(
                flat.matches("detainee").count(),
                usize::from(!federal),
                "{}",
                jurisdiction.code
            );
            assert!(flat.contains("8 C.F.R. § 236.6") != federal);
        }
    }
}

#[test]
fn the_number_of_days_in_a_letter_is_the_one_that_the_clock_runs() {
    let library = library();
    let mut fixed = 0;
    for jurisdiction in library.all() {
        for holder in HOLDERS {
            let facts = facts(&library, jurisdiction.code.as_str(), holder, &FIRST_SIX);
            let draft = compose(&facts).expect("a letter");
            let timing = clause(&draft, "timing").expect("a timing clause");
            let at = format!(
                "{} {:?}: {}",
                jurisdiction.code, facts.law.holder, timing.paragraph
            );
            // What the law file gives this holder, read here by itself and not through the letter's own law.
            let first = jurisdiction.first_duty(facts.law.holder, facts.date);
            match first {
                Some(duty) if duty.kind == Kind::Fixed => {
                    fixed += 1;
                    let days = duty.days.expect("a fixed duty has days");
                    assert!(
                        timing.paragraph.contains(&format!("within {days} ")),
                        "{at}"
                    );
                    assert_eq!(
                        timing.confidence.map(|level| level <= duty.confidence),
                        Some(true),
                        "{at}"
                    );
                }
                _ => assert!(
                    timing.paragraph.contains("fixes no number of days")
                        || timing
                            .paragraph
                            .contains("no number of days that the law fixes"),
                    "{at}"
                ),
            }
            let said: Vec<u32> = timing
                .paragraph
                .split("within ")
                .skip(1)
                .filter_map(|rest| rest.split(' ').next()?.parse().ok())
                .collect();
            for days in &said {
                let known = jurisdiction.duties.iter().any(|duty| {
                    duty.days == Some(*days)
                        && duty.covers(facts.law.holder)
                        && duty.from.iter().any(|start| said_start(*start).is_some())
                });
                assert!(known, "{at}: {days} is nowhere in the file");
            }
        }
    }
    assert!(fixed > 100, "most laws fix a number: {fixed}");
}

#[test]
fn residency_is_stated_only_where_the_law_limits_requesters() {
    let library = library();
    let mut limited = Vec::new();
    for jurisdiction in library.all() {
        let code = jurisdiction.code.as_str();
        let mut facts = facts(&library, code, HolderKind::Sheriff, &FIRST_SIX);
        let draft = compose(&facts).expect("a letter");
        let stated = clause(&draft, "residency").is_some();
        assert_eq!(stated, jurisdiction.eligibility.residents_only, "{code}");
        assert_eq!(draft.body.contains("Jordan Reed"), stated, "{code}");
        if stated {
            limited.push(code.to_owned());
            facts.resident = None;
            let draft = compose(&facts).expect("a letter");
            let notes = check(&draft.subject, &draft.body, &facts.law);
            assert!(
                notes
                    .iter()
                    .any(|n| n.blocking && n.message.starts_with("Fill in: name and address")),
                "{code}"
            );
            assert!(
                draft
                    .warnings
                    .iter()
                    .any(|warning| warning.about == "residency"),
                "{code}"
            );
            facts.resident = Some(Resident {
                name: facts.requester.name.clone(),
                address: String::new(),
            });
            let own = compose(&facts).expect("a letter");
            assert!(own.body.contains("I am a "), "{code}");
        }
    }
    for code in ["AL", "AR", "DE", "KY", "TN", "VA"] {
        assert!(limited.contains(&code.to_owned()), "{code}");
    }
}

#[test]
fn a_waiver_is_asked_only_on_a_ground_that_the_state_has() {
    let library = library();
    for jurisdiction in library.all() {
        let facts = facts(
            &library,
            jurisdiction.code.as_str(),
            HolderKind::Sheriff,
            &FIRST_SIX,
        );
        let draft = compose(&facts).expect("a letter");
        let asked = matches!(
            jurisdiction.fees.waiver,
            Waiver::PublicInterest | Waiver::Discretionary
        );
        assert_eq!(
            clause(&draft, "waiver").is_some(),
            asked,
            "{}",
            jurisdiction.code
        );
        let says_waiver = draft.body.contains("waiver") || draft.body.contains("waived");
        assert_eq!(says_waiver, asked, "{}", jurisdiction.code);
    }
}

#[test]
fn an_unverified_rule_warns_the_drafter_and_stays_out_of_the_letter() {
    use crate::law::Confidence::Unverified;
    let library = library();
    let mut facts = facts(&library, "IL", HolderKind::Sheriff, &FIRST_SIX);
    facts
        .law
        .first
        .as_mut()
        .expect("Illinois has a first duty")
        .confidence = Unverified;
    facts.law.later.clear();
    facts.law.fees_confidence = Unverified;
    let draft = compose(&facts).expect("a letter");
    assert!(
        !draft.body.contains("140/3(d)") && !draft.body.contains("business day"),
        "{}",
        draft.body
    );
    assert!(clause(&draft, "waiver").is_none());
    for about in ["timing", "fees", "waiver"] {
        assert!(
            draft
                .warnings
                .iter()
                .any(|w| w.about == about && w.message.contains("not verified")),
            "{about}"
        );
    }
    let mut virginia = super::tests::facts(&library, "VA", HolderKind::Sheriff, &FIRST_SIX);
    virginia.law.eligibility_confidence = Unverified;
    let draft = compose(&virginia).expect("a letter");
    assert!(clause(&draft, "residency").is_none());
    assert!(
        draft
            .warnings
            .iter()
            .any(|w| w.about == "residency" && w.message.contains("not verified"))
    );
}

#[test]
fn existing_reports_stand_first() {
    let library = library();
    for (code, key) in [
        ("IL", "il_trust_act"),
        ("TX", "tx_jail_standards"),
        ("CA", "ca_truth_act"),
        ("GA", "ga_hb_1105"),
        ("NJ", "nj_directive"),
    ] {
        let facts = facts(
            &library,
            code,
            HolderKind::Sheriff,
            &["cost_basis", "detainer_summary"],
        );
        assert_eq!(facts.items[0].key, key);
        assert_eq!(facts.items[1].key, "detainer_summary", "most useful first");
        let draft = compose(&facts).expect("a letter");
        let item = clause(&draft, &format!("item:{key}")).expect("its clause");
        assert!(item.citation.is_some() && item.confidence.is_some() && item.heading.is_some());
    }
}

#[test]
fn what_is_not_chosen_is_not_spoken_of() {
    let library = library();
    let only_agreement = compose(&facts(
        &library,
        "OR",
        HolderKind::County,
        &["agreement_usms"],
    ))
    .expect("a letter");
    for key in ["database", "rolling"] {
        assert!(clause(&only_agreement, key).is_none(), "{key}");
    }
    assert!(
        !only_agreement.body.contains("A transfer is"),
        "{}",
        only_agreement.body
    );
    assert!(
        !only_agreement.body.contains("spreadsheet"),
        "{}",
        only_agreement.body
    );
    let with_data =
        compose(&facts(&library, "OR", HolderKind::County, &FIRST_SIX)).expect("a letter");
    for word in ["A transfer is", "A hold is", "A detainer is", "spreadsheet"] {
        assert!(with_data.body.contains(word), "{word}");
    }
    for format in Format::ALL {
        let mut facts = facts(&library, "OR", HolderKind::County, &FIRST_SIX);
        facts.format = format;
        facts.fee_ceiling_cents = 0;
        let draft = compose(&facts).expect("a letter");
        let flat = draft.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            flat.contains("I request to inspect the records listed"),
            format == Format::Inspection
        );
        assert!(flat.contains("Please do not run up any charge"), "{flat}");
        assert_eq!(
            check(&draft.subject, &draft.body, &facts.law),
            [],
            "{format:?}"
        );
    }
}

#[test]
fn every_paragraph_of_a_fresh_letter_has_its_reason() {
    let library = library();
    let facts = facts(&library, "VA", HolderKind::Sheriff, &FIRST_SIX);
    let draft = compose(&facts).expect("a letter");
    for passage in passages(&draft.body, &draft.clauses) {
        assert!(
            passage.clause.is_some() || passage.is_frame,
            "{}",
            passage.text
        );
    }
    let edited = draft
        .body
        .replace("Thank you for your work", "Many thanks for your work");
    let by_hand = passages(&edited, &draft.clauses)
        .into_iter()
        .filter(|p| p.clause.is_none() && !p.is_frame)
        .count();
    assert_eq!(by_hand, 1);
}

#[test]
fn the_same_facts_make_the_same_letter_and_strange_names_do_no_harm() {
    let library = library();
    let mut facts = facts(&library, "WA", HolderKind::Sheriff, &FIRST_SIX);
    assert_eq!(
        compose(&facts).expect("a letter"),
        compose(&facts).expect("a letter")
    );
    facts.requester.organisation = "{{ 7*7 }} & <b>Söhne</b>".to_owned();
    facts.addressee.custodian_title = "  ".to_owned();
    facts.requester.name = String::new();
    let draft = compose(&facts).expect("a letter");
    assert!(
        draft.body.contains("{{ 7*7 }} & <b>Söhne</b>"),
        "what is typed is text, never a template"
    );
    assert!(draft.body.contains("Dear Public Records Officer:"));
    let notes = check(&draft.subject, &draft.body, &facts.law);
    assert!(
        notes
            .iter()
            .any(|note| note.blocking && note.message == "Fill in: your name.")
    );
    assert_eq!(template_version().len(), 12);
}

#[test]
fn a_telling_half_dozen_read_as_a_custodian_reads_them() {
    let library = library();
    for (code, holder) in [
        ("WA", HolderKind::Sheriff),
        ("CA", HolderKind::Sheriff),
        ("FL", HolderKind::County),
        ("TX", HolderKind::Sheriff),
        ("IL", HolderKind::County),
        ("VA", HolderKind::StateAgency),
    ] {
        let draft = compose(&facts(&library, code, holder, &FIRST_SIX)).expect("a letter");
        let text = format!("Subject: {}\n\n{}", draft.subject, draft.body);
        insta::assert_snapshot!(format!("letter_{}", code.to_lowercase()), text);
    }
}
