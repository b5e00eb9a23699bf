//! The durable job table: written in the transaction of the change that it follows, claimed by a lease.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity::{job, tick};
use super::{StoreError, Stored, Tx};
use crate::domain::ids::CampaignId;

/// A piece of work to be done once.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: Uuid,
    pub kind: String,
    pub effect_key: String,
    pub payload: serde_json::Value,
    pub campaign: Option<CampaignId>,
    pub run_at: DateTime<Utc>,
    pub attempts: i32,
    pub lease_owner: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    pub failed_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

impl From<job::Model> for Job {
    fn from(row: job::Model) -> Self {
        Job {
            id: row.id,
            kind: row.kind,
            effect_key: row.effect_key,
            payload: row.payload,
            campaign: row.campaign_id.map(CampaignId),
            run_at: row.run_at,
            attempts: row.attempts,
            lease_owner: row.lease_owner,
            done_at: row.done_at,
            failed_at: row.failed_at,
            last_error: row.last_error,
        }
    }
}

/// Work to be put into the table.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: &'static str,
    /// One effect, one key: a second job with the same key is never added.
    pub effect_key: String,
    pub payload: serde_json::Value,
    pub campaign: Option<CampaignId>,
    pub run_at: DateTime<Utc>,
}

/// A job that nobody has begun.
fn row(new: NewJob, now: DateTime<Utc>) -> job::ActiveModel {
    job::ActiveModel {
        id: Set(Uuid::new_v4()),
        kind: Set(new.kind.to_owned()),
        effect_key: Set(new.effect_key),
        payload: Set(new.payload),
        campaign_id: Set(new.campaign.map(|id| id.0)),
        run_at: Set(new.run_at),
        attempts: Set(0),
        lease_owner: Set(None),
        lease_until: Set(None),
        done_at: Set(None),
        failed_at: Set(None),
        last_error: Set(None),
        created_at: Set(now),
    }
}

/// An effect that is in the table stays as it is.
fn once() -> OnConflict {
    OnConflict::column(job::Column::EffectKey)
        .do_nothing()
        .to_owned()
}

/// Adds a job unless its effect is already in the table. True if it was added.
pub async fn add(tx: &Tx, new: NewJob, now: DateTime<Utc>) -> Stored<bool> {
    let known = job::Entity::find()
        .filter(job::Column::EffectKey.eq(&new.effect_key))
        .count(tx)
        .await?;
    if known > 0 {
        return Ok(false);
    }
    match job::Entity::insert(row(new, now))
        .on_conflict(once())
        .exec_without_returning(tx)
        .await
    {
        Ok(rows) => Ok(rows > 0),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(StoreError::from(error)),
    }
}

