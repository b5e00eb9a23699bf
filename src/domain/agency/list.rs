//! Reading a list of agencies or agreements: which column is which, and what each line says.
//!
//! Takes the cells as text, as the worker process reads them from an XLSX or CSV; a day may come as "2025-06-25",
//! "6/25/2025" or a spreadsheet's day number. Nothing is matched here: that is [`super::plan`].

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::columns::{Field, Mapping};
use super::contact::{Channel, Purpose, check_checked_on, check_value};
pub use super::table::BadList;
use super::table::{Column, Head, cell, says, shortened};
use super::{AgencyKind, AgreementModel, AgreementStatus, Paper, name, start};
use crate::calendar::FiscalStart;

/// What a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// A CSV or XLSX of agencies.
    Agencies,
    /// ICE's published list of participating or of pending agencies.
    Agreements,
}

impl ListKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ListKind::Agencies => "agencies",
            ListKind::Agreements => "agreements",
        }
    }

    pub fn parse(text: &str) -> Option<ListKind> {
        [ListKind::Agencies, ListKind::Agreements]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// An agreement as one line of a list gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAgreement {
    pub model: AgreementModel,
    pub status: AgreementStatus,
    pub signed_on: Option<NaiveDate>,
    pub paper: Paper,
    pub addendum: Paper,
}

/// A way to reach an agency as one line of a list gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedContact {
    pub purpose: Purpose,
    pub channel: Channel,
    pub value: String,
    /// The title it is addressed to; may be empty.
    pub title: String,
    pub known_how: String,
    pub checked_on: NaiveDate,
}

/// One line that names an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAgency {
    /// Line of the file, the head included, counted from 1 as a spreadsheet shows it.
    pub line: u32,
    pub name: String,
    /// Postal code.
    pub jurisdiction: String,
    pub county: Option<String>,
    pub kind: AgencyKind,
    pub agreement: Option<ListedAgreement>,
    #[serde(default)]
    pub contacts: Vec<ListedContact>,
    #[serde(default)]
    pub other_names: Vec<String>,
    #[serde(default)]
    pub jail_system: String,
    /// The first day of its own fiscal year with where that is known from; only together.
    #[serde(default)]
    pub fiscal_year: Option<(FiscalStart, String)>,
    /// What could not be read on this line, each a sentence; the rest of the line stands.
    pub remarks: Vec<String>,
}

/// A line as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "read", rename_all = "snake_case")]
pub enum Line {
    Agency(ListedAgency),
    /// It cannot be used: what it says, shortened, and why.
    Unusable {
        line: u32,
        says: String,
        why: String,
    },
}

const STATE: Column = Column("STATE", &["state", "jurisdiction", "state or territory"]);
const AGENCY: Column = Column(
    "LAW ENFORCEMENT AGENCY",
    &["law enforcement agency", "agency", "agency name", "name"],
);
const TYPE: Column = Column("TYPE", &["type", "kind", "agency type"]);
const COUNTY: Column = Column("COUNTY", &["county", "county or parish", "parish"]);
const SUPPORT: Column = Column(
    "SUPPORT TYPE",
    &["support type", "model", "287 g model", "type of support"],
);
const SIGNED: Column = Column(
    "SIGNED",
    &["signed", "date signed", "signed on", "signature date"],
);
const MOA: Column = Column("MOA", &["moa", "agreement", "memorandum"]);
const ADDENDUM: Column = Column("ADDENDUM", &["addendum", "addenda"]);
/// A day as lists write it. None where it cannot be read for certain: "7/72025" is not guessed at.
pub fn day(words: &str) -> Option<NaiveDate> {
    let words = words.trim();
    let first = words.split(['T', ' ']).next().unwrap_or(words);
    let read = NaiveDate::parse_from_str(first, "%Y-%m-%d")
        .ok()
        .or_else(|| us_day(first))
        .or_else(|| day_number(first))?;
    let year = chrono::Datelike::year(&read);
    (1990..2100).contains(&year).then_some(read)
}

/// Month, day and a year of four figures.
fn us_day(words: &str) -> Option<NaiveDate> {
    let mut parts = words.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A spreadsheet's day number, counted from 30 December 1899.
fn day_number(words: &str) -> Option<NaiveDate> {
    let number: u64 = words.strip_suffix(".0").unwrap_or(words).parse().ok()?;
    if !(33_000..73_000).contains(&number) {
        return None;
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number))
}

