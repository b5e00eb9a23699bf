//! Jobs: the sweep every ten minutes, everybody's morning, a limit of ours, the draft after a missed limit.

use chrono::{DateTime, Duration, Utc};

use super::{Outcome, back_off};
use crate::actions::draft_chaser::draft_chaser;
use crate::actions::plan_reminders::{Chase, Planned, plan_reminders};
use crate::actions::send_morning::{PlannedMorning, plan_mornings, send_morning};
use crate::actions::send_reminder::{Reminded, send_reminder};
use crate::actions::{App, Deed};
use crate::store::jobs::{Job, NewJob};

/// The sweep's kind.
pub const PLAN_JOB: &str = "plan_reminders";

/// Seconds between two sweeps.
const EVERY: i64 = 600;

/// The sweep of this moment: one for each period.
pub fn periodic(now: DateTime<Utc>) -> NewJob {
    NewJob {
        kind: PLAN_JOB,
        effect_key: format!("{PLAN_JOB}:{}", now.timestamp().div_euclid(EVERY)),
        payload: serde_json::Value::Null,
        campaign: None,
        run_at: now,
    }
}

fn payload<T: serde::de::DeserializeOwned>(job: &Job) -> Result<T, Outcome> {
    serde_json::from_value(job.payload.clone()).map_err(|_| {
        Outcome::GiveUp("The job does not say what it is for. It is of another version.".to_owned())
    })
}

/// Looks through what changed and what is due, then plans everybody's morning.
pub async fn plan(app: &App) -> Deed<Outcome> {
    let now = app.clock.now();
    let swept = plan_reminders(app, now).await?;
    if swept.new > 0 {
        tracing::info!(looked = swept.looked, new = swept.new, "reminders planned");
    }
    plan_mornings(app, now).await?;
    Ok(Outcome::Done)
}

/// Sends the mail of one limit of ours.
pub async fn send(app: &App, job: &Job) -> Deed<Outcome> {
    match payload::<Planned>(job) {
        Ok(planned) => Ok(told(
            job,
            send_reminder(app, &planned, app.clock.now()).await?,
        )),
        Err(outcome) => Ok(outcome),
    }
}

/// Sends one person's morning mail.
pub async fn morning(app: &App, job: &Job) -> Deed<Outcome> {
    match payload::<PlannedMorning>(job) {
        Ok(planned) => Ok(told(
            job,
            send_morning(app, &planned, app.clock.now()).await?,
        )),
        Err(outcome) => Ok(outcome),
    }
}

/// Drafts the letter after a missed limit.
pub async fn chase(app: &App, job: &Job) -> Deed<Outcome> {
    match payload::<Chase>(job) {
        Ok(missed) => {
            draft_chaser(app, &missed, app.clock.now()).await?;
            Ok(Outcome::Done)
        }
        Err(outcome) => Ok(outcome),
    }
}

/// A mail server that is away is asked again after longer and longer.
fn told(job: &Job, reminded: Reminded) -> Outcome {
    match reminded {
        Reminded::Sent | Reminded::Moot => Outcome::Done,
        Reminded::NotNow(why) => {
            Outcome::Later(back_off(job.attempts).max(Duration::minutes(5)), why)
        }
    }
}
