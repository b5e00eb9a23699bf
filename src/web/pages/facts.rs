//! Figures: the table with its exhibits, recording one from a cleared page, and the second reading.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::documents::{leaf, name_of, row_of, whole};
use crate::actions::check_fact::check_fact;
use crate::actions::record_fact::{Recorded, record_fact};
use crate::actions::withdraw_fact::withdraw_fact;
use crate::actions::{ActionError, App};
use crate::domain::fact::{
    CostBasis, CountBasis, FactStatus, Flag, Method, Metric, Typed, Verdict, may_check,
};
use crate::domain::ids::FactId;
use crate::domain::person::Scope;
use crate::domain::review::Standing;
use crate::store::documents::OnFile;
use crate::store::facts::{self, OnRecord};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, new, add, show, check, withdraw]
}

#[get("/c/<slug>/facts")]
async fn list(slug: &str, by: Member, desk: Desk, app: &State<App>) -> Answer {
    let (found, hidden) = facts::list(app.store.read(), &by.scope).await?;
    let conflicts = conflicts(&found);
    let rows: Vec<Value> = found
        .iter()
        .map(|(record, source)| figure(record, source))
        .collect();
    let content = context! {
        slug => slug,
        facts => rows,
        hidden => hidden,
        conflicts => conflicts,
        may_record => by.scope.may_draft(),
    };
    desk.page("facts", "pages/facts.html", content)
}

/// A figure as tables and its own page show it.
fn figure(record: &OnRecord, source: &OnFile) -> Value {
    let fact = &record.fact;
    let reading = &fact.reading;
    let unit = reading.metric.unit();
    let status = record.status();
    let (chip, word) = match (status, record.latest()) {
        (FactStatus::Withdrawn, _) => ("closed", "Withdrawn"),
        (FactStatus::Disputed, _) => ("late", "Disputed"),
        (_, Some(_)) => ("proved", "Checked by a second person"),
        (_, None) => ("waiting", "Waits for a second person"),
    };
    context! {
        id => fact.id.to_string(),
        metric => reading.metric.label(),
        definition_ours => reading.metric.definition(),
        agency => source.agency_name.as_deref().unwrap_or("no agency"),
        start => long_day(reading.period.start()),
        end => long_day(reading.period.end()),
        value => reading.value.shown(unit),
        unit => unit.plain(),
        count_basis => reading.count_basis.map(CountBasis::plain),
        cost_basis => reading.cost_basis.map(CostBasis::plain),
        definition => reading.definition.clone(),
        quote => reading.quote.clone(),
        quote_found => fact.quote_found,
        method => reading.method.plain(),
        note => reading.note.clone(),
        flags => fact.flags.iter().map(Flag::plain).collect::<Vec<_>>(),
        document => fact.document.to_string(),
        document_name => source.document.name.clone(),
        page => reading.page,
        unit_of_source => if source.document.is_pdf() { "page" } else { "part" },
        printed_page => reading.printed_page.clone(),
        withdrawn => fact.withdrawn,
        cleared => source.standing == Standing::Cleared,
        chip => chip,
        status => word,
    }
}

/// Figures that say different things of the same agency, metric and period, for the band above the table.
fn conflicts(found: &[(OnRecord, OnFile)]) -> Vec<Value> {
    let mut groups: BTreeMap<_, Vec<&(OnRecord, OnFile)>> = BTreeMap::new();
    for each in found.iter().filter(|(record, _)| !record.fact.withdrawn) {
        let fact = &each.0.fact;
        groups
            .entry((fact.reading.metric, fact.agency, fact.reading.period))
            .or_default()
            .push(each);
    }
    groups
        .into_values()
        .filter(|group| {
            group
                .windows(2)
                .any(|pair| pair[0].0.fact.reading.value != pair[1].0.fact.reading.value)
        })
        .map(|group| {
            let figures: Vec<Value> = group
                .iter()
                .map(|(record, source)| figure(record, source))
                .collect();
            context! { figures => figures }
        })
        .collect()
}

