//! Adding an agency by hand, and correcting its name, kind and place.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::{agency_of, kinds};
use crate::actions::add_agency::{AgencyParticulars, add_agency, edit_agency};
use crate::actions::{ActionError, App};
use crate::domain::agency::AgencyKind;
use crate::store::agencies::Agency;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;
use crate::web::pages::campaigns::{jurisdictions, zones};

pub fn routes() -> Vec<Route> {
    routes![fresh, create, edit, change]
}

fn form(app: &App, slug: &str, was: Option<&Agency>, f: Value) -> Value {
    let place = was.map_or_else(|| "new".to_owned(), |agency| agency.id.to_string());
    let back = was.map_or_else(String::new, |agency| format!("/{}", agency.id));
    let zone = was.map_or("", |agency| agency.time_zone.name());
    context! {
        f => f,
        editing => was.is_some(),
        action => if was.is_some() { format!("/c/{slug}/agencies/{place}/edit") } else { format!("/c/{slug}/agencies/new") },
        back => format!("/c/{slug}/agencies{back}"),
        jurisdictions => jurisdictions(app),
        kinds => kinds(),
        zones => zones(zone),
        was => context! {
            name => was.map(|a| a.name.clone()).unwrap_or_default(),
            kind => was.map_or("", |a| a.kind.as_str()),
            jurisdiction => was.map(|a| a.jurisdiction.clone()).unwrap_or_default(),
            county => was.and_then(|a| a.county.clone()).unwrap_or_default(),
            time_zone => zone,
            source => was.map(|a| a.source.clone()).unwrap_or_default(),
        },
    }
}

fn read(posted: &Posted, was: Option<&Agency>) -> Result<AgencyParticulars, Value> {
    let mut reading = posted.read();
    let zone = posted.text("time_zone");
    let kind = reading.choice("kind", AgencyKind::parse, "Choose what kind of body it is.");
    let particulars = AgencyParticulars {
        name: reading.required("name", 200, "Write the agency's name as it writes itself."),
        kind: kind.unwrap_or(AgencyKind::Other),
        jurisdiction: reading.required(
            "jurisdiction",
            2,
            "Choose the agency's state, the District, or federal.",
        ),
        county: Some(reading.optional("county", 100)).filter(|county| !county.is_empty()),
        time_zone: zone.parse().ok(),
        fiscal_year_start: was.and_then(|agency| agency.fiscal_year_start.clone()),
        source: reading.required(
            "source",
            500,
            "Say where the name comes from, so that others can check it.",
        ),
    };
    if !zone.is_empty() && particulars.time_zone.is_none() {
        reading.wrong("time_zone", "Choose one of the time zones.");
    }
    if reading.is_right() {
        Ok(particulars)
    } else {
        Err(reading.again())
    }
}

fn refused(posted: &Posted, sentence: String) -> Value {
    let mut reading = posted.read();
    reading.wrong("name", sentence);
    reading.again()
}

#[get("/c/<_>/agencies/new")]
async fn fresh(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = form(app, &by.0.campaign.slug, None, Value::from(()));
    desk.page("agencies", "pages/agencies_form.html", content)
}

#[post("/c/<_>/agencies/new", data = "<posted>")]
async fn create(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let slug = &by.0.campaign.slug;
    let again = |f| {
        desk.again(
            "agencies",
            "pages/agencies_form.html",
            form(app, slug, None, f),
        )
    };
    let particulars = match read(&posted, None) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match add_agency(app, &by.0.scope, particulars, desk.now).await {
        Ok(id) => Ok(Reply::to(format!("/c/{slug}/agencies/{id}"))
            .done("The agency is added. Now say how it is reached.")),
        Err(ActionError::Refused(sentence)) => again(refused(&posted, sentence)),
        Err(error) => Err(error.into()),
    }
}

#[get("/c/<_>/agencies/<id>/edit")]
async fn edit(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = form(app, &by.0.campaign.slug, Some(&agency), Value::from(()));
    desk.page("agencies", "pages/agencies_form.html", content)
}

#[post("/c/<_>/agencies/<id>/edit", data = "<posted>")]
async fn change(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let slug = &by.0.campaign.slug;
    let again = |f| {
        desk.again(
            "agencies",
            "pages/agencies_form.html",
            form(app, slug, Some(&agency), f),
        )
    };
    let particulars = match read(&posted, Some(&agency)) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match edit_agency(app, &by.0.scope, agency.id, particulars, desk.now).await {
        Ok(()) => {
            Ok(Reply::to(format!("/c/{slug}/agencies/{}", agency.id))
                .done("The agency is corrected."))
        }
        Err(ActionError::Refused(sentence)) => again(refused(&posted, sentence)),
        Err(error) => Err(error.into()),
    }
}
