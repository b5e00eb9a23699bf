//! What messages ask somebody to do: records to fetch from a portal, an archive to open.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::entity::{mail_task, message};
use super::messages::MessageState;
use super::{Scope, Stored, Tx};
use crate::domain::ids::MessageId;

/// Something to do because of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTask {
    pub id: Uuid,
    pub message: MessageId,
    /// `download` or `locked`.
    pub kind: String,
    pub what: String,
    /// Where it is done; empty where nowhere.
    pub address: String,
    /// The last day, as the message states it.
    pub due_on: Option<NaiveDate>,
    pub done_at: Option<DateTime<Utc>>,
}

fn read(row: mail_task::Model) -> MailTask {
    MailTask {
        id: row.id,
        message: MessageId(row.message_id),
        kind: row.kind,
        what: row.what,
        address: row.address,
        due_on: row.due_on,
        done_at: row.done_at,
    }
}

/// Keeps what a message asks for.
pub async fn add(tx: &Tx, tasks: &[MailTask], now: DateTime<Utc>) -> Stored<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    let rows = tasks.iter().map(|task| mail_task::ActiveModel {
        id: Set(task.id),
        message_id: Set(task.message.0),
        kind: Set(task.kind.clone()),
        what: Set(task.what.clone()),
        address: Set(task.address.clone()),
        due_on: Set(task.due_on),
        added_at: Set(now),
        done_at: Set(None),
        done_by: Set(None),
    });
    mail_task::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What a message asks for, of a message that the caller may see.
pub async fn list_for_message(
    db: &impl ConnectionTrait,
    message: MessageId,
) -> Stored<Vec<MailTask>> {
    let rows = mail_task::Entity::find()
        .filter(mail_task::Column::MessageId.eq(message.0))
        .order_by_asc(mail_task::Column::AddedAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// What is still to be done in a campaign, the first to expire first.
pub async fn list_open(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<MailTask>> {
    let theirs = sea_orm::sea_query::Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(message::Column::CampaignId.eq(scope.campaign.0))
        // What a message asks that concerns no request is no task of ours.
        .and_where(message::Column::State.ne(MessageState::SetAside.as_str()))
        .to_owned();
    let rows = mail_task::Entity::find()
        .filter(mail_task::Column::DoneAt.is_null())
        .filter(mail_task::Column::MessageId.in_subquery(theirs))
        .order_by_asc(mail_task::Column::DueOn)
        .limit(200)
        .all(db)
        .await?;
    let mut all: Vec<MailTask> = rows.into_iter().map(read).collect();
    // Databases put "no day" at different ends.
    all.sort_by_key(|task| (task.due_on.is_none(), task.due_on));
    Ok(all)
}

/// Notes that a task of a message was done. False where it was done before, or is not this message's.
pub async fn finish(
    tx: &Tx,
    scope: &Scope,
    message: MessageId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = mail_task::Entity::update_many()
        .col_expr(mail_task::Column::DoneAt, Expr::value(now))
        .col_expr(mail_task::Column::DoneBy, Expr::value(scope.user.0))
        .filter(mail_task::Column::Id.eq(id))
        .filter(mail_task::Column::MessageId.eq(message.0))
        .filter(mail_task::Column::DoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
