//! The catalogue of record types that a request can ask for, and the reports that some states already require.
//!
//! The words are in `data/records/*.toml` and `data/reports/*.toml`, embedded in the binary and checked at launch.
//! Not here: composing a letter from them (`letter`). May import `question`, and `law` for its terms.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Deserializer, Serialize};

use super::question::Question;
use crate::law::{Code, Confidence, HolderKind};

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

/// A report that some law or directive already requires: asked for first, because nothing need be made for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatutoryReport {
    pub key: String,
    pub jurisdiction: Code,
    /// Keys of the record types that it answers, whole or in part.
    pub serves: Vec<String>,
    /// Which bodies make it.
    pub holders: Vec<HolderKind>,
    /// Where only some agencies make it: one of these stands in the agency's name.
    #[serde(default)]
    pub agency_names: Vec<String>,
    pub name: String,
    /// One sentence on what it holds.
    pub says: String,
    pub item: String,
    pub citation: String,
    pub confidence: Confidence,
    pub source: String,
    /// The first day it covers, where it is young.
    #[serde(default)]
    pub from: Option<NaiveDate>,
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
}

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
        if faults.is_empty() {
            Ok(Self {
                records: read_records,
                reports: read_reports,
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
        ] {
            if text.trim().is_empty() {
                fault(format!("{field} is empty"));
            }
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

impl StatutoryReport {
    /// The item's text for a letter, in one line.
    pub fn describe(&self, words: &ItemWords) -> Result<String, ItemError> {
        render_item(&self.key, &self.item, words)
    }

    fn check(&self, stem: &str, keys: &BTreeSet<&str>, faults: &mut Vec<String>) {
        let mut fault = |says: String| faults.push(format!("data/reports/{stem}.toml: {says}"));
        if self.key != *stem {
            fault(format!("key is {}, the file is named {stem}", self.key));
        }
        if self.citation.trim().is_empty() || self.source.trim().is_empty() {
            fault("citation and source must be given".to_owned());
        }
        if self.serves.is_empty() || self.holders.is_empty() {
            fault("serves and holders must each name at least one".to_owned());
        }
        for key in &self.serves {
            if !keys.contains(key.as_str()) {
                fault(format!("serves: there is no record type “{key}”"));
            }
        }
        if let Err(why) = self.describe(&ItemWords::sample()) {
            fault(why.to_string());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::embedded().unwrap_or_else(|faults| panic!("{}", faults.join("\n")))
    }

    #[test]
    fn every_file_of_the_folders_is_embedded_and_sound() {
        for (folder, files) in [("records", RECORDS), ("reports", REPORTS)] {
            let path = format!("{}/data/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut on_disk: Vec<String> = std::fs::read_dir(path)
                .expect("the folder")
                .map(|entry| {
                    let name = entry.expect("an entry").file_name();
                    name.into_string().expect("a plain name")
                })
                .collect();
            on_disk.sort();
            let embedded: Vec<String> = files
                .iter()
                .map(|(stem, _)| format!("{stem}.toml"))
                .collect();
            assert_eq!(on_disk, embedded, "list every file of data/{folder}");
        }
        assert_eq!(catalogue().all().len(), 24);
        assert_eq!(catalogue().reports().len(), 6);
    }

    #[test]
    fn every_question_has_records_and_the_useful_come_first() {
        let catalogue = catalogue();
        let groups = catalogue.by_question();
        assert_eq!(
            groups.len(),
            5,
            "each question has a record that answers it first"
        );
        assert_eq!(catalogue.all()[0].key, "detainer_summary");
        for record in catalogue.all() {
            assert!(
                !record.name.es.is_empty() && record.name.es != record.name.en,
                "{}",
                record.key
            );
        }
    }

    #[test]
    fn a_broken_file_is_named_with_its_fault() {
        let (_, summary) = RECORDS
            .iter()
            .find(|(stem, _)| *stem == "detainer_summary")
            .expect("the summary");
        for (from, to, says) in [
            (
                "key = \"detainer_summary\"",
                "key = \"other\"",
                "named detainer_summary",
            ),
            ("{{ holder }}", "{{ nobody }}", "does not fit"),
            ("\"Q4_counts\"", "\"Q9_mood\"", "Q9_mood"),
            ("[\"Q4_counts\"]", "[]", "none of the five questions"),
            ("\"spreadsheet\"", "\"parchment\"", "parchment"),
            (
                "en = \"Yearly detainer totals\"",
                "en = \" \"",
                "name.en is empty",
            ),
        ] {
            let broken = summary.replacen(from, to, 1);
            assert_ne!(&broken, summary, "{from} is in the file");
            let faults = Catalogue::read(&[("detainer_summary", &broken)], &[])
                .err()
                .unwrap_or_default()
                .join("\n");
            assert!(
                faults.contains("detainer_summary.toml") && faults.contains(says),
                "{from} → {to}: {faults}"
            );
        }
    }

    #[test]
    fn an_existing_report_is_offered_to_those_who_make_it() {
        let catalogue = catalogue();
        let found = |code: &str, holder, name: &str, keys: &[&str]| -> Vec<String> {
            let code: Code = code.parse().expect("a code");
            catalogue
                .reports_for(&code, holder, name, keys)
                .iter()
                .map(|report| report.key.clone())
                .collect()
        };
        let sheriff = HolderKind::Sheriff;
        let alder = "Alder County Sheriff's Office";
        assert_eq!(
            found("IL", sheriff, alder, &["detainer_log"]),
            ["il_trust_act"]
        );
        assert_eq!(
            found("TX", sheriff, alder, &["cost_basis"]),
            ["tx_jail_standards"]
        );
        assert!(
            found(
                "TX",
                HolderKind::StateAgency,
                "State prisons",
                &["cost_basis"]
            )
            .is_empty()
        );
        assert!(found("IL", sheriff, alder, &["agreement_287g"]).is_empty());
        assert!(found("WA", sheriff, alder, &["detainer_log"]).is_empty());
        let city = HolderKind::Municipality;
        assert!(found("NY", city, "Alder City Police", &["detainer_summary"]).is_empty());
        assert_eq!(
            found("NY", city, "New York City Police", &["detainer_summary"]),
            ["ny_nyc"]
        );
    }
}
