//! The numbers that agencies give requests.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

use super::entity::tracking_number;
use super::{Scope, Stored, Tx};
use crate::domain::ids::{MessageId, RequestId};

/// Takes away the numbers of a request that a message stated: the message belongs elsewhere.
pub async fn remove_of_message(
    tx: &Tx,
    scope: &Scope,
    request: RequestId,
    message: MessageId,
) -> Stored<()> {
    tracking_number::Entity::delete_many()
        .filter(tracking_number::Column::CampaignId.eq(scope.campaign.0))
        .filter(tracking_number::Column::RequestId.eq(request.0))
        .filter(tracking_number::Column::MessageId.eq(message.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps a number of a request. False where it is kept already.
pub async fn add(
    tx: &Tx,
    by: &Scope,
    request: RequestId,
    (number, folded): (&str, &str),
    message: Option<MessageId>,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let row = tracking_number::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(by.campaign.0),
        request_id: Set(request.0),
        number: Set(number.to_owned()),
        folded: Set(folded.to_owned()),
        message_id: Set(message.map(|id| id.0)),
        added_by: Set(by.user.0),
        added_at: Set(now),
    };
    let once = OnConflict::columns([
        tracking_number::Column::RequestId,
        tracking_number::Column::Folded,
    ])
    .do_nothing()
    .to_owned();
    match tracking_number::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await
    {
        Ok(rows) => Ok(rows > 0),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The numbers of a request, the newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<String>> {
    let rows = tracking_number::Entity::find()
        .filter(tracking_number::Column::CampaignId.eq(scope.campaign.0))
        .filter(tracking_number::Column::RequestId.eq(request.0))
        .order_by_desc(tracking_number::Column::AddedAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

/// Takes a number away that was noted by mistake.
pub async fn remove(tx: &Tx, scope: &Scope, request: RequestId, folded: &str) -> Stored<bool> {
    let done = tracking_number::Entity::delete_many()
        .filter(tracking_number::Column::CampaignId.eq(scope.campaign.0))
        .filter(tracking_number::Column::RequestId.eq(request.0))
        .filter(tracking_number::Column::Folded.eq(folded))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
