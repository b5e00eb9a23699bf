//! DOOR: the durable jobs. The scheduler only wakes this room; the job table decides what is done.
//!
//! A job is claimed by a lease, carried out by the file of its kind, and then done, put back, or given up to a person.
//! Periodic work is a job too, with the period in its effect key, so that a missed tick is caught up exactly once.

pub mod batch;
pub mod deliver;
pub mod drop_folder;
pub mod law_notices;
pub mod poll_mailbox;
pub mod read_document;
pub mod reminders;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tokio::sync::{Mutex, watch};
use tokio_cron_scheduler::{Job as CronJob, JobScheduler};

use crate::actions::patience::patiently;
use crate::actions::plan_reminders::{CHASE_JOB, REMIND_JOB};
use crate::actions::send_morning::MORNING_JOB;
use crate::actions::tell_moves::TELL_JOB;
use crate::actions::{ActionError, App, Deed};
use crate::store::jobs::{self, Job};
use crate::store::{commit, forms};

/// How long a claimed job may take before another process may take it over: longer than the slowest mail server is
/// given for one letter (`mail::send::Patience::longest`).
const LEASE: Duration = Duration::minutes(20);
/// Tries before a job waits for a person.
const TRIES: i32 = 8;
/// Jobs carried out in one waking.
const AT_ONCE: u64 = 200;

/// What became of a job.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not now: again after this long.
    Later(Duration, String),
    /// A person has to look.
    GiveUp(String),
}

/// One waking: periodic work is put into the table, then everything due is carried out. Returns how many jobs were done.
pub async fn wake(app: &App, owner: &str) -> Deed<usize> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    jobs::mark(&tx, "scheduler", now).await?;
    commit(tx).await?;
    // What another process decided about the law holds here too.
    if let Err(error) = app.follow_law(now).await {
        // Letters and reminders still go out by the law as it was known.
        tracing::error!(%error, "looking for corrections of the law");
    }
    plan_periodic(app, now).await?;
    run_due(app, owner).await
}

/// Puts this hour's and this day's periodic jobs into the table, once each.
async fn plan_periodic(app: &App, now: DateTime<Utc>) -> Deed<()> {
    let tx = app.store.begin().await?;
    for new in periodic(app, now) {
        jobs::add(&tx, new, now).await?;
    }
    commit(tx).await?;
    Ok(())
}

fn periodic(app: &App, now: DateTime<Utc>) -> Vec<jobs::NewJob> {
    let job = |kind: &'static str, period: String| jobs::NewJob {
        kind,
        effect_key: format!("{kind}:{period}"),
        payload: serde_json::Value::Null,
        campaign: None,
        run_at: now,
    };
    let mut all = vec![
        job("tidy", now.format("%Y-%m-%d").to_string()),
        reminders::periodic(now),
    ];
    all.extend(poll_mailbox::periodic(app, now));
    all.extend(drop_folder::periodic(app, now));
    all
}

