//! Dossiers: what the next edition would hold and what not, building it, and every edition for download.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::App;
use crate::actions::build_dossier::{build_dossier, plan};
use crate::actions::{ActionError, build_dossier::Plan};
use crate::documents::worker::Limits;
use crate::domain::ids::DossierId;
use crate::domain::packet::{Exhibit, Packet};
use crate::store::dossiers::{self, Dossier};
use crate::store::{access, accounts, commit};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, build, page, download]
}

fn packet_view(packet: &Packet) -> Value {
    let exhibits: Vec<Value> = packet
        .exhibits()
        .iter()
        .map(|exhibit| {
            context! {
                letter => exhibit.letter().to_string(),
                title => exhibit.title(),
                agency => exhibit.agency(),
                pages => exhibit.pages(),
            }
        })
        .collect();
    let questions: Vec<Value> = packet
        .answers()
        .map(|(question, answer)| {
            context! {
                number => question.number(),
                asked => question.asked(),
                findings => answer.findings().len(),
                missing => answer.missing().len(),
            }
        })
        .collect();
    context! {
        asks => packet.front().asks.clone(),
        exhibits => exhibits,
        exhibit_pages => packet.exhibits().iter().map(Exhibit::pages).sum::<u32>(),
        figures => packet.figures().rows().len(),
        requests => packet.timeline().len(),
        questions => questions,
    }
}

fn plan_view(plan: &Plan) -> Value {
    let left_out: Vec<Value> = plan
        .left_out
        .iter()
        .map(|each| context! { what => each.what.clone(), why => each.why.clone() })
        .collect();
    context! {
        edition => plan.edition,
        packet => plan.packet.as_ref().map(packet_view).unwrap_or(Value::from(())),
        refusal => plan.refusal.clone().unwrap_or_default(),
        left_out => left_out,
    }
}

fn edition_view(desk: &Desk, dossier: &Dossier, by: String) -> Value {
    context! {
        id => dossier.id.to_string(),
        edition => dossier.edition,
        title => dossier.title.clone(),
        pages => dossier.pages,
        size => size(dossier.bytes),
        sha256 => dossier.sha256.to_string(),
        built => desk.when(dossier.built_at),
        by => by,
    }
}

/// "1.3 MB", "48 kB".
fn size(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    } else {
        format!("{} kB", bytes.div_ceil(1_000))
    }
}

async fn name_of(app: &App, dossier: &Dossier) -> Result<String, WebError> {
    Ok(match dossier.built_by {
        Some(id) => accounts::find(app.store.read(), id)
            .await?
            .map(|account| account.name)
            .unwrap_or_default(),
        None => String::new(),
    })
}

#[get("/c/<_>/dossiers")]
async fn list(by: Member, desk: Desk, app: &State<App>) -> Answer {
    let mut editions = Vec::new();
    for dossier in dossiers::list(app.store.read(), &by.scope).await? {
        let name = name_of(app, &dossier).await?;
        editions.push(edition_view(&desk, &dossier, name));
    }
    let plan = plan(app, &by.scope, desk.now).await?;
    let content = context! {
        editions => editions,
        plan => plan_view(&plan),
        may_work => by.scope.may_draft(),
    };
    desk.page("dossiers", "pages/dossiers.html", content)
}

#[post("/c/<_>/dossiers", data = "<posted>")]
async fn build(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    // The form has no fields; its token was checked when it was taken.
    drop(posted);
    let slug = &by.0.campaign.slug;
    match build_dossier(app, &by.0.scope, desk.now).await {
        Ok(built) => {
            let to = format!("/c/{slug}/dossiers/{}", built.dossier.id);
            let word = format!(
                "Edition {} is built: {} pages.",
                built.dossier.edition, built.dossier.pages
            );
            Ok(Reply::to(to).done(word))
        }
        Err(ActionError::Refused(sentence)) => {
            Ok(Reply::to(format!("/c/{slug}/dossiers")).danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

#[get("/c/<_>/dossiers/<id>", rank = 2)]
async fn page(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let dossier = find(app, &by, id).await?;
    let name = name_of(app, &dossier).await?;
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_array()
            .map(|all| {
                all.iter()
                    .filter_map(|text| text.as_str().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default()
    };
    let exhibits: Vec<Value> = dossier.packet["packet"]["exhibits"]
        .as_array()
        .map(|all| all.iter().map(exhibit_view).collect())
        .unwrap_or_default();
    let remarks = if by.scope.sees_work() {
        texts(&dossier.packet["remarks"])
    } else {
        Vec::new()
    };
    let content = context! {
        edition => edition_view(&desk, &dossier, name),
        exhibits => exhibits,
        remarks => remarks,
    };
    desk.page("dossiers", "pages/dossiers_one.html", content)
}

/// One exhibit as the edition's record has it.
fn exhibit_view(of: &serde_json::Value) -> Value {
    let text = |key: &str| of[key].as_str().unwrap_or_default().to_owned();
    context! {
        letter => text("letter"),
        title => text("title"),
        agency => text("agency"),
        request_number => text("request_number"),
        received_on => text("received_on"),
        pages => of["pages"].as_u64().unwrap_or_default(),
    }
}

#[get("/c/<_>/dossiers/<id>/file")]
async fn download(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let dossier = find(app, &by, id).await?;
    let bytes = app
        .files
        .read(&dossier.sha256, Limits::BUNDLE.file_bytes)
        .await
        .map_err(ActionError::from)?;
    let tx = app.store.begin().await?;
    let subject = format!("dossier edition {}", dossier.edition);
    access::record(&tx, &by.scope, "download", &subject, desk.now).await?;
    commit(tx).await?;
    Ok(Reply::File {
        bytes: bytes.to_vec(),
        media_type: "application/pdf",
        name: Some(format!("{} edition {}.pdf", dossier.title, dossier.edition)),
        inline: false,
    })
}

async fn find(app: &App, by: &Member, id: &str) -> Result<Dossier, WebError> {
    let id: DossierId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = dossiers::find(app.store.read(), &by.scope, id).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}
