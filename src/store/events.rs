//! The append-only log. There is no way to change or delete a line.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, NotSet, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::entity::event;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::event::{Event, Happening};
use crate::domain::ids::{CampaignId, RequestId, UserId};

/// Writes one line.
pub async fn record(
    tx: &Tx,
    campaign: CampaignId,
    request: Option<RequestId>,
    by: Option<UserId>,
    at: DateTime<Utc>,
    what: &Happening,
) -> Stored<i64> {
    let body =
        serde_json::to_value(what).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let row = event::ActiveModel {
        id: NotSet,
        campaign_id: Set(Some(campaign.0)),
        request_id: Set(request.map(|id| id.0)),
        account_id: Set(by.map(|id| id.0)),
        at: Set(at),
        kind: Set(what.kind()),
        body: Set(body),
    }
    .insert(tx)
    .await?;
    Ok(row.id)
}

fn read(row: event::Model) -> Stored<Event> {
    let what = serde_json::from_value(row.body)
        .map_err(|error| StoreError::Unreadable(format!("event {}: {error}", row.id)))?;
    Ok(Event {
        id: row.id,
        campaign: row.campaign_id.map(CampaignId),
        request: row.request_id.map(RequestId),
        by: row.account_id.map(UserId),
        at: row.at,
        what,
    })
}

/// Everything that happened to one request, oldest first.
pub async fn list_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(scope.campaign.0))
        .filter(event::Column::RequestId.eq(request.0))
        .order_by_asc(event::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Everything that happened to all requests of a campaign, oldest first: one query for lists and sweeps.
pub async fn list_for_campaign(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(campaign.0))
        .order_by_asc(event::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The newest lines of a campaign, newest first.
pub async fn list_latest(
    db: &impl ConnectionTrait,
    scope: &Scope,
    how_many: u64,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(event::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Everything of one kind that happened in a campaign, oldest first.
pub async fn list_of_kind(
    db: &impl ConnectionTrait,
    scope: &Scope,
    kind: &str,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(scope.campaign.0))
        .filter(event::Column::Kind.eq(kind))
        .order_by_asc(event::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The number of the campaign's newest line: as long as it stays the same, nothing was recorded.
pub async fn last_id(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Option<i64>> {
    let found: Option<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::CampaignId.eq(campaign.0))
        .order_by_desc(event::Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found)
}