/// Name, jurisdiction and county of a line, or why it cannot be used.
fn agency_of(
    line: u32,
    row: &[String],
    [name_at, state_at, county_at, kind_at]: [Option<usize>; 4],
) -> Result<ListedAgency, String> {
    let called = name::tidy(cell(row, name_at));
    if called.is_empty() || name::county_key(&called).is_none() {
        return Err("It names no agency.".to_owned());
    }
    if called.chars().count() > 200 {
        return Err("The agency's name is longer than 200 characters.".to_owned());
    }
    let state = cell(row, state_at);
    let Some(place) = jurisdiction_code(state) else {
        let why = if state.is_empty() {
            "It names no state.".to_owned()
        } else {
            format!("“{}” is not a state or the District.", shortened(state, 40))
        };
        return Err(why);
    };
    let county = cell(row, county_at);
    let mut remarks = Vec::new();
    let kind_words = cell(row, kind_at);
    let by_name = AgencyKind::by_name(&called);
    let kind = if kind_words.is_empty() {
        by_name
    } else {
        AgencyKind::of_list(kind_words).map_or_else(
            || {
                remarks.push(format!(
                    "The type “{}” is not one we know; kept as {}.",
                    shortened(kind_words, 40),
                    by_name.plain().to_lowercase()
                ));
                by_name
            },
            |kind| kind.refined(&called),
        )
    };
    Ok(ListedAgency {
        line,
        name: called,
        jurisdiction: place,
        county: name::county_key(county).map(|_| name::tidy(county)),
        kind,
        agreement: None,
        contacts: Vec::new(),
        other_names: Vec::new(),
        jail_system: String::new(),
        fiscal_year: None,
        remarks,
    })
}

fn unusable(line: u32, row: &[String], why: String) -> Line {
    Line::Unusable {
        line,
        says: says(row),
        why,
    }
}

/// The postal code that a cell names: a state, the District, or the United States.
fn jurisdiction_code(words: &str) -> Option<String> {
    let federal = ["us", "usa", "federal", "united states"].contains(&name::fold(words).as_str());
    if federal {
        return Some("US".to_owned());
    }
    start::jurisdiction_of(words).map(|place| place.jurisdiction.clone())
}

/// Reads ICE's list of participating agencies, or of pending ones (which has no SIGNED column).
///
/// # Errors
/// Where a column is missing or there is no line.
pub fn read_agreements(rows: &[Vec<String>]) -> Result<Vec<Line>, BadList> {
    const HINT: &str =
        "Use ICE's own list of participating or pending agencies, or give the column that name.";
    let head = Head::find(rows, &[&STATE, &AGENCY, &SUPPORT], HINT)?;
    let places = [&AGENCY, &STATE, &COUNTY, &TYPE].map(|column| head.place(column));
    let support = head.place(&SUPPORT);
    let signed = head.place(&SIGNED);
    let moa = head.place(&MOA);
    let addendum = head.place(&ADDENDUM);
    let status = if signed.is_some() {
        AgreementStatus::Signed
    } else {
        AgreementStatus::Pending
    };
    let read = |(line, row): (u32, &[String])| {
        let mut agency = match agency_of(line, row, places) {
            Ok(agency) => agency,
            Err(why) => return unusable(line, row, why),
        };
        let words = cell(row, support);
        let Some(model) = AgreementModel::of_list(words) else {
            let why = if words.is_empty() {
                "It names no model of agreement.".to_owned()
            } else {
                format!(
                    "“{}” is not one of the three models of agreement.",
                    shortened(words, 40)
                )
            };
            return unusable(line, row, why);
        };
        let signed_words = cell(row, signed);
        let signed_on = day(signed_words);
        if signed_on.is_none() && !signed_words.is_empty() {
            agency.remarks.push(format!(
                "The date “{}” cannot be read: kept as not stated.",
                shortened(signed_words, 20)
            ));
        }
        agency.agreement = Some(ListedAgreement {
            model,
            status,
            signed_on,
            paper: Paper::of_list(cell(row, moa)),
            addendum: Paper::of_list(cell(row, addendum)),
        });
        Line::Agency(agency)
    };
    Ok(head.lines()?.into_iter().map(read).collect())
}

/// Reads the rows under the head at `head_at`, whose columns a person has named: name and state, and where it has
/// them county, kind, other names, the jail's system, and contacts with how each is known and when it was checked. A
/// contact without both is left out with a remark.
///
/// # Errors
/// Where there is no line, or there are too many.
pub fn read_mapped(
    rows: &[Vec<String>],
    head_at: usize,
    mapping: &Mapping,
    today: NaiveDate,
) -> Result<Vec<Line>, BadList> {
    let head = Head::at_row(rows, head_at);
    read_lines(&head.lines()?, mapping, today)
}

