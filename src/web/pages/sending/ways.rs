//! What goes another way than by our mail: portal, post, fax, hand. The sending, the receipt with what shows it, the look
//! into a portal, and the text to put into one.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::kinds_of_receipt;
use crate::actions::draft_request::REQUEST;
use crate::actions::keep_proof::{Proof, keep_proof, record_portal_check};
use crate::actions::record_dispatch::{Dispatch, record_dispatch};
use crate::actions::record_receipt::{Receipt, record_receipt};
use crate::actions::{ActionError, App};
use crate::domain::delivery::Channel;
use crate::domain::event::Evidence;
use crate::domain::ids::{LetterId, RequestId};
use crate::store::letters::{self, Letter};
use crate::store::requests;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::pages::requests::told;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![receipt, record, dispatch, dispatched, portal, text]
}

/// The file of a form that shows something, kept safe; none where no file was chosen or it does not fit.
async fn proof(
    app: &App,
    posted: &Posted,
    reading: &mut Reading<'_>,
) -> Result<Option<Proof>, WebError> {
    let uploads = posted.files("proof");
    let Some(upload) = uploads.first() else {
        return Ok(None);
    };
    if !upload.complete {
        reading.wrong(
            "proof",
            format!(
                "This file is larger than {} MB, the most that is taken at once. Save it smaller.",
                app.config.limits.upload_bytes / 1_000_000
            ),
        );
        return Ok(None);
    }
    if upload.bytes == 0 {
        // A browser sends an empty part where no file was chosen.
        if !upload.name.is_empty() {
            reading.wrong(
                "proof",
                "This file is empty: it has no bytes in it. Choose another.",
            );
        }
        return Ok(None);
    }
    let file = rocket::tokio::fs::File::open(upload.file.path())
        .await
        .map_err(|error| ActionError::fault("opening an upload", error))?;
    let stored = app
        .files
        .put_stream(file, app.config.limits.upload_bytes)
        .await
        .map_err(ActionError::from)?;
    Ok(Some(Proof {
        stored,
        name: upload.name.clone(),
    }))
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
    let proof = proof(app, &posted, &mut reading).await?;
    if let (Some(on), Some(evidence), true) = (on, evidence, reading.is_right()) {
        let receipt = Receipt {
            on,
            evidence,
            note,
            after_hours: posted.text("after_hours") == "yes",
        };
        match record_receipt(app, &by.scope, request, receipt, desk.now).await {
            Ok(moved) => {
                if let Some(proof) = proof {
                    keep_proof(
                        app,
                        &by.scope,
                        request,
                        evidence,
                        proof,
                        desk.today(),
                        desk.now,
                    )
                    .await?;
                }
                return Ok(
                    Reply::to(format!("/c/{}/requests/{request}", by.campaign.slug))
                        .done(told("The receipt was recorded.", &moved)),
                );
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(other) => return Err(other.into()),
        }
    }
    let (_, content) = receipt_page(app, &by, id, reading.again()).await?;
    desk.again("requests", "pages/sending_receipt.html", content)
}

/// The ways that are not our mail, for a choice in a form.
fn ways() -> Vec<Value> {
    [
        (Channel::Portal, "Put into the agency’s portal"),
        (Channel::Post, "Posted"),
        (Channel::Fax, "Faxed"),
        (Channel::Hand, "Sent by messenger"),
    ]
    .into_iter()
    .map(|(channel, label)| context! { value => channel.as_str(), label => label })
    .collect()
}

async fn dispatch_page(
    app: &App,
    by: &Member,
    id: &str,
    desk: &Desk,
    f: Value,
) -> Result<(Letter, Value), WebError> {
    let id: LetterId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let db = app.store.read();
    let letter = letters::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let kept = requests::find(db, &by.scope, letter.request)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let content = context! {
        f => f,
        letter => context! { id => letter.id.to_string(), version => letter.version, subject => letter.subject.clone() },
        request => context! {
            id => letter.request.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title,
        },
        ways => ways(),
        is_request => letter.kind == REQUEST,
        until => desk.today().to_string(),
    };
    Ok((letter, content))
}

#[get("/c/<_>/letters/<id>/dispatch")]
async fn dispatch(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let (_, content) = dispatch_page(app, &by.0, id, &desk, Value::from(())).await?;
    desk.page("requests", "pages/sending_dispatch.html", content)
}

#[post("/c/<_>/letters/<id>/dispatch", data = "<posted>")]
async fn dispatched(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let (letter, _) = dispatch_page(app, &by, id, &desk, Value::from(())).await?;
    let mut reading = posted.read();
    let on = reading.date("on", "Give the day on which it left.");
    let channel = reading.choice(
        "channel",
        |text| {
            text.parse::<Channel>()
                .ok()
                .filter(|way| *way != Channel::Email)
        },
        "Choose how it left.",
    );
    let number = reading.optional("number", 200);
    let proof = proof(app, &posted, &mut reading).await?;
    if let (Some(on), Some(channel), true) = (on, channel, reading.is_right()) {
        let dispatch = Dispatch {
            channel,
            on,
            number,
        };
        match record_dispatch(app, &by.scope, letter.id, dispatch, desk.now).await {
            Ok(()) => {
                if let Some(proof) = proof {
                    let evidence = match channel {
                        Channel::Portal => Evidence::PortalStamp,
                        Channel::Fax => Evidence::FaxConfirmation,
                        Channel::Hand => Evidence::StampedCopy,
                        Channel::Post | Channel::Email => Evidence::CertifiedPost,
                    };
                    let today = desk.today();
                    keep_proof(
                        app,
                        &by.scope,
                        letter.request,
                        evidence,
                        proof,
                        today,
                        desk.now,
                    )
                    .await?;
                }
                return Ok(Reply::to(format!(
                    "/c/{}/requests/{}#sending",
                    by.campaign.slug, letter.request
                ))
                .done("Recorded: it has left. The clocks start with the receipt: record that when you have it in hand."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(other) => return Err(other.into()),
        }
    }
    let (_, content) = dispatch_page(app, &by, id, &desk, reading.again()).await?;
    desk.again("requests", "pages/sending_dispatch.html", content)
}

#[post("/c/<_>/requests/<id>/portal", data = "<posted>")]
async fn portal(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let (request, _) = receipt_page(app, &by, id, Value::from(())).await?;
    let to = format!("/c/{}/requests/{request}#sending", by.campaign.slug);
    let mut reading = posted.read();
    let on = reading.optional_date("on").unwrap_or_else(|| desk.today());
    let note = reading.optional("note", 1_000);
    let saved = proof(app, &posted, &mut reading).await?;
    if !reading.is_right() {
        return Ok(Reply::to(to).danger(
            "The look into the portal was not recorded: the day, the note or the file did not fit. Nothing was changed.",
        ));
    }
    let days = (on, desk.today());
    match record_portal_check(app, &by.scope, request, days, &note, saved, desk.now).await {
        Ok(()) => Ok(Reply::to(to).done("The look into the portal is recorded.")),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// The letter's text alone, to be copied into a portal's form.
#[get("/c/<_>/letters/<id>/letter.txt")]
async fn text(by: Worker, id: &str, app: &State<App>) -> Answer {
    let id: LetterId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let letter = letters::find(app.store.read(), &by.0.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    Ok(Reply::File {
        bytes: letter.body.into_bytes(),
        media_type: "text/plain; charset=utf-8",
        name: Some("letter.txt".to_owned()),
        inline: true,
    })
}
