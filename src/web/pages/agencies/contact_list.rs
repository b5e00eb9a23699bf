//! Contacts of an agency: adding, checking again with one press, correcting, retiring; and all that want re-checking.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::agency_of;
use super::one::{Names, contact_view};
use crate::actions::add_contact::{NewContact, add_contact};
use crate::actions::check_contact::check_contact;
use crate::actions::edit_contact::{Correction, edit_contact};
use crate::actions::retire_contact::retire_contact;
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose, check_checked_on, check_value, is_stale};
use crate::domain::ids::{AgencyId, ContactId};
use crate::store::agencies::{self, Agency};
use crate::store::contacts::{self, Contact};
use crate::store::{commit, profiles};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![
        contact,
        put_contact,
        edit,
        change,
        checked,
        retire,
        recheck,
        set_months
    ]
}

fn form(agency: &Agency, was: Option<&Contact>, desk: &Desk, f: Value) -> Value {
    let purposes: Vec<Value> = Purpose::ALL
        .iter()
        .map(|purpose| context! { value => purpose.as_str(), label => purpose.plain() })
        .collect();
    let channels: Vec<Value> = Channel::ALL
        .iter()
        .map(|channel| context! { value => channel.as_str(), label => channel.plain() })
        .collect();
    let today = desk.today().to_string();
    context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        purposes => purposes,
        channels => channels,
        latest => today.clone(),
        was => context! {
            id => was.map(|contact| contact.id.to_string()).unwrap_or_default(),
            purpose => was.map_or("records", |contact| contact.purpose.as_str()),
            channel => was.map_or("email", |contact| contact.channel.as_str()),
            name => was.map(|contact| contact.name.clone()).unwrap_or_default(),
            value => was.map(|contact| contact.value.clone()).unwrap_or_default(),
            known_how => was.map(|contact| contact.known_how.clone()).unwrap_or_default(),
            checked_on => was.map_or(today, |contact| contact.checked_on.to_string()),
            bad_since => was.and_then(|contact| contact.bad_since_at).map(|at| long_day(day_in(desk.zone(), at))).unwrap_or_default(),
        },
        checks => Value::from(Vec::<Value>::new()),
    }
}

/// The form as a contact, or a sentence beside each field that does not fit.
fn read(posted: &Posted, reading: &mut Reading<'_>, desk: &Desk) -> Option<NewContact> {
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
    if let (Some(channel), false) = (channel, posted.text("value").is_empty())
        && let Err(sentence) = check_value(channel, &value)
    {
        reading.wrong("value", sentence);
    }
    if let Some(Err(sentence)) = checked_on.map(|day| check_checked_on(day, desk.today())) {
        reading.wrong("checked_on", sentence);
    }
    if !reading.is_right() {
        return None;
    }
    Some(NewContact {
        purpose: purpose?,
        channel: channel?,
        name,
        value,
        known_how,
        checked_on: checked_on?,
    })
}

fn at(by: &Worker, agency: AgencyId) -> String {
    format!("/c/{}/agencies/{agency}", by.0.campaign.slug)
}

#[get("/c/<_>/agencies/<id>/contacts/new")]
async fn contact(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = form(&agency, None, &desk, Value::from(()));
    desk.page("agencies", "pages/agencies_contact.html", content)
}

