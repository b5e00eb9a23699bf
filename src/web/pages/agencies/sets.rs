//! Named sets of agencies: all of them, one with its members and the reason for each, and its members by hand.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::{agency_of, jurisdiction_name};
use crate::actions::keep_set::{add_members, freeze_set, remove_member, remove_set};
use crate::actions::{ActionError, App};
use crate::domain::ids::{AgencyId, SetId};
use crate::store::agencies::{self, Filter};
use crate::store::agency_sets::{self, AgencySet};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, page, members, join, leave, freeze, remove]
}

/// Members shown on the set's page; more stand in the list of agencies narrowed to the set.
const SHOWN: usize = 500;
/// Agencies found to choose from.
const CHOICES: u64 = 30;

pub(super) async fn set_of(app: &App, by: &Member, id: &str) -> Result<AgencySet, WebError> {
    let id: SetId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = agency_sets::find(app.store.read(), &by.scope, id).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}

pub(super) fn at(slug: &str, id: SetId) -> String {
    format!("/c/{slug}/agency-sets/{id}")
}

#[get("/c/<_>/agency-sets")]
async fn list(by: Member, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let mut rows = Vec::new();
    for set in agency_sets::list(db, &by.scope).await? {
        let filter = agency_sets::filter_of(&set);
        let (_, total) = agencies::search(db, &by.scope, &filter, 0, 1).await?;
        rows.push(context! {
            id => set.id.to_string(),
            name => set.name,
            by_hand => set.rule.is_none(),
            rule => set.rule.map(|rule| rule.in_words()).unwrap_or_default(),
            total => total,
        });
    }
    let content = context! { rows => rows, may_work => by.scope.may_draft() };
    desk.page("agencies", "pages/agency_sets.html", content)
}

/// Words by which agencies are looked for, to be put in by hand.
#[derive(FromForm)]
struct Looked {
    #[field(default = String::new())]
    q: String,
}

/// Agencies that fit the words and are no members yet.
async fn choices(
    app: &App,
    by: &Member,
    looked: &Looked,
    members: &[AgencyId],
) -> Result<Vec<Value>, WebError> {
    if looked.q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter {
        words: looked.q.chars().take(100).collect(),
        ..Filter::default()
    };
    let (found, _) = agencies::search(app.store.read(), &by.scope, &filter, 0, CHOICES).await?;
    Ok(found
        .into_iter()
        .filter(|agency| !members.contains(&agency.id))
        .map(|agency| {
            let place = jurisdiction_name(app, &agency.jurisdiction);
            context! { value => agency.id.to_string(), label => agency.name, hint => place }
        })
        .collect())
}

#[get("/c/<_>/agency-sets/<id>?<looked..>", rank = 2)]
async fn page(by: Member, id: &str, looked: Looked, desk: Desk, app: &State<App>) -> Answer {
    let set = set_of(app, &by, id).await?;
    let all = agency_sets::list_with_agencies(app.store.read(), &by.scope, set.id).await?;
    let ids: Vec<AgencyId> = all.iter().map(|(agency, _)| agency.id).collect();
    let members: Vec<Value> = all
        .iter()
        .take(SHOWN)
        .map(|(agency, reason)| {
            context! {
                id => agency.id.to_string(),
                name => agency.name.clone(),
                kind => agency.kind.plain(),
                jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
                reason => reason.clone(),
            }
        })
        .collect();
    let content = context! {
        set => context! {
            id => set.id.to_string(),
            name => set.name.clone(),
            by_hand => set.rule.is_none(),
            rule => set.rule.as_ref().map(|rule| rule.in_words()).unwrap_or_default(),
        },
        members => members,
        total => all.len(),
        choices => choices(app, &by, &looked, &ids).await?,
        q => looked.q,
        day => desk.today().to_string(),
        may_work => by.scope.may_draft(),
    };
    desk.page("agencies", "pages/agency_sets_one.html", content)
}

#[post("/c/<_>/agency-sets/<id>/members", data = "<posted>")]
async fn members(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    let ids: Vec<AgencyId> = posted
        .all("agency")
        .into_iter()
        .filter_map(|id| id.parse().ok())
        .collect();
    let to = Reply::to(at(&by.0.campaign.slug, set.id));
    match add_members(
        app,
        &by.0.scope,
        set.id,
        &ids,
        posted.text("reason"),
        desk.now,
    )
    .await
    {
        Ok(()) => Ok(to.done(format!("{} put into the set.", ids.len()))),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// From an agency's own page: into the set that the form names.
#[post("/c/<_>/agencies/<id>/sets", data = "<posted>")]
async fn join(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let to = Reply::to(format!("/c/{}/agencies/{}", by.0.campaign.slug, agency.id));
    let Ok(set) = posted.text("set").parse::<SetId>() else {
        return Ok(to.danger("Choose the set. Nothing was changed."));
    };
    let reason = posted.text("reason");
    match add_members(app, &by.0.scope, set, &[agency.id], reason, desk.now).await {
        Ok(()) => Ok(to.done("The agency is in the set.")),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/agency-sets/<id>/members/<agency>/remove", data = "<_posted>")]
async fn leave(by: Worker, id: &str, agency: &str, _posted: Posted, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    let agency: AgencyId = agency.parse().map_err(|_| ActionError::NotFound)?;
    remove_member(app, &by.0.scope, set.id, agency).await?;
    Ok(Reply::to(at(&by.0.campaign.slug, set.id)).done("The agency is out of the set."))
}

#[post("/c/<_>/agency-sets/<id>/freeze", data = "<posted>")]
async fn freeze(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    let slug = &by.0.campaign.slug;
    match freeze_set(app, &by.0.scope, set.id, posted.text("name"), desk.now).await {
        Ok(kept) => Ok(Reply::to(at(slug, kept))
            .done("Kept by hand, as the rule had it today. Later lists do not change it.")),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(at(slug, set.id)).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/agency-sets/<id>/remove", data = "<_posted>")]
async fn remove(by: Worker, id: &str, _posted: Posted, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    remove_set(app, &by.0.scope, set.id).await?;
    Ok(Reply::to(format!("/c/{}/agency-sets", by.0.campaign.slug))
        .done("The set is gone. Its agencies stay."))
}
