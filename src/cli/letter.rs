//! `sundial letter preview`: tries any clause on any jurisdiction, without a campaign.

use std::io::{IsTerminal, Write};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::domain::letter::{self, LetterKind, check, compose, sample_facts};
use crate::domain::records::Catalogue;
use crate::domain::request::Period;
use crate::dossier::letter as paper;
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
    #[arg(long, value_parser = kind, default_value = "request")]
    kind: LetterKind,
    /// Keys of the catalogue, separated by commas: detainer_summary,detainer_policy
    #[arg(long, value_delimiter = ',', required = true)]
    records: Vec<String>,
    /// First and last day: 2023-07-01..2026-06-30
    #[arg(long)]
    period: Period,
    /// The letter's language; letters are written in English
    #[arg(long, default_value = "en")]
    lang: Language,
    /// text is the letter as mail; pdf is the same on paper; json adds every clause with its rule, citation and
    /// confidence
    #[arg(long, default_value = "text")]
    format: Output,
    /// Write to this file instead of standard output
    #[arg(short, long)]
    output: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Pdf,
    Json,
}

fn kind(text: &str) -> Result<LetterKind, String> {
    LetterKind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = LetterKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
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
    if preview.format == Output::Pdf && preview.output.is_none() && std::io::stdout().is_terminal()
    {
        return Err("A PDF cannot be read in a terminal. Add -o letter.pdf.".to_owned());
    }
    match &preview.output {
        Some(path) => std::fs::write(path, printed).map_err(|why| {
            format!(
                "{} could not be written: {why}. Choose another file.",
                path.display()
            )
        }),
        None => std::io::stdout()
            .write_all(&printed)
            .map_err(|why| format!("the letter could not be printed: {why}")),
    }
}

impl Preview {
    fn print(&self, today: NaiveDate) -> Result<Vec<u8>, String> {
        let library = Library::embedded().map_err(|problems| {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            said.join("\n")
        })?;
        let catalogue = Catalogue::embedded().map_err(|faults| faults.join("\n"))?;
        let jurisdiction = library
            .get(&self.jurisdiction)
            .ok_or_else(|| format!("There is no law file for {}.", self.jurisdiction))?;
        let keys: Vec<&str> = self.records.iter().map(|key| key.trim()).collect();
        let (facts, mut warnings) = sample_facts(
            &catalogue,
            jurisdiction,
            self.holder,
            self.kind,
            &keys,
            self.period,
            today,
        )
        .map_err(|why| format!("{why} Known: {}.", known(&catalogue)))?;
        let draft = compose(&facts).map_err(|why| why.to_string())?;
        warnings.extend(draft.warnings.iter().cloned());
        match self.format {
            Output::Text => {
                Ok(format!("Subject: {}\n\n{}", draft.subject, draft.body).into_bytes())
            }
            Output::Pdf => paper::render(&paper::Letter {
                organisation: facts.requester.organisation.clone(),
                under: vec![facts.requester.email.clone()],
                subject: draft.subject,
                body: draft.body,
                reference: facts.our_ref.to_string(),
                on: today,
                remark: "preview".to_owned(),
                signature: None,
            })
            .map(|set| set.pdf),
            Output::Json => {
                let whole = json!({
                    "jurisdiction": self.jurisdiction,
                    "holder": facts.law.holder,
                    "kind": self.kind,
                    "lang": match self.lang { Language::En => "en" },
                    "template_version": letter::template_version(),
                    "law_version": jurisdiction.version,
                    "subject": draft.subject,
                    "body": draft.body,
                    "clauses": draft.clauses,
                    "warnings": warnings,
                    "notes": check(&draft.subject, &draft.body, &facts.law),
                });
                serde_json::to_string_pretty(&whole)
                    .map(|text| (text + "\n").into_bytes())
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
            lang: Language::En,
            format,
            output: None,
        }
        .print("2026-11-20".parse().expect("a day"))
        .map(|bytes| match format {
            Output::Pdf => format!(
                "{} bytes of {}",
                bytes.len(),
                String::from_utf8_lossy(&bytes[..8])
            ),
            _ => String::from_utf8(bytes).expect("text"),
        })
    }

    #[test]
    fn a_letter_prints_as_text_and_as_json() {
        let text = preview("WA", "detainer_summary", Output::Text).expect("a letter");
        assert!(
            text.starts_with("Subject: ") && text.contains("chapter 42.56 RCW"),
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
        assert_eq!(whole["lang"], "en");
        let paper = preview("WA", "detainer_summary", Output::Pdf).expect("a letter");
        assert!(paper.contains("%PDF-1."), "{paper}");
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
