//! Before a batch leaves, its planner is told of agencies whose contact nobody checked lately.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{App, Deed, Scope};
use crate::domain::agency::contact::{Purpose, is_stale};
use crate::domain::ids::{AgencyId, BatchId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::{Notice, Rules, Step, Subject, Topic};
use crate::store::campaigns::Campaign;
use crate::store::{batches, commit, contacts, profiles, reminders};

/// Plans the word for each batch that leaves within the days of the rules. Returns how many are new.
pub(super) async fn warn_of_contacts(
    app: &App,
    (campaign, today, now): (&Campaign, NaiveDate, DateTime<Utc>),
    rules: &Rules,
    members: &[(UserId, Role)],
) -> Deed<u64> {
    if rules.off.contains(&Topic::Contacts) {
        return Ok(0);
    }
    let db = app.store.read();
    let until = today + Days::new(u64::from(rules.contacts_before));
    let scope = Scope {
        user: campaign.created_by,
        campaign: campaign.id,
        role: Role::Researcher,
    };
    let mut notices = Vec::new();
    for batch in batches::list(db, &scope).await? {
        let soon = batch.send_on >= today && batch.send_on <= until;
        let there = members
            .iter()
            .any(|(account, _)| *account == batch.created_by);
        if !soon || !there {
            continue;
        }
        if stale_contacts(app, &scope, batch.id, batch.send_on).await? > 0 {
            notices.push(Notice {
                subject: Subject::Contacts(batch.id),
                step: Step::Before(rules.contacts_before),
                on: today,
                due_on: Some(batch.send_on),
                readers: vec![batch.created_by],
            });
        }
    }
    if notices.is_empty() {
        return Ok(0);
    }
    let tx = app.store.begin().await?;
    let new = reminders::plan(&tx, campaign.id, &notices, now).await?;
    commit(tx).await?;
    Ok(new)
}

/// How many agencies of a batch have only a records contact that will count as old, or that came back, on the day on
/// which the batch leaves.
pub async fn stale_contacts(
    app: &App,
    scope: &Scope,
    batch: BatchId,
    on: NaiveDate,
) -> Deed<usize> {
    let db = app.store.read();
    let months = profiles::stale_months(db, scope).await?;
    let mut best: HashMap<AgencyId, NaiveDate> = HashMap::new();
    for contact in contacts::list(db, scope).await? {
        if contact.purpose == Purpose::Records && contact.bad_since_at.is_none() {
            let newest = best.entry(contact.agency).or_insert(contact.checked_on);
            *newest = (*newest).max(contact.checked_on);
        }
    }
    let targets = batches::list_targets(db, scope, batch).await?;
    Ok(targets
        .iter()
        .filter(|target| target.queued_at.is_none())
        .filter(|target| {
            best.get(&target.agency)
                .is_none_or(|checked| is_stale(*checked, on, months))
        })
        .count())
}
