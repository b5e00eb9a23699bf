//! The catalogue of record types that a request can ask for, and the reports that some states already require.
//!
//! The words are in `data/records/*.toml` and `data/reports/*.toml`, embedded in the binary and checked at launch; the
//! forms and kinds of agreements that they speak of are in `glossary`.
//! Not here: composing a letter from them (`letter`). May import `agency` for folding words, `question`, and `law` for
//! its terms.

mod dates;
mod glossary;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Deserializer, Serialize};

use super::agency::name::fold;
use super::question::Question;
use crate::law::{Code, HolderKind};

pub use dates::Dates;
pub use glossary::{AgreementKind, Form};
pub use report::{ReportInSpanish, StatutoryReport};

/// What a record looks like; it decides which clauses a letter needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Policies, manuals, forms, letters.
    Document,
    /// Signed agreements and what belongs to them.
    Agreement,
    /// Totals by year or month.
    Totals,
    /// One line for each event, without identifiers.
    Rows,
    /// Costs, invoices, payments.
    Money,
}

impl Shape {
    /// Comes out of a system rather than a drawer.
    pub fn is_data(self) -> bool {
        matches!(self, Shape::Totals | Shape::Rows | Shape::Money)
    }
}

/// A thing to ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordType {
    /// `detainer_summary`: stands in the database and in addresses, so it never changes.
    pub key: String,
    /// "Most useful first".
    pub order: u32,
    #[serde(deserialize_with = "by_their_keys")]
    pub questions: Vec<Question>,
    pub shape: Shape,
    pub name: Names,
    /// What it is, for a newcomer.
    pub what: String,
    /// How a letter describes it: a template with the fields of [`ItemWords`].
    pub item: String,
    /// The same in a letter to ICE itself; absent where ICE is not the one to ask.
    #[serde(default)]
    pub item_federal: Option<String>,
    /// What usually comes back.
    pub comes_back: String,
    /// What must not come with it.
    pub exclude: Vec<String>,
    /// `spreadsheet` and `pdf`, the better one first.
    pub formats: Vec<String>,
    pub traps: Vec<String>,
    pub sources: Vec<String>,
    pub dates: Dates,
    /// What each row or paper should show.
    pub fields: Vec<String>,
    /// Numbers of federal forms, as in `data/forms.toml`.
    pub forms: Vec<String>,
    /// Keys of `data/agreement_kinds.toml`.
    pub agreements: Vec<String>,
    pub es: InSpanish,
}

/// The same words for people who read Spanish; letters are written in English.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InSpanish {
    pub what: String,
    pub fields: Vec<String>,
    pub comes_back: String,
    pub exclude: Vec<String>,
    pub traps: Vec<String>,
}

/// `["Q4_counts"]`: the files write a question by its key.
fn by_their_keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Question>, D::Error> {
    Vec::<String>::deserialize(from)?
        .iter()
        .map(|key| {
            Question::parse(key).ok_or_else(|| {
                serde::de::Error::custom(format!("“{key}” is none of the five questions"))
            })
        })
        .collect()
}

/// Plain names for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub en: String,
    pub es: String,
}

/// The merge fields of an item's text.
#[derive(Clone, Debug, Serialize)]
pub struct ItemWords {
    /// "your office", "your agency".
    pub holder: String,
    /// State law on detainers that a policy may be an answer to, if the file names one.
    pub detainer_law: Option<String>,
    /// "November 22, 2021".
    pub five_years_ago: String,
    pub twelve_months_ago: String,
}

/// An item's template did not render: the catalogue is at fault, not the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue's text for “{key}” does not fit: {why}")]
pub struct ItemError {
    pub key: String,
    pub why: String,
}

/// Every record type, in the order of use, and every statutory report.
#[derive(Clone, Debug)]
pub struct Catalogue {
    records: Vec<RecordType>,
    reports: Vec<StatutoryReport>,
    forms: Vec<Form>,
    agreements: Vec<AgreementKind>,
}

/// So many record types stand first where a person chooses: they answer all five questions between them.
const MOST_USEFUL: usize = 8;

macro_rules! files {
    ($folder:literal: $($stem:literal)+) => {
        &[$(($stem, include_str!(concat!("../../data/", $folder, "/", $stem, ".toml")))),+]
    };
}