#[post("/c/<_>/agencies/<id>/contacts/new", data = "<posted>")]
async fn put_contact(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, &desk) {
        match add_contact(app, &by.0.scope, agency.id, new, desk.today(), desk.now).await {
            Ok(_) => return Ok(Reply::to(at(&by, agency.id)).done("The contact is added.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("value", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(&agency, None, &desk, reading.again());
    desk.again("agencies", "pages/agencies_contact.html", content)
}

async fn contact_of(
    app: &App,
    by: &Worker,
    agency: &Agency,
    id: &str,
) -> Result<Contact, WebError> {
    let id: ContactId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = contacts::find(app.store.read(), &by.0.scope, id).await?;
    Ok(found
        .filter(|contact| contact.agency == agency.id)
        .ok_or(ActionError::NotFound)?)
}

async fn edit_content(
    app: &App,
    by: &Worker,
    (agency, contact): (&Agency, &Contact),
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let mut names = Names::default();
    let mut checks = Vec::new();
    for check in contacts::list_checks(app.store.read(), &by.0.scope, contact.id).await? {
        checks.push(context! {
            on => long_day(check.checked_on),
            known_how => check.known_how,
            by => names.of(app, check.by).await?,
        });
    }
    let form = form(agency, Some(contact), desk, f);
    Ok(context! { checks => checks, ..form })
}

#[get("/c/<_>/agencies/<id>/contacts/<contact>/edit")]
async fn edit(by: Worker, id: &str, contact: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let contact = contact_of(app, &by, &agency, contact).await?;
    let content = edit_content(app, &by, (&agency, &contact), &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_contact.html", content)
}

#[post("/c/<_>/agencies/<id>/contacts/<contact>/edit", data = "<posted>")]
async fn change(
    by: Worker,
    id: &str,
    contact: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let contact = contact_of(app, &by, &agency, contact).await?;
    let which = Correction {
        agency: agency.id,
        contact: contact.id,
        arrives_again: posted.has("arrives_again"),
    };
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, &desk) {
        match edit_contact(app, &by.0.scope, which, new, desk.today(), desk.now).await {
            Ok(()) => return Ok(Reply::to(at(&by, agency.id)).done("The contact is corrected.")),
            Err(ActionError::Refused(sentence)) => reading.wrong("value", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = edit_content(app, &by, (&agency, &contact), &desk, reading.again()).await?;
    desk.again("agencies", "pages/agencies_contact.html", content)
}

#[post("/c/<_>/agencies/<id>/contacts/<contact>/checked", data = "<posted>")]
async fn checked(
    by: Worker,
    id: &str,
    contact: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let contact = contact_of(app, &by, &agency, contact).await?;
    let to = match posted.text("from") {
        "recheck" => format!("/c/{}/agencies/recheck", by.0.campaign.slug),
        _ => at(&by, agency.id),
    };
    let scope = &by.0.scope;
    match check_contact(app, scope, agency.id, contact.id, desk.today(), desk.now).await {
        Ok(()) => Ok(Reply::to(to).done(format!(
            "Checked today: the contact of {} stands.",
            agency.name
        ))),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/agencies/<id>/contacts/<contact>/retire", data = "<posted>")]
async fn retire(
    by: Worker,
    id: &str,
    contact: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let contact = contact_of(app, &by, &agency, contact).await?;
    let why = posted.text("why");
    match retire_contact(app, &by.0.scope, agency.id, contact.id, why, desk.now).await {
        Ok(()) => Ok(Reply::to(at(&by, agency.id))
            .done("The contact is no longer used. Requests that went to it keep it.")),
        Err(ActionError::Refused(sentence)) => {
            let to = format!("{}/contacts/{}/edit", at(&by, agency.id), contact.id);
            Ok(Reply::to(to).danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

/// Contacts shown at once on the page of those to re-check.
const SHOWN: usize = 200;

#[get("/c/<_>/agencies/recheck")]
async fn recheck(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let db = app.store.read();
    let months = profiles::stale_months(db, &by.0.scope).await?;
    let mut stale: Vec<Contact> = contacts::list(db, &by.0.scope)
        .await?
        .into_iter()
        .filter(|contact| {
            contact.bad_since_at.is_some() || is_stale(contact.checked_on, desk.today(), months)
        })
        .collect();
    stale.sort_by_key(|contact| (contact.bad_since_at.is_none(), contact.checked_on));
    let mut names = Names::default();
    let mut rows = Vec::new();
    for contact in stale.iter().take(SHOWN) {
        let Some(agency) = agencies::find(db, &by.0.scope, contact.agency).await? else {
            continue;
        };
        let view = contact_view(app, &desk, contact, months, &mut names).await?;
        rows.push(
            context! { agency_name => agency.name, jurisdiction => agency.jurisdiction, ..view },
        );
    }
    let content = context! { rows => rows, total => stale.len(), months => months };
    desk.page("agencies", "pages/agencies_recheck.html", content)
}

#[post("/c/<_>/agencies/recheck", data = "<posted>")]
async fn set_months(by: Worker, posted: Posted, app: &State<App>) -> Answer {
    let to = Reply::to(format!("/c/{}/agencies/recheck", by.0.campaign.slug));
    let months = posted.text("months").parse::<u32>().ok();
    let Some(months) = months.filter(|months| (1..=60).contains(months)) else {
        return Ok(to.danger("Give a number of months from 1 to 60. Nothing was changed."));
    };
    let tx = app.store.begin().await?;
    profiles::set_stale_months(&tx, &by.0.scope, months).await?;
    commit(tx).await?;
    Ok(to.done(format!(
        "Contacts are now asked to be re-checked after {months} months."
    )))
}
