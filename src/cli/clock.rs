//! `sundial clock CODE --received DATE`: every duty of one request with its limit and the count behind it.
//!
//! Only words and arguments; the counting is `domain::duty`. The JSON is a contract.

use std::collections::BTreeSet;
use std::io::Write;

use chrono::NaiveDate;
use clap::Args;

use crate::domain::duty::{ClockSheet, EventKind, Facts, HolderKind};
use crate::law::{Code, Jurisdiction, Library};

/// When a law's limits fall, and why.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// Jurisdiction: two letters, for example WA, DC or US.
    #[arg(required_unless_present = "batch")]
    pub code: Option<Code>,
    /// The day on which the agency received the request, as 2026-01-16.
    #[arg(long, value_name = "DATE", required_unless_present = "batch")]
    pub received: Option<NaiveDate>,
    /// Answer a whole CSV file (or - for standard input) with columns code, received and perhaps holder, events
    /// (separated by spaces) and when; prints one CSV line a duty, or one JSON line a request.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["code", "received", "holder", "events", "conditions"])]
    pub batch: Option<std::path::PathBuf>,
    /// The county of the body: some days are closed in some counties only.
    #[arg(long, value_name = "NAME")]
    pub county: Option<String>,
    /// How it was sent, where the law dates the receipt from the sending (Michigan's e-mail, Texas mail): email or mail.
    /// Give the day as --event sent=DATE.
    #[arg(long, value_name = "WAY")]
    pub sent_by: Option<String>,
    /// The request came after the office had shut for the day.
    #[arg(long)]
    pub after_hours: bool,
    /// Read the law files in this folder instead of those built in.
    #[arg(long, value_name = "FOLDER")]
    pub law: Option<std::path::PathBuf>,
    /// What kind of body holds the records: state_agency, federal_agency, county, sheriff, municipality, other_local.
    #[arg(long, value_name = "KIND", value_parser = holder)]
    pub holder: Option<HolderKind>,
    /// Something that happened, as acknowledged=2026-01-20; extended=2026-01-20:2026-02-10 names the
    /// new date, paused=2026-01-20:fee the ground (clarification, fee, third_party, mediation, identity),
    /// payment_wanted=2026-01-20:2026-02-10 (or answer_wanted) the day that the letter sets for us.
    #[arg(long = "event", value_name = "KIND=DATE", value_parser = event)]
    pub events: Vec<(EventKind, NaiveDate)>,
    /// A condition of this law that holds, for example commercial; `sundial law show CODE` lists them.
    #[arg(long = "when", value_name = "CONDITION")]
    pub conditions: Vec<String>,
    /// Answer as of this day instead of today.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Prints the clocks. `today` stands in where `--as-of` is not given.
///
/// # Errors
/// A sentence for the person at the terminal.
pub fn run(
    args: &ClockArgs,
    library: &Library,
    today: NaiveDate,
    out: &mut dyn Write,
) -> Result<(), String> {
    let as_of = args.as_of.unwrap_or(today);
    in_range("--as-of", as_of)?;
    if let Some(file) = &args.batch {
        return super::clock_batch::run(file, args.json, library, as_of, out);
    }
    let (Some(code), Some(received)) = (args.code, args.received) else {
        return Err("Give a jurisdiction and --received DATE, or --batch FILE.".to_owned());
    };
    let jurisdiction = super::law::find(library, code)?;
    let mut facts = facts(
        jurisdiction,
        received,
        args.holder.unwrap_or_default(),
        args.conditions.iter().map(String::as_str),
        args.events.clone(),
    )?;
    facts.county.clone_from(&args.county);
    facts.after_hours = args.after_hours;
    facts.sent_by.clone_from(&args.sent_by);
    let sheet = ClockSheet::new(jurisdiction, &facts, as_of);
    if args.json {
        return super::law::print_json(&sheet, out);
    }
    let text = sheet.text(&jurisdiction.law.name);
    out.write_all(text.as_bytes())
        .map_err(|problem| format!("Could not write the answer: {problem}."))
}

/// The facts of one question, checked.
///
/// # Errors
/// A sentence on a day outside the known years or a condition that the law does not have.
pub(super) fn facts<'c>(
    jurisdiction: &Jurisdiction,
    received: NaiveDate,
    holder: HolderKind,
    conditions: impl Iterator<Item = &'c str>,
    events: Vec<(EventKind, NaiveDate)>,
) -> Result<Facts, String> {
    in_range("--received", received)?;
    for (kind, day) in &events {
        in_range(kind.as_str(), *day)?;
    }
    let mut holding = BTreeSet::new();
    for key in conditions {
        if !jurisdiction
            .conditions
            .iter()
            .any(|condition| condition.key == key)
        {
            let known: Vec<_> = jurisdiction
                .conditions
                .iter()
                .map(|condition| condition.key.as_str())
                .collect();
            return Err(format!(
                "“{key}” is not a condition of {}. It has: {}.",
                jurisdiction.name,
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            ));
        }
        holding.insert(key.to_owned());
    }
    Ok(Facts {
        received_on: Some(received),
        holder,
        conditions: holding,
        events,
        ..Facts::default()
    })
}

