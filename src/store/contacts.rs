//! How agencies are reached: each contact with how it is known and when it was checked.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity::{contact, contact_check};
use super::{Scope, StoreError, Stored, Tx, candidates};
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::ids::{AgencyId, CampaignId, ContactId, ImportId, UserId};

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

/// Adds contacts, as typed by a person.
pub async fn add(tx: &Tx, contacts: &[Contact]) -> Stored<()> {
    add_from(tx, contacts, None).await
}

/// Adds contacts, as an import brought them.
pub async fn add_from(tx: &Tx, contacts: &[Contact], import: Option<ImportId>) -> Stored<()> {
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
            retired_at: Set(None),
            retired_why: Set(String::new()),
            import_id: Set(import.map(|id| id.0)),
        });
        contact::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
        let senders = some.iter().filter(|each| each.channel == Channel::Email);
        candidates::note_senders(tx, senders.map(|each| (each.id, each.value.as_str()))).await?;
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

/// The contacts of one agency that are in use: those that take records requests first, then the newest check first.
pub async fn list_for_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<Contact>> {
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::AgencyId.eq(agency.0))
        .filter(contact::Column::RetiredAt.is_null())
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

/// Every contact of the campaign that is in use.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Contact>> {
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::RetiredAt.is_null())
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

/// A time at which somebody looked whether a contact still holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    pub contact: ContactId,
    pub known_how: String,
    pub checked_on: NaiveDate,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// A contact that is no longer used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Retired {
    pub contact: Contact,
    pub at: DateTime<Utc>,
    pub why: String,
}

/// Writes a contact's changeable fields anew. False if it is not this campaign's, or is retired.
pub async fn update(tx: &Tx, scope: &Scope, new: &Contact) -> Stored<bool> {
    let Some(row) = contact::Entity::find_by_id(new.id.0)
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::RetiredAt.is_null())
        .one(tx)
        .await?
    else {
        return Ok(false);
    };
    let mut row: contact::ActiveModel = row.into();
    row.purpose = Set(new.purpose.as_str().to_owned());
    row.channel = Set(new.channel.as_str().to_owned());
    row.name = Set(new.name.clone());
    row.value = Set(new.value.clone());
    row.known_how = Set(new.known_how.clone());
    row.checked_on = Set(new.checked_on);
    row.bad_since_at = Set(new.bad_since_at);
    row.update(tx).await?;
    let value = if new.channel == Channel::Email {
        new.value.as_str()
    } else {
        ""
    };
    candidates::note_senders(tx, std::iter::once((new.id, value))).await?;
    Ok(true)
}

/// Keeps a check; the contact's own row carries the newest.
pub async fn add_check(tx: &Tx, scope: &Scope, check: &Check) -> Stored<()> {
    contact_check::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(scope.campaign.0),
        contact_id: Set(check.contact.0),
        known_how: Set(check.known_how.clone()),
        checked_on: Set(check.checked_on),
        checked_by: Set(check.by.0),
        at: Set(check.at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The checks of a contact after the one with which it was added, newest first.
pub async fn list_checks(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ContactId,
) -> Stored<Vec<Check>> {
    let rows = contact_check::Entity::find()
        .filter(contact_check::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact_check::Column::ContactId.eq(id.0))
        .order_by_desc(contact_check::Column::At)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Check {
            contact: ContactId(row.contact_id),
            known_how: row.known_how,
            checked_on: row.checked_on,
            by: UserId(row.checked_by),
            at: row.at,
        })
        .collect())
}

/// Puts a contact out of use. False if it is not this campaign's, or was before.
pub async fn retire(
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
    why: &str,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = contact::Entity::update_many()
        .col_expr(contact::Column::RetiredAt, Expr::value(now))
        .col_expr(contact::Column::RetiredWhy, Expr::value(why))
        .filter(contact::Column::Id.eq(id.0))
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::RetiredAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Whether a contact is no longer used: a request that was drafted to it may still name it.
pub async fn is_retired(db: &impl ConnectionTrait, scope: &Scope, id: ContactId) -> Stored<bool> {
    let found = contact::Entity::find_by_id(id.0)
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::RetiredAt.is_not_null())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// The contacts of an agency that are no longer used, newest first.
pub async fn list_retired(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<Retired>> {
    let rows = contact::Entity::find()
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::AgencyId.eq(agency.0))
        .filter(contact::Column::RetiredAt.is_not_null())
        .order_by_desc(contact::Column::RetiredAt)
        .all(db)
        .await?;
    let mut retired = Vec::new();
    for row in rows {
        if let Some(at) = row.retired_at {
            retired.push(Retired {
                at,
                why: row.retired_why.clone(),
                contact: read(row)?,
            });
        }
    }
    Ok(retired)
}
