//! Batches: the list, and one batch with its problems, its progress and its agencies. Planning is in `plan`, counsel's
//! page in `review`, the times in `sending`, what follows in `afterwards`.

mod afterwards;
mod plan;
mod review;
mod sending;
mod view;

use std::collections::HashMap;

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::requests::names_in;
use crate::actions::draft_batch::{DRAFT_JOB, draft_batch};
use crate::actions::read_batch::{Sheet, read_batch};
use crate::actions::submit_batch::submit_batch;
use crate::actions::{ActionError, App};
use crate::domain::batch::{Batch, Sending};
use crate::domain::event::{Event, Happening};
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::request::{Status, standing};
use crate::store::{batches, events, jobs};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    let mut all = routes![list, page, draft, submit];
    all.extend(plan::routes());
    all.extend(review::routes());
    all.extend(sending::routes());
    all.extend(afterwards::routes());
    all
}

/// Agencies on one page of a batch.
const PAGE_SIZE: usize = 100;

fn id_of(text: &str) -> Result<BatchId, WebError> {
    text.parse().map_err(|_| WebError(ActionError::NotFound))
}

fn address(by: &Member, id: BatchId, rest: &str) -> String {
    format!("/c/{}/batches/{id}{rest}", by.campaign.slug)
}

/// The number of letters in each state of their way.
fn counts<'s>(all: impl Iterator<Item = Option<&'s Status>>) -> Value {
    let (mut planned, mut drafts, mut counsel, mut approved) = (0, 0, 0, 0);
    let (mut leaving, mut trouble, mut out, mut answered, mut closed) = (0, 0, 0, 0, 0);
    for status in all {
        match status {
            None => planned += 1,
            Some(Status::Draft | Status::Returned) => drafts += 1,
            Some(Status::WithCounsel) => counsel += 1,
            Some(Status::Approved) => approved += 1,
            Some(Status::Queued | Status::Held) => leaving += 1,
            Some(Status::DeliveryFailed | Status::DeliveryUnknown) => trouble += 1,
            Some(Status::Sent | Status::Acknowledged | Status::Extended) => out += 1,
            Some(Status::Closed) => closed += 1,
            Some(_) => answered += 1,
        }
    }
    context! {
        planned, drafts, counsel, approved, leaving, trouble, out, answered, closed,
    }
}

#[get("/c/<_>/batches")]
async fn list(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let db = app.store.read();
    let mut logs: HashMap<RequestId, Vec<Event>> = HashMap::new();
    for event in events::list_for_campaign(db, by.campaign.id).await? {
        if let Some(request) = event.request {
            logs.entry(request).or_default().push(event);
        }
    }
    let mut rows = Vec::new();
    for batch in batches::list(db, &by.scope).await? {
        let targets = batches::list_targets(db, &by.scope, batch.id).await?;
        let stands: Vec<Option<Status>> = targets
            .iter()
            .map(|target| {
                let log = logs.get(&target.request?)?;
                Some(standing(log).status)
            })
            .collect();
        rows.push(context! {
            id => batch.id.to_string(),
            title => batch.title.clone(),
            number => batch.number,
            agencies => targets.len(),
            counts => counts(stands.iter().map(Option::as_ref)),
            sending => batch.sending.as_str(),
            begun => desk.when(batch.created_at),
        });
    }
    let content = context! { rows => rows };
    desk.page("batches", "pages/batches.html", content)
}

#[derive(Clone, Debug, Default, FromForm)]
struct Shown {
    /// The page is asked for again by itself until the work is done.
    #[field(default = false)]
    watch: bool,
    #[field(default = 1)]
    page: usize,
}

#[get("/c/<_>/batches/<id>?<asked..>", rank = 2)]
async fn page(by: Worker, id: &str, asked: Shown, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let content = content(app, &by, &desk, id, &asked, Value::from(())).await?;
    desk.page("batches", "pages/batches_one.html", content)
}