pub(super) fn holder(text: &str) -> Result<HolderKind, String> {
    HolderKind::parse(text).ok_or_else(|| {
        let known: Vec<_> = HolderKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
}

pub(super) fn event(text: &str) -> Result<(EventKind, NaiveDate), String> {
    EventKind::read(text)
}

/// Holidays are known from 1990 to 2100; a day outside is a slip of the keyboard.
fn in_range(what: &str, day: NaiveDate) -> Result<(), String> {
    use chrono::Datelike;
    if crate::calendar::YEARS.contains(&day.year()) {
        Ok(())
    } else {
        Err(format!(
            "The day given for {what} ({day}) is not between 1990 and 2100; please check the year."
        ))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        clock: ClockArgs,
    }

    fn answer(line: &[&str]) -> Result<String, String> {
        let line = Line::try_parse_from(std::iter::once("clock").chain(line.iter().copied()))
            .map_err(|problem| problem.to_string())?;
        let library = Library::embedded().map_err(|problems| format!("{problems:?}"))?;
        let mut out = Vec::new();
        let today = NaiveDate::from_ymd_opt(2026, 1, 21).ok_or("a day")?;
        run(&line.clock, &library, today, &mut out)?;
        String::from_utf8(out).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_json_is_the_contract() {
        let json = answer(&["WA", "--received", "2026-01-16", "--json"]).expect("an answer");
        assert!(
            json.starts_with(r#"{"jurisdiction":"WA","received_on":"2026-01-16","#),
            "{json}"
        );
        let sheet: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let first = &sheet["duties"][0];
        for (key, value) in [
            ("duty", "acknowledge"),
            ("kind", "fixed"),
            ("unit", "business"),
            ("due_on", "2026-01-26"),
            ("citation", "RCW 42.56.520(1)"),
            ("confidence", "two_sources"),
            ("earliest_on", "2026-01-26"),
            ("latest_on", "2026-01-26"),
        ] {
            assert_eq!(first[key], value, "{key}");
        }
        assert_eq!(first["days"], 5);
        assert_eq!(first["ours"], false);
        assert!(first["days_late"].is_null());
        let king = serde_json::json!({"day":"2026-01-19","counted":false,"why":"Martin Luther King Jr. Day"});
        assert!(first["trace"].as_array().expect("a list").contains(&king));
    }

    #[test]
    fn a_law_without_a_limit_has_no_date() {
        let json = answer(&["FL", "--received", "2026-01-16", "--json"]).expect("an answer");
        let sheet: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(sheet["duties"][0]["kind"], "prompt");
        assert!(sheet["duties"][0]["due_on"].is_null());
        let text = answer(&["FL", "--received", "2026-01-16"]).expect("an answer");
        assert!(text.contains("Limit: none fixed"), "{text}");
    }

    #[test]
    fn events_move_the_answer() {
        let text = answer(&[
            "CA",
            "--received",
            "2026-01-05",
            "--event",
            "extended=2026-01-14:2026-01-20",
            "--as-of",
            "2026-01-15",
        ])
        .expect("an answer");
        assert!(text.contains("Limit: Tue 20 Jan 2026"), "{text}");
    }

    #[test]
    fn slips_are_answered_with_what_to_write() {
        for (line, says) in [
            (vec!["XX", "--received", "2026-01-16"], "no law for XX"),
            (
                vec!["Washington", "--received", "2026-01-16"],
                "two letters",
            ),
            (vec!["WA", "--received", "16.1.2026"], "invalid"),
            (
                vec![
                    "WA",
                    "--received",
                    "2026-01-16",
                    "--event",
                    "nodded=2026-01-17",
                ],
                "nodded",
            ),
            (
                vec!["WA", "--received", "2026-01-16", "--event", "denied"],
                "acknowledged=2026-01-20",
            ),
            (
                vec!["WA", "--received", "2026-01-16", "--holder", "king"],
                "sheriff",
            ),
            (vec!["WA", "--received", "0026-01-16"], "1990"),
            (
                vec!["WA", "--received", "2026-01-16", "--when", "commercial"],
                "not a condition",
            ),
        ] {
            let problem = answer(&line).expect_err("refused");
            assert!(problem.contains(says), "{line:?}: {problem}");
        }
    }

    /// One page a jurisdiction: fresh, answered and appealed, and silent. A changed figure shows as a changed page.
    #[test]
    fn golden_clocks() {
        let library = Library::embedded().expect("sound law files");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for j in library.all() {
            let mut page = String::new();
            for (title, received, events, as_of) in [
                ("Fresh", "2026-01-16", &[][..], "2026-01-20"),
                (
                    "Answered and appealed",
                    "2026-06-13",
                    &[
                        "acknowledged=2026-06-17",
                        "extended=2026-06-18:2026-07-01",
                        "denied=2026-07-01",
                        "appealed=2026-07-20",
                        "appeal_decided=2026-08-03",
                    ],
                    "2026-08-10",
                ),
                ("Silent", "2026-08-03", &[], "2026-12-01"),
            ] {
                let facts = Facts {
                    received_on: Some(day(received)),
                    events: events
                        .iter()
                        .map(|text| event(text).expect("an event"))
                        .collect(),
                    ..Facts::default()
                };
                let sheet = ClockSheet::new(j, &facts, day(as_of));
                page.push_str(&format!("== {title}\n{}\n", sheet.text(&j.law.name)));
            }
            insta::assert_snapshot!(j.code.as_str(), page);
        }
    }
}