/// What the form of a figure offers to choose from.
async fn form_page(
    slug: &str,
    app: &App,
    by: &Scope,
    source: &OnFile,
    page: Option<u32>,
    f: Value,
) -> Result<Value, WebError> {
    let metrics: Vec<Value> = Metric::ALL
        .iter()
        .map(|each| context! { value => each.key(), label => format!("{} ({})", each.label(), each.unit().plain()) })
        .collect();
    Ok(context! {
        slug => slug,
        document => row_of(source, by),
        leaf => leaf(app, source, page, false).await?,
        metrics => metrics,
        definitions => Metric::ALL.iter().map(|each| context! { label => each.label(), words => each.definition() }).collect::<Vec<_>>(),
        count_bases => CountBasis::ALL.map(|each| context! { value => each.as_str(), label => each.plain() }),
        cost_bases => CostBasis::ALL.map(|each| context! { value => each.as_str(), label => each.plain() }),
        methods => Method::ALL.map(|each| context! { value => each.as_str(), label => each.plain() }),
        flags => Flag::CHOICES.iter().map(|each| context! { value => each.to_string(), label => each.plain() }).collect::<Vec<_>>(),
        f => f,
    })
}

#[get("/c/<slug>/facts/new?<document>&<page>")]
async fn new(
    slug: &str,
    document: Option<&str>,
    page: Option<u32>,
    by: Worker,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let Some(document) = document else {
        return Ok(Reply::to(format!("/c/{slug}/documents?standing=cleared"))
            .note("A figure is read from a page: open a cleared document, then press “Record a figure”."));
    };
    let scope = &by.0.scope;
    let source = whole(app, scope, document).await?;
    if source.standing != Standing::Cleared {
        return Ok(Reply::to(format!("/c/{slug}/documents/{document}")).danger(
            "Figures are recorded from cleared documents only. Counsel has not cleared this one.",
        ));
    }
    let content = form_page(slug, app, scope, &source, page, Value::from(())).await?;
    desk.page("facts", "pages/facts_new.html", content)
}

