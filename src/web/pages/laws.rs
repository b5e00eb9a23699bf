//! The law of each jurisdiction: the table of all, as page, CSV and JSON, and each law as a sheet to read and print.
//!
//! Anybody who is signed in may read them; inside a campaign the same pages stand under its own frame.

use chrono::{Datelike, NaiveDate};
use minijinja::context;
use minijinja::value::Serde;
use rocket::http::Status;
use rocket::{Route, State, get, routes};
use serde::Serialize;

use crate::actions::{ActionError, App};
use crate::calendar::words::{counted, long};
use crate::law::{
    ClosedDay, Code, Confidence, Deed, Duty, HolderKind, Jurisdiction, SilenceMeans, Source, Topic,
    Unit, Waiver, Who,
};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::guard::{Member, Person};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![
        list,
        list_in_campaign,
        sheet,
        sheet_in_campaign,
        as_csv,
        as_json
    ]
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
async fn sheet(_by: Person, desk: Desk, app: &State<App>, code: &str) -> Answer {
    show_sheet(&desk, app, code, "")
}

#[get("/c/<slug>/laws/<code>")]
async fn sheet_in_campaign(
    _by: Member,
    slug: &str,
    desk: Desk,
    app: &State<App>,
    code: &str,
) -> Answer {
    show_sheet(&desk, app, code, &format!("/c/{slug}"))
}

#[get("/laws/table.csv")]
async fn as_csv(_by: Person, app: &State<App>) -> Answer {
    let bytes = csv(&rows(app, Sort::Name))
        .map_err(|problem| ActionError::fault("writing the table of laws", problem))?;
    Ok(Reply::File {
        bytes,
        media_type: "text/csv; charset=utf-8",
        name: Some("public-records-laws.csv".to_owned()),
        inline: false,
    })
}

#[get("/laws/table.json")]
async fn as_json(_by: Person, app: &State<App>) -> Answer {
    let json = serde_json::to_string_pretty(&rows(app, Sort::Name))
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
    let content = context! { rows => Serde(rows(app, sort)), sort => sort.word(), base => base };
    desk.page("laws", "pages/laws.html", content)
}

