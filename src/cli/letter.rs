//! `sundial letter preview`: tries any clause on any jurisdiction, without a campaign.

use std::io::Write;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::domain::letter::{
    self, Addressee, LetterFacts, LetterLaw, Requester, Resident, check, compose, list_items,
};
use crate::domain::records::Catalogue;
use crate::domain::request::{Format, Period, Reference};
use crate::law::{Code, HolderKind, Library};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compose a letter and print it with the rule behind each paragraph
    Preview(Preview),
}

#[derive(Debug, Args)]
pub struct Preview {
    /// Two letters: WA, DC, US
    #[arg(long)]
    jurisdiction: Code,
    /// Who holds the records: sheriff, county, municipality, state_agency, federal_agency, other_local
    #[arg(long, value_parser = holder, default_value = "sheriff")]
    holder: HolderKind,
    /// Which letter
    #[arg(long, default_value = "request")]
    kind: LetterKind,
    /// Keys of the catalogue, separated by commas: detainer_summary,detainer_policy
    #[arg(long, value_delimiter = ',', required = true)]
    records: Vec<String>,
    /// First and last day: 2023-07-01..2026-06-30
    #[arg(long)]
    period: Period,
    /// text is the letter; json adds every clause with its rule, citation and confidence
    #[arg(long, default_value = "text")]
    format: Output,
    /// Write to this file instead of standard output
    #[arg(short, long)]
    output: Option<std::path::PathBuf>,
}

/// Kinds of letters that can be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LetterKind {
    Request,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

fn holder(text: &str) -> Result<HolderKind, String> {
    HolderKind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = HolderKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
}

/// Carries the command out. `today` is the day written on the letter.
pub fn run(command: &Command, today: NaiveDate) -> Result<(), String> {
    let Command::Preview(preview) = command;
    let printed = preview.print(today)?;
    match &preview.output {
        Some(path) => std::fs::write(path, printed).map_err(|why| {
            format!(
                "{} could not be written: {why}. Choose another file.",
                path.display()
            )
        }),
        None => std::io::stdout()
            .write_all(printed.as_bytes())
            .map_err(|why| format!("the letter could not be printed: {why}")),
    }
}

impl Preview {
    fn print(&self, today: NaiveDate) -> Result<String, String> {
        let LetterKind::Request = self.kind;
        let library = Library::embedded().map_err(|problems| {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            said.join("\n")
        })?;
        let catalogue = Catalogue::embedded().map_err(|faults| faults.join("\n"))?;
        let jurisdiction = library
            .get(&self.jurisdiction)
            .ok_or_else(|| format!("There is no law file for {}.", self.jurisdiction))?;
        let law = LetterLaw::of(jurisdiction, self.holder);
        let keys: Vec<&str> = self.records.iter().map(|key| key.trim()).collect();
        let agency = "The agency";
        let (items, mut warnings) =
            list_items(&catalogue, &keys, &law, agency, &self.period, today)
                .map_err(|why| format!("{why} Known: {}.", known(&catalogue)))?;
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
            period: self.period,
            format: Format::Native,
            our_ref: Reference(1),
            reply_address: "reply@example.org".to_owned(),
            date: today,
            fee_ceiling_cents: 5000,
            kind: letter::LetterKind::Request,
            confirmed: std::collections::BTreeSet::new(),
            occasion: None,
        };
        let draft = compose(&facts).map_err(|why| why.to_string())?;
        warnings.extend(draft.warnings.iter().cloned());
        match self.format {
            Output::Text => Ok(format!("Subject: {}\n\n{}", draft.subject, draft.body)),
            Output::Json => {
                let whole = json!({
                    "jurisdiction": self.jurisdiction,
                    "holder": facts.law.holder,
                    "kind": "request",
                    "template_version": letter::template_version(),
                    "law_version": jurisdiction.version,
                    "subject": draft.subject,
                    "body": draft.body,
                    "clauses": draft.clauses,
                    "warnings": warnings,
                    "notes": check(&draft.subject, &draft.body, &facts.law),
                });
                serde_json::to_string_pretty(&whole)
                    .map(|text| text + "\n")
                    .map_err(|why| format!("the letter could not be written as JSON: {why}"))
            }
        }
    }
}

fn known(catalogue: &Catalogue) -> String {
    let keys: Vec<&str> = catalogue
        .all()
        .iter()
        .map(|record| record.key.as_str())
        .collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(jurisdiction: &str, records: &str, format: Output) -> Result<String, String> {
        Preview {
            jurisdiction: jurisdiction.parse().expect("a code"),
            holder: HolderKind::Sheriff,
            kind: LetterKind::Request,
            records: records.split(',').map(str::to_owned).collect(),
            period: "2023-07-01..2026-06-30".parse().expect("a period"),
            format,
            output: None,
        }
        .print("2026-11-20".parse().expect("a day"))
    }

    #[test]
    fn a_letter_prints_as_text_and_as_json() {
        let text = preview("WA", "detainer_summary", Output::Text).expect("a letter");
        assert!(
            text.starts_with("Subject: ") && text.contains("RCW ch. 42.56"),
            "{text}"
        );
        let whole = preview("WA", "detainer_summary", Output::Json).expect("a letter");
        let whole: serde_json::Value = serde_json::from_str(&whole).expect("JSON");
        let clauses = whole["clauses"].as_array().expect("clauses");
        let timing = clauses
            .iter()
            .find(|clause| clause["key"] == "timing")
            .expect("timing");
        assert_eq!(timing["citation"], "RCW 42.56.520(1)");
        assert_eq!(timing["confidence"], "two_sources");
        assert_eq!(whole["notes"], json!([]));
    }

    #[test]
    fn a_wrong_key_is_answered_with_the_right_ones() {
        let said = preview("WA", "detainees", Output::Text).expect_err("refused");
        assert!(
            said.contains("“detainees”") && said.contains("detainer_summary"),
            "{said}"
        );
    }
}
