//! Requests: the list, and one with its timeline and clocks. A new one is in `begin`, what moves its clocks in `record`.

mod begin;
mod record;
mod remind;
mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::agencies::jurisdiction_name;
use crate::actions::choose_contact::choose_contact;
use crate::actions::read_clocks::facts;
use crate::actions::{ActionError, App, Scope};
use crate::clock::day_in;
use crate::domain::duty::{self, ClockState, Moved};
use crate::domain::event::{Event, ReplyKind};
use crate::domain::ids::{AgencyId, RequestId, UserId};
use crate::domain::request::{Status, answers_of, standing};
use crate::law::Jurisdiction;
use crate::store::agencies::{self, Agency};
use crate::store::closings::{self, Closings};
use crate::store::{accounts, contacts, events, letters, requests, tracking_numbers};
use crate::web::clock_panel::ClockPanel;
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::timeline;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![
        list,
        begin::fresh,
        begin::begin,
        page,
        choose,
        record::show,
        record::step,
        record::conditions,
        record::withdraw,
        remind::show,
        remind::backup,
        remind::own,
        remind::put_off,
        remind::done,
        write::choose_kind,
        write::compose_form,
        write::compose_letter
    ]
}

/// The chip in which a status is shown.
pub fn chip(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Returned
        | Status::Approved
        | Status::Held
        | Status::FeeAsked
        | Status::ClarificationAsked
        | Status::Partial
        | Status::NoRecords
        | Status::ClosedByAgency
        | Status::Referred => "due",
        Status::DeliveryFailed | Status::DeliveryUnknown | Status::Denied => "late",
        Status::Produced => "proved",
        Status::Closed => "closed",
        _ => "waiting",
    }
}

/// What was done, and which clocks it moved, as the next page says it.
pub fn told(done: &str, moved: &[Moved]) -> String {
    if moved.is_empty() {
        return format!("{done} No limit moved.");
    }
    let says: Vec<&str> = moved.iter().map(|moved| moved.says.as_str()).collect();
    format!("{done} {}", says.join(" "))
}

/// The nearest limit, the agency's or ours, that still runs or has passed unmet.
struct NextLimit {
    on: NaiveDate,
    /// The clock's name, for the link to its explanation.
    id: String,
    words: String,
    late: bool,
}