const RECORDS: &[(&str, &str)] = files!("records":
    "access_policy" "agreement_287g" "agreement_boa" "agreement_igsa" "agreement_other" "agreement_usms"
    "billing" "booking_extract" "cap_record" "complaints" "correspondence" "cost_basis" "data_access"
    "detainer_form_blank" "detainer_log" "detainer_policy" "detainer_summary" "held_past_release"
    "interview_record" "notification_log" "scaap" "staff_cost" "transfer_list" "visit_log");

const REPORTS: &[(&str, &str)] = files!("reports":
    "ca_truth_act" "ga_hb_1105" "il_trust_act" "nj_directive" "ny_nyc" "tx_jail_standards");

impl Catalogue {
    /// The catalogue of this binary, or every fault in it as a sentence that names the file.
    pub fn embedded() -> Result<Self, Vec<String>> {
        Self::read(RECORDS, REPORTS)
    }

    fn read(records: &[(&str, &str)], reports: &[(&str, &str)]) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut read_records: Vec<RecordType> = Vec::new();
        for (stem, text) in records {
            match toml::from_str::<RecordType>(text) {
                Ok(record) => {
                    record.check(stem, &mut faults);
                    read_records.push(record);
                }
                Err(why) => faults.push(format!("data/records/{stem}.toml: {}", why.message())),
            }
        }
        read_records.sort_by_key(|record| record.order);
        for pair in read_records.windows(2) {
            if pair[0].order == pair[1].order {
                faults.push(format!(
                    "{} and {} have the same order {}",
                    pair[0].key, pair[1].key, pair[0].order
                ));
            }
        }
        let keys: BTreeSet<&str> = read_records.iter().map(|r| r.key.as_str()).collect();
        let mut read_reports: Vec<StatutoryReport> = Vec::new();
        for (stem, text) in reports {
            match toml::from_str::<StatutoryReport>(text) {
                Ok(report) => {
                    report.check(stem, &keys, &mut faults);
                    read_reports.push(report);
                }
                Err(why) => faults.push(format!("data/reports/{stem}.toml: {}", why.message())),
            }
        }
        let (forms, agreements) = glossary::read(&mut faults);
        for record in &read_records {
            for number in &record.forms {
                if forms.iter().all(|form| form.number != *number) {
                    faults.push(format!(
                        "{}: data/forms.toml has no form {number}",
                        record.key
                    ));
                }
            }
            for key in &record.agreements {
                if agreements.iter().all(|kind| kind.key != *key) {
                    faults.push(format!(
                        "{}: data/agreement_kinds.toml has no kind {key}",
                        record.key
                    ));
                }
            }
        }
        if faults.is_empty() {
            Ok(Self {
                records: read_records,
                reports: read_reports,
                forms,
                agreements,
            })
        } else {
            Err(faults)
        }
    }

    /// Every record type, most useful first.
    pub fn all(&self) -> &[RecordType] {
        &self.records
    }

    pub fn get(&self, key: &str) -> Option<&RecordType> {
        self.records.iter().find(|record| record.key == key)
    }

    /// Record types under the first question that each answers, in the order of the questions.
    pub fn by_question(&self) -> BTreeMap<Question, Vec<&RecordType>> {
        let mut groups: BTreeMap<Question, Vec<&RecordType>> = BTreeMap::new();
        for record in &self.records {
            if let Some(first) = record.questions.first() {
                groups.entry(*first).or_default().push(record);
            }
        }
        groups
    }

    /// The record types to think of first, in the order of use.
    pub fn most_useful(&self) -> &[RecordType] {
        &self.records[..MOST_USEFUL.min(self.records.len())]
    }

    /// Record types that answer the question and hold every word, in English or Spanish; most useful first.
    pub fn search(&self, words: &str, question: Option<Question>) -> Vec<&RecordType> {
        let words = fold(words);
        self.records
            .iter()
            .filter(|record| question.is_none_or(|question| record.questions.contains(&question)))
            .filter(|record| {
                let text = record.folded();
                words.split(' ').all(|word| text.contains(word))
            })
            .collect()
    }

    pub fn form(&self, number: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.number == number)
    }

    pub fn agreement(&self, key: &str) -> Option<&AgreementKind> {
        self.agreements.iter().find(|kind| kind.key == key)
    }

    /// The reports that answer a record type, whole or in part, in whatever state.
    pub fn reports_serving(&self, key: &str) -> Vec<&StatutoryReport> {
        self.reports
            .iter()
            .filter(|report| report.serves.iter().any(|served| served == key))
            .collect()
    }

    /// Every statutory report, by jurisdiction.
    pub fn reports(&self) -> &[StatutoryReport] {
        &self.reports
    }

    /// Reports that this agency makes already and that answer one of the record types asked for.
    pub fn reports_for(
        &self,
        jurisdiction: &Code,
        holder: HolderKind,
        agency_name: &str,
        keys: &[&str],
    ) -> Vec<&StatutoryReport> {
        self.reports
            .iter()
            .filter(|report| {
                report.jurisdiction == *jurisdiction
                    && report.holders.contains(&holder)
                    && report.serves.iter().any(|key| keys.contains(&key.as_str()))
                    && (report.agency_names.is_empty()
                        || report
                            .agency_names
                            .iter()
                            .any(|name| agency_name.contains(name)))
            })
            .collect()
    }
}

