//! The append-only log. There is no way to change or delete a line.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, NotSet, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::entity::event;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::event::{Event, Happening};
use crate::domain::ids::{AgencyId, CampaignId, RequestId, UserId};

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
        agency_id: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(row.id)
}

/// Writes one line of what a member did in their campaign, about a request or none.
pub async fn record_by(
    tx: &Tx,
    by: &Scope,
    request: Option<RequestId>,
    at: DateTime<Utc>,
    what: &Happening,
) -> Stored<i64> {
    record(tx, by.campaign, request, Some(by.user), at, what).await
}

/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// Writes lines about agencies, one for each.
pub async fn record_for_agencies(
    tx: &Tx,
    scope: &Scope,
    at: DateTime<Utc>,
    lines: &[(AgencyId, Happening)],
) -> Stored<()> {
    for some in lines.chunks(AT_ONCE) {
        let mut rows = Vec::new();
        for (agency, what) in some {
            let body = serde_json::to_value(what)
                .map_err(|error| StoreError::Unreadable(error.to_string()))?;
            rows.push(event::ActiveModel {
                id: NotSet,
                campaign_id: Set(Some(scope.campaign.0)),
                request_id: Set(None),
                account_id: Set(Some(scope.user.0)),
                at: Set(at),
                kind: Set(what.kind()),
                body: Set(body),
                agency_id: Set(Some(agency.0)),
            });
        }
        event::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes one line about an agency.
pub async fn record_for_agency(
    tx: &Tx,
    scope: &Scope,
    agency: AgencyId,
    at: DateTime<Utc>,
    what: Happening,
) -> Stored<()> {
    record_for_agencies(tx, scope, at, &[(agency, what)]).await
}

/// What happened to these agencies themselves, newest first: an agency's own id and those merged into it.
pub async fn list_for_agencies(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agencies: &[AgencyId],
    how_many: u64,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(scope.campaign.0))
        .filter(event::Column::AgencyId.is_in(agencies.iter().map(|id| id.0)))
        .order_by_desc(event::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
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

/// Everything that happened to these requests of a campaign, oldest first, for the program's own sweeps.
pub async fn list_for_requests(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    requests: &[RequestId],
) -> Stored<Vec<Event>> {
    // The campaign is compared here: asked for in the query, SQLite reads all of the campaign for each page of ids.
    let rows = event::Entity::find()
        .filter(event::Column::RequestId.is_in(requests.iter().map(|id| id.0)))
        .order_by_asc(event::Column::Id)
        .all(db)
        .await?;
    rows.into_iter()
        .filter(|row| row.campaign_id == Some(campaign.0))
        .map(read)
        .collect()
}

/// Which of these requests have a line of this kind by this person.
pub async fn requests_with(
    db: &impl ConnectionTrait,
    requests: &[RequestId],
    kind: &str,
    by: UserId,
) -> Stored<Vec<RequestId>> {
    let rows: Vec<Option<uuid::Uuid>> = event::Entity::find()
        .select_only()
        .column(event::Column::RequestId)
        .filter(event::Column::RequestId.is_in(requests.iter().map(|id| id.0)))
        .filter(event::Column::Kind.eq(kind))
        .filter(event::Column::AccountId.eq(by.0))
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().flatten().map(RequestId).collect())
}

/// What happened in a campaign after an instant, of these kinds, oldest first.
pub async fn list_since(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    after: DateTime<Utc>,
    kinds: &[&str],
    how_many: u64,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(campaign.0))
        .filter(event::Column::At.gt(after))
        .filter(event::Column::Kind.is_in(kinds.iter().copied()))
        .order_by_asc(event::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Everything that happened to all requests of a campaign, oldest first: one query for lists and sweeps. What happened
/// to agencies themselves is left out.
pub async fn list_for_campaign(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::CampaignId.eq(campaign.0))
        .filter(event::Column::AgencyId.is_null())
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
