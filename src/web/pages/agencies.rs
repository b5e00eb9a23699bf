//! Agencies: the list with its filter, one agency with its contacts and agreements, adding and correcting.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::campaigns::{jurisdictions, zones};
use crate::actions::add_agency::{AgencyParticulars, add_agency, edit_agency};
use crate::actions::add_contact::{NewContact, add_contact};
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose, check_checked_on, check_value};
use crate::domain::agency::{AgencyKind, AgreementModel, AgreementStatus};
use crate::domain::ids::AgencyId;
use crate::store::agencies::{self, Agency, Filter};
use crate::store::agreements::{self, Agreement};
use crate::store::{accounts, contacts};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::{WebError, encode};

pub fn routes() -> Vec<Route> {
    routes![
        list,
        fresh,
        create,
        page,
        edit,
        change,
        contact,
        put_contact
    ]
}

/// Agencies on one page of the list.
const PAGE_SIZE: u64 = 50;

/// The filter as it stands in the address bar.
#[derive(Clone, Debug, Default, FromForm)]
struct Asked {
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    state: String,
    #[field(default = String::new())]
    kind: String,
    #[field(default = String::new())]
    model: String,
    #[field(default = 1)]
    page: u64,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            words: self.q.chars().take(100).collect(),
            jurisdiction: Some(self.state.clone()).filter(|state| !state.is_empty()),
            kind: AgencyKind::parse(&self.kind),
            model: AgreementModel::parse(&self.model),
            ..Filter::default()
        }
    }

    /// The address of another page of the same list.
    fn address(&self, slug: &str, page: u64) -> String {
        format!(
            "/c/{slug}/agencies?q={}&state={}&kind={}&model={}&page={page}",
            encode(&self.q),
            encode(&self.state),
            encode(&self.kind),
            encode(&self.model)
        )
    }
}

pub fn kinds() -> Vec<Value> {
    AgencyKind::ALL
        .iter()
        .map(|kind| context! { value => kind.as_str(), label => kind.plain() })
        .collect()
}

pub fn models() -> Vec<Value> {
    AgreementModel::ALL
        .iter()
        .map(|model| context! { value => model.as_str(), label => model.plain() })
        .collect()
}

/// A jurisdiction's name, or its code where we have no law of it.
pub fn jurisdiction_name(app: &App, code: &str) -> String {
    app.law
        .all()
        .find(|law| law.code.as_str() == code)
        .map_or_else(|| code.to_owned(), |law| law.name.clone())
}

fn agreement_view(agreement: &Agreement) -> Value {
    context! {
        model => agreement.model.plain(),
        says => agreement.model.says(),
        pending => agreement.status == AgreementStatus::Pending,
        signed => agreement.signed_on.map(long_day).unwrap_or_default(),
        paper => agreement.paper.plain(),
        addendum => agreement.addendum.plain(),
        source => agreement.source.clone(),
    }
}

#[get("/c/<_>/agencies?<asked..>")]
async fn list(by: Member, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let page = asked.page.clamp(1, 10_000);
    let (found, total) =
        agencies::search(db, &by.scope, &asked.filter(), page - 1, PAGE_SIZE).await?;
    let ids: Vec<AgencyId> = found.iter().map(|agency| agency.id).collect();
    let held = agreements::list_for_agencies(db, &by.scope, &ids).await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|agency| {
            let models: Vec<&str> = held
                .get(&agency.id)
                .map(|all| {
                    all.iter()
                        .map(|agreement| agreement.model.plain())
                        .collect()
                })
                .unwrap_or_default();
            context! {
                id => agency.id.to_string(),
                name => agency.name.clone(),
                kind => agency.kind.plain(),
                jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
                county => agency.county.clone().unwrap_or_default(),
                models => models,
            }
        })
        .collect();
    let pages = total.div_ceil(PAGE_SIZE).max(1);
    let slug = &by.campaign.slug;
    let content = context! {
        rows => rows,
        total => total,
        all => agencies::count(db, &by.scope).await?,
        page => page,
        pages => pages,
        before => if page > 1 { asked.address(slug, page - 1) } else { String::new() },
        after => if page < pages { asked.address(slug, page + 1) } else { String::new() },
        asked => context! { q => asked.q.clone(), state => asked.state.clone(), kind => asked.kind.clone(), model => asked.model.clone() },
        jurisdictions => jurisdictions(app),
        kinds => kinds(),
        models => models(),
        may_work => by.scope.may_draft(),
    };
    desk.page("agencies", "pages/agencies.html", content)
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
            fiscal_year_start => was.and_then(|a| a.fiscal_year_start.clone()).unwrap_or_default(),
            source => was.map(|a| a.source.clone()).unwrap_or_default(),
        },
    }
}

/// The fiscal year's first day as `MM-DD`, from "07-01", "7/1" or "July 1".
pub fn first_day(text: &str) -> Option<String> {
    let tidy = text.trim().replace('/', "-");
    let by_numbers = chrono::NaiveDate::parse_from_str(&format!("2001-{tidy}"), "%Y-%m-%d");
    let by_name = chrono::NaiveDate::parse_from_str(&format!("{} 2001", text.trim()), "%B %d %Y");
    by_numbers
        .or(by_name)
        .ok()
        .map(|day| day.format("%m-%d").to_string())
}

