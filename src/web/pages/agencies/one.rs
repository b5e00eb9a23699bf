//! One agency: how it is reached, what it holds, its policy, what more is known, and what happened to it.

use std::collections::HashMap;

use minijinja::{Value, context};
use rocket::{Route, State, get, routes};

use super::about::{first_day_in_words, fiscal_of};
use super::{agency_of, history, jurisdiction_name};
use crate::actions::App;
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, is_stale};
use crate::domain::agency::{AgreementStatus, Paper};
use crate::domain::ids::{AgencyId, UserId};
use crate::store::agencies::{self, Agency};
use crate::store::agreements::{self, Agreement};
use crate::store::contacts::{self, Contact};
use crate::store::policies::{self, Policy};
use crate::store::profiles::{self, Profile};
use crate::store::{accounts, agency_sets, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::guard::Member;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![page]
}

/// Names of accounts, each looked up once.
#[derive(Default)]
pub(super) struct Names(HashMap<UserId, String>);

impl Names {
    pub(super) async fn of(&mut self, app: &App, id: UserId) -> Result<String, WebError> {
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let found = accounts::find(app.store.read(), id).await?;
        let name = found.map(|account| account.name).unwrap_or_default();
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

/// A contact as a row; `months` without a check make it stale.
pub(super) async fn contact_view(
    app: &App,
    desk: &Desk,
    contact: &Contact,
    months: u32,
    names: &mut Names,
) -> Result<Value, WebError> {
    Ok(context! {
        id => contact.id.to_string(),
        agency => contact.agency.to_string(),
        purpose => contact.purpose.plain(),
        channel => contact.channel.plain(),
        name => contact.name.clone(),
        value => contact.value.clone(),
        link => if contact.channel == Channel::Portal { contact.value.clone() } else { String::new() },
        known_how => contact.known_how.clone(),
        checked => long_day(contact.checked_on),
        stale => is_stale(contact.checked_on, desk.today(), months),
        bad_since => contact.bad_since_at.map(|at| long_day(day_in(desk.zone(), at))).unwrap_or_default(),
        added_by => names.of(app, contact.added_by).await?,
    })
}

fn agreement_view(agreement: &Agreement) -> Value {
    let day = |day: Option<chrono::NaiveDate>| day.map(long_day).unwrap_or_default();
    context! {
        id => agreement.id.to_string(),
        name => agreement.model.title(),
        says => agreement.model.says(),
        title => agreement.title.clone(),
        status => agreement.status.as_str(),
        status_plain => agreement.status.plain(),
        stands => agreement.status.stands(),
        pending => agreement.status == AgreementStatus::Pending,
        signed => day(agreement.signed_on),
        effective => day(agreement.effective_on),
        ended => day(agreement.ended_on),
        paper => if agreement.import.is_some() { agreement.paper.plain() } else { "" },
        addendum => if agreement.addendum == Paper::NotStated { "" } else { agreement.addendum.plain() },
        source => agreement.source.clone(),
        url => agreement.url.clone(),
        read_on => day(agreement.read_on),
        document => agreement.document.map(|id| id.to_string()).unwrap_or_default(),
        note => agreement.note.clone(),
        listed => agreement.import.is_some(),
    }
}

fn policy_view(policy: &Policy) -> Value {
    let day = |day: Option<chrono::NaiveDate>| day.map(long_day).unwrap_or_default();
    context! {
        id => policy.id.to_string(),
        title => policy.title.clone(),
        number => policy.number.clone(),
        stance => policy.stance.plain(),
        quote => policy.quote.clone(),
        effective => day(policy.effective_on),
        ended => day(policy.ended_on),
        source => policy.source.clone(),
        url => policy.url.clone(),
        read_on => long_day(policy.read_on),
        document => policy.document.map(|id| id.to_string()).unwrap_or_default(),
    }
}

async fn named(app: &App, by: &Member, id: Option<AgencyId>) -> Result<Value, WebError> {
    let found = match id {
        Some(id) => agencies::find(app.store.read(), &by.scope, id).await?,
        None => None,
    };
    Ok(found.map_or(
        Value::from(()),
        |agency| context! { id => agency.id.to_string(), name => agency.name },
    ))
}

async fn about_view(
    app: &App,
    by: &Member,
    agency: &Agency,
    profile: &Profile,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let fiscal = fiscal_of(app, agency, profile);
    Ok(context! {
        id => agency.id.to_string(),
        name => agency.name.clone(),
        kind => agency.kind.plain(),
        jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
        code => agency.jurisdiction.clone(),
        county => agency.county.clone().unwrap_or_default(),
        time_zone => agency.time_zone.name().replace('_', " "),
        fiscal => context! {
            start => fiscal.start.map(first_day_in_words).unwrap_or_default(),
            confidence => fiscal.confidence.as_str(),
            whence => fiscal.whence,
            own => fiscal.own,
        },
        source => agency.source.clone(),
        aliases => profiles::list_aliases_of(db, &by.scope, agency.id).await?,
        jail_system => profile.jail_system.clone(),
        parent => named(app, by, profile.parent).await?,
        jail_run_by => named(app, by, profile.jail_run_by).await?,
        records_kept_by => named(app, by, profile.records_kept_by).await?,
        ice_signed_by => named(app, by, profile.ice_signed_by).await?,
        requests => requests::count_for_agency(db, &by.scope, agency.id).await?,
    })
}

async fn sets_view(app: &App, by: &Member, agency: AgencyId) -> Result<(Value, Value), WebError> {
    let db = app.store.read();
    let mine: Vec<Value> = agency_sets::list_of_agency(db, &by.scope, agency)
        .await?
        .into_iter()
        .map(|(set, reason)| context! { id => set.id.to_string(), name => set.name, reason => reason })
        .collect();
    let by_hand: Vec<Value> = agency_sets::list(db, &by.scope)
        .await?
        .into_iter()
        .filter(|set| set.rule.is_none())
        .map(|set| context! { value => set.id.to_string(), label => set.name })
        .collect();
    Ok((Value::from(mine), Value::from(by_hand)))
}

#[get("/c/<_>/agencies/<id>", rank = 2)]
async fn page(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by, id).await?;
    let db = app.store.read();
    if let Some(kept) = agencies::find_merged_into(db, &by.scope, agency.id).await? {
        let to = format!("/c/{}/agencies/{kept}", by.campaign.slug);
        return Ok(Reply::to(to).note(format!("“{}” was merged into this agency.", agency.name)));
    }
    let months = profiles::stale_months(db, &by.scope).await?;
    let profile = profiles::get(db, &by.scope, agency.id).await?;
    let mut names = Names::default();
    let mut ways = Vec::new();
    for contact in contacts::list_for_agency(db, &by.scope, agency.id).await? {
        ways.push(contact_view(app, &desk, &contact, months, &mut names).await?);
    }
    let retired: Vec<Value> = contacts::list_retired(db, &by.scope, agency.id)
        .await?
        .into_iter()
        .map(|gone| context! { channel => gone.contact.channel.plain(), value => gone.contact.value, why => gone.why, at => desk.when(gone.at) })
        .collect();
    let held = agreements::list_for_agencies(db, &by.scope, &[agency.id]).await?;
    let kept = policies::list_for_agency(db, &by.scope, agency.id).await?;
    let (sets, hand_sets) = sets_view(app, &by, agency.id).await?;
    let content = context! {
        agency => about_view(app, &by, &agency, &profile).await?,
        ways => ways,
        retired => retired,
        months => months,
        agreements => held.values().flatten().map(agreement_view).collect::<Vec<_>>(),
        policies => kept.iter().map(policy_view).collect::<Vec<_>>(),
        sets => sets,
        hand_sets => hand_sets,
        history => history::history(app, &by, &desk, agency.id).await?,
        closings => super::super::closings::list_view(app, &by, agency.id).await?,
        may_work => by.scope.may_draft(),
    };
    desk.page("agencies", "pages/agencies_one.html", content)
}
