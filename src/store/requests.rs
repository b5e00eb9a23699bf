//! Requests and their numbered items. Where a request stands is folded from the log, never read from here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::entity::{request, request_item};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{AgencyId, CampaignId, ContactId, ItemId, RequestId, UserId};
use crate::domain::request::{Format, Period, Reference, Request, RequestItem};

/// A request as the store keeps it: with the secret part of its reply address.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub request: Request,
    /// Stands for `{token}` in the installation's reply address.
    pub reply_token: String,
}

fn read(row: request::Model) -> Stored<Kept> {
    let period = Period::new(row.period_start, row.period_end).map_err(|error| {
        StoreError::Unreadable(format!("period of request {}: {error}", row.id))
    })?;
    let format = Format::parse(&row.format)
        .ok_or_else(|| StoreError::Unreadable(format!("format of request {}", row.id)))?;
    Ok(Kept {
        request: Request {
            id: RequestId(row.id),
            campaign: CampaignId(row.campaign_id),
            reference: Reference(row.number),
            agency: AgencyId(row.agency_id),
            contact: row.contact_id.map(ContactId),
            jurisdiction: row.jurisdiction,
            law_version: row.law_version,
            title: row.title,
            period,
            format,
            fee_ceiling_cents: row.fee_ceiling_cents,
            owner: UserId(row.owner_id),
            created_at: row.created_at,
        },
        reply_token: row.reply_token,
    })
}

/// The number that the campaign's next request gets. Call it inside the transaction that adds the request.
pub async fn next_number(tx: &Tx, campaign: CampaignId) -> Stored<Reference> {
    let last = request::Entity::find()
        .select_only()
        .column_as(request::Column::Number.max(), "last")
        .filter(request::Column::CampaignId.eq(campaign.0))
        .into_tuple::<Option<i32>>()
        .one(tx)
        .await?
        .flatten();
    Ok(Reference(last.unwrap_or(0) + 1))
}

/// Adds a request with its items. [`StoreError::Taken`] where its number or its token is in use.
pub async fn add(tx: &Tx, kept: &Kept, items: &[RequestItem]) -> Stored<()> {
    let new = &kept.request;
    request::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(new.campaign.0),
        number: Set(new.reference.0),
        agency_id: Set(new.agency.0),
        contact_id: Set(new.contact.map(|id| id.0)),
        jurisdiction: Set(new.jurisdiction.clone()),
        law_version: Set(new.law_version.clone()),
        title: Set(new.title.clone()),
        period_start: Set(new.period.start()),
        period_end: Set(new.period.end()),
        format: Set(new.format.as_str().to_owned()),
        fee_ceiling_cents: Set(new.fee_ceiling_cents),
        reply_token: Set(kept.reply_token.clone()),
        owner_id: Set(new.owner.0),
        created_at: Set(new.created_at),
    }
    .insert(tx)
    .await?;
    let rows = items.iter().map(|item| request_item::ActiveModel {
        id: Set(item.id.0),
        campaign_id: Set(new.campaign.0),
        request_id: Set(new.id.0),
        position: Set(item.position),
        record_key: Set(item.record_key.clone()),
        text: Set(item.text.clone()),
    });
    if !items.is_empty() {
        request_item::Entity::insert_many(rows).exec(tx).await?;
    }
    Ok(())
}

/// Names the contact to which a request goes.
pub async fn set_contact(tx: &Tx, scope: &Scope, id: RequestId, contact: ContactId) -> Stored<()> {
    request::Entity::update_many()
        .col_expr(
            request::Column::ContactId,
            sea_orm::sea_query::Expr::value(contact.0),
        )
        .filter(request::Column::Id.eq(id.0))
        .filter(request::Column::CampaignId.eq(scope.campaign.0))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: RequestId) -> Stored<Option<Kept>> {
    request::Entity::find_by_id(id.0)
        .filter(request::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every request of the campaign, newest first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Kept>> {
    list_in(db, scope.campaign).await
}

/// Every request of a campaign, newest first, for the program's own sweeps.
pub async fn list_in(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Vec<Kept>> {
    let rows = request::Entity::find()
        .filter(request::Column::CampaignId.eq(campaign.0))
        .order_by_desc(request::Column::Number)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// These requests of a campaign, in no order, for the program's own sweeps.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    ids: &[RequestId],
) -> Stored<Vec<Kept>> {
    // The campaign is compared here, as in `events::list_for_requests`.
    let rows = request::Entity::find()
        .filter(request::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter()
        .filter(|row| row.campaign_id == campaign.0)
        .map(read)
        .collect()
}

/// The request behind a reply token, in whatever campaign: for mail that arrives, never for a page.
pub async fn find_by_token(db: &impl ConnectionTrait, token: &str) -> Stored<Option<Kept>> {
    request::Entity::find()
        .filter(request::Column::ReplyToken.eq(token))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// A request by its id alone, for jobs and mail that arrives, never for a page.
pub async fn find_unscoped(db: &impl ConnectionTrait, id: RequestId) -> Stored<Option<Kept>> {
    request::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The items of a request, as the letter numbers them.
pub async fn list_items(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: RequestId,
) -> Stored<Vec<RequestItem>> {
    let rows = request_item::Entity::find()
        .filter(request_item::Column::RequestId.eq(id.0))
        .filter(request_item::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(request_item::Column::Position)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| RequestItem {
            id: ItemId(row.id),
            position: row.position,
            record_key: row.record_key,
            text: row.text,
        })
        .collect())
}

/// The requests to an agency, or to one of these contacts whoever's they are, newest first.
pub async fn list_to(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
    contacts: &[ContactId],
) -> Stored<Vec<Kept>> {
    let whom = Condition::any()
        .add(request::Column::AgencyId.eq(agency.0))
        .add(request::Column::ContactId.is_in(contacts.iter().map(|id| id.0)));
    let rows = request::Entity::find()
        .filter(request::Column::CampaignId.eq(scope.campaign.0))
        .filter(whom)
        .order_by_desc(request::Column::Number)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The record keys of every request of the campaign: one query for a search over all.
pub async fn list_record_keys(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<HashMap<RequestId, Vec<String>>> {
    let rows: Vec<(uuid::Uuid, String)> = request_item::Entity::find()
        .select_only()
        .column(request_item::Column::RequestId)
        .column(request_item::Column::RecordKey)
        .filter(request_item::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(request_item::Column::Position)
        .into_tuple()
        .all(db)
        .await?;
    let mut keys: HashMap<RequestId, Vec<String>> = HashMap::new();
    for (request, key) in rows {
        keys.entry(RequestId(request)).or_default().push(key);
    }
    Ok(keys)
}

/// How many requests of the campaign go to an agency.
pub async fn count_for_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<u64> {
    Ok(request::Entity::find()
        .filter(request::Column::CampaignId.eq(scope.campaign.0))
        .filter(request::Column::AgencyId.eq(agency.0))
        .count(db)
        .await?)
}

/// When the last request of a campaign was begun.
pub async fn last_begun_at(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<Option<DateTime<Utc>>> {
    let row = request::Entity::find()
        .filter(request::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(request::Column::CreatedAt)
        .one(db)
        .await?;
    Ok(row.map(|row| row.created_at))
}
