//! A letter that nobody sends: any jurisdiction's law with a made-up requester and agency, to try clauses on.

use chrono::NaiveDate;

use super::facts::{
    Addressee, LetterFacts, LetterItem, ListError, Requester, Resident, Warning, list_items,
};
use super::kind::LetterKind;
use super::law::LetterLaw;
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

/// The facts of a request for these records, with what the drafter would be told about the items.
///
/// # Errors
/// Where a key is not in the catalogue, or nothing is left to ask for.
pub fn sample_facts(
    catalogue: &Catalogue,
    jurisdiction: &Jurisdiction,
    holder: HolderKind,
    keys: &[&str],
    period: Period,
    today: NaiveDate,
) -> Result<(LetterFacts, Vec<Warning>), ListError> {
    let law = LetterLaw::of(jurisdiction, holder);
    let agency = "The agency";
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
        kind: LetterKind::Request,
        confirmed: std::collections::BTreeSet::new(),
    };
    Ok((facts, warnings))
}
