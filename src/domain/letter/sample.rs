//! A letter that nobody sends: any jurisdiction's law with a made-up requester, agency and course of things, to try
//! clauses on.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::facts::{
    Addressee, LetterFacts, LetterItem, ListError, Requester, Resident, Warning, list_items,
};
use super::kind::LetterKind;
use super::law::LetterLaw;
use super::occasion::{Choices, ItemChoice, ItemState, Occasion, Said};
use crate::domain::duty::{EventKind, Facts, clocks, next_business_day_after};
use crate::domain::event::{Evidence, ReplyKind};
use crate::domain::records::Catalogue;
use crate::domain::request::{Format, Period, Reference};
use crate::law::{HolderKind, Jurisdiction};

/// Records of every shape: totals, documents, agreements, money.
pub const SAMPLE_RECORDS: [&str; 4] = [
    "detainer_summary",
    "detainer_policy",
    "agreement_287g",
    "cost_basis",
];

/// Jurisdictions that differ much: on these, letters after the first are tried.
pub const TELLING: [&str; 8] = ["CA", "FL", "IL", "NY", "TX", "US", "VA", "WA"];

/// The facts of a letter about these records, with what the drafter would be told about the items. For a letter after
/// the request, a case is made up in which somebody would write it.
///
/// # Errors
/// Where a key is not in the catalogue, or nothing is left to ask for.
pub fn sample_facts(
    catalogue: &Catalogue,
    jurisdiction: &Jurisdiction,
    holder: HolderKind,
    kind: LetterKind,
    keys: &[&str],
    period: Period,
    today: NaiveDate,
) -> Result<(LetterFacts, Vec<Warning>), ListError> {
    let law = LetterLaw::of(jurisdiction, holder, today);
    let agency = match law.holder {
        HolderKind::Sheriff | HolderKind::Unstated => "Alder County Sheriff's Office",
        HolderKind::County => "Alder County",
        HolderKind::Municipality => "City of Alder",
        HolderKind::StateAgency => "Department of Corrections",
        HolderKind::FederalAgency => "U.S. Immigration and Customs Enforcement",
        HolderKind::OtherLocal => "Alder Regional Jail",
    };
    let (items, warnings): (Vec<LetterItem>, Vec<Warning>) =
        list_items(catalogue, keys, &law, agency, &period, today)?;
    let facts = LetterFacts {
        requester: Requester {
            name: "Requester's name".to_owned(),
            organisation: "Requester's organization".to_owned(),
            email: "requester@example.org".to_owned(),
            ..Requester::default()
        },
        resident: law.residents_only.then(|| Resident {
            name: "Resident's name".to_owned(),
            address: "Resident's address".to_owned(),
        }),
        addressee: Addressee {
            agency: agency.to_owned(),
            ..Addressee::default()
        },
        law,
        items,
        period,
        format: Format::Native,
        our_ref: Reference(1),
        reply_address: "reply@example.org".to_owned(),
        date: today,
        fee_ceiling_cents: 5000,
        kind,
        confirmed: BTreeSet::new(),
        occasion: None,
    };
    let facts = LetterFacts {
        occasion: (kind != LetterKind::Request).then(|| occasion(jurisdiction, &facts)),
        ..facts
    };
    Ok((facts, warnings))
}

/// What the agency said in the case that a kind of letter is for, by days before the letter; and when the request came.
fn course(kind: LetterKind) -> (u64, &'static [(ReplyKind, EventKind, u64)]) {
    match kind {
        LetterKind::Request => (0, &[]),
        LetterKind::FollowUp => (1, &[]),
        LetterKind::OverdueNotice | LetterKind::StatusEnquiry => (180, &[]),
        LetterKind::FeeWaiver | LetterKind::FeeReply => {
            (3, &[(ReplyKind::FeeDemanded, EventKind::FeeAsked, 1)])
        }
        LetterKind::Clarification => (
            3,
            &[(
                ReplyKind::ClarificationAsked,
                EventKind::ClarificationAsked,
                1,
            )],
        ),
        LetterKind::ResponseCheck => (13, &[(ReplyKind::Partial, EventKind::Partial, 4)]),
        LetterKind::Correction => (2, &[]),
        LetterKind::ThankYou => (13, &[(ReplyKind::Produced, EventKind::Produced, 4)]),
        LetterKind::Reconsideration | LetterKind::Appeal | LetterKind::Complaint => (
            9,
            &[
                (ReplyKind::Acknowledged, EventKind::Acknowledged, 7),
                (ReplyKind::Denied, EventKind::Denied, 2),
            ],
        ),
    }
}

fn occasion(jurisdiction: &Jurisdiction, facts: &LetterFacts) -> Occasion {
    let before = |days: u64| {
        facts
            .date
            .checked_sub_days(Days::new(days))
            .unwrap_or(facts.date)
    };
    let (sent, said) = course(facts.kind);
    let known = Facts {
        received_on: Some(before(sent)),
        holder: facts.law.holder,
        events: said
            .iter()
            .map(|(_, what, days)| (*what, before(*days)))
            .collect(),
        ..Facts::default()
    };
    let grounds = ["fed_236_6", "law_enforcement", "privacy", "no_records"];
    let items = (1..)
        .zip(grounds.iter().cycle())
        .take(facts.items.len())
        .map(|(position, ground)| ItemChoice {
            position,
            state: Some(if position == 1 {
                ItemState::Complete
            } else {
                ItemState::Partial
            }),
            grounds: vec![(*ground).to_owned()],
            their_words: String::new(),
            narrowed: match facts.items.first() {
                Some(item) if position == 1 && item.shape.is_data() => {
                    "the same, for the last complete fiscal year only."
                }
                Some(_) if position == 1 => "the version in force on the date of this letter.",
                _ => "",
            }
            .to_owned(),
            deferred: position == 3,
            remark: if position == 1 {
                String::new()
            } else {
                "one year is missing".to_owned()
            },
        })
        .collect();
    Occasion {
        sent_on: Some(before(sent)),
        received: Some((before(sent), Evidence::ServerAccepted)),
        replies: said
            .iter()
            .map(|(what, _, days)| Said {
                what: *what,
                on: before(*days),
                until: None,
                amount_cents: (*what == ReplyKind::FeeDemanded).then_some(32_500),
                detail: Default::default(),
            })
            .collect(),
        clocks: clocks(jurisdiction, &known, facts.date),
        fair_day: Some(next_business_day_after(
            jurisdiction.calendar(),
            facts.date,
            7,
        )),
        choices: Choices {
            items,
            resident: facts.resident.clone(),
            words: match facts.kind {
                LetterKind::Correction => {
                    "The request gave the period as calendar years; it should read fiscal years."
                        .to_owned()
                }
                _ => String::new(),
            },
            completes: facts.kind == LetterKind::Correction && facts.law.residents_only,
            ..Choices::default()
        },
        ..Occasion::default()
    }
}
