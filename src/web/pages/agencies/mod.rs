//! Agencies: the list with its filter, its export, and one file for each part of an agency's page.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, routes};

use super::campaigns::jurisdictions;
use crate::actions::export_agencies::{Form, export_agencies};
use crate::actions::{ActionError, App};
use crate::domain::agency::contact::stale_before;
use crate::domain::agency::set::Reach;
use crate::domain::agency::{AgencyKind, AgreementModel};
use crate::domain::ids::{AgencyId, SetId};
use crate::store::agencies::{self, Agency, Filter};
use crate::store::agency_sets;
use crate::store::{agreements, profiles};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::guard::{Member, Worker};
use crate::web::trouble::{WebError, encode};

mod about;
mod agreements_held;
mod contact_list;
mod entry;
mod history;
mod merging;
mod one;
mod policies_kept;
pub mod sets;
mod sets_form;

pub use self::about::first_day;

pub fn routes() -> Vec<Route> {
    let mut all = routes![list, export, export_xlsx];
    all.extend(entry::routes());
    all.extend(one::routes());
    all.extend(about::routes());
    all.extend(contact_list::routes());
    all.extend(agreements_held::routes());
    all.extend(policies_kept::routes());
    all.extend(merging::routes());
    all.extend(sets::routes());
    all.extend(sets_form::routes());
    all
}

/// Agencies on one page of the list.
const PAGE_SIZE: u64 = 50;

/// The filter as it stands in the address bar.
#[derive(Clone, Debug, Default, FromForm)]
pub(super) struct Asked {
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
    #[field(default = String::new())]
    set: String,
    #[field(default = 1)]
    page: u64,
}

impl Asked {
    /// What narrows the list, with the rule or the members of the set where one is named.
    async fn filter(&self, app: &App, by: &Member, desk: &Desk) -> Result<Filter, WebError> {
        let db = app.store.read();
        let months = profiles::stale_months(db, &by.scope).await?;
        let mut filter = Filter::default();
        if !self.set.is_empty() {
            let id: SetId = self.set.parse().map_err(|_| ActionError::NotFound)?;
            let set = agency_sets::find(db, &by.scope, id)
                .await?
                .ok_or(ActionError::NotFound)?;
            filter = agency_sets::filter_of(&set);
        }
        filter.words = self.q.chars().take(100).collect();
        filter.jurisdiction = Some(self.state.clone()).filter(|state| !state.is_empty());
        filter.kind = AgencyKind::parse(&self.kind);
        filter.model = AgreementModel::parse(&self.model);
        filter.reach =
            Reach::parse(&self.reach).map(|reach| (reach, stale_before(desk.today(), months)));
        Ok(filter)
    }

    fn narrows(&self) -> bool {
        [
            &self.q,
            &self.state,
            &self.kind,
            &self.model,
            &self.reach,
            &self.set,
        ]
        .iter()
        .any(|word| !word.is_empty())
    }

    /// The filter as it stands behind the question mark.
    fn words(&self) -> String {
        format!(
            "q={}&state={}&kind={}&model={}&reach={}&set={}",
            encode(&self.q),
            encode(&self.state),
            encode(&self.kind),
            encode(&self.model),
            encode(&self.reach),
            encode(&self.set)
        )
    }

    fn view(&self) -> Value {
        context! {
            q => self.q.clone(),
            state => self.state.clone(),
            kind => self.kind.clone(),
            model => self.model.clone(),
            reach => self.reach.clone(),
            set => self.set.clone(),
            narrows => self.narrows(),
        }
    }
}

/// Every kind of agency, for a form.
pub fn kinds() -> Vec<Value> {
    AgencyKind::ALL
        .iter()
        .map(|kind| context! { value => kind.as_str(), label => kind.plain() })
        .collect()
}

/// Every kind of agreement, for a form.
pub fn models() -> Vec<Value> {
    AgreementModel::ALL
        .iter()
        .map(|model| context! { value => model.as_str(), label => model.title() })
        .collect()
}

fn reaches() -> Vec<Value> {
    Reach::ALL
        .iter()
        .map(|reach| context! { value => reach.as_str(), label => reach.plain() })
        .collect()
}

/// A jurisdiction's name, or its code where we have no law of it.
pub fn jurisdiction_name(app: &App, code: &str) -> String {
    app.law_of_code(code)
        .map_or_else(|| code.to_owned(), |law| law.name.clone())
}

/// An agency of the campaign by the id in the address.
async fn agency_of(app: &App, by: &Member, id: &str) -> Result<Agency, WebError> {
    let id: AgencyId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = agencies::find(app.store.read(), &by.scope, id).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}

/// The agencies as rows of a list, with what they hold today.
async fn rows_of(app: &App, by: &Member, found: &[Agency]) -> Result<Vec<Value>, WebError> {
    let ids: Vec<AgencyId> = found.iter().map(|agency| agency.id).collect();
    let held = agreements::list_for_agencies(app.store.read(), &by.scope, &ids).await?;
    let row = |agency: &Agency| {
        let models: Vec<&str> = held
            .get(&agency.id)
            .into_iter()
            .flatten()
            .filter(|agreement| agreement.status.stands())
            .map(|agreement| agreement.model.plain())
            .collect();
        context! {
            id => agency.id.to_string(),
            name => agency.name.clone(),
            kind => agency.kind.plain(),
            jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
            county => agency.county.clone().unwrap_or_default(),
            models => models,
        }
    };
    Ok(found.iter().map(row).collect())
}

#[get("/c/<_>/agencies?<asked..>")]
async fn list(by: Member, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let filter = asked.filter(app, &by, &desk).await?;
    let page = asked.page.clamp(1, 10_000);
    let (found, total) = agencies::search(db, &by.scope, &filter, page - 1, PAGE_SIZE).await?;
    let pages = total.div_ceil(PAGE_SIZE).max(1);
    let at = |page: u64| {
        let slug = &by.campaign.slug;
        format!("/c/{slug}/agencies?{}&page={page}", asked.words())
    };
    let sets: Vec<Value> = agency_sets::list(db, &by.scope)
        .await?
        .into_iter()
        .map(|set| context! { value => set.id.to_string(), label => set.name })
        .collect();
    let content = context! {
        rows => rows_of(app, &by, &found).await?,
        total => total,
        all => agencies::count(db, &by.scope).await?,
        page => page,
        pages => pages,
        before => if page > 1 { at(page - 1) } else { String::new() },
        after => if page < pages { at(page + 1) } else { String::new() },
        words => asked.words(),
        asked => asked.view(),
        jurisdictions => jurisdictions(app),
        kinds => kinds(),
        models => models(),
        reaches => reaches(),
        sets => sets,
        may_work => by.scope.may_draft(),
    };
    desk.page("agencies", "pages/agencies.html", content)
}

#[get("/c/<_>/agencies/export.csv?<asked..>")]
async fn export(by: Worker, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let filter = asked.filter(app, &by.0, &desk).await?;
    let bytes = export_agencies(app, &by.0.scope, &filter, Form::Csv).await?;
    Ok(Reply::File {
        bytes,
        media_type: "text/csv; charset=utf-8",
        name: Some(format!("agencies-{}.csv", desk.today())),
        inline: false,
    })
}

#[get("/c/<_>/agencies/export.xlsx?<asked..>")]
async fn export_xlsx(by: Worker, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let filter = asked.filter(app, &by.0, &desk).await?;
    let bytes = export_agencies(app, &by.0.scope, &filter, Form::Xlsx).await?;
    Ok(Reply::File {
        bytes,
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        name: Some(format!("agencies-{}.xlsx", desk.today())),
        inline: false,
    })
}
