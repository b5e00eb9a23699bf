//! What a request costs: its amounts with what shows them, their sums, and recording one; and the agency's own number.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::sorting::{amount, dollars};
use crate::actions::note_tracking_number::{forget_tracking_number, note_tracking_number};
use crate::actions::record_fee::{Fee, record_fee};
use crate::actions::{ActionError, App};
use crate::domain::event::{Event, FeeKind};
use crate::domain::ids::RequestId;
use crate::domain::request::Ledger;
use crate::store::{documents, events, messages, requests, tracking_numbers};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::pages::requests::told;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![show, record, number, forget]
}

/// The sums of a request, for its page and the campaign's list; none where no amount is on record.
pub fn sums(log: &[Event]) -> Option<Value> {
    let ledger = Ledger::of_log(log);
    (!ledger.lines.is_empty()).then(|| {
        context! {
            asked => dollars(ledger.asked()),
            spent => dollars(ledger.spent()),
            waived => dollars(ledger.waived()),
            has_waived => ledger.waived() > 0,
            open => dollars(ledger.open()),
            has_open => ledger.open() > 0,
            incomplete => ledger.is_incomplete(),
        }
    })
}

/// The sums of a whole campaign: what was spent and what is asked and open; none where no request names an amount.
pub fn campaign_sums<'l>(logs: impl Iterator<Item = &'l [Event]>) -> Option<Value> {
    let (mut spent, mut open, mut any, mut incomplete) = (0_i64, 0_i64, false, false);
    for log in logs {
        let ledger = Ledger::of_log(log);
        any |= !ledger.lines.is_empty();
        incomplete |= ledger.is_incomplete();
        spent = spent.saturating_add(ledger.spent());
        open = open.saturating_add(ledger.open());
    }
    any.then(
        || context! { spent => dollars(spent), open => dollars(open), incomplete => incomplete },
    )
}

async fn content(
    app: &App,
    by: &Member,
    desk: &Desk,
    id: RequestId,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let letters = messages::list_for_request(db, &by.scope, id).await?;
    let files = documents::list_for_request(db, &by.scope, id).await?;
    let name_of = |line: &crate::domain::request::FeeLine| {
        let letter = line
            .message
            .and_then(|id| letters.iter().find(|letter| letter.id == id));
        let file = line
            .document
            .and_then(|id| files.iter().find(|file| file.document.id == id));
        match (file, letter) {
            (Some(file), _) => (
                file.document.name.clone(),
                format!("/c/{}/documents/{}", by.campaign.slug, file.document.id),
            ),
            (None, Some(letter)) => (
                letter.subject.clone(),
                format!("/c/{}/messages/{}", by.campaign.slug, letter.id),
            ),
            (None, None) => (String::new(), String::new()),
        }
    };
    let lines: Vec<Value> = Ledger::of_log(&log)
        .lines
        .iter()
        .map(|line| {
            let (shown_by, href) = name_of(line);
            context! {
                what => line.what.plain(),
                cents => line.cents.map(dollars).unwrap_or_default(),
                on => long_day(line.on),
                note => line.note.clone(),
                shown_by => shown_by,
                href => href,
            }
        })
        .collect();
    let mut papers: Vec<Value> = letters
        .iter()
        .map(|letter| context! { value => format!("m{}", letter.id), label => format!("Letter: {} · {}", letter.subject, desk.when(letter.received_at)) })
        .collect();
    papers.extend(files.iter().map(|file| {
        context! { value => format!("d{}", file.document.id), label => format!("File: {}", file.document.name) }
    }));
    Ok(context! {
        f => f,
        request => context! {
            id => id.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title.clone(),
            ceiling => dollars(kept.request.fee_ceiling_cents),
        },
        lines => lines,
        sums => sums(&log).unwrap_or(Value::from(())),
        kinds => FeeKind::ALL.iter().map(|kind| context! { value => kind.as_str(), label => kind.plain() }).collect::<Vec<_>>(),
        papers => papers,
        numbers => tracking_numbers::list(db, &by.scope, id).await?,
        last_day => desk.today().to_string(),
    })
}

fn request_of(id: &str) -> Result<RequestId, WebError> {
    id.parse().map_err(|_| WebError(ActionError::NotFound))
}

#[get("/c/<_>/requests/<id>/fees")]
async fn show(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &by.0, &desk, request_of(id)?, Value::from(())).await?;
    desk.page("requests", "pages/requests_fees.html", content)
}

#[post("/c/<_>/requests/<id>/fees", data = "<posted>")]
async fn record(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = request_of(id)?;
    let mut reading = posted.read();
    let what = reading.choice("what", FeeKind::parse, "Choose what the amount is.");
    let on = reading.date("on", "Give the day on the paper.");
    let cents = amount(&mut reading, &posted, "amount");
    if cents.is_none() {
        reading.wrong("amount", "Give the amount in dollars, such as 125.50.");
    }
    let paper = posted.text("paper");
    let note = reading.optional("note", 1_000);
    if let (Some(what), Some(on), Some(cents)) = (what, on, cents)
        && reading.is_right()
    {
        let fee = Fee {
            what,
            cents,
            on,
            message: paper.strip_prefix('m').and_then(|id| id.parse().ok()),
            document: paper.strip_prefix('d').and_then(|id| id.parse().ok()),
            note,
        };
        match record_fee(app, &by.scope, id, fee, desk.now).await {
            Ok(moved) => {
                let to = format!("/c/{}/requests/{id}/fees", by.campaign.slug);
                return Ok(Reply::to(to).done(told("Recorded.", &moved)));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("amount", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, &desk, id, reading.again()).await?;
    desk.again("requests", "pages/requests_fees.html", content)
}

#[post("/c/<_>/requests/<id>/number", data = "<posted>")]
async fn number(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = request_of(id)?;
    let to = Reply::to(format!("/c/{}/requests/{id}", by.campaign.slug));
    match note_tracking_number(app, &by.scope, id, posted.text("number"), desk.now).await {
        Ok(()) => Ok(to.done("Kept. Mail that carries this number is filed here.")),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/requests/<id>/number/forget", data = "<posted>")]
async fn forget(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let by = by.0;
    let id = request_of(id)?;
    forget_tracking_number(app, &by.scope, id, posted.text("number")).await?;
    Ok(Reply::to(format!("/c/{}/requests/{id}", by.campaign.slug))
        .done("The number is no longer this request's."))
}
