//! Letters on paper: the file of a letter, the campaign's letterhead, and the signature on it.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::paper_letter::{organisation, paper_letter, under};
use crate::actions::set_signature::{remove_signature, sample_paper, set_signature};
use crate::actions::{ActionError, App};
use crate::domain::ids::LetterId;
use crate::store::{accounts, papers};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![file, letterhead, change, take_off, sample]
}

#[get("/c/<_>/letters/<id>/letter.pdf")]
async fn file(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let id: LetterId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let paper = paper_letter(app, &by.0.scope, id, desk.now).await?;
    Ok(Reply::File {
        bytes: paper.pdf,
        media_type: "application/pdf",
        name: Some(paper.file_name),
        inline: true,
    })
}

async fn content(app: &App, by: &Member, desk: &Desk, f: Value) -> Result<Value, WebError> {
    let campaign = &by.campaign;
    let db = app.store.read();
    let signature = papers::find_signature(db, &by.scope, &campaign.contact_name).await?;
    let signature = match signature {
        Some(signature) => {
            let by = accounts::find(db, signature.set_by).await?;
            context! {
                by => by.map(|account| account.name).unwrap_or_default(),
                at => desk.when(signature.set_at),
            }
        }
        None => Value::from(()),
    };
    Ok(context! {
        f => f,
        head => context! { organisation => organisation(campaign), under => under(campaign) },
        signer => campaign.contact_name.clone(),
        signature => signature,
    })
}

#[get("/c/<_>/letterhead")]
async fn letterhead(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &by.0, &desk, Value::from(())).await?;
    desk.page("people", "pages/letterhead.html", content)
}

#[post("/c/<_>/letterhead", data = "<posted>")]
async fn change(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let mut reading = posted.read();
    let sentence = match posted.files("signature").first() {
        None => Some("Choose a picture of the signature.".to_owned()),
        Some(upload) if !upload.complete || upload.bytes > MOST_UPLOAD => Some(
            "The picture is larger than 10 MB. Cut it to the signature and save it again."
                .to_owned(),
        ),
        Some(upload) => {
            match set_signature(app, &by.scope, upload.file.path(), desk.now).await {
                Ok(()) => {
                    return Ok(Reply::to(format!("/c/{}/letterhead", by.campaign.slug)).done(
                        "The signature stands on letters on paper from now on. Look at the sample.",
                    ));
                }
                Err(ActionError::Refused(sentence)) => Some(sentence),
                Err(error) => return Err(error.into()),
            }
        }
    };
    if let Some(sentence) = sentence {
        reading.wrong("signature", sentence);
    }
    let content = content(app, &by, &desk, reading.again()).await?;
    desk.again("people", "pages/letterhead.html", content)
}

/// A scan of a signature is far smaller.
const MOST_UPLOAD: u64 = 10_000_000;

#[post("/c/<_>/letterhead/remove", data = "<_posted>")]
async fn take_off(by: Worker, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let to = format!("/c/{}/letterhead", by.0.campaign.slug);
    match remove_signature(app, &by.0.scope, desk.now).await {
        Ok(()) => {
            Ok(Reply::to(to).done("The signature is taken off. Papers made before keep theirs."))
        }
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[get("/c/<_>/letterhead/sample.pdf")]
async fn sample(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    Ok(Reply::File {
        bytes: sample_paper(app, &by.0.scope, desk.now).await?,
        media_type: "application/pdf",
        name: Some("sample.pdf".to_owned()),
        inline: true,
    })
}
