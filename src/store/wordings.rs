//! A campaign's own words for clauses. Versions are added, never changed; only counsel's signature is put on one.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::wording;
use super::{Scope, Stored, Tx};
use crate::domain::ids::{CampaignId, UserId};

/// One version of a campaign's words for one clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Wording {
    pub campaign: CampaignId,
    /// "request/fees".
    pub clause: String,
    /// From 1 in this campaign.
    pub version: i32,
    /// Empty: back to the house's words.
    pub words: String,
    /// Of the house's words that it was written over, to tell when those change.
    pub house_sha256: String,
    pub written_by: UserId,
    pub written_at: DateTime<Utc>,
    pub signed: Option<(UserId, DateTime<Utc>)>,
}

fn read(row: wording::Model) -> Wording {
    Wording {
        campaign: CampaignId(row.campaign_id),
        clause: row.clause,
        version: row.version,
        words: row.words,
        house_sha256: row.house_sha256,
        written_by: UserId(row.written_by),
        written_at: row.written_at,
        signed: row
            .signed_by
            .zip(row.signed_at)
            .map(|(by, at)| (UserId(by), at)),
    }
}

/// Adds a version. [`super::StoreError::Taken`] where somebody wrote the same version a moment before.
pub async fn add(tx: &Tx, new: &Wording) -> Stored<()> {
    wording::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(new.campaign.0),
        clause: Set(new.clause.clone()),
        version: Set(new.version),
        words: Set(new.words.clone()),
        house_sha256: Set(new.house_sha256.clone()),
        written_by: Set(new.written_by.0),
        written_at: Set(new.written_at),
        signed_by: Set(new.signed.map(|(by, _)| by.0)),
        signed_at: Set(new.signed.map(|(_, at)| at)),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Every version of every clause, by clause, the newest version first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Wording>> {
    let rows = wording::Entity::find()
        .filter(wording::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(wording::Column::Clause)
        .order_by_desc(wording::Column::Version)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Every version of one clause, the newest first.
pub async fn list_for_clause(
    db: &impl ConnectionTrait,
    scope: &Scope,
    clause: &str,
) -> Stored<Vec<Wording>> {
    let rows = wording::Entity::find()
        .filter(wording::Column::CampaignId.eq(scope.campaign.0))
        .filter(wording::Column::Clause.eq(clause))
        .order_by_desc(wording::Column::Version)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Puts counsel's signature on a version. False where it has one, or there is no such version.
pub async fn sign(
    tx: &Tx,
    scope: &Scope,
    clause: &str,
    version: i32,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = wording::Entity::update_many()
        .col_expr(wording::Column::SignedBy, Expr::value(scope.user.0))
        .col_expr(wording::Column::SignedAt, Expr::value(now))
        .filter(wording::Column::CampaignId.eq(scope.campaign.0))
        .filter(wording::Column::Clause.eq(clause))
        .filter(wording::Column::Version.eq(version))
        .filter(wording::Column::SignedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
