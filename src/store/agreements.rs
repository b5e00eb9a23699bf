//! The agreements with ICE that lists say an agency has.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
    Unchanged,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity::agreement;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::list::ListedAgreement;
use crate::domain::agency::plan::KnownAgreement;
use crate::domain::agency::{AgreementModel, AgreementStatus, Paper};
use crate::domain::ids::{AgencyId, AgreementId, CampaignId, ImportId};

/// The only kind of agreement that a list gives so far.
const KIND_287G: &str = "287g";
/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// An agreement that an agency has, by a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    pub id: AgreementId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub model: AgreementModel,
    pub status: AgreementStatus,
    pub signed_on: Option<NaiveDate>,
    pub paper: Paper,
    pub addendum: Paper,
    /// The list it was read from, in words.
    pub source: String,
    pub import: Option<ImportId>,
    pub added_at: DateTime<Utc>,
}

impl Agreement {
    /// As a list gives it, for an agency of the campaign.
    pub fn listed(
        listed: &ListedAgreement,
        agency: AgencyId,
        campaign: CampaignId,
        source: &str,
        import: ImportId,
        now: DateTime<Utc>,
    ) -> Agreement {
        Agreement {
            id: AgreementId::new(),
            campaign,
            agency,
            model: listed.model,
            status: listed.status,
            signed_on: listed.signed_on,
            paper: listed.paper,
            addendum: listed.addendum,
            source: source.to_owned(),
            import: Some(import),
            added_at: now,
        }
    }
}

fn read(row: agreement::Model) -> Stored<Agreement> {
    let unreadable =
        |what: &str, value: &str| StoreError::Unreadable(format!("agreement {what} {value}"));
    Ok(Agreement {
        id: AgreementId(row.id),
        campaign: CampaignId(row.campaign_id),
        agency: AgencyId(row.agency_id),
        model: AgreementModel::parse(&row.model).ok_or_else(|| unreadable("model", &row.model))?,
        status: AgreementStatus::parse(&row.status)
            .ok_or_else(|| unreadable("status", &row.status))?,
        signed_on: row.signed_on,
        paper: Paper::parse(&row.paper).ok_or_else(|| unreadable("paper", &row.paper))?,
        addendum: Paper::parse(&row.addendum)
            .ok_or_else(|| unreadable("addendum", &row.addendum))?,
        source: row.source,
        import: row.import_id.map(ImportId),
        added_at: row.added_at,
    })
}

/// Adds agreements.
pub async fn add(tx: &Tx, agreements: &[Agreement]) -> Stored<()> {
    for some in agreements.chunks(AT_ONCE) {
        let rows = some.iter().map(|agreement| agreement::ActiveModel {
            id: Set(agreement.id.0),
            campaign_id: Set(agreement.campaign.0),
            agency_id: Set(agreement.agency.0),
            kind: Set(KIND_287G.to_owned()),
            model: Set(agreement.model.as_str().to_owned()),
            signed_on: Set(agreement.signed_on),
            paper: Set(agreement.paper.as_str().to_owned()),
            addendum: Set(agreement.addendum.as_str().to_owned()),
            status: Set(agreement.status.as_str().to_owned()),
            source: Set(agreement.source.clone()),
            import_id: Set(agreement.import.map(|id| id.0)),
            added_at: Set(agreement.added_at),
        });
        agreement::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes what a newer list says over an agreement of the campaign. False if the agency has none of that model.
pub async fn renew(
    tx: &Tx,
    scope: &Scope,
    agency: AgencyId,
    listed: &ListedAgreement,
    source: &str,
    import: ImportId,
) -> Stored<bool> {
    let kept: Option<agreement::Model> = agreement::Entity::find()
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .filter(agreement::Column::AgencyId.eq(agency.0))
        .filter(agreement::Column::Model.eq(listed.model.as_str()))
        .one(tx)
        .await?;
    let Some(kept) = kept else {
        return Ok(false);
    };
    let id: Uuid = kept.id;
    agreement::ActiveModel {
        id: Unchanged(id),
        signed_on: Set(listed.signed_on),
        paper: Set(listed.paper.as_str().to_owned()),
        addendum: Set(listed.addendum.as_str().to_owned()),
        status: Set(listed.status.as_str().to_owned()),
        source: Set(source.to_owned()),
        import_id: Set(Some(import.0)),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(true)
}

/// Every agreement of the campaign.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Agreement>> {
    let rows = agreement::Entity::find()
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(agreement::Column::Model)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The agreements of these agencies, by agency.
pub async fn list_for_agencies(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agencies: &[AgencyId],
) -> Stored<HashMap<AgencyId, Vec<Agreement>>> {
    let ids: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let rows = agreement::Entity::find()
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .filter(agreement::Column::AgencyId.is_in(ids))
        .order_by_asc(agreement::Column::Model)
        .all(db)
        .await?;
    let mut by_agency: HashMap<AgencyId, Vec<Agreement>> = HashMap::new();
    for row in rows {
        let agreement = read(row)?;
        by_agency
            .entry(agreement.agency)
            .or_default()
            .push(agreement);
    }
    Ok(by_agency)
}

/// What the planner of an import compares with.
pub async fn list_known(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<KnownAgreement>> {
    let agreements = list(db, scope).await?;
    Ok(agreements
        .into_iter()
        .map(|agreement| KnownAgreement {
            agency: agreement.agency,
            model: agreement.model,
            status: agreement.status,
            signed_on: agreement.signed_on,
            paper: agreement.paper,
            addendum: agreement.addendum,
        })
        .collect())
}
