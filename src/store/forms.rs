//! Forms already taken (so that a double press does once), and forms kept while a session had run out.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::{form_use, parked_form};
use super::{StoreError, Stored, Tx};
use crate::domain::ids::UserId;

/// Takes the form with this one-time mark. False if it was taken before.
pub async fn take(tx: &Tx, nonce: &str, by: Option<UserId>, now: DateTime<Utc>) -> Stored<bool> {
    if form_use::Entity::find_by_id(nonce.to_owned())
        .one(tx)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let row = form_use::ActiveModel {
        nonce: Set(nonce.to_owned()),
        account_id: Set(by.map(|id| id.0)),
        used_at: Set(now),
        location: Set(None),
    };
    match row.insert(tx).await.map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(StoreError::Taken) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets a form be pressed again: what it asked for was not done.
pub async fn release(tx: &Tx, nonce: &str) -> Stored<()> {
    form_use::Entity::delete_by_id(nonce.to_owned())
        .exec(tx)
        .await?;
    Ok(())
}

/// Remembers where the person was led, for the second press of the same form.
pub async fn led_to(tx: &Tx, nonce: &str, location: &str) -> Stored<()> {
    form_use::Entity::update_many()
        .col_expr(form_use::Column::Location, Expr::value(location))
        .filter(form_use::Column::Nonce.eq(nonce))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn find_location(db: &impl ConnectionTrait, nonce: &str) -> Stored<Option<String>> {
    Ok(form_use::Entity::find_by_id(nonce.to_owned())
        .one(db)
        .await?
        .and_then(|row| row.location))
}

/// Forgets forms taken longer ago than `age`: their tokens have run out anyway.
pub async fn forget_old(tx: &Tx, now: DateTime<Utc>, age: Duration) -> Stored<()> {
    form_use::Entity::delete_many()
        .filter(form_use::Column::UsedAt.lt(now - age))
        .exec(tx)
        .await?;
    parked_form::Entity::delete_many()
        .filter(parked_form::Column::ParkedAt.lt(now - age))
        .exec(tx)
        .await?;
    Ok(())
}

/// A form that arrived after its session had run out.
#[derive(Clone, Debug)]
pub struct Parked {
    pub id: Uuid,
    pub path: String,
    /// URL-encoded, as the browser sent it.
    pub body: String,
    pub parked_at: DateTime<Utc>,
}

/// Keeps a form for its owner, replacing one kept earlier for the same path.
pub async fn park(
    tx: &Tx,
    owner: UserId,
    path: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    parked_form::Entity::delete_many()
        .filter(parked_form::Column::AccountId.eq(owner.0))
        .filter(parked_form::Column::Path.eq(path))
        .exec(tx)
        .await?;
    parked_form::ActiveModel {
        id: Set(Uuid::new_v4()),
        account_id: Set(owner.0),
        path: Set(path.to_owned()),
        body: Set(body.to_owned()),
        parked_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

pub async fn find_parked(db: &impl ConnectionTrait, owner: UserId) -> Stored<Option<Parked>> {
    let row = parked_form::Entity::find()
        .filter(parked_form::Column::AccountId.eq(owner.0))
        .order_by_desc(parked_form::Column::ParkedAt)
        .one(db)
        .await?;
    Ok(row.map(|row| Parked {
        id: row.id,
        path: row.path,
        body: row.body,
        parked_at: row.parked_at,
    }))
}

pub async fn unpark(tx: &Tx, owner: UserId, id: Uuid) -> Stored<()> {
    parked_form::Entity::delete_many()
        .filter(parked_form::Column::AccountId.eq(owner.0))
        .filter(parked_form::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
