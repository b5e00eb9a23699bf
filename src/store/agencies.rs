//! Agencies as one campaign knows them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::sea_query::{Expr, Func, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};
use serde::Serialize;

use super::entity::{agency, agreement};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::matching::match_key;
use crate::domain::agency::plan::KnownAgency;
use crate::domain::agency::{AgencyKind, AgreementModel};
use crate::domain::ids::{AgencyId, CampaignId, ImportId, UserId};

/// Rows written in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// An agency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agency {
    pub id: AgencyId,
    pub campaign: CampaignId,
    pub name: String,
    pub kind: AgencyKind,
    /// Postal code of the state, or DC.
    pub jurisdiction: String,
    pub county: Option<String>,
    /// The clock by which it receives letters.
    pub time_zone: Tz,
    /// `MM-DD`, where somebody found it out.
    pub fiscal_year_start: Option<String>,
    /// Where its name comes from, in words.
    pub source: String,
    pub import: Option<ImportId>,
    /// None where the program put it there.
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

fn read(row: agency::Model) -> Stored<Agency> {
    let unreadable =
        |what: &str, value: &str| StoreError::Unreadable(format!("agency {what} {value}"));
    Ok(Agency {
        id: AgencyId(row.id),
        campaign: CampaignId(row.campaign_id),
        kind: AgencyKind::parse(&row.kind).ok_or_else(|| unreadable("kind", &row.kind))?,
        time_zone: row
            .time_zone
            .parse()
            .map_err(|_| unreadable("time zone", &row.time_zone))?,
        name: row.name,
        jurisdiction: row.jurisdiction,
        county: row.county,
        fiscal_year_start: row.fiscal_year_start,
        source: row.source,
        import: row.import_id.map(ImportId),
        created_by: row.created_by.map(UserId),
        created_at: row.created_at,
    })
}

fn row(agency: &Agency) -> agency::ActiveModel {
    agency::ActiveModel {
        id: Set(agency.id.0),
        campaign_id: Set(agency.campaign.0),
        name: Set(agency.name.clone()),
        name_key: Set(match_key(&agency.jurisdiction, &agency.name)),
        kind: Set(agency.kind.as_str().to_owned()),
        jurisdiction: Set(agency.jurisdiction.clone()),
        county: Set(agency.county.clone()),
        time_zone: Set(agency.time_zone.name().to_owned()),
        fiscal_year_start: Set(agency.fiscal_year_start.clone()),
        source: Set(agency.source.clone()),
        import_id: Set(agency.import.map(|id| id.0)),
        created_by: Set(agency.created_by.map(|id| id.0)),
        created_at: Set(agency.created_at),
    }
}

/// Adds agencies: those of a campaign's start, of an import, or one by hand.
pub async fn add(tx: &Tx, agencies: &[Agency]) -> Stored<()> {
    for some in agencies.chunks(AT_ONCE) {
        agency::Entity::insert_many(some.iter().map(row))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes an agency's changeable fields anew. False if it is not this campaign's.
pub async fn update(tx: &Tx, scope: &Scope, agency: &Agency) -> Stored<bool> {
    if agency.campaign != scope.campaign || find(tx, scope, agency.id).await?.is_none() {
        return Ok(false);
    }
    row(agency).update(tx).await?;
    Ok(true)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AgencyId,
) -> Stored<Option<Agency>> {
    agency::Entity::find_by_id(id.0)
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Every agency of the campaign, by jurisdiction and name.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Agency>> {
    let rows = agency::Entity::find()
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(agency::Column::Jurisdiction)
        .order_by_asc(agency::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// What a list is narrowed to. Empty narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of the name or the county, in any case.
    pub words: String,
    pub jurisdiction: Option<String>,
    pub kind: Option<AgencyKind>,
    /// Only agencies that hold an agreement of this model.
    pub model: Option<AgreementModel>,
    /// Only agencies of these jurisdictions: the campaign's own. Empty: all.
    pub among: Vec<String>,
}

fn condition(scope: &Scope, filter: &Filter) -> Condition {
    let mut all = Condition::all().add(agency::Column::CampaignId.eq(scope.campaign.0));
    for word in filter.words.split_whitespace().take(8) {
        let like = LikeExpr::new(format!("%{}%", escaped(&word.to_lowercase()))).escape('\\');
        let in_name = Expr::expr(Func::lower(Expr::col(agency::Column::Name))).like(like.clone());
        let in_county = Expr::expr(Func::lower(Expr::col(agency::Column::County))).like(like);
        all = all.add(Condition::any().add(in_name).add(in_county));
    }
    if let Some(code) = &filter.jurisdiction {
        all = all.add(agency::Column::Jurisdiction.eq(code));
    }
    if !filter.among.is_empty() {
        all = all.add(agency::Column::Jurisdiction.is_in(&filter.among));
    }
    if let Some(kind) = filter.kind {
        all = all.add(agency::Column::Kind.eq(kind.as_str()));
    }
    if let Some(model) = filter.model {
        let holders = agreement::Entity::find()
            .select_only()
            .column(agreement::Column::AgencyId)
            .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
            .filter(agreement::Column::Model.eq(model.as_str()))
            .into_query();
        all = all.add(agency::Column::Id.in_subquery(holders));
    }
    all
}

/// The letters that mean something in a LIKE pattern stand for themselves.
fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// One page of a narrowed list, and how many there are in all.
pub async fn search(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    page: u64,
    page_size: u64,
) -> Stored<(Vec<Agency>, u64)> {
    let query = agency::Entity::find().filter(condition(scope, filter));
    let total = query.clone().count(db).await?;
    let rows = query
        .order_by_asc(agency::Column::Jurisdiction)
        .order_by_asc(agency::Column::Name)
        .order_by_asc(agency::Column::Id)
        .offset(page * page_size)
        .limit(page_size)
        .all(db)
        .await?;
    let agencies = rows.into_iter().map(read).collect::<Stored<Vec<_>>>()?;
    Ok((agencies, total))
}

/// How many agencies the campaign knows.
pub async fn count(db: &impl ConnectionTrait, scope: &Scope) -> Stored<u64> {
    Ok(agency::Entity::find()
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .count(db)
        .await?)
}

/// What the planner of an import compares with.
pub async fn list_known(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<KnownAgency>> {
    let agencies = list(db, scope).await?;
    Ok(agencies
        .into_iter()
        .map(|agency| KnownAgency {
            id: agency.id,
            name: agency.name,
            jurisdiction: agency.jurisdiction,
            county: agency.county,
        })
        .collect())
}
