//! Making a set of agencies, by a rule or by hand, and giving it another name or rule.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::sets::{at, set_of};
use super::{kinds, models};
use crate::actions::keep_set::{edit_set, make_set};
use crate::actions::{ActionError, App};
use crate::domain::agency::set::{Reach, Rule};
use crate::domain::agency::{AgencyKind, AgreementModel};
use crate::store::agency_sets::AgencySet;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::pages::campaigns::jurisdictions;

pub fn routes() -> Vec<Route> {
    routes![fresh, create, edit, change]
}

/// The filter of the list of agencies, as the beginning of a rule.
#[derive(Default, FromForm)]
struct Begun {
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    state: String,
    #[field(default = String::new())]
    kind: String,
    #[field(default = String::new())]
    model: String,
    #[field(default = String::new())]
    reach: String,
}

impl Begun {
    fn rule(&self) -> Rule {
        Rule {
            words: self.q.trim().to_owned(),
            jurisdictions: Some(self.state.clone())
                .filter(|state| !state.is_empty())
                .into_iter()
                .collect(),
            kinds: AgencyKind::parse(&self.kind).into_iter().collect(),
            models: AgreementModel::parse(&self.model).into_iter().collect(),
            reach: Reach::parse(&self.reach).filter(|reach| *reach != Reach::Stale),
        }
    }
}

fn form(app: &App, slug: &str, was: Option<&AgencySet>, rule: &Rule, f: Value) -> Value {
    // A contact grows stale by the day of looking, so no set can be made of that.
    let reaches: Vec<Value> = [Reach::Reachable, Reach::Unreachable]
        .iter()
        .map(|reach| context! { value => reach.as_str(), label => reach.plain() })
        .collect();
    context! {
        f => f,
        editing => was.is_some(),
        by_hand => was.is_some_and(|set| set.rule.is_none()),
        action => was.map_or_else(|| format!("/c/{slug}/agency-sets/new"), |set| format!("{}/edit", at(slug, set.id))),
        back => was.map_or_else(|| format!("/c/{slug}/agency-sets"), |set| at(slug, set.id)),
        name => was.map(|set| set.name.clone()).unwrap_or_default(),
        jurisdictions => jurisdictions(app),
        kinds => kinds(),
        models => models(),
        reaches => reaches,
        was => context! {
            words => rule.words.clone(),
            jurisdictions => rule.jurisdictions.clone(),
            kinds => rule.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
            models => rule.models.iter().map(|model| model.as_str()).collect::<Vec<_>>(),
            reach => rule.reach.map_or("", Reach::as_str),
        },
    }
}

fn rule(posted: &Posted, reading: &mut Reading<'_>) -> Rule {
    Rule {
        words: reading.optional("words", 100),
        jurisdictions: posted
            .all("jurisdictions")
            .into_iter()
            .filter(|code| code.len() == 2)
            .map(str::to_owned)
            .collect(),
        kinds: posted
            .all("kinds")
            .into_iter()
            .filter_map(AgencyKind::parse)
            .collect(),
        models: posted
            .all("models")
            .into_iter()
            .filter_map(AgreementModel::parse)
            .collect(),
        reach: Reach::parse(posted.text("reach")).filter(|reach| *reach != Reach::Stale),
    }
}

#[get("/c/<_>/agency-sets/new?<begun..>")]
async fn fresh(by: Worker, begun: Begun, desk: Desk, app: &State<App>) -> Answer {
    let slug = &by.0.campaign.slug;
    let content = form(app, slug, None, &begun.rule(), Value::from(()));
    desk.page("agencies", "pages/agency_sets_form.html", content)
}

#[post("/c/<_>/agency-sets/new", data = "<posted>")]
async fn create(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let slug = &by.0.campaign.slug;
    let mut reading = posted.read();
    let name = reading.required("name", 120, "Give the set a name.");
    let rule = rule(&posted, &mut reading);
    let chosen = (posted.text("how") != "hand").then(|| rule.clone());
    if reading.is_right() {
        match make_set(app, &by.0.scope, &name, chosen, desk.now).await {
            Ok(id) => return Ok(Reply::to(at(slug, id)).done("The set is made.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("name", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, slug, None, &rule, reading.again());
    desk.again("agencies", "pages/agency_sets_form.html", content)
}

#[get("/c/<_>/agency-sets/<id>/edit")]
async fn edit(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    let rule = set.rule.clone().unwrap_or_default();
    let content = form(app, &by.0.campaign.slug, Some(&set), &rule, Value::from(()));
    desk.page("agencies", "pages/agency_sets_form.html", content)
}

#[post("/c/<_>/agency-sets/<id>/edit", data = "<posted>")]
async fn change(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let set = set_of(app, &by.0, id).await?;
    let slug = &by.0.campaign.slug;
    let mut reading = posted.read();
    let name = reading.required("name", 120, "Give the set a name.");
    let rule = rule(&posted, &mut reading);
    if reading.is_right() {
        match edit_set(app, &by.0.scope, set.id, &name, Some(rule.clone())).await {
            Ok(()) => return Ok(Reply::to(at(slug, set.id)).done("The set is changed.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("name", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, slug, Some(&set), &rule, reading.again());
    desk.again("agencies", "pages/agency_sets_form.html", content)
}
