//! All letters of a batch that nothing stands in the way of are drafted: one job for each agency, each exactly once.
//!
//! A target gets its request in the transaction that makes the request, and only if it has none. So a job may be cut
//! off at any point and run again, by whatever process.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::draft_request::{NewRequest, addressed, draft_in};
use super::plan_batch::{drafter, record, rewrite};
use super::read_batch::{fiscal_of, problems_now, read_batch};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::batch::particulars::take_in;
use crate::domain::batch::plan::stops;
use crate::domain::batch::{Batch, Target};
use crate::domain::event::BatchDeed;
use crate::domain::ids::{BatchId, TargetId};
use crate::domain::person::Role;
use crate::store::jobs::{self, NewJob};
use crate::store::{StoreError, batches, commit};

/// The job's kind.
pub const DRAFT_JOB: &str = "draft_target";
/// Two processes may want the same number: the slower tries again.
const TRIES: usize = 8;

/// What a job on one target remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTarget {
    pub batch: BatchId,
    pub target: TargetId,
    /// The round that it belongs to: a later one makes it idle.
    pub round: i32,
}

impl OneTarget {
    pub(super) fn job(
        self,
        kind: &'static str,
        batch: &Batch,
        run_at: DateTime<Utc>,
    ) -> Deed<NewJob> {
        Ok(NewJob {
            kind,
            effect_key: format!("{kind}:{}:{}:{}", self.batch, self.round, self.target),
            payload: serde_json::to_value(self)
                .map_err(|error| ActionError::fault("writing a job", error))?,
            campaign: Some(batch.campaign),
            run_at,
        })
    }
}

/// Jobs act for whoever started the work; their right was checked then.
pub(super) fn program(batch: &Batch) -> Scope {
    Scope {
        user: batch.started_by.unwrap_or(batch.created_by),
        campaign: batch.campaign,
        role: Role::Researcher,
    }
}

/// Puts the drafting of every target without problems into the job table. Returns how many.
///
/// # Errors
/// Refused where nothing can be drafted.
pub async fn draft_batch(app: &App, by: &Scope, id: BatchId, now: DateTime<Utc>) -> Deed<usize> {
    drafter(by)?;
    let sheet = read_batch(app, by, id, now).await?;
    let ready: Vec<&Target> = sheet
        .rows
        .iter()
        .filter(|row| row.may_draft())
        .map(|row| &row.target)
        .collect();
    if ready.is_empty() {
        return Err(ActionError::refused(
            "There is nothing to draft: every agency has its letter, or something stands in its way. The problems are listed first on this page.",
        ));
    }
    let was = &sheet.batch;
    let batch = Batch {
        draft_round: was.draft_round + 1,
        started_by: Some(by.user),
        ..was.clone()
    };
    let many = ready.len();
    let work = ready
        .iter()
        .zip((1_i64..=many as i64).rev())
        .map(|(target, before)| {
            let one = OneTarget {
                batch: id,
                target: target.id,
                round: batch.draft_round,
            };
            // Jobs are taken up in the order of their times: so the requests are numbered in the order of the plan.
            one.job(DRAFT_JOB, &batch, now - TimeDelta::microseconds(before))
        })
        .collect::<Deed<Vec<_>>>()?;
    let tx = app.store.begin().await?;
    rewrite(&tx, was, &batch).await?;
    for target in ready.iter().filter(|target| !target.problem.is_empty()) {
        batches::set_problem(&tx, target, "").await?;
    }
    jobs::add_many(&tx, work, now).await?;
    record(&tx, by, id, BatchDeed::Drafting, many, "", now).await?;
    commit(tx).await?;
    Ok(many)
}

/// Drafts the letter of one target. What a job of the kind [`DRAFT_JOB`] does.
pub async fn draft_target(app: &App, one: OneTarget, now: DateTime<Utc>) -> Deed<()> {
    let db = app.store.read();
    let batch = batches::find_unscoped(db, one.batch)
        .await?
        .ok_or(ActionError::NotFound)?;
    let by = program(&batch);
    // Left out meanwhile, drafted before, or another round's: nothing to do.
    let Some(target) = batches::find_target(db, &by, one.target).await? else {
        return Ok(());
    };
    if target.request.is_some() || batch.draft_round != one.round {
        return Ok(());
    }
    let to = addressed(app, &by, target.agency).await?;
    let today = day_in(to.campaign.time_zone, now);
    let problems = problems_now(app, &by, &batch, &target, today).await?;
    if let Some(problem) = problems.iter().find(|one| stops(one, &target.accepted)) {
        return note_problem(app, &target, &problem.says()).await;
    }
    let new = new_request(app, &batch, &target, &to.agency, today);
    for _ in 0..TRIES {
        let tx = app.store.begin().await?;
        let date = batch.send_on.max(today);
        let words = |draft: &mut _| take_in(draft, &batch.words, &target);
        match draft_in(&tx, app, &by, &to, &new, (date, now), words).await {
            Ok(drafted) => {
                if batches::set_request(&tx, &target, drafted.request).await? {
                    commit(tx).await?;
                }
                return Ok(());
            }
            Err(ActionError::Refused(why)) => {
                drop(tx);
                return note_problem(app, &target, &why).await;
            }
            Err(ActionError::Fault(fault)) if is_taken(&fault) => drop(tx),
            Err(error) => return Err(error),
        }
    }
    Err(ActionError::fault(
        "numbering the requests of a batch",
        StoreError::Taken,
    ))
}

fn is_taken(fault: &super::Fault) -> bool {
    fault
        .source
        .downcast_ref::<StoreError>()
        .is_some_and(|error| matches!(error, StoreError::Taken))
}

async fn note_problem(app: &App, target: &Target, why: &str) -> Deed<()> {
    let tx = app.store.begin().await?;
    batches::set_problem(&tx, target, why).await?;
    commit(tx).await?;
    Ok(())
}

fn new_request(
    app: &App,
    batch: &Batch,
    target: &Target,
    agency: &crate::store::agencies::Agency,
    today: chrono::NaiveDate,
) -> NewRequest {
    let law = app.law_of_code(&agency.jurisdiction);
    let start = fiscal_of(target, agency, None, law.as_deref()).start;
    let residents_only = law
        .as_ref()
        .is_some_and(|law| law.eligibility.residents_only);
    NewRequest {
        agency: agency.id,
        records: batch.records.clone(),
        period: batch.period_for(start, today),
        format: batch.format,
        fee_ceiling_cents: batch.fee_ceiling_cents,
        resident: batch
            .signers
            .get(&agency.jurisdiction)
            .filter(|_| residents_only)
            .map(Into::into),
        title: batch.title.clone(),
    }
}
