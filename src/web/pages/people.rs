//! The members of a campaign: who they are, inviting one, taking one out.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};
use uuid::Uuid;

use crate::actions::invite_member::{Invited, invite_member, withdraw_invitation};
use crate::actions::remove_member::remove_member;
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::domain::ids::UserId;
use crate::domain::person::Role;
use crate::store::{accounts, campaigns};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![page, invite, withdraw, ask_removal, remove]
}

/// What a role may do, in one sentence.
fn hint(role: Role) -> &'static str {
    match role {
        Role::Researcher => "Drafts and sends requests, files replies, records figures.",
        Role::Counsel => {
            "The legal partner: reads and approves every letter, sees what is held, clears documents."
        }
        Role::Team => {
            "Prepares the meeting: sees cleared documents, figures and dossiers, and how requests stand."
        }
    }
}

async fn name_of(app: &App, id: UserId) -> Result<String, WebError> {
    let account = accounts::find(app.store.read(), id).await?;
    Ok(account.map_or_else(
        || "an account that is gone".to_owned(),
        |account| account.name,
    ))
}

async fn content(
    app: &App,
    desk: &Desk,
    by: &Member,
    f: Value,
    link: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let zone = desk.zone();
    let mut members = Vec::new();
    for member in campaigns::list_members(db, by.campaign.id).await? {
        members.push(context! {
            id => member.account.to_string(),
            name => name_of(app, member.account).await?,
            role_plain => member.role.plain(),
            since => long_day(day_in(zone, member.added_at)),
            is_you => member.account == by.scope.user,
        });
    }
    let mut invitations = Vec::new();
    for invitation in campaigns::list_invitations(db, &by.scope, desk.now).await? {
        let invited_by = match invitation.invited_by {
            Some(id) => name_of(app, id).await?,
            None => "the console".to_owned(),
        };
        invitations.push(context! {
            id => invitation.id.simple().to_string(),
            email => invitation.email,
            role_plain => invitation.role.plain(),
            invited_by => invited_by,
            until => long_day(day_in(zone, invitation.expires_at)),
        });
    }
    let roles: Vec<Value> = Role::ALL
        .iter()
        .map(|role| context! { value => role.as_str(), label => role.plain(), hint => hint(*role) })
        .collect();
    let codes = campaigns::list_jurisdictions(db, by.campaign.id).await?;
    let names: Vec<String> = app
        .law()
        .all()
        .filter(|law| codes.iter().any(|code| code == law.code.as_str()))
        .map(|law| law.name.clone())
        .collect();
    let campaign = &by.campaign;
    Ok(context! {
        f => f,
        link => link,
        members => members,
        invitations => invitations,
        roles => roles,
        may_manage => by.scope.may_draft(),
        about => context! {
            goal => campaign.goal.clone(),
            ask => campaign.ask.clone(),
            addressed_to => campaign.addressed_to.clone(),
            jurisdictions => names,
            time_zone => campaign.time_zone.name().replace('_', " "),
            organisation => campaign.organisation.clone(),
            contact_name => campaign.contact_name.clone(),
            postal_address => campaign.postal_address.clone(),
            phone => campaign.phone.clone(),
        },
    })
}

#[get("/c/<_>/people")]
async fn page(by: Member, desk: Desk, app: &State<App>) -> Answer {
    let none = || Value::from(());
    let content = content(app, &desk, &by, none(), none()).await?;
    desk.page("people", "pages/people.html", content)
}

fn shown(desk: &Desk, invited: &Invited) -> Value {
    context! {
        url => invited.url.clone(),
        email => invited.email.clone(),
        mailed => invited.mailed,
        until => long_day(day_in(desk.zone(), invited.expires_at)),
    }
}

/// The answer is the page itself and no redirect: the link is known at this moment only.
#[post("/c/<_>/people/invite", data = "<posted>")]
async fn invite(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let mut reading = posted.read();
    let email = reading.required(
        "email",
        254,
        "Write the address that the person signs in with.",
    );
    let role = reading.choice(
        "role",
        |text| text.parse::<Role>().ok(),
        "Choose what the person does in this campaign.",
    );
    if let (true, Some(role)) = (reading.is_right(), role) {
        match invite_member(app, &by.scope, &email, role, desk.now).await {
            Ok(invited) => {
                let content =
                    content(app, &desk, &by, Value::from(()), shown(&desk, &invited)).await?;
                return desk.page("people", "pages/people.html", content);
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("email", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &desk, &by, reading.again(), Value::from(())).await?;
    desk.again("people", "pages/people.html", content)
}

#[post("/c/<_>/people/invitations/<id>/withdraw", data = "<_posted>")]
async fn withdraw(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id: Uuid = id.parse().map_err(|_| ActionError::NotFound)?;
    withdraw_invitation(app, &by.0.scope, id, desk.now).await?;
    Ok(Reply::to(format!("/c/{}/people", by.0.campaign.slug))
        .done("The invitation is withdrawn: its link no longer works."))
}

#[get("/c/<_>/people/<id>/remove")]
async fn ask_removal(by: Member, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let whom: UserId = id.parse().map_err(|_| ActionError::NotFound)?;
    let members = campaigns::list_members(app.store.read(), by.campaign.id).await?;
    let member = members
        .iter()
        .find(|member| member.account == whom)
        .ok_or(ActionError::NotFound)?;
    let content = context! {
        id => whom.to_string(),
        name => name_of(app, whom).await?,
        role_plain => member.role.plain(),
        is_you => whom == by.scope.user,
    };
    desk.page("people", "pages/people_remove.html", content)
}

#[post("/c/<_>/people/<id>/remove", data = "<_posted>")]
async fn remove(by: Member, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let whom: UserId = id.parse().map_err(|_| ActionError::NotFound)?;
    remove_member(app, &by.scope, whom, desk.now).await?;
    if whom == by.scope.user {
        return Ok(Reply::to("/campaigns").done(format!(
            "You have left the campaign “{}”.",
            by.campaign.name
        )));
    }
    let name = name_of(app, whom).await?;
    Ok(
        Reply::to(format!("/c/{}/people", by.campaign.slug)).done(format!(
            "{name} is out of the campaign and sees nothing of it from this moment."
        )),
    )
}