/// Carries out every job that is due at this moment, and those that they bring forth.
pub async fn run_due(app: &App, owner: &str) -> Deed<usize> {
    let mut done = 0;
    loop {
        let now = app.clock.now();
        let due = jobs::list_due(app.store.read(), now, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let mut moved = false;
        for job in due {
            let tx = app.store.begin().await?;
            let held = jobs::claim(&tx, job.id, owner, now, LEASE).await?;
            commit(tx).await?;
            if let Some(held) = held {
                moved = true;
                done += usize::from(carry_out(app, &held).await?);
            }
        }
        if !moved {
            return Ok(done);
        }
    }
}

async fn carry_out(app: &App, held: &Job) -> Deed<bool> {
    let outcome = match perform(app, held).await {
        Ok(outcome) => outcome,
        Err(ActionError::Fault(fault)) => {
            tracing::error!(job = %held.id, kind = %held.kind, error = %fault, "a job failed");
            Outcome::Later(back_off(held.attempts), fault.to_string())
        }
        Err(other) => Outcome::GiveUp(other.sentence()),
    };
    // Not written down, the job would stand as held until its lease ends.
    let kept = patiently("what became of a job", || async {
        let now = app.clock.now();
        let tx = app.store.begin().await?;
        let kept = match &outcome {
            Outcome::Done => jobs::complete(&tx, held, now).await?,
            Outcome::Later(_, why) if held.attempts >= TRIES => {
                jobs::fail(&tx, held, now, why).await?
            }
            Outcome::Later(wait, why) => jobs::put_back(&tx, held, now + *wait, why).await?,
            Outcome::GiveUp(why) => jobs::fail(&tx, held, now, why).await?,
        };
        commit(tx).await?;
        Ok(kept)
    })
    .await?;
    if !kept {
        tracing::warn!(job = %held.id, kind = %held.kind, "the lease was lost before the job ended");
    }
    Ok(outcome == Outcome::Done)
}

/// Longer after each try, up to six hours, and not all at the same moment.
pub fn back_off(attempts: i32) -> Duration {
    let minutes = 2i64.saturating_pow(attempts.clamp(0, 9) as u32).min(360);
    Duration::minutes(minutes) + Duration::seconds(rand::random_range(0..30))
}

/// Does the work of one job. A new kind of job gets its line here and its file beside this one.
async fn perform(app: &App, job: &Job) -> Deed<Outcome> {
    match job.kind.as_str() {
        crate::actions::take_document::READ_JOB => read_document::run(app, job).await,
        reminders::PLAN_JOB => reminders::plan(app).await,
        MORNING_JOB => reminders::morning(app, job).await,
        CHASE_JOB => reminders::chase(app, job).await,
        REMIND_JOB => reminders::send(app, job).await,
        TELL_JOB => law_notices::send(app, job).await,
        "tidy" => tidy(app).await,
        "deliver" => deliver::run(app, job).await,
        crate::actions::draft_batch::DRAFT_JOB => batch::draft(app, job).await,
        crate::actions::send_batch::SEND_JOB => batch::send(app, job).await,
        "poll_mailbox" => poll_mailbox::run(app, job).await,
        "drop_folder" => drop_folder::run(app).await,
        crate::actions::receive_mail::READ_JOB => poll_mailbox::read(app, job).await,
        unknown => Ok(Outcome::GiveUp(format!(
            "There is no job of the kind {unknown} in this version."
        ))),
    }
}

/// Forgets form marks and kept forms after their time.
async fn tidy(app: &App) -> Deed<Outcome> {
    let tx = app.store.begin().await?;
    forms::forget_old(&tx, app.clock.now(), Duration::days(30)).await?;
    for (kind, days) in [
        ("poll_mailbox", 2),
        ("drop_folder", 2),
        (reminders::PLAN_JOB, 2),
        (MORNING_JOB, 60),
    ] {
        jobs::forget_done(&tx, kind, app.clock.now() - Duration::days(days)).await?;
    }
    commit(tx).await?;
    Ok(Outcome::Done)
}

/// The running scheduler of a served site.
pub struct Scheduler {
    cron: JobScheduler,
    stop: watch::Sender<bool>,
    busy: Arc<Mutex<()>>,
}

impl Scheduler {
    /// Starts waking every five seconds. Wakings never overlap in one process.
    pub async fn start(app: App) -> Result<Scheduler, tokio_cron_scheduler::JobSchedulerError> {
        let owner = format!(
            "{}-{}",
            std::process::id(),
            &uuid::Uuid::new_v4().simple().to_string()[..8]
        );
        let busy = Arc::new(Mutex::new(()));
        let (stop, stopped) = watch::channel(false);
        let cron = JobScheduler::new().await?;
        // What fell due while the program was down is caught up at once, not at the next stroke of the clock.
        {
            let (app, owner, held) = (app.clone(), owner.clone(), busy.clone());
            tokio::spawn(async move {
                let _guard = held.lock().await;
                if let Err(error) = wake(&app, &owner).await {
                    tracing::error!(%error, "the first waking of the scheduler failed");
                }
            });
        }
        let held = busy.clone();
        cron.add(CronJob::new_async("*/5 * * * * *", move |_, _| {
            let (app, owner, held, stopped) =
                (app.clone(), owner.clone(), held.clone(), stopped.clone());
            Box::pin(async move {
                // A waking that finds the one before still at work lets it be.
                let Ok(_guard) = held.try_lock() else { return };
                if *stopped.borrow() {
                    return;
                }
                if let Err(error) = wake(&app, &owner).await {
                    tracing::error!(%error, "a waking of the scheduler failed");
                }
            })
        })?)
        .await?;
        cron.start().await?;
        Ok(Scheduler { cron, stop, busy })
    }

    /// Lets the job in hand end, then wakes no more.
    pub async fn stop(mut self) {
        // Nobody listens any more where every receiver is gone: then there is nothing to stop either.
        self.stop.send_replace(true);
        let _in_hand = self.busy.lock().await;
        if let Err(error) = self.cron.shutdown().await {
            tracing::warn!(%error, "the scheduler did not shut down cleanly");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_between_tries_grows_and_ends() {
        assert!(back_off(1) >= Duration::minutes(2) && back_off(1) < Duration::minutes(3));
        assert!(back_off(30) <= Duration::minutes(361));
        assert!(back_off(-3) >= Duration::minutes(1));
    }
}
