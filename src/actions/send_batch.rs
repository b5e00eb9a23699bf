//! The approved letters of a batch leave, one after the other, each at its time; pause and resume.
//!
//! Starting, resuming, and waking late all do the same thing: every letter that has not left gets a new time, and the
//! jobs of the round before do nothing any more. What goes out goes through the outbox, where a letter has one place
//! for good; so nothing leaves twice, whatever is interrupted.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};

use super::draft_batch::{OneTarget, program};
use super::draft_request::REQUEST;
use super::plan_batch::{drafter, record, rewrite};
use super::read_batch::{Row, Sheet, batch_of, read_batch};
use super::send_letter::send_letter;
use super::{ActionError, App, Deed, Scope};
use crate::domain::batch::pace::{Call, Gone, Pace, is_open, schedule};
use crate::domain::batch::{Batch, Sending, Target};
use crate::domain::delivery::pace::domain_of;
use crate::domain::event::BatchDeed;
use crate::domain::ids::BatchId;
use crate::store::jobs;
use crate::store::{agencies, batches, commit, deliveries, letters};

/// The job's kind.
pub const SEND_JOB: &str = "send_target";
/// A letter that would leave later than this after its time gets a new one with all the others, so that a program
/// that stood still does not let a day's letters out at once.
const LATE: TimeDelta = TimeDelta::minutes(20);

/// When each letter would leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// The place in the sheet's rows.
    pub row: usize,
    /// None where the pace finds no time within a year.
    pub at: Option<DateTime<Utc>>,
}

fn call<'c>(row: &'c Row, domain: &'c str) -> Call<'c> {
    Call {
        zone: row.agency.time_zone,
        calendar: row.law.as_ref().map(|law| law.calendar()),
        domain,
    }
}

/// The letters of a batch that went out before.
fn gone(sheet: &Sheet) -> Vec<Gone> {
    let rows = sheet.rows.iter();
    rows.filter_map(|row| {
        Some(Gone {
            at: row.target.queued_at?,
            domain: domain_of(&row.contact.as_ref()?.value),
        })
    })
    .collect()
}

/// Times from `begin` on for further letters to these agencies of a batch, in their hours and at its pace; none where it
/// finds none within a year.
pub(super) fn times_from(
    app: &App,
    sheet: &Sheet,
    rows: &[&Row],
    begin: DateTime<Utc>,
) -> Vec<Option<DateTime<Utc>>> {
    let domains: Vec<String> = rows
        .iter()
        .map(|row| {
            let contact = row.contact.as_ref();
            contact.map_or_else(String::new, |contact| domain_of(&contact.value))
        })
        .collect();
    let calls: Vec<Call<'_>> = rows
        .iter()
        .zip(&domains)
        .map(|(row, domain)| call(row, domain))
        .collect();
    let pace = sheet
        .batch
        .pace
        .within(app.config.mail.letters_per_domain_hour);
    let zone = sheet.campaign.time_zone;
    schedule(&calls, &pace, zone, begin, &gone(sheet))
}

/// When the approved letters of a batch would leave at this pace, the soonest possible from `now` and the batch's day.
pub fn preview(sheet: &Sheet, batch: &Batch, now: DateTime<Utc>) -> Vec<Timed> {
    let zone = sheet.campaign.time_zone;
    let first = zone
        .from_local_datetime(&batch.send_on.and_time(NaiveTime::MIN))
        .earliest()
        .map_or(now, |at| at.with_timezone(&Utc));
    let ready: Vec<(usize, String)> = sheet
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.may_send())
        .filter_map(|(at, row)| Some((at, domain_of(row.mail_address()?))))
        .collect();
    let calls: Vec<Call<'_>> = ready
        .iter()
        .map(|(at, domain)| call(&sheet.rows[*at], domain))
        .collect();
    schedule(&calls, &batch.pace, zone, now.max(first), &gone(sheet))
        .into_iter()
        .zip(&ready)
        .map(|(at, (row, _))| Timed { row: *row, at })
        .collect()
}

/// Starts sending, or goes on with it, at this pace. Returns how many letters have their time.
///
/// # Errors
/// Refused where no letter is approved, or where the pace does not let all of them leave within a year.
pub async fn start_sending(
    app: &App,
    by: &Scope,
    id: BatchId,
    pace: Pace,
    send_on: chrono::NaiveDate,
    now: DateTime<Utc>,
) -> Deed<usize> {
    drafter(by)?;
    let pace = pace
        .checked()
        .map_err(|(_, sentence)| ActionError::refused(sentence))?
        .within(app.config.mail.letters_per_domain_hour);
    let sheet = read_batch(app, by, id, now).await?;
    let batch = Batch {
        pace,
        send_on,
        sending: Sending::Running,
        started_by: Some(by.user),
        ..sheet.batch.clone()
    };
    give_times(app, by, &sheet, batch, now).await
}