/// Adds many jobs in few statements; those whose effect is in the table already are left out.
pub async fn add_many(tx: &Tx, new: Vec<NewJob>, now: DateTime<Utc>) -> Stored<()> {
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        let rows = new.by_ref().take(500).map(|one| row(one, now));
        match job::Entity::insert_many(rows)
            .on_conflict(once())
            .exec_without_returning(tx)
            .await
        {
            Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// How many jobs whose effect key starts so are open, and how many were given up.
pub async fn count_with_prefix(db: &impl ConnectionTrait, prefix: &str) -> Stored<(u64, u64)> {
    let these = || {
        job::Entity::find()
            .filter(job::Column::EffectKey.starts_with(prefix))
            .filter(job::Column::DoneAt.is_null())
    };
    let open = these()
        .filter(job::Column::FailedAt.is_null())
        .count(db)
        .await?;
    let failed = these()
        .filter(job::Column::FailedAt.is_not_null())
        .count(db)
        .await?;
    Ok((open, failed))
}

fn open_and_free(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(job::Column::DoneAt.is_null())
        .add(job::Column::FailedAt.is_null())
        .add(job::Column::RunAt.lte(now))
        .add(
            Condition::any()
                .add(job::Column::LeaseUntil.is_null())
                .add(job::Column::LeaseUntil.lt(now)),
        )
}

/// Jobs that are due and that nobody holds, oldest first.
pub async fn list_due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    how_many: u64,
) -> Stored<Vec<Job>> {
    let rows = job::Entity::find()
        .filter(open_and_free(now))
        .order_by_asc(job::Column::RunAt)
        .order_by_asc(job::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// Claims a job for `owner` until `now + lease`. None if another process was quicker.
pub async fn claim(
    tx: &Tx,
    id: Uuid,
    owner: &str,
    now: DateTime<Utc>,
    lease: Duration,
) -> Stored<Option<Job>> {
    let done = job::Entity::update_many()
        .col_expr(job::Column::LeaseOwner, Expr::value(owner))
        .col_expr(job::Column::LeaseUntil, Expr::value(now + lease))
        .col_expr(
            job::Column::Attempts,
            Expr::col(job::Column::Attempts).add(1),
        )
        .filter(job::Column::Id.eq(id))
        .filter(open_and_free(now))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        return Ok(None);
    }
    Ok(job::Entity::find_by_id(id).one(tx).await?.map(Job::from))
}

/// Marks a job done, if `owner` still holds this attempt of it. False if the lease was lost.
pub async fn complete(tx: &Tx, held: &Job, now: DateTime<Utc>) -> Stored<bool> {
    let done = held_by(held)
        .col_expr(job::Column::DoneAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Puts a job back for `again_at` with the reason.
pub async fn put_back(tx: &Tx, held: &Job, again_at: DateTime<Utc>, why: &str) -> Stored<bool> {
    let done = held_by(held)
        .col_expr(job::Column::RunAt, Expr::value(again_at))
        .col_expr(job::Column::LeaseOwner, Expr::value(None::<String>))
        .col_expr(job::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .col_expr(job::Column::LastError, Expr::value(why))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a job up: a person has to look.
pub async fn fail(tx: &Tx, held: &Job, now: DateTime<Utc>, why: &str) -> Stored<bool> {
    let done = held_by(held)
        .col_expr(job::Column::FailedAt, Expr::value(now))
        .col_expr(job::Column::LastError, Expr::value(why))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

fn held_by(held: &Job) -> sea_orm::UpdateMany<job::Entity> {
    job::Entity::update_many()
        .filter(job::Column::Id.eq(held.id))
        .filter(job::Column::LeaseOwner.eq(held.lease_owner.clone()))
        .filter(job::Column::Attempts.eq(held.attempts))
        .filter(job::Column::DoneAt.is_null())
}

/// Forgets jobs of a kind that were done before that instant: those that come round every minute.
pub async fn forget_done(tx: &Tx, kind: &str, before: DateTime<Utc>) -> Stored<()> {
    job::Entity::delete_many()
        .filter(job::Column::Kind.eq(kind))
        .filter(job::Column::DoneAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets a failed job run again at once.
pub async fn retry(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Stored<bool> {
    let done = job::Entity::update_many()
        .col_expr(job::Column::FailedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(job::Column::LeaseOwner, Expr::value(None::<String>))
        .col_expr(job::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .col_expr(job::Column::RunAt, Expr::value(now))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::DoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Numbers for the health page: no content.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Health {
    pub open: u64,
    pub failed: u64,
    pub oldest_due_at: Option<DateTime<Utc>>,
    pub last_tick_at: Option<DateTime<Utc>>,
}

pub async fn health(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Stored<Health> {
    let open = Condition::all()
        .add(job::Column::DoneAt.is_null())
        .add(job::Column::FailedAt.is_null());
    let oldest = job::Entity::find()
        .filter(open.clone())
        .filter(job::Column::RunAt.lte(now))
        .order_by_asc(job::Column::RunAt)
        .one(db)
        .await?;
    Ok(Health {
        open: job::Entity::find().filter(open).count(db).await?,
        failed: job::Entity::find()
            .filter(job::Column::FailedAt.is_not_null())
            .filter(job::Column::DoneAt.is_null())
            .count(db)
            .await?,
        oldest_due_at: oldest.map(|row| row.run_at),
        last_tick_at: tick::Entity::find_by_id("scheduler".to_owned())
            .one(db)
            .await?
            .map(|row| row.at),
    })
}

/// Every job that is open or failed, oldest first, for the administrator and `sundial jobs list`.
pub async fn list_unfinished(db: &impl ConnectionTrait) -> Stored<Vec<Job>> {
    let rows = job::Entity::find()
        .filter(job::Column::DoneAt.is_null())
        .order_by_asc(job::Column::RunAt)
        .limit(500)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// One job.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Stored<Option<Job>> {
    Ok(job::Entity::find_by_id(id).one(db).await?.map(Job::from))
}

/// Jobs for the operator's list: open and given up, or with `done` those done lately, newest first.
pub async fn list_for_operator(
    db: &impl ConnectionTrait,
    kind: Option<&str>,
    (done, failed): (bool, bool),
    how_many: u64,
) -> Stored<Vec<Job>> {
    let mut wanted = job::Entity::find();
    if failed {
        wanted = wanted.filter(job::Column::FailedAt.is_not_null());
    }
    if let Some(kind) = kind {
        wanted = wanted.filter(job::Column::Kind.eq(kind));
    }
    wanted = if done {
        wanted
            .filter(job::Column::DoneAt.is_not_null())
            .order_by_desc(job::Column::DoneAt)
    } else {
        wanted
            .filter(job::Column::DoneAt.is_null())
            .order_by_asc(job::Column::RunAt)
    };
    let rows = wanted
        .order_by_asc(job::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// Notes when something periodic last ran.
pub async fn mark(tx: &Tx, name: &str, at: DateTime<Utc>) -> Stored<()> {
    let row = tick::ActiveModel {
        name: Set(name.to_owned()),
        at: Set(at),
    };
    let on_conflict = sea_orm::sea_query::OnConflict::column(tick::Column::Name)
        .update_column(tick::Column::At)
        .to_owned();
    tick::Entity::insert(row)
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// When something periodic last ran.
pub async fn find_mark(db: &impl ConnectionTrait, name: &str) -> Stored<Option<DateTime<Utc>>> {
    Ok(tick::Entity::find_by_id(name.to_owned())
        .one(db)
        .await?
        .map(|row| row.at))
}
