//! One law as a sheet to read and print: duties, more time, the way against a refusal, asking, holidays, sources.

use chrono::{Datelike, NaiveDate};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::corrections;
use crate::actions::{ActionError, App};
use crate::calendar::Holiday;
use crate::calendar::words::{counted, long};
use crate::law::{
    ClosedDay, Deed, Duty, ExtensionKind, HolderKind, Jurisdiction, PauseAfter, Source, Topic, Who,
};
use crate::web::desk::{Answer, Desk};
use crate::web::trouble::WebError;

pub(super) async fn show_sheet(desk: &Desk, app: &App, code: &str, base: &str) -> Answer {
    let Some(j) = app.law_of_code(code) else {
        return Err(WebError(ActionError::NotFound));
    };
    let year = desk.today().year();
    let content = context! {
        base => base,
        law => sheet_of(&j, desk.today()),
        years => [year, year + 1].map(|year| year_of(&j, year)),
        versions => j.version.clone(),
        corrections => corrections::list_view(app, desk, j.code).await?,
        may_correct => corrections::may(app, desk).await?,
    };
    desk.page("laws", "pages/laws_sheet.html", content)
}

/// A duty as the sheet shows it.
#[derive(Debug, Serialize)]
pub(super) struct DutyRow {
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

pub(super) fn duty_row(j: &Jurisdiction, duty: &Duty) -> DutyRow {
    let mut for_whom = Vec::new();
    if !duty.holders.is_empty() {
        for_whom.push(holders(&duty.holders));
    }
    for key in &duty.when {
        if let Some(condition) = j.conditions.iter().find(|condition| condition.key == *key) {
            for_whom.push(format!("where {}", condition.says));
        }
    }
    for_whom.extend(force_plain(duty.in_force_from, duty.in_force_until));
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
fn sheet_of(j: &Jurisdiction, on: NaiveDate) -> minijinja::Value {
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
                    ExtensionKind::None => "None in the law".to_owned(),
                    ExtensionKind::Agreed => "As both sides agree".to_owned(),
                    _ => "To a date that the agency names".to_owned(),
                },
            };
            context! {
                amount => amount,
                of => rule.of.iter().filter_map(|id| j.duty(id, on)).map(|duty| duty.deed.heading()).collect::<Vec<_>>().join(", "),
                repeatable => rule.repeatable,
                notice => rule.notice_required,
                for_whom => (!rule.holders.is_empty()).then(|| holders(&rule.holders)),
                grounds => rule.grounds.clone(),
                force => force_plain(rule.in_force_from, rule.in_force_until),
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
                exclusive => appeal.exclusive,
                file_what => appeal.file_what.clone(),
                file_where => appeal.file_where.clone(),
                force => force_plain(appeal.in_force_from, appeal.in_force_until),
                file_within => appeal.file_by.as_ref().and_then(|id| j.duty(id, on)).map(within),
                decide_within => appeal.decide_by.as_ref().and_then(|id| j.duty(id, on)).map(within),
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
                after => silence.after.iter().filter_map(|id| j.duty(id, on)).map(|duty| duty.deed.heading()).collect::<Vec<_>>().join(", "),
                citation => silence.citation.clone(),
                note => silence.note.clone(),
                force => force_plain(silence.in_force_from, silence.in_force_until),
            }
        })
        .collect();
    let pauses: Vec<_> = j
        .pauses
        .iter()
        .map(|pause| {
            context! {
                ground => pause.grounds.iter().map(|ground| ground.plain()).collect::<Vec<_>>().join(" or "),
                says => pause.says.clone(),
                fresh => pause.after == PauseAfter::Fresh,
                times => pause.times,
                for_whom => (!pause.holders.is_empty()).then(|| holders(&pause.holders)),
                citation => pause.citation.clone(),
                confidence => pause.confidence.as_str(),
                force => force_plain(pause.in_force_from, pause.in_force_until),
            }
        })
        .collect();
    let changes: Vec<_> = j
        .changes
        .iter()
        .map(|change| {
            context! {
                from => change.in_force_from.map(long),
                recorded => long(change.recorded_on),
                says => change.says.clone(),
                citation => change.citation.clone(),
                url => change.url.clone(),
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
        pauses => pauses,
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
        after_hours => j.counting.after_hours.plain(),
        own_shifts => j.holidays.own_shifts.iter().map(|own| context! {
            name => Holiday::parse(&own.day).map(|holiday| holiday.name).unwrap_or_else(|_| own.day.clone()),
            says => own.observed.says(),
            citation => own.citation.clone(),
        }).collect::<Vec<_>>(),
        changes => changes,
        detainers => Serde(&j.detainers),
        fiscal => Serde(&j.fiscal),
        sources => sources,
    }
}

/// The days of force of a rule that was not always so, or will not be: "received from Fri 1 Jan 2027".
pub(super) fn force_plain(from: Option<NaiveDate>, until: Option<NaiveDate>) -> Option<String> {
    match (from, until) {
        (None, None) => None,
        (Some(from), None) => Some(format!("for requests received from {}", long(from))),
        (None, Some(until)) => Some(format!("for requests received until {}", long(until))),
        (Some(from), Some(until)) => Some(format!(
            "for requests received from {} to {}",
            long(from),
            long(until)
        )),
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
        context! { day => long(closed.day), why => closed.why.clone(), sure => closed.sure, note => closed.note.clone() }
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
