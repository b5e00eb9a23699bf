//! What became of each person's morning mail: the attempt is on record before the mail server is spoken to.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

use super::entity::{account, membership, morning_mail};
use super::{StoreError, Stored, Tx};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::person::Role;

/// How an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Nobody tried.
    None,
    /// Tried, and the answer is not known: it is not tried again.
    Open,
    Settled,
}

/// How the mail of that day stands.
pub async fn find(db: &impl ConnectionTrait, reader: UserId, day: NaiveDate) -> Stored<Attempt> {
    let row = morning_mail::Entity::find()
        .filter(morning_mail::Column::AccountId.eq(reader.0))
        .filter(morning_mail::Column::OnDay.eq(day))
        .one(db)
        .await?;
    Ok(match row {
        None => Attempt::None,
        Some(row) if row.settled_at.is_some() => Attempt::Settled,
        Some(_) => Attempt::Open,
    })
}

/// Notes an attempt. False where one is noted already.
pub async fn attempt(tx: &Tx, reader: UserId, day: NaiveDate, now: DateTime<Utc>) -> Stored<bool> {
    let row = morning_mail::ActiveModel {
        id: Set(Uuid::new_v4()),
        account_id: Set(reader.0),
        on_day: Set(day),
        attempted_at: Set(now),
        settled_at: Set(None),
        outcome: Set("attempted".to_owned()),
    };
    let once = OnConflict::columns([morning_mail::Column::AccountId, morning_mail::Column::OnDay])
        .do_nothing()
        .to_owned();
    match morning_mail::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await
    {
        Ok(rows) => Ok(rows > 0),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(StoreError::from(error)),
    }
}

/// Notes what became of it.
pub async fn settle(
    tx: &Tx,
    reader: UserId,
    day: NaiveDate,
    outcome: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    morning_mail::Entity::update_many()
        .col_expr(morning_mail::Column::SettledAt, Expr::value(now))
        .col_expr(morning_mail::Column::Outcome, Expr::value(outcome))
        .filter(morning_mail::Column::AccountId.eq(reader.0))
        .filter(morning_mail::Column::OnDay.eq(day))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes an attempt back that reached nobody, so that it is made again.
pub async fn take_back(tx: &Tx, reader: UserId, day: NaiveDate) -> Stored<()> {
    morning_mail::Entity::delete_many()
        .filter(morning_mail::Column::AccountId.eq(reader.0))
        .filter(morning_mail::Column::OnDay.eq(day))
        .filter(morning_mail::Column::SettledAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// When this reader was last written to before that day.
pub async fn last_before(
    db: &impl ConnectionTrait,
    reader: UserId,
    day: NaiveDate,
) -> Stored<Option<DateTime<Utc>>> {
    let row = morning_mail::Entity::find()
        .filter(morning_mail::Column::AccountId.eq(reader.0))
        .filter(morning_mail::Column::OnDay.lt(day))
        .filter(morning_mail::Column::Outcome.eq("sent"))
        .order_by_desc(morning_mail::Column::OnDay)
        .one(db)
        .await?;
    Ok(row.map(|row| row.attempted_at))
}

/// Everybody who belongs to a campaign and may sign in, each campaign with the role there, the oldest first.
pub async fn list_everybody(
    db: &impl ConnectionTrait,
) -> Stored<Vec<(UserId, Vec<(CampaignId, Role)>)>> {
    let rows = membership::Entity::find()
        .filter(membership::Column::RemovedAt.is_null())
        .order_by_asc(membership::Column::AddedAt)
        .order_by_asc(membership::Column::Id)
        .all(db)
        .await?;
    let ended: std::collections::HashSet<Uuid> = account::Entity::find()
        .filter(account::Column::DisabledAt.is_not_null())
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let mut all: Vec<(UserId, Vec<(CampaignId, Role)>)> = Vec::new();
    let mut place: std::collections::HashMap<Uuid, usize> = std::collections::HashMap::new();
    for row in rows {
        if ended.contains(&row.account_id) {
            continue;
        }
        let role = row
            .role
            .parse()
            .map_err(|_| StoreError::Unreadable(format!("role {}", row.role)))?;
        let at = *place.entry(row.account_id).or_insert_with(|| {
            all.push((UserId(row.account_id), Vec::new()));
            all.len() - 1
        });
        all[at].1.push((CampaignId(row.campaign_id), role));
    }
    Ok(all)
}
