//! Sessions: a random secret in the cookie, its hash here, with an idle and an absolute limit.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::accounts::Account;
use super::entity::{account, session};
use super::{Stored, Tx};
use crate::domain::ids::UserId;

/// A session and whose it is.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    pub account: Account,
    pub seen_at: DateTime<Utc>,
    /// False when it ran out or was ended: it then only tells whose parked form this is.
    pub live: bool,
}

pub async fn open(
    tx: &Tx,
    account: UserId,
    token_hash: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Stored<Uuid> {
    let id = Uuid::new_v4();
    session::ActiveModel {
        id: Set(id),
        token_hash: Set(token_hash.to_owned()),
        account_id: Set(account.0),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(until),
        revoked_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(id)
}

/// The session of a cookie, live or run out. None for an unknown cookie.
pub async fn find(
    db: &impl ConnectionTrait,
    token_hash: &str,
    now: DateTime<Utc>,
    idle: Duration,
) -> Stored<Option<Session>> {
    let Some(row) = session::Entity::find()
        .filter(session::Column::TokenHash.eq(token_hash))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let Some(owner) = account::Entity::find_by_id(row.account_id).one(db).await? else {
        return Ok(None);
    };
    let live = row.revoked_at.is_none()
        && owner.disabled_at.is_none()
        && now < row.expires_at
        && now - row.seen_at < idle;
    Ok(Some(Session {
        id: row.id,
        account: Account::from(owner),
        seen_at: row.seen_at,
        live,
    }))
}

/// Notes that the session was used. Called at most once a minute per session, to spare the writer.
pub async fn touch(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Stored<()> {
    session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(now))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn revoke(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Stored<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every session of a person at once.
pub async fn revoke_all(tx: &Tx, account: UserId, now: DateTime<Utc>) -> Stored<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::AccountId.eq(account.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
