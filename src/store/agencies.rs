//! Agencies as one campaign knows them.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::sea_query::{Expr, Func, LikeExpr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, NotSet,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};
use serde::Serialize;

use super::entity::{agency, agency_alias, agency_set_member, agreement, contact};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::contact::Purpose;
use crate::domain::agency::matching::match_key;
use crate::domain::agency::plan::KnownAgency;
use crate::domain::agency::set::{Reach, Rule};
use crate::domain::agency::{AgencyKind, AgreementModel, AgreementStatus};
use crate::domain::ids::{AgencyId, CampaignId, ImportId, SetId, UserId};

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
        merged_into: NotSet,
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

/// Every agency of the campaign, by jurisdiction and name; not those that were merged into another.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Agency>> {
    let rows = agency::Entity::find()
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency::Column::MergedInto.is_null())
        .order_by_asc(agency::Column::Jurisdiction)
        .order_by_asc(agency::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// What a list is narrowed to. Empty narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of the name, of another name or of the county, in any case.
    pub words: String,
    pub jurisdiction: Option<String>,
    pub kind: Option<AgencyKind>,
    /// Only agencies that hold an agreement of this model today.
    pub model: Option<AgreementModel>,
    /// Only agencies of these jurisdictions: the campaign's own. Empty: all.
    pub among: Vec<String>,
    /// Whether it can be reached; contacts checked before the day count as stale.
    pub reach: Option<(Reach, NaiveDate)>,
    /// Only agencies that fit this rule as well.
    pub rule: Option<Rule>,
    /// Only members by hand of this set.
    pub hand_set: Option<SetId>,
}

impl Filter {
    /// Of a rule alone.
    pub fn of_rule(rule: Rule) -> Filter {
        Filter {
            rule: Some(rule),
            ..Filter::default()
        }
    }
}

fn condition(scope: &Scope, filter: &Filter) -> Condition {
    let mut all = Condition::all()
        .add(agency::Column::CampaignId.eq(scope.campaign.0))
        .add(agency::Column::MergedInto.is_null());
    all = with_words(all, &filter.words);
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
        all = all.add(holds(scope, &[model]));
    }
    if let Some((reach, stale_before)) = filter.reach {
        all = all.add(reached(scope, reach, stale_before));
    }
    if let Some(set) = filter.hand_set {
        let members = agency_set_member::Entity::find()
            .select_only()
            .column(agency_set_member::Column::AgencyId)
            .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
            .filter(agency_set_member::Column::SetId.eq(set.0))
            .into_query();
        all = all.add(agency::Column::Id.in_subquery(members));
    }
    if let Some(rule) = &filter.rule {
        all = with_words(all, &rule.words);
        if !rule.jurisdictions.is_empty() {
            all = all.add(agency::Column::Jurisdiction.is_in(&rule.jurisdictions));
        }
        if !rule.kinds.is_empty() {
            let kinds: Vec<&str> = rule.kinds.iter().map(|kind| kind.as_str()).collect();
            all = all.add(agency::Column::Kind.is_in(kinds));
        }
        if !rule.models.is_empty() {
            all = all.add(holds(scope, &rule.models));
        }
        if let Some(reach) = rule.reach {
            all = all.add(reached(scope, reach, NaiveDate::default()));
        }
    }
    all
}

/// Every word stands in the name, in another name, or in the county.
fn with_words(mut all: Condition, words: &str) -> Condition {
    for word in words.split_whitespace().take(8) {
        let like = LikeExpr::new(format!("%{}%", escaped(&word.to_lowercase()))).escape('\\');
        let in_name = Expr::expr(Func::lower(Expr::col(agency::Column::Name))).like(like.clone());
        let in_county =
            Expr::expr(Func::lower(Expr::col(agency::Column::County))).like(like.clone());
        let named = agency_alias::Entity::find()
            .select_only()
            .column(agency_alias::Column::AgencyId)
            .filter(Expr::expr(Func::lower(Expr::col(agency_alias::Column::Name))).like(like))
            .into_query();
        all = all.add(
            Condition::any()
                .add(in_name)
                .add(in_county)
                .add(agency::Column::Id.in_subquery(named)),
        );
    }
    all
}

/// Holds one of these agreements today: signed or pending, not ended, not off the list.
fn holds(scope: &Scope, models: &[AgreementModel]) -> SimpleExpr {
    let models: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
    let standing: Vec<&str> = AgreementStatus::ALL
        .into_iter()
        .filter(|status| status.stands())
        .map(AgreementStatus::as_str)
        .collect();
    let holders = agreement::Entity::find()
        .select_only()
        .column(agreement::Column::AgencyId)
        .filter(agreement::Column::CampaignId.eq(scope.campaign.0))
        .filter(agreement::Column::Model.is_in(models))
        .filter(agreement::Column::Status.is_in(standing))
        .into_query();
    agency::Column::Id.in_subquery(holders)
}

fn reached(scope: &Scope, reach: Reach, stale_before: NaiveDate) -> SimpleExpr {
    let contacts = contact::Entity::find()
        .select_only()
        .column(contact::Column::AgencyId)
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::RetiredAt.is_null());
    let for_records = contacts
        .clone()
        .filter(contact::Column::Purpose.eq(Purpose::Records.as_str()))
        .filter(contact::Column::BadSinceAt.is_null());
    let id = agency::Column::Id;
    match reach {
        Reach::Reachable => id.in_subquery(for_records.into_query()),
        Reach::Unreachable => id.not_in_subquery(for_records.into_query()),
        Reach::Stale => {
            let stale = contacts.filter(
                Condition::any()
                    .add(contact::Column::CheckedOn.lt(stale_before))
                    .add(contact::Column::BadSinceAt.is_not_null()),
            );
            id.in_subquery(stale.into_query())
        }
    }
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
        .filter(agency::Column::MergedInto.is_null())
        .count(db)
        .await?)
}

/// Every agency that fits, in the order of the list: for sets and exports.
pub async fn list_fitting(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
) -> Stored<Vec<Agency>> {
    let rows = agency::Entity::find()
        .filter(condition(scope, filter))
        .order_by_asc(agency::Column::Jurisdiction)
        .order_by_asc(agency::Column::Name)
        .order_by_asc(agency::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// What the planner of an import, and the search for duplicates, compare with.
pub async fn list_known(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<KnownAgency>> {
    let mut also = super::profiles::list_aliases(db, scope).await?;
    let agencies = list(db, scope).await?;
    Ok(agencies
        .into_iter()
        .map(|agency| KnownAgency {
            also: also.remove(&agency.id).unwrap_or_default(),
            id: agency.id,
            name: agency.name,
            jurisdiction: agency.jurisdiction,
            county: agency.county,
        })
        .collect())
}

/// The agency into which this one was merged.
pub async fn find_merged_into(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AgencyId,
) -> Stored<Option<AgencyId>> {
    let found: Option<Option<uuid::Uuid>> = agency::Entity::find_by_id(id.0)
        .select_only()
        .column(agency::Column::MergedInto)
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.flatten().map(AgencyId))
}

/// The agencies that were merged into this one.
pub async fn list_merged(
    db: &impl ConnectionTrait,
    scope: &Scope,
    into: AgencyId,
) -> Stored<Vec<Agency>> {
    let rows = agency::Entity::find()
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency::Column::MergedInto.eq(into.0))
        .order_by_asc(agency::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}
