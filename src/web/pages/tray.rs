//! The tray: messages that no request claims, each with its candidates and one press to file it; and adding mail by hand.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::file_reply;
use crate::actions::receive_mail::{self, Way, doubted};
use crate::actions::take_mail_file::take_mail_file;
use crate::actions::{ActionError, App};
use crate::domain::ids::{MessageId, RequestId};
use crate::store::messages::{self, Message, MessageState};
use crate::store::requests::{self, Kept};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![page, add, file, aside, claim]
}

/// Messages on one page of the tray: each has the list of requests beside it.
const SHOWN: usize = 40;
/// How much of a message the tray shows.
const EXCERPT: usize = 280;

#[get("/c/<_>/tray")]
async fn page(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &by.0, &desk, Value::from(())).await?;
    desk.page("tray", "pages/tray.html", content)
}

async fn content(app: &App, by: &Member, desk: &Desk, f: Value) -> Result<Value, WebError> {
    let db = app.store.read();
    let all = requests::list(db, &by.scope).await?;
    let waiting = messages::list_tray(db, &by.scope).await?;
    Ok(context! {
        f => f,
        messages => waiting.iter().take(SHOWN).map(|message| row(message, &all, by, desk)).collect::<Vec<_>>(),
        more => waiting.len().saturating_sub(SHOWN),
        requests => choices(&all),
        reads_mailbox => !app.config.mailboxes.is_empty(),
    })
}

/// Every request as a choice of a form.
pub fn choices(all: &[Kept]) -> Vec<Value> {
    all.iter()
        .map(|kept| {
            let request = &kept.request;
            context! { value => request.id.to_string(), label => format!("{} · {}", request.reference, request.title) }
        })
        .collect()
}

fn row(message: &Message, all: &[Kept], by: &Member, desk: &Desk) -> Value {
    // Until somebody claims it for this campaign, the letter may be another campaign's: only its outside shows.
    let ours = message.campaign == Some(by.campaign.id);
    let doubt = message.matched_by.as_deref().and_then(doubted);
    let candidates: Vec<Value> = doubt
        .iter()
        .flat_map(|(_, ids)| ids)
        .filter_map(|id| all.iter().find(|kept| kept.request.id == *id))
        .map(|kept| {
            context! {
                id => kept.request.id.to_string(),
                reference => kept.request.reference.to_string(),
                title => kept.request.title.clone(),
            }
        })
        .collect();
    let why = match &doubt {
        Some((why, _)) => format!("It may belong to one of these, because {}.", why.plain()),
        None => "Nothing in it names a request of ours.".to_owned(),
    };
    context! {
        id => message.id.to_string(),
        ours => ours,
        sender => if message.sender.is_empty() { "Sender not stated".to_owned() } else { message.sender.clone() },
        subject => if message.subject.is_empty() { "No subject".to_owned() } else { message.subject.clone() },
        when => desk.when(message.received_at),
        excerpt => if ours { excerpt(&message.body) } else { String::new() },
        files => message.attachments.len(),
        problem => message.problem.clone().unwrap_or_default(),
        unreadable => message.state == MessageState::Unreadable,
        automatic => message.auto_reply,
        candidates => candidates,
        why => why,
    }
}

fn excerpt(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT {
        return line;
    }
    let cut: String = line.chars().take(EXCERPT).collect();
    format!("{cut} …")
}

#[post("/c/<_>/tray/add", data = "<posted>")]
async fn add(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let mut reading = posted.read();
    let files = posted.files("message");
    if files.is_empty() {
        reading.wrong(
            "message",
            "Choose one or more messages saved as .eml, .msg or .mbox.",
        );
    }
    if let Some(cut) = files.iter().find(|file| !file.complete) {
        reading.wrong(
            "message",
            format!("{} is larger than this installation takes. Save its attachments and add them as documents.", cut.name),
        );
    }
    let mut last = None;
    let (mut added, mut known) = (0_usize, 0_usize);
    let mut left_out = Vec::new();
    if reading.is_right() {
        let way = Way::Upload {
            campaign: by.campaign.id,
        };
        for upload in files {
            match take_mail_file(app, upload.file.path(), way, desk.now).await {
                Ok(taken) => {
                    added += taken.new_ones();
                    known += taken.kept.len() - taken.new_ones();
                    left_out.extend(taken.problems.clone());
                    if let [one] = taken.kept[..] {
                        let read = receive_mail::read_message(app, one.message, desk.now);
                        last = Some(Some(read.await?));
                    } else {
                        // Many are read by their jobs; the tray fills by itself.
                        last = Some(None);
                    }
                }
                Err(ActionError::Refused(sentence)) => reading.wrong("message", sentence),
                Err(other) => return Err(other.into()),
            }
        }
    }
    let Some(last) = last.filter(|_| reading.is_right()) else {
        let content = content(app, &by, &desk, reading.again()).await?;
        return desk.again("tray", "pages/tray.html", content);
    };
    let slug = &by.campaign.slug;
    if !left_out.is_empty() {
        let says = format!("{added} new messages were kept. {}", left_out.join(" "));
        return Ok(Reply::to(format!("/c/{slug}/tray")).note(says));
    }
    let filed = last
        .filter(|message| message.state == MessageState::Filed)
        .map(|message| message.id);
    Ok(match (added, known) {
        (1, 0) if filed.is_some() => {
            let id = filed.map(|id| id.to_string()).unwrap_or_default();
            Reply::to(format!("/c/{slug}/messages/{id}")).done("The message was kept and filed.")
        }
        (0, _) => Reply::to(format!("/c/{slug}/tray"))
            .note("That message had come before. Nothing was changed."),
        (1, _) => Reply::to(format!("/c/{slug}/tray"))
            .note("The message was kept. It is below where no request claims it."),
        (added, _) => Reply::to(format!("/c/{slug}/tray")).done(format!(
            "{added} messages were kept{}. They are read within a minute; those that no request claims are then below.",
            if known > 0 { format!(", {known} had come before") } else { String::new() }
        )),
    })
}

fn message_id(id: &str) -> Result<MessageId, WebError> {
    id.parse().map_err(|_| WebError(ActionError::NotFound))
}

#[post("/c/<_>/messages/<id>/file", data = "<posted>")]
async fn file(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let slug = &by.0.campaign.slug;
    let message = message_id(id)?;
    let Ok(request) = posted.text("request").parse::<RequestId>() else {
        return Ok(Reply::to(format!("/c/{slug}/tray"))
            .danger("Choose the request that the message belongs to. Nothing was changed."));
    };
    file_reply::file_reply(app, &by.0.scope, message, request, desk.now).await?;
    Ok(Reply::to(format!("/c/{slug}/messages/{message}"))
        .done("The message was filed. Now say what it is."))
}

#[post("/c/<_>/messages/<id>/aside", data = "<_posted>")]
async fn aside(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    file_reply::set_aside(app, &by.0.scope, message_id(id)?, desk.now).await?;
    Ok(Reply::to(format!("/c/{}/tray", by.0.campaign.slug))
        .done("The message was laid aside. It is kept."))
}

#[post("/c/<_>/messages/<id>/claim", data = "<_posted>")]
async fn claim(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let message = message_id(id)?;
    file_reply::claim(app, &by.0.scope, message, desk.now).await?;
    Ok(
        Reply::to(format!("/c/{}/messages/{message}", by.0.campaign.slug))
            .done("The message is this campaign's now."),
    )
}
