//! Detainer policies of agencies: the stance in a word, the quoted text, and where both were read.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use serde::Serialize;

use super::entity::policy;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::policy::Stance;
use crate::domain::ids::{AgencyId, CampaignId, DocumentId, PolicyId, UserId};

/// A policy of an agency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    pub id: PolicyId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub title: String,
    /// Its number in the agency's own manual; may be empty.
    pub number: String,
    pub stance: Stance,
    /// The words that say so; empty only where the agency says that nothing is written.
    pub quote: String,
    pub effective_on: Option<NaiveDate>,
    /// The day on which another took its place or it was withdrawn.
    pub ended_on: Option<NaiveDate>,
    /// The title of what was read.
    pub source: String,
    /// The address at which it was read; may be empty.
    pub url: String,
    pub read_on: NaiveDate,
    pub document: Option<DocumentId>,
    pub added_by: UserId,
    pub added_at: DateTime<Utc>,
}

fn read(row: policy::Model) -> Stored<Policy> {
    Ok(Policy {
        id: PolicyId(row.id),
        campaign: CampaignId(row.campaign_id),
        agency: AgencyId(row.agency_id),
        title: row.title,
        number: row.number,
        stance: Stance::parse(&row.stance)
            .ok_or_else(|| StoreError::Unreadable(format!("policy stance {}", row.stance)))?,
        quote: row.quote,
        effective_on: row.effective_on,
        ended_on: row.ended_on,
        source: row.source,
        url: row.url,
        read_on: row.read_on,
        document: row.document_id.map(DocumentId),
        added_by: UserId(row.added_by),
        added_at: row.added_at,
    })
}

fn row(policy: &Policy) -> policy::ActiveModel {
    policy::ActiveModel {
        id: Set(policy.id.0),
        campaign_id: Set(policy.campaign.0),
        agency_id: Set(policy.agency.0),
        title: Set(policy.title.clone()),
        number: Set(policy.number.clone()),
        stance: Set(policy.stance.as_str().to_owned()),
        quote: Set(policy.quote.clone()),
        effective_on: Set(policy.effective_on),
        ended_on: Set(policy.ended_on),
        source: Set(policy.source.clone()),
        url: Set(policy.url.clone()),
        read_on: Set(policy.read_on),
        document_id: Set(policy.document.map(|id| id.0)),
        added_by: Set(policy.added_by.0),
        added_at: Set(policy.added_at),
    }
}

pub async fn add(tx: &Tx, policy: &Policy) -> Stored<()> {
    row(policy).insert(tx).await?;
    Ok(())
}

/// Writes a policy anew. False if it is not this campaign's.
pub async fn update(tx: &Tx, scope: &Scope, policy: &Policy) -> Stored<bool> {
    if policy.campaign != scope.campaign || find(tx, scope, policy.id).await?.is_none() {
        return Ok(false);
    }
    row(policy).update(tx).await?;
    Ok(true)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PolicyId,
) -> Stored<Option<Policy>> {
    policy::Entity::find_by_id(id.0)
        .filter(policy::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The policies of an agency: those in force first, then the newest first.
pub async fn list_for_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<Policy>> {
    let rows = policy::Entity::find()
        .filter(policy::Column::CampaignId.eq(scope.campaign.0))
        .filter(policy::Column::AgencyId.eq(agency.0))
        .order_by_desc(policy::Column::AddedAt)
        .all(db)
        .await?;
    let mut policies = rows.into_iter().map(read).collect::<Stored<Vec<_>>>()?;
    policies.sort_by_key(|policy| policy.ended_on.is_some());
    Ok(policies)
}
