//! One message that came in: its text shown safely, its files, why it is filed where it is; and sorting it.

use chrono::NaiveDate;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::sort_reply::sort_reply;
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::documents::names::safe_name;
use crate::domain::event::{Happening, ReplyKind, that_count};
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::reply::{Sorting, Why, cents};
use crate::store::messages::{self, Message, MessageState};
use crate::store::{documents, events, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Counsel, Member, Worker};
use crate::web::pages::requests::told;
use crate::web::trouble::WebError;

use super::tray::choices;

pub fn routes() -> Vec<Route> {
    routes![page, sort, raw, by_hand, sort_by_hand]
}

async fn found(app: &App, by: &Member, id: &str) -> Result<Message, WebError> {
    let id: MessageId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    messages::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))
}

#[get("/c/<_>/messages/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let message = found(app, &by.0, id).await?;
    let content = content(app, &by.0, &message, &desk, Value::from(())).await?;
    desk.page("tray", "pages/messages_one.html", content)
}

async fn content(
    app: &App,
    by: &Member,
    message: &Message,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let request = match message.request {
        Some(id) => requests::find(db, &by.scope, id).await?,
        None => None,
    };
    let why = message.matched_by.as_deref().and_then(Why::parse);
    let why = match (why, message.state) {
        (Some(why), _) => format!("Filed here because {}.", why.plain()),
        (None, MessageState::Filed) => "Filed here by hand.".to_owned(),
        (None, MessageState::SetAside) => "Laid aside: it concerns no request.".to_owned(),
        (None, MessageState::Duplicate) => "The same message came before.".to_owned(),
        (None, _) => "No request claims it yet.".to_owned(),
    };
    let mut sorted = Vec::new();
    if let Some(request) = message.request {
        let log = events::list_for_request(db, &by.scope, request).await?;
        for event in that_count(&log) {
            if let Happening::ReplySorted {
                message: Some(of),
                what,
                on,
                ..
            } = &event.what
                && *of == message.id
            {
                sorted.push(format!("{}, {}", what.plain(), long_day(*on)));
            }
        }
    }
    let all = if message.request.is_none() {
        requests::list(db, &by.scope).await?
    } else {
        Vec::new()
    };
    Ok(context! {
        f => f,
        message => context! {
            id => message.id.to_string(),
            sender => message.sender.clone(),
            recipients => message.recipients.clone(),
            subject => if message.subject.is_empty() { "No subject".to_owned() } else { message.subject.clone() },
            received => desk.when(message.received_at),
            sent => message.sent_at.map(|at| desk.when(at)).unwrap_or_default(),
            text => message.body.clone(),
            problem => message.problem.clone().unwrap_or_default(),
            automatic => message.auto_reply,
            bounced => message.bounce.is_some(),
            why => why,
            in_tray => matches!(message.state, MessageState::Waiting | MessageState::Unreadable | MessageState::SetAside),
        },
        request => request.map(|kept| context! {
            id => kept.request.id.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title.clone(),
        }).unwrap_or(Value::from(())),
        files => files(app, by, message).await?,
        sorted => sorted,
        kinds => kinds(),
        on => day_in(by.campaign.time_zone, message.received_at).to_string(),
        requests => choices(&all),
        may_see_raw => by.scope.sees_held(),
    })
}

