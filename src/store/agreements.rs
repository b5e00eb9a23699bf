//! The agreements that an agency has with ICE and its kin: by ICE's lists, or by a person with a source.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::agreement;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::list::ListedAgreement;
use crate::domain::agency::plan::KnownAgreement;
use crate::domain::agency::{AgreementModel, AgreementStatus, Paper};
use crate::domain::ids::{AgencyId, AgreementId, CampaignId, DocumentId, ImportId, UserId};

/// The family of the three models of ICE's lists, in the column `kind`.
const KIND_287G: &str = "287g";
/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// An agreement that an agency has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    pub id: AgreementId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub model: AgreementModel,
    pub status: AgreementStatus,
    pub signed_on: Option<NaiveDate>,
    pub effective_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub paper: Paper,
    pub addendum: Paper,
    /// What it calls itself or its number; may be empty.
    pub title: String,
    /// Where it is known from, in words: a list, a page.
    pub source: String,
    /// The address at which the source was read; may be empty.
    pub url: String,
    /// The day on which the source was read; none where a list gave it.
    pub read_on: Option<NaiveDate>,
    /// The paper itself among the campaign's documents.
    pub document: Option<DocumentId>,
    pub note: String,
    pub import: Option<ImportId>,
    pub added_by: Option<UserId>,
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
            effective_on: None,
            ended_on: None,
            paper: listed.paper,
            addendum: listed.addendum,
            title: String::new(),
            source: source.to_owned(),
            url: String::new(),
            read_on: None,
            document: None,
            note: String::new(),
            import: Some(import),
            added_by: None,
            added_at: now,
        }
    }

    /// "Warrant service officer (signed 8 May 2025)".
    pub fn in_words(&self) -> String {
        let day = match self.status {
            AgreementStatus::Ended => self.ended_on,
            _ => self.signed_on,
        };
        match day {
            Some(day) => format!(
                "{} ({} {})",
                self.model.plain(),
                self.status.plain(),
                day.format("%-d %b %Y")
            ),
            None => format!("{} ({})", self.model.plain(), self.status.plain()),
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
        effective_on: row.effective_on,
        ended_on: row.ended_on,
        paper: Paper::parse(&row.paper).ok_or_else(|| unreadable("paper", &row.paper))?,
        addendum: Paper::parse(&row.addendum)
            .ok_or_else(|| unreadable("addendum", &row.addendum))?,
        title: row.title,
        source: row.source,
        url: row.url,
        read_on: row.read_on,
        document: row.document_id.map(DocumentId),
        note: row.note,
        import: row.import_id.map(ImportId),
        added_by: row.added_by.map(UserId),
        added_at: row.added_at,
    })
}

fn row(agreement: &Agreement) -> agreement::ActiveModel {
    let kind = if agreement.model.is_287g() {
        KIND_287G
    } else {
        agreement.model.as_str()
    };
    agreement::ActiveModel {
        id: Set(agreement.id.0),
        campaign_id: Set(agreement.campaign.0),
        agency_id: Set(agreement.agency.0),
        kind: Set(kind.to_owned()),
        model: Set(agreement.model.as_str().to_owned()),
        signed_on: Set(agreement.signed_on),
        effective_on: Set(agreement.effective_on),
        ended_on: Set(agreement.ended_on),
        paper: Set(agreement.paper.as_str().to_owned()),
        addendum: Set(agreement.addendum.as_str().to_owned()),
        status: Set(agreement.status.as_str().to_owned()),
        title: Set(agreement.title.clone()),
        source: Set(agreement.source.clone()),
        url: Set(agreement.url.clone()),
        read_on: Set(agreement.read_on),
        document_id: Set(agreement.document.map(|id| id.0)),
        note: Set(agreement.note.clone()),
        import_id: Set(agreement.import.map(|id| id.0)),
        added_by: Set(agreement.added_by.map(|id| id.0)),
        added_at: Set(agreement.added_at),
    }
}

/// Adds agreements.
pub async fn add(tx: &Tx, agreements: &[Agreement]) -> Stored<()> {
    for some in agreements.chunks(AT_ONCE) {
        agreement::Entity::insert_many(some.iter().map(row))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes an agreement anew. False if it is not this campaign's.
pub async fn update(tx: &Tx, scope: &Scope, agreement: &Agreement) -> Stored<bool> {
    if agreement.campaign != scope.campaign || find(tx, scope, agreement.id).await?.is_none() {
        return Ok(false);
    }
    row(agreement).update(tx).await?;
    Ok(true)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AgreementId,
) -> Stored<Option<Agreement>> {
    agreement::Entity::find_by_id(id.0)
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The agreement that a newer list renews: one that a list gave goes before one of a person.
pub async fn find_of_model(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
    model: AgreementModel,
) -> Stored<Option<Agreement>> {
    let rows = agreement::Entity::find()
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .filter(agreement::Column::AgencyId.eq(agency.0))
        .filter(agreement::Column::Model.eq(model.as_str()))
        .order_by_asc(agreement::Column::AddedAt)
        .all(db)
        .await?;
    let mut all = rows.into_iter().map(read).collect::<Stored<Vec<_>>>()?;
    all.sort_by_key(|agreement| agreement.import.is_none());
    Ok(all.into_iter().next())
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

/// Agreements by their agency.
pub fn by_agency(agreements: Vec<Agreement>) -> HashMap<AgencyId, Vec<Agreement>> {
    let mut by_agency: HashMap<AgencyId, Vec<Agreement>> = HashMap::new();
    for agreement in agreements {
        by_agency
            .entry(agreement.agency)
            .or_default()
            .push(agreement);
    }
    by_agency
}

/// The agreements of these agencies, by agency: those that stand first.
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
    let mut all = rows.into_iter().map(read).collect::<Stored<Vec<_>>>()?;
    all.sort_by_key(|agreement| !agreement.status.stands());
    Ok(by_agency(all))
}

/// Takes the agreements away that an import added: what its undoing does.
pub async fn remove(tx: &Tx, scope: &Scope, ids: &[AgreementId]) -> Stored<()> {
    for some in ids.chunks(AT_ONCE) {
        agreement::Entity::delete_many()
            .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
            .filter(agreement::Column::Id.is_in(some.iter().map(|id| id.0)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// What the planner of an import compares with.
pub async fn list_known(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<KnownAgreement>> {
    let agreements = list(db, scope).await?;
    Ok(agreements
        .into_iter()
        .map(|agreement| KnownAgreement {
            id: agreement.id,
            listed: agreement.import.is_some(),
            agency: agreement.agency,
            model: agreement.model,
            status: agreement.status,
            signed_on: agreement.signed_on,
            paper: agreement.paper,
            addendum: agreement.addendum,
        })
        .collect())
}
