//! Figures traced to a page, and their second reading.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::documents::{self, OnFile};
use super::entity::{fact, fact_check};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::fact::{
    Check, CheckedFact, CostBasis, CountBasis, Fact, FactStatus, Figure, Flag, Method, Metric,
    NotChecked, Period, Reading, Verdict,
};
use crate::domain::ids::{AgencyId, CampaignId, DocumentId, FactId, RequestId, UserId};
use crate::domain::review::{Cleared, Sight};

/// A second person's check with what they wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckNote {
    pub check: Check,
    pub comment: String,
}

/// Who withdrew a figure, when and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Withdrawn {
    pub by: UserId,
    pub at: DateTime<Utc>,
    pub why: String,
}

/// A figure with its checks.
#[derive(Clone, Debug, PartialEq)]
pub struct OnRecord {
    pub fact: Fact,
    /// Oldest first; the latest holds.
    pub checks: Vec<CheckNote>,
    pub withdrawn: Option<Withdrawn>,
}

impl OnRecord {
    pub fn status(&self) -> FactStatus {
        let checks: Vec<Check> = self.checks.iter().map(|note| note.check.clone()).collect();
        self.fact.status(&checks)
    }

    /// The check that holds.
    pub fn latest(&self) -> Option<&CheckNote> {
        self.checks.iter().max_by_key(|note| note.check.at)
    }

    /// The figure as one that may leave the team, with the cleared document that it was read from.
    pub fn confirm<D>(&self, source: &Cleared<D>) -> Result<CheckedFact, NotChecked> {
        let checks: Vec<Check> = self.checks.iter().map(|note| note.check.clone()).collect();
        CheckedFact::confirm(self.fact.clone(), &checks, source)
    }
}

