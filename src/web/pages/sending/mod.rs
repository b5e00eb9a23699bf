//! Sending: what the request's page shows of letters and replies ([`post_part`]), and the buttons that settle what
//! nobody knows. When a letter leaves is in `times`, what goes by portal, post, fax or hand in `ways`.

use chrono::NaiveDate;
use minijinja::{Value, context};
use rocket::{Route, State, post, routes};

use crate::actions::settle_delivery::{Found, settle_delivery};
use crate::actions::{ActionError, App};
use crate::config::MailWay;
use crate::domain::agency::contact::Channel;
use crate::domain::delivery::{EVIDENCE_BY_HAND, State as Standing};
use crate::domain::event::{Event, Evidence, Happening};
use crate::domain::ids::{DeliveryId, RequestId};
use crate::domain::letter::Series;
use crate::domain::request::standing;
use crate::store::deliveries::{self, Delivery};
use crate::store::{contacts, events, letters, messages, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

mod times;
mod ways;

pub(super) use times::choices;

pub fn routes() -> Vec<Route> {
    let mut all = routes![settle];
    all.extend(times::routes());
    all.extend(ways::routes());
    all
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
        Some((letter, version))
            if !sent.iter().any(|delivery| {
                delivery.letter == letter && delivery.state != Standing::Recalled
            }) =>
        {
            Some(context! {
                id => letter.to_string(),
                version => version,
                choices => choices(app, by, desk, letter, request).await?,
            })
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
    let versions = letters::list_versions(db, &by.scope, request).await?;
    let name_of = |delivery: &Delivery| {
        versions
            .iter()
            .find(|letter| letter.id == delivery.letter)
            .map(|letter| {
                let series = letter.kind.parse::<Series>().unwrap_or(Series::REQUEST);
                format!("{}, version {}", series.plain(), letter.version)
            })
            .unwrap_or_default()
    };
    let by_portal = contact
        .as_ref()
        .is_some_and(|contact| contact.channel == Channel::Portal)
        || went_by_portal(&log);
    Ok(context! {
        by_portal => by_portal,
        portal_checked => portal_checked(&log).map(long_day).unwrap_or_default(),
        proved => stands.received.as_ref().is_some_and(|received| !received.evidence.is_presumed()),
        awaits_receipt => stands.sent_at.is_some() && stands.received.is_none(),
        request => request.to_string(),
        may => by.scope.may_draft(),
        to_folder => matches!(app.config.mail.way, MailWay::Folder(_)),
        approved => approved.filter(|_| stands.sent_at.is_none()).unwrap_or(Value::from(())),
        on_paper => contact
            .as_ref()
            .filter(|contact| matches!(contact.channel, Channel::Post | Channel::Fax | Channel::Portal | Channel::Hand))
            .map(|contact| context! {
                how => match contact.channel {
                    Channel::Portal => "Upload it to the agency's portal",
                    Channel::Fax => "Fax it",
                    Channel::Hand => "Hand it over",
                    _ => "Print it and post it, certified if you can",
                },
                to => contact.value.clone(),
            })
            .unwrap_or(Value::from(())),
        recipient => usable.map(|contact| contact.value.clone()).unwrap_or_default(),
        agency => kept.request.agency.to_string(),
        deliveries => sent.iter().map(|delivery| row(delivery, name_of(delivery), desk)).collect::<Vec<_>>(),
        may_record => stands.approved.is_some() || stands.sent_at.is_some(),
        today => desk.today().to_string(),
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

/// A letter of the request went into the agency's portal, or its receipt is the portal's.
fn went_by_portal(log: &[Event]) -> bool {
    log.iter().any(|event| match &event.what {
        Happening::Dispatched { channel, .. } | Happening::Sent { channel, .. } => {
            channel == "portal"
        }
        Happening::ReceiptRecorded { evidence, .. } => *evidence == Evidence::PortalStamp,
        _ => false,
    })
}

/// The last day on which somebody looked into the portal.
fn portal_checked(log: &[Event]) -> Option<NaiveDate> {
    log.iter()
        .filter_map(|event| match event.what {
            Happening::PortalChecked { on, .. } => Some(on),
            _ => None,
        })
        .max()
}

fn row(delivery: &Delivery, letter: String, desk: &Desk) -> Value {
    let chip = match delivery.state {
        Standing::Held => "held",
        Standing::Recalled => "closed",
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
        letter => letter,
        letter_id => delivery.letter.to_string(),
        held => delivery.state == Standing::Held,
        waits => matches!(delivery.state, Standing::Queued | Standing::Deferred),
        first_time => delivery.attempts == 0,
        leaves => delivery.leave_at.filter(|at| *at > desk.now && delivery.state == Standing::Queued).map(|at| desk.when(at)).unwrap_or_default(),
        unknown => delivery.state == Standing::Unknown,
        failed => delivery.state == Standing::Failed,
    }
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