/// The message's files: those that became documents lead there.
async fn files(app: &App, by: &Member, message: &Message) -> Result<Vec<Value>, WebError> {
    let db = app.store.read();
    let mut rows = Vec::new();
    for part in &message.attachments {
        let document = match (part.sha256.parse(), part.kept_as.parse()) {
            (Ok(sha256), Ok(media)) => {
                let name = safe_name(&part.name, media);
                documents::find_of_message(db, by.campaign.id, message.id, &sha256, &name).await?
            }
            _ => None,
        };
        rows.push(context! {
            name => part.name.clone(),
            size => size(part.bytes),
            inline => part.inline,
            document => document.map(|id| id.to_string()).unwrap_or_default(),
        });
    }
    Ok(rows)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// What a reply can be, as a choice of a form.
pub fn kinds() -> Vec<Value> {
    let hint = |kind| match kind {
        ReplyKind::Acknowledged => "They have it; nothing is decided.",
        ReplyKind::Extended => "Give the date that they name.",
        ReplyKind::FeeDemanded => "Give the amount, and by when if they say.",
        ReplyKind::ClarificationAsked => "The next word is ours.",
        ReplyKind::Determined => "They said what they will release; the records come later.",
        ReplyKind::Denied => "Refused, all of it.",
        ReplyKind::Partial => "Some records; the rest refused or still to come.",
        ReplyKind::NoRecords => "They say that they have nothing.",
        ReplyKind::Produced => "All the records came.",
        ReplyKind::Referred => "They name another agency.",
        ReplyKind::Other => "Automatic receipts too: they prove arrival at most.",
    };
    ReplyKind::ALL
        .into_iter()
        .map(|kind| context! { value => kind.as_str(), label => kind.plain(), hint => hint(kind) })
        .collect()
}

/// Reads a sorting form; none where something is missing.
fn sorting(
    reading: &mut crate::web::form::Reading<'_>,
    posted: &Posted,
    today: NaiveDate,
) -> Option<Sorting> {
    let what = reading.choice("what", ReplyKind::parse, "Choose what the reply is.");
    let on = reading.date("on", "Give the day on which the reply came.");
    let until = reading.optional_date("until");
    let amount_cents = match posted.text("amount") {
        "" => None,
        text => {
            let read = cents(text);
            if read.is_none() {
                reading.wrong("amount", "This is not an amount. Write it as 125.50.");
            }
            read
        }
    };
    let note = reading.optional("note", 2_000);
    let sorting = Sorting {
        what: what?,
        on: on?,
        until,
        amount_cents,
        note,
    };
    use crate::domain::reply::Incomplete;
    match sorting.check(today) {
        Ok(sorting) if reading.is_right() => Some(sorting),
        Ok(_) => None,
        Err(why) => {
            let field = match why {
                Incomplete::NotYet => "on",
                Incomplete::ExtendedTo | Incomplete::BeforeTheReply => "until",
                Incomplete::Amount => "amount",
            };
            reading.wrong(field, why.to_string());
            None
        }
    }
}

#[post("/c/<_>/messages/<id>/sort", data = "<posted>")]
async fn sort(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let message = found(app, &by.0, id).await?;
    let Some(request) = message.request else {
        return Err(ActionError::refused(
            "File the message under its request first, then say what it is.",
        )
        .into());
    };
    let mut reading = posted.read();
    let Some(sorting) = sorting(&mut reading, &posted, desk.today()) else {
        let content = content(app, &by.0, &message, &desk, reading.again()).await?;
        return desk.again("tray", "pages/messages_one.html", content);
    };
    let moved = sort_reply(
        app,
        &by.0.scope,
        request,
        Some(message.id),
        sorting,
        desk.now,
    )
    .await?;
    Ok(
        Reply::to(format!("/c/{}/requests/{request}", by.0.campaign.slug))
            .done(told("The reply was sorted.", &moved)),
    )
}

/// The message's very bytes, attachments and all: counsel only, since files are held until counsel cleared them.
#[get("/c/<_>/messages/<id>/raw")]
async fn raw(by: Counsel, id: &str, app: &State<App>) -> Answer {
    let message = found(app, &by.0, id).await?;
    let sha256 = message
        .raw_sha256
        .parse()
        .map_err(|error| ActionError::fault("reading a message's hash", error))?;
    let bytes = app
        .files
        .read(&sha256, app.config.limits.message_bytes)
        .await
        .map_err(ActionError::from)?;
    Ok(Reply::File {
        bytes: bytes.to_vec(),
        media_type: "application/octet-stream",
        name: Some(format!("message-{}.eml", message.id)),
        inline: false,
    })
}

async fn request_view(app: &App, by: &Member, id: &str) -> Result<(RequestId, Value), WebError> {
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let kept = requests::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let view = context! {
        id => id.to_string(),
        reference => kept.request.reference.to_string(),
        title => kept.request.title,
    };
    Ok((id, view))
}

/// A reply that came by portal, post or telephone.
#[get("/c/<_>/requests/<id>/reply")]
async fn by_hand(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let (_, request) = request_view(app, &by.0, id).await?;
    let content =
        context! { f => (), request => request, kinds => kinds(), on => desk.today().to_string() };
    desk.page("requests", "pages/messages_by_hand.html", content)
}

#[post("/c/<_>/requests/<id>/reply", data = "<posted>")]
async fn sort_by_hand(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let (request, view) = request_view(app, &by.0, id).await?;
    let mut reading = posted.read();
    let Some(sorting) = sorting(&mut reading, &posted, desk.today()) else {
        let content = context! { f => reading.again(), request => view, kinds => kinds(), on => desk.today().to_string() };
        return desk.again("requests", "pages/messages_by_hand.html", content);
    };
    let moved = sort_reply(app, &by.0.scope, request, None, sorting, desk.now).await?;
    Ok(
        Reply::to(format!("/c/{}/requests/{request}", by.0.campaign.slug))
            .done(told("The reply was recorded.", &moved)),
    )
}
