//! Dossiers as they were built: an edition is written once and never changed.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::entity::dossier;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::document::Sha256;
use crate::domain::ids::{CampaignId, DossierId, UserId};

/// One edition.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    pub id: DossierId,
    pub campaign: CampaignId,
    /// From 1 in each campaign.
    pub edition: u32,
    pub title: String,
    /// Of the file.
    pub sha256: Sha256,
    pub bytes: u64,
    pub pages: u32,
    /// The packet as it was printed, and what the maker should know of its making.
    pub packet: serde_json::Value,
    pub built_by: Option<UserId>,
    pub built_at: DateTime<Utc>,
}

fn read(row: dossier::Model) -> Stored<Dossier> {
    let broken = |what: &str| StoreError::Unreadable(format!("{what} of dossier {}", row.id));
    Ok(Dossier {
        id: DossierId(row.id),
        campaign: CampaignId(row.campaign_id),
        edition: u32::try_from(row.edition).map_err(|_| broken("edition"))?,
        sha256: row.sha256.parse().map_err(|_| broken("hash"))?,
        bytes: u64::try_from(row.bytes).map_err(|_| broken("length"))?,
        pages: u32::try_from(row.pages).map_err(|_| broken("page count"))?,
        title: row.title,
        packet: row.packet,
        built_by: row.built_by.map(UserId),
        built_at: row.built_at,
    })
}

/// The number of the campaign's next edition.
pub async fn next_edition(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<u32> {
    let last = dossier::Entity::find()
        .select_only()
        .column_as(dossier::Column::Edition.max(), "last")
        .filter(dossier::Column::CampaignId.eq(campaign.0))
        .into_tuple::<Option<i32>>()
        .one(db)
        .await?
        .flatten();
    Ok(u32::try_from(last.unwrap_or(0)).unwrap_or(0) + 1)
}

/// Adds an edition.
///
/// # Errors
/// `Taken` where another edition of that number came first.
pub async fn add(tx: &Tx, new: &Dossier) -> Stored<()> {
    let whole = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let small = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    dossier::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(new.campaign.0),
        edition: Set(small(new.edition)),
        title: Set(new.title.clone()),
        sha256: Set(new.sha256.to_string()),
        bytes: Set(whole(new.bytes)),
        pages: Set(small(new.pages)),
        packet: Set(new.packet.clone()),
        built_by: Set(new.built_by.map(|id| id.0)),
        built_at: Set(new.built_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// One edition of the asking person's campaign.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: DossierId,
) -> Stored<Option<Dossier>> {
    dossier::Entity::find_by_id(id.0)
        .filter(dossier::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every edition of the campaign, newest first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Dossier>> {
    dossier::Entity::find()
        .filter(dossier::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(dossier::Column::Edition)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}