/// Writes a figure.
pub async fn add(tx: &Tx, campaign: CampaignId, new: &Fact) -> Stored<()> {
    let reading = &new.reading;
    let flags: Vec<String> = new.flags.iter().map(Flag::to_string).collect();
    fact::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(campaign.0),
        agency_id: Set(new.agency.0),
        request_id: Set(new.request.map(|id| id.0)),
        document_id: Set(new.document.0),
        page: Set(i32::try_from(reading.page).unwrap_or(i32::MAX)),
        printed_page: Set(reading.printed_page.clone()),
        metric: Set(reading.metric.key().to_owned()),
        period_start: Set(reading.period.start()),
        period_end: Set(reading.period.end()),
        value: Set(reading.value.to_string()),
        unit: Set(reading.metric.unit().as_str().to_owned()),
        count_basis: Set(reading
            .count_basis
            .map_or(String::new(), |basis| basis.as_str().to_owned())),
        cost_basis: Set(reading
            .cost_basis
            .map_or(String::new(), |basis| basis.as_str().to_owned())),
        definition: Set(reading.definition.clone()),
        quote: Set(reading.quote.clone()),
        quote_found: Set(new.quote_found),
        method: Set(reading.method.as_str().to_owned()),
        flags: Set(serde_json::Value::from(flags)),
        note: Set(reading.note.clone()),
        entered_by: Set(new.entered_by.0),
        entered_at: Set(new.entered_at),
        withdrawn_at: Set(None),
        withdrawn_by: Set(None),
        withdrawn_why: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Writes a second person's check.
pub async fn add_check(
    tx: &Tx,
    by: &Scope,
    id: FactId,
    verdict: Verdict,
    comment: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    fact_check::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(by.campaign.0),
        fact_id: Set(id.0),
        decision: Set(verdict.as_str().to_owned()),
        comment: Set(comment.to_owned()),
        decided_by: Set(by.user.0),
        decided_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Marks a figure as withdrawn; it stays. False where it was withdrawn already or is not this campaign's.
pub async fn withdraw(
    tx: &Tx,
    by: &Scope,
    id: FactId,
    why: &str,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let changed = fact::Entity::update_many()
        .filter(fact::Column::Id.eq(id.0))
        .filter(fact::Column::CampaignId.eq(by.campaign.0))
        .filter(fact::Column::WithdrawnAt.is_null())
        .col_expr(fact::Column::WithdrawnAt, Expr::value(Some(now)))
        .col_expr(fact::Column::WithdrawnBy, Expr::value(Some(by.user.0)))
        .col_expr(
            fact::Column::WithdrawnWhy,
            Expr::value(Some(why.to_owned())),
        )
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Figures go along with the documents that they were read from: their request is their document's.
pub async fn follow_documents(
    tx: &Tx,
    by: &Scope,
    documents: &[DocumentId],
    request: RequestId,
) -> Stored<()> {
    fact::Entity::update_many()
        .filter(fact::Column::CampaignId.eq(by.campaign.0))
        .filter(fact::Column::DocumentId.is_in(documents.iter().map(|id| id.0)))
        .col_expr(fact::Column::RequestId, Expr::value(Some(request.0)))
        .exec(tx)
        .await?;
    Ok(())
}

/// A figure of this campaign whose document the asking person sees whole, with that document.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: FactId,
) -> Stored<Option<(OnRecord, OnFile)>> {
    let row = fact::Entity::find_by_id(id.0)
        .filter(fact::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let source = documents::find(db, scope, DocumentId(row.document_id)).await?;
    let Some(source) = source.filter(|each| each.sight(scope) == Sight::Whole) else {
        return Ok(None);
    };
    let mut found = complete(db, scope.campaign, vec![row]).await?;
    Ok(found.pop().map(|record| (record, source)))
}

/// Every figure of the campaign whose document the asking person sees whole, with that document, by metric and period;
/// and how many figures are not shown because counsel holds their document again.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<(Vec<(OnRecord, OnFile)>, usize)> {
    let all = list_all(db, scope).await?;
    let sources: HashMap<DocumentId, OnFile> = documents::list(db, scope)
        .await?
        .into_iter()
        .filter(|each| each.sight(scope) == Sight::Whole)
        .map(|each| (each.document.id, each))
        .collect();
    let mut hidden = 0;
    let mut shown = Vec::new();
    for each in all {
        match sources.get(&each.fact.document) {
            Some(source) => shown.push((each, source.clone())),
            None => hidden += 1,
        }
    }
    shown.sort_by_key(|(record, _)| {
        let reading = &record.fact.reading;
        (reading.metric, record.fact.agency, reading.period)
    });
    Ok((shown, hidden))
}

/// Every figure of the campaign, whoever may see it, oldest first: for building a packet, which takes only those with
/// a cleared document and a second person's check.
pub async fn list_all(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<OnRecord>> {
    let rows = fact::Entity::find()
        .filter(fact::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(fact::Column::EnteredAt)
        .all(db)
        .await?;
    complete(db, scope.campaign, rows).await
}

async fn complete(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    rows: Vec<fact::Model>,
) -> Stored<Vec<OnRecord>> {
    let mut query = fact_check::Entity::find()
        .filter(fact_check::Column::CampaignId.eq(campaign.0))
        .order_by_asc(fact_check::Column::DecidedAt);
    if let [only] = rows.as_slice() {
        query = query.filter(fact_check::Column::FactId.eq(only.id));
    }
    let mut checks: HashMap<Uuid, Vec<CheckNote>> = HashMap::new();
    for row in query.all(db).await? {
        let verdict = Verdict::parse(&row.decision).ok_or_else(|| {
            StoreError::Unreadable(format!("verdict {} of a figure", row.decision))
        })?;
        checks.entry(row.fact_id).or_default().push(CheckNote {
            check: Check {
                fact: FactId(row.fact_id),
                verdict,
                by: UserId(row.decided_by),
                at: row.decided_at,
            },
            comment: row.comment,
        });
    }
    rows.into_iter()
        .map(|row| {
            let checks = checks.remove(&row.id).unwrap_or_default();
            read(row, checks)
        })
        .collect()
}

fn read(row: fact::Model, checks: Vec<CheckNote>) -> Stored<OnRecord> {
    let broken = |what: &str, value: &str| StoreError::Unreadable(format!("figure {what} {value}"));
    let metric = Metric::parse(&row.metric).ok_or_else(|| broken("metric", &row.metric))?;
    let optional_count = match row.count_basis.as_str() {
        "" => None,
        word => Some(CountBasis::parse(word).ok_or_else(|| broken("count basis", word))?),
    };
    let optional_cost = match row.cost_basis.as_str() {
        "" => None,
        word => Some(CostBasis::parse(word).ok_or_else(|| broken("cost basis", word))?),
    };
    let words: Vec<String> =
        serde_json::from_value(row.flags).map_err(|error| broken("flags", &error.to_string()))?;
    let flags = words
        .iter()
        .map(|word| word.parse().map_err(|_| broken("flag", word)))
        .collect::<Stored<Vec<Flag>>>()?;
    let withdrawn = match (row.withdrawn_at, row.withdrawn_by) {
        (Some(at), Some(by)) => Some(Withdrawn {
            by: UserId(by),
            at,
            why: row.withdrawn_why.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(OnRecord {
        fact: Fact {
            id: FactId(row.id),
            agency: AgencyId(row.agency_id),
            request: row.request_id.map(RequestId),
            document: DocumentId(row.document_id),
            reading: Reading {
                metric,
                period: Period::new(row.period_start, row.period_end)
                    .map_err(|problem| broken("period", &problem.says))?,
                value: Figure::parse(&row.value, metric.unit())
                    .map_err(|_| broken("value", &row.value))?,
                count_basis: optional_count,
                cost_basis: optional_cost,
                definition: row.definition,
                quote: row.quote,
                page: u32::try_from(row.page).unwrap_or(0),
                printed_page: row.printed_page,
                method: Method::parse(&row.method).ok_or_else(|| broken("method", &row.method))?,
                note: row.note,
            },
            quote_found: row.quote_found,
            flags,
            entered_by: UserId(row.entered_by),
            entered_at: row.entered_at,
            withdrawn: withdrawn.is_some(),
        },
        checks,
        withdrawn,
    })
}