impl RecordType {
    /// The item's text for a letter, in one line. `None` where ICE is asked for what only a jail has.
    pub fn describe(&self, words: &ItemWords, federal: bool) -> Result<Option<String>, ItemError> {
        let template = match (federal, &self.item_federal) {
            (false, _) => &self.item,
            (true, Some(text)) => text,
            (true, None) => return Ok(None),
        };
        render_item(&self.key, template, words).map(Some)
    }

    /// Everything that a person may look for it by.
    fn folded(&self) -> String {
        let mut all = vec![
            self.key.as_str(),
            &self.name.en,
            &self.name.es,
            &self.what,
            &self.es.what,
        ];
        for list in [&self.fields, &self.es.fields, &self.forms, &self.agreements] {
            all.extend(list.iter().map(String::as_str));
        }
        fold(&all.join(" "))
    }

    fn check(&self, stem: &str, faults: &mut Vec<String>) {
        let mut fault = |says: String| faults.push(format!("data/records/{stem}.toml: {says}"));
        if self.key != *stem {
            fault(format!("key is {}, the file is named {stem}", self.key));
        }
        if self.questions.is_empty() {
            fault("answers none of the five questions".to_owned());
        }
        for (field, text) in [
            ("name.en", &self.name.en),
            ("name.es", &self.name.es),
            ("what", &self.what),
            ("item", &self.item),
            ("comes_back", &self.comes_back),
            ("es.what", &self.es.what),
            ("es.comes_back", &self.es.comes_back),
        ] {
            if text.trim().is_empty() {
                fault(format!("{field} is empty"));
            }
        }
        for (field, english, spanish) in [
            ("fields", &self.fields, &self.es.fields),
            ("exclude", &self.exclude, &self.es.exclude),
            ("traps", &self.traps, &self.es.traps),
        ] {
            if english.len() != spanish.len() {
                fault(format!(
                    "{field}: {} in English, {} in Spanish",
                    english.len(),
                    spanish.len()
                ));
            }
        }
        if self.fields.is_empty() {
            fault("fields is empty".to_owned());
        }
        if self.formats.is_empty() {
            fault("formats is empty".to_owned());
        }
        for format in &self.formats {
            if format != "spreadsheet" && format != "pdf" {
                fault(format!(
                    "formats: “{format}” is neither spreadsheet nor pdf"
                ));
            }
        }
        for federal in [false, true] {
            if let Err(why) = self.describe(&ItemWords::sample(), federal) {
                fault(why.to_string());
            }
        }
    }
}

impl ItemWords {
    /// For checking that a template names no field that does not exist.
    fn sample() -> Self {
        Self {
            holder: "your office".to_owned(),
            detainer_law: Some("the law".to_owned()),
            five_years_ago: "November 22, 2021".to_owned(),
            twelve_months_ago: "November 22, 2025".to_owned(),
        }
    }
}

fn render_item(key: &str, template: &str, words: &ItemWords) -> Result<String, ItemError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let text = environment
        .render_str(template, Serde(words))
        .map_err(|why| ItemError {
            key: key.to_owned(),
            why: why.to_string(),
        })?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
