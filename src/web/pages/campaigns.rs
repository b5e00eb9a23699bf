//! The campaigns a person belongs to; starting one and changing one.

use chrono_tz::Tz;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::create_campaign::{Particulars, create_campaign};
use crate::actions::edit_campaign::edit_campaign;
use crate::actions::{ActionError, App};
use crate::store::campaigns::{self, Campaign};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Person, Worker};

pub fn routes() -> Vec<Route> {
    routes![list, fresh, create, edit, change]
}

#[get("/campaigns")]
async fn list(by: Person, desk: Desk, app: &State<App>) -> Answer {
    let mine = campaigns::list_for_member(app.store.read(), by.account.id).await?;
    let mut list = Vec::new();
    for campaign in mine {
        let found =
            campaigns::find_for_member(app.store.read(), &campaign.slug, by.account.id).await?;
        let Some((campaign, scope)) = found else {
            continue;
        };
        let size = campaigns::size(app.store.read(), campaign.id).await?;
        list.push(context! {
            slug => campaign.slug,
            name => campaign.name,
            goal => campaign.goal,
            role_plain => scope.role.plain(),
            members => size.members,
            requests => size.requests,
        });
    }
    desk.page("", "pages/campaigns.html", context! { list => list })
}

/// The clocks offered to a campaign: those of the country, from east to west.
pub const ZONES: [(&str, &str); 9] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Boise", "Mountain (Boise)"),
    ("America/Phoenix", "Arizona (no daylight saving)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
];

/// Offered clocks, with the one that is set now even where it is another.
pub fn zones(now_set: &str) -> Vec<Value> {
    let mut zones: Vec<Value> = ZONES
        .iter()
        .map(|(zone, words)| context! { value => *zone, label => *words })
        .collect();
    if !now_set.is_empty() && ZONES.iter().all(|(zone, _)| *zone != now_set) {
        zones.push(context! { value => now_set, label => now_set.replace('_', " ") });
    }
    zones
}

/// Every jurisdiction whose law we have, by name; the federal one last.
pub fn jurisdictions(app: &App) -> Vec<Value> {
    let law = app.law();
    let mut all: Vec<(&str, &str)> = law
        .all()
        .map(|jurisdiction| (jurisdiction.code.as_str(), jurisdiction.name.as_str()))
        .collect();
    all.sort_by_key(|(code, name)| (*code == "US", *name));
    all.into_iter()
        .map(|(code, name)| context! { value => code, label => name })
        .collect()
}

#[get("/campaigns/new")]
async fn fresh(_by: Person, desk: Desk, app: &State<App>) -> Answer {
    desk.page(
        "",
        "pages/campaign_form.html",
        new_form(app, Value::from(())),
    )
}

fn new_form(app: &App, f: Value) -> Value {
    context! {
        f => f,
        editing => false,
        action => "/campaigns/new",
        back => "/campaigns",
        jurisdictions => jurisdictions(app),
        zones => zones(""),
        was => context! {
            name => "", goal => "", ask => "", addressed_to => "", jurisdictions => Vec::<String>::new(),
            time_zone => "", organisation => "", contact_name => "", postal_address => "", phone => "",
        },
    }
}

/// The form's fields; none where one of them does not fit, with the form to show again.
fn read(posted: &Posted) -> Result<Particulars, Value> {
    let mut reading = posted.read();
    let codes: Vec<String> = posted
        .all("jurisdictions")
        .into_iter()
        .map(str::to_owned)
        .collect();
    if codes.is_empty() {
        reading.wrong("jurisdictions", "Choose at least one.");
    }
    let time_zone = reading.choice(
        "time_zone",
        |text| text.parse::<Tz>().ok(),
        "Choose the campaign's time zone.",
    );
    let particulars = Particulars {
        name: reading.required("name", 120, "Give the campaign a name."),
        goal: reading.required(
            "goal",
            400,
            "Say in one sentence what the campaign wants to find out or change.",
        ),
        ask: reading.required("ask", 1000, "Say what you will ask the official to do."),
        addressed_to: reading.optional("addressed_to", 200),
        jurisdictions: codes,
        time_zone: time_zone.unwrap_or(Tz::UTC),
        organisation: reading.required(
            "organisation",
            200,
            "Name the organisation that asks: it heads every letter.",
        ),
        contact_name: reading.required(
            "contact_name",
            120,
            "Name the person who signs the letters.",
        ),
        postal_address: reading.required(
            "postal_address",
            400,
            "Give the organisation's postal address: agencies answer there too.",
        ),
        phone: reading.optional("phone", 40),
    };
    if reading.is_right() {
        Ok(particulars)
    } else {
        Err(reading.again())
    }
}

/// A refusal of the deed, shown beside the first field.
fn refused(posted: &Posted, sentence: String) -> Value {
    let mut reading = posted.read();
    reading.wrong("name", sentence);
    reading.again()
}

#[post("/campaigns/new", data = "<posted>")]
async fn create(by: Person, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let again = |f| desk.again("", "pages/campaign_form.html", new_form(app, f));
    let particulars = match read(&posted) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match create_campaign(app, by.account.id, particulars, desk.now).await {
        Ok(campaign) => Ok(Reply::to(format!("/c/{}", campaign.slug))
            .done("The campaign is started. The departments of corrections stand in its list of agencies already.")),
        Err(ActionError::Refused(sentence)) => again(refused(&posted, sentence)),
        Err(error) => Err(error.into()),
    }
}

fn edit_form(app: &App, campaign: &Campaign, codes: Vec<String>, f: Value) -> Value {
    context! {
        f => f,
        editing => true,
        action => format!("/c/{}/edit", campaign.slug),
        back => format!("/c/{}/people", campaign.slug),
        jurisdictions => jurisdictions(app),
        zones => zones(campaign.time_zone.name()),
        was => context! {
            name => campaign.name.clone(),
            goal => campaign.goal.clone(),
            ask => campaign.ask.clone(),
            addressed_to => campaign.addressed_to.clone(),
            jurisdictions => codes,
            time_zone => campaign.time_zone.name(),
            organisation => campaign.organisation.clone(),
            contact_name => campaign.contact_name.clone(),
            postal_address => campaign.postal_address.clone(),
            phone => campaign.phone.clone(),
        },
    }
}

#[get("/c/<_>/edit")]
async fn edit(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let campaign = &by.0.campaign;
    let codes = campaigns::list_jurisdictions(app.store.read(), campaign.id).await?;
    let content = edit_form(app, campaign, codes, Value::from(()));
    desk.page("people", "pages/campaign_form.html", content)
}

#[post("/c/<_>/edit", data = "<posted>")]
async fn change(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let campaign = &by.0.campaign;
    let again = |f| {
        desk.again(
            "people",
            "pages/campaign_form.html",
            edit_form(app, campaign, Vec::new(), f),
        )
    };
    let particulars = match read(&posted) {
        Ok(particulars) => particulars,
        Err(f) => return again(f),
    };
    match edit_campaign(app, &by.0.scope, particulars, desk.now).await {
        Ok(()) => Ok(Reply::to(format!("/c/{}/people", campaign.slug))
            .done("The campaign is changed. Letters already written keep their text.")),
        Err(ActionError::Refused(sentence)) => again(refused(&posted, sentence)),
        Err(error) => Err(error.into()),
    }
}