#[post("/c/<slug>/facts/new?<document>&<page>", data = "<posted>")]
async fn add(
    slug: &str,
    document: Option<&str>,
    page: Option<u32>,
    by: Worker,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let scope = &by.0.scope;
    let source = whole(app, scope, document.unwrap_or("")).await?;
    let text = |name: &str| posted.text(name).to_owned();
    let typed = Typed {
        metric: text("metric"),
        period_start: text("period_start"),
        period_end: text("period_end"),
        value: text("value"),
        count_basis: text("count_basis"),
        cost_basis: text("cost_basis"),
        definition: text("definition"),
        quote: text("quote"),
        page: text("page"),
        printed_page: text("printed_page"),
        method: text("method"),
        note: text("note"),
    };
    let mut reading = posted.read();
    for (name, most) in [
        ("definition", 4_000),
        ("quote", 4_000),
        ("note", 4_000),
        ("printed_page", 40),
    ] {
        reading.optional(name, most);
    }
    let flags: Vec<Flag> = posted
        .all("flags")
        .into_iter()
        .filter_map(|word| {
            Flag::CHOICES
                .into_iter()
                .find(|flag| flag.to_string() == word)
        })
        .collect();
    if reading.is_right() {
        match record_fact(app, scope, source.document.id, &typed, &flags, desk.now).await {
            Ok(Recorded::Written { fact, quote_found }) => {
                let reply = Reply::to(format!("/c/{slug}/facts/{fact}"));
                return Ok(if quote_found {
                    reply.done("The figure is recorded. A second person checks it now.")
                } else {
                    reply.note("The figure is recorded, but its quote was not found in the text of the page. Look at both once more; on a scan this is to be expected.")
                });
            }
            Ok(Recorded::Wrong(problems)) => {
                for problem in problems {
                    reading.wrong(problem.field, problem.says);
                }
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("metric", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form_page(slug, app, scope, &source, page, reading.again()).await?;
    desk.again("facts", "pages/facts_new.html", content)
}

async fn found(app: &App, scope: &Scope, id: &str) -> Result<(OnRecord, OnFile), WebError> {
    let id: FactId = id.parse().map_err(|_| ActionError::NotFound)?;
    Ok(facts::find(app.store.read(), scope, id)
        .await?
        .ok_or(ActionError::NotFound)?)
}

async fn fact_page(
    slug: &str,
    app: &App,
    desk: &Desk,
    scope: &Scope,
    record: &OnRecord,
    source: &OnFile,
    f: Value,
) -> Result<Value, WebError> {
    let mut checks = Vec::new();
    for note in &record.checks {
        checks.push(context! {
            agrees => note.check.verdict == Verdict::Agrees,
            by => name_of(app, note.check.by).await?,
            at => desk.when(note.check.at),
            comment => note.comment.clone(),
        });
    }
    checks.reverse();
    let withdrawn = match &record.withdrawn {
        Some(gone) => Some(context! {
            by => name_of(app, gone.by).await?,
            at => desk.when(gone.at),
            why => gone.why.clone(),
        }),
        None => None,
    };
    let open = !record.fact.withdrawn;
    let mine = record.fact.entered_by == scope.user;
    Ok(context! {
        slug => slug,
        fact => figure(record, source),
        leaf => leaf(app, source, Some(record.fact.reading.page), false).await?,
        entered_by => name_of(app, record.fact.entered_by).await?,
        entered_at => desk.when(record.fact.entered_at),
        checks => checks,
        withdrawal => withdrawn.unwrap_or(Value::from(())),
        may_check => scope.may_draft() && may_check(&record.fact, scope.user).is_ok(),
        mine => mine && open,
        may_withdraw => open && (scope.may_approve() || (scope.may_draft() && mine)),
        f => f,
    })
}

#[get("/c/<slug>/facts/<id>", rank = 2)]
async fn show(slug: &str, id: &str, by: Member, desk: Desk, app: &State<App>) -> Answer {
    let (record, source) = found(app, &by.scope, id).await?;
    let content = fact_page(
        slug,
        app,
        &desk,
        &by.scope,
        &record,
        &source,
        Value::from(()),
    )
    .await?;
    desk.page("facts", "pages/facts_one.html", content)
}

#[post("/c/<slug>/facts/<id>/check", data = "<posted>")]
async fn check(
    slug: &str,
    id: &str,
    by: Worker,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let scope = &by.0.scope;
    let (record, source) = found(app, scope, id).await?;
    let mut reading = posted.read();
    let verdict = reading.choice("verdict", Verdict::parse, "Press one of the two buttons.");
    let comment = reading.optional("comment", 2_000);
    if let (true, Some(verdict)) = (reading.is_right(), verdict) {
        match check_fact(app, scope, record.fact.id, verdict, &comment, desk.now).await {
            Ok(()) => {
                return Ok(Reply::to(format!("/c/{slug}/facts")).done(match verdict {
                    Verdict::Agrees => "The figure is checked.",
                    Verdict::Disputes => "The figure is disputed, with your reason.",
                }));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("comment", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = fact_page(slug, app, &desk, scope, &record, &source, reading.again()).await?;
    desk.again("facts", "pages/facts_one.html", content)
}

#[post("/c/<slug>/facts/<id>/withdraw", data = "<posted>")]
async fn withdraw(
    slug: &str,
    id: &str,
    by: Worker,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let scope = &by.0.scope;
    let (record, source) = found(app, scope, id).await?;
    let mut reading = posted.read();
    let why = reading.optional("why", 2_000);
    if reading.is_right() {
        match withdraw_fact(app, scope, record.fact.id, &why, desk.now).await {
            Ok(()) => {
                return Ok(Reply::to(format!("/c/{slug}/facts/{}", record.fact.id))
                    .done("The figure is withdrawn. It stays on record with the reason."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("why", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = fact_page(slug, app, &desk, scope, &record, &source, reading.again()).await?;
    desk.again("facts", "pages/facts_one.html", content)
}
