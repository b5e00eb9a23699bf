//! Imports with their preview: choosing a list, seeing what it would do, confirming, throwing it away, undoing it.
//!
//! `columns` lets a person say which column holds what, `lines` what becomes of single lines.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::choose_lines::choose_whole;
use crate::actions::confirm_import::{confirm_import, discard_import};
use crate::actions::preview_import::preview_import;
use crate::actions::undo_import::{undo_import, what_prevents};
use crate::actions::{ActionError, App};
use crate::domain::agency::list::ListKind;
use crate::domain::agency::plan::{
    AgencyStep, AgreementStep, ContactStep, Plan, PlannedLine, Summary,
};
use crate::domain::ids::ImportId;
use crate::store::accounts;
use crate::store::imports::{self, Import, State as ImportState};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

mod columns;
mod lines;

pub fn routes() -> Vec<Route> {
    let mut all = routes![list, upload, page, confirm, discard, whole, undo];
    all.extend(columns::routes());
    all.extend(lines::routes());
    all
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
        agreements_ended => summary.agreements_ended,
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
    if line.agency == AgencyStep::Add {
        does.push(format!(
            "adds the agency, as {}",
            line.kind.plain().to_lowercase()
        ));
    }
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
        chosen => line.chosen.clone().unwrap_or_default(),
    }
}

/// The import that the address names.
async fn import_of(app: &App, by: &Worker, id: &str) -> Result<Import, WebError> {
    let found = imports::find(app.store.read(), &by.0.scope, import_id(id)?).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}

/// The lines of one band of the preview, and how many it has in all.
fn band(lines: &[PlannedLine], belongs: impl Fn(&PlannedLine) -> bool) -> Value {
    let all: Vec<&PlannedLine> = lines.iter().filter(|line| belongs(line)).collect();
    let shown: Vec<Value> = all.iter().take(SHOWN).map(|line| line_view(line)).collect();
    context! { total => all.len(), more => all.len().saturating_sub(SHOWN), lines => shown }
}

#[get("/c/<_>/imports/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let import = import_of(app, &by, id).await?;
    let to = format!("/c/{}/imports/{}", by.0.campaign.slug, import.id);
    if import.state == ImportState::Columns {
        return Ok(Reply::to(format!("{to}/columns")));
    }
    let plan = &import.reading.plan;
    let prevents = match import.state {
        ImportState::Confirmed => what_prevents(app.store.read(), &by.0.scope, &import).await?,
        _ => Vec::new(),
    };
    let content = context! {
        id => import.id.to_string(),
        file_name => import.file_name.clone(),
        sha256 => import.sha256.clone(),
        list => import.list.as_str(),
        waits => import.state == ImportState::Previewed,
        stands => import.state.as_str(),
        settled => import.settled_at.map(|at| desk.when(at)).unwrap_or_default(),
        notes => import.reading.notes.clone(),
        has_columns => import.reading.columns.is_some(),
        part_only => import.reading.choices.part_only,
        prevents => prevents,
        summary => summary_view(import.summary.unwrap_or_else(|| plan.summary())),
        ends => ends_view(plan),
        judged => band(&plan.lines, |line| !line.remarks.is_empty()),
        written => band(&plan.lines, |line| line.writes() && line.remarks.is_empty()),
        left => band(&plan.lines, |line| !line.writes() && line.remarks.is_empty()),
        skipped => skipped_view(plan),
    };
    desk.page("agencies", "pages/imports_one.html", content)
}

fn skipped_view(plan: &Plan) -> Vec<Value> {
    plan.skipped
        .iter()
        .take(SHOWN)
        .map(|line| {
            context! {
                line => line.line,
                says => line.says.clone(),
                why => line.why.clone(),
                chosen => line.chosen,
                can_choose => line.can_choose,
            }
        })
        .collect()
}

fn ends_view(plan: &Plan) -> Vec<Value> {
    plan.ends
        .iter()
        .take(SHOWN)
        .map(|end| {
            context! {
                agency => end.agency.to_string(),
                name => end.name.clone(),
                jurisdiction => end.jurisdiction.clone(),
                model => end.model.plain(),
                was => end.was.plain(),
            }
        })
        .collect()
}

#[post("/c/<_>/imports/<id>/confirm", data = "<_posted>")]
async fn confirm(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let to = Reply::to(format!("/c/{}/imports/{id}", by.0.campaign.slug));
    match confirm_import(app, &by.0.scope, import_id(id)?, desk.now).await {
        Ok(summary) if summary.changes_nothing() => {
            Ok(to.done("Confirmed. The campaign had all of it already: nothing was changed."))
        }
        Ok(summary) => Ok(to.done(format!(
            "Imported: {} new agencies, {} new agreements, {} agreements brought up to date, {} off the list, {} new contacts.",
            summary.agencies_added, summary.agreements_added, summary.agreements_changed, summary.agreements_ended, summary.contacts_added
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

/// Whether the file is the whole of ICE's list, so that what it does not name has left it.
#[post("/c/<_>/imports/<id>/whole", data = "<posted>")]
async fn whole(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let to = Reply::to(format!("/c/{}/imports/{id}", by.0.campaign.slug));
    let whole = posted.text("whole") == "yes";
    match choose_whole(app, &by.0.scope, import_id(id)?, whole).await {
        Ok(()) if whole => {
            Ok(to
                .done("Taken as the whole list: what it does not name is shown as having left it."))
        }
        Ok(()) => Ok(to.done("Taken as a part of the list: nothing is marked as having left it.")),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/imports/<id>/undo", data = "<_posted>")]
async fn undo(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let to = Reply::to(format!("/c/{}/imports/{id}", by.0.campaign.slug));
    match undo_import(app, &by.0.scope, import_id(id)?, desk.now).await {
        Ok(()) => Ok(to.done("The import is undone: everything stands as before it.")),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}
