//! Detainer policies of an agency: the stance in a word, the words that say so, and where both were read.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::agency_of;
use super::agreements_held::{paper, papers_of};
use crate::actions::keep_policy::{NewPolicy, check, keep_policy};
use crate::actions::{ActionError, App};
use crate::domain::agency::policy::Stance;
use crate::domain::ids::PolicyId;
use crate::store::agencies::Agency;
use crate::store::policies::{self, Policy};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![fresh, create, edit, change]
}

async fn form(
    app: &App,
    by: &Worker,
    (agency, was): (&Agency, Option<&Policy>),
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let stances: Vec<Value> = Stance::ALL
        .iter()
        .map(|stance| context! { value => stance.as_str(), label => stance.plain() })
        .collect();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let today = desk.today().to_string();
    let place = was.map_or_else(|| "new".to_owned(), |policy| format!("{}/edit", policy.id));
    Ok(context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        place => place,
        editing => was.is_some(),
        stances => stances,
        papers => papers_of(app, by, agency.id).await?,
        latest => today.clone(),
        was => context! {
            title => was.map(|p| p.title.clone()).unwrap_or_default(),
            number => was.map(|p| p.number.clone()).unwrap_or_default(),
            stance => was.map_or("", |p| p.stance.as_str()),
            quote => was.map(|p| p.quote.clone()).unwrap_or_default(),
            effective_on => day(was.and_then(|p| p.effective_on)),
            ended_on => day(was.and_then(|p| p.ended_on)),
            source => was.map(|p| p.source.clone()).unwrap_or_default(),
            url => was.map(|p| p.url.clone()).unwrap_or_default(),
            read_on => was.map_or(today, |p| p.read_on.to_string()),
            document => was.and_then(|p| p.document).map(|id| id.to_string()).unwrap_or_default(),
        },
    })
}

fn read(posted: &Posted, reading: &mut Reading<'_>, desk: &Desk) -> Option<NewPolicy> {
    let title = reading.required("title", 200, "Write what the policy calls itself.");
    let number = reading.optional("number", 60);
    let stance = reading.choice("stance", Stance::parse, "Choose what it says of detainers.");
    let quote = reading.optional("quote", 4000);
    let effective_on = reading.optional_date("effective_on");
    let ended_on = reading.optional_date("ended_on");
    let source = reading.optional("source", 500);
    let url = reading.optional("url", 500);
    let read_on = reading.date("read_on", "Give the day on which somebody read it.");
    let document = paper(reading, posted);
    if !reading.is_right() {
        return None;
    }
    let new = NewPolicy {
        title,
        number,
        stance: stance?,
        quote,
        effective_on,
        ended_on,
        source,
        url,
        read_on: read_on?,
        document,
    };
    match check(&new, desk.today()) {
        Ok(()) => Some(new),
        Err((field, sentence)) => {
            reading.wrong(field, sentence);
            None
        }
    }
}

#[get("/c/<_>/agencies/<id>/policies/new")]
async fn fresh(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = form(app, &by, (&agency, None), &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_policy.html", content)
}

async fn keep(
    app: &App,
    by: &Worker,
    (agency, was): (&Agency, Option<&Policy>),
    posted: &Posted,
    desk: &Desk,
) -> Answer {
    let mut reading = posted.read();
    if let Some(new) = read(posted, &mut reading, desk) {
        let which = (agency.id, was.map(|policy| policy.id));
        match keep_policy(app, &by.0.scope, which, new, desk.today(), desk.now).await {
            Ok(_) => {
                let to = format!("/c/{}/agencies/{}", by.0.campaign.slug, agency.id);
                return Ok(Reply::to(to).done("The policy is set down."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("title", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, by, (agency, was), desk, reading.again()).await?;
    desk.again("agencies", "pages/agencies_policy.html", content)
}

#[post("/c/<_>/agencies/<id>/policies/new", data = "<posted>")]
async fn create(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    keep(app, &by, (&agency, None), &posted, &desk).await
}

async fn policy_of(app: &App, by: &Worker, agency: &Agency, id: &str) -> Result<Policy, WebError> {
    let id: PolicyId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = policies::find(app.store.read(), &by.0.scope, id).await?;
    Ok(found
        .filter(|policy| policy.agency == agency.id)
        .ok_or(ActionError::NotFound)?)
}

#[get("/c/<_>/agencies/<id>/policies/<policy>/edit")]
async fn edit(by: Worker, id: &str, policy: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let was = policy_of(app, &by, &agency, policy).await?;
    let content = form(app, &by, (&agency, Some(&was)), &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_policy.html", content)
}

#[post("/c/<_>/agencies/<id>/policies/<policy>/edit", data = "<posted>")]
async fn change(
    by: Worker,
    id: &str,
    policy: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let was = policy_of(app, &by, &agency, policy).await?;
    keep(app, &by, (&agency, Some(&was)), &posted, &desk).await
}
