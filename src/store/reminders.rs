//! Reminders: what is to be told to whom, whether it was sent and seen, and how its matter ended.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::entity::reminder;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{CampaignId, RequestId, UserId};
use crate::domain::reminder::{Notice, Step, Subject, Topic};

/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 400;

/// One thing told, or to be told, to one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Reminder {
    pub id: Uuid,
    pub campaign: CampaignId,
    pub request: Option<RequestId>,
    pub reader: UserId,
    pub subject: Subject,
    pub step: Step,
    /// The day of the reader on which it is told.
    pub for_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub sent_at: Option<DateTime<Utc>>,
    pub seen_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Half a sentence: "the limit is met".
    pub ended_how: String,
    /// Who dealt with it; none where the program found it ended.
    pub ended_by: Option<UserId>,
}

fn read(row: reminder::Model) -> Stored<Reminder> {
    let subject = row
        .subject
        .parse()
        .map_err(|error| StoreError::Unreadable(format!("subject of a reminder: {error}")))?;
    let step = Step::parse(&row.step)
        .ok_or_else(|| StoreError::Unreadable(format!("step of a reminder: {}", row.step)))?;
    Ok(Reminder {
        id: row.id,
        campaign: CampaignId(row.campaign_id),
        request: row.request_id.map(RequestId),
        reader: UserId(row.reader_id),
        subject,
        step,
        for_on: row.for_on,
        due_on: row.due_on,
        sent_at: row.sent_at,
        seen_at: row.seen_at,
        ended_at: row.ended_at,
        ended_how: row.ended_how,
        ended_by: row.ended_by.map(UserId),
    })
}

