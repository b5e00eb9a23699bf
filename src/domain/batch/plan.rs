//! What stands in the way of a letter to one agency, and how each thing is mended. Said before anything is drafted.

use chrono::NaiveDate;

use crate::domain::agency::contact::{Channel, is_stale};
use crate::domain::ids::{AgencyId, RequestId};
use crate::domain::request::{Period, Reference};
use crate::law::{Confidence, HolderKind, Jurisdiction};

/// A request that was made before, as the search for doubles needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub request: RequestId,
    pub reference: Reference,
    pub agency: AgencyId,
    /// The address it went to, in lower case.
    pub custodian: Option<String>,
    pub records: Vec<String>,
    pub period: Period,
    /// Closed: its records may be asked for again, by a person's word.
    pub closed: bool,
}

/// The contact that a letter would go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custodian {
    pub channel: Channel,
    pub value: String,
    pub checked_on: NaiveDate,
}

/// Everything that decides whether a letter to this agency can be drafted.
#[derive(Clone, Debug)]
pub struct Facts<'f> {
    pub agency: AgencyId,
    pub holder: HolderKind,
    /// The code in the agency's row, for saying that there is no law of it.
    pub jurisdiction: &'f str,
    pub law: Option<&'f Jurisdiction>,
    pub custodian: Option<Custodian>,
    /// Mail to the agency's known addresses came back.
    pub bounced: bool,
    pub has_signer: bool,
    pub records: &'f [String],
    pub period: Period,
    /// A target before this one in the batch with the same address.
    pub shares_with: Option<String>,
    /// The other body that keeps its records, where that is recorded.
    pub kept_by: Option<String>,
    /// Months after which a contact is asked for again, by the campaign's setting.
    pub stale_months: u32,
    /// The day on which it is planned.
    pub today: NaiveDate,
}

/// One thing in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no law file of its jurisdiction.
    NoLaw {
        code: String,
    },
    /// The act does not cover county jails, by our file.
    NotCovered {
        law: String,
    },
    NoContact {
        bounced: bool,
    },
    StaleContact {
        checked_on: NaiveDate,
    },
    /// Only residents may ask, and nobody is named.
    NoSigner {
        state: String,
        citation: String,
    },
    /// The same custodian has been asked for the same records of overlapping dates.
    Duplicate {
        request: RequestId,
        reference: Reference,
        shared: Vec<String>,
        closed: bool,
    },
    /// Another agency of this batch is reached at the same address.
    SameCustodian {
        with: String,
    },
    /// It is recorded that another body keeps its records.
    KeptElsewhere {
        by: String,
    },
}

impl Problem {
    /// The word of the database and of forms.
    pub fn key(&self) -> &'static str {
        match self {
            Problem::NoLaw { .. } => "no_law",
            Problem::NotCovered { .. } => "not_covered",
            Problem::NoContact { .. } => "no_contact",
            Problem::StaleContact { .. } => "stale_contact",
            Problem::NoSigner { .. } => "no_signer",
            Problem::Duplicate { closed: false, .. } => "duplicate",
            Problem::Duplicate { closed: true, .. } => "asked_before",
            Problem::SameCustodian { .. } => "same_custodian",
            Problem::KeptElsewhere { .. } => "kept_elsewhere",
        }
    }

    /// The heading under which such problems stand together.
    pub fn heading(&self) -> &'static str {
        match self {
            Problem::NoLaw { .. } => "No law on file",
            Problem::NotCovered { .. } => "The law may not reach this body",
            Problem::NoContact { .. } => "Nobody to write to",
            Problem::StaleContact { .. } => "Contact to be checked again",
            Problem::NoSigner { .. } => "Only residents may ask",
            Problem::Duplicate { closed: false, .. } => "Asked already",
            Problem::Duplicate { closed: true, .. } => "Asked before, and closed",
            Problem::SameCustodian { .. } => "Two agencies at one address",
            Problem::KeptElsewhere { .. } => "Another body keeps its records",
        }
    }

    /// What is wrong, in one sentence.
    pub fn says(&self) -> String {
        match self {
            Problem::NoLaw { code } => format!("There is no law file for {code}."),
            Problem::NotCovered { law } => {
                format!("By our file, the {law} does not cover county jails.")
            }
            Problem::NoContact { bounced: false } => "No address for letters is known.".to_owned(),
            Problem::NoContact { bounced: true } => {
                "Mail to its known address came back, and no other is known.".to_owned()
            }
            Problem::StaleContact { checked_on } => {
                format!("Its contact was last checked on {checked_on}.")
            }
            Problem::NoSigner { state, citation } => {
                format!("{state} lets only its residents ask ({citation}), and nobody is named.")
            }
            Problem::Duplicate { reference, .. } => {
                format!("{reference} asks the same custodian for the same records and dates.")
            }
            Problem::SameCustodian { with } => {
                format!("{with}, also in this batch, is reached at the same address.")
            }
            Problem::KeptElsewhere { by } => format!("By our record, {by} keeps its records."),
        }
    }

    /// How it is mended.
    pub fn mend(&self) -> &'static str {
        match self {
            Problem::NoLaw { .. } => "Correct the agency's jurisdiction, or leave it out.",
            Problem::NotCovered { .. } => {
                "Ask counsel which body the law reaches, or leave it out."
            }
            Problem::NoContact { .. } => "Find its records contact and add it.",
            Problem::StaleContact { .. } => {
                "Look the address up again, and add it with today's date."
            }
            Problem::NoSigner { .. } => "Name a resident for this state below.",
            Problem::Duplicate { closed: false, .. } => {
                "Leave it out: the first request is still open."
            }
            Problem::Duplicate { closed: true, .. } => {
                "Look at the first request; ask again only for what did not come."
            }
            Problem::SameCustodian { .. } => {
                "Check whether both letters are wanted; one custodian may hold both bodies' records."
            }
            Problem::KeptElsewhere { .. } => {
                "Ask that body instead, or both: custody decides whom the law reaches."
            }
        }
    }

    /// A person may let it pass. What would make a letter wrong or a double never passes.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Problem::NotCovered { .. }
                | Problem::StaleContact { .. }
                | Problem::SameCustodian { .. }
                | Problem::KeptElsewhere { .. }
                | Problem::Duplicate { closed: true, .. }
        )
    }
}