fn next_limit(
    law: Option<&Jurisdiction>,
    agency: Option<&Agency>,
    closings: &Closings,
    log: &[Event],
    today: NaiveDate,
) -> Option<NextLimit> {
    let (law, agency) = (law?, agency?);
    duty::clocks(law, &facts(agency, closings, log), today)
        .into_iter()
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Late))
        .filter_map(|clock| {
            Some(NextLimit {
                on: clock.due_on?,
                id: clock.id.clone(),
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
    let closings = closings::in_force(db, by.campaign.id).await?;
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
        let law = app.law_of_code(&request.jurisdiction);
        let limit = next_limit(law.as_deref(), agency, &closings, log, today);
        rows.push(context! {
            fees => super::fees::sums(log).unwrap_or(Value::from(())),
            id => request.id.to_string(),
            title => request.title,
            reference => request.reference.to_string(),
            agency => agency.map(|agency| agency.name.clone()).unwrap_or_default(),
            jurisdiction => jurisdiction_name(app, &request.jurisdiction),
            state => chip(now.status),
            status => now.status.plain(),
            unsorted => now.unsorted,
            limit => limit.map(|limit| context! {
                on => long_day(limit.on), id => limit.id, words => limit.words, late => limit.late,
            }).unwrap_or(Value::from(())),
        });
    }
    let sums = super::fees::campaign_sums(logs.values().map(Vec::as_slice));
    let content = context! {
        fees => sums.filter(|_| by.scope.sees_work()).unwrap_or(Value::from(())),
        rows => rows,
        show => asked.show,
        may_draft => by.scope.may_draft(),
        sees_work => by.scope.sees_work(),
    };
    desk.page("requests", "pages/requests.html", content)
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
        Status::Held => Some(("Let it go, or take it back", "#sending".to_owned())),
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

#[get("/c/<_>/requests/<id>", rank = 2)]
async fn page(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let request = &kept.request;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let now = standing(&log);
    let agency = agencies::find(db, &by.scope, request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let slug = &by.campaign.slug;
    let letter = now.letter.map(|(letter, _)| letter.to_string());
    let sees = by.scope.sees_work();
    let next = next(now.status, now.unsorted, &by.scope, slug, letter.as_deref()).filter(|_| sees);
    let law = app.law_of_code(&request.jurisdiction);
    let panel = match &law {
        Some(law) if sees => {
            let closings = closings::in_force(db, by.campaign.id).await?;
            let facts = facts(&agency, &closings, &log);
            let clocks = duty::clocks(law, &facts, desk.today());
            let base = format!("/c/{slug}");
            let panel = ClockPanel::new(law, &facts, &clocks, desk.today(), &agency.name, &base);
            Value::from(Serde(panel))
        }
        _ => Value::from(()),
    };
    let content = context! {
        clocks => panel,
        may_record => by.scope.may_draft() && now.sent_at.is_some(),
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
        goes_to => if sees { goes_to(app, &by.scope, &kept).await? } else { Value::from(()) },
        may_choose => now.may_edit(),
        next => next.map(|(words, href)| context! { words => words, href => href }).unwrap_or(Value::from(())),
        sees_work => sees,
        returned => now.returned_because.clone().unwrap_or_default(),
        items => if sees { items(app, &by.scope, id, &log).await? } else { Vec::new() },
        fees => super::fees::sums(&log).filter(|_| sees).unwrap_or(Value::from(())),
        numbers => if sees { tracking_numbers::list(db, &by.scope, id).await? } else { Vec::new() },
        may_note => sees && by.scope.may_draft(),
        lines => Value::from(Serde(if sees { timeline::lines(&log, &desk, slug, law.as_deref(), &names_in(app, &log).await?) } else { Vec::new() })),
        may_write => sees && by.scope.may_draft() && now.sent_at.is_some(),
        later => if sees { write::later_letters(&log, chip) } else { Vec::new() },
        letter => if sees { letter_panel(app, &by.scope, id).await? } else { Value::from(()) },
        remind => if sees { remind::panel(app, &by, &kept, &log, &desk).await? } else { Value::from(()) },
        post => if sees { super::sending::post_part(app, &by, &desk, id).await? } else { Value::from(()) },
    };
    remind::note_seen(app, &by, id, &desk).await?;
    desk.page("requests", "pages/requests_one.html", content)
}

/// To which contact the letter goes, and the agency's others.
async fn goes_to(app: &App, scope: &Scope, kept: &requests::Kept) -> Result<Value, WebError> {
    let known = contacts::list_for_agency(app.store.read(), scope, kept.request.agency).await?;
    let chosen = known
        .iter()
        .find(|contact| Some(contact.id) == kept.request.contact);
    let options: Vec<Value> = known
        .iter()
        .map(|contact| {
            let label = format!("{}: {}", contact.channel.plain(), contact.value);
            context! { value => contact.id.to_string(), label => label }
        })
        .collect();
    Ok(context! {
        options => options,
        id => chosen.map(|contact| contact.id.to_string()).unwrap_or_default(),
        words => chosen.map(|contact| format!("{}: {}", contact.channel.plain(), contact.value)).unwrap_or_default(),
        checked => chosen.map(|contact| long_day(contact.checked_on)).unwrap_or_default(),
        bad => chosen.is_some_and(|contact| contact.bad_since_at.is_some()),
    })
}

#[post("/c/<_>/requests/<id>/contact", data = "<posted>")]
async fn choose(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let by = by.0;
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let back = format!("/c/{}/requests/{id}", by.campaign.slug);
    requests::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let Ok(contact) = posted.text("contact").parse() else {
        return Ok(Reply::to(back).danger("Choose a contact. Nothing was changed."));
    };
    match choose_contact(app, &by.scope, id, contact).await {
        Ok(()) => Ok(Reply::to(back).done("The letter goes to this contact.")),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(back).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

async fn items(
    app: &App,
    scope: &Scope,
    id: RequestId,
    log: &[Event],
) -> Result<Vec<Value>, WebError> {
    let all = requests::list_items(app.store.read(), scope, id).await?;
    let answers = answers_of(log);
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
            let answer = answers.get(&item.position).map(|answer| {
                context! { chip => item_chip(answer.what), words => format!("{}, {}", answer.what.plain(), long_day(answer.on)) }
            });
            context! {
                position => item.position,
                name => name.or_else(report).unwrap_or_default(),
                text => item.text.clone(),
                answer => answer.unwrap_or(Value::from(())),
            }
        })
        .collect())
}

/// The chip in which the last word on an item is shown.
fn item_chip(what: ReplyKind) -> &'static str {
    match what {
        ReplyKind::Produced => "proved",
        ReplyKind::Denied => "late",
        ReplyKind::Determined => "waiting",
        _ => "due",
    }
}

async fn letter_panel(app: &App, scope: &Scope, id: RequestId) -> Result<Value, WebError> {
    let versions: Vec<_> = letters::list_versions(app.store.read(), scope, id)
        .await?
        .into_iter()
        .filter(|version| version.kind == crate::actions::draft_request::REQUEST)
        .collect();
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
        Status::Approved
        | Status::Queued
        | Status::Held
        | Status::DeliveryFailed
        | Status::DeliveryUnknown => 2,
        Status::Produced
        | Status::Denied
        | Status::NoRecords
        | Status::Partial
        | Status::ClosedByAgency
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