/// Writes the times of all letters that have not left, and their jobs.
async fn give_times(
    app: &App,
    by: &Scope,
    sheet: &Sheet,
    batch: Batch,
    now: DateTime<Utc>,
) -> Deed<usize> {
    let batch = Batch {
        send_round: batch.send_round + 1,
        ..batch
    };
    let timed = preview(sheet, &batch, now);
    if timed.is_empty() {
        return Err(ActionError::refused(
            "No letter of this batch can leave: those that counsel approved and that have an e-mail address are sent here.",
        ));
    }
    let mut work = Vec::with_capacity(timed.len());
    let mut times: Vec<(&Target, DateTime<Utc>)> = Vec::with_capacity(timed.len());
    for one in &timed {
        let target = &sheet.rows[one.row].target;
        let at = one.at.ok_or_else(|| {
            ActionError::refused(
                "At this pace the letters would not all leave within a year. Let more leave in a day.",
            )
        })?;
        let job = OneTarget {
            batch: batch.id,
            target: target.id,
            round: batch.send_round,
        };
        work.push(job.job(SEND_JOB, &batch, at)?);
        times.push((target, at));
    }
    let many = work.len();
    let tx = app.store.begin().await?;
    rewrite(&tx, &sheet.batch, &batch).await?;
    // What was to leave and no longer can (edited since, or its address came back) has no time any more.
    for row in &sheet.rows {
        if row.target.send_at.is_some() && row.target.queued_at.is_none() && !row.may_send() {
            batches::set_send_at(&tx, &row.target, None).await?;
        }
    }
    for (target, at) in times {
        batches::set_send_at(&tx, target, Some(at)).await?;
    }
    jobs::add_many(&tx, work, now).await?;
    record(&tx, by, batch.id, BatchDeed::Scheduled, many, "", now).await?;
    commit(tx).await?;
    Ok(many)
}

/// Stops letters from leaving. What is in the outbox already goes out.
pub async fn pause_sending(app: &App, by: &Scope, id: BatchId, now: DateTime<Utc>) -> Deed<()> {
    drafter(by)?;
    let was = batch_of(app, by, id).await?;
    if was.sending != Sending::Running {
        return Err(ActionError::refused(
            "This batch is not being sent, so there is nothing to pause.",
        ));
    }
    let paused = Batch {
        sending: Sending::Paused,
        ..was.clone()
    };
    let tx = app.store.begin().await?;
    rewrite(&tx, &was, &paused).await?;
    let mut waiting = 0;
    for target in batches::list_targets(&tx, by, id).await? {
        if target.queued_at.is_none() && target.send_at.is_some() {
            batches::set_send_at(&tx, &target, None).await?;
            waiting += 1;
        }
    }
    record(&tx, by, id, BatchDeed::Paused, waiting, "", now).await?;
    commit(tx).await?;
    Ok(())
}

/// Puts one letter into the outbox if its time has come. What a job of the kind [`SEND_JOB`] does.
pub async fn send_target(app: &App, one: OneTarget, now: DateTime<Utc>) -> Deed<()> {
    let db = app.store.read();
    let batch = batches::find_unscoped(db, one.batch)
        .await?
        .ok_or(ActionError::NotFound)?;
    if batch.send_round != one.round || batch.sending != Sending::Running {
        return Ok(());
    }
    let by = program(&batch);
    let Some(target) = batches::find_target(db, &by, one.target).await? else {
        return Ok(());
    };
    let (Some(request), None) = (target.request, target.queued_at) else {
        return Ok(());
    };
    let Some(letter) = letters::find_latest(db, &by, request, REQUEST).await? else {
        return Ok(());
    };
    // Put there by a run that was cut off before it noted it, or by hand from the request's page.
    if let Some(delivery) = deliveries::find_for_letter(db, &by, letter.id).await? {
        return note_queued(app, &target, delivery.queued_at).await;
    }
    if !is_its_time(app, &by, &batch, &target, now).await? {
        return all_again(app, &by, batch.id, now).await;
    }
    match send_letter(app, &by, letter.id, now).await {
        Ok(_) => note_queued(app, &target, now).await,
        Err(ActionError::Refused(why)) => {
            let tx = app.store.begin().await?;
            batches::set_problem(&tx, &target, &why).await?;
            batches::set_send_at(&tx, &target, None).await?;
            commit(tx).await?;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn note_queued(app: &App, target: &Target, at: DateTime<Utc>) -> Deed<()> {
    let tx = app.store.begin().await?;
    batches::set_queued(&tx, target, at).await?;
    commit(tx).await?;
    Ok(())
}

async fn is_its_time(
    app: &App,
    by: &Scope,
    batch: &Batch,
    target: &Target,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let agency = agencies::find(app.store.read(), by, target.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let law = app.law_of_code(&agency.jurisdiction);
    let call = Call {
        zone: agency.time_zone,
        calendar: law.as_ref().map(|law| law.calendar()),
        domain: "",
    };
    let late = target.send_at.is_none_or(|at| now - at > LATE);
    Ok(!late && is_open(&call, &batch.pace, now))
}

/// Gives every letter that has not left a new time. Where another process was quicker, its times hold.
async fn all_again(app: &App, by: &Scope, id: BatchId, now: DateTime<Utc>) -> Deed<()> {
    let sheet = read_batch(app, by, id, now).await?;
    let batch = sheet.batch.clone();
    if batch.sending != Sending::Running {
        return Ok(());
    }
    match give_times(app, by, &sheet, batch, now).await {
        Ok(_) => Ok(()),
        Err(ActionError::Refused(why)) => {
            tracing::warn!(batch = %id, why, "the letters of a batch got no new times");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