fn rows(app: &App, sort: Sort) -> Vec<Row> {
    let mut rows: Vec<Row> = app.law.all().map(row).collect();
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
fn row(j: &Jurisdiction) -> Row {
    let first = j
        .first_duty(HolderKind::Sheriff)
        .or_else(|| j.first_duty(HolderKind::Unstated));
    let appeal = j.appeal_duty();
    let silence = first
        .and_then(|duty| j.silence_after(&duty.id))
        .map_or(SilenceMeans::Unstated, |s| s.means);
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

fn show_sheet(desk: &Desk, app: &App, code: &str, base: &str) -> Answer {
    let found = code
        .parse::<Code>()
        .ok()
        .and_then(|code| app.law.get(&code));
    let Some(j) = found else {
        return Err(WebError(ActionError::NotFound));
    };
    let year = desk.today().year();
    let content = context! {
        base => base,
        law => sheet_of(j),
        years => [year, year + 1].map(|year| year_of(j, year)),
        versions => j.version.clone(),
    };
    desk.page("laws", "pages/laws_sheet.html", content)
}

/// A duty as the sheet shows it.
#[derive(Debug, Serialize)]
struct DutyRow {
    id: String,
    heading: &'static str,
    limit: String,
    fixed: bool,
    from: String,
    for_whom: Option<String>,
    says: String,
    notes: Vec<String>,
    citation: String,
    confidence: &'static str,
}

fn duty_row(j: &Jurisdiction, duty: &Duty) -> DutyRow {
    let mut for_whom = Vec::new();
    if !duty.holders.is_empty() {
        for_whom.push(holders(&duty.holders));
    }
    for key in &duty.when {
        if let Some(condition) = j.conditions.iter().find(|condition| condition.key == *key) {
            for_whom.push(format!("where {}", condition.says));
        }
    }
    let mut notes: Vec<String> = duty.note.iter().cloned().collect();
    notes.extend(
        duty.readings
            .iter()
            .map(|reading| format!("Another reading: {}", reading.note)),
    );
    notes.extend(
        duty.later_of
            .iter()
            .chain(&duty.earlier_of)
            .filter_map(|limit| limit.note.clone()),
    );
    DutyRow {
        id: duty.id.clone(),
        heading: duty.deed.heading(),
        limit: duty.limit_plain(),
        fixed: duty.days.is_some(),
        from: duty
            .from
            .iter()
            .map(|start| start.plain())
            .collect::<Vec<_>>()
            .join(" or "),
        for_whom: (!for_whom.is_empty()).then(|| for_whom.join(", ")),
        says: duty.says.clone(),
        notes,
        citation: duty.citation.clone(),
        confidence: duty.confidence.as_str(),
    }
}

fn holders(kinds: &[HolderKind]) -> String {
    let words: Vec<_> = kinds.iter().map(|kind| kind.plain()).collect();
    format!("for {}", words.join(", "))
}

/// Everything of one law, in the words of the page.
fn sheet_of(j: &Jurisdiction) -> minijinja::Value {
    let rows = |who: Who| -> Vec<DutyRow> {
        j.duties
            .iter()
            .filter(|duty| duty.who == who)
            .map(|duty| duty_row(j, duty))
            .collect()
    };
    let extensions: Vec<_> = j
        .extensions
        .iter()
        .map(|rule| {
            let amount = match (rule.days, rule.unit) {
                (Some(days), Some(unit)) => {
                    let amount = counted(i64::from(days), unit.noun());
                    if rule.total { format!("{amount} in all") } else { format!("{amount} more") }
                }
                _ => match rule.kind {
                    crate::law::ExtensionKind::None => "None in the law".to_owned(),
                    crate::law::ExtensionKind::Agreed => "As both sides agree".to_owned(),
                    _ => "To a date that the agency names".to_owned(),
                },
            };
            context! {
                amount => amount,
                of => rule.of.iter().filter_map(|id| j.duty(id)).map(|duty| duty.deed.heading()).collect::<Vec<_>>().join(", "),
                repeatable => rule.repeatable,
                notice => rule.notice_required,
                for_whom => (!rule.holders.is_empty()).then(|| holders(&rule.holders)),
                grounds => rule.grounds.clone(),
                note => rule.note.clone(),
                citation => rule.citation.clone(),
                confidence => rule.confidence.as_str(),
            }
        })
        .collect();
    let appeals: Vec<_> = j
        .appeals
        .iter()
        .map(|appeal| {
            context! {
                step => appeal.step,
                kind => appeal.kind.plain(),
                body => appeal.body.clone(),
                optional => appeal.optional,
                file_within => appeal.file_by.as_ref().and_then(|id| j.duty(id)).map(within),
                decide_within => appeal.decide_by.as_ref().and_then(|id| j.duty(id)).map(within),
                for_whom => (!appeal.holders.is_empty()).then(|| holders(&appeal.holders)),
                note => appeal.note.clone(),
                citation => appeal.citation.clone(),
                confidence => appeal.confidence.as_str(),
            }
        })
        .collect();
    let silences: Vec<_> = j
        .silences
        .iter()
        .map(|silence| {
            context! {
                says => silence.means.plain(),
                after => silence.after.iter().filter_map(|id| j.duty(id)).map(|duty| duty.deed.heading()).collect::<Vec<_>>().join(", "),
                citation => silence.citation.clone(),
                note => silence.note.clone(),
            }
        })
        .collect();
    let sources: Vec<_> = j.sources.iter().map(source_row).collect();
    context! {
        code => j.code.as_str(),
        name => j.name.clone(),
        act => Serde(&j.law),
        act_confidence => j.law.confidence.as_str(),
        form => Serde(&j.form),
        eligibility => Serde(&j.eligibility),
        eligibility_confidence => j.eligibility.confidence.as_str(),
        agency_duties => Serde(rows(Who::Agency)),
        our_duties => Serde(rows(Who::Ours)),
        conditions => Serde(&j.conditions),
        receipts => Serde(&j.receipts),
        extensions => extensions,
        pauses => Serde(&j.pauses),
        silences => silences,
        appeals => appeals,
        court => Serde(&j.court),
        court_fees => j.court.fee_shifting.plain(),
        court_confidence => j.court.confidence.as_str(),
        sue_limited => j.duties.iter().any(|duty| duty.deed == Deed::Sue),
        fees => Serde(&j.fees),
        waiver => j.fees.waiver.plain(),
        fees_confidence => j.fees.confidence.as_str(),
        counting => Serde(&j.counting),
        counting_confidence => j.counting.confidence.as_str(),
        holidays => Serde(&j.holidays),
        holidays_confidence => j.holidays.confidence.as_str(),
        observed => j.holidays.observed.says(),
        detainers => Serde(&j.detainers),
        fiscal => Serde(&j.fiscal),
        sources => sources,
    }
}

fn within(duty: &Duty) -> String {
    format!(
        "{} from {}",
        duty.limit_plain(),
        duty.from
            .iter()
            .map(|start| start.plain())
            .collect::<Vec<_>>()
            .join(" or ")
    )
}

fn source_row(source: &Source) -> minijinja::Value {
    let supports: Vec<&str> = source
        .supports
        .iter()
        .map(|topic| topic_word(*topic))
        .collect();
    context! {
        title => source.title.clone(),
        url => source.url.clone(),
        retrieved => long(source.retrieved),
        supports => supports.join(", "),
    }
}

fn topic_word(topic: Topic) -> &'static str {
    match topic {
        Topic::Law => "the act",
        Topic::Eligibility => "who may ask",
        Topic::Response => "first duty",
        Topic::Production => "records",
        Topic::Extension => "more time",
        Topic::Appeal => "appeal",
        Topic::Court => "court",
        Topic::Fees => "fees",
        Topic::Counting => "counting",
        Topic::Holidays => "holidays",
        Topic::Detainers => "detainers",
        Topic::FiscalYearStart => "fiscal year",
        Topic::CountyFiscalYearStart => "county fiscal year",
    }
}

/// The closed days of a year and its fiscal years.
fn year_of(j: &Jurisdiction, year: i32) -> minijinja::Value {
    let day = |closed: &ClosedDay| {
        context! { day => long(closed.day), why => closed.why.clone(), sure => closed.sure }
    };
    let half: Vec<String> = j
        .half_days(year)
        .into_iter()
        .map(|day: NaiveDate| long(day))
        .collect();
    context! {
        year => year,
        days => j.closed_days(year).iter().map(day).collect::<Vec<_>>(),
        half_days => half,
        state_fiscal => j.fiscal.state_start.year(year).map(|fiscal| fiscal.label()),
        county_fiscal => j.fiscal.county_start.and_then(|start| start.year(year)).map(|fiscal| fiscal.label()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    fn all() -> Vec<Row> {
        Library::embedded()
            .expect("sound law files")
            .all()
            .map(row)
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
