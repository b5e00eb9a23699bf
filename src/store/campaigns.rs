//! Campaigns and who belongs to them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity::{campaign, campaign_jurisdiction, invitation, membership, request};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::person::Role;

/// A campaign as its members see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Campaign {
    pub id: CampaignId,
    /// The part of the address that names it.
    pub slug: String,
    pub name: String,
    /// One sentence.
    pub goal: String,
    pub ask: String,
    /// The office the dossier is for, such as "Sheriff of Alder County"; may be empty.
    pub addressed_to: String,
    pub organisation: String,
    /// Who signs letters.
    pub contact_name: String,
    pub postal_address: String,
    pub phone: String,
    /// IANA name, for display and for reminders in the morning.
    pub time_zone: chrono_tz::Tz,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
}

fn read(row: campaign::Model) -> Stored<Campaign> {
    let time_zone = row
        .time_zone
        .parse()
        .map_err(|_| StoreError::Unreadable(format!("campaign time zone {}", row.time_zone)))?;
    Ok(Campaign {
        id: CampaignId(row.id),
        slug: row.slug,
        name: row.name,
        goal: row.goal,
        ask: row.ask,
        addressed_to: row.addressed_to,
        organisation: row.organisation,
        contact_name: row.contact_name,
        postal_address: row.postal_address,
        phone: row.phone,
        time_zone,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
    })
}

/// The campaign at this address and the person's role in it; none for strangers and removed members alike.
pub async fn find_for_member(
    db: &impl ConnectionTrait,
    slug: &str,
    user: UserId,
) -> Stored<Option<(Campaign, Scope)>> {
    let Some(row) = campaign::Entity::find()
        .filter(campaign::Column::Slug.eq(slug))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let Some(member) = membership::Entity::find()
        .filter(membership::Column::CampaignId.eq(row.id))
        .filter(membership::Column::AccountId.eq(user.0))
        .filter(membership::Column::RemovedAt.is_null())
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let role = role(&member.role)?;
    let campaign = read(row)?;
    let scope = Scope {
        user,
        campaign: campaign.id,
        role,
    };
    Ok(Some((campaign, scope)))
}

fn role(text: &str) -> Stored<Role> {
    text.parse()
        .map_err(|_| StoreError::Unreadable(format!("role {text}")))
}

