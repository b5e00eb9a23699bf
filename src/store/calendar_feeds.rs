//! Limits as calendars show them, and the secret links by which calendars ask. Of a link only its hash is kept.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::{calendar_entry, calendar_feed};
use super::{Scope, Stored, Tx};
use crate::domain::ids::{CampaignId, RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::feed::{Entry, KEPT_DAYS};

fn read(row: calendar_entry::Model) -> Entry {
    Entry {
        campaign: CampaignId(row.campaign_id),
        request: RequestId(row.request_id),
        duty: row.duty,
        ours: row.ours,
        due_on: row.due_on,
        heading: row.heading,
        says: row.says,
        citation: row.citation,
        confidence: row.confidence,
        agency: row.agency,
        reference: row.reference,
        owner: UserId(row.owner_id),
        backup: row.backup_id.map(UserId),
        sequence: row.sequence,
        changed_at: row.changed_at,
        cancelled_at: row.cancelled_at,
    }
}

/// Writes entries over those of the same request and duty.
pub async fn put(tx: &Tx, entries: &[Entry]) -> Stored<()> {
    use calendar_entry::Column as C;
    let anew = OnConflict::columns([C::RequestId, C::Duty])
        .update_columns([
            C::Ours,
            C::DueOn,
            C::Heading,
            C::Says,
            C::Citation,
            C::Confidence,
            C::Agency,
            C::Reference,
            C::OwnerId,
            C::BackupId,
            C::Sequence,
            C::ChangedAt,
            C::CancelledAt,
        ])
        .to_owned();
    for some in entries.chunks(300) {
        let rows = some.iter().map(|entry| calendar_entry::ActiveModel {
            id: Set(Uuid::new_v4()),
            campaign_id: Set(entry.campaign.0),
            request_id: Set(entry.request.0),
            duty: Set(entry.duty.clone()),
            ours: Set(entry.ours),
            due_on: Set(entry.due_on),
            heading: Set(entry.heading.clone()),
            says: Set(entry.says.clone()),
            citation: Set(entry.citation.clone()),
            confidence: Set(entry.confidence.clone()),
            agency: Set(entry.agency.clone()),
            reference: Set(entry.reference.clone()),
            owner_id: Set(entry.owner.0),
            backup_id: Set(entry.backup.map(|id| id.0)),
            sequence: Set(entry.sequence),
            changed_at: Set(entry.changed_at),
            cancelled_at: Set(entry.cancelled_at),
        });
        calendar_entry::Entity::insert_many(rows)
            .on_conflict(anew.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The entries of these requests, those that fell away too.
pub async fn list_for_requests(
    db: &impl ConnectionTrait,
    requests: &[RequestId],
) -> Stored<Vec<Entry>> {
    let rows = calendar_entry::Entity::find()
        .filter(calendar_entry::Column::RequestId.is_in(requests.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// What a calendar of these campaigns shows now: limits that stand, and those that fell away lately. With `mine` only
/// those of requests that this person owns or backs.
pub async fn list_for_calendar(
    db: &impl ConnectionTrait,
    campaigns: &[CampaignId],
    mine: Option<UserId>,
    now: DateTime<Utc>,
) -> Stored<Vec<Entry>> {
    use calendar_entry::Column as C;
    let mut wanted = Condition::all()
        .add(C::CampaignId.is_in(campaigns.iter().map(|id| id.0)))
        .add(
            Condition::any()
                .add(C::CancelledAt.is_null())
                .add(C::CancelledAt.gt(now - Duration::days(KEPT_DAYS))),
        );
    if let Some(person) = mine {
        wanted = wanted.add(
            Condition::any()
                .add(C::OwnerId.eq(person.0))
                .add(C::BackupId.eq(person.0)),
        );
    }
    let rows = calendar_entry::Entity::find()
        .filter(wanted)
        .order_by_asc(C::DueOn)
        .order_by_asc(C::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The limits that stand, fall between two days, both included, and may be in this member's week
/// (`domain::reminder::digest::in_week_of`), the soonest first.
pub async fn list_between(
    db: &impl ConnectionTrait,
    by: &Scope,
    from: NaiveDate,
    until: NaiveDate,
) -> Stored<Vec<Entry>> {
    use calendar_entry::Column as C;
    let mut theirs = Condition::any()
        .add(C::OwnerId.eq(by.user.0))
        .add(C::BackupId.eq(by.user.0));
    if by.role == Role::Counsel {
        theirs = theirs.add(C::Ours.eq(true));
    }
    let rows = calendar_entry::Entity::find()
        .filter(C::CampaignId.eq(by.campaign.0))
        .filter(theirs)
        .filter(C::CancelledAt.is_null())
        .filter(C::DueOn.gte(from))
        .filter(C::DueOn.lte(until))
        .order_by_asc(C::DueOn)
        .order_by_asc(C::Reference)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// A secret link of somebody. Without a campaign it shows their own limits in all of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    pub id: Uuid,
    pub account: UserId,
    pub campaign: Option<CampaignId>,
    pub created_at: DateTime<Utc>,
    /// When a calendar last asked.
    pub read_at: Option<DateTime<Utc>>,
}

impl From<calendar_feed::Model> for Feed {
    fn from(row: calendar_feed::Model) -> Feed {
        Feed {
            id: row.id,
            account: UserId(row.account_id),
            campaign: row.campaign_id.map(CampaignId),
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

/// Keeps a link under the hash of its secret.
pub async fn add_feed(tx: &Tx, feed: &Feed, token_hash: &str) -> Stored<()> {
    calendar_feed::ActiveModel {
        id: Set(feed.id),
        account_id: Set(feed.account.0),
        campaign_id: Set(feed.campaign.map(|id| id.0)),
        token_hash: Set(token_hash.to_owned()),
        created_at: Set(feed.created_at),
        read_at: Set(None),
        revoked_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The link with this secret, unless it was revoked.
pub async fn find_feed(db: &impl ConnectionTrait, token_hash: &str) -> Stored<Option<Feed>> {
    let row = calendar_feed::Entity::find()
        .filter(calendar_feed::Column::TokenHash.eq(token_hash))
        .filter(calendar_feed::Column::RevokedAt.is_null())
        .one(db)
        .await?;
    Ok(row.map(Feed::from))
}

/// The links of a person that still work, the newest first.
pub async fn list_feeds(db: &impl ConnectionTrait, person: UserId) -> Stored<Vec<Feed>> {
    let rows = calendar_feed::Entity::find()
        .filter(calendar_feed::Column::AccountId.eq(person.0))
        .filter(calendar_feed::Column::RevokedAt.is_null())
        .order_by_desc(calendar_feed::Column::CreatedAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Feed::from).collect())
}

/// Notes that a calendar asked.
pub async fn mark_read(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Stored<()> {
    calendar_feed::Entity::update_many()
        .col_expr(calendar_feed::Column::ReadAt, Expr::value(now))
        .filter(calendar_feed::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a person's link. False where there is none such.
pub async fn revoke_feed(tx: &Tx, person: UserId, id: Uuid, now: DateTime<Utc>) -> Stored<bool> {
    let done = calendar_feed::Entity::update_many()
        .col_expr(calendar_feed::Column::RevokedAt, Expr::value(now))
        .filter(calendar_feed::Column::Id.eq(id))
        .filter(calendar_feed::Column::AccountId.eq(person.0))
        .filter(calendar_feed::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