/// Everything in the way of one target, the gravest first.
pub fn problems(facts: &Facts<'_>, earlier: &[&Earlier]) -> Vec<Problem> {
    let mut found = Vec::new();
    let custodian = facts
        .custodian
        .as_ref()
        .map(|custodian| custodian.value.to_lowercase());
    let mut doubles: Vec<Problem> = earlier
        .iter()
        .filter(|one| {
            one.agency == facts.agency || custodian.is_some() && one.custodian == custodian
        })
        .filter(|one| overlap(&one.period, &facts.period))
        .filter_map(|one| {
            let shared: Vec<String> = facts
                .records
                .iter()
                .filter(|record| one.records.contains(record))
                .cloned()
                .collect();
            (!shared.is_empty()).then_some(Problem::Duplicate {
                request: one.request,
                reference: one.reference,
                shared,
                closed: one.closed,
            })
        })
        .collect();
    // An open one stands before a closed one, the first asked before later ones; one is enough to stop.
    doubles.sort_by_key(|problem| match problem {
        Problem::Duplicate {
            closed, reference, ..
        } => (*closed, *reference),
        _ => (true, Reference(i32::MAX)),
    });
    found.extend(doubles.into_iter().next());
    match facts.law {
        None => found.push(Problem::NoLaw {
            code: facts.jurisdiction.to_owned(),
        }),
        Some(law) => {
            let local = matches!(facts.holder, HolderKind::County | HolderKind::Sheriff);
            if local && !law.law.covers_county_jails {
                found.push(Problem::NotCovered {
                    law: law.law.name.clone(),
                });
            }
            let sure = law.eligibility.confidence > Confidence::Unverified;
            if law.eligibility.residents_only && sure && !facts.has_signer {
                found.push(Problem::NoSigner {
                    state: law.name.clone(),
                    citation: law.eligibility.citation.clone(),
                });
            }
        }
    }
    match &facts.custodian {
        None => found.push(Problem::NoContact {
            bounced: facts.bounced,
        }),
        Some(custodian) => {
            if is_stale(custodian.checked_on, facts.today, facts.stale_months) {
                found.push(Problem::StaleContact {
                    checked_on: custodian.checked_on,
                });
            }
        }
    }
    if let Some(with) = &facts.shares_with {
        found.push(Problem::SameCustodian { with: with.clone() });
    }
    if let Some(by) = &facts.kept_by {
        found.push(Problem::KeptElsewhere { by: by.clone() });
    }
    found
}

fn overlap(one: &Period, other: &Period) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

