//! Agreements that an agency holds: adding one by hand, correcting it, saying that it ended, each with its source.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::{agency_of, models};
use crate::actions::hold_agreement::{NewAgreement, add_agreement, check, edit_agreement};
use crate::actions::{ActionError, App};
use crate::domain::agency::{AgreementModel, AgreementStatus};
use crate::domain::ids::{AgencyId, AgreementId, DocumentId};
use crate::domain::review::Sight;
use crate::store::agencies::Agency;
use crate::store::agreements::{self, Agreement};
use crate::store::documents;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![fresh, create, edit, change]
}

/// The documents that came from this agency, to be named as the paper itself.
pub(super) async fn papers_of(
    app: &App,
    by: &Worker,
    agency: AgencyId,
) -> Result<Vec<Value>, WebError> {
    let scope = &by.0.scope;
    let all = documents::list(app.store.read(), scope).await?;
    Ok(all
        .iter()
        .filter(|each| each.document.agency == Some(agency) && each.sight(scope) != Sight::Mark)
        .map(|each| context! { value => each.document.id.to_string(), label => each.document.name.clone() })
        .collect())
}

/// The document that the form names; a sentence where it names none of ours.
pub(super) fn paper(reading: &mut Reading<'_>, posted: &Posted) -> Option<DocumentId> {
    let typed = posted.text("document");
    let id = typed.parse().ok();
    if !typed.is_empty() && id.is_none() {
        reading.wrong("document", "Choose one of the documents.");
    }
    id
}

async fn form(
    app: &App,
    by: &Worker,
    (agency, was): (&Agency, Option<&Agreement>),
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let statuses: Vec<Value> = AgreementStatus::ALL
        .iter()
        .filter(|status| **status != AgreementStatus::OffList || was.is_some())
        .map(|status| context! { value => status.as_str(), label => status.plain() })
        .collect();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let today = desk.today().to_string();
    let place = was.map_or_else(
        || "new".to_owned(),
        |agreement| format!("{}/edit", agreement.id),
    );
    Ok(context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        place => place,
        editing => was.is_some(),
        models => models(),
        statuses => statuses,
        papers => papers_of(app, by, agency.id).await?,
        latest => today.clone(),
        was => context! {
            model => was.map_or("", |a| a.model.as_str()),
            status => was.map_or("signed", |a| a.status.as_str()),
            title => was.map(|a| a.title.clone()).unwrap_or_default(),
            signed_on => day(was.and_then(|a| a.signed_on)),
            effective_on => day(was.and_then(|a| a.effective_on)),
            ended_on => day(was.and_then(|a| a.ended_on)),
            source => was.map(|a| a.source.clone()).unwrap_or_default(),
            url => was.map(|a| a.url.clone()).unwrap_or_default(),
            read_on => was.and_then(|a| a.read_on).map_or(today, |day| day.to_string()),
            document => was.and_then(|a| a.document).map(|id| id.to_string()).unwrap_or_default(),
            note => was.map(|a| a.note.clone()).unwrap_or_default(),
        },
    })
}

fn read(posted: &Posted, reading: &mut Reading<'_>, desk: &Desk) -> Option<NewAgreement> {
    let model = reading.choice(
        "model",
        AgreementModel::parse,
        "Choose the kind of agreement.",
    );
    let status = reading.choice("status", AgreementStatus::parse, "Choose where it stands.");
    let title = reading.optional("title", 200);
    let signed_on = reading.optional_date("signed_on");
    let effective_on = reading.optional_date("effective_on");
    let ended_on = reading.optional_date("ended_on");
    let source = reading.optional("source", 500);
    let url = reading.optional("url", 500);
    let read_on = reading.date("read_on", "Give the day on which somebody read it.");
    let document = paper(reading, posted);
    let note = reading.optional("note", 2000);
    if !reading.is_right() {
        return None;
    }
    let new = NewAgreement {
        model: model?,
        status: status?,
        title,
        signed_on,
        effective_on,
        ended_on,
        source,
        url,
        read_on: read_on?,
        document,
        note,
    };
    match check(&new, desk.today()) {
        Ok(()) => Some(new),
        Err((field, sentence)) => {
            reading.wrong(field, sentence);
            None
        }
    }
}

fn at(by: &Worker, agency: AgencyId) -> String {
    format!("/c/{}/agencies/{agency}", by.0.campaign.slug)
}

#[get("/c/<_>/agencies/<id>/agreements/new")]
async fn fresh(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = form(app, &by, (&agency, None), &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_agreement.html", content)
}

#[post("/c/<_>/agencies/<id>/agreements/new", data = "<posted>")]
async fn create(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, &desk) {
        match add_agreement(app, &by.0.scope, agency.id, new, desk.today(), desk.now).await {
            Ok(_) => return Ok(Reply::to(at(&by, agency.id)).done("The agreement is set down.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("model", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &by, (&agency, None), &desk, reading.again()).await?;
    desk.again("agencies", "pages/agencies_agreement.html", content)
}

async fn agreement_of(
    app: &App,
    by: &Worker,
    agency: &Agency,
    id: &str,
) -> Result<Agreement, WebError> {
    let id: AgreementId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = agreements::find(app.store.read(), &by.0.scope, id).await?;
    Ok(found
        .filter(|agreement| agreement.agency == agency.id)
        .ok_or(ActionError::NotFound)?)
}

#[get("/c/<_>/agencies/<id>/agreements/<agreement>/edit")]
async fn edit(by: Worker, id: &str, agreement: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let was = agreement_of(app, &by, &agency, agreement).await?;
    let content = form(app, &by, (&agency, Some(&was)), &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_agreement.html", content)
}

#[post("/c/<_>/agencies/<id>/agreements/<agreement>/edit", data = "<posted>")]
async fn change(
    by: Worker,
    id: &str,
    agreement: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let was = agreement_of(app, &by, &agency, agreement).await?;
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, &desk) {
        let which = (agency.id, was.id);
        match edit_agreement(app, &by.0.scope, which, new, desk.today(), desk.now).await {
            Ok(()) => return Ok(Reply::to(at(&by, agency.id)).done("The agreement is corrected.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("model", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &by, (&agency, Some(&was)), &desk, reading.again()).await?;
    desk.again("agencies", "pages/agencies_agreement.html", content)
}
