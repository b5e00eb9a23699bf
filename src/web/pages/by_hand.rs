//! A reply that came by portal, post or telephone: written down, with its files, and sorted in one pass.

use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::sorting;
use crate::actions::note_reply::{CHANNELS, Note, note_reply};
use crate::actions::sort_reply::what_sorting_moves;
use crate::actions::{ActionError, App};
use crate::domain::duty::Moved;
use crate::domain::ids::RequestId;
use crate::domain::reply::{Sorting, suggest};
use crate::domain::request::RequestItem;
use crate::store::{requests, tracking_numbers};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::pages::requests::told;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![by_hand, sort_by_hand]
}

async fn request_of(
    app: &App,
    by: &Member,
    id: &str,
) -> Result<(requests::Kept, Vec<RequestItem>), WebError> {
    let id: RequestId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let kept = requests::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let items = requests::list_items(app.store.read(), &by.scope, id).await?;
    Ok((kept, items))
}

async fn content(
    app: &App,
    by: &Member,
    desk: &Desk,
    (kept, items): (&requests::Kept, &[RequestItem]),
    (f, moved, text): (Value, Option<Vec<Moved>>, &str),
) -> Result<Value, WebError> {
    let request = &kept.request;
    let numbers = tracking_numbers::list(app.store.read(), &by.scope, request.id).await?;
    Ok(context! {
        f => f,
        moved => moved.map(|moved| Value::from(Serde(moved))).unwrap_or(Value::from(())),
        request => context! {
            id => request.id.to_string(),
            reference => request.reference.to_string(),
            title => request.title.clone(),
        },
        channels => CHANNELS.iter().map(|(word, plain)| context! { value => *word, label => *plain }).collect::<Vec<_>>(),
        sorting => sorting::fields(items, &suggest("", text), desk.today(), !numbers.is_empty())?,
    })
}

#[get("/c/<_>/requests/<id>/reply")]
async fn by_hand(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let (kept, items) = request_of(app, &by.0, id).await?;
    let fresh = (Value::from(()), None, "");
    let content = content(app, &by.0, &desk, (&kept, &items), fresh).await?;
    desk.page("requests", "pages/messages_by_hand.html", content)
}

/// What was typed; none where something does not fit.
fn read(
    reading: &mut Reading<'_>,
    posted: &Posted,
    items: &[RequestItem],
    desk: &Desk,
) -> Option<(Note, Vec<Sorting>)> {
    let channel = reading.choice(
        "channel",
        |word| CHANNELS.iter().find(|(known, _)| *known == word),
        "Choose how it came.",
    );
    let who = reading.optional("who", 200);
    let text = reading.optional("text", 50_000);
    let found = suggest("", &text);
    let findings = sorting::read(reading, posted, items, (&found, &text), desk.today())?;
    let (channel, _) = channel?;
    let note = Note {
        channel: (*channel).to_owned(),
        who,
        on: findings.first()?.on,
        text,
        files: Vec::new(),
    };
    Some((note, findings))
}

#[post("/c/<_>/requests/<id>/reply", data = "<posted>")]
async fn sort_by_hand(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let (kept, items) = request_of(app, &by, id).await?;
    let request = kept.request.id;
    let mut reading = posted.read();
    let number = reading.optional("number", 60);
    if let Some(cut) = posted.files("file").iter().find(|file| !file.complete) {
        let says = format!("{} is larger than this installation takes.", cut.name);
        reading.wrong("file", says);
    }
    let mut moved = None;
    if let Some((mut note, findings)) = read(&mut reading, &posted, &items, &desk) {
        if posted.text("press") == "preview" {
            let moves = what_sorting_moves(app, &by.scope, request, None, findings, desk.now);
            match moves.await {
                Ok(moves) => moved = Some(moves),
                Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
                Err(error) => return Err(error.into()),
            }
        } else {
            note.files = kept_files(app, &posted).await?;
            let done = note_reply(app, &by.scope, request, note, findings, &number, desk.now).await;
            match done {
                Ok((message, moved)) => {
                    let to = format!("/c/{}/messages/{message}#next", by.campaign.slug);
                    return Ok(Reply::to(to).done(told("The reply was recorded.", &moved)));
                }
                Err(ActionError::Refused(sentence)) => reading.wrong("number", sentence),
                Err(error) => return Err(error.into()),
            }
        }
    }
    let shown = moved.is_some();
    let typed = posted.text("text").to_owned();
    let back = (reading.again(), moved, typed.as_str());
    let content = content(app, &by, &desk, (&kept, &items), back).await?;
    if shown {
        desk.page("requests", "pages/messages_by_hand.html", content)
    } else {
        desk.again("requests", "pages/messages_by_hand.html", content)
    }
}

/// The files of the form, kept by their hash.
async fn kept_files(
    app: &App,
    posted: &Posted,
) -> Result<Vec<(String, crate::documents::files::Stored)>, WebError> {
    let mut all = Vec::new();
    for upload in posted.files("file") {
        let file = rocket::tokio::fs::File::open(upload.file.path())
            .await
            .map_err(|error| ActionError::fault("reading an upload", error))?;
        let stored = app
            .files
            .put_stream(file, app.config.limits.upload_bytes)
            .await
            .map_err(ActionError::from)?;
        if stored.bytes > 0 {
            all.push((upload.name.clone(), stored));
        }
    }
    Ok(all)
}