fn read(posted: &Posted) -> Result<AgencyParticulars, Value> {
    let mut reading = posted.read();
    let fiscal = reading.optional("fiscal_year_start", 20);
    let fiscal_year_start = first_day(&fiscal);
    if !fiscal.is_empty() && fiscal_year_start.is_none() {
        reading.wrong(
            "fiscal_year_start",
            "Write month and day, for example July 1 or 07-01.",
        );
    }
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
        fiscal_year_start,
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

fn refused(posted: &Posted, field: &str, sentence: String) -> Value {
    let mut reading = posted.read();
    reading.wrong(field, sentence);
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
    let particulars = match read(&posted) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match add_agency(app, &by.0.scope, particulars, desk.now).await {
        Ok(id) => Ok(Reply::to(format!("/c/{slug}/agencies/{id}"))
            .done("The agency is added. Now say how it is reached.")),
        Err(ActionError::Refused(sentence)) => again(refused(&posted, "name", sentence)),
        Err(error) => Err(error.into()),
    }
}

async fn agency_of(app: &App, by: &Member, id: &str) -> Result<Agency, WebError> {
    let id: AgencyId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = agencies::find(app.store.read(), &by.scope, id).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}

#[get("/c/<_>/agencies/<id>", rank = 2)]
async fn page(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by, id).await?;
    let db = app.store.read();
    let mut ways = Vec::new();
    for contact in contacts::list_for_agency(db, &by.scope, agency.id).await? {
        let added_by = accounts::find(db, contact.added_by).await?;
        ways.push(context! {
            purpose => contact.purpose.plain(),
            channel => contact.channel.plain(),
            name => contact.name,
            value => contact.value.clone(),
            link => if contact.channel == Channel::Portal { contact.value } else { String::new() },
            known_how => contact.known_how,
            checked => long_day(contact.checked_on),
            bad_since => contact.bad_since_at.map(|at| long_day(day_in(desk.zone(), at))).unwrap_or_default(),
            added_by => added_by.map(|account| account.name).unwrap_or_default(),
        });
    }
    let held = agreements::list_for_agencies(db, &by.scope, &[agency.id]).await?;
    let held: Vec<Value> = held.values().flatten().map(agreement_view).collect();
    let content = context! {
        agency => context! {
            id => agency.id.to_string(),
            name => agency.name.clone(),
            kind => agency.kind.plain(),
            jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
            code => agency.jurisdiction.clone(),
            county => agency.county.clone().unwrap_or_default(),
            time_zone => agency.time_zone.name().replace('_', " "),
            fiscal_year_start => agency.fiscal_year_start.clone().unwrap_or_default(),
            source => agency.source.clone(),
        },
        ways => ways,
        agreements => held,
        may_work => by.scope.may_draft(),
    };
    desk.page("agencies", "pages/agencies_one.html", content)
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
    let particulars = match read(&posted) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match edit_agency(app, &by.0.scope, agency.id, particulars, desk.now).await {
        Ok(()) => {
            Ok(Reply::to(format!("/c/{slug}/agencies/{}", agency.id))
                .done("The agency is corrected."))
        }
        Err(ActionError::Refused(sentence)) => again(refused(&posted, "name", sentence)),
        Err(error) => Err(error.into()),
    }
}

fn contact_form(agency: &Agency, today: String, f: Value) -> Value {
    let purposes: Vec<Value> = Purpose::ALL
        .iter()
        .map(|purpose| context! { value => purpose.as_str(), label => purpose.plain() })
        .collect();
    let channels: Vec<Value> = Channel::ALL
        .iter()
        .map(|channel| context! { value => channel.as_str(), label => channel.plain() })
        .collect();
    context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        purposes => purposes,
        channels => channels,
        latest => today,
    }
}

#[get("/c/<_>/agencies/<id>/contacts/new")]
async fn contact(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = contact_form(&agency, desk.today().to_string(), Value::from(()));
    desk.page("agencies", "pages/agencies_contact.html", content)
}

#[post("/c/<_>/agencies/<id>/contacts/new", data = "<posted>")]
async fn put_contact(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let mut reading = posted.read();
    let purpose = reading.choice(
        "purpose",
        Purpose::parse,
        "Choose what this contact is for.",
    );
    let channel = reading.choice("channel", Channel::parse, "Choose the way to reach it.");
    let name = reading.optional("name", 200);
    let value = reading.required("value", 500, "Write the address, number or place.");
    let known_how = reading.required(
        "known_how",
        500,
        "Say how it is known, for example “the agency's records page”.",
    );
    let checked_on = reading.date("checked_on", "Give the day on which somebody looked.");
    if let (Some(channel), false) = (channel, value.is_empty())
        && let Err(sentence) = check_value(channel, &value)
    {
        reading.wrong("value", sentence);
    }
    if let Some(Err(sentence)) = checked_on.map(|day| check_checked_on(day, desk.today())) {
        reading.wrong("checked_on", sentence);
    }
    if let (true, Some(purpose), Some(channel), Some(checked_on)) =
        (reading.is_right(), purpose, channel, checked_on)
    {
        let new = NewContact {
            purpose,
            channel,
            name,
            value,
            known_how,
            checked_on,
        };
        match add_contact(app, &by.0.scope, agency.id, new, desk.today(), desk.now).await {
            Ok(_) => {
                let to = format!("/c/{}/agencies/{}", by.0.campaign.slug, agency.id);
                return Ok(Reply::to(to).done("The contact is added."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("value", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = contact_form(&agency, desk.today().to_string(), reading.again());
    desk.again("agencies", "pages/agencies_contact.html", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_starts_on_a_day_as_people_write_it() {
        for (text, day) in [
            ("07-01", Some("07-01")),
            ("7/1", Some("07-01")),
            ("July 1", Some("07-01")),
            ("Oct 1", Some("10-01")),
            ("13-01", None),
            ("soon", None),
        ] {
            assert_eq!(first_day(text).as_deref(), day, "{text}");
        }
    }
}
