//! Jobs: plan reminders every hour, send each when its morning comes.

use chrono::Duration;

use super::Outcome;
use crate::actions::plan_reminders::{Planned, plan_reminders};
use crate::actions::send_reminder::{Reminded, send_reminder};
use crate::actions::{App, Deed};
use crate::store::jobs::Job;

/// Looks through all limits.
pub async fn plan(app: &App) -> Deed<Outcome> {
    plan_reminders(app, app.clock.now()).await?;
    Ok(Outcome::Done)
}

/// Sends the reminder of the payload.
pub async fn send(app: &App, job: &Job) -> Deed<Outcome> {
    let Ok(planned) = serde_json::from_value::<Planned>(job.payload.clone()) else {
        return Ok(Outcome::GiveUp(
            "The job does not say what to remind of.".to_owned(),
        ));
    };
    Ok(match send_reminder(app, &planned, app.clock.now()).await? {
        Reminded::Sent | Reminded::Moot => Outcome::Done,
        Reminded::NotNow(why) => Outcome::Later(Duration::minutes(10), why),
    })
}
