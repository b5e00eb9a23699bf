//! One message that came in: its text shown safely, its files, why it is filed where it is, what it asks for; sorting it;
//! and what comes next. Moving it is in `refile`, what came another way in `by_hand`.

use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::draft_letter;
use crate::actions::finish_mail_task::finish_mail_task;
use crate::actions::read_formatted::read_formatted;
use crate::actions::sort_reply::{sort_with_number, what_sorting_moves};
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::documents::names::safe_name;
use crate::domain::duty::Moved;
use crate::domain::event::{Happening, that_count};
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::letter::Fit;
use crate::domain::reply::{Suggestions, Why, suggest};
use crate::domain::request::RequestItem;
use crate::store::messages::{self, Message, MessageState};
use crate::store::{documents, events, mail_tasks, requests, tracking_numbers};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Counsel, Member, Worker};
use crate::web::pages::requests::told;
use crate::web::trouble::WebError;

use super::sorting;
use super::tray::choices;

pub fn routes() -> Vec<Route> {
    routes![page, sort, raw, formatted, task_done]
}

pub(super) async fn found(app: &App, by: &Member, id: &str) -> Result<Message, WebError> {
    let id: MessageId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    messages::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))
}

#[get("/c/<_>/messages/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let message = found(app, &by.0, id).await?;
    let content = content(app, &by.0, &message, &desk, (Value::from(()), None)).await?;
    desk.page("tray", "pages/messages_one.html", content)
}

/// Why the message is where it is.
fn why(message: &Message) -> String {
    let rule = message.matched_by.as_deref().and_then(Why::parse);
    match (rule, message.state) {
        (Some(rule), _) => format!("Filed here because {}.", rule.plain()),
        (None, MessageState::Filed) => "Filed here by hand.".to_owned(),
        (None, MessageState::SetAside) => "Laid aside: it concerns no request.".to_owned(),
        (None, MessageState::Duplicate) => "The same message came before.".to_owned(),
        (None, _) => "No request claims it yet.".to_owned(),
    }
}

/// How it came, in words.
fn came_by(channel: &str) -> &'static str {
    match channel {
        "imap" => "from the mailbox",
        "pipe" => "from the mail server",
        "folder" => "from the drop folder",
        "upload" => "added by hand",
        "post" => "by post, written down by hand",
        "portal" => "on the portal, written down by hand",
        "phone" => "by telephone, written down by hand",
        "fax" => "by fax, written down by hand",
        "hand" => "handed over, written down by hand",
        _ => "another way",
    }
}

async fn items_of(app: &App, by: &Member, message: &Message) -> Result<Vec<RequestItem>, WebError> {
    Ok(match message.request {
        Some(request) => requests::list_items(app.store.read(), &by.scope, request).await?,
        None => Vec::new(),
    })
}

async fn content(
    app: &App,
    by: &Member,
    message: &Message,
    desk: &Desk,
    (f, moved): (Value, Option<Vec<Moved>>),
) -> Result<Value, WebError> {
    let db = app.store.read();
    let request = match message.request {
        Some(id) => requests::find(db, &by.scope, id).await?,
        None => None,
    };
    let numbers = match message.request {
        Some(id) => tracking_numbers::list(db, &by.scope, id).await?,
        None => Vec::new(),
    };
    let seen = suggest(&message.subject, &message.body);
    let items = items_of(app, by, message).await?;
    let received_on = day_in(by.campaign.time_zone, message.received_at);
    let sorted = said_of(app, by, message).await?;
    let all = if message.request.is_none() {
        requests::list(db, &by.scope).await?
    } else {
        Vec::new()
    };
    let marks = if message.bounce.is_some() {
        Suggestions::default()
    } else {
        seen.clone()
    };
    Ok(context! {
        f => f,
        moved => moved.map(|moved| Value::from(Serde(moved))).unwrap_or(Value::from(())),
        message => context! {
            id => message.id.to_string(),
            sender => message.sender.clone(),
            recipients => message.recipients.clone(),
            subject => if message.subject.is_empty() { "No subject".to_owned() } else { message.subject.clone() },
            received => desk.when(message.received_at),
            sent => message.sent_at.map(|at| desk.when(at)).unwrap_or_default(),
            blocks => sorting::shown(&message.body, &marks),
            has_text => !message.body.trim().is_empty(),
            marked => !marks.marks.is_empty(),
            problem => message.problem.clone().unwrap_or_default(),
            automatic => message.auto_reply,
            bounced => message.bounce.is_some(),
            why => why(message),
            came_by => came_by(&message.channel),
            in_tray => matches!(message.state, MessageState::Waiting | MessageState::Unreadable | MessageState::SetAside),
            may_move => message.state == MessageState::Filed,
            has_html => message.has_html,
            number => numbers.first().cloned().unwrap_or_default(),
        },
        request => request.map(|kept| context! {
            id => kept.request.id.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title.clone(),
        }).unwrap_or(Value::from(())),
        files => files(app, by, message).await?,
        tasks => tasks(app, message).await?,
        next => if sorted.is_empty() { Value::from(()) } else { next(app, by, message, desk).await? },
        sorted => sorted,
        sorting => sorting::fields(&items, &seen, received_on, !numbers.is_empty())?,
        requests => choices(&all),
        may_see_raw => by.scope.sees_held(),
    })
}

