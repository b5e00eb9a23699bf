//! A batch is planned: what is asked, of which agencies, with what is particular to each. Nothing is drafted here.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::draft_request::HIGHEST_CEILING_CENTS;
use super::read_batch::batch_of;
use super::{ActionError, App, Deed, Scope};
use crate::domain::batch::pace::Pace;
use crate::domain::batch::{Batch, MOST_TARGETS, Sending, Signer, Target};
use crate::domain::event::{BatchDeed, Happening};
use crate::domain::ids::{AgencyId, BatchId, TargetId};
use crate::domain::request::{Format, Period};
use crate::store::{Tx, agencies, agreements, batches, commit, events};

/// What a person chose for a whole batch.
#[derive(Clone, Debug)]
pub struct Plan {
    pub title: String,
    pub words: String,
    pub records: Vec<String>,
    pub period: Period,
    pub fiscal_years: Option<u8>,
    pub format: Format,
    pub fee_ceiling_cents: i64,
    pub send_on: NaiveDate,
}

/// What a person filled in for one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    pub target: TargetId,
    pub facilities: String,
    /// `MM-DD`, or empty.
    pub fiscal_year_start: String,
    pub agreement_on: Option<NaiveDate>,
    /// Keys of the problems let pass.
    pub accepted: Vec<String>,
    pub leave_out: bool,
}

pub(super) fn drafter(by: &Scope) -> Deed<()> {
    if by.may_draft() {
        return Ok(());
    }
    Err(ActionError::Forbidden(
        "Researchers and counsel plan and send batches. Ask one of them.",
    ))
}

fn check(app: &App, plan: &Plan) -> Deed<()> {
    if plan.records.is_empty() {
        return Err(ActionError::refused(
            "Choose at least one kind of record to ask for.",
        ));
    }
    if let Some(unknown) = plan
        .records
        .iter()
        .find(|key| app.records.get(key).is_none())
    {
        return Err(ActionError::refused(format!(
            "There is no kind of record called “{unknown}” in the catalogue."
        )));
    }
    if !(0..=HIGHEST_CEILING_CENTS).contains(&plan.fee_ceiling_cents) {
        return Err(ActionError::refused(
            "The fee ceiling lies between $0 and $10,000.",
        ));
    }
    Ok(())
}

/// Begins a batch without agencies.
///
/// # Errors
/// Refused where nothing is asked for, or the fee ceiling is out of range.
pub async fn plan_batch(app: &App, by: &Scope, plan: Plan, now: DateTime<Utc>) -> Deed<BatchId> {
    drafter(by)?;
    check(app, &plan)?;
    let tx = app.store.begin().await?;
    let number = batches::next_number(&tx, by.campaign).await?;
    let batch = Batch {
        id: BatchId::new(),
        campaign: by.campaign,
        number,
        title: title_of(&plan, number),
        words: plan.words,
        records: plan.records,
        period: plan.period,
        fiscal_years: plan.fiscal_years,
        format: plan.format,
        fee_ceiling_cents: plan.fee_ceiling_cents,
        send_on: plan.send_on,
        signers: BTreeMap::new(),
        pace: Pace::default(),
        draft_round: 0,
        send_round: 0,
        sending: Sending::NotStarted,
        started_by: None,
        created_by: by.user,
        created_at: now,
    };
    batches::add(&tx, &batch).await?;
    record(&tx, by, batch.id, BatchDeed::Planned, 0, "", now).await?;
    commit(tx).await?;
    Ok(batch.id)
}

fn title_of(plan: &Plan, number: i32) -> String {
    match plan.title.trim() {
        "" => format!("Batch {number}"),
        title => title.to_owned(),
    }
}

/// One line of the campaign's log on a batch.
pub(super) async fn record(
    tx: &Tx,
    by: &Scope,
    batch: BatchId,
    what: BatchDeed,
    letters: usize,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let what = Happening::Batch {
        batch,
        what,
        letters: u32::try_from(letters).unwrap_or(u32::MAX),
        note: note.to_owned(),
    };
    events::record_by(tx, by, None, now, &what).await?;
    Ok(())
}

/// Writes `now` over `was`, refusing where the batch moved meanwhile.
pub(super) async fn rewrite(tx: &Tx, was: &Batch, now: &Batch) -> Deed<()> {
    if batches::update(tx, was, now).await? {
        return Ok(());
    }
    Err(ActionError::refused(
        "Somebody drafted or sent letters of this batch at the same moment. Open it again to see where it stands; \
         nothing of yours was changed.",
    ))
}

