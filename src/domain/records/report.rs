//! Reports that some state or city already requires.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ItemError, ItemWords, render_item};
use crate::law::{Code, Confidence, HolderKind};

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
    pub es: ReportInSpanish,
}

/// A report's name and its sentence in Spanish.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportInSpanish {
    pub name: String,
    pub says: String,
}

impl StatutoryReport {
    /// The item's text for a letter, in one line.
    pub fn describe(&self, words: &ItemWords) -> Result<String, ItemError> {
        render_item(&self.key, &self.item, words)
    }

    pub(super) fn check(&self, stem: &str, keys: &BTreeSet<&str>, faults: &mut Vec<String>) {
        let mut fault = |says: String| faults.push(format!("data/reports/{stem}.toml: {says}"));
        if self.key != *stem {
            fault(format!("key is {}, the file is named {stem}", self.key));
        }
        if self.citation.trim().is_empty() || self.source.trim().is_empty() {
            fault("citation and source must be given".to_owned());
        }
        if self.es.name.trim().is_empty() || self.es.says.trim().is_empty() {
            fault("es.name and es.says must be given".to_owned());
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
