//! What a letter is made from: who asks whom, under which law, for what.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::kind::LetterKind;
use super::law::LetterLaw;
use super::occasion::Occasion;
use super::rules::Rule;

use crate::domain::records::{Catalogue, ItemError, ItemWords, Shape};
use crate::domain::request::{Format, Period, Reference, months_before, written};
use crate::law::Confidence;

/// Everything that a request letter depends on. The same facts always make the same letter.
#[derive(Clone, Debug)]
pub struct LetterFacts {
    pub requester: Requester,
    /// Who makes the request where only residents may: the requester or somebody together with them.
    pub resident: Option<Resident>,
    pub addressee: Addressee,
    pub law: LetterLaw,
    pub items: Vec<LetterItem>,
    pub period: Period,
    pub format: Format,
    pub our_ref: Reference,
    /// Where the answer should go: each request has its own.
    pub reply_address: String,
    /// The day written on the letter.
    pub date: NaiveDate,
    /// What we pay without being asked again, in US cents; 0 is nothing.
    pub fee_ceiling_cents: i64,
    pub kind: LetterKind,
    /// Keys of unverified rules that a person looked up and vouches for.
    pub confirmed: BTreeSet<String>,
    /// What happened to the request; the letter that opens one has none yet.
    pub occasion: Option<Occasion>,
}

/// Who asks. Empty text is "not given".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    pub name: String,
    pub organisation: String,
    /// The organisation's, in lines; never a member's home.
    pub address: String,
    /// A role mailbox.
    pub email: String,
    pub phone: String,
}

/// A person whose residence gives the right to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    pub name: String,
    pub address: String,
}

/// Who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressee {
    pub agency: String,
    /// "Public Records Officer"; by title, for a person may leave.
    pub custodian_title: String,
    /// Postal address in lines, or empty.
    pub address: String,
    pub email: String,
}

/// One numbered item, as it will stand in the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterItem {
    /// A key of the catalogue, or of a statutory report.
    pub key: String,
    /// What it is called for short: "Yearly detainer totals".
    pub name: String,
    pub text: String,
    pub shape: Shape,
    pub exclude: Vec<String>,
    /// Why it is asked for.
    pub why: String,
    /// The law that already requires the report, with how sure we are.
    pub law: Option<(String, Confidence)>,
}

/// Something the drafter should know that does not stand in the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The clause that it is about.
    pub about: String,
    pub message: String,
    /// The rule that a person may confirm, so that the letter speaks of it.
    #[serde(default)]
    pub confirm: Option<Unsure>,
}

impl Warning {
    pub fn new(about: &str, message: String) -> Self {
        Self {
            about: about.to_owned(),
            message,
            confirm: None,
        }
    }
}

/// An unverified rule, as the person who may confirm it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsure {
    pub key: String,
    pub citation: String,
    pub says: String,
}

impl Unsure {
    pub(super) fn of(rule: &Rule) -> Self {
        Self {
            key: rule.key.clone(),
            citation: rule.citation.clone(),
            says: rule.says.clone(),
        }
    }
}

/// Why no list of items could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("Choose at least one kind of record to ask for.")]
    Nothing,
    #[error("There is no kind of record called “{0}” in the catalogue.")]
    Unknown(String),
    #[error(
        "None of the records chosen are ones that a federal agency keeps. Ask the jail itself for them."
    )]
    NothingFederal,
    #[error(transparent)]
    Catalogue(#[from] ItemError),
}

/// The items of a letter for these record types: reports that exist already first, then most useful first.
pub fn list_items(
    catalogue: &Catalogue,
    keys: &[&str],
    law: &LetterLaw,
    agency_name: &str,
    period: &Period,
    date: NaiveDate,
) -> Result<(Vec<LetterItem>, Vec<Warning>), ListError> {
    if keys.is_empty() {
        return Err(ListError::Nothing);
    }
    if let Some(unknown) = keys.iter().find(|key| catalogue.get(key).is_none()) {
        return Err(ListError::Unknown((*unknown).to_owned()));
    }
    let sure = law
        .detainer_confidence
        .is_some_and(|level| level > Confidence::Unverified);
    let words = ItemWords {
        holder: law.holder_words().to_owned(),
        detainer_law: law.detainer_law.clone().filter(|_| sure),
        five_years_ago: written(months_before(date, 60)),
        twelve_months_ago: written(months_before(date, 12)),
    };
    let mut items = Vec::new();
    let mut warnings = Vec::new();
    for report in catalogue.reports_for(&law.code, law.holder, agency_name, keys) {
        if report.confidence == Confidence::Unverified {
            warnings.push(Warning::new(
                &report.key,
                format!(
                    "{}: not verified, so it is not asked for ({}).",
                    report.name, report.citation
                ),
            ));
            continue;
        }
        if report.from.is_some_and(|from| period.end() < from) {
            continue;
        }
        items.push(LetterItem {
            key: report.key.clone(),
            name: report.name.clone(),
            text: report.describe(&words)?,
            shape: Shape::Totals,
            exclude: Vec::new(),
            why: format!("{} already exists: {}", report.name, report.says),
            law: Some((report.citation.clone(), report.confidence)),
        });
    }
    for record in catalogue
        .all()
        .iter()
        .filter(|record| keys.contains(&record.key.as_str()))
    {
        let Some(text) = record.describe(&words, law.is_federal())? else {
            warnings.push(Warning::new(
                &record.key,
                format!(
                    "“{}” is left out: a federal agency does not keep it; ask the jail.",
                    record.name.en
                ),
            ));
            continue;
        };
        items.push(LetterItem {
            key: record.key.clone(),
            name: record.name.en.clone(),
            text,
            shape: record.shape,
            exclude: record.exclude.clone(),
            why: format!("Chosen from the catalogue: {}.", record.name.en),
            law: None,
        });
    }
    if items.is_empty() {
        return Err(ListError::NothingFederal);
    }
    Ok((items, warnings))
}
