//! Imports with their preview: choosing a list, seeing what it would do, confirming or throwing it away.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::confirm_import::{confirm_import, discard_import};
use crate::actions::preview_import::preview_import;
use crate::actions::{ActionError, App};
use crate::domain::agency::list::ListKind;
use crate::domain::agency::plan::{AgencyStep, AgreementStep, ContactStep, PlannedLine, Summary};
use crate::domain::ids::ImportId;
use crate::store::accounts;
use crate::store::imports::{self, State as ImportState};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, upload, page, confirm, discard]
}

/// Lines of one kind shown on the preview's page before it only counts them.
const SHOWN: usize = 1_000;

async fn overview(app: &App, desk: &Desk, by: &Worker, f: Value) -> Result<Value, WebError> {
    let db = app.store.read();
    let mut rows = Vec::new();
    for import in imports::list_latest(db, &by.0.scope, 50).await? {
        let who = accounts::find(db, import.created_by).await?;
        rows.push(context! {
            id => import.id.to_string(),
            file_name => import.file_name,
            list => import.list.as_str(),
            state => import.state.as_str(),
            by => who.map(|account| account.name).unwrap_or_default(),
            at => desk.when(import.created_at),
            summary => import.summary.map(summary_view).unwrap_or(Value::from(())),
        });
    }
    Ok(context! { f => f, rows => rows, most_mb => app.config.limits.upload_bytes / 1_000_000 })
}

fn summary_view(summary: Summary) -> Value {
    context! {
        lines => summary.lines,
        agencies_added => summary.agencies_added,
        agencies_matched => summary.agencies_matched,
        agreements_added => summary.agreements_added,
        agreements_changed => summary.agreements_changed,
        agreements_same => summary.agreements_same,
        contacts_added => summary.contacts_added,
        skipped => summary.skipped,
        remarked => summary.remarked,
        changes_nothing => summary.changes_nothing(),
    }
}

#[get("/c/<_>/imports")]
async fn list(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = overview(app, &desk, &by, Value::from(())).await?;
    desk.page("agencies", "pages/imports.html", content)
}

#[post("/c/<_>/imports", data = "<posted>")]
async fn upload(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let mut reading = posted.read();
    let list = reading.choice("list", ListKind::parse, "Choose what the list is.");
    let file = posted.files("file").into_iter().next();
    match file {
        None => reading.wrong("file", "Choose the file."),
        Some(file) if !file.complete => {
            let most = app.config.limits.upload_bytes / 1_000_000;
            reading.wrong("file", format!("The file is larger than {most} MB, the most that is taken. Split the list and import the parts."));
        }
        Some(_) => {}
    }
    if let (true, Some(list), Some(file)) = (reading.is_right(), list, file) {
        let read = preview_import(
            app,
            &by.0.scope,
            list,
            &file.name,
            file.file.path(),
            desk.today(),
            desk.now,
        )
        .await;
        match read {
            Ok(id) => return Ok(Reply::to(format!("/c/{}/imports/{id}", by.0.campaign.slug))),
            Err(ActionError::Refused(sentence)) => reading.wrong("file", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = overview(app, &desk, &by, reading.again()).await?;
    desk.again("agencies", "pages/imports.html", content)
}

fn import_id(id: &str) -> Result<ImportId, ActionError> {
    id.parse().map_err(|_| ActionError::NotFound)
}

/// One line of the preview in words.
fn line_view(line: &PlannedLine) -> Value {
    let agency = match &line.agency {
        AgencyStep::Add => context! { step => "add", words => "new agency" },
        AgencyStep::Known { id, name } => {
            context! { step => "known", words => "known as", name => name.clone(), id => id.to_string() }
        }
        AgencyStep::SameAs { line } => {
            context! { step => "same", words => format!("the agency of line {line}") }
        }
    };
    let mut does = Vec::new();
    match &line.agreement {
        Some(AgreementStep::Add { agreement }) => {
            let signed = agreement.signed_on.map(crate::web::desk::long_day);
            let status = signed.map_or_else(
                || agreement.status.as_str().to_owned() + ", day not stated",
                |day| format!("signed {day}"),
            );
            does.push(format!("adds: {} ({status})", agreement.model.plain()));
        }
        Some(AgreementStep::Change { words, .. }) => does.push(format!("changes: {words}")),
        Some(AgreementStep::Same) => does.push("agreement already there".to_owned()),
        None => {}
    }
    for contact in &line.contacts {
        does.push(match contact {
            ContactStep::Add { contact } => format!("adds the contact {}", contact.value),
            ContactStep::Same => "contact already there".to_owned(),
        });
    }
    context! {
        line => line.line,
        name => line.name.clone(),
        place => match &line.county {
            Some(county) => format!("{county}, {}", line.jurisdiction),
            None => line.jurisdiction.clone(),
        },
        kind => line.kind.plain(),
        agency => agency,
        does => does,
        remarks => line.remarks.clone(),
    }
}

/// The lines of one band of the preview, and how many it has in all.
fn band(lines: &[PlannedLine], belongs: impl Fn(&PlannedLine) -> bool) -> Value {
    let all: Vec<&PlannedLine> = lines.iter().filter(|line| belongs(line)).collect();
    let shown: Vec<Value> = all.iter().take(SHOWN).map(|line| line_view(line)).collect();
    context! { total => all.len(), more => all.len().saturating_sub(SHOWN), lines => shown }
}

#[get("/c/<_>/imports/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let import = imports::find(app.store.read(), &by.0.scope, import_id(id)?)
        .await?
        .ok_or(ActionError::NotFound)?;
    let plan = &import.reading.plan;
    let skipped: Vec<Value> = plan
        .skipped
        .iter()
        .take(SHOWN)
        .map(|line| context! { line => line.line, says => line.says.clone(), why => line.why.clone() })
        .collect();
    let content = context! {
        id => import.id.to_string(),
        file_name => import.file_name.clone(),
        sha256 => import.sha256.clone(),
        list => import.list.as_str(),
        waits => import.state == ImportState::Previewed,
        stands => import.state.as_str(),
        settled => import.settled_at.map(|at| desk.when(at)).unwrap_or_default(),
        notes => import.reading.notes.clone(),
        summary => summary_view(import.summary.unwrap_or_else(|| plan.summary())),
        judged => band(&plan.lines, |line| !line.remarks.is_empty()),
        written => band(&plan.lines, |line| line.writes() && line.remarks.is_empty()),
        left => band(&plan.lines, |line| !line.writes() && line.remarks.is_empty()),
        skipped => skipped,
    };
    desk.page("agencies", "pages/imports_one.html", content)
}

#[post("/c/<_>/imports/<id>/confirm", data = "<_posted>")]
async fn confirm(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let to = Reply::to(format!("/c/{}/imports/{id}", by.0.campaign.slug));
    match confirm_import(app, &by.0.scope, import_id(id)?, desk.now).await {
        Ok(summary) if summary.changes_nothing() => {
            Ok(to.done("Confirmed. The campaign had all of it already: nothing was changed."))
        }
        Ok(summary) => Ok(to.done(format!(
            "Imported: {} new agencies, {} new agreements, {} agreements brought up to date, {} new contacts.",
            summary.agencies_added, summary.agreements_added, summary.agreements_changed, summary.contacts_added
        ))),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/imports/<id>/discard", data = "<_posted>")]
async fn discard(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    discard_import(app, &by.0.scope, import_id(id)?, desk.now).await?;
    Ok(Reply::to(format!("/c/{}/imports", by.0.campaign.slug))
        .done("The preview is thrown away. Nothing of it was imported."))
}
