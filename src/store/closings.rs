//! Days on which one agency is closed besides what its law says: furloughs, a county's own holidays, days it may choose.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};

use super::entity::agency_closing;
use super::{Scope, Stored, Tx};
use crate::domain::ids::{AgencyId, CampaignId, ClosingId, UserId};

/// One closed day of one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub id: ClosingId,
    pub campaign: CampaignId,
    pub agency: AgencyId,
    pub on: NaiveDate,
    /// "Furlough day", "County holiday".
    pub why: String,
    /// How it is known.
    pub evidence: String,
    pub added_by: UserId,
    pub added_at: DateTime<Utc>,
    pub withdrawn: Option<Withdrawn>,
}

/// Somebody found that the day was not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    pub by: UserId,
    pub at: DateTime<Utc>,
    pub why: String,
}

/// The closed days of a campaign's agencies that stand, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closings(HashMap<AgencyId, BTreeMap<NaiveDate, String>>);

impl Closings {
    /// The days of one agency.
    pub fn of(&self, agency: AgencyId) -> BTreeMap<NaiveDate, String> {
        self.0.get(&agency).cloned().unwrap_or_default()
    }

    /// The same with one day more, to see what it would move.
    pub fn with(mut self, agency: AgencyId, on: NaiveDate, why: &str) -> Closings {
        self.0.entry(agency).or_default().insert(on, why.to_owned());
        self
    }

    /// The same without a day, to see what that would move.
    pub fn without(mut self, agency: AgencyId, on: NaiveDate) -> Closings {
        if let Some(days) = self.0.get_mut(&agency) {
            days.remove(&on);
        }
        self
    }
}

fn read(row: agency_closing::Model) -> Closing {
    let withdrawn = match (row.withdrawn_by, row.withdrawn_at) {
        (Some(by), Some(at)) => Some(Withdrawn {
            by: UserId(by),
            at,
            why: row.withdrawn_why.unwrap_or_default(),
        }),
        _ => None,
    };
    Closing {
        id: ClosingId(row.id),
        campaign: CampaignId(row.campaign_id),
        agency: AgencyId(row.agency_id),
        on: row.closed_on,
        why: row.why,
        evidence: row.evidence,
        added_by: UserId(row.added_by),
        added_at: row.added_at,
        withdrawn,
    }
}

/// Adds a closed day.
pub async fn add(tx: &Tx, closing: &Closing) -> Stored<()> {
    agency_closing::ActiveModel {
        id: Set(closing.id.0),
        campaign_id: Set(closing.campaign.0),
        agency_id: Set(closing.agency.0),
        closed_on: Set(closing.on),
        why: Set(closing.why.clone()),
        evidence: Set(closing.evidence.clone()),
        added_by: Set(closing.added_by.0),
        added_at: Set(closing.added_at),
        withdrawn_by: Set(None),
        withdrawn_at: Set(None),
        withdrawn_why: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Marks a closed day as withdrawn; false where somebody was quicker.
pub async fn withdraw(tx: &Tx, scope: &Scope, id: ClosingId, what: &Withdrawn) -> Stored<bool> {
    let done = agency_closing::Entity::update_many()
        .col_expr(agency_closing::Column::WithdrawnBy, Expr::value(what.by.0))
        .col_expr(agency_closing::Column::WithdrawnAt, Expr::value(what.at))
        .col_expr(
            agency_closing::Column::WithdrawnWhy,
            Expr::value(what.why.clone()),
        )
        .filter(agency_closing::Column::Id.eq(id.0))
        .filter(agency_closing::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_closing::Column::WithdrawnAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ClosingId,
) -> Stored<Option<Closing>> {
    let row = agency_closing::Entity::find_by_id(id.0)
        .filter(agency_closing::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?;
    Ok(row.map(read))
}

/// Every closed day that was recorded for an agency, the newest first, withdrawn ones among them.
pub async fn list_for_agency(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: AgencyId,
) -> Stored<Vec<Closing>> {
    let rows = agency_closing::Entity::find()
        .filter(agency_closing::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_closing::Column::AgencyId.eq(agency.0))
        .order_by_desc(agency_closing::Column::ClosedOn)
        .order_by_desc(agency_closing::Column::AddedAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The closed days of all agencies of a campaign that stand.
pub async fn in_force(db: &impl ConnectionTrait, campaign: CampaignId) -> Stored<Closings> {
    let rows = agency_closing::Entity::find()
        .filter(agency_closing::Column::CampaignId.eq(campaign.0))
        .filter(agency_closing::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    let mut closings = Closings::default();
    for row in rows {
        closings
            .0
            .entry(AgencyId(row.agency_id))
            .or_default()
            .insert(row.closed_on, row.why);
    }
    Ok(closings)
}
