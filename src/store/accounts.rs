//! People who may sign in, and the one-time links by which they come.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::{account, invitation};
use super::{Stored, Tx};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::person::Role;

/// A person's account. The password's hash stays in the store.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Account {
    pub id: UserId,
    /// Lower-case.
    pub email: String,
    pub name: String,
    /// Runs the installation: sees accounts and health, no campaign's content.
    pub is_admin: bool,
    pub disabled: bool,
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Account {
            id: UserId(row.id),
            email: row.email,
            name: row.name,
            is_admin: row.is_admin,
            disabled: row.disabled_at.is_some(),
        }
    }
}

/// An e-mail address as accounts compare it.
pub fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

/// How many accounts there are; none means that the installation still waits for its first person.
pub async fn count(db: &impl ConnectionTrait) -> Stored<u64> {
    Ok(account::Entity::find().count(db).await?)
}

pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Stored<Option<Account>> {
    Ok(account::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .map(Account::from))
}

/// Finds by address, with the stored password hash for checking a sign-in.
pub async fn find_for_sign_in(
    db: &impl ConnectionTrait,
    email: &str,
) -> Stored<Option<(Account, Option<String>)>> {
    let row = account::Entity::find()
        .filter(account::Column::Email.eq(folded(email)))
        .one(db)
        .await?;
    Ok(row.map(|row| (Account::from(row.clone()), row.password_hash)))
}

pub async fn list(db: &impl ConnectionTrait) -> Stored<Vec<Account>> {
    let rows = account::Entity::find()
        .order_by_asc(account::Column::Name)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Adds an account. [`super::StoreError::Taken`] if the address already has one.
pub async fn add(
    tx: &Tx,
    name: &str,
    email: &str,
    password_hash: &str,
    is_admin: bool,
    now: DateTime<Utc>,
) -> Stored<UserId> {
    let id = UserId::new();
    account::ActiveModel {
        id: Set(id.0),
        email: Set(folded(email)),
        name: Set(name.trim().to_owned()),
        password_hash: Set(Some(password_hash.to_owned())),
        is_admin: Set(is_admin),
        language: Set("en".to_owned()),
        created_at: Set(now),
        disabled_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(id)
}

/// Ends an account: it can no longer sign in. Its name stays on what it did.
pub async fn disable(tx: &Tx, id: UserId, now: DateTime<Utc>) -> Stored<()> {
    account::Entity::update_many()
        .col_expr(
            account::Column::DisabledAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(account::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// A one-time link: it makes the first account, or brings a person into a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    pub id: Uuid,
    pub email: Option<String>,
    pub campaign: Option<CampaignId>,
    pub role: Option<Role>,
    pub makes_admin: bool,
    pub invited_by: Option<UserId>,
    pub expires_at: DateTime<Utc>,
}

/// Keeps an invitation under the hash of its link's secret.
pub async fn invite(
    tx: &Tx,
    token_hash: &str,
    what: &Invitation,
    now: DateTime<Utc>,
) -> Stored<()> {
    invitation::ActiveModel {
        id: Set(what.id),
        token_hash: Set(token_hash.to_owned()),
        email: Set(what.email.as_deref().map(folded)),
        campaign_id: Set(what.campaign.map(|id| id.0)),
        role: Set(what.role.map(|role| role.to_string())),
        makes_admin: Set(what.makes_admin),
        invited_by: Set(what.invited_by.map(|id| id.0)),
        created_at: Set(now),
        expires_at: Set(what.expires_at),
        used_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The invitation behind a link, if it is unused and has not run out.
pub async fn find_invitation(
    db: &impl ConnectionTrait,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Stored<Option<Invitation>> {
    let row = invitation::Entity::find()
        .filter(invitation::Column::TokenHash.eq(token_hash))
        .filter(invitation::Column::UsedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    Ok(row.map(|row| Invitation {
        id: row.id,
        email: row.email,
        campaign: row.campaign_id.map(CampaignId),
        role: row.role.and_then(|role| role.parse().ok()),
        makes_admin: row.makes_admin,
        invited_by: row.invited_by.map(UserId),
        expires_at: row.expires_at,
    }))
}

/// Marks an invitation used; false if somebody was quicker.
pub async fn use_invitation(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Stored<bool> {
    let done = invitation::Entity::update_many()
        .col_expr(
            invitation::Column::UsedAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forgets set-up links that were never used, so that only the newest one opens the door.
pub async fn forget_setup_links(tx: &Tx) -> Stored<()> {
    invitation::Entity::delete_many()
        .filter(invitation::Column::MakesAdmin.eq(true))
        .filter(invitation::Column::CampaignId.is_null())
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
