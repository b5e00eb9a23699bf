//! Batches and their targets. A target that has its request keeps it: the change names the state that it found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use uuid::Uuid;

use super::entity::{batch, batch_member};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::batch::{Batch, Sending, Target};
use crate::domain::ids::{AgencyId, BatchId, CampaignId, RequestId, TargetId, UserId};
use crate::domain::request::{Format, Period};

/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

fn json<T: serde::Serialize>(value: &T) -> Stored<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn read(row: batch::Model) -> Stored<Batch> {
    let unreadable = |what: &str, why: String| {
        StoreError::Unreadable(format!("{what} of batch {}: {why}", row.id))
    };
    Ok(Batch {
        id: BatchId(row.id),
        campaign: CampaignId(row.campaign_id),
        number: row.number,
        records: serde_json::from_value(row.records)
            .map_err(|error| unreadable("records", error.to_string()))?,
        period: Period::new(row.period_start, row.period_end)
            .map_err(|error| unreadable("period", error.to_string()))?,
        fiscal_years: row.fiscal_years.and_then(|years| u8::try_from(years).ok()),
        format: Format::parse(&row.format)
            .ok_or_else(|| unreadable("format", row.format.clone()))?,
        signers: serde_json::from_value(row.signers)
            .map_err(|error| unreadable("signers", error.to_string()))?,
        pace: serde_json::from_value(row.pace)
            .map_err(|error| unreadable("pace", error.to_string()))?,
        sending: Sending::parse(&row.sending)
            .ok_or_else(|| unreadable("sending", row.sending.clone()))?,
        title: row.title,
        words: row.words,
        fee_ceiling_cents: row.fee_ceiling_cents,
        send_on: row.send_on,
        draft_round: row.draft_round,
        send_round: row.send_round,
        started_by: row.started_by.map(UserId),
        created_by: UserId(row.created_by),
        created_at: row.created_at,
    })
}

fn row(batch: &Batch) -> Stored<batch::ActiveModel> {
    Ok(batch::ActiveModel {
        id: Set(batch.id.0),
        campaign_id: Set(batch.campaign.0),
        number: Set(batch.number),
        title: Set(batch.title.clone()),
        words: Set(batch.words.clone()),
        records: Set(json(&batch.records)?),
        period_start: Set(batch.period.start()),
        period_end: Set(batch.period.end()),
        fiscal_years: Set(batch.fiscal_years.map(i32::from)),
        format: Set(batch.format.as_str().to_owned()),
        fee_ceiling_cents: Set(batch.fee_ceiling_cents),
        send_on: Set(batch.send_on),
        signers: Set(json(&batch.signers)?),
        pace: Set(json(&batch.pace)?),
        draft_round: Set(batch.draft_round),
        send_round: Set(batch.send_round),
        sending: Set(batch.sending.as_str().to_owned()),
        started_by: Set(batch.started_by.map(|id| id.0)),
        created_by: Set(batch.created_by.0),
        created_at: Set(batch.created_at),
    })
}

/// The number that the campaign's next batch gets. Call it inside the transaction that adds the batch.
pub async fn next_number(tx: &Tx, campaign: CampaignId) -> Stored<i32> {
    let last = batch::Entity::find()
        .select_only()
        .column_as(batch::Column::Number.max(), "last")
        .filter(batch::Column::CampaignId.eq(campaign.0))
        .into_tuple::<Option<i32>>()
        .one(tx)
        .await?
        .flatten();
    Ok(last.unwrap_or(0) + 1)
}

/// Adds a batch. [`StoreError::Taken`] where its number is in use.
pub async fn add(tx: &Tx, new: &Batch) -> Stored<()> {
    row(new)?.insert(tx).await?;
    Ok(())
}

