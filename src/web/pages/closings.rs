//! An agency's own closed days: the list on its page, adding one (with what it moves), taking one back.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::laws::moves_view;
use crate::actions::add_closing::{
    NewClosing, add_closing, weigh_closing, weigh_withdrawal, withdraw_closing,
};
use crate::actions::{ActionError, App};
use crate::domain::ids::{AgencyId, ClosingId};
use crate::store::agencies::{self, Agency};
use crate::store::{accounts, closings};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![fresh, put, page, take_back]
}

/// The closed days of an agency for its page, the newest first.
pub async fn list_view(app: &App, by: &Member, agency: AgencyId) -> Result<Vec<Value>, WebError> {
    let db = app.store.read();
    let mut rows = Vec::new();
    for closing in closings::list_for_agency(db, &by.scope, agency).await? {
        let added_by = accounts::find(db, closing.added_by).await?;
        rows.push(context! {
            id => closing.id.to_string(),
            day => long_day(closing.on),
            why => closing.why,
            evidence => closing.evidence,
            added_by => added_by.map(|account| account.name).unwrap_or_default(),
            withdrawn => closing.withdrawn.map(|what| what.why).unwrap_or_default(),
        });
    }
    Ok(rows)
}

async fn agency_of(app: &App, by: &Member, id: &str) -> Result<Agency, WebError> {
    let id: AgencyId = id.parse().map_err(|_| ActionError::NotFound)?;
    let found = agencies::find(app.store.read(), &by.scope, id).await?;
    Ok(found.ok_or(ActionError::NotFound)?)
}

/// `look` is what the day would do, once it was asked.
fn form(app: &App, agency: &Agency, f: Value, look: Value) -> Value {
    let own_days = app
        .law_of_code(&agency.jurisdiction)
        .and_then(|law| law.holidays.own_days.clone())
        .map(|own| format!("{} ({})", own.note, own.citation));
    context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        own_days => own_days.unwrap_or_default(),
        look => look,
    }
}

#[get("/c/<_>/agencies/<id>/closings/new")]
async fn fresh(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = form(app, &agency, Value::from(()), Value::from(()));
    desk.page("agencies", "pages/agencies_closing.html", content)
}

#[post("/c/<_>/agencies/<id>/closings/new", data = "<posted>")]
async fn put(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let scope = &by.0.scope;
    let mut reading = posted.read();
    let on = reading.date("on", "Give the day on which the office is closed.");
    let new = NewClosing {
        on: on.unwrap_or_default(),
        why: reading.required(
            "why",
            300,
            "Say why it is closed, for example “furlough day”.",
        ),
        evidence: reading.required(
            "evidence",
            500,
            "Say how that is known: a notice, its calendar.",
        ),
    };
    if reading.is_right() {
        match weigh_closing(app, scope, agency.id, &new, desk.today()).await {
            Ok(_) if posted.text("step") == "add" => {
                let on = new.on;
                match add_closing(app, scope, agency.id, new, desk.today(), desk.now).await {
                    Ok(moved) => {
                        let to = format!("/c/{}/agencies/{}", by.0.campaign.slug, agency.id);
                        return Ok(Reply::to(to).done(format!(
                            "{} counts as closed for this agency. {}",
                            long_day(on),
                            moves(moved)
                        )));
                    }
                    Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(effect) => {
                let look = context! {
                    day => long_day(new.on),
                    remarks => effect.remarks,
                    moves => moves_view(app, scope.user, effect.moved).await?,
                };
                let content = form(app, &agency, reading.again(), look);
                return desk.page("agencies", "pages/agencies_closing.html", content);
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &agency, reading.again(), Value::from(()));
    desk.again("agencies", "pages/agencies_closing.html", content)
}

fn moves(moved: usize) -> String {
    match moved {
        0 => "No date of an open request moved.".to_owned(),
        1 => "The dates of 1 open request moved.".to_owned(),
        many => format!("The dates of {many} open requests moved."),
    }
}

async fn content(
    app: &App,
    desk: &Desk,
    by: &Member,
    id: ClosingId,
    f: Value,
) -> Result<Value, WebError> {
    let (closing, agency, moved) = weigh_withdrawal(app, &by.scope, id, desk.today()).await?;
    Ok(context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        closing => context! {
            id => closing.id.to_string(),
            day => long_day(closing.on),
            why => closing.why,
            evidence => closing.evidence,
        },
        moves => moves_view(app, by.scope.user, moved).await?,
    })
}

#[get("/c/<_>/closings/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let id: ClosingId = id.parse().map_err(|_| ActionError::NotFound)?;
    let content = content(app, &desk, &by.0, id, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_closing_back.html", content)
}

#[post("/c/<_>/closings/<id>", data = "<posted>")]
async fn take_back(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id: ClosingId = id.parse().map_err(|_| ActionError::NotFound)?;
    let scope = &by.0.scope;
    let closing = closings::find(app.store.read(), scope, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let mut reading = posted.read();
    let why = reading.required("why", 300, "Say why the day is taken back.");
    if reading.is_right() {
        match withdraw_closing(app, scope, id, &why, desk.today(), desk.now).await {
            Ok(moved) => {
                let to = format!("/c/{}/agencies/{}", by.0.campaign.slug, closing.agency);
                return Ok(Reply::to(to).done(format!(
                    "{} counts as open again. {}",
                    long_day(closing.on),
                    moves(moved)
                )));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("why", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &desk, &by.0, id, reading.again()).await?;
    desk.again("agencies", "pages/agencies_closing_back.html", content)
}
