//! The law of each jurisdiction: the table of all, as page, CSV and JSON, and each law as a sheet to read and print.
//!
//! Anybody who is signed in may read them; inside a campaign the same pages stand under its own frame.

mod correct;
mod corrections;
mod sheet;

use chrono::NaiveDate;
use minijinja::context;
use minijinja::value::Serde;
use rocket::http::Status;
use rocket::{Route, State, get, routes};
use serde::Serialize;

pub(super) use self::corrections::moves_view;
use self::sheet::show_sheet;
use crate::actions::{ActionError, App};
use crate::law::{Confidence, Duty, HolderKind, Jurisdiction, SilenceMeans, Unit, Waiver};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::guard::{Member, Person};

pub fn routes() -> Vec<Route> {
    let mut all = routes![
        list,
        list_in_campaign,
        one,
        one_in_campaign,
        as_csv,
        as_json
    ];
    all.extend(correct::routes());
    all.extend(corrections::routes());
    all
}

#[get("/laws?<sort>")]
async fn list(_by: Person, desk: Desk, app: &State<App>, sort: Option<&str>) -> Answer {
    show_list(&desk, app, sort, "")
}

#[get("/c/<slug>/laws?<sort>")]
async fn list_in_campaign(
    _by: Member,
    slug: &str,
    desk: Desk,
    app: &State<App>,
    sort: Option<&str>,
) -> Answer {
    show_list(&desk, app, sort, &format!("/c/{slug}"))
}

#[get("/laws/<code>", rank = 3)]
async fn one(_by: Person, desk: Desk, app: &State<App>, code: &str) -> Answer {
    show_sheet(&desk, app, code, "").await
}

#[get("/c/<slug>/laws/<code>")]
async fn one_in_campaign(
    _by: Member,
    slug: &str,
    desk: Desk,
    app: &State<App>,
    code: &str,
) -> Answer {
    show_sheet(&desk, app, code, &format!("/c/{slug}")).await
}

#[get("/laws/table.csv")]
async fn as_csv(_by: Person, desk: Desk, app: &State<App>) -> Answer {
    let bytes = csv(&rows(app, Sort::Name, desk.today()))
        .map_err(|problem| ActionError::fault("writing the table of laws", problem))?;
    Ok(Reply::File {
        bytes,
        media_type: "text/csv; charset=utf-8",
        name: Some("public-records-laws.csv".to_owned()),
        inline: false,
    })
}

#[get("/laws/table.json")]
async fn as_json(_by: Person, desk: Desk, app: &State<App>) -> Answer {
    let json = serde_json::to_string_pretty(&rows(app, Sort::Name, desk.today()))
        .map_err(|problem| ActionError::fault("writing the table of laws", problem))?;
    Ok(Reply::Text(Status::Ok, "application/json", json))
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    code: String,
    name: String,
    act: String,
    citation: String,
    /// "Acknowledgment".
    first_duty: &'static str,
    /// "5 business days", or "none fixed" in the law's own words.
    limit: String,
    fixed: bool,
    first_duty_citation: String,
    /// `denial`, `violation`, `approval`, `unstated`.
    silence: &'static str,
    appeal: String,
    /// "30 calendar days", empty where the file states none.
    appeal_within: String,
    residents_only: bool,
    fee_waiver: &'static str,
    /// Of the first duty.
    confidence: &'static str,
    /// For sorting only.
    #[serde(skip)]
    order: Order,
}

/// What the columns sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Order {
    /// Rough hours of the first limit; without a number last.
    limit: u32,
    appeal: u32,
    confidence: Confidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Name,
    Limit,
    Silence,
    Appeal,
    Confidence,
}

impl Sort {
    /// An unknown word sorts by name: the address is shared by people.
    fn parse(word: Option<&str>) -> Sort {
        match word {
            Some("limit") => Sort::Limit,
            Some("silence") => Sort::Silence,
            Some("appeal") => Sort::Appeal,
            Some("confidence") => Sort::Confidence,
            _ => Sort::Name,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Sort::Name => "name",
            Sort::Limit => "limit",
            Sort::Silence => "silence",
            Sort::Appeal => "appeal",
            Sort::Confidence => "confidence",
        }
    }
}

fn show_list(desk: &Desk, app: &App, sort: Option<&str>, base: &str) -> Answer {
    let sort = Sort::parse(sort);
    let content = context! { rows => Serde(rows(app, sort, desk.today())), sort => sort.word(), base => base };
    desk.page("laws", "pages/laws.html", content)
}

fn rows(app: &App, sort: Sort, on: NaiveDate) -> Vec<Row> {
    let mut rows: Vec<Row> = app.law().all().map(|j| row(j, on)).collect();
    match sort {
        Sort::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        Sort::Limit => rows.sort_by_key(|row| (row.order.limit, row.name.clone())),
        Sort::Silence => rows.sort_by_key(|row| (row.silence, row.name.clone())),
        Sort::Appeal => {
            rows.sort_by_key(|row| (row.order.appeal, row.appeal.clone(), row.name.clone()))
        }
        Sort::Confidence => rows.sort_by_key(|row| (row.order.confidence, row.name.clone())),
    }
    rows
}