fn read_lines(
    lines: &[(u32, &[String])],
    mapping: &Mapping,
    today: NaiveDate,
) -> Result<Vec<Line>, BadList> {
    let place = |field: Field| mapping.get(&field).copied();
    let places = [Field::Name, Field::State, Field::County, Field::Kind].map(place);
    let read = |(line, row): &(u32, &[String])| {
        let row: Vec<String> = row.iter().map(|cell| unquoted(cell)).collect();
        let mut agency = match agency_of(*line, &row, places) {
            Ok(agency) => agency,
            Err(why) => return unusable(*line, &row, why),
        };
        agency.jail_system = shortened(cell(&row, place(Field::JailSystem)), 100);
        agency.other_names = cell(&row, place(Field::OtherNames))
            .split(';')
            .map(|other| shortened(other, 200))
            .filter(|other| name::county_key(other).is_some())
            .collect();
        fiscal_year_of(&row, mapping, &mut agency);
        contacts_of(&row, mapping, today, &mut agency);
        Line::Agency(agency)
    };
    Ok(lines.iter().map(read).collect())
}

/// A cell that our own export (or a careful person) put in quotes for the spreadsheet, as it was meant.
fn unquoted(cell: &str) -> String {
    let bare = cell.trim();
    match bare.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => bare.to_owned(),
    }
}

/// The agency's own fiscal year, where the line gives its first day and its source; else a remark.
fn fiscal_year_of(row: &[String], mapping: &Mapping, agency: &mut ListedAgency) {
    let words = |field: Field| cell(row, mapping.get(&field).copied());
    let (start, source) = (words(Field::FiscalStart), words(Field::FiscalSource));
    if start.is_empty() {
        return;
    }
    match FiscalStart::try_from(start.to_owned()) {
        Ok(first) if !source.is_empty() => {
            agency.fiscal_year = Some((first, shortened(source, 300)));
        }
        Ok(_) => agency.remarks.push(
            "Its fiscal year is left out: the line does not say where it is known from.".to_owned(),
        ),
        Err(_) => agency.remarks.push(format!(
            "The first day of the fiscal year “{}” cannot be read; write it as 07-01.",
            shortened(start, 20)
        )),
    }
}

/// Puts the line's contacts to its agency; what cannot be taken becomes a remark.
fn contacts_of(row: &[String], mapping: &Mapping, today: NaiveDate, agency: &mut ListedAgency) {
    let words = |field: Field| cell(row, mapping.get(&field).copied());
    let purpose = match words(Field::Purpose) {
        "" => Purpose::Records,
        typed => Purpose::of_list(typed).unwrap_or_else(|| {
            agency.remarks.push(format!(
                "The purpose “{}” is not one we know; taken as records requests.",
                shortened(typed, 40)
            ));
            Purpose::Records
        }),
    };
    for (field, channel) in [
        (Field::Email, Channel::Email),
        (Field::Portal, Channel::Portal),
        (Field::Post, Channel::Post),
        (Field::Fax, Channel::Fax),
        (Field::Phone, Channel::Phone),
    ] {
        let typed = words(field);
        if typed.is_empty() {
            continue;
        }
        let read = provenance(words(Field::KnownHow), words(Field::CheckedOn), today)
            .and_then(|known| Ok((known, check_value(channel, typed)?)));
        match read {
            Ok(((known_how, checked_on), value)) => agency.contacts.push(ListedContact {
                purpose,
                channel,
                value,
                title: shortened(words(Field::ContactTitle), 200),
                known_how,
                checked_on,
            }),
            Err(why) => agency.remarks.push(format!(
                "The contact “{}” is left out. {why}",
                shortened(typed, 60)
            )),
        }
    }
}

fn provenance(
    known_how: &str,
    checked_on: &str,
    today: NaiveDate,
) -> Result<(String, NaiveDate), &'static str> {
    if known_how.is_empty() {
        return Err("The list does not say how it is known (column known_how).");
    }
    let checked_on = day(checked_on)
        .ok_or("The list does not say when it was checked (column checked_on, as 2026-11-22).")?;
    check_checked_on(checked_on, today)?;
    Ok((shortened(known_how, 500), checked_on))
}

#[cfg(test)]
mod tests;
