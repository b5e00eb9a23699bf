//! How a campaign sends, where it differs from the installation.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};

use super::entity::campaign_sending;
use super::{Scope, Stored, Tx};
use crate::domain::ids::CampaignId;

/// For how many minutes a letter of this campaign can be taken back; none where the installation's number holds.
pub async fn recall_minutes(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Option<u32>> {
    let row = campaign_sending::Entity::find_by_id(campaign.0)
        .one(db)
        .await?;
    Ok(row
        .and_then(|row| row.recall_minutes)
        .map(|minutes| u32::try_from(minutes).unwrap_or(0)))
}

/// Sets that number, or gives it back to the installation.
pub async fn set_recall_minutes(
    tx: &Tx,
    by: &Scope,
    minutes: Option<u32>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let row = campaign_sending::ActiveModel {
        campaign_id: Set(by.campaign.0),
        recall_minutes: Set(minutes.map(|minutes| i32::try_from(minutes).unwrap_or(i32::MAX))),
        set_by: Set(by.user.0),
        set_at: Set(now),
    };
    let on_conflict = OnConflict::column(campaign_sending::Column::CampaignId)
        .update_columns([
            campaign_sending::Column::RecallMinutes,
            campaign_sending::Column::SetBy,
            campaign_sending::Column::SetAt,
        ])
        .to_owned();
    campaign_sending::Entity::insert(row)
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
