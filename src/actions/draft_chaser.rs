//! At a missed limit of the agency the letter that follows is drafted, once, and waits for its person. Nothing is sent.

use chrono::{DateTime, Utc};

use super::chase_batch::chase;
use super::plan_reminders::{Chase, readers};
use super::read_clocks::{facts, law_of};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty;
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::domain::person::Role;
use crate::domain::reminder::Limit;
use crate::domain::request::standing;
use crate::store::{agencies, campaigns, closings, commit, events, reminder_settings, requests};

/// Drafts the letter, as the request's owner or whoever is left. None where the limit no longer stands missed, where a
/// draft is open already, or where no such letter fits the request now.
pub async fn draft_chaser(app: &App, missed: &Chase, now: DateTime<Utc>) -> Deed<Option<LetterId>> {
    let db = app.store.read();
    let Some(kept) = requests::find_unscoped(db, missed.request).await? else {
        return Ok(None);
    };
    let request = kept.request;
    let members = campaigns::list_members(db, request.campaign).await?;
    let by = readers(request.owner, &members)
        .into_iter()
        .find_map(|whom| members.iter().find(|member| member.account == whom))
        .filter(|member| member.role != Role::Team)
        .map(|member| Scope {
            user: member.account,
            campaign: request.campaign,
            role: member.role,
        });
    let Some(by) = by else {
        return Ok(None);
    };
    if !reminder_settings::rules(db, request.campaign)
        .await?
        .rules
        .chasers
    {
        return Ok(None);
    }
    let (Some(campaign), Some(agency)) = (
        campaigns::get(db, &by).await?,
        agencies::find(db, &by, request.agency).await?,
    ) else {
        return Ok(None);
    };
    let log = events::list_for_request(db, &by, request.id).await?;
    let drafted = |what: &Happening| {
        matches!(what, Happening::ChaserDrafted { duty, due_on, .. }
            if *duty == missed.duty && *due_on == missed.due_on)
    };
    // A reply that lies unsorted may be the answer: nobody is called late before it was read.
    let stands = standing(&log);
    if log.iter().any(|event| drafted(&event.what)) || stands.unsorted > 0 {
        return Ok(None);
    }
    let law = law_of(app, &request)?;
    let closings = closings::in_force(db, request.campaign).await?;
    let today = day_in(campaign.time_zone, now);
    let stands_missed = duty::clocks(&law, &facts(&agency, &closings, &log), today)
        .iter()
        .filter_map(Limit::of)
        .any(|limit| {
            limit.duty == missed.duty && limit.due_on == missed.due_on && limit.due_on < today
        });
    if !stands_missed {
        return Ok(None);
    }
    let letter = match chase(app, &by, request.id, now).await {
        Ok(letter) => letter,
        // A draft that is open, a fee of ours unpaid, a kind of letter that does not fit: a person sees it on the page.
        Err(ActionError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let tx = app.store.begin().await?;
    let what = Happening::ChaserDrafted {
        letter,
        duty: missed.duty.clone(),
        due_on: missed.due_on,
    };
    events::record(&tx, request.campaign, Some(request.id), None, now, &what).await?;
    commit(tx).await?;
    Ok(Some(letter))
}