/// Writes a batch anew, if nobody drafted or sent meanwhile: the rounds must be those that `was` had.
pub async fn update(tx: &Tx, was: &Batch, now: &Batch) -> Stored<bool> {
    let done = batch::Entity::update_many()
        .set(row(now)?)
        .filter(batch::Column::Id.eq(was.id.0))
        .filter(batch::Column::CampaignId.eq(was.campaign.0))
        .filter(batch::Column::DraftRound.eq(was.draft_round))
        .filter(batch::Column::SendRound.eq(was.send_round))
        .filter(batch::Column::Sending.eq(was.sending.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: BatchId) -> Stored<Option<Batch>> {
    batch::Entity::find_by_id(id.0)
        .filter(batch::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// A batch by its id alone, for jobs, never for a page.
pub async fn find_unscoped(db: &impl ConnectionTrait, id: BatchId) -> Stored<Option<Batch>> {
    batch::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every batch of the campaign, newest first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Batch>> {
    let rows = batch::Entity::find()
        .filter(batch::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(batch::Column::Number)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

fn read_target(row: batch_member::Model) -> Stored<Target> {
    Ok(Target {
        id: TargetId(row.id),
        campaign: CampaignId(row.campaign_id),
        batch: BatchId(row.batch_id),
        agency: AgencyId(row.agency_id),
        position: row.position,
        facilities: row.facilities,
        fiscal_year_start: row.fiscal_year_start,
        agreement_on: row.agreement_on,
        accepted: serde_json::from_value(row.accepted).map_err(|error| {
            StoreError::Unreadable(format!("what was let pass for {}: {error}", row.id))
        })?,
        request: row.request_id.map(RequestId),
        problem: row.problem,
        send_at: row.send_at,
        queued_at: row.queued_at,
    })
}

/// Adds targets; an agency that the batch has already is left as it is. Returns how many are new.
pub async fn add_targets(tx: &Tx, new: &[Target]) -> Stored<u64> {
    let mut added = 0;
    for some in new.chunks(AT_ONCE) {
        let rows = some
            .iter()
            .map(|target| {
                Ok(batch_member::ActiveModel {
                    id: Set(target.id.0),
                    campaign_id: Set(target.campaign.0),
                    batch_id: Set(target.batch.0),
                    agency_id: Set(target.agency.0),
                    position: Set(target.position),
                    facilities: Set(target.facilities.clone()),
                    fiscal_year_start: Set(target.fiscal_year_start.clone()),
                    agreement_on: Set(target.agreement_on),
                    accepted: Set(json(&target.accepted)?),
                    request_id: Set(target.request.map(|id| id.0)),
                    problem: Set(target.problem.clone()),
                    send_at: Set(target.send_at),
                    queued_at: Set(target.queued_at),
                })
            })
            .collect::<Stored<Vec<_>>>()?;
        let on_conflict = sea_orm::sea_query::OnConflict::columns([
            batch_member::Column::BatchId,
            batch_member::Column::AgencyId,
        ])
        .do_nothing()
        .to_owned();
        match batch_member::Entity::insert_many(rows)
            .on_conflict(on_conflict)
            .exec_without_returning(tx)
            .await
        {
            Ok(rows) => added += rows,
            Err(sea_orm::DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(added)
}

/// The targets of a batch, in their order.
pub async fn list_targets(
    db: &impl ConnectionTrait,
    scope: &Scope,
    batch: BatchId,
) -> Stored<Vec<Target>> {
    let rows = batch_member::Entity::find()
        .filter(batch_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(batch_member::Column::BatchId.eq(batch.0))
        .order_by_asc(batch_member::Column::Position)
        .order_by_asc(batch_member::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(read_target).collect()
}

pub async fn find_target(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TargetId,
) -> Stored<Option<Target>> {
    batch_member::Entity::find_by_id(id.0)
        .filter(batch_member::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read_target)
        .transpose()
}

/// Every request that belongs to a batch, with the batch and its title.
pub async fn by_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<HashMap<RequestId, (BatchId, String)>> {
    let titles: HashMap<Uuid, String> = batch::Entity::find()
        .select_only()
        .column(batch::Column::Id)
        .column(batch::Column::Title)
        .filter(batch::Column::CampaignId.eq(scope.campaign.0))
        .into_tuple::<(Uuid, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let members: Vec<(Option<Uuid>, Uuid)> = batch_member::Entity::find()
        .select_only()
        .column(batch_member::Column::RequestId)
        .column(batch_member::Column::BatchId)
        .filter(batch_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(batch_member::Column::RequestId.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(members
        .into_iter()
        .filter_map(|(request, batch)| {
            let title = titles.get(&batch)?.clone();
            Some((RequestId(request?), (BatchId(batch), title)))
        })
        .collect())
}

/// The batch that a request belongs to.
pub async fn find_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Option<Batch>> {
    let member = batch_member::Entity::find()
        .filter(batch_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(batch_member::Column::RequestId.eq(request.0))
        .one(db)
        .await?;
    match member {
        Some(member) => find(db, scope, BatchId(member.batch_id)).await,
        None => Ok(None),
    }
}

/// Writes what a person filled in for one agency, if its letter is not drafted yet.
pub async fn set_particulars(tx: &Tx, target: &Target) -> Stored<bool> {
    let done = open(target)
        .col_expr(
            batch_member::Column::Facilities,
            Expr::value(target.facilities.clone()),
        )
        .col_expr(
            batch_member::Column::FiscalYearStart,
            Expr::value(target.fiscal_year_start.clone()),
        )
        .col_expr(
            batch_member::Column::AgreementOn,
            Expr::value(target.agreement_on),
        )
        .col_expr(
            batch_member::Column::Accepted,
            Expr::value(json(&target.accepted)?),
        )
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Takes an agency out of the batch, if its letter is not drafted yet.
pub async fn remove(tx: &Tx, target: &Target) -> Stored<bool> {
    let done = batch_member::Entity::delete_many()
        .filter(batch_member::Column::Id.eq(target.id.0))
        .filter(batch_member::Column::CampaignId.eq(target.campaign.0))
        .filter(batch_member::Column::RequestId.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a target its request. False where it has one already: then nothing was drafted.
pub async fn set_request(tx: &Tx, target: &Target, request: RequestId) -> Stored<bool> {
    let done = open(target)
        .col_expr(batch_member::Column::RequestId, Expr::value(request.0))
        .col_expr(batch_member::Column::Problem, Expr::value(""))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

fn open(target: &Target) -> sea_orm::UpdateMany<batch_member::Entity> {
    batch_member::Entity::update_many()
        .filter(batch_member::Column::Id.eq(target.id.0))
        .filter(batch_member::Column::CampaignId.eq(target.campaign.0))
        .filter(batch_member::Column::RequestId.is_null())
}

fn this(target: &Target) -> sea_orm::UpdateMany<batch_member::Entity> {
    batch_member::Entity::update_many()
        .filter(batch_member::Column::Id.eq(target.id.0))
        .filter(batch_member::Column::CampaignId.eq(target.campaign.0))
}

/// Notes why drafting or sending came to nothing.
pub async fn set_problem(tx: &Tx, target: &Target, problem: &str) -> Stored<()> {
    this(target)
        .col_expr(batch_member::Column::Problem, Expr::value(problem))
        .exec(tx)
        .await?;
    Ok(())
}

/// When a target's letter is to leave.
pub async fn set_send_at(tx: &Tx, target: &Target, at: Option<DateTime<Utc>>) -> Stored<()> {
    this(target)
        .col_expr(batch_member::Column::SendAt, Expr::value(at))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that a target's letter is in the outbox. The first time counts.
pub async fn set_queued(tx: &Tx, target: &Target, at: DateTime<Utc>) -> Stored<()> {
    this(target)
        .filter(batch_member::Column::QueuedAt.is_null())
        .col_expr(batch_member::Column::QueuedAt, Expr::value(at))
        .col_expr(batch_member::Column::Problem, Expr::value(""))
        .exec(tx)
        .await?;
    Ok(())
}