/// Whether a problem still stands in the way once a person let some pass.
pub fn stops(problem: &Problem, accepted: &[String]) -> bool {
    !(problem.may_pass() && accepted.iter().any(|key| key == problem.key()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn keys(found: &[Problem]) -> Vec<&'static str> {
        found.iter().map(Problem::key).collect()
    }

    #[test]
    fn a_target_says_what_stands_in_its_way() {
        let library = Library::embedded().expect("the law files hold together");
        let law = |code: &str| library.get(&code.parse().expect("a code"));
        let records = ["detainer_summary".to_owned(), "detainer_policy".to_owned()];
        let good = Facts {
            agency: AgencyId::new(),
            holder: HolderKind::Sheriff,
            jurisdiction: "WA",
            law: law("WA"),
            custodian: Some(Custodian {
                channel: Channel::Email,
                value: "Records@alder.example".to_owned(),
                checked_on: day("2026-01-05"),
            }),
            bounced: false,
            has_signer: false,
            records: &records,
            period: "2023-01-01..2025-12-31".parse().expect("a period"),
            shares_with: None,
            kept_by: None,
            stale_months: 6,
            today: day("2026-01-12"),
        };
        assert_eq!(keys(&problems(&good, &[])), [""; 0]);

        let virginia = Facts {
            jurisdiction: "VA",
            law: law("VA"),
            ..good.clone()
        };
        assert_eq!(keys(&problems(&virginia, &[])), ["no_signer"]);
        let named = Facts {
            has_signer: true,
            ..virginia
        };
        assert_eq!(keys(&problems(&named, &[])), [""; 0]);

        let nowhere = Facts {
            jurisdiction: "ZZ",
            law: None,
            custodian: None,
            bounced: true,
            ..good.clone()
        };
        let found = problems(&nowhere, &[]);
        assert_eq!(keys(&found), ["no_law", "no_contact"]);
        assert!(found[1].says().contains("came back"), "{}", found[1].says());
        assert!(
            found
                .iter()
                .all(|problem| stops(problem, &["no_contact".to_owned()]))
        );

        let old = Facts {
            today: day("2026-07-06"),
            ..good.clone()
        };
        let found = problems(&old, &[]);
        assert_eq!(keys(&found), ["stale_contact"]);
        assert!(stops(&found[0], &[]) && !stops(&found[0], &["stale_contact".to_owned()]));
        let moved = Facts {
            kept_by: Some("Alder County".to_owned()),
            ..good.clone()
        };
        let found = problems(&moved, &[]);
        assert_eq!(keys(&found), ["kept_elsewhere"]);
        assert!(!stops(&found[0], &["kept_elsewhere".to_owned()]));
        let last_day = Facts {
            today: day("2026-07-05"),
            ..good.clone()
        };
        assert_eq!(
            keys(&problems(&last_day, &[])),
            [""; 0],
            "half a year to the day is fresh"
        );
    }

    #[test]
    fn the_same_custodian_is_not_asked_twice() {
        let library = Library::embedded().expect("the law files hold together");
        let agency = AgencyId::new();
        let records = ["detainer_summary".to_owned(), "billing".to_owned()];
        let facts = Facts {
            agency,
            holder: HolderKind::Sheriff,
            jurisdiction: "WA",
            law: library.get(&"WA".parse().expect("a code")),
            custodian: Some(Custodian {
                channel: Channel::Email,
                value: "Records@Alder.example".to_owned(),
                checked_on: day("2026-01-05"),
            }),
            bounced: false,
            has_signer: false,
            records: &records,
            period: "2023-01-01..2025-12-31".parse().expect("a period"),
            shares_with: None,
            kept_by: None,
            stale_months: 6,
            today: day("2026-01-12"),
        };
        let earlier =
            |number: i32, agency, custodian: Option<&str>, record: &str, period: &str, closed| {
                Earlier {
                    request: RequestId::new(),
                    reference: Reference(number),
                    agency,
                    custodian: custodian.map(str::to_owned),
                    records: vec![record.to_owned()],
                    period: period.parse().expect("a period"),
                    closed,
                }
            };
        let other = AgencyId::new();
        for (one, expected) in [
            (
                earlier(
                    4,
                    agency,
                    None,
                    "detainer_summary",
                    "2025-12-31..2026-12-31",
                    false,
                ),
                vec!["duplicate"],
            ),
            (
                earlier(
                    4,
                    other,
                    Some("records@alder.example"),
                    "billing",
                    "2020-01-01..2023-01-01",
                    false,
                ),
                vec!["duplicate"],
            ),
            (
                earlier(
                    4,
                    agency,
                    None,
                    "detainer_summary",
                    "2025-12-31..2026-12-31",
                    true,
                ),
                vec!["asked_before"],
            ),
            // Other records, other dates, another custodian: no double.
            (
                earlier(
                    4,
                    agency,
                    None,
                    "detainer_policy",
                    "2023-01-01..2025-12-31",
                    false,
                ),
                vec![],
            ),
            (
                earlier(4, agency, None, "billing", "2026-01-01..2026-01-10", false),
                vec![],
            ),
            (
                earlier(
                    4,
                    other,
                    Some("records@birch.example"),
                    "billing",
                    "2023-01-01..2025-12-31",
                    false,
                ),
                vec![],
            ),
        ] {
            assert_eq!(keys(&problems(&facts, &[&one])), expected, "{one:?}");
        }
        let closed = earlier(2, agency, None, "billing", "2023-01-01..2025-12-31", true);
        let second = earlier(9, agency, None, "billing", "2023-01-01..2025-12-31", false);
        let first = earlier(5, agency, None, "billing", "2023-01-01..2025-12-31", false);
        let found = problems(&facts, &[&closed, &second, &first]);
        assert!(
            matches!(
                &found[..],
                [Problem::Duplicate {
                    reference: Reference(5),
                    closed: false,
                    ..
                }]
            ),
            "the first that is open: {found:?}"
        );
    }
}
