//! Requests: the list, a new one, one with its timeline and clocks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::agencies::jurisdiction_name;
use crate::actions::draft_request::{
    Addressed, NewRequest, addressed, draft_request, law_of, letter_law, records_contact,
};
use crate::actions::{ActionError, App, Scope};
use crate::calendar::FiscalStart;
use crate::clock::day_in;
use crate::domain::duty::{self, ClockState, Facts};
use crate::domain::event::Event;
use crate::domain::ids::{AgencyId, RequestId, UserId};
use crate::domain::letter::{LetterLaw, Resident};
use crate::domain::reply;
use crate::domain::request::{Format, Period, Status, standing};
use crate::law::{Confidence, HolderKind, Jurisdiction, Kind};
use crate::store::agencies::{self, Agency, Filter};
use crate::store::{accounts, events, letters, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::timeline;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, fresh, begin, page]
}

/// The chip in which a status is shown.
pub fn chip(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Returned
        | Status::Approved
        | Status::FeeAsked
        | Status::ClarificationAsked
        | Status::Partial
        | Status::NoRecords
        | Status::Referred => "due",
        Status::DeliveryFailed | Status::DeliveryUnknown | Status::Denied => "late",
        Status::Produced => "proved",
        Status::Closed => "closed",
        _ => "waiting",
    }
}

/// The nearest limit, the agency's or ours, that still runs or has passed unmet.
struct NextLimit {
    on: NaiveDate,
    words: String,
    late: bool,
}

fn next_limit(
    law: Option<&Jurisdiction>,
    agency: Option<&Agency>,
    log: &[Event],
    today: NaiveDate,
) -> Option<NextLimit> {
    let (law, agency) = (law?, agency?);
    let facts = Facts::of_log(agency.kind.holder(&agency.name), log);
    duty::clocks(law, &facts, today)
        .into_iter()
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Late))
        .filter_map(|clock| {
            Some(NextLimit {
                on: clock.due_on?,
                words: clock.heading.clone(),
                late: clock.state == ClockState::Late,
            })
        })
        .min_by_key(|limit| limit.on)
}

#[derive(Clone, Debug, Default, FromForm)]
struct Shown {
    /// `open`, `closed` or nothing for all.
    #[field(default = String::new())]
    show: String,
}

#[get("/c/<_>/requests?<asked..>")]
async fn list(by: Member, asked: Shown, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let today = desk.today();
    let mut logs: BTreeMap<RequestId, Vec<Event>> = BTreeMap::new();
    for event in events::list_for_campaign(db, by.campaign.id).await? {
        if let Some(request) = event.request {
            logs.entry(request).or_default().push(event);
        }
    }
    let agencies: BTreeMap<AgencyId, Agency> = agencies::list(db, &by.scope)
        .await?
        .into_iter()
        .map(|agency| (agency.id, agency))
        .collect();
    let mut rows = Vec::new();
    for kept in requests::list(db, &by.scope).await? {
        let request = kept.request;
        let log = logs.get(&request.id).map(Vec::as_slice).unwrap_or_default();
        let now = standing(log);
        let closed = matches!(now.status, Status::Closed | Status::Produced);
        if (asked.show == "open" && closed) || (asked.show == "closed" && !closed) {
            continue;
        }
        let agency = agencies.get(&request.agency);
        let law = request
            .jurisdiction
            .parse()
            .ok()
            .and_then(|code| app.law.get(&code));
        let limit = next_limit(law, agency, log, today);
        rows.push(context! {
            id => request.id.to_string(),
            title => request.title,
            reference => request.reference.to_string(),
            agency => agency.map(|agency| agency.name.clone()).unwrap_or_default(),
            jurisdiction => jurisdiction_name(app, &request.jurisdiction),
            state => chip(now.status),
            status => now.status.plain(),
            unsorted => now.unsorted,
            limit => limit.map(|limit| context! {
                on => long_day(limit.on), words => limit.words, late => limit.late,
            }).unwrap_or(Value::from(())),
        });
    }
    let content = context! {
        rows => rows,
        show => asked.show,
        may_draft => by.scope.may_draft(),
        sees_work => by.scope.sees_work(),
    };
    desk.page("requests", "pages/requests.html", content)
}

#[derive(Clone, Debug, Default, FromForm)]
struct Asked {
    #[field(default = String::new())]
    agency: String,
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    state: String,
}

/// How many agencies one page of the choice shows.
const CHOICES: u64 = 40;

