//! `sundial calendar CODE YEAR`: the holidays and observed days of a year, each with its rule and source.

use std::io::Write;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::calendar::YEARS;
use crate::calendar::words::long;
use crate::law::{ClosedDay, Code, CodeError, HolderKind, Jurisdiction, Library, Source, Topic};

/// On which days a state's offices are closed.
#[derive(Debug, Args)]
pub struct CalendarArgs {
    /// Jurisdiction: two letters, for example WA, DC or US; or all.
    #[arg(value_name = "CODE", value_parser = which)]
    pub code: Which,
    /// A year, or a range of years as 2020..2035.
    #[arg(value_name = "YEAR", value_parser = years)]
    pub year: Years,
    /// The county of the body: some days are closed in some counties only.
    #[arg(long, value_name = "NAME")]
    pub county: Option<String>,
    /// What kind of body: state_agency, federal_agency, county, sheriff, municipality, other_local.
    #[arg(long, value_name = "KIND", value_parser = super::clock::holder)]
    pub holder: Option<HolderKind>,
    /// Read the law files in this folder instead of those built in.
    #[arg(long, value_name = "FOLDER")]
    pub law: Option<std::path::PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Whose calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    One(Code),
    All,
}

/// The first and the last year asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Years {
    pub first: i32,
    pub last: i32,
}

fn which(text: &str) -> Result<Which, String> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Which::All);
    }
    text.parse()
        .map(Which::One)
        .map_err(|problem: CodeError| problem.to_string())
}

fn years(text: &str) -> Result<Years, String> {
    let year = |text: &str| {
        let year: i32 = text
            .parse()
            .map_err(|_| format!("“{text}” is not a year"))?;
        if YEARS.contains(&year) {
            Ok(year)
        } else {
            Err(format!(
                "holidays are known from 1990 to 2100; {year} is outside"
            ))
        }
    };
    let (first, last) = match text.split_once("..") {
        Some((first, last)) => (year(first)?, year(last)?),
        None => (year(text)?, year(text)?),
    };
    if last < first {
        return Err("the last year is before the first".to_owned());
    }
    Ok(Years { first, last })
}

/// The closings of one year.
#[derive(Debug, Serialize)]
pub struct Sheet {
    pub jurisdiction: Code,
    pub year: i32,
    pub citation: String,
    pub confidence: crate::law::Confidence,
    pub days: Vec<ClosedDay>,
    /// Half days count as business days.
    pub half_days: Vec<NaiveDate>,
    pub sources: Vec<Source>,
}

/// Works out the closings of a year.
pub fn sheet(j: &Jurisdiction, year: i32, holder: HolderKind, county: Option<&str>) -> Sheet {
    Sheet {
        jurisdiction: j.code,
        year,
        citation: j.holidays.citation.clone(),
        confidence: j.holidays.confidence,
        days: j.closed_days_of(year, holder, county),
        half_days: j.half_days(year),
        sources: j.sources_for(Topic::Holidays).cloned().collect(),
    }
}

/// Prints the closings of the years asked for; of more than one, JSON has a line each.
///
/// # Errors
/// A sentence for the person at the terminal.
pub fn run(args: &CalendarArgs, library: &Library, out: &mut dyn Write) -> Result<(), String> {
    let unwritten =
        |problem: &dyn std::fmt::Display| format!("Could not write the answer: {problem}.");
    let laws: Vec<&Jurisdiction> = match args.code {
        Which::One(code) => vec![super::law::find(library, code)?],
        Which::All => library.all().collect(),
    };
    let one = laws.len() == 1 && args.year.first == args.year.last;
    for j in laws {
        for year in args.year.first..=args.year.last {
            let sheet = sheet(
                j,
                year,
                args.holder.unwrap_or_default(),
                args.county.as_deref(),
            );
            if !args.json {
                out.write_all(text(j, &sheet).as_bytes())
                    .map_err(|problem| unwritten(&problem))?;
            } else if one {
                super::law::print_json(&sheet, out)?;
            } else {
                let line = serde_json::to_string(&sheet).map_err(|problem| unwritten(&problem))?;
                writeln!(out, "{line}").map_err(|problem| unwritten(&problem))?;
            }
        }
    }
    Ok(())
}

/// One year in words.
fn text(j: &Jurisdiction, sheet: &Sheet) -> String {
    let mut text = format!(
        "{} {}: {} ({}); {}.\n",
        j.name,
        sheet.year,
        sheet.citation,
        sheet.confidence.plain(),
        j.holidays.observed.says()
    );
    for day in &sheet.days {
        let doubt = match (&day.note, day.sure) {
            (Some(note), _) => format!(" ({})", note.trim_end_matches('.')),
            (None, true) => String::new(),
            (None, false) => " (not settled)".to_owned(),
        };
        text.push_str(&format!(
            "{}  {}{doubt}, by the rule “{}”\n",
            long(day.day),
            day.why,
            day.rule
        ));
    }
    for day in &sheet.half_days {
        text.push_str(&format!("{}  half day, counted as open\n", long(*day)));
    }
    for source in &sheet.sources {
        text.push_str(&format!(
            "Source: {} ({}), read {}\n",
            source.title,
            source.url,
            long(source.retrieved)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, year: i32, json: bool) -> Result<String, String> {
        let library = Library::embedded().map_err(|problems| format!("{problems:?}"))?;
        let args = CalendarArgs {
            code: which(code)?,
            year: years(&year.to_string())?,
            county: None,
            holder: None,
            law: None,
            json,
        };
        let mut out = Vec::new();
        run(&args, &library, &mut out)?;
        String::from_utf8(out).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_year_lists_holidays_and_observed_days() {
        let text = said("WA", 2026, false).expect("a year");
        assert!(
            text.contains("Fri 3 Jul 2026  Independence Day (observed)"),
            "{text}"
        );
        assert!(
            text.contains("Mon 19 Jan 2026  Martin Luther King Jr. Day"),
            "{text}"
        );
        let json = said("WA", 2026, true).expect("a year");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["citation"], "RCW 1.16.050");
        assert_eq!(json["days"][0]["rule"], "jan 1");
    }

    #[test]
    fn doubtful_days_and_half_days_are_marked() {
        let text = said("AL", 2026, false).expect("a year");
        assert!(
            text.contains("Tue 17 Feb 2026  Mardi Gras (Closes state offices in Mobile"),
            "{text}"
        );
        let text = said("ND", 2026, false).expect("a year");
        assert!(text.contains("Thu 24 Dec 2026  half day"), "{text}");
        assert!(
            said("WA", 1850, false)
                .expect_err("outside")
                .contains("1990")
        );
    }
}