/// Plans what is to be told. What was planned before stays as it is.
pub async fn plan(
    tx: &Tx,
    campaign: CampaignId,
    notices: &[Notice],
    now: DateTime<Utc>,
) -> Stored<u64> {
    let mut rows = Vec::new();
    for notice in notices {
        for reader in &notice.readers {
            rows.push(reminder::ActiveModel {
                id: Set(Uuid::new_v4()),
                campaign_id: Set(campaign.0),
                request_id: Set(notice.subject.request().map(|id| id.0)),
                reader_id: Set(reader.0),
                topic: Set(notice.subject.topic().as_str().to_owned()),
                subject: Set(notice.subject.to_string()),
                matter: Set(notice.subject.matter()),
                step: Set(notice.step.key()),
                for_on: Set(notice.on),
                due_on: Set(notice.due_on),
                planned_at: Set(now),
                sent_at: Set(None),
                seen_at: Set(None),
                ended_at: Set(None),
                ended_how: Set(String::new()),
                ended_by: Set(None),
            });
        }
    }
    let once = OnConflict::columns([
        reminder::Column::ReaderId,
        reminder::Column::Subject,
        reminder::Column::Step,
    ])
    .do_nothing()
    .to_owned();
    let mut new = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        match reminder::Entity::insert_many(some)
            .on_conflict(once.clone())
            .exec_without_returning(tx)
            .await
        {
            Ok(added) => new += added,
            Err(sea_orm::DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(new)
}

/// The one with this subject and step for this reader.
pub async fn find(
    db: &impl ConnectionTrait,
    reader: UserId,
    subject: &Subject,
    step: Step,
) -> Stored<Option<Reminder>> {
    reminder::Entity::find()
        .filter(reminder::Column::ReaderId.eq(reader.0))
        .filter(reminder::Column::Subject.eq(subject.to_string()))
        .filter(reminder::Column::Step.eq(step.key()))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// What is to be told to a reader by `day` and has neither been told nor ended, the soonest first.
pub async fn list_due(
    db: &impl ConnectionTrait,
    reader: UserId,
    day: NaiveDate,
) -> Stored<Vec<Reminder>> {
    let rows = reminder::Entity::find()
        .filter(reminder::Column::ReaderId.eq(reader.0))
        .filter(reminder::Column::EndedAt.is_null())
        .filter(reminder::Column::SentAt.is_null())
        .filter(reminder::Column::ForOn.lte(day))
        .order_by_asc(reminder::Column::ForOn)
        .order_by_asc(reminder::Column::Subject)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The limits of ours that are told to a reader on `day`, sent already or not, as long as they stand.
pub async fn list_windows_on(
    db: &impl ConnectionTrait,
    reader: UserId,
    day: NaiveDate,
) -> Stored<Vec<Reminder>> {
    let rows = reminder::Entity::find()
        .filter(reminder::Column::ReaderId.eq(reader.0))
        .filter(reminder::Column::Topic.eq(Topic::OurWindow.as_str()))
        .filter(reminder::Column::EndedAt.is_null())
        .filter(reminder::Column::ForOn.eq(day))
        .order_by_asc(reminder::Column::DueOn)
        .order_by_asc(reminder::Column::Subject)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Everything told about one request, the newest first.
pub async fn list_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<Reminder>> {
    let rows = reminder::Entity::find()
        .filter(reminder::Column::CampaignId.eq(scope.campaign.0))
        .filter(reminder::Column::RequestId.eq(request.0))
        .filter(reminder::Column::SentAt.is_not_null())
        .order_by_desc(reminder::Column::SentAt)
        .limit(200)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Marks reminders as told.
pub async fn mark_sent(tx: &Tx, ids: &[Uuid], now: DateTime<Utc>) -> Stored<()> {
    for some in ids.chunks(AT_ONCE) {
        reminder::Entity::update_many()
            .col_expr(reminder::Column::SentAt, Expr::value(now))
            .filter(reminder::Column::Id.is_in(some.iter().copied()))
            .filter(reminder::Column::SentAt.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Ends reminders by id: an earlier one that a later one of the same matter makes idle.
pub async fn end(tx: &Tx, ids: &[Uuid], how: &str, now: DateTime<Utc>) -> Stored<()> {
    for some in ids.chunks(AT_ONCE) {
        reminder::Entity::update_many()
            .col_expr(reminder::Column::EndedAt, Expr::value(now))
            .col_expr(reminder::Column::EndedHow, Expr::value(how))
            .filter(reminder::Column::Id.is_in(some.iter().copied()))
            .filter(reminder::Column::EndedAt.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Whether this reader was told of this request and has not opened it since.
pub async fn any_unseen(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<bool> {
    Ok(unseen(scope, request).limit(1).one(db).await?.is_some())
}

fn unseen(scope: &Scope, request: RequestId) -> sea_orm::Select<reminder::Entity> {
    reminder::Entity::find()
        .filter(reminder::Column::CampaignId.eq(scope.campaign.0))
        .filter(reminder::Column::RequestId.eq(request.0))
        .filter(reminder::Column::ReaderId.eq(scope.user.0))
        .filter(reminder::Column::SentAt.is_not_null())
        .filter(reminder::Column::SeenAt.is_null())
}

/// Marks what this reader was told of a request as seen.
pub async fn mark_seen(
    tx: &Tx,
    scope: &Scope,
    request: RequestId,
    now: DateTime<Utc>,
) -> Stored<()> {
    reminder::Entity::update_many()
        .col_expr(reminder::Column::SeenAt, Expr::value(now))
        .filter(reminder::Column::CampaignId.eq(scope.campaign.0))
        .filter(reminder::Column::RequestId.eq(request.0))
        .filter(reminder::Column::ReaderId.eq(scope.user.0))
        .filter(reminder::Column::SentAt.is_not_null())
        .filter(reminder::Column::SeenAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a matter of a request for everybody: somebody dealt with it.
pub async fn end_matter(
    tx: &Tx,
    scope: &Scope,
    request: RequestId,
    matter: &str,
    how: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    reminder::Entity::update_many()
        .col_expr(reminder::Column::EndedAt, Expr::value(now))
        .col_expr(reminder::Column::EndedHow, Expr::value(how))
        .col_expr(reminder::Column::EndedBy, Expr::value(scope.user.0))
        .filter(reminder::Column::CampaignId.eq(scope.campaign.0))
        .filter(reminder::Column::RequestId.eq(request.0))
        .filter(reminder::Column::Matter.eq(matter))
        .filter(reminder::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends what was or was to be told of these requests and stands no more.
pub async fn end_gone(
    tx: &Tx,
    requests: &[RequestId],
    stands: &std::collections::HashSet<Subject>,
    now: DateTime<Utc>,
) -> Stored<()> {
    for some in requests.chunks(AT_ONCE) {
        let open = reminder::Entity::find()
            .filter(reminder::Column::RequestId.is_in(some.iter().map(|id| id.0)))
            .filter(reminder::Column::EndedAt.is_null())
            .all(tx)
            .await?;
        let mut gone = Vec::new();
        for row in open {
            let row = read(row)?;
            if !stands.contains(&row.subject) {
                gone.push(row.id);
            }
        }
        end(tx, &gone, GONE, now).await?;
    }
    Ok(())
}

/// How a matter ended that the program found done, moved or closed.
pub const GONE: &str = "done, moved or closed";
