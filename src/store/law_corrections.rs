//! Corrections of the built-in law, for the whole installation, and what was decided on each.
//!
//! Rows are only added: where a correction stands is folded from its decisions. Rights are the deeds' business.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, Set, Statement,
};
use uuid::Uuid;

use super::entity::{law_correction, law_decision};
use super::{StoreError, Stored, Tx};
use crate::domain::ids::{CorrectionId, UserId};
use crate::law::Code;

/// Taken in PostgreSQL while a correction is decided, so that two people's decisions come one after the other.
const DECISION_LOCK: i64 = 0x0053_756e_4c61_7773;

/// A correction as it was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    pub id: CorrectionId,
    pub code: Code,
    /// In the format of a law file.
    pub text: String,
    pub reason: String,
    pub source_title: String,
    pub source_url: String,
    pub source_read_on: NaiveDate,
    pub in_force_from: Option<NaiveDate>,
    pub in_force_until: Option<NaiveDate>,
    pub proposed_by: UserId,
    pub proposed_at: DateTime<Utc>,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// Empty for an approval.
    pub why: String,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    Rejected,
    Withdrawn,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Verdict::Approved => "approved",
            Verdict::Rejected => "rejected",
            Verdict::Withdrawn => "withdrawn",
        }
    }

    /// A correction is approved or rejected once, and withdrawn once.
    fn step(self) -> i32 {
        match self {
            Verdict::Approved | Verdict::Rejected => 1,
            Verdict::Withdrawn => 2,
        }
    }
}

/// Where a correction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Proposed,
    /// Approved, and not withdrawn.
    InForce,
    Rejected,
    Withdrawn,
}

/// A correction with everything that was decided on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub proposed: Proposed,
    pub approved: Option<Decided>,
    pub rejected: Option<Decided>,
    pub withdrawn: Option<Decided>,
}

impl Kept {
    pub fn standing(&self) -> Standing {
        match (&self.withdrawn, &self.rejected, &self.approved) {
            (Some(_), _, _) => Standing::Withdrawn,
            (None, Some(_), _) => Standing::Rejected,
            (None, None, Some(_)) => Standing::InForce,
            (None, None, None) => Standing::Proposed,
        }
    }
}

fn read(row: law_correction::Model) -> Stored<Kept> {
    let code = row
        .code
        .parse()
        .map_err(|_| StoreError::Unreadable(format!("law code {}", row.code)))?;
    Ok(Kept {
        proposed: Proposed {
            id: CorrectionId(row.id),
            code,
            text: row.text,
            reason: row.reason,
            source_title: row.source_title,
            source_url: row.source_url,
            source_read_on: row.source_read_on,
            in_force_from: row.in_force_from,
            in_force_until: row.in_force_until,
            proposed_by: UserId(row.proposed_by),
            proposed_at: row.proposed_at,
        },
        approved: None,
        rejected: None,
        withdrawn: None,
    })
}

/// Adds a proposal.
pub async fn propose(tx: &Tx, new: &Proposed) -> Stored<()> {
    law_correction::ActiveModel {
        id: Set(new.id.0),
        code: Set(new.code.as_str().to_owned()),
        text: Set(new.text.clone()),
        reason: Set(new.reason.clone()),
        source_title: Set(new.source_title.clone()),
        source_url: Set(new.source_url.clone()),
        source_read_on: Set(new.source_read_on),
        in_force_from: Set(new.in_force_from),
        in_force_until: Set(new.in_force_until),
        proposed_by: Set(new.proposed_by.0),
        proposed_at: Set(new.proposed_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Waits until nobody else is deciding, until the end of this change. SQLite has one writer anyway.
pub async fn take_turn(tx: &Tx) -> Stored<()> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_raw(Statement::from_string(
            DatabaseBackend::Postgres,
            format!("SELECT pg_advisory_xact_lock({DECISION_LOCK})"),
        ))
        .await?;
    }
    Ok(())
}

/// Records a decision. [`StoreError::Taken`] where that step was decided already.
pub async fn decide(tx: &Tx, id: CorrectionId, verdict: Verdict, decided: &Decided) -> Stored<()> {
    law_decision::ActiveModel {
        id: Set(Uuid::new_v4()),
        correction_id: Set(id.0),
        step: Set(verdict.step()),
        kind: Set(verdict.as_str().to_owned()),
        why: Set(decided.why.clone()),
        decided_by: Set(decided.by.0),
        decided_at: Set(decided.at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// How many decisions there are: it only grows, so as long as it stays the same the law in force is the same.
pub async fn revision(db: &impl ConnectionTrait) -> Stored<u64> {
    Ok(law_decision::Entity::find().count(db).await?)
}

/// Every correction in the order of its approval (proposals that wait stand last, as they came), with the revision
/// that this is the state of.
pub async fn list(db: &impl ConnectionTrait) -> Stored<(Vec<Kept>, u64)> {
    // Decisions first: what they decide on is then surely among the corrections read after them.
    let decisions = law_decision::Entity::find().all(db).await?;
    let revision = decisions.len() as u64;
    let mut all = law_correction::Entity::find()
        .order_by_asc(law_correction::Column::ProposedAt)
        .order_by_asc(law_correction::Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect::<Stored<Vec<_>>>()?;
    for decision in decisions {
        let Some(kept) = all
            .iter_mut()
            .find(|kept| kept.proposed.id.0 == decision.correction_id)
        else {
            return Err(StoreError::Unreadable(format!(
                "law decision {} on nothing",
                decision.id
            )));
        };
        let decided = Some(Decided {
            by: UserId(decision.decided_by),
            at: decision.decided_at,
            why: decision.why,
        });
        match decision.kind.as_str() {
            "approved" => kept.approved = decided,
            "rejected" => kept.rejected = decided,
            "withdrawn" => kept.withdrawn = decided,
            unknown => {
                return Err(StoreError::Unreadable(format!("law decision {unknown}")));
            }
        }
    }
    all.sort_by_key(|kept| {
        let approved_at = kept.approved.as_ref().map(|approved| approved.at);
        (approved_at.is_none(), approved_at)
    });
    Ok((all, revision))
}

/// The corrections of one law.
pub async fn list_for_code(db: &impl ConnectionTrait, code: Code) -> Stored<Vec<Kept>> {
    let (all, _) = list(db).await?;
    Ok(all
        .into_iter()
        .filter(|kept| kept.proposed.code == code)
        .collect())
}

/// One correction, if it is of that law.
pub async fn find(db: &impl ConnectionTrait, code: Code, id: CorrectionId) -> Stored<Option<Kept>> {
    let (all, _) = list(db).await?;
    Ok(all
        .into_iter()
        .find(|kept| kept.proposed.id == id && kept.proposed.code == code))
}

/// Whether a proposal is there, in a cheap question.
pub async fn any_waiting(db: &impl ConnectionTrait) -> Stored<bool> {
    let proposed = law_correction::Entity::find().count(db).await?;
    if proposed == 0 {
        return Ok(false);
    }
    let first_steps = law_decision::Entity::find()
        .filter(law_decision::Column::Step.eq(Verdict::Approved.step()))
        .count(db)
        .await?;
    Ok(proposed > first_steps)
}