/// Changes what is asked. Letters that are drafted already stay as they are.
pub async fn edit_plan(app: &App, by: &Scope, id: BatchId, plan: Plan) -> Deed<()> {
    drafter(by)?;
    check(app, &plan)?;
    let was = batch_of(app, by, id).await?;
    let now = Batch {
        title: title_of(&plan, was.number),
        words: plan.words,
        records: plan.records,
        period: plan.period,
        fiscal_years: plan.fiscal_years,
        format: plan.format,
        fee_ceiling_cents: plan.fee_ceiling_cents,
        send_on: plan.send_on,
        ..was.clone()
    };
    let tx = app.store.begin().await?;
    rewrite(&tx, &was, &now).await?;
    commit(tx).await?;
    Ok(())
}

/// Adds agencies; those that are in the batch already stay. Returns how many are new.
///
/// # Errors
/// Not found where one is another campaign's; refused where the batch would grow beyond [`MOST_TARGETS`].
pub async fn add_targets(app: &App, by: &Scope, id: BatchId, chosen: &[AgencyId]) -> Deed<u64> {
    drafter(by)?;
    let db = app.store.read();
    let batch = batch_of(app, by, id).await?;
    let there = batches::list_targets(db, by, id).await?;
    let known: HashSet<AgencyId> = agencies::list(db, by)
        .await?
        .into_iter()
        .map(|agency| agency.id)
        .collect();
    if chosen.iter().any(|agency| !known.contains(agency)) {
        return Err(ActionError::NotFound);
    }
    if there.len() + chosen.len() > MOST_TARGETS {
        return Err(ActionError::refused(format!(
            "A batch takes {MOST_TARGETS} agencies at most. Plan two batches.",
        )));
    }
    let held = agreements::list_for_agencies(db, by, chosen).await?;
    let last = there.last().map_or(0, |target| target.position);
    let new: Vec<Target> = chosen
        .iter()
        .zip(last + 1..)
        .map(|(agency, position)| Target {
            id: TargetId::new(),
            campaign: by.campaign,
            batch: batch.id,
            agency: *agency,
            position,
            facilities: String::new(),
            fiscal_year_start: String::new(),
            agreement_on: held
                .get(agency)
                .and_then(|all| all.iter().filter_map(|agreement| agreement.signed_on).min()),
            accepted: Vec::new(),
            request: None,
            problem: String::new(),
            send_at: None,
            queued_at: None,
        })
        .collect();
    let tx = app.store.begin().await?;
    let added = batches::add_targets(&tx, &new).await?;
    commit(tx).await?;
    Ok(added)
}

/// Writes what was filled in for agencies whose letters are not drafted yet, and takes out those to be left out.
/// Returns how many were taken out.
pub async fn fill_in(app: &App, by: &Scope, id: BatchId, all: &[Particulars]) -> Deed<usize> {
    drafter(by)?;
    batch_of(app, by, id).await?;
    let tx = app.store.begin().await?;
    let there: BTreeMap<TargetId, Target> = batches::list_targets(&tx, by, id)
        .await?
        .into_iter()
        .map(|target| (target.id, target))
        .collect();
    let mut out = 0;
    for one in all {
        let target = there.get(&one.target).ok_or(ActionError::NotFound)?;
        if one.leave_out {
            out += usize::from(batches::remove(&tx, target).await?);
            continue;
        }
        let now = Target {
            facilities: one.facilities.clone(),
            fiscal_year_start: one.fiscal_year_start.clone(),
            agreement_on: one.agreement_on,
            accepted: one.accepted.clone(),
            ..target.clone()
        };
        if now != *target {
            batches::set_particulars(&tx, &now).await?;
        }
    }
    commit(tx).await?;
    Ok(out)
}

/// Lets a problem pass for these agencies, where a person may.
pub async fn let_pass(
    app: &App,
    by: &Scope,
    id: BatchId,
    problem: &str,
    targets: &[TargetId],
) -> Deed<usize> {
    drafter(by)?;
    batch_of(app, by, id).await?;
    let tx = app.store.begin().await?;
    let mut passed = 0;
    for mut target in batches::list_targets(&tx, by, id).await? {
        let known = target.accepted.iter().any(|key| key == problem);
        if targets.contains(&target.id) && !known {
            target.accepted.push(problem.to_owned());
            passed += usize::from(batches::set_particulars(&tx, &target).await?);
        }
    }
    commit(tx).await?;
    Ok(passed)
}

/// Names who asks in a state that answers only its residents; an empty name takes it back.
pub async fn name_signer(
    app: &App,
    by: &Scope,
    id: BatchId,
    state: &str,
    signer: Signer,
) -> Deed<()> {
    drafter(by)?;
    let was = batch_of(app, by, id).await?;
    let mut now = was.clone();
    match (signer.name.trim(), signer.address.trim()) {
        ("", _) => {
            now.signers.remove(state);
        }
        (_, "") => {
            return Err(ActionError::refused(
                "Give the address that shows the residence: it stands in the letters, so take no one's home without asking.",
            ));
        }
        _ => {
            now.signers.insert(state.to_owned(), signer);
        }
    }
    let tx = app.store.begin().await?;
    rewrite(&tx, &was, &now).await?;
    commit(tx).await?;
    Ok(())
}
