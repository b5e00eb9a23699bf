//! Sending: the buttons of the request's page that put a letter into the outbox, settle what nobody knows, and record
//! a receipt; and what that page shows of letters and replies ([`post_part`]).

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::record_receipt::{Receipt, record_receipt};
use crate::actions::send_letter::send_letter;
use crate::actions::settle_delivery::{Found, settle_delivery};
use crate::actions::{ActionError, App};
use crate::config::MailWay;
use crate::domain::agency::contact::Channel;
use crate::domain::delivery::{EVIDENCE_BY_HAND, State as Standing};
use crate::domain::event::Evidence;
use crate::domain::ids::{DeliveryId, LetterId, RequestId};
use crate::domain::request::standing;
use crate::store::deliveries::{self, Delivery};
use crate::store::{contacts, events, letters, messages, requests};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![send, settle, receipt, record]
}

/// What a request's page shows of its letters going out and its replies coming in, for `partials/request_post.html`.
/// Only for those who see the work.
pub async fn post_part(
    app: &App,
    by: &Member,
    desk: &Desk,
    request: RequestId,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, request)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let log = events::list_for_request(db, &by.scope, request).await?;
    let stands = standing(&log);
    let sent = deliveries::list_for_request(db, &by.scope, request).await?;
    let approved = match stands.approved {
        Some((letter, version)) if !sent.iter().any(|delivery| delivery.letter == letter) => {
            Some(context! { id => letter.to_string(), version => version })
        }
        _ => None,
    };
    let contact = match kept.request.contact {
        Some(id) => contacts::find(db, &by.scope, id).await?,
        None => None,
    };
    let usable = contact
        .as_ref()
        .filter(|contact| contact.channel == Channel::Email && contact.bad_since_at.is_none());
    let replies = messages::list_for_request(db, &by.scope, request).await?;
    Ok(context! {
        request => request.to_string(),
        may => by.scope.may_draft(),
        to_folder => matches!(app.config.mail.way, MailWay::Folder(_)),
        approved => approved.filter(|_| stands.sent_at.is_none()).unwrap_or(Value::from(())),
        recipient => usable.map(|contact| contact.value.clone()).unwrap_or_default(),
        agency => kept.request.agency.to_string(),
        deliveries => sent.iter().map(|delivery| row(delivery, desk)).collect::<Vec<_>>(),
        may_record => stands.approved.is_some(),
        replies => replies.iter().map(|message| context! {
            id => message.id.to_string(),
            sender => message.sender.clone(),
            subject => if message.subject.is_empty() { "No subject".to_owned() } else { message.subject.clone() },
            when => desk.when(message.received_at),
            files => message.attachments.len(),
            automatic => message.auto_reply,
            sorted => message.sorted_at.is_some(),
        }).collect::<Vec<_>>(),
        is_out => stands.sent_at.is_some(),
    })
}

fn row(delivery: &Delivery, desk: &Desk) -> Value {
    let chip = match delivery.state {
        Standing::Queued | Standing::Attempting | Standing::Deferred => "waiting",
        Standing::Accepted => "proved",
        Standing::Failed => "late",
        Standing::Unknown => "due",
    };
    let at = delivery
        .settled_at
        .or(delivery.attempted_at)
        .unwrap_or(delivery.queued_at);
    context! {
        id => delivery.id.to_string(),
        chip => chip,
        words => delivery.state.plain(),
        recipient => delivery.recipient.clone(),
        when => desk.when(at),
        attempts => delivery.attempts,
        evidence => delivery.evidence.map(Evidence::plain).unwrap_or_default(),
        last_word => delivery.last_word.clone().unwrap_or_default(),
        message_id => delivery.message_id.clone(),
        unknown => delivery.state == Standing::Unknown,
        failed => delivery.state == Standing::Failed,
    }
}

#[post("/c/<_>/letters/<id>/send", data = "<_posted>")]
async fn send(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id: LetterId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let letter = letters::find(app.store.read(), &by.0.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    send_letter(app, &by.0.scope, id, desk.now).await?;
    Ok(Reply::to(format!(
        "/c/{}/requests/{}#sending",
        by.0.campaign.slug, letter.request
    ))
    .done("The letter is in the outbox and goes out within a minute."))
}

#[post("/c/<_>/deliveries/<id>/settle", data = "<posted>")]
async fn settle(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id: DeliveryId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let delivery = deliveries::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let back = format!(
        "/c/{}/requests/{}#sending",
        by.campaign.slug, delivery.request
    );
    let found = match posted.text("found") {
        "arrived" => Found::Arrived,
        "again" => Found::SendAgain,
        _ => return Ok(Reply::to(back).danger("Choose what you found out. Nothing was changed.")),
    };
    let mut reading = posted.read();
    let note = reading.optional("note", 1_000);
    if found == Found::Arrived && note.is_empty() {
        return Ok(Reply::to(back)
            .danger("Write how you know that it arrived: where you looked, or who told you. Nothing was changed."));
    }
    settle_delivery(app, &by.scope, id, found, &note, desk.now).await?;
    Ok(Reply::to(back).done(match found {
        Found::Arrived => "Recorded. The clocks start from that day.",
        Found::SendAgain => "The letter is in the outbox again and goes out within a minute.",
    }))
}

/// What a person may have in hand that shows a receipt, for a choice in a form.
pub fn kinds_of_receipt() -> Vec<Value> {
    EVIDENCE_BY_HAND
        .into_iter()
        .map(|evidence| {
            let plain = evidence.plain();
            let mut letters = plain.chars();
            let label = letters
                .next()
                .map(|first| first.to_uppercase().collect::<String>() + letters.as_str());
            context! { value => evidence.as_str(), label => label.unwrap_or_default() }
        })
        .collect()
}

async fn receipt_page(
    app: &App,
    by: &Member,
    id: &str,
    f: Value,
) -> Result<(RequestId, Value), WebError> {
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let kept = requests::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let content = context! {
        f => f,
        request => context! {
            id => id.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title,
        },
        kinds => kinds_of_receipt(),
    };
    Ok((id, content))
}

#[get("/c/<_>/requests/<id>/receipt")]
async fn receipt(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let (_, content) = receipt_page(app, &by.0, id, Value::from(())).await?;
    desk.page("requests", "pages/sending_receipt.html", content)
}

#[post("/c/<_>/requests/<id>/receipt", data = "<posted>")]
async fn record(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let mut reading = posted.read();
    let on = reading.date("on", "Give the day on which the agency had the letter.");
    let evidence = reading.choice(
        "evidence",
        Evidence::parse,
        "Choose what shows that they have it.",
    );
    let note = reading.optional("note", 1_000);
    let (request, _) = receipt_page(app, &by, id, Value::from(())).await?;
    if let (Some(on), Some(evidence), true) = (on, evidence, reading.is_right()) {
        let receipt = Receipt { on, evidence, note };
        match record_receipt(app, &by.scope, request, receipt, desk.now).await {
            Ok(()) => {
                return Ok(
                    Reply::to(format!("/c/{}/requests/{request}", by.campaign.slug))
                        .done("The receipt was recorded, and the clocks follow."),
                );
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(other) => return Err(other.into()),
        }
    }
    let (_, content) = receipt_page(app, &by, id, reading.again()).await?;
    desk.again("requests", "pages/sending_receipt.html", content)
}
