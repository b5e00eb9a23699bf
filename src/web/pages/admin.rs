//! The instance administrator's page: accounts, campaigns by name and size, the health of jobs. No content of any campaign.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::end_account::end_account;
use crate::actions::retry_job::retry_job;
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::domain::ids::UserId;
use crate::store::{accounts, campaigns, jobs, law_corrections};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::Admin;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![page, end, retry]
}

async fn content(app: &App, desk: &Desk, by: &Admin) -> Result<Value, WebError> {
    let db = app.store.read();
    let people: Vec<Value> = accounts::list(db)
        .await?
        .into_iter()
        .map(|account| {
            context! {
                id => account.id.to_string(),
                name => account.name,
                email => account.email,
                is_admin => account.is_admin,
                disabled => account.disabled,
                is_you => account.id == by.0.account.id,
            }
        })
        .collect();
    let mut sizes = Vec::new();
    for campaign in campaigns::list_all(db).await? {
        let size = campaigns::size(db, campaign.id).await?;
        sizes.push(context! {
            name => campaign.name,
            members => size.members,
            requests => size.requests,
            since => long_day(day_in(campaign.time_zone, campaign.created_at)),
        });
    }
    let (corrections, _) = law_corrections::list(db).await?;
    let corrections: Vec<Value> = corrections
        .into_iter()
        .filter(|kept| kept.standing() == law_corrections::Standing::Proposed)
        .map(|kept| {
            context! {
                href => format!("/laws/{}/corrections/{}", kept.proposed.code, kept.proposed.id),
                code => kept.proposed.code.as_str(),
                reason => kept.proposed.reason,
                yours => kept.proposed.proposed_by == by.0.account.id,
            }
        })
        .collect();
    let health = jobs::health(db, desk.now).await?;
    let failed: Vec<Value> = jobs::list_for_operator(db, None, (false, true), 500)
        .await?
        .into_iter()
        .filter_map(|job| job.failed_at.map(|at| (at, job)))
        .map(|(at, job)| {
            let why = job.last_error.unwrap_or_default();
            context! {
                id => job.id.simple().to_string(),
                what => plain(&job.kind),
                at => desk.when(at),
                tries => job.attempts,
                why => why.chars().take(300).collect::<String>(),
            }
        })
        .collect();
    Ok(context! {
        people => people,
        sizes => sizes,
        corrections => corrections,
        failed => failed,
        health => context! {
            last_tick => health.last_tick_at.map(|at| desk.when(at)).unwrap_or_default(),
            open => health.open,
            failed => health.failed,
            oldest => health.oldest_due_at.map(|at| desk.when(at)).unwrap_or_default(),
        },
    })
}

#[get("/admin")]
async fn page(by: Admin, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &desk, &by).await?;
    desk.page("", "pages/admin.html", content)
}

#[post("/admin/jobs/<id>/retry", data = "<_posted>")]
async fn retry(_by: Admin, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    retry_job(app, id, desk.now).await?;
    Ok(Reply::to("/admin").done("It is tried again within seconds."))
}

#[post("/admin/accounts/<id>/end", data = "<_posted>")]
async fn end(by: Admin, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let whom: UserId = id.parse().map_err(|_| ActionError::NotFound)?;
    let name = end_account(app, &by.0.account, whom, desk.now).await?;
    Ok(Reply::to("/admin").done(format!(
        "The account of {name} is ended: it can no longer sign in, and is signed out everywhere."
    )))
}

/// What a kind of job does, in plain words.
fn plain(kind: &str) -> &str {
    match kind {
        "deliver" => "Hand a letter over to the mail server",
        "plan_reminders" => "Look through limits for reminders",
        "morning" => "Send a morning mail",
        "remind" => "Send a reminder of a limit of ours",
        "chase" => "Draft the letter after a missed limit",
        "tell_moves" => "Tell an owner which dates moved",
        "read_document" => "Look into a document",
        "read_message" => "Read a message that came in",
        "poll_mailbox" => "Visit the mailbox",
        "drop_folder" => "Look into the drop folder",
        "draft_target" => "Draft a letter of a batch",
        "send_target" => "Put a letter of a batch into the outbox",
        "tidy" => "Forget old form marks",
        other => other,
    }
}
