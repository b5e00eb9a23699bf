//! A batch after its letters left: who is late by the law's own count, who answered; asking after several at once, and
//! closing them.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::{address, id_of, view};
use crate::actions::chase_batch::{chase_batch, send_later, submit_later};
use crate::actions::close_batch::close_batch;
use crate::actions::correct_batch::correct_batch;
use crate::actions::read_batch::read_batch;
use crate::actions::read_clocks::{self, logs};
use crate::actions::review_batch::later_waiting;
use crate::actions::{ActionError, App};
use crate::domain::duty::{self, ClockState, DutyClock};
use crate::domain::event::Event;
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::letter::Series;
use crate::domain::request::{Status, later_series, letter_standing};
use crate::store::closings::{self, Closings};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::pages::requests::chip;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![afterwards, go_on]
}

/// Which requests are shown.
#[derive(Clone, Debug, Default, FromForm)]
struct Asked {
    /// `late`, `silent`, `answered`, or nothing for all that left.
    #[field(default = String::new())]
    show: String,
}

/// Where a request stands for this page.
fn group(status: Status, late: bool) -> &'static str {
    match status {
        Status::Closed => "closed",
        _ if late => "late",
        Status::Sent | Status::Acknowledged | Status::Extended => "silent",
        _ => "answered",
    }
}

/// The agency's duty that is late, the longest first.
fn late_duty(
    row: &crate::actions::read_batch::Row,
    closings: &Closings,
    log: &[Event],
    today: chrono::NaiveDate,
) -> Option<DutyClock> {
    let facts = read_clocks::facts(&row.agency, closings, log);
    duty::clocks(row.law.as_ref()?, &facts, today)
        .into_iter()
        .filter(|clock| !clock.ours && clock.state == ClockState::Late)
        .min_by_key(|clock| clock.due_on)
}

/// The request's later letters, each with where it stands.
fn later(log: &[Event]) -> Vec<Value> {
    later_series(log)
        .iter()
        .filter_map(|series| {
            let stands = letter_standing(log, series);
            let (letter, _) = stands.letter?;
            let name = series
                .parse::<Series>()
                .map_or_else(|_| series.clone(), |series| series.plain());
            Some(context! {
                id => letter.to_string(),
                name => name,
                chip => chip(stands.status),
                status => stands.status.plain(),
            })
        })
        .collect()
}

async fn content(
    app: &App,
    by: &Member,
    id: BatchId,
    asked: &Asked,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let sheet = read_batch(app, &by.scope, id, desk.now).await?;
    let logs = logs(app, by.campaign.id).await?;
    let closings = closings::in_force(app.store.read(), by.campaign.id).await?;
    let today = desk.today();
    let (mut rows, mut counts) = (Vec::new(), std::collections::BTreeMap::new());
    for row in &sheet.rows {
        let (Some(request), Some(status)) = (row.target.request, row.status()) else {
            continue;
        };
        if !status.is_out() {
            continue;
        }
        let log = logs.get(&request).map(Vec::as_slice).unwrap_or_default();
        let late = late_duty(row, &closings, log, today);
        let group = group(status, late.is_some());
        *counts.entry(group).or_insert(0_usize) += 1;
        if !asked.show.is_empty() && asked.show != group {
            continue;
        }
        rows.push(context! {
            id => request.to_string(),
            agency => row.agency.name.clone(),
            state => row.agency.jurisdiction.clone(),
            reference => row.request.as_ref().map(|kept| kept.request.reference.to_string()).unwrap_or_default(),
            chip => chip(status),
            status => status.plain(),
            closed => status == Status::Closed,
            later => later(log),
            late => late.map(|clock| context! {
                heading => clock.heading.clone(),
                on => clock.due_on.map(long_day).unwrap_or_default(),
                sentence => clock.sentence.clone(),
                citation => clock.citation.clone(),
            }).unwrap_or(Value::from(())),
        });
    }
    let many = |group: &str| counts.get(group).copied().unwrap_or(0);
    Ok(context! {
        f => f,
        batch => context! { id => id.to_string(), title => sheet.batch.title.clone(), number => sheet.batch.number },
        rows => rows,
        show => asked.show.clone(),
        all => counts.values().sum::<usize>(),
        late => many("late"),
        silent => many("silent"),
        answered => many("answered"),
        closed => many("closed"),
        reads => if by.scope.may_approve() {
            view::kinds(later_waiting(sheet.rows.iter().filter_map(|row| row.target.request), &logs))
        } else {
            Vec::new()
        },
    })
}

#[get("/c/<_>/batches/<id>/afterwards?<asked..>")]
async fn afterwards(by: Worker, id: &str, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let content = content(app, &by, id_of(id)?, &asked, &desk, Value::from(())).await?;
    desk.page("batches", "pages/batches_afterwards.html", content)
}

/// What the buttons of the page do with the ticked requests. Each deed is large, so it is kept off the stack.
async fn done(
    app: &App,
    by: &Member,
    id: BatchId,
    posted: &Posted,
    chosen: &[RequestId],
    desk: &Desk,
) -> Result<(crate::actions::submit_batch::Several, &'static str), ActionError> {
    let (scope, now) = (&by.scope, desk.now);
    Ok(match posted.text("do") {
        "chase" => (
            Box::pin(chase_batch(app, scope, id, chosen, now)).await?,
            "drafted. Read each, then send them to counsel",
        ),
        "correct" => (
            Box::pin(correct_batch(
                app,
                scope,
                id,
                chosen,
                posted.text("mistake"),
                now,
            ))
            .await?,
            "drafted as corrections. Read each, then send them to counsel",
        ),
        "send" => (
            Box::pin(send_later(app, scope, id, chosen, now)).await?,
            "queued, each for its agency's own hours. Until it leaves, a letter can be taken back on its request's page",
        ),
        "counsel" => (
            Box::pin(submit_later(app, scope, id, chosen, now)).await?,
            "sent to counsel",
        ),
        _ => {
            let note = posted.text("note");
            let several = Box::pin(close_batch(app, scope, id, chosen, note, now)).await?;
            (several, "closed")
        }
    })
}

#[post("/c/<_>/batches/<id>/afterwards?<asked..>", data = "<posted>")]
async fn go_on(
    by: Worker,
    id: &str,
    asked: Asked,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let chosen: Vec<RequestId> = posted
        .all("request")
        .into_iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    let mut reading = posted.read();
    reading.optional("note", 1_000);
    reading.optional("mistake", 2_000);
    let field = match posted.text("do") {
        "correct" => "mistake",
        _ => "note",
    };
    if reading.is_right() {
        match done(app, &by, id, &posted, &chosen, &desk).await {
            Ok((several, word)) => {
                let what = if word == "closed" {
                    "request"
                } else {
                    "letter"
                };
                let s = if several.done == 1 { "" } else { "s" };
                let words = format!(
                    "{} {what}{s} {word}. {}",
                    several.done,
                    several.left_words()
                );
                let to = Reply::to(address(&by, id, "/afterwards"));
                return Ok(match several.left.is_empty() {
                    true => to.done(words.trim()),
                    false => to.note(words),
                });
            }
            Err(ActionError::Refused(sentence)) => reading.wrong(field, sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, id, &asked, &desk, reading.again()).await?;
    desk.again("batches", "pages/batches_afterwards.html", content)
}
