//! What more is known of an agency: its relations, its other names, where its fiscal year is known from.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity::{agency_alias, agency_profile, agency_setting};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::contact::STALE_MONTHS;
use crate::domain::agency::name;
use crate::domain::ids::AgencyId;
use crate::law::Confidence;

/// What is known of an agency beside its name and place. Relations point to other agencies of the same campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The body that it belongs to.
    pub parent: Option<AgencyId>,
    pub jail_run_by: Option<AgencyId>,
    pub records_kept_by: Option<AgencyId>,
    /// Whose head signs agreements with ICE for it.
    pub ice_signed_by: Option<AgencyId>,
    /// The name of the jail's management system, as the agency calls it.
    pub jail_system: String,
    /// Where its own fiscal year is known from.
    pub fiscal_source: String,
    pub fiscal_confidence: Option<Confidence>,
}

fn confidence(text: &str) -> Stored<Confidence> {
    [
        Confidence::Unverified,
        Confidence::OneSource,
        Confidence::TwoSources,
    ]
    .into_iter()
    .find(|confidence| confidence.as_str() == text)
    .ok_or_else(|| StoreError::Unreadable(format!("confidence {text}")))
}

fn read(row: agency_profile::Model) -> Stored<Profile> {
    Ok(Profile {
        parent: row.parent_id.map(AgencyId),
        jail_run_by: row.jail_run_by_id.map(AgencyId),
        records_kept_by: row.records_kept_by_id.map(AgencyId),
        ice_signed_by: row.ice_signed_by_id.map(AgencyId),
        jail_system: row.jail_system,
        fiscal_source: row.fiscal_source,
        fiscal_confidence: row
            .fiscal_confidence
            .as_deref()
            .map(confidence)
            .transpose()?,
    })
}

/// The profile of an agency; an empty one where nobody wrote one.
pub async fn get(db: &impl ConnectionTrait, scope: &Scope, agency: AgencyId) -> Stored<Profile> {
    let row = agency_profile::Entity::find_by_id(agency.0)
        .filter(agency_profile::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?;
    row.map(read).transpose().map(Option::unwrap_or_default)
}

/// Every profile of the campaign.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<HashMap<AgencyId, Profile>> {
    let rows = agency_profile::Entity::find()
        .filter(agency_profile::Column::CampaignId.eq(scope.campaign.0))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((AgencyId(row.agency_id), read(row)?)))
        .collect()
}

/// Writes the profile of an agency of the campaign anew.
pub async fn put(
    tx: &Tx,
    scope: &Scope,
    agency: AgencyId,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Stored<()> {
    let row = agency_profile::ActiveModel {
        agency_id: Set(agency.0),
        campaign_id: Set(scope.campaign.0),
        parent_id: Set(profile.parent.map(|id| id.0)),
        jail_run_by_id: Set(profile.jail_run_by.map(|id| id.0)),
        records_kept_by_id: Set(profile.records_kept_by.map(|id| id.0)),
        ice_signed_by_id: Set(profile.ice_signed_by.map(|id| id.0)),
        jail_system: Set(profile.jail_system.clone()),
        fiscal_source: Set(profile.fiscal_source.clone()),
        fiscal_confidence: Set(profile
            .fiscal_confidence
            .map(|confidence| confidence.as_str().to_owned())),
        updated_at: Set(now),
    };
    let anew = OnConflict::column(agency_profile::Column::AgencyId)
        .update_columns([
            agency_profile::Column::ParentId,
            agency_profile::Column::JailRunById,
            agency_profile::Column::RecordsKeptById,
            agency_profile::Column::IceSignedById,
            agency_profile::Column::JailSystem,
            agency_profile::Column::FiscalSource,
            agency_profile::Column::FiscalConfidence,
            agency_profile::Column::UpdatedAt,
        ])
        .to_owned();
    agency_profile::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The other names of every agency of the campaign.
pub async fn list_aliases(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<HashMap<AgencyId, Vec<String>>> {
    let rows: Vec<(Uuid, String)> = agency_alias::Entity::find()
        .select_only()
        .column(agency_alias::Column::AgencyId)
        .column(agency_alias::Column::Name)
        .filter(agency_alias::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(agency_alias::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let mut by_agency: HashMap<AgencyId, Vec<String>> = HashMap::new();
    for (agency, name) in rows {
        by_agency.entry(AgencyId(agency)).or_default().push(name);
    }
    Ok(by_agency)
}

/// The other names of one agency.
pub async fn list_aliases_of(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<String>> {
    Ok(agency_alias::Entity::find()
        .select_only()
        .column(agency_alias::Column::Name)
        .filter(agency_alias::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_alias::Column::AgencyId.eq(agency.0))
        .order_by_asc(agency_alias::Column::Name)
        .into_tuple()
        .all(db)
        .await?)
}

/// Adds other names; one that it has already, in another spelling, is left out.
pub async fn add_aliases(tx: &Tx, scope: &Scope, agency: AgencyId, names: &[String]) -> Stored<()> {
    for called in names.iter().filter(|called| !name::key(called).is_empty()) {
        let row = agency_alias::ActiveModel {
            id: Set(Uuid::new_v4()),
            campaign_id: Set(scope.campaign.0),
            agency_id: Set(agency.0),
            name: Set(called.clone()),
            name_key: Set(name::key(called)),
        };
        let known = OnConflict::columns([
            agency_alias::Column::AgencyId,
            agency_alias::Column::NameKey,
        ])
        .do_nothing()
        .to_owned();
        agency_alias::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Leaves an agency exactly these other names.
pub async fn put_aliases(tx: &Tx, scope: &Scope, agency: AgencyId, names: &[String]) -> Stored<()> {
    agency_alias::Entity::delete_many()
        .filter(agency_alias::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_alias::Column::AgencyId.eq(agency.0))
        .exec(tx)
        .await?;
    add_aliases(tx, scope, agency, names).await
}

/// After how many months without a check a contact counts as stale in this campaign.
pub async fn stale_months(db: &impl ConnectionTrait, scope: &Scope) -> Stored<u32> {
    let row = agency_setting::Entity::find_by_id(scope.campaign.0)
        .one(db)
        .await?;
    Ok(row
        .and_then(|row| u32::try_from(row.stale_months).ok())
        .unwrap_or(STALE_MONTHS))
}

pub async fn set_stale_months(tx: &Tx, scope: &Scope, months: u32) -> Stored<()> {
    let row = agency_setting::ActiveModel {
        campaign_id: Set(scope.campaign.0),
        stale_months: Set(i32::try_from(months).unwrap_or(i32::MAX)),
    };
    let anew = OnConflict::column(agency_setting::Column::CampaignId)
        .update_column(agency_setting::Column::StaleMonths)
        .to_owned();
    agency_setting::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