/// What the message was sorted as, in words.
async fn said_of(app: &App, by: &Member, message: &Message) -> Result<Vec<String>, WebError> {
    let Some(request) = message.request else {
        return Ok(Vec::new());
    };
    let log = events::list_for_request(app.store.read(), &by.scope, request).await?;
    Ok(that_count(&log)
        .filter_map(|event| match &event.what {
            Happening::ReplySorted {
                message: Some(of),
                what,
                on,
                amount_cents,
                detail,
                ..
            } if *of == message.id => Some(sorting::said(*what, *on, *amount_cents, detail)),
            _ => None,
        })
        .collect())
}

/// What comes next once a reply is sorted: the letters that fit, the best first, and the next reply that waits.
async fn next(app: &App, by: &Member, message: &Message, desk: &Desk) -> Result<Value, WebError> {
    let Some(request) = message.request else {
        return Ok(Value::from(()));
    };
    let ground = draft_letter::ground(app, &by.scope, request, desk.now).await;
    let letters: Vec<Value> = match &ground {
        Ok(ground) => ground
            .offers()
            .into_iter()
            .filter_map(|offer| match offer.fit {
                // Below that it could be written at any time, and is no answer to what came.
                Fit::Now { rank, why } if rank >= 30 => Some(context! {
                    word => offer.kind.as_str(), name => offer.kind.plain(), why => why,
                }),
                _ => None,
            })
            .take(3)
            .collect(),
        // A request without its own text or contact has no letters to offer; sorting stands all the same.
        Err(ActionError::Refused(_) | ActionError::NotFound) => Vec::new(),
        Err(_) => {
            ground?;
            Vec::new()
        }
    };
    let left = messages::list_unsorted_ids(app.store.read(), &by.scope, message.id).await?;
    Ok(context! {
        letters => letters,
        left => left.len(),
        next_id => left.first().map(ToString::to_string).unwrap_or_default(),
    })
}

async fn tasks(app: &App, message: &Message) -> Result<Vec<Value>, WebError> {
    let all = mail_tasks::list_for_message(app.store.read(), message.id).await?;
    Ok(all
        .into_iter()
        .map(|task| {
            context! {
                id => task.id.to_string(),
                what => task.what,
                address => task.address,
                due => task.due_on.map(long_day).unwrap_or_default(),
                done => task.done_at.is_some(),
            }
        })
        .collect())
}

/// The message's files: those that became documents lead there.
async fn files(app: &App, by: &Member, message: &Message) -> Result<Vec<Value>, WebError> {
    let db = app.store.read();
    let all = documents::list_of_message(db, by.campaign.id, message.id).await?;
    let mut rows = Vec::new();
    for part in &message.attachments {
        let document = part.kept_as.parse().ok().and_then(|media| {
            let name = safe_name(&part.name, media);
            all.iter()
                .find(|(_, sha256, known)| *sha256 == part.sha256 && *known == name)
                .map(|(id, ..)| *id)
        });
        rows.push(context! {
            name => part.name.clone(),
            size => size(part.bytes),
            inline => part.inline,
            opened => part.opened,
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

#[post("/c/<_>/messages/<id>/sort", data = "<posted>")]
async fn sort(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let message = found(app, &by, id).await?;
    let Some(request) = message.request else {
        return Err(ActionError::refused(
            "File the message under its request first, then say what it is.",
        )
        .into());
    };
    let items = items_of(app, &by, &message).await?;
    let seen = suggest(&message.subject, &message.body);
    let mut reading = posted.read();
    let number = reading.optional("number", 60);
    let findings = sorting::read(
        &mut reading,
        &posted,
        &items,
        (&seen, &message.body),
        desk.today(),
    );
    let mut moved = None;
    if let Some(findings) = findings {
        if posted.text("press") == "preview" {
            let of = Some(message.id);
            match what_sorting_moves(app, &by.scope, request, of, findings, desk.now).await {
                Ok(moves) => moved = Some(moves),
                Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
                Err(error) => return Err(error.into()),
            }
        } else {
            match sort_it(app, &by, (request, &message), findings, &number, &desk).await {
                Err(WebError(ActionError::Refused(sentence))) => reading.wrong("number", sentence),
                other => return other,
            }
        }
    }
    let shown = moved.is_some();
    let content = content(app, &by, &message, &desk, (reading.again(), moved)).await?;
    if shown {
        desk.page("tray", "pages/messages_one.html", content)
    } else {
        desk.again("tray", "pages/messages_one.html", content)
    }
}

async fn sort_it(
    app: &App,
    by: &Member,
    (request, message): (RequestId, &Message),
    findings: Vec<crate::domain::reply::Sorting>,
    number: &str,
    desk: &Desk,
) -> Answer {
    let of = Some(message.id);
    let moved = sort_with_number(app, &by.scope, request, of, findings, number, desk.now).await?;
    let to = format!("/c/{}/messages/{}#next", by.campaign.slug, message.id);
    Ok(Reply::to(to).done(told("The reply was sorted.", &moved)))
}

#[post("/c/<_>/messages/<id>/tasks/<task>/done", data = "<_posted>")]
async fn task_done(
    by: Worker,
    id: &str,
    task: &str,
    _posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let message = found(app, &by.0, id).await?;
    let task = task.parse().map_err(|_| WebError(ActionError::NotFound))?;
    finish_mail_task(app, &by.0.scope, message.id, task, desk.now).await?;
    Ok(
        Reply::to(format!("/c/{}/messages/{}", by.0.campaign.slug, message.id))
            .done("Marked as done."),
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

/// The message as its sender laid it out, for a frame that runs nothing and loads nothing.
#[get("/c/<_>/messages/<id>/formatted")]
async fn formatted(by: Worker, id: &str, app: &State<App>) -> Answer {
    let message = found(app, &by.0, id).await?;
    let html = read_formatted(app, &message).await?;
    Ok(Reply::Sandboxed(html))
}
