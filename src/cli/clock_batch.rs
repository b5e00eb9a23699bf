//! `sundial clock --batch FILE`: thousands of questions from a CSV, one answer line a duty.

use std::io::{Read, Write};
use std::path::Path;

use chrono::NaiveDate;

use super::clock::{event, facts, holder};
use crate::domain::duty::{ClockSheet, HolderKind};
use crate::law::{Code, Library};

const HEADER: [&str; 15] = [
    "line",
    "code",
    "received",
    "id",
    "duty",
    "ours",
    "kind",
    "days",
    "unit",
    "state",
    "due_on",
    "earliest_on",
    "latest_on",
    "days_late",
    "citation",
];

/// Where each column of the question stands.
struct Columns {
    code: usize,
    received: usize,
    holder: Option<usize>,
    events: Option<usize>,
    when: Option<usize>,
}

/// Answers every line of `file`. A line that cannot be answered stops the run and is named, so that no answer is
/// missing without a word.
///
/// # Errors
/// A sentence with the line at fault.
pub fn run(
    file: &Path,
    json: bool,
    library: &Library,
    as_of: NaiveDate,
    out: &mut dyn Write,
) -> Result<(), String> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        let opened = std::fs::File::open(file);
        Box::new(
            opened
                .map_err(|problem| format!("{} could not be opened: {problem}.", file.display()))?,
        )
    };
    answer(input, json, library, as_of, out)
}

fn answer(
    input: impl Read,
    json: bool,
    library: &Library,
    as_of: NaiveDate,
    out: &mut dyn Write,
) -> Result<(), String> {
    let unwritten = |problem: csv::Error| format!("Could not write the answer: {problem}.");
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(input);
    let headers = reader
        .headers()
        .map_err(|problem| format!("The file is not a readable CSV: {problem}."))?;
    let columns = columns(headers)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    if !json {
        table.write_record(HEADER).map_err(unwritten)?;
    }
    for (at, record) in reader.records().enumerate() {
        // The header is line 1.
        let line = at + 2;
        let record =
            record.map_err(|problem| format!("Line {line} is not readable: {problem}."))?;
        let sheet = sheet(&record, &columns, library, as_of)
            .map_err(|problem| format!("Line {line}: {problem}"))?;
        if json {
            super::law::print_json(&sheet, out)?;
            continue;
        }
        for row in rows(line, &sheet) {
            table.write_record(&row).map_err(unwritten)?;
        }
    }
    let bytes = table
        .into_inner()
        .map_err(|problem| format!("Could not write the answer: {}.", problem.error()))?;
    out.write_all(&bytes)
        .map_err(|problem| format!("Could not write the answer: {problem}."))
}

fn columns(headers: &csv::StringRecord) -> Result<Columns, String> {
    let at = |name: &str| {
        headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(name))
    };
    let needed = |name: &str| {
        at(name).ok_or_else(|| {
            format!("The first line needs a column “{name}”; it may have code, received, holder, events and when.")
        })
    };
    Ok(Columns {
        code: needed("code")?,
        received: needed("received")?,
        holder: at("holder"),
        events: at("events"),
        when: at("when"),
    })
}

fn sheet(
    record: &csv::StringRecord,
    columns: &Columns,
    library: &Library,
    as_of: NaiveDate,
) -> Result<ClockSheet, String> {
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let words = |at: Option<usize>| at.map(cell).unwrap_or_default().split_whitespace();
    let code: Code = cell(columns.code)
        .parse()
        .map_err(|problem| format!("{problem}."))?;
    let jurisdiction = super::law::find(library, code)?;
    let received: NaiveDate = cell(columns.received).parse().map_err(|_| {
        format!(
            "“{}” is not a day as in 2026-01-16.",
            cell(columns.received)
        )
    })?;
    let kind = match columns.holder.map(cell).unwrap_or_default() {
        "" => HolderKind::Unstated,
        word => holder(word)
            .map_err(|problem| format!("“{word}” is not a kind of holder; {problem}."))?,
    };
    let events = words(columns.events)
        .map(event)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|problem| format!("{problem}."))?;
    let facts = facts(jurisdiction, received, kind, words(columns.when), events)?;
    Ok(ClockSheet::new(jurisdiction, &facts, as_of))
}

fn rows(line: usize, sheet: &ClockSheet) -> Vec<[String; 15]> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    sheet
        .duties
        .iter()
        .map(|clock| {
            [
                line.to_string(),
                sheet.jurisdiction.to_string(),
                day(sheet.received_on),
                clock.id.clone(),
                clock.duty.clone(),
                clock.ours.to_string(),
                clock.kind.as_str().to_owned(),
                clock.days.map(|days| days.to_string()).unwrap_or_default(),
                clock
                    .unit
                    .map(|unit| unit.as_str().to_owned())
                    .unwrap_or_default(),
                clock.state.as_str().to_owned(),
                day(clock.due_on),
                day(clock.earliest_on),
                day(clock.latest_on),
                clock
                    .days_late
                    .map(|days| days.to_string())
                    .unwrap_or_default(),
                clock.citation.clone(),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(csv: &str, json: bool) -> Result<String, String> {
        let library = Library::embedded().map_err(|problems| format!("{problems:?}"))?;
        let as_of = NaiveDate::from_ymd_opt(2026, 2, 2).ok_or("a day")?;
        let mut out = Vec::new();
        answer(csv.as_bytes(), json, &library, as_of, &mut out)?;
        String::from_utf8(out).map_err(|problem| problem.to_string())
    }

    #[test]
    fn each_line_is_answered_duty_by_duty() {
        let text = said(
            "received,code,holder,events\n2026-01-16,WA,sheriff,\n2026-01-16,ny,,acknowledged=2026-01-20 denied=2026-01-22\n",
            false,
        )
        .expect("an answer");
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[1].starts_with(
                "2,WA,2026-01-16,acknowledge,acknowledge,false,fixed,5,business,late,2026-01-26,"
            ),
            "{text}"
        );
        // The thirtieth day after 22 January is Saturday 21 February, which moves to Monday (sec. 25-a).
        assert!(
            text.contains(
                "3,NY,2026-01-16,appeal,appeal,true,fixed,30,calendar,running,2026-02-23"
            ),
            "{text}"
        );
        let json = said("code,received\nWA,2026-01-16\nFL,2026-01-16\n", true).expect("an answer");
        assert_eq!(json.lines().count(), 2);
    }

    #[test]
    fn a_line_at_fault_is_named() {
        for (csv, says) in [
            ("jurisdiction,received\nWA,2026-01-16\n", "column “code”"),
            (
                "code,received\nWA,2026-01-16\nZZ,2026-01-16\n",
                "Line 3: There is no law for ZZ",
            ),
            ("code,received\nWA,soon\n", "Line 2: “soon” is not a day"),
            (
                "code,received,events\nWA,2026-01-16,nodded=2026-01-17\n",
                "Line 2: “nodded”",
            ),
            (
                "code,received,when\nWA,2026-01-16,commercial\n",
                "not a condition",
            ),
            ("", "column “code”"),
        ] {
            let problem = said(csv, false).expect_err(csv);
            assert!(problem.contains(says), "{csv}: {problem}");
        }
    }
}
