//! The access log: who opened, downloaded or exported what. Ids only, never content.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, NotSet, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::entity::access;
use super::{Scope, Stored, Tx};
use crate::domain::ids::UserId;

/// One line: `what` is a verb such as `document_downloaded`, `subject` the id it was done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    pub by: UserId,
    pub at: DateTime<Utc>,
    pub what: String,
    pub subject: String,
}

pub async fn record(
    tx: &Tx,
    scope: &Scope,
    what: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    access::ActiveModel {
        id: NotSet,
        campaign_id: Set(Some(scope.campaign.0)),
        account_id: Set(scope.user.0),
        at: Set(now),
        what: Set(what.to_owned()),
        subject: Set(subject.to_owned()),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The newest lines of the campaign: all of them for counsel, one's own for others.
pub async fn list_latest(
    db: &impl ConnectionTrait,
    scope: &Scope,
    how_many: u64,
) -> Stored<Vec<Access>> {
    let mut query = access::Entity::find().filter(access::Column::CampaignId.eq(scope.campaign.0));
    if !scope.sees_held() {
        query = query.filter(access::Column::AccountId.eq(scope.user.0));
    }
    let rows = query
        .order_by_desc(access::Column::Id)
        .limit(how_many)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Access {
            by: UserId(row.account_id),
            at: row.at,
            what: row.what,
            subject: row.subject,
        })
        .collect())
}
