//! Named sets of agencies are made, renamed, given another rule or other members, and taken away.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::set::Rule;
use crate::domain::ids::{AgencyId, SetId};
use crate::store::agency_sets::{self, AgencySet, HandMember};
use crate::store::{StoreError, agencies, commit};

const MAY_NOT: &str = "Researchers and counsel keep the sets of agencies. Ask one of them.";

fn may(by: &Scope) -> Deed<()> {
    if by.may_draft() {
        Ok(())
    } else {
        Err(ActionError::Forbidden(MAY_NOT))
    }
}

async fn found(app: &App, by: &Scope, id: SetId) -> Deed<AgencySet> {
    may(by)?;
    agency_sets::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)
}

fn taken(error: StoreError, name: &str) -> ActionError {
    match error {
        StoreError::Taken => ActionError::refused(format!(
            "The campaign has a set named “{name}” already. Give this one another name."
        )),
        other => other.into(),
    }
}

/// Makes a set: by a rule, or, without one, to be filled by hand.
///
/// # Errors
/// Refused where the name is taken, or the rule takes every agency.
pub async fn make_set(
    app: &App,
    by: &Scope,
    name: &str,
    rule: Option<Rule>,
    now: DateTime<Utc>,
) -> Deed<SetId> {
    may(by)?;
    checked(name, rule.as_ref())?;
    let set = AgencySet {
        id: SetId::new(),
        campaign: by.campaign,
        name: name.trim().to_owned(),
        rule,
        created_by: by.user,
        created_at: now,
    };
    let tx = app.store.begin().await?;
    agency_sets::add(&tx, &set)
        .await
        .map_err(|error| taken(error, name))?;
    commit(tx).await?;
    Ok(set.id)
}

fn checked(name: &str, rule: Option<&Rule>) -> Deed<()> {
    if name.trim().is_empty() {
        return Err(ActionError::refused(
            "Give the set a name, such as “county jails with WSO agreements in VA”.",
        ));
    }
    if rule.is_some_and(Rule::is_empty) {
        return Err(ActionError::refused(
            "This rule takes every agency. Choose a state, a kind, an agreement or words, or fill the set by hand.",
        ));
    }
    Ok(())
}

/// Gives a set another name, and one by rule another rule.
///
/// # Errors
/// As [`make_set`]; a set by hand stays one.
pub async fn edit_set(
    app: &App,
    by: &Scope,
    id: SetId,
    name: &str,
    rule: Option<Rule>,
) -> Deed<()> {
    let before = found(app, by, id).await?;
    let rule = match (&before.rule, rule) {
        (Some(_), Some(rule)) => Some(rule),
        (kept, _) => kept.clone(),
    };
    checked(name, rule.as_ref())?;
    let after = AgencySet {
        name: name.trim().to_owned(),
        rule,
        ..before
    };
    let tx = app.store.begin().await?;
    agency_sets::update(&tx, by, &after)
        .await
        .map_err(|error| taken(error, name))?;
    commit(tx).await?;
    Ok(())
}

/// Takes a set away; its agencies stay.
pub async fn remove_set(app: &App, by: &Scope, id: SetId) -> Deed<()> {
    found(app, by, id).await?;
    let tx = app.store.begin().await?;
    agency_sets::remove(&tx, by, id).await?;
    commit(tx).await?;
    Ok(())
}

/// Makes a set by hand of what a set by rule holds today, each with the rule's reason: later changes then do not move it.
pub async fn freeze_set(
    app: &App,
    by: &Scope,
    id: SetId,
    name: &str,
    now: DateTime<Utc>,
) -> Deed<SetId> {
    found(app, by, id).await?;
    checked(name, None)?;
    let members = agency_sets::list_members(app.store.read(), by, id).await?;
    let set = AgencySet {
        id: SetId::new(),
        campaign: by.campaign,
        name: name.trim().to_owned(),
        rule: None,
        created_by: by.user,
        created_at: now,
    };
    let tx = app.store.begin().await?;
    agency_sets::add(&tx, &set)
        .await
        .map_err(|error| taken(error, name))?;
    for (agency, reason) in members {
        let member = HandMember { agency, reason };
        agency_sets::put_member(&tx, by, set.id, &member, now).await?;
    }
    commit(tx).await?;
    Ok(set.id)
}

/// Puts agencies into a set by hand, all for the same reason.
///
/// # Errors
/// Refused without a reason, for a set by rule, or where an agency is not of this campaign.
pub async fn add_members(
    app: &App,
    by: &Scope,
    id: SetId,
    members: &[AgencyId],
    reason: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let set = found(app, by, id).await?;
    if set.rule.is_some() {
        return Err(ActionError::refused(
            "This set has a rule that chooses its members. Change the rule, or make a set by hand.",
        ));
    }
    if members.is_empty() {
        return Err(ActionError::refused("Tick at least one agency."));
    }
    if reason.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why they belong, in a few words: it stands beside each member.",
        ));
    }
    let tx = app.store.begin().await?;
    for agency in members {
        agencies::find(&tx, by, *agency)
            .await?
            .ok_or(ActionError::NotFound)?;
        let member = HandMember {
            agency: *agency,
            reason: reason.trim().to_owned(),
        };
        agency_sets::put_member(&tx, by, id, &member, now).await?;
    }
    commit(tx).await?;
    Ok(())
}

/// Takes one agency out of a set by hand.
pub async fn remove_member(app: &App, by: &Scope, id: SetId, agency: AgencyId) -> Deed<()> {
    found(app, by, id).await?;
    let tx = app.store.begin().await?;
    if !agency_sets::remove_member(&tx, by, id, agency).await? {
        return Err(ActionError::NotFound);
    }
    commit(tx).await?;
    Ok(())
}
