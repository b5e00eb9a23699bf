//! What is due, what waits for whoever asks, and what is new; and how to begin where nothing is there yet.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use minijinja::{Value, context};
use rocket::{Route, State, get, routes};

use crate::actions::App;
use crate::actions::read_today::{Kind, Matter, read_today};
use crate::clock::day_in;
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::person::Role;
use crate::store::{campaigns, contacts, events};
use crate::web::desk::{Answer, Desk, long_day};
use crate::web::guard::Member;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![page]
}

/// A member's number, with what it was counted over: the newest line of the log, and the minute.
type Counted = ((Option<i64>, i64), usize);
/// Numbers counted lately. The number stands on every page, and counting looks through every request.
static COUNTS: LazyLock<Mutex<HashMap<(UserId, CampaignId), Counted>>> =
    LazyLock::new(Mutex::default);
/// Members whose number is kept before all are forgotten.
const COUNTS_KEPT: usize = 10_000;

/// How many things stand on this member's page: counted anew after anything happened, and once a minute.
pub async fn count(app: &App, by: &Member, now: DateTime<Utc>) -> Result<usize, WebError> {
    let newest = events::last_id(app.store.read(), by.campaign.id).await?;
    let over = (newest, now.timestamp() / 60);
    let whose = (by.scope.user, by.campaign.id);
    let kept = COUNTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&whose)
        .filter(|(counted_over, _)| *counted_over == over)
        .map(|(_, count)| *count);
    if let Some(count) = kept {
        return Ok(count);
    }
    let today = day_in(by.campaign.time_zone, now);
    let count = read_today(app, &by.scope, today).await?.count();
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    if counts.len() >= COUNTS_KEPT {
        counts.clear();
    }
    counts.insert(whose, (over, count));
    Ok(count)
}

fn matter_view(slug: &str, matter: &Matter) -> Value {
    let (state, usual) = match matter.kind {
        Kind::Plain => ("", ""),
        Kind::Due => ("due", "Due"),
        Kind::Late => ("late", "Look at this"),
        Kind::Waiting => ("waiting", "Waiting"),
        Kind::Held => ("held", "Held"),
    };
    context! {
        href => if matter.at.starts_with('/') { matter.at.clone() } else { format!("/c/{slug}/{}", matter.at) },
        what => matter.what.clone(),
        state => state,
        when => matter.due_on.map_or_else(|| usual.to_owned(), long_day),
        more => matter.more.clone(),
        act => matter.act,
    }
}

/// What a fresh campaign still lacks; none once its first request is begun.
async fn beginning(app: &App, by: &Member) -> Result<Value, WebError> {
    let db = app.store.read();
    let members = campaigns::list_members(db, by.campaign.id).await?;
    let counsel = members.iter().any(|member| member.role == Role::Counsel);
    let contact = !contacts::list(db, &by.scope).await?.is_empty();
    let slug = &by.campaign.slug;
    let step = |done: bool, word: &str, rest: &str, act: &str| {
        context! { done => done, word => word, href => format!("/c/{slug}/{rest}"), act => act }
    };
    Ok(Value::from(vec![
        step(
            counsel,
            "Invite your legal partner: no letter leaves without counsel's approval.",
            "people",
            "Invite",
        ),
        step(
            contact,
            "Say how an agency is reached: its records officer's address.",
            "agencies",
            "Agencies",
        ),
        step(
            false,
            "Draft the first request.",
            "requests/new",
            "New request",
        ),
    ]))
}

#[get("/c/<_>")]
async fn page(by: Member, desk: Desk, app: &State<App>) -> Answer {
    let day = read_today(app, &by.scope, desk.today()).await?;
    let slug = &by.campaign.slug;
    let band = |matters: &[Matter]| -> Vec<Value> {
        matters
            .iter()
            .map(|matter| matter_view(slug, matter))
            .collect()
    };
    let begin = if by.scope.may_draft() && !day.has_requests {
        beginning(app, &by).await?
    } else {
        Value::from(())
    };
    let content = context! {
        due => band(&day.due),
        waits => band(&day.waits),
        new => band(&day.new),
        sees_work => by.scope.sees_work(),
        may_draft => by.scope.may_draft(),
        begin => begin,
    };
    desk.page("today", "pages/today.html", content)
}
