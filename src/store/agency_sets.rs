//! Named sets of agencies: by a rule, read anew each time, or by hand, with the reason for each member.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::agencies::{self, Agency, Filter};
use super::agreements;
use super::entity::{agency_set, agency_set_member};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::set::Rule;
use crate::domain::ids::{AgencyId, CampaignId, SetId, UserId};

/// A named set.
#[derive(Clone, Debug, PartialEq)]
pub struct AgencySet {
    pub id: SetId,
    pub campaign: CampaignId,
    pub name: String,
    /// None: its members were chosen by hand.
    pub rule: Option<Rule>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
}

/// A member chosen by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandMember {
    pub agency: AgencyId,
    pub reason: String,
}

fn read(row: agency_set::Model) -> Stored<AgencySet> {
    Ok(AgencySet {
        id: SetId(row.id),
        campaign: CampaignId(row.campaign_id),
        name: row.name,
        rule: row
            .rule
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| StoreError::Unreadable(format!("a set's rule: {error}")))?,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
    })
}

fn rule_json(rule: &Option<Rule>) -> Stored<Option<serde_json::Value>> {
    rule.as_ref()
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| StoreError::Unreadable(format!("a set's rule: {error}")))
}

/// Adds a set. [`StoreError::Taken`] where the campaign has one of that name.
pub async fn add(tx: &Tx, set: &AgencySet) -> Stored<()> {
    agency_set::ActiveModel {
        id: Set(set.id.0),
        campaign_id: Set(set.campaign.0),
        name: Set(set.name.clone()),
        rule: Set(rule_json(&set.rule)?),
        created_by: Set(set.created_by.0),
        created_at: Set(set.created_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Writes a set's name and rule anew. False if it is not this campaign's.
pub async fn update(tx: &Tx, scope: &Scope, set: &AgencySet) -> Stored<bool> {
    let Some(row) = agency_set::Entity::find_by_id(set.id.0)
        .filter(agency_set::Column::CampaignId.eq(scope.campaign.0))
        .one(tx)
        .await?
    else {
        return Ok(false);
    };
    let mut row: agency_set::ActiveModel = row.into();
    row.name = Set(set.name.clone());
    row.rule = Set(rule_json(&set.rule)?);
    row.update(tx).await?;
    Ok(true)
}

/// Takes a set away, with the list of its members; the agencies stay. False if it is not this campaign's.
pub async fn remove(tx: &Tx, scope: &Scope, id: SetId) -> Stored<bool> {
    agency_set_member::Entity::delete_many()
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::SetId.eq(id.0))
        .exec(tx)
        .await?;
    let done = agency_set::Entity::delete_many()
        .filter(agency_set::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: SetId,
) -> Stored<Option<AgencySet>> {
    agency_set::Entity::find_by_id(id.0)
        .filter(agency_set::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every set of the campaign, by name.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<AgencySet>> {
    let rows = agency_set::Entity::find()
        .filter(agency_set::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(agency_set::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Puts an agency into a set by hand, or gives its reason anew.
pub async fn put_member(
    tx: &Tx,
    scope: &Scope,
    set: SetId,
    member: &HandMember,
    now: DateTime<Utc>,
) -> Stored<()> {
    remove_member(tx, scope, set, member.agency).await?;
    agency_set_member::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(scope.campaign.0),
        set_id: Set(set.0),
        agency_id: Set(member.agency.0),
        reason: Set(member.reason.clone()),
        added_by: Set(scope.user.0),
        added_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Takes an agency out of a set. False if it was no member.
pub async fn remove_member(tx: &Tx, scope: &Scope, set: SetId, agency: AgencyId) -> Stored<bool> {
    let done = agency_set_member::Entity::delete_many()
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::SetId.eq(set.0))
        .filter(agency_set_member::Column::AgencyId.eq(agency.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What narrows a list of agencies to this set.
pub fn filter_of(set: &AgencySet) -> Filter {
    match &set.rule {
        Some(rule) => Filter::of_rule(rule.clone()),
        None => Filter {
            hand_set: Some(set.id),
            ..Filter::default()
        },
    }
}

/// The members of a set today, in the order of the list of agencies, each with the reason why it belongs. Empty where
/// the campaign has no such set.
pub async fn list_members(
    db: &impl ConnectionTrait,
    scope: &Scope,
    set: SetId,
) -> Stored<Vec<(AgencyId, String)>> {
    let members = list_with_agencies(db, scope, set).await?;
    Ok(members
        .into_iter()
        .map(|(agency, reason)| (agency.id, reason))
        .collect())
}

/// As [`list_members`], with the whole agency.
pub async fn list_with_agencies(
    db: &impl ConnectionTrait,
    scope: &Scope,
    set: SetId,
) -> Stored<Vec<(Agency, String)>> {
    let Some(set) = find(db, scope, set).await? else {
        return Ok(Vec::new());
    };
    let members = agencies::list_fitting(db, scope, &filter_of(&set)).await?;
    match &set.rule {
        Some(rule) => by_rule(db, scope, rule, members).await,
        None => by_hand(db, scope, set.id, members).await,
    }
}

async fn by_rule(
    db: &impl ConnectionTrait,
    scope: &Scope,
    rule: &Rule,
    members: Vec<Agency>,
) -> Stored<Vec<(Agency, String)>> {
    let held = if rule.models.is_empty() {
        HashMap::new()
    } else {
        agreements::by_agency(agreements::list(db, scope).await?)
    };
    Ok(members
        .into_iter()
        .map(|agency| {
            let papers: Vec<String> = held
                .get(&agency.id)
                .into_iter()
                .flatten()
                .filter(|held| held.status.stands() && rule.models.contains(&held.model))
                .map(|held| held.in_words())
                .collect();
            let reason = rule.reason_for(agency.kind, &agency.jurisdiction, &papers);
            (agency, reason)
        })
        .collect())
}

async fn by_hand(
    db: &impl ConnectionTrait,
    scope: &Scope,
    set: SetId,
    members: Vec<Agency>,
) -> Stored<Vec<(Agency, String)>> {
    let rows = agency_set_member::Entity::find()
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::SetId.eq(set.0))
        .all(db)
        .await?;
    let mut reasons: HashMap<AgencyId, String> = rows
        .into_iter()
        .map(|row| (AgencyId(row.agency_id), row.reason))
        .collect();
    Ok(members
        .into_iter()
        .map(|agency| {
            let reason = reasons.remove(&agency.id).unwrap_or_default();
            (agency, reason)
        })
        .collect())
}

/// The sets that an agency was put into by hand.
pub async fn list_of_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<(AgencySet, String)>> {
    let rows = agency_set_member::Entity::find()
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::AgencyId.eq(agency.0))
        .all(db)
        .await?;
    let mut found = Vec::new();
    for row in rows {
        if let Some(set) = find(db, scope, SetId(row.set_id)).await? {
            found.push((set, row.reason));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    Ok(found)
}
