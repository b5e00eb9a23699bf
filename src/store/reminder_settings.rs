//! What a campaign reminds of, who backs its requests, and what each person wants to hear.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use super::entity::{account, reminder_choices, reminder_rules};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::reminder::{Choices, Language, Rules};

/// A campaign's rules and its backup, with who changed them last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    pub rules: Rules,
    pub backup: Option<UserId>,
    pub changed: Option<(UserId, DateTime<Utc>)>,
}

/// The rules of a campaign; the house's where it has none of its own.
pub async fn rules(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Kept> {
    let row = reminder_rules::Entity::find_by_id(campaign.0)
        .one(db)
        .await?;
    match row {
        None => Ok(Kept::default()),
        Some(row) => Ok(Kept {
            rules: serde_json::from_value(row.rules)
                .map_err(|error| StoreError::Unreadable(format!("reminder rules: {error}")))?,
            backup: row.backup_id.map(UserId),
            changed: Some((UserId(row.changed_by), row.changed_at)),
        }),
    }
}

/// Writes the rules of a campaign.
pub async fn set_rules(
    tx: &Tx,
    scope: &Scope,
    rules: &Rules,
    backup: Option<UserId>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let row = reminder_rules::ActiveModel {
        campaign_id: Set(scope.campaign.0),
        rules: Set(serde_json::to_value(rules)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?),
        backup_id: Set(backup.map(|id| id.0)),
        changed_by: Set(scope.user.0),
        changed_at: Set(now),
    };
    let anew = OnConflict::column(reminder_rules::Column::CampaignId)
        .update_columns([
            reminder_rules::Column::Rules,
            reminder_rules::Column::BackupId,
            reminder_rules::Column::ChangedBy,
            reminder_rules::Column::ChangedAt,
        ])
        .to_owned();
    reminder_rules::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What a person wants to hear, and in which language.
pub async fn choices(db: &impl ConnectionTrait, person: UserId) -> Stored<(Choices, Language)> {
    let row = reminder_choices::Entity::find_by_id(person.0)
        .one(db)
        .await?;
    let language = account::Entity::find_by_id(person.0)
        .one(db)
        .await?
        .and_then(|row| Language::parse(&row.language))
        .unwrap_or_default();
    Ok((row.map(read).transpose()?.unwrap_or_default(), language))
}

fn read(row: reminder_choices::Model) -> Stored<Choices> {
    serde_json::from_value(row.choices)
        .map_err(|error| StoreError::Unreadable(format!("reminder choices: {error}")))
}

/// The choices of everybody who made some.
pub async fn all_choices(db: &impl ConnectionTrait) -> Stored<HashMap<UserId, Choices>> {
    let rows = reminder_choices::Entity::find().all(db).await?;
    rows.into_iter()
        .map(|row| Ok((UserId(row.account_id), read(row)?)))
        .collect()
}

/// Writes what a person wants to hear.
pub async fn set_choices(
    tx: &Tx,
    person: UserId,
    choices: &Choices,
    language: Language,
    now: DateTime<Utc>,
) -> Stored<()> {
    let row = reminder_choices::ActiveModel {
        account_id: Set(person.0),
        choices: Set(serde_json::to_value(choices)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?),
        changed_at: Set(now),
    };
    let anew = OnConflict::column(reminder_choices::Column::AccountId)
        .update_columns([
            reminder_choices::Column::Choices,
            reminder_choices::Column::ChangedAt,
        ])
        .to_owned();
    reminder_choices::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    account::Entity::update_many()
        .col_expr(account::Column::Language, Expr::value(language.as_str()))
        .filter(account::Column::Id.eq(person.0))
        .exec(tx)
        .await?;
    Ok(())
}