/// Everything that the page of a batch shows; `f` is the form of particulars where it did not fit.
async fn content(
    app: &App,
    by: &Member,
    desk: &Desk,
    id: BatchId,
    asked: &Shown,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let sheet = read_batch(app, &by.scope, id, desk.now).await?;
    let prefix = format!("{DRAFT_JOB}:{id}:{}:", sheet.batch.draft_round);
    let (open, failed) = jobs::count_with_prefix(db, &prefix).await?;
    let pages = sheet.rows.len().div_ceil(PAGE_SIZE).max(1);
    let page = asked.page.clamp(1, pages);
    let shown = sheet
        .rows
        .iter()
        .skip((page - 1) * PAGE_SIZE)
        .take(PAGE_SIZE);
    let today = desk.today();
    let rows: Vec<Value> = shown.map(|row| view::row(app, row, today, desk)).collect();
    let may_draft = sheet.rows.iter().filter(|row| row.may_draft()).count();
    let open_rows = sheet
        .rows
        .iter()
        .filter(|row| row.target.request.is_none())
        .count();
    Ok(context! {
        f => f,
        batch => view::batch(app, &sheet.batch, desk),
        total => sheet.rows.len(),
        counts => counts(sheet.rows.iter().map(|row| row.standing.as_ref().map(|standing| &standing.status))),
        may_draft => may_draft,
        stopped => open_rows - may_draft,
        open_rows => open_rows,
        groups => view::problems(&sheet),
        noted => view::noted(&sheet),
        laws => view::laws(&sheet),
        signers => view::signers(&sheet),
        rows => rows,
        page => page,
        pages => pages,
        drafting => open,
        drafting_failed => failed,
        sending => progress(&sheet, desk),
        watch => asked.watch && (open > 0 || sheet.batch.sending == Sending::Running),
        log => log(app, by, &sheet.batch, desk).await?,
        may_approve => by.scope.may_approve(),
    })
}

/// How far the letters have left.
fn progress(sheet: &Sheet, desk: &Desk) -> Value {
    let left = sheet
        .rows
        .iter()
        .filter(|row| row.target.queued_at.is_some())
        .count();
    let waiting = || {
        let mine = |row: &&crate::actions::read_batch::Row| row.target.queued_at.is_none();
        sheet
            .rows
            .iter()
            .filter(mine)
            .filter_map(|row| row.target.send_at)
    };
    context! {
        state => sheet.batch.sending.as_str(),
        left => left,
        waiting => waiting().count(),
        of => left + waiting().count(),
        next => waiting().min().map(|at| desk.when(at)).unwrap_or_default(),
        last => waiting().max().map(|at| desk.when(at)).unwrap_or_default(),
    }
}

/// What was done to the batch as a whole, newest first.
async fn log(app: &App, by: &Member, batch: &Batch, desk: &Desk) -> Result<Vec<Value>, WebError> {
    let all: Vec<Event> = events::list_of_kind(app.store.read(), &by.scope, "batch")
        .await?
        .into_iter()
        .filter(
            |event| matches!(&event.what, Happening::Batch { batch: of, .. } if *of == batch.id),
        )
        .collect();
    let names = names_in(app, &all).await?;
    Ok(all
        .iter()
        .rev()
        .filter_map(|event| {
            let Happening::Batch {
                what,
                letters,
                note,
                ..
            } = &event.what
            else {
                return None;
            };
            Some(context! {
                when => desk.when(event.at),
                words => what.plain(),
                letters => letters,
                note => note.clone(),
                by => event.by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
            })
        })
        .collect())
}

#[post("/c/<_>/batches/<id>/draft", data = "<_posted>")]
async fn draft(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    match draft_batch(app, &by.scope, id, desk.now).await {
        Ok(many) => Ok(Reply::to(address(&by, id, "?watch=true")).done(format!(
            "Drafting {many} {}. You can leave this page: the work goes on by itself.",
            if many == 1 { "letter" } else { "letters" }
        ))),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(address(&by, id, "")).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/batches/<id>/submit", data = "<_posted>")]
async fn submit(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let back = Reply::to(address(&by, id, ""));
    match submit_batch(app, &by.scope, id, desk.now).await {
        Ok(several) if several.left.is_empty() => Ok(back.done(format!(
            "{} sent to counsel, to be read as one text.",
            letters(several.done)
        ))),
        Ok(several) => Ok(back.note(format!(
            "{} sent to counsel. {}",
            letters(several.done),
            several.left_words()
        ))),
        Err(ActionError::Refused(sentence)) => Ok(back.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// "1 letter", "40 letters".
fn letters(many: usize) -> String {
    match many {
        1 => "1 letter".to_owned(),
        many => format!("{many} letters"),
    }
}
