//! Counsel's decisions on documents. Each is written once; a later one stands above the earlier.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::clearance;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::document::Sha256;
use crate::domain::ids::{CampaignId, DocumentId, UserId};
use crate::domain::review::{Clearance, Decision, Handling};

/// One decision as counsel wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub clearance: Clearance,
    pub class: Handling,
    pub comment: String,
}

fn read(row: clearance::Model) -> Stored<Decided> {
    let broken =
        |what: &str, value: &str| StoreError::Unreadable(format!("clearance {what} {value}"));
    Ok(Decided {
        clearance: Clearance {
            document: DocumentId(row.document_id),
            sha256: row
                .sha256
                .parse()
                .map_err(|_| broken("hash", &row.sha256))?,
            decision: Decision::parse(&row.decision)
                .ok_or_else(|| broken("decision", &row.decision))?,
            by: UserId(row.decided_by),
            at: row.decided_at,
        },
        class: Handling::parse(&row.class).ok_or_else(|| broken("class", &row.class))?,
        comment: row.comment,
    })
}

/// What counsel decides about a document and the bytes in hand.
#[derive(Clone, Debug)]
pub struct NewDecision<'a> {
    pub document: DocumentId,
    pub sha256: Sha256,
    pub decision: Decision,
    pub class: Handling,
    pub comment: &'a str,
}

/// Writes a decision.
pub async fn add(tx: &Tx, by: &Scope, new: NewDecision<'_>, now: DateTime<Utc>) -> Stored<()> {
    clearance::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(by.campaign.0),
        document_id: Set(new.document.0),
        sha256: Set(new.sha256.to_string()),
        decision: Set(new.decision.as_str().to_owned()),
        class: Set(new.class.as_str().to_owned()),
        comment: Set(new.comment.to_owned()),
        decided_by: Set(by.user.0),
        decided_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The decisions on one document, oldest first.
pub async fn list_for_document(
    db: &impl ConnectionTrait,
    scope: &Scope,
    document: DocumentId,
) -> Stored<Vec<Decided>> {
    let rows = clearance::Entity::find()
        .filter(clearance::Column::CampaignId.eq(scope.campaign.0))
        .filter(clearance::Column::DocumentId.eq(document.0))
        .order_by_asc(clearance::Column::DecidedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Every decision of a campaign, oldest first: for lists, in one query.
pub async fn list_for_campaign(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Vec<Decided>> {
    let rows = clearance::Entity::find()
        .filter(clearance::Column::CampaignId.eq(campaign.0))
        .order_by_asc(clearance::Column::DecidedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}
