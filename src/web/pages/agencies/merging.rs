//! Duplicates: entries that look like one agency, and the merging of two of them.

use std::collections::HashMap;

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::{agency_of, rows_of};
use crate::actions::merge_agencies::merge_agencies;
use crate::actions::{ActionError, App};
use crate::domain::agency::twins;
use crate::domain::ids::AgencyId;
use crate::store::agencies::{self, Agency, Filter};
use crate::store::requests;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![duplicates, merge, put_merge]
}

/// Groups shown at once.
const SHOWN: usize = 50;

#[get("/c/<_>/agencies/duplicates")]
async fn duplicates(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let groups = twins::groups(&agencies::list_known(db, &by.0.scope).await?);
    let all: HashMap<AgencyId, Agency> = agencies::list(db, &by.0.scope)
        .await?
        .into_iter()
        .map(|agency| (agency.id, agency))
        .collect();
    let mut shown = Vec::new();
    for group in groups.iter().take(SHOWN) {
        let members: Vec<Agency> = group.iter().filter_map(|id| all.get(id).cloned()).collect();
        shown.push(rows_of(app, &by.0, &members).await?);
    }
    let content = context! { groups => shown, total => groups.len() };
    desk.page("agencies", "pages/agencies_duplicates.html", content)
}

/// The entries that this one may be merged into: first those that look like it, then the rest of its state.
async fn content(app: &App, by: &Worker, agency: &Agency, f: Value) -> Result<Value, WebError> {
    let db = app.store.read();
    let near = Filter {
        jurisdiction: Some(agency.jurisdiction.clone()),
        ..Filter::default()
    };
    let key = twins::loose_key(&agency.name);
    let mut others: Vec<Agency> = agencies::list_fitting(db, &by.0.scope, &near)
        .await?
        .into_iter()
        .filter(|other| other.id != agency.id)
        .collect();
    others.sort_by_key(|other| twins::loose_key(&other.name) != key);
    let first = others
        .first()
        .filter(|other| twins::loose_key(&other.name) == key)
        .map(|other| other.id.to_string())
        .unwrap_or_default();
    let options: Vec<Value> = others
        .iter()
        .map(|other| {
            let county = other.county.clone().unwrap_or_default();
            let label = if county.is_empty() || other.name.contains(&county) {
                other.name.clone()
            } else {
                format!("{} ({county})", other.name)
            };
            context! { value => other.id.to_string(), label => label }
        })
        .collect();
    Ok(context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone(), code => agency.jurisdiction.clone() },
        others => options,
        first => first,
        requests => requests::count_for_agency(db, &by.0.scope, agency.id).await?,
    })
}

#[get("/c/<_>/agencies/<id>/merge")]
async fn merge(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = content(app, &by, &agency, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_merge.html", content)
}

#[post("/c/<_>/agencies/<id>/merge", data = "<posted>")]
async fn put_merge(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let mut reading = posted.read();
    let into = reading.choice(
        "into",
        |text| text.parse::<AgencyId>().ok(),
        "Choose the entry that is kept.",
    );
    let why = reading.required("why", 500, "Say how it is known that both are one agency.");
    if let (true, Some(into)) = (reading.is_right(), into) {
        match merge_agencies(app, &by.0.scope, agency.id, into, &why, desk.now).await {
            Ok(moved) => {
                let to = format!("/c/{}/agencies/{into}", by.0.campaign.slug);
                return Ok(Reply::to(to).done(format!(
                    "Merged. Moved here: {} requests, {} contacts, {} agreements, {} policies, {} documents, {} figures.",
                    moved.requests, moved.contacts, moved.agreements, moved.policies, moved.documents, moved.facts
                )));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("into", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, &agency, reading.again()).await?;
    desk.again("agencies", "pages/agencies_merge.html", content)
}
