//! Behind a one-time link: the first account of a fresh installation, or an invitation into a campaign.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::sign_in::session_cookie;
use crate::actions::join_by_link::{self, NewAccount};
use crate::actions::sign_in::{PASSWORD_MIN, check_password};
use crate::actions::{ActionError, App};
use crate::store::accounts::Invitation;
use crate::store::campaigns;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;

pub fn routes() -> Vec<Route> {
    routes![page, make_account]
}

async fn invitation_view(app: &App, invitation: &Invitation) -> Result<Value, ActionError> {
    if invitation.makes_admin && invitation.campaign.is_none() {
        return Ok(Value::from(()));
    }
    let all = campaigns::list_all(app.store.read()).await?;
    let campaign = all
        .into_iter()
        .find(|campaign| Some(campaign.id) == invitation.campaign)
        .map(|campaign| campaign.name);
    Ok(context! {
        campaign => campaign.unwrap_or_default(),
        role_plain => invitation.role.map(|role| role.plain()).unwrap_or_default(),
        email => invitation.email.clone().unwrap_or_default(),
    })
}

#[get("/welcome/<token>")]
async fn page(token: &str, desk: Desk, app: &State<App>) -> Answer {
    let invitation = join_by_link::find_link(app, token, desk.now).await?;
    show(token, &desk, app, &invitation, Value::from(()), false).await
}

async fn show(
    token: &str,
    desk: &Desk,
    app: &App,
    invitation: &Invitation,
    f: Value,
    again: bool,
) -> Answer {
    let content = context! {
        f => f,
        action => format!("/welcome/{token}"),
        invitation => invitation_view(app, invitation).await?,
        joins_as => desk.person.as_ref().map(|person| person.account.email.clone()).unwrap_or_default(),
        password_at_least => PASSWORD_MIN,
    };
    let joining = desk.person.is_some() && invitation.campaign.is_some();
    let template = if joining {
        "pages/join.html"
    } else {
        "pages/set_up.html"
    };
    if again {
        desk.again("", template, content)
    } else {
        desk.page("", template, content)
    }
}

#[post("/welcome/<token>", data = "<posted>")]
async fn make_account(token: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let invitation = join_by_link::find_link(app, token, desk.now).await?;
    if let (Some(person), Some(_)) = (&desk.person, invitation.campaign) {
        join_by_link::join_signed_in(app, token, &person.account, desk.now).await?;
        return Ok(Reply::to("/").done("You are in."));
    }
    let mut reading = posted.read();
    let new = NewAccount {
        name: reading.required("name", 120, "Write your name as your colleagues know it."),
        email: reading.required(
            "email",
            254,
            "Write your e-mail address: reminders go there.",
        ),
        password: posted.exact("password").to_owned(),
    };
    if let Err(sentence) = check_password(&new.password) {
        reading.wrong("password", sentence);
    } else if posted.exact("password_again") != new.password {
        reading.wrong(
            "password_again",
            "The two passwords differ. Type both again.",
        );
    }
    if reading.is_right() {
        match join_by_link::make_account(app, token, new, desk.now).await {
            Ok(opened) => {
                let to = if invitation.campaign.is_some() {
                    "/"
                } else {
                    "/campaigns"
                };
                return Ok(Reply::to(to)
                    .with_cookie(session_cookie(app, opened.token))
                    .done("Your account is made."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("email", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    show(token, &desk, app, &invitation, reading.again(), true).await
}