/// The row is for a sheriff: the holder that most requests go to. Federal law has none.
fn row(j: &Jurisdiction, on: NaiveDate) -> Row {
    let first = j
        .first_duty(HolderKind::Sheriff, on)
        .or_else(|| j.first_duty(HolderKind::Unstated, on));
    let appeal = j.appeal_duty(on);
    // Alabama's silence follows the records, not the acknowledgment: the first that means something.
    let silence = j
        .silences
        .iter()
        .map(|silence| silence.means)
        .find(|means| *means != SilenceMeans::Unstated)
        .unwrap_or(SilenceMeans::Unstated);
    let confidence = first.map_or(Confidence::Unverified, |duty| duty.confidence);
    Row {
        code: j.code.to_string(),
        name: j.name.clone(),
        act: j.law.name.clone(),
        citation: j.law.citation.clone(),
        first_duty: first.map_or("None", |duty| duty.deed.heading()),
        limit: first.map_or_else(|| "None fixed".to_owned(), Duty::limit_plain),
        fixed: first.is_some_and(|duty| duty.days.is_some()),
        first_duty_citation: first.map(|duty| duty.citation.clone()).unwrap_or_default(),
        silence: silence.as_str(),
        appeal: j
            .appeals
            .first()
            .map_or_else(String::new, |appeal| appeal.kind.plain().to_owned()),
        appeal_within: appeal.map(Duty::limit_plain).unwrap_or_default(),
        residents_only: j.eligibility.residents_only,
        fee_waiver: waiver_word(j.fees.waiver),
        confidence: confidence.as_str(),
        order: Order {
            limit: first.map_or(u32::MAX, rough_hours),
            appeal: appeal.map_or(u32::MAX, rough_hours),
            confidence,
        },
    }
}

fn waiver_word(waiver: Waiver) -> &'static str {
    match waiver {
        Waiver::PublicInterest => "public interest",
        Waiver::Discretionary => "discretionary",
        Waiver::Indigent => "indigent",
        Waiver::None => "none",
    }
}

/// Good enough to put limits of different units in order.
fn rough_hours(duty: &Duty) -> u32 {
    let days = duty.days.unwrap_or(u32::MAX);
    match duty.unit {
        None => u32::MAX,
        Some(Unit::Hours) => days,
        // Five business days are a week.
        Some(Unit::Business) => days.saturating_mul(24 * 7) / 5,
        Some(Unit::Calendar) => days.saturating_mul(24),
        Some(Unit::Months) => days.saturating_mul(24 * 30),
        Some(Unit::Years) => days.saturating_mul(24 * 365),
    }
}

fn csv(rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "code",
        "name",
        "act",
        "citation",
        "first_duty",
        "limit",
        "first_duty_citation",
        "silence",
        "appeal",
        "appeal_within",
        "residents_only",
        "fee_waiver",
        "confidence",
    ])?;
    for row in rows {
        writer.write_record([
            row.code.as_str(),
            &row.name,
            &row.act,
            &row.citation,
            row.first_duty,
            &row.limit,
            &row.first_duty_citation,
            row.silence,
            &row.appeal,
            if row.appeal_within.is_empty() {
                "not stated"
            } else {
                &row.appeal_within
            },
            if row.residents_only { "yes" } else { "no" },
            row.fee_waiver,
            row.confidence,
        ])?;
    }
    writer
        .into_inner()
        .map_err(|problem| csv::Error::from(problem.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    fn all() -> Vec<Row> {
        Library::embedded()
            .expect("sound law files")
            .all()
            .map(|j| row(j, "2026-11-25".parse().expect("a day")))
            .collect()
    }

    #[test]
    fn every_law_has_a_row_that_tells_none_fixed_from_a_number() {
        let rows = all();
        assert_eq!(rows.len(), 52);
        let of = |code: &str| rows.iter().find(|row| row.code == code).expect("a row");
        assert_eq!(
            (of("WA").limit.as_str(), of("WA").fixed),
            ("5 business days", true)
        );
        assert!(!of("FL").fixed && of("FL").limit.starts_with("None fixed"));
        assert_eq!(of("SC").silence, "approval");
        assert_eq!(of("AL").silence, "denial");
        assert!(!of("MT").fixed, "a Montana sheriff has no numbered days");
        assert_eq!(of("NY").appeal_within, "30 calendar days");
        assert!(of("AR").residents_only);
    }

    #[test]
    fn limits_of_different_units_have_an_order() {
        let rows = all();
        let hours = |code: &str| {
            rows.iter()
                .find(|row| row.code == code)
                .expect("a row")
                .order
                .limit
        };
        assert!(
            hours("VT") < hours("WA") && hours("WA") < hours("CA") && hours("CA") < hours("US")
        );
        assert!(hours("US") < hours("FL"), "without a number last");
    }

    #[test]
    fn the_csv_reads_back() {
        let bytes = csv(&all()).expect("a table");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let lines: Vec<csv::StringRecord> = reader
            .records()
            .collect::<Result<_, _>>()
            .expect("sound rows");
        assert_eq!(lines.len(), 52);
        assert_eq!(&lines[0][0], "AK");
    }
}