/// The campaigns a person belongs to, by name.
pub async fn list_for_member(db: &impl ConnectionTrait, user: UserId) -> Stored<Vec<Campaign>> {
    let mine = membership::Entity::find()
        .filter(membership::Column::AccountId.eq(user.0))
        .filter(membership::Column::RemovedAt.is_null())
        .all(db)
        .await?;
    let ids: Vec<Uuid> = mine.into_iter().map(|member| member.campaign_id).collect();
    let rows = campaign::Entity::find()
        .filter(campaign::Column::Id.is_in(ids))
        .order_by_asc(campaign::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Every campaign that a person belongs to, as she acts in it.
pub async fn list_places(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Stored<Vec<(Campaign, Scope)>> {
    let scopes = list_scopes(db, user).await?;
    Ok(list_for_member(db, user)
        .await?
        .into_iter()
        .filter_map(|campaign| {
            let scope = *scopes.iter().find(|scope| scope.campaign == campaign.id)?;
            Some((campaign, scope))
        })
        .collect())
}

/// A person's scopes in all their campaigns.
pub async fn list_scopes(db: &impl ConnectionTrait, user: UserId) -> Stored<Vec<Scope>> {
    membership::Entity::find()
        .filter(membership::Column::AccountId.eq(user.0))
        .filter(membership::Column::RemovedAt.is_null())
        .all(db)
        .await?
        .into_iter()
        .map(|member| {
            Ok(Scope {
                user,
                campaign: CampaignId(member.campaign_id),
                role: role(&member.role)?,
            })
        })
        .collect()
}

pub async fn get(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Option<Campaign>> {
    campaign::Entity::find_by_id(scope.campaign.0)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every campaign, for the program's own sweeps and for the administrator's list of names.
pub async fn list_all(db: &impl ConnectionTrait) -> Stored<Vec<Campaign>> {
    let rows = campaign::Entity::find()
        .order_by_asc(campaign::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The campaign at this address, for the program's own use and the command line.
pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &str) -> Stored<Option<Campaign>> {
    campaign::Entity::find()
        .filter(campaign::Column::Slug.eq(slug))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Adds a campaign with its jurisdictions. [`StoreError::Taken`] if the address is in use.
pub async fn add(tx: &Tx, campaign: &Campaign, jurisdictions: &[String]) -> Stored<()> {
    row(campaign).insert(tx).await?;
    set_jurisdictions(tx, campaign.id, jurisdictions).await
}

/// Writes the changeable fields of a campaign and its jurisdictions anew.
pub async fn update(tx: &Tx, campaign: &Campaign, jurisdictions: &[String]) -> Stored<()> {
    row(campaign).update(tx).await?;
    set_jurisdictions(tx, campaign.id, jurisdictions).await
}

fn row(campaign: &Campaign) -> campaign::ActiveModel {
    campaign::ActiveModel {
        id: Set(campaign.id.0),
        slug: Set(campaign.slug.clone()),
        name: Set(campaign.name.clone()),
        goal: Set(campaign.goal.clone()),
        ask: Set(campaign.ask.clone()),
        addressed_to: Set(campaign.addressed_to.clone()),
        organisation: Set(campaign.organisation.clone()),
        contact_name: Set(campaign.contact_name.clone()),
        postal_address: Set(campaign.postal_address.clone()),
        phone: Set(campaign.phone.clone()),
        time_zone: Set(campaign.time_zone.name().to_owned()),
        created_by: Set(campaign.created_by.0),
        created_at: Set(campaign.created_at),
    }
}

async fn set_jurisdictions(tx: &Tx, campaign: CampaignId, codes: &[String]) -> Stored<()> {
    campaign_jurisdiction::Entity::delete_many()
        .filter(campaign_jurisdiction::Column::CampaignId.eq(campaign.0))
        .exec(tx)
        .await?;
    let rows = codes.iter().map(|code| campaign_jurisdiction::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(campaign.0),
        code: Set(code.clone()),
    });
    if !codes.is_empty() {
        campaign_jurisdiction::Entity::insert_many(rows)
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Codes such as "WA", in order.
pub async fn list_jurisdictions(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
) -> Stored<Vec<String>> {
    let rows = campaign_jurisdiction::Entity::find()
        .filter(campaign_jurisdiction::Column::CampaignId.eq(campaign.0))
        .order_by_asc(campaign_jurisdiction::Column::Code)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// A person in a campaign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    pub account: UserId,
    pub role: Role,
    pub added_at: DateTime<Utc>,
}

/// The present members of a campaign.
pub async fn list_members(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Vec<Member>> {
    let rows = membership::Entity::find()
        .filter(membership::Column::CampaignId.eq(campaign.0))
        .filter(membership::Column::RemovedAt.is_null())
        .order_by_asc(membership::Column::AddedAt)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                account: UserId(row.account_id),
                role: role(&row.role)?,
                added_at: row.added_at,
            })
        })
        .collect()
}

/// Brings a person in, or back in with a new role.
pub async fn set_member(
    tx: &Tx,
    campaign: CampaignId,
    user: UserId,
    role: Role,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Stored<()> {
    membership::Entity::delete_many()
        .filter(membership::Column::CampaignId.eq(campaign.0))
        .filter(membership::Column::AccountId.eq(user.0))
        .exec(tx)
        .await?;
    membership::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(campaign.0),
        account_id: Set(user.0),
        role: Set(role.to_string()),
        added_by: Set(by.map(|id| id.0)),
        added_at: Set(now),
        removed_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Takes a person out: from this moment the campaign is not found for them.
pub async fn remove_member(
    tx: &Tx,
    campaign: CampaignId,
    user: UserId,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = membership::Entity::update_many()
        .col_expr(
            membership::Column::RemovedAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(membership::Column::CampaignId.eq(campaign.0))
        .filter(membership::Column::AccountId.eq(user.0))
        .filter(membership::Column::RemovedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// How many people belong to a campaign and how many requests it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    pub members: u64,
    pub requests: u64,
}

/// Numbers only: also for the administrator's list, which shows no content.
pub async fn size(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Size> {
    let members = membership::Entity::find()
        .filter(membership::Column::CampaignId.eq(campaign.0))
        .filter(membership::Column::RemovedAt.is_null())
        .count(db)
        .await?;
    let requests = request::Entity::find()
        .filter(request::Column::CampaignId.eq(campaign.0))
        .count(db)
        .await?;
    Ok(Size { members, requests })
}

/// An invitation that nobody has followed yet.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenInvitation {
    pub id: Uuid,
    pub email: String,
    pub role: Role,
    pub invited_by: Option<UserId>,
    pub expires_at: DateTime<Utc>,
}

/// The invitations into a campaign that still work, oldest first.
pub async fn list_invitations(
    db: &impl ConnectionTrait,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Stored<Vec<OpenInvitation>> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::CampaignId.eq(scope.campaign.0))
        .filter(invitation::Column::UsedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(now))
        .order_by_asc(invitation::Column::CreatedAt)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OpenInvitation {
                id: row.id,
                email: row.email.unwrap_or_default(),
                role: role(row.role.as_deref().unwrap_or_default())?,
                invited_by: row.invited_by.map(UserId),
                expires_at: row.expires_at,
            })
        })
        .collect()
}

/// Ends an invitation of this campaign before it was followed. False if there is none such.
pub async fn withdraw_invitation(
    tx: &Tx,
    scope: &Scope,
    id: Uuid,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = invitation::Entity::update_many()
        .col_expr(
            invitation::Column::UsedAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::CampaignId.eq(scope.campaign.0))
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends the links that a leaving member handed out and nobody has followed yet.
pub async fn withdraw_invitations_by(
    tx: &Tx,
    campaign: CampaignId,
    by: UserId,
    now: DateTime<Utc>,
) -> Stored<()> {
    invitation::Entity::update_many()
        .col_expr(
            invitation::Column::UsedAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(invitation::Column::CampaignId.eq(campaign.0))
        .filter(invitation::Column::InvitedBy.eq(by.0))
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends earlier links into this campaign for an address, so that only the newest works.
pub async fn withdraw_invitations_for(
    tx: &Tx,
    campaign: CampaignId,
    email: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    invitation::Entity::update_many()
        .col_expr(
            invitation::Column::UsedAt,
            sea_orm::sea_query::Expr::value(now),
        )
        .filter(invitation::Column::CampaignId.eq(campaign.0))
        .filter(invitation::Column::Email.eq(email))
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
