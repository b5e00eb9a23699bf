//! Moving a message that was filed under the wrong request, after seeing what rests on it.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::messages::found;
use super::tray::choices;
use crate::actions::move_reply::{move_reply, what_rests_on};
use crate::actions::{ActionError, App};
use crate::domain::ids::RequestId;
use crate::store::requests;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![show, moved]
}

async fn content(app: &App, by: &Member, id: &str, f: Value) -> Result<Value, WebError> {
    let message = found(app, by, id).await?;
    let (message, from, resting) = what_rests_on(app, &by.scope, message.id).await?;
    let mut all = requests::list(app.store.read(), &by.scope).await?;
    all.retain(|kept| kept.request.id != from.request.id);
    Ok(context! {
        f => f,
        message => context! {
            id => message.id.to_string(),
            subject => if message.subject.is_empty() { "No subject".to_owned() } else { message.subject.clone() },
            sender => message.sender,
        },
        request => context! {
            id => from.request.id.to_string(),
            reference => from.request.reference.to_string(),
            title => from.request.title,
        },
        documents => resting.documents.iter().map(|(id, name)| context! { id => id.to_string(), name => name }).collect::<Vec<_>>(),
        facts => resting.facts.iter().map(|fact| context! { id => fact.id.to_string(), says => fact.says.clone(), withdrawn => fact.withdrawn }).collect::<Vec<_>>(),
        dossiers => resting.dossiers.iter().map(|(edition, title)| format!("{title}, edition {edition}")).collect::<Vec<_>>(),
        sorted => resting.sorted.len(),
        requests => choices(&all),
    })
}

#[get("/c/<_>/messages/<id>/move")]
async fn show(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &by.0, id, Value::from(())).await?;
    desk.page("tray", "pages/messages_move.html", content)
}

#[post("/c/<_>/messages/<id>/move", data = "<posted>")]
async fn moved(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let message = found(app, &by, id).await?;
    let mut reading = posted.read();
    let to = reading.choice(
        "request",
        |text| text.parse::<RequestId>().ok(),
        "Choose the request that the message belongs to.",
    );
    let why = reading.required(
        "why",
        1_000,
        "Say how you know that it belongs there. Both requests keep the reason.",
    );
    if let Some(to) = to.filter(|_| reading.is_right()) {
        match move_reply(app, &by.scope, message.id, to, &why, desk.now).await {
            Ok(()) => {
                let to = format!("/c/{}/messages/{}#sort", by.campaign.slug, message.id);
                return Ok(Reply::to(to).done(
                    "The message was moved with its files. Now say what it is for this request.",
                ));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("request", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, id, reading.again()).await?;
    desk.again("tray", "pages/messages_move.html", content)
}
