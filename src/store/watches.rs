//! Requests as the sweep keeps them: when to look next, up to which line of the log it looked, and what waits there.

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use std::collections::HashMap;
use uuid::Uuid;

use super::entity::{event, watch, watch_cursor};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{AgencyId, CampaignId, RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::Task;

/// One request as it was last looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    pub request: RequestId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub owner: UserId,
    pub backup: Option<UserId>,
    /// What else the answer depended on: law, closed days, people, rules.
    pub basis: String,
    /// The last line of its log that was read.
    pub seen_event: i64,
    pub looked_on: NaiveDate,
    pub next_on: Option<NaiveDate>,
    pub tasks: Vec<Task>,
}

fn read(row: watch::Model) -> Stored<Watch> {
    Ok(Watch {
        request: RequestId(row.request_id),
        campaign: CampaignId(row.campaign_id),
        agency: AgencyId(row.agency_id),
        owner: UserId(row.owner_id),
        backup: row.backup_id.map(UserId),
        basis: row.basis,
        seen_event: row.seen_event,
        looked_on: row.looked_on,
        next_on: row.next_on,
        tasks: serde_json::from_value(row.tasks)
            .map_err(|error| StoreError::Unreadable(format!("tasks of a request: {error}")))?,
    })
}

/// Writes what was found, over what was found before.
pub async fn put(tx: &Tx, watches: &[Watch]) -> Stored<()> {
    let anew = OnConflict::column(watch::Column::RequestId)
        .update_columns([
            watch::Column::AgencyId,
            watch::Column::OwnerId,
            watch::Column::BackupId,
            watch::Column::Basis,
            watch::Column::SeenEvent,
            watch::Column::LookedOn,
            watch::Column::NextOn,
            watch::Column::Tasks,
            watch::Column::TaskCount,
        ])
        .to_owned();
    for some in watches.chunks(400) {
        let mut rows = Vec::with_capacity(some.len());
        for one in some {
            let tasks = serde_json::to_value(&one.tasks)
                .map_err(|error| StoreError::Unreadable(error.to_string()))?;
            rows.push(watch::ActiveModel {
                request_id: Set(one.request.0),
                campaign_id: Set(one.campaign.0),
                agency_id: Set(one.agency.0),
                owner_id: Set(one.owner.0),
                backup_id: Set(one.backup.map(|id| id.0)),
                basis: Set(one.basis.clone()),
                seen_event: Set(one.seen_event),
                looked_on: Set(one.looked_on),
                next_on: Set(one.next_on),
                tasks: Set(tasks),
                task_count: Set(i32::try_from(one.tasks.len()).unwrap_or(i32::MAX)),
            });
        }
        watch::Entity::insert_many(rows)
            .on_conflict(anew.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Up to which line each of these requests was looked at.
pub async fn seen(
    db: &impl ConnectionTrait,
    requests: &[RequestId],
) -> Stored<HashMap<RequestId, i64>> {
    let rows: Vec<(Uuid, i64)> = watch::Entity::find()
        .select_only()
        .column(watch::Column::RequestId)
        .column(watch::Column::SeenEvent)
        .filter(watch::Column::RequestId.is_in(requests.iter().map(|id| id.0)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, seen)| (RequestId(id), seen))
        .collect())
}

/// Requests of a campaign whose day has come by `until`, the longest due first.
pub async fn list_due(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    until: NaiveDate,
    how_many: u64,
) -> Stored<Vec<RequestId>> {
    let rows: Vec<Uuid> = watch::Entity::find()
        .select_only()
        .column(watch::Column::RequestId)
        .filter(watch::Column::CampaignId.eq(campaign.0))
        .filter(watch::Column::NextOn.lte(until))
        .order_by_asc(watch::Column::NextOn)
        .order_by_asc(watch::Column::RequestId)
        .limit(how_many)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(RequestId).collect())
}

/// What the requests to each agency of a campaign were last looked at by: a few rows for any number of requests.
pub async fn list_bases(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Vec<(AgencyId, String)>> {
    let rows: Vec<(Uuid, String)> = watch::Entity::find()
        .select_only()
        .column(watch::Column::AgencyId)
        .column(watch::Column::Basis)
        .filter(watch::Column::CampaignId.eq(campaign.0))
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(agency, basis)| (AgencyId(agency), basis))
        .collect())
}

/// Has every request to an agency that was looked at by another basis looked at again.
pub async fn make_due(tx: &Tx, agency: AgencyId, other_than: &str, today: NaiveDate) -> Stored<()> {
    watch::Entity::update_many()
        .col_expr(watch::Column::NextOn, Expr::value(today))
        .filter(watch::Column::AgencyId.eq(agency.0))
        .filter(watch::Column::Basis.ne(other_than))
        .exec(tx)
        .await?;
    Ok(())
}

/// These requests as they were last looked at.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    requests: &[RequestId],
) -> Stored<HashMap<RequestId, Watch>> {
    let rows = watch::Entity::find()
        .filter(watch::Column::RequestId.is_in(requests.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((RequestId(row.request_id), read(row)?)))
        .collect()
}

/// The requests where something waits that may be this member's (`domain::reminder::digest::waits_for`): to counsel any,
/// to others what they own or back.
pub async fn list_with_tasks(db: &impl ConnectionTrait, by: &Scope) -> Stored<Vec<Watch>> {
    let mut theirs = Condition::all().add(watch::Column::CampaignId.eq(by.campaign.0));
    if by.role != Role::Counsel {
        theirs = theirs.add(
            Condition::any()
                .add(watch::Column::OwnerId.eq(by.user.0))
                .add(watch::Column::BackupId.eq(by.user.0)),
        );
    }
    let rows = watch::Entity::find()
        .filter(theirs)
        .filter(watch::Column::TaskCount.gt(0))
        .order_by_asc(watch::Column::RequestId)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The line of a campaign's log up to which the sweep has come.
pub async fn cursor(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<i64> {
    Ok(watch_cursor::Entity::find_by_id(campaign.0)
        .one(db)
        .await?
        .map_or(0, |row| row.event_id))
}

/// Moves it on.
pub async fn set_cursor(tx: &Tx, campaign: CampaignId, event: i64) -> Stored<()> {
    let row = watch_cursor::ActiveModel {
        campaign_id: Set(campaign.0),
        event_id: Set(event),
    };
    let anew = OnConflict::column(watch_cursor::Column::CampaignId)
        .update_column(watch_cursor::Column::EventId)
        .to_owned();
    watch_cursor::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The lines of a campaign after that one, each with the request that it is about. What the program itself told is no
/// news to it.
pub async fn lines_after(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    after: i64,
    how_many: u64,
) -> Stored<Vec<(i64, Option<RequestId>)>> {
    let rows: Vec<(i64, Option<Uuid>)> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .column(event::Column::RequestId)
        .filter(event::Column::CampaignId.eq(campaign.0))
        .filter(event::Column::Id.gt(after))
        .filter(event::Column::Kind.ne("reminder_sent"))
        .order_by_asc(event::Column::Id)
        .limit(how_many)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, request)| (id, request.map(RequestId)))
        .collect())
}
