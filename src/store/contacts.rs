//! How agencies are reached: each contact with how it is known and when it was checked.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Set};
use serde::Serialize;

use super::entity::contact;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::ids::{AgencyId, CampaignId, ContactId, UserId};

/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// A contact of an agency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contact {
    pub id: ContactId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub purpose: Purpose,
    pub channel: Channel,
    /// The title it is addressed to, such as "Records Officer"; may be empty.
    pub name: String,
    /// The address, number or place.
    pub value: String,
    pub known_how: String,
    pub checked_on: NaiveDate,
    /// Mail to it came back: when that was first seen.
    pub bad_since_at: Option<DateTime<Utc>>,
    pub added_by: UserId,
    pub added_at: DateTime<Utc>,
}

fn read(row: contact::Model) -> Stored<Contact> {
    Ok(Contact {
        id: ContactId(row.id),
        campaign: CampaignId(row.campaign_id),
        agency: AgencyId(row.agency_id),
        purpose: Purpose::parse(&row.purpose)
            .ok_or_else(|| StoreError::Unreadable(format!("contact purpose {}", row.purpose)))?,
        channel: Channel::parse(&row.channel)
            .ok_or_else(|| StoreError::Unreadable(format!("contact channel {}", row.channel)))?,
        name: row.name,
        value: row.value,
        known_how: row.known_how,
        checked_on: row.checked_on,
        bad_since_at: row.bad_since_at,
        added_by: UserId(row.added_by),
        added_at: row.added_at,
    })
}

/// Adds contacts.
pub async fn add(tx: &Tx, contacts: &[Contact]) -> Stored<()> {
    for some in contacts.chunks(AT_ONCE) {
        let rows = some.iter().map(|contact| contact::ActiveModel {
            id: Set(contact.id.0),
            campaign_id: Set(contact.campaign.0),
            agency_id: Set(contact.agency.0),
            purpose: Set(contact.purpose.as_str().to_owned()),
            channel: Set(contact.channel.as_str().to_owned()),
            name: Set(contact.name.clone()),
            value: Set(contact.value.clone()),
            known_how: Set(contact.known_how.clone()),
            checked_on: Set(contact.checked_on),
            bad_since_at: Set(contact.bad_since_at),
            added_by: Set(contact.added_by.0),
            added_at: Set(contact.added_at),
        });
        contact::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ContactId,
) -> Stored<Option<Contact>> {
    contact::Entity::find_by_id(id.0)
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The contacts of one agency: those that take records requests first, then the newest check first.
pub async fn list_for_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<Contact>> {
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::AgencyId.eq(agency.0))
        .order_by_desc(contact::Column::CheckedOn)
        .order_by_desc(contact::Column::AddedAt)
        .all(db)
        .await?;
    let mut contacts = rows.into_iter().map(read).collect::<Stored<Vec<_>>>()?;
    let place = |purpose: Purpose| Purpose::ALL.iter().position(|each| *each == purpose);
    contacts.sort_by_key(|contact| (contact.bad_since_at.is_some(), place(contact.purpose)));
    Ok(contacts)
}

/// Every contact of the campaign with this address, in any case: who shares a custodian.
pub async fn list_at(
    db: &impl ConnectionTrait,
    scope: &Scope,
    address: &str,
) -> Stored<Vec<Contact>> {
    let value = Expr::expr(Func::lower(Expr::col(contact::Column::Value)));
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(value.eq(address.to_lowercase()))
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Every contact of the campaign.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Contact>> {
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(contact::Column::CheckedOn)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Notes that mail to a contact comes back. The first time counts.
pub async fn mark_bad(
    tx: &Tx,
    campaign: CampaignId,
    id: ContactId,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = contact::Entity::update_many()
        .col_expr(contact::Column::BadSinceAt, Expr::value(now))
        .filter(contact::Column::Id.eq(id.0))
        .filter(contact::Column::CampaignId.eq(campaign.0))
        .filter(contact::Column::BadSinceAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