#[get("/c/<_>/requests/new?<asked..>")]
async fn fresh(by: Worker, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    if let Ok(id) = asked.agency.parse::<AgencyId>() {
        let to = addressed(app, &by.scope, id).await?;
        let content = form(app, &to, &desk, Value::from(()))?;
        return desk.page("requests", "pages/requests_new.html", content);
    }
    let filter = Filter {
        words: asked.q.chars().take(100).collect(),
        jurisdiction: Some(asked.state.clone()).filter(|state| !state.is_empty()),
        ..Filter::default()
    };
    let (found, total) = agencies::search(app.store.read(), &by.scope, &filter, 0, CHOICES).await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|agency| {
            context! {
                id => agency.id.to_string(),
                name => agency.name.clone(),
                kind => agency.kind.plain(),
                county => agency.county.clone().unwrap_or_default(),
                jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
            }
        })
        .collect();
    let content = context! {
        rows => rows,
        total => total,
        asked => context! { q => asked.q.clone(), state => asked.state.clone() },
        jurisdictions => super::campaigns::jurisdictions(app),
    };
    desk.page("requests", "pages/requests_agency.html", content)
}

#[post("/c/<_>/requests/new?<asked..>", data = "<posted>")]
async fn begin(by: Worker, asked: Asked, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let agency = asked
        .agency
        .parse()
        .map_err(|_| WebError(ActionError::NotFound))?;
    let to = addressed(app, &by.scope, agency).await?;
    let law = letter_law(law_of(app, &to.agency)?, &to.agency);
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, agency, &law) {
        match draft_request(app, &by.scope, new, desk.now).await {
            Ok(drafted) => {
                let slug = &by.campaign.slug;
                return Ok(Reply::to(format!("/c/{slug}/letters/{}", drafted.letter)).done(format!(
                    "{} is begun. Read its letter, change what you like, then send it to counsel.",
                    drafted.reference
                )));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("what", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &to, &desk, reading.again())?;
    desk.again("requests", "pages/requests_new.html", content)
}

/// The form as a request, or a sentence beside each field that does not fit.
fn read(
    posted: &Posted,
    reading: &mut Reading<'_>,
    agency: AgencyId,
    law: &LetterLaw,
) -> Option<NewRequest> {
    let records: Vec<String> = posted
        .all("records")
        .into_iter()
        .map(str::to_owned)
        .collect();
    if records.is_empty() {
        reading.wrong("what", "Choose at least one kind of record to ask for.");
    }
    let start = reading.date("period_start", "Give the first day that the records cover.");
    let end = reading.date("period_end", "Give the last day that the records cover.");
    let period = start.zip(end).and_then(|(start, end)| {
        Period::new(start, end)
            .map_err(|problem| reading.wrong("period_end", problem.to_string()))
            .ok()
    });
    let format = reading.choice("format", Format::parse, "Choose the form of the records.");
    let ceiling = reading.choice(
        "fee_ceiling",
        |text| reply::cents(if text.is_empty() { "0" } else { text }),
        "Write an amount in dollars, such as 50, or 0 for nothing.",
    );
    let title = reading.optional("title", 120);
    let resident = law.residents_only.then(|| {
        let word = law.residency_word();
        let name = reading.required(
            "resident_name",
            120,
            &format!("Name the {word} of {} who makes this request.", law.state),
        );
        let address = reading.required(
            "resident_address",
            300,
            "Give the address that shows it: it stands in the letter, so take no one's home without asking.",
        );
        Resident { name, address }
    });
    if !reading.is_right() {
        return None;
    }
    Some(NewRequest {
        agency,
        records,
        period: period?,
        format: format?,
        fee_ceiling_cents: ceiling?,
        resident,
        title,
    })
}

/// When this agency's fiscal year starts, and how that is known.
fn fiscal_start(agency: &Agency, law: &Jurisdiction) -> (Option<FiscalStart>, &'static str) {
    if let Some(own) = agency
        .fiscal_year_start
        .clone()
        .and_then(|start| FiscalStart::try_from(start).ok())
    {
        return (Some(own), "this agency's own fiscal years");
    }
    let holder = agency.kind.holder(&agency.name);
    match holder {
        HolderKind::County | HolderKind::Sheriff => match law.fiscal.county_start {
            Some(start) => (Some(start), "fiscal years of this state's counties"),
            None => (
                None,
                "calendar years: this county's fiscal year is not known here",
            ),
        },
        HolderKind::Municipality | HolderKind::OtherLocal => (
            None,
            "calendar years: this agency's fiscal year is not known here",
        ),
        _ => (Some(law.fiscal.state_start), "the state's fiscal years"),
    }
}

/// Everything the form of a new request shows.
fn form(app: &App, to: &Addressed, desk: &Desk, f: Value) -> Result<Value, WebError> {
    let jurisdiction = law_of(app, &to.agency)?;
    let law = letter_law(jurisdiction, &to.agency);
    let (start, known) = fiscal_start(&to.agency, jurisdiction);
    let start = start.or_else(|| FiscalStart::try_from("01-01".to_owned()).ok());
    let period = start.and_then(|start| Period::fiscal_years(start, desk.today(), 3, false));
    let groups: Vec<Value> = app
        .records
        .by_question()
        .into_iter()
        .map(|(question, records)| {
            let options: Vec<Value> = records
                .iter()
                .map(|record| {
                    context! { value => record.key.clone(), label => record.name.en.clone(), hint => record.what.clone() }
                })
                .collect();
            context! { key => question.key(), asked => question.asked(), options => options }
        })
        .collect();
    let formats: Vec<Value> = Format::ALL
        .iter()
        .map(|format| context! { value => format.as_str(), label => format.plain() })
        .collect();
    let contact = records_contact(&to.contacts);
    Ok(context! {
        f => f,
        agency => context! {
            id => to.agency.id.to_string(),
            name => to.agency.name.clone(),
            kind => to.agency.kind.plain(),
        },
        law => law_view(&law),
        contact => contact.map(|contact| context! {
            value => contact.value.clone(),
            channel => contact.channel.plain(),
            checked => long_day(contact.checked_on),
        }).unwrap_or(Value::from(())),
        groups => groups,
        formats => formats,
        chosen => ["detainer_summary", "detainer_policy"],
        period => context! {
            start => period.map(|period| period.start().to_string()).unwrap_or_default(),
            end => period.map(|period| period.end().to_string()).unwrap_or_default(),
            known => known,
            words => period.map(|period| period.in_words()).unwrap_or_default(),
        },
    })
}

/// A law as one sentence with its first limit.
fn law_view(law: &LetterLaw) -> Value {
    let first = law.first.as_ref();
    context! {
        state => law.state.clone(),
        name => law.name.clone(),
        citation => law.citation.clone(),
        code => law.code.as_str(),
        fixed => first.is_some_and(|duty| duty.kind == Kind::Fixed),
        limit => first.map(|duty| duty.limit_plain()).unwrap_or_default(),
        must => first.map(|duty| duty.deed.plain()).unwrap_or_default(),
        first_citation => first.map(|duty| duty.citation.clone()).unwrap_or_default(),
        confidence => first.map_or(Confidence::Unverified, |duty| duty.confidence).as_str(),
        form_note => law.form_note.clone(),
        residents_only => law.residents_only,
        residency_word => law.residency_word(),
        residency_citation => law.eligibility_citation.clone(),
    }
}

/// The one thing to do next: words, and the address where it is done.
fn next(
    status: Status,
    unsorted: usize,
    scope: &Scope,
    slug: &str,
    letter: Option<&str>,
) -> Option<(&'static str, String)> {
    if unsorted > 0 {
        return Some(("Sort the reply", "#replies".to_owned()));
    }
    let letter = letter?;
    let at = |rest: &str| format!("/c/{slug}/letters/{letter}{rest}");
    match status {
        Status::Draft => Some(("Finish the letter", at(""))),
        Status::Returned => Some(("Change the letter", at("/edit"))),
        Status::WithCounsel if scope.may_approve() => Some(("Read and decide", at("/review"))),
        Status::WithCounsel => Some(("Read the letter", at(""))),
        Status::Approved | Status::DeliveryFailed | Status::DeliveryUnknown => {
            Some(("Send the letter", "#sending".to_owned()))
        }
        _ => None,
    }
}

/// Names of everybody who did something in a log.
pub async fn names_in(app: &App, log: &[Event]) -> Result<BTreeMap<UserId, String>, WebError> {
    let mut names = BTreeMap::new();
    for by in log.iter().filter_map(|event| event.by) {
        if let std::collections::btree_map::Entry::Vacant(place) = names.entry(by) {
            let account = accounts::find(app.store.read(), by).await?;
            place.insert(account.map_or_else(|| "somebody who is gone".to_owned(), |a| a.name));
        }
    }
    Ok(names)
}

#[get("/c/<_>/requests/<id>")]
async fn page(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let request = kept.request;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let now = standing(&log);
    let agency = agencies::find(db, &by.scope, request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let slug = &by.campaign.slug;
    let letter = now.letter.map(|(letter, _)| letter.to_string());
    let sees = by.scope.sees_work();
    let next = next(now.status, now.unsorted, &by.scope, slug, letter.as_deref()).filter(|_| sees);
    let limit = next_limit(
        request
            .jurisdiction
            .parse()
            .ok()
            .and_then(|code| app.law.get(&code)),
        Some(&agency),
        &log,
        desk.today(),
    );
    let content = context! {
        request => context! {
            id => id.to_string(),
            title => request.title.clone(),
            reference => request.reference.to_string(),
            period => request.period.in_words(),
            format => request.format.plain(),
            ceiling => dollars(request.fee_ceiling_cents),
            begun => long_day(day_in(desk.zone(), request.created_at)),
        },
        agency => context! { id => agency.id.to_string(), name => agency.name.clone(), jurisdiction => jurisdiction_name(app, &request.jurisdiction) },
        state_now => context! { chip => chip(now.status), words => now.status.plain() },
        steps => steps(now.status),
        next => next.map(|(words, href)| context! { words => words, href => href }).unwrap_or(Value::from(())),
        sees_work => sees,
        returned => now.returned_because.clone().unwrap_or_default(),
        limit => limit.map(|limit| context! { on => long_day(limit.on), words => limit.words, late => limit.late }).unwrap_or(Value::from(())),
        received => now.received.as_ref().map(|got| context! { on => long_day(got.on), how => got.evidence.plain() }).unwrap_or(Value::from(())),
        items => if sees { items(app, &by.scope, id).await? } else { Vec::new() },
        lines => Value::from(Serde(if sees { timeline::lines(&log, &desk, slug, &names_in(app, &log).await?) } else { Vec::new() })),
        letter => if sees { letter_panel(app, &by.scope, id).await? } else { Value::from(()) },
    };
    desk.page("requests", "pages/requests_one.html", content)
}

async fn items(app: &App, scope: &Scope, id: RequestId) -> Result<Vec<Value>, WebError> {
    let all = requests::list_items(app.store.read(), scope, id).await?;
    Ok(all
        .into_iter()
        .map(|item| {
            let name = app.records.get(&item.record_key).map(|record| record.name.en.clone());
            let report = || {
                let mut reports = app.records.reports().iter();
                reports
                    .find(|report| report.key == item.record_key)
                    .map(|report| report.name.clone())
            };
            context! { position => item.position, name => name.or_else(report).unwrap_or_default(), text => item.text.clone() }
        })
        .collect())
}

async fn letter_panel(app: &App, scope: &Scope, id: RequestId) -> Result<Value, WebError> {
    let versions = letters::list_versions(app.store.read(), scope, id).await?;
    Ok(versions.first().map_or(Value::from(()), |latest| {
        context! {
            id => latest.id.to_string(),
            version => latest.version,
            subject => latest.subject.clone(),
            hash => latest.sha256.chars().take(12).collect::<String>(),
            versions => versions.len(),
        }
    }))
}

/// "$50"; "nothing without being asked" for 0.
fn dollars(cents: i64) -> String {
    match (cents / 100, cents % 100) {
        (0, 0) => "nothing without being asked".to_owned(),
        (whole, 0) => format!("${whole}"),
        (whole, part) => format!("${whole}.{part:02}"),
    }
}

/// Where a request stands on its way: words, and `past`, `current` or nothing.
fn steps(status: Status) -> Vec<Value> {
    let at = match status {
        Status::Draft | Status::Returned => 0,
        Status::WithCounsel => 1,
        Status::Approved | Status::Queued | Status::DeliveryFailed | Status::DeliveryUnknown => 2,
        Status::Produced
        | Status::Denied
        | Status::NoRecords
        | Status::Partial
        | Status::Referred => 4,
        Status::Closed => 5,
        _ => 3,
    };
    [
        "Letter",
        "Counsel",
        "Sending",
        "With the agency",
        "Answered",
        "Closed",
    ]
    .iter()
    .enumerate()
    .map(|(place, words)| {
        let stage = match place.cmp(&at) {
            std::cmp::Ordering::Less => "past",
            std::cmp::Ordering::Equal => "current",
            std::cmp::Ordering::Greater => "",
        };
        context! { words => *words, stage => stage }
    })
    .collect()
}
